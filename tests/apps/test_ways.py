"""One way to chat with an app: which functions it needs, and what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from spacechat.apps import Way, parse_config
from spacechat.apps.choice import find_ways
from spacechat.apps.points import Point
from spacechat.apps.ways import feeding, leading_to
from tests.servers.page import Page


def way_of(page: Page, endpoint: str | None = None) -> Way:
    return find_ways(parse_config(page.config()), endpoint=endpoint).all[0]


def chat(kind: str = "chatbot") -> tuple[Page, int, int, int]:
    """Return a page with a chat; the ids of its box, its answer and its function."""
    page = Page()
    box, answer = page.add("textbox", "Message"), page.add(kind)
    return page, box, answer, page.on(box, "submit", [box], [answer], "ask")


def test_what_fills_components() -> None:
    """Also what fills the inputs of those that do, but nothing that a person fills."""
    page = Page()
    box, number, shown, other = (page.add("textbox") for _ in range(4))
    first = page.on(box, "submit", [box], [number])
    second = page.then(first, [number, shown], [shown])
    page.then(first, [number], [other])
    types = page.on(box, "submit", [], [box])
    script = page.on(box, "submit", [], [number], backend_fn=False, js="() => 1")
    page.on(box, "submit", [], [number], backend_fn=False)
    functions = parse_config(page.config()).functions.values()
    assert feeding(functions, [shown]) == {first, second, types, script}
    assert feeding(functions, [shown], apart=box) == {first, second, script}
    assert feeding(functions, []) == set()


def test_what_leads_to_functions() -> None:
    """Those before it in its chain, and those that change what it listens to."""
    page = Page()
    box, state, shown = page.add("textbox"), page.add("state"), page.add("textbox")
    first = page.on(box, "submit", [box], [state])
    page.on(box, "submit", [box], [shown])
    listens = page.on(state, "change", [state], [shown])
    last = page.then(listens, [shown], [])
    typing = page.on(shown, "input", [shown], [])
    functions = list(parse_config(page.config()).functions.values())
    assert leading_to(functions, [last]) == {first, listens, last}
    assert leading_to(functions, [typing]) == {typing}
    assert leading_to(functions, [last, typing]) == {first, listens, last, typing}
    assert leading_to([each for each in functions if each.id != listens], [last]) == {last}


@pytest.mark.parametrize(
    ("takes", "fills", "event", "more", "is_needed"),
    [
        (True, False, "submit", {}, True),
        (True, False, "then", {}, True),
        (True, False, "submit", {"backend_fn": False, "js": "(x) => x"}, False),
        (False, False, "submit", {}, False),
        (True, True, "submit", {}, False),
        (True, False, "change", {}, False),
    ],
)
def test_what_only_has_an_effect(
    takes: bool, fills: bool, event: str, more: dict[str, Any], is_needed: bool
) -> None:
    """It is called if it runs on the server and takes something; listeners only look on."""
    page, box, answer, asks = chat()
    inputs = [box] if takes else []
    outputs = [page.add("markdown")] if fills else []
    if event == "then":
        effect = page.then(asks, inputs, outputs, **more)
    else:
        effect = page.on(answer if event == "change" else box, event, inputs, outputs, **more)
    assert way_of(page).needed == ({asks, effect} if is_needed else {asks})


def test_what_a_named_function_needs() -> None:
    """What fills its inputs, though that belongs to no answer, and what answers after it."""
    page = Page()
    box, answer = page.add("textbox", "Message"), page.add("chatbot")
    number, status = page.add("number"), page.add("number")
    counts = page.on(box, "submit", [box], [number])
    page.on(box, "submit", [box], [page.add("markdown")])
    makes = page.on(box, "submit", [box, number], [status], "make")
    asks = page.then(makes, [box], [answer])
    assert way_of(page, "make").needed == {counts, makes, asks}


@pytest.mark.parametrize(
    ("kind", "with_picker", "takes_files"),
    [
        ("textbox", False, False),
        ("textbox", True, True),
        ("multimodaltextbox", False, True),
        ("multimodaltextbox", True, True),
    ],
)
def test_whether_files_can_go_with_a_message(
    kind: str, with_picker: bool, takes_files: bool
) -> None:
    page = Page()
    box, answer = page.add(kind, "Message"), page.add("chatbot")
    page.on(box, "submit", [box, *([page.add("file")] if with_picker else [])], [answer])
    assert way_of(page).takes_files is takes_files


@pytest.mark.parametrize(
    ("given", "remembers"), [([], False), (["state"], True), (["chat"], True), (["number"], False)]
)
def test_whether_an_earlier_question_counts(given: Sequence[str], remembers: bool) -> None:
    page = Page()
    box, answer = page.add("textbox", "Message"), page.add("chatbot")
    ids = {"chat": answer, "state": page.add("state"), "number": page.add("number")}
    page.on(box, "submit", [box, *(ids[each] for each in given)], [answer])
    assert way_of(page).remembers is remembers


def test_the_inputs_that_a_person_sets() -> None:
    """Not those that an earlier function fills."""
    page = Page()
    box, answer = page.add("textbox", "Message"), page.add("chatbot")
    heat, made = page.add("number", "Heat"), page.add("number", "Made")
    first = page.on(box, "submit", [box], [made])
    page.then(first, [box, made, heat, answer, page.add("state")], [answer])
    assert [each.id for each in way_of(page).inputs] == [heat]


@pytest.mark.parametrize(("name", "endpoint"), [("ask", "ask"), (None, 0)])
def test_the_name_by_which_it_is_chosen(name: str | None, endpoint: str | int) -> None:
    page = Page()
    box, answer = page.add("textbox", "Message"), page.add("chatbot")
    page.on(box, "submit", [box], [answer], name)
    assert way_of(page).endpoint == endpoint


def test_what_writes_the_answer() -> None:
    """A function of the server that this way calls."""
    page, box, answer, asks = chat()
    script = page.then(asks, [answer], [answer], backend_fn=False, js="(x) => x")
    other = page.on(page.add("button", "Greet"), "click", [], [answer])
    way = way_of(page)
    functions = way.app.functions
    assert way.message.id == box
    assert [way.writes_answer(functions[each]) for each in (asks, script, other)] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("kind", ["markdown", "chatbot"])
def test_what_is_shown_before_the_answer(kind: str) -> None:
    """Functions that take nothing show no part of it; in a chat, all do."""
    page = Page()
    box, answer, button = page.add("textbox"), page.add(kind), page.add("button", "Send")
    waits = [page.on(button, "click", [], [answer])]
    waits.append(page.then(waits[0], [], [answer]))
    asks = page.then(waits[1], [box], [answer])
    page.then(asks, [], [page.add("number")])
    assert way_of(page).previews == (set() if kind == "chatbot" else set(waits))


def test_whether_it_sends_the_box() -> None:
    page, box, answer, _ = chat()
    way = way_of(page)
    assert way.sends_box
    assert not replace(way, trigger=(answer, "submit")).sends_box
    assert not replace(way, trigger=(box, "blur")).sends_box


def test_what_is_said_of_it() -> None:
    page, box, answer, _ = chat()
    way = way_of(page)
    does = f"textbox 'Message' ({box}) → chatbot ({answer})"
    assert str(way) == f"{does} by submit of textbox 'Message' ({box})"
    assert str(replace(way, trigger=(None, "load"))) == f"{does} by load"
    points = [Point(-2, "a"), Point(-1, "b"), Point(0, "c")], [Point(1, "d")]
    judged = replace(way, considered=points)
    assert judged.objections == ["a", "b"]
    assert judged.reasons == ["a (-2)", "b (-1)", "c (+0)", "d (+1)"]

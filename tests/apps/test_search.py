"""Which combinations of a box, an event and an output are ways to chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import Way, parse_config
from spacechat.apps.choice import find_ways
from tests.servers.page import Page


def ways(page: Page, **chosen: Any) -> Sequence[Way]:
    return find_ways(parse_config(page.config()), **chosen).all


def parts(found: Sequence[Way]) -> list[tuple[int, int, tuple[int | None, str]]]:
    """Return the box, the answer and the event of each."""
    return [(way.message.id, way.answer.id, way.trigger) for way in found]


@pytest.mark.parametrize("event", ["change", "input", "load", "tick", "focus"])
def test_only_what_sends_a_box_or_clicks_asks(event: str) -> None:
    """Unless the function is named."""
    page = Page()
    box, answer = page.add("textbox"), page.add("markdown")
    page.on(box, event, [box], [answer], "go")
    page.on(box, event, [box], [answer], "other")
    assert parts(ways(page)) == []
    (way,) = ways(page, endpoint="go")
    assert (way.trigger, way.named) == ((box, event), way.app.functions[0])
    assert [each.id for each in way.chain()] == [0]


def test_what_follows_another_function_is_not_called_first() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("markdown")
    button = page.add("button")
    first = page.on(button, "click", [], [], "first")
    then = page.then(first, [box], [answer], "then")
    page.functions[then]["targets"] = [[box, "submit"]]
    (way,) = ways(page)
    assert (way.trigger, [each.id for each in way.first]) == ((button, "click"), [first])
    assert parts(ways(page, endpoint="then")) == [(box, answer, (button, "click"))]


def test_several_functions_of_one_event() -> None:
    page = Page()
    box, answers = page.add("textbox"), [page.add("markdown"), page.add("chatbot")]
    for answer in answers:
        page.on(box, "submit", [box], [answer])
    found = ways(page)
    assert parts(found) == [(box, each, (box, "submit")) for each in reversed(answers)]
    assert {tuple(each.id for each in way.first) for way in found} == {(0, 1)}


def test_events_of_other_parts_are_looked_at_after_one_that_is_no_way() -> None:
    page = Page()
    picture, box = page.add("image"), page.add("textbox")
    answer = page.add("chatbot")
    page.on(page.add("button"), "click", [picture], [picture], "first")
    page.on(box, "submit", [box], [answer], "second")
    page.on(page.add("button"), "click", [box], [answer], "third")
    assert parts(ways(page, endpoint="second")) == [(box, answer, (box, "submit"))]
    assert parts(ways(page, endpoint="third")) == [(box, answer, (5, "click"))]


def test_sending_a_box_off_sends_that_box() -> None:
    """Though its function takes others, and though another one has no box to send."""
    page = Page()
    boxes, answer = [page.add("textbox"), page.add("textbox", "Message")], page.add("markdown")
    page.on(boxes[0], "submit", boxes, [answer])
    assert parts(ways(page)) == [(boxes[0], answer, (boxes[0], "submit"))]
    page = Page()
    boxes, answer = [page.add("textbox"), page.add("textbox", "Message")], page.add("markdown")
    page.on(boxes[0], "submit", boxes[1:], [answer])
    page._function([[None, "submit"]], boxes, [answer], "by nobody", None, {})
    assert parts(ways(page)) == []


def test_a_box_is_not_its_own_answer() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("textbox")
    page.on(page.add("button"), "click", [box, answer], [box, answer])
    assert sorted(parts(ways(page))) == [
        (box, answer, (3, "click")),
        (answer, box, (3, "click")),
    ]


@pytest.mark.parametrize(
    ("kind", "props", "takes"),
    [
        ("textbox", {}, True),
        ("multimodaltextbox", {}, True),
        ("textbox", {"visible": False}, False),
        ("textbox", {"interactive": False}, False),
        ("textbox", {"type": "password"}, False),
        ("textbox", {"type": "email"}, False),
        ("textbox", {"type": "text"}, True),
        ("number", {}, False),
        ("markdown", {}, False),
    ],
)
def test_what_takes_a_message(kind: str, props: dict[str, Any], takes: bool) -> None:
    page = Page()
    box, answer = page.add(kind, **props), page.add("chatbot")
    page.on(page.add("button"), "click", [box], [answer], "go")
    expected = [(box, answer, (3, "click"))]
    assert parts(ways(page)) == (expected if takes else [])
    by_name = takes or props == {"visible": False}
    assert parts(ways(page, endpoint="go")) == (expected if by_name else [])


@pytest.mark.parametrize(
    ("kind", "props", "gives", "by_name"),
    [
        ("chatbot", {}, True, True),
        ("markdown", {}, True, True),
        ("chatbot", {"visible": False}, False, True),
        ("markdown", {"visible": False}, False, True),
        ("number", {}, False, False),
        ("image", {}, False, False),
    ],
)
def test_what_shows_an_answer(kind: str, props: dict[str, Any], gives: bool, by_name: bool) -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add(kind, "It", **props)
    page.on(box, "submit", [box], [answer], "go")
    expected = [(box, answer, (box, "submit"))]
    assert parts(ways(page)) == (expected if gives else [])
    assert parts(ways(page, endpoint="go")) == (expected if by_name else [])
    # What the caller names may be anything.
    assert parts(ways(page, output="It")) == expected
    assert parts(ways(page, output="Other")) == []


def test_what_is_seen_comes_before_what_is_hidden() -> None:
    page = Page()
    box = page.add("textbox")
    shown, hidden = page.add("markdown"), page.add("chatbot", visible=False)
    page.on(box, "submit", [box], [hidden, shown], "go")
    for chosen in ({}, {"endpoint": "go"}):
        assert parts(ways(page, **chosen)) == [(box, shown, (box, "submit"))]


def test_what_a_script_fills_is_no_answer() -> None:
    page = Page()
    box, answers = page.add("textbox"), [page.add("chatbot"), page.add("markdown")]
    first = page.on(box, "submit", [box], answers[:1], backend_fn=False)
    page.then(first, [box], answers[1:])
    assert parts(ways(page)) == [(box, answers[1], (box, "submit"))]


@pytest.mark.parametrize(
    ("props", "fills", "is_place"),
    [
        ({}, True, False),
        ({}, False, True),
        ({"interactive": True}, True, True),
    ],
)
def test_a_box_that_functions_fill_is_no_place_to_type(
    props: dict[str, Any], fills: bool, is_place: bool
) -> None:
    """What a function fills and a later one takes, without any that takes what a person types."""
    page = Page()
    typed, copied, answer = page.add("textbox"), page.add("textbox", **props), page.add("markdown")
    first = page.on(page.add("button"), "click", [typed], [copied] if fills else [])
    page.then(first, [copied], [answer])
    boxes = {way.message.id for way in ways(page)}
    assert boxes == ({typed, copied} if is_place else {typed})


def test_if_functions_fill_all_boxes_they_are_places_to_type() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("chatbot")
    first = page.on(page.add("button"), "click", [], [box])
    page.then(first, [box], [answer])
    assert parts(ways(page)) == [(box, answer, (3, "click"))]


@pytest.mark.parametrize(
    ("event", "kind", "props", "copies", "is_way"),
    [
        ("change", "state", {}, True, True),
        ("input", "state", {}, True, True),
        ("select", "state", {}, True, False),
        ("change", "textbox", {"interactive": False}, True, False),
        ("change", "state", {}, False, False),
    ],
)
def test_a_text_that_is_kept_as_it_is_typed(
    event: str, kind: str, props: dict[str, Any], copies: bool, is_way: bool
) -> None:
    page = Page()
    box, kept, answer = page.add("textbox"), page.add(kind, **props), page.add("chatbot")
    page.on(99, "change", [box], [kept])  # Of what there is not.
    page.on(box, event, [box] if copies else [], [kept])
    page.on(page.add("button"), "click", [kept], [answer])
    assert parts(ways(page)) == ([(box, answer, (4, "click"))] if is_way else [])


def test_only_what_can_be_typed_is_kept() -> None:
    page = Page()
    fixed, kept = page.add("textbox", interactive=False), page.add("state")
    answer = page.add("chatbot")
    page.on(fixed, "change", [fixed], [kept])
    page.on(page.add("button"), "click", [kept], [answer])
    assert parts(ways(page)) == []


def test_each_event_has_its_best_parts_only() -> None:
    """Of four boxes and five outputs, each of a kind that is a little better than the last."""
    page = Page()
    labels = ["Persona", "Sky", "Type here", "Message"]
    boxes = [page.add("textbox", label) for label in labels]
    kinds = ["json", "code", "html", "markdown", "chatbot"]
    answers = [page.add(kind) for kind in kinds]
    page.on(page.add("button"), "click", boxes, answers)
    found = ways(page)
    assert {way.message.id for way in found} == set(boxes[1:])
    assert {way.answer.id for way in found} == set(answers[1:])
    best, *_ = found
    assert (best.message.id, best.answer.id) == (boxes[-1], answers[-1])
    assert best.points == sum(each.worth for part in best.considered for each in part)


@pytest.mark.parametrize(
    ("fills", "answers"),
    [
        (["answer"], {"answer"}),
        (["box"], {"chat"}),
        (["box", "answer"], {"answer"}),
        (["other box"], {"other box"}),
        (["status"], {"chat", "status"}),
    ],
)
def test_the_answer_of_a_named_function(fills: list[str], answers: set[str]) -> None:
    """What it fills itself, though what follows fills a chat; but no status, nor the box."""
    page = Page()
    ids = {
        "box": page.add("textbox", "Message"),
        "other box": page.add("textbox", "Sky"),
        "answer": page.add("markdown"),
        "status": page.add("markdown", "Status"),
        "chat": page.add("chatbot"),
    }
    boxes = [ids["box"], ids["other box"]]
    first = page.on(99, "click", boxes, [ids[each] for each in fills], "named")
    page.then(first, boxes, [ids["chat"]])
    found = ways(page, endpoint="named")
    names = {id_: name for name, id_ in ids.items()}
    assert {names[way.answer.id] for way in found if way.message.id == ids["box"]} == answers


def test_a_named_function_that_another_one_gets_the_message_for() -> None:
    """It takes no box, but one that is called beside it does."""
    page = Page()
    box, kept, answer = page.add("textbox"), page.add("state"), page.add("chatbot")
    page.on(99, "click", [box], [kept], "keep")
    page.on(99, "click", [kept], [answer], "answer")
    assert parts(ways(page, endpoint="answer")) == [(box, answer, (99, "click"))]


def test_a_description_that_is_too_large() -> None:
    """Each of many events leads to all functions, in a set of its own."""
    page = Page()
    box, answer = page.add("textbox"), page.add("markdown")
    for _ in range(400):
        page.on(box, "change", [box], [answer, box])
    for number in range(300):
        button = page.add("button")
        page.on(button, "click", [box], [answer, box], f"f{number}")
    with pytest.raises(errors.ProtocolError, match="it takes more than 100000 steps to look at"):
        ways(page)


def test_a_text_that_goes_into_a_state_too() -> None:
    """Where a function takes a box itself, no other box is looked for behind its states."""
    page = Page()
    box, other, state = page.add("textbox"), page.add("textbox"), page.add("state")
    answer, button = page.add("chatbot"), page.add("button", "Send")
    page.on(other, "change", [other], [state])
    page.on(button, "click", [box, state], [answer])
    assert parts(ways(page)) == [(box, answer, (button, "click"))]


@pytest.mark.parametrize("is_typed", [True, False])
def test_a_box_that_is_filled_and_taken_later(is_typed: bool) -> None:
    """It is one to type into if its author says so."""
    page = Page()
    box, other = page.add("textbox"), page.add("textbox", interactive=is_typed or None)
    answer, button = page.add("chatbot"), page.add("button", "Send")
    first = page.on(button, "click", [box], [other])
    page.then(first, [box, other], [answer])
    boxes = {way.message.id for way in ways(page)}
    assert boxes == ({box, other} if is_typed else {box})


def test_an_output_that_the_caller_chooses() -> None:
    """It is the answer, whatever is beside it."""
    page = Page()
    box, picture, text = page.add("textbox"), page.add("image"), page.add("markdown")
    page.on(box, "submit", [box], [picture, text])
    (way,) = ways(page)
    (chosen,) = ways(page, output=text)
    assert [each for each in way.objections if "picture" in each or "image" in each]
    assert not [each for each in chosen.objections if "picture" in each or "image" in each]

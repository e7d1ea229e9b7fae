"""`endpoint=` means that function and what it needs, though its event calls many more."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from spacechat.apps import Way, find_way, parse_config
from spacechat.apps.choice import find_ways
from tests.real.record_configs import FOLDER
from tests.servers.page import Page

COUNT = 20


def button(page: Page) -> tuple[int, int]:
    """Add a box and the button that sends it; return their ids."""
    return page.add("textbox", "Message"), page.add("button", "Send")


def called(page: Page, endpoint: str) -> tuple[Way, list[str]]:
    """Return the way by a function, and the names of the functions that it calls."""
    way = find_way(parse_config(page.config()), endpoint=endpoint)
    return way, [str(each) for each in way.chain()]


def shared(page: Page, kind: str, *, is_shared: bool) -> Sequence[int]:
    """Add a component for each function, or one for all."""
    if is_shared:
        return [page.add(kind, "Common")] * COUNT
    return [page.add(kind, f"{kind} {number}") for number in range(COUNT)]


@pytest.mark.parametrize("kind", ["textbox", "markdown", "chatbot"])
@pytest.mark.parametrize("is_shared", [True, False], ids=["one output", "outputs of their own"])
@pytest.mark.parametrize("event", ["click", "submit"])
def test_many_listeners(kind: str, is_shared: bool, event: str) -> None:
    page = Page()
    box, send = button(page)
    outputs = shared(page, kind, is_shared=is_shared)
    for number, output in enumerate(outputs):
        used = send if event == "click" else box
        page.on(used, event, [box], [output], f"f{number}")
    for number in (0, 7, COUNT - 1):
        way, names = called(page, f"/f{number}")
        assert names == [f"/f{number}"]
        assert (way.message.id, way.answer.id) == (box, outputs[number])


def test_the_answer_is_the_functions_own() -> None:
    """Though another shows a chat."""
    page = Page()
    box, send = button(page)
    chatbot, summary = page.add("chatbot", "Chat"), page.add("textbox", "Summary")
    page.on(send, "click", [box, chatbot], [chatbot], "talk")
    page.on(send, "click", [box], [summary], "summarize")
    way, names = called(page, "/summarize")
    assert (names, way.answer.id) == (["/summarize"], summary)
    way, names = called(page, "/talk")
    assert (names, way.answer.id) == (["/talk"], chatbot)


def test_each_takes_a_box_of_its_own() -> None:
    page = Page()
    send = page.add("button", "Send")
    boxes = [page.add("textbox", f"Message {number}") for number in range(COUNT)]
    for number, box in enumerate(boxes):
        page.on(send, "click", [box], [page.add("textbox", f"Answer {number}")], f"f{number}")
    way, names = called(page, "/f7")
    assert (names, way.message.id) == (["/f7"], boxes[7])


@pytest.mark.parametrize("is_shared", [True, False], ids=["one state", "states of their own"])
def test_functions_that_keep_a_history(is_shared: bool) -> None:
    page = Page()
    box, send = button(page)
    states = shared(page, "state", is_shared=is_shared)
    for number, state in enumerate(states):
        output = page.add("textbox", f"Answer {number}")
        page.on(send, "click", [box, state], [output, state], f"f{number}")
    assert called(page, "/f7")[1] == ["/f7"]


def test_what_follows_is_not_called() -> None:
    page = Page()
    box, send = button(page)
    for number in range(COUNT):
        output, note = page.add("textbox", f"Answer {number}"), page.add("textbox", "Notes")
        first = page.on(send, "click", [box], [output], f"f{number}")
        second = page.then(first, [output], [note], name=f"note{number}")
        page.then(second, [note], [], name=f"log{number}")
    way, names = called(page, "/f7")
    assert (names, way.answer.label) == (["/f7"], "Answer 7")


@pytest.mark.parametrize("name", ["/ask", "/respond"])
def test_a_chain_that_answers(name: str) -> None:
    """One function shows the question, the other answers it; whichever is named."""
    page = Page()
    box, send = button(page)
    chatbot, status = page.add("chatbot", "Chat"), page.add("textbox", "Status")
    page.on(send, "click", [box], [status], "status")
    asked = page.on(send, "click", [box, chatbot], [box, chatbot], "ask")
    answered = page.then(asked, [chatbot], [chatbot], name="respond")
    page.then(answered, [chatbot], [], name="count")
    way, names = called(page, name)
    assert (names, way.answer.id) == (["/ask", "/respond"], chatbot)


def test_only_the_last_shows_the_answer() -> None:
    """The named function keeps the message where nobody sees it."""
    page = Page()
    box, send = button(page)
    state, output = page.add("state"), page.add("textbox", "Answer")
    taken = page.on(send, "click", [box], [state, box], "take")
    page.then(taken, [state], [output], name="answer")
    way, names = called(page, "/take")
    assert (names, way.answer.id) == (["/take", "/answer"], output)


def test_what_it_needs() -> None:
    """What came before it in its chain, and what fills its inputs, now or for the next question."""
    page = Page()
    box, send = button(page)
    output, other = page.add("textbox", "Answer"), page.add("textbox", "Other")
    found, history = page.add("state"), page.add("state")
    page.on(send, "click", [box], [other], "other")
    page.on(send, "click", [box], [found], "find")
    loaded = page.on(send, "click", [box], [], "load")
    answered = page.then(loaded, [box, found, history], [output], name="answer")
    page.then(answered, [box, output, history], [history], name="remember")
    page.on(send, "click", [box], [], "report")
    assert called(page, "/answer")[1] == ["/find", "/load", "/answer", "/remember"]


@pytest.mark.parametrize("kind", ["textbox", "chatbot"])
def test_what_is_listed_chooses_itself(kind: str) -> None:
    """Though what the event calls first only empties the box."""
    page = Page()
    for number in range(2):
        box, send = button(page)
        output = page.add(kind, f"Answer {number}")
        page.on(send, "click", [box], [box], f"empty{number}")
        page.on(send, "click", [box], [output], f"answer{number}")
    app = parse_config(page.config())
    ways = find_ways(app)
    assert ways.best is None
    for way in ways.all:
        assert way.endpoint is not None
        chosen = find_way(app, endpoint=way.endpoint)
        assert (chosen.message, chosen.answer) == (way.message, way.answer)


@pytest.mark.parametrize("version", sorted(each.name for each in FOLDER.iterdir() if each.is_dir()))
def test_the_name_of_each_way_chooses_it(version: str) -> None:
    """In the apps of both zoos, the same functions are then called."""
    count = 0
    for path in FOLDER.joinpath(version).glob("*.json"):
        app = parse_config(path.read_bytes())
        best = find_ways(app).best
        if best is None or best.endpoint is None:
            continue
        named = find_way(app, endpoint=best.endpoint)
        assert (named.message, named.answer) == (best.message, best.answer)
        assert list(named.chain()) == list(best.chain())
        count += 1
    assert count

"""The errors for a question that was asked without an answer, each with what may help."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import Way, parse_config
from spacechat.apps.choice import find_ways
from spacechat.apps.page import Page as PageView
from spacechat.apps.unanswered import check_answered
from tests.servers.page import Page

NOTHING = object()


def chat(kind: str = "chatbot") -> Page:
    page = Page()
    box, shown = page.add("textbox"), page.add(kind)
    page.on(box, "submit", [box], [shown], "ask")
    return page


def first_way(page: Page) -> Way:
    return find_ways(parse_config(page.config())).all[0]


def problem(
    page: Page, value: Any, since: Any = (), *, is_filled: bool = True
) -> errors.SpaceChatError | None:
    """Return the error after a question; `NOTHING`: the answer's component has no value."""
    way = first_way(page)
    view = PageView(way.app)
    if value is not NOTHING:
        view.values[way.answer.id] = value
    if is_filled:
        view.filled.add(way.answer.id)
    try:
        check_answered(view, way, since)
    except errors.SpaceChatError as exc:
        return exc
    return None


WAY = "textbox (1) → chatbot (2) by submit of textbox (1)"
START = f"The app gave no answer: {WAY} ended without an error, but"
NOT_FILLED = "no function filled chatbot (2)."
QUESTION = "chatbot (2) ends with the question."
OLD = "chatbot (2) shows nothing that is new."
TURN = ["Hi", "Fine."]


@pytest.mark.parametrize(
    ("value", "since", "is_filled", "says"),
    [
        (NOTHING, [], True, NOT_FILLED),
        (None, [], True, NOT_FILLED),
        ([TURN], [], False, NOT_FILLED),
        ([["Hi", None]], [], True, QUESTION),
        ([TURN, ["And?", None]], [TURN], True, QUESTION),
        ([TURN], [TURN], True, OLD),
        ([], [], True, OLD),
        ([TURN], [], True, None),
        ([["Hi", ""]], [], True, None),
        ([TURN, TURN], [TURN], True, None),
    ],
)
def test_a_chat(value: Any, since: list[Any], is_filled: bool, says: str | None) -> None:
    found = problem(chat(), value, since, is_filled=is_filled)
    if says is None:
        assert found is None
    else:
        assert isinstance(found, errors.GenerationError)
        assert str(found) == (
            f"{START} {says} See in a browser what the app says to this question."
        )


@pytest.mark.parametrize("text", ["Fine.", ""])
def test_a_text(text: str) -> None:
    assert problem(chat("markdown"), text) is None


def test_another_way_to_chat() -> None:
    """Of those that seem to be for a chat, and that another act begins."""
    page = chat()
    page.on(page.add("button", "Send"), "click", [1], [2], "ask_1")
    page.on(page.add("button", "Undo"), "click", [1], [page.add("markdown")], "undo")
    found = problem(page, None)
    assert isinstance(found, errors.GenerationError)
    other = page.add("markdown", "Reply")
    page.on(page.add("button", "Send"), "click", [1], [other], "other")
    found = problem(page, None)
    assert isinstance(found, errors.ChatNotFoundError)
    assert str(found) == (
        f"{START} {NOT_FILLED} Perhaps another way to chat gives one: textbox (1) → markdown "
        "'Reply' (6) by click of button 'Send' (7) (endpoint='/other'). endpoint= says which "
        "function to call."
    )


def test_another_answer_of_the_same_act() -> None:
    page = chat()
    page.functions[0]["outputs"] = [2, page.add("chatbot", "Reply")]
    assert isinstance(problem(page, None), errors.GenerationError)


def test_other_ways_that_seem_to_be_for_something_else() -> None:
    page = Page()
    box = page.add("textbox")
    for name in ("Undo", "Delete"):
        page.on(page.add("button", name), "click", [box], [page.add("chatbot")], name)
    assert isinstance(problem(page, None), errors.GenerationError)


def polled(*, fills: bool = True, event: str = "tick", is_needed: bool = False) -> Page:
    """Return a page whose answer timers fill."""
    page = chat()
    for number in range(2):
        timer = page.add("timer", active=False)
        inputs = [timer] if is_needed else []
        page.on(timer, event, inputs, [2] if fills else [], f"poll{number}")
    if is_needed:
        page.functions[0]["outputs"] = [2, 3]
    return page


POLLED = (
    "The app fills chatbot (2) by a timer that is never stopped, which calls /poll0. So nothing "
    "says when an answer is complete: use it in a browser."
)


@pytest.mark.parametrize("value", [None, [["Hi", None]], [["Hi", ""]], [["Hi", "Thinking..."]]])
def test_a_timer_that_is_never_stopped(value: Any) -> None:
    found = problem(polled(), value)
    assert isinstance(found, errors.ChatNotFoundError)
    assert str(found) == POLLED


def test_an_answer_beside_a_timer() -> None:
    assert problem(polled(), [TURN]) is None


@pytest.mark.parametrize("more", [{"fills": False}, {"event": "click"}, {"is_needed": True}])
def test_other_timers(more: dict[str, Any]) -> None:
    """Those that fill something else, or that the answer's functions start and stop."""
    assert problem(polled(**more), [["Hi", ""]]) is None

"""Ways to chat in plain words."""

from __future__ import annotations

import pytest

from spacechat.apps import parse_config
from spacechat.apps.choice import find_ways
from spacechat.apps.plain_words import candidate, is_same_act, name, summary
from spacechat.apps.ways import Way
from tests.servers.page import Page


def ways(page: Page) -> list[Way]:
    return list(find_ways(parse_config(page.config())).all)


def way(found: list[Way], box: int, answer: int) -> Way:
    """Return the way with this box and this answer."""
    (only,) = [each for each in found if (each.message.id, each.answer.id) == (box, answer)]
    return only


def test_another_way() -> None:
    """It is chosen by its answer if it does the same as the one taken, or else by its function."""
    page = Page()
    box, other = page.add("textbox", "Message"), page.add("textbox", "Question")
    first, second = page.add("chatbot", "Chat"), page.add("markdown")
    page.on(box, "submit", [box, other], [first, second], "chat")
    page.on(other, "submit", [other], [first], "ask")
    found = ways(page)
    taken = way(found, box, first)
    beside, apart = way(found, box, second), way(found, other, first)
    assert candidate(beside, taken).startswith(f"output={second}: the answer appears in the text")
    assert candidate(apart, taken).startswith(
        "endpoint='/ask': you type into the box 'Question'; pressing Enter calls /ask; the answer "
        "appears in the chatbot 'Chat'"
    )
    assert candidate(beside, None).startswith("endpoint='/chat': you type into the box 'Message'")
    assert is_same_act(beside, taken)
    assert not is_same_act(apart, taken)


def test_what_does_the_same_with_another_box_is_another_act() -> None:
    page = Page()
    one, two, answer = page.add("textbox", "One"), page.add("textbox", "Two"), page.add("chatbot")
    for box in (one, two):
        page.on(box, "submit", [box], [answer], "chat")
    found = ways(page)
    first, second = way(found, one, answer), way(found, two, answer)
    assert is_same_act(first, first)
    assert not is_same_act(first, second)


@pytest.mark.parametrize(("streams", "named"), [([], "last"), ([0], "first"), ([0, 1], "last")])
def test_the_function_that_makes_the_answer(streams: list[int], named: str) -> None:
    page = Page()
    box, answer = page.add("textbox", "Message"), page.add("chatbot")
    first = page.on(box, "submit", [box], [answer], "first")
    page.then(first, [box, answer], [answer], "last")
    for id_ in streams:
        page.functions[id_]["types"] = {"generator": True}
    found = ways(page)
    piecewise = ", piece by piece" if streams else ""
    assert next(summary(found[0], found)) == (
        f"You type into the box 'Message'; pressing Enter calls /{named}; the answer appears in "
        f"the chatbot{piecewise}."
    )


@pytest.mark.parametrize(
    ("label", "shown"), [("x" * 60, "x" * 60), ("x" * 61, "x" * 60 + "…"), ("a\n b", "a b")]
)
def test_a_long_label(label: str, shown: str) -> None:
    page = Page()
    box = page.add("textbox", label)
    page.on(box, "submit", [box], [page.add("chatbot")])
    assert name(ways(page)[0].message) == f"the box {shown!r}"

"""When another way is a rival of the best one, so that none is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spacechat.apps import Way, parse_config
from spacechat.apps.choice import find_ways
from tests.servers.page import Page


def best(page: Page) -> Way | None:
    return find_ways(parse_config(page.config())).best


def page_with(*boxes: tuple[str, str | None]) -> Page:
    """Return a page with boxes, of which the first has the id 1, and then an answer."""
    page = Page()
    for kind, label in boxes:
        page.add(kind, label)
    page.add("markdown")
    return page


def clicks(
    page: Page, label: str, inputs: list[int], outputs: list[int], name: str | None, **more: Any
) -> int:
    """Add a button that calls a function; return its id."""
    button = page.add("button", label, **more)
    page.on(button, "click", inputs, outputs, name, api_name=name)
    return button


BOX = ("textbox", None)


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("go", "go", True),
        ("go", "go_1", True),
        (None, None, True),
        ("go", "walk", False),
        ("go", None, False),
    ],
)
def test_two_buttons_for_one_box(first: str | None, second: str | None, is_one: bool) -> None:
    """Functions of one name do the same; what has another name may do something else."""
    page = page_with(BOX)
    button = clicks(page, "Sky", [1], [2], first)
    clicks(page, "Sea", [1], [2], second)
    found = best(page)
    assert (found is not None) is is_one
    assert found is None or found.trigger == (button, "click")


def test_two_answers_of_one_button() -> None:
    page = page_with(BOX)
    clicks(page, "Sky", [1], [2, page.add("markdown")], "go")
    found = best(page)
    assert found is not None
    assert found.answer.id == 2


@pytest.mark.parametrize("same_answer", [True, False])
def test_sending_a_box_and_a_button_for_it(same_answer: bool) -> None:
    """They are one act if they end in the same answer, whatever their functions are called."""
    page = page_with(BOX)
    page.on(1, "submit", [1], [2], "go")
    clicks(page, "Send", [1], [2 if same_answer else page.add("markdown")], "walk")
    found = best(page)
    assert (found is not None) is same_answer
    assert found is None or found.trigger == (1, "submit")


@pytest.mark.parametrize("same_answer", [True, False])
def test_a_button_that_is_better_than_sending_the_box(same_answer: bool) -> None:
    page = page_with(BOX)
    button = clicks(page, "Send", [1], [2, 1], "chat")
    page.on(1, "submit", [1], [2 if same_answer else page.add("markdown")], "go")
    found = best(page)
    assert (found is not None) is same_answer
    assert found is None or found.trigger == (button, "click")


@pytest.mark.parametrize(
    ("better", "is_better"),
    [(("textbox", "Type here"), True), (("multimodaltextbox", None), False), (BOX, False)],
)
def test_two_boxes_of_one_button(better: tuple[str, str | None], is_better: bool) -> None:
    for boxes in ((better, BOX), (BOX, better)):
        page = page_with(*boxes)
        clicks(page, "Sky", [1, 2], [3], "go")
        found = best(page)
        assert (found is not None) is is_better
        assert found is None or found.message.label == better[1]


@pytest.mark.parametrize(("name", "is_one"), [("go_1", True), ("walk", False)])
def test_a_box_that_is_sent_and_another_ones_button(name: str, is_one: bool) -> None:
    """Of the boxes of one form, the one that is sent by itself is for the message."""
    page = page_with(BOX, BOX)
    page.on(1, "submit", [1, 2], [3], "go")
    clicks(page, "Send", [2], [3], name)
    found = best(page)
    assert (found is not None) is is_one
    assert found is None or found.message.id == 1


def test_a_button_and_another_box_that_is_sent() -> None:
    """However much better the button's box is, the other one may be meant."""
    page = page_with(("textbox", "Message"), BOX)
    clicks(page, "Send", [1], [3], "go")
    page.on(2, "submit", [2], [3], "go_1")
    assert best(page) is None


def test_buttons_of_two_boxes() -> None:
    """Neither box is sent by itself, so that either may be meant."""
    page = page_with(BOX, BOX)
    clicks(page, "Sea", [1], [3], "go")
    clicks(page, "Sky", [2], [3], "go_1")
    assert best(page) is None


@pytest.mark.parametrize(
    ("label", "first", "second", "names", "is_one"),
    [
        ("Type here", [1, 2], [1, 2], ("go", "go_1"), True),
        ("Type here", [1, 2], [1, 2], ("go", "walk"), False),
        ("Type here", [1, 2], [2], ("go", "go_1"), False),
        ("Type here", [1], [1, 2], ("go", "go_1"), False),
        ("Type here", [1], [2], ("go", "go_1"), False),
        (None, [1, 2], [1, 2], ("go", "go_1"), False),
    ],
)
def test_two_boxes_that_are_sent(
    label: str | None, first: list[int], second: list[int], names: tuple[str, str], is_one: bool
) -> None:
    """They are of one form if the functions of each take both, and then the better one is meant."""
    page = page_with(("textbox", label), BOX)
    page.on(1, "submit", first, [3], names[0])
    page.on(2, "submit", second, [3], names[1])
    found = best(page)
    assert (found is not None) is is_one
    assert found is None or found.message.id == 1


MORE = "Generate & Execute Code"


def main_button(page: Page) -> None:
    clicks(page, MORE, [1], [2], "run", variant="primary")


def of_nothing(page: Page) -> None:
    page.on(99, "click", [1], [2], "write")


MAIN: dict[str, tuple[Callable[[Page], object], bool]] = {
    "asks and does more": (main_button, False),
    "is no main one": (lambda page: clicks(page, MORE, [1], [2], "run"), True),
    "is hidden": (
        lambda page: clicks(page, MORE, [1], [2], "run", variant="primary", visible=False),
        True,
    ),
    "asks nothing": (lambda page: clicks(page, "Delete", [1], [2], "x", variant="primary"), True),
    "does no more": (lambda page: clicks(page, "Ask", [1], [2], "write", variant="primary"), True),
    "fills another text": (
        lambda page: clicks(page, MORE, [1], [page.add("markdown")], "run", variant="primary"),
        True,
    ),
    "takes another box": (
        lambda page: clicks(page, MORE, [page.add("textbox")], [2], "run", variant="primary"),
        True,
    ),
    "is none": (of_nothing, True),
}


@pytest.mark.parametrize("case", MAIN)
def test_a_main_button(case: str) -> None:
    build, is_taken = MAIN[case]
    page = page_with(BOX)
    button = clicks(page, "Generate", [1], [2], "write")
    build(page)
    found = best(page)
    assert (found is not None) is is_taken
    assert found is None or found.trigger == (button, "click") or case == "does no more"


def test_a_main_button_beside_a_box_that_is_sent() -> None:
    page = page_with(BOX)
    page.on(1, "submit", [1], [2], "write")
    main_button(page)
    found = best(page)
    assert found is not None
    assert found.trigger == (1, "submit")


def test_a_main_button_of_a_chat() -> None:
    page = Page()
    page.add("textbox")
    page.add("chatbot")
    button = clicks(page, "Generate", [1], [2], "write")
    main_button(page)
    found = best(page)
    assert found is not None
    assert found.trigger == (button, "click")

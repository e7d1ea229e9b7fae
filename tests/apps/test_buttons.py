"""What buttons say of the functions that they call: which of them asks, and which does not."""

from __future__ import annotations

import pytest

from spacechat import errors
from spacechat.apps import Way, find_way, parse_config
from spacechat.apps.choice import find_ways
from tests.servers.page import Page


def found(page: Page) -> Way:
    return find_way(parse_config(page.config()))


def chats(page: Page, *buttons: str | None, kind: str = "chatbot") -> list[int]:
    """Add a box, and for each button an output that it fills; None: sending the box fills it."""
    box = page.add("textbox")
    outputs = []
    for number, label in enumerate(buttons):
        outputs.append(page.add(kind))
        used, event = (box, "submit") if label is None else (page.add("button", label), "click")
        page.on(used, event, [box], outputs[-1:], f"do_{number}")
    return outputs


@pytest.mark.parametrize(
    ("better", "worse"), [("Send", "Sky"), ("Sky", "Undo"), ("Send", "Undo"), (None, "Sky")]
)
@pytest.mark.parametrize("kind", ["chatbot", "markdown", "html"])
def test_which_of_two_asks(better: str | None, worse: str, kind: str) -> None:
    """What sends comes before a button that says nothing, and that before one for other things."""
    for buttons in ((better, worse), (worse, better)):
        page = Page()
        outputs = chats(page, *buttons, kind=kind)
        assert found(page).answer.id == outputs[buttons.index(better)]


@pytest.mark.parametrize("turned", [False, True])
def test_sending_the_box_comes_first_and_does_not_stand_out(turned: bool) -> None:
    """A button that sends, too, may have been meant."""
    page = Page()
    outputs = chats(page, *((None, "Send") if turned else ("Send", None)))
    ways = find_ways(parse_config(page.config()))
    assert [way.answer.id for way in ways.all] == sorted(outputs, reverse=not turned)
    assert ways.best is None
    assert "several ways" in str(ways.problem)


@pytest.mark.parametrize("label", ["Undo", "Clear", "Delete", "Save"])
def test_a_button_that_does_something_else_asks_no_chat(label: str) -> None:
    page = Page()
    chats(page, label)
    (way,) = find_ways(parse_config(page.config())).all
    assert f"button '{label}' (3) does something else" in way.objections
    with pytest.raises(errors.ChatNotFoundError, match="seems to be for something else"):
        found(page)


@pytest.mark.parametrize("kind", ["chatbot", "markdown"])
@pytest.mark.parametrize("hidden_first", [False, True])
def test_a_button_that_nobody_sees_is_not_used(kind: str, hidden_first: bool) -> None:
    page = Page()
    box = page.add("textbox")
    shown = [page.add(kind), page.add(kind)]
    for number, output in enumerate(shown):
        is_visible = hidden_first is bool(number)
        page.on(page.add("button", "Send", visible=is_visible), "click", [box], [output])
    assert found(page).answer.id == shown[hidden_first]


@pytest.mark.parametrize(("kind", "asks"), [("chatbot", True), ("html", False)])
def test_a_hidden_button_alone(kind: str, asks: bool) -> None:
    """Scripts of pages click hidden buttons; it asks a chat, and hardly for an HTML."""
    page = Page()
    box, shown = page.add("textbox"), page.add(kind)
    page.on(page.add("button", "Sky", visible=False), "click", [box], [shown])
    if asks:
        assert "button 'Sky' (3) is hidden" in found(page).objections
    else:
        with pytest.raises(errors.ChatNotFoundError):
            found(page)

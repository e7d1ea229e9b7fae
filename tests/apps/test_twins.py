"""What buttons say against sending a box that does the same, or only a part of it."""

from __future__ import annotations

import pytest

from spacechat.apps import parse_config
from spacechat.apps.app import Function
from spacechat.apps.twins import Twins
from tests.servers.page import Page


def objections(page: Page, sends: int, box: int, answer: int) -> list[str]:
    """Return what is said against sending the box, which calls a function."""
    app = parse_config(page.config())
    events: dict[tuple[int | None, str], list[Function]] = {}
    for function in app.functions.values():
        for target in function.targets:
            events.setdefault(target, []).append(function)
    first, parts = [app.functions[sends]], app.components
    found = Twins(app, events).objections(first, parts[box], parts[answer], first)
    return [each.reason for each in found if each.worth < 0]


@pytest.mark.parametrize(
    ("label", "is_shown", "streams", "takes_box", "sending_streams", "objects"),
    [
        ("Send", True, True, True, False, True),
        ("Send", True, True, True, True, False),
        ("Send", False, True, True, False, False),
        ("Sky", True, True, True, False, False),
        ("Send", True, False, True, False, False),
        ("Send", True, True, False, False, False),
    ],
)
def test_a_box_that_only_shows_the_question(
    label: str, is_shown: bool, streams: bool, takes_box: bool, sending_streams: bool, objects: bool
) -> None:
    """A button that is seen and sends streams into the same chat, and takes the box, too."""
    page = Page()
    box, shown = page.add("textbox"), page.add("chatbot")
    button = page.add("button", label, visible=is_shown)
    sends = page.on(box, "submit", [box], [shown], types={"generator": sending_streams})
    taken = [box] if takes_box else []
    page.on(button, "click", taken, [shown], types={"generator": streams})
    says = "it may only show the question: button 'Send' (3) streams the answer"
    assert objections(page, sends, box, shown) == ([says] if objects else [])


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (["Undo"], ["it does the same as button 'Undo' (3)"]),
        (["Undo", "Clear"], ["it does the same as button 'Undo' (3)"]),
        (["Undo", "Send"], []),
        (["Send", "Undo"], []),
        (["Sky"], []),
    ],
)
def test_a_box_that_does_what_a_button_for_other_things_does(
    labels: list[str], says: list[str]
) -> None:
    """Unless another button that does it says nothing of the kind."""
    page = Page()
    box, shown = page.add("textbox"), page.add("markdown")
    sends = page.on(box, "submit", [box], [shown], "do")
    for number, label in enumerate(labels):
        page.on(page.add("button", label), "click", [box], [shown], f"do_{number}")
    assert objections(page, sends, box, shown) == says

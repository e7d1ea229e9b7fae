"""Forms of agents' pages, by their descriptions: which of their boxes is for the message."""

from __future__ import annotations

import pytest

from spacechat import errors
from spacechat.apps import Way, find_way, parse_config
from tests.servers.page import Page


def found(page: Page) -> Way:
    return find_way(parse_config(page.config()))


def refused(page: Page) -> None:
    with pytest.raises(errors.ChatNotFoundError):
        found(page)


def sent_by_each(page: Page, *placeholders: str, together: bool = True) -> list[int]:
    """Add a chat with several boxes, each of which sends all of them, or itself only."""
    chatbot = page.add("chatbot", "Chatbot")
    boxes = [page.add("textbox", placeholder=each) for each in placeholders]
    for box in boxes:
        taken = boxes if together else [box]
        page.on(box, "submit", [*taken, chatbot], [chatbot], "process")
    return boxes


@pytest.mark.parametrize("turned", [False, True])
def test_each_box_of_a_form_sends_it(turned: bool) -> None:
    page = Page()
    texts = ["Your request to the agent", "What are your success criteria?"]
    boxes = sent_by_each(page, *(reversed(texts) if turned else texts))
    assert found(page).message.id == boxes[1 if turned else 0]


def test_boxes_of_two_forms() -> None:
    page = Page()
    sent_by_each(page, "Your request to the agent", "Type here", together=False)
    refused(page)


def test_boxes_of_a_form_that_nothing_tells_apart() -> None:
    page = Page()
    sent_by_each(page, "Left", "Right")
    refused(page)


@pytest.mark.parametrize(
    ("button", "is_chat"),
    [
        ("Get Support", True),
        ("Get an answer", True),
        ("Get AI response", True),
        ("Get file list", False),
        ("Get support tickets", False),
        ("Get", False),
    ],
)
def test_a_button_that_gets_something(button: str, is_chat: bool) -> None:
    page = Page()
    box, chatbot = page.add("textbox"), page.add("chatbot")
    page.on(page.add("button", button), "click", [box, chatbot], [chatbot])
    if is_chat:
        assert found(page).message.id == box
    else:
        refused(page)


@pytest.mark.parametrize(
    ("name", "output", "is_chat"),
    [
        ("search", "Answer", True),
        ("search", "Hits", False),
        ("search", None, False),
        ("search_and_answer", None, True),
        ("delete", "Answer", False),
    ],
)
def test_a_function_that_searches(name: str, output: str | None, is_chat: bool) -> None:
    page = Page()
    box, shown = page.add("textbox", placeholder="Ask anything"), page.add("markdown", output)
    page.on(box, "submit", [box], [shown], name)
    if is_chat:
        assert found(page).answer.id == shown
    else:
        refused(page)


@pytest.mark.parametrize(
    "label",
    ["Arguments (JSON)", "Payload", "Your answer", "Request URL", "SQL query:", "Python code"],
)
def test_a_box_for_something_else(label: str) -> None:
    page = Page()
    box, shown = page.add("textbox", label), page.add("textbox", "Result")
    page.on(page.add("button", "Go"), "click", [box], [shown])
    refused(page)


@pytest.mark.parametrize("label", ["Your inquiry", "Task", "Your request", "Ask SQL questions"])
def test_a_box_for_the_message(label: str) -> None:
    page = Page()
    boxes = [page.add("textbox", each) for each in ("Context", label)]
    page.on(page.add("button", "Go"), "click", boxes, [page.add("textbox", "Result")])
    assert found(page).message.label == label


def sent_and_clicked(page: Page, *buttons: str, kind: str = "markdown") -> int:
    """Add a box without a label; sending it does the same as a click on each of the buttons."""
    box, shown = page.add("textbox", placeholder="What is it?"), page.add(kind)
    page.on(box, "submit", [box], [box, shown], "do")
    for number, label in enumerate(buttons, 1):
        page.on(page.add("button", label), "click", [box], [box, shown], f"do_{number}")
    return box


def test_a_button_tells_what_sending_the_box_does() -> None:
    page = Page()
    sent_and_clicked(page, "Add")
    refused(page)


@pytest.mark.parametrize(
    ("buttons", "kind"),
    [(["Ask"], "markdown"), (["Regenerate", "Ask"], "markdown"), (["Regenerate"], "chatbot")],
)
def test_unless_another_says_nothing_else_or_a_chat_is_filled(
    buttons: list[str], kind: str
) -> None:
    page = Page()
    box = sent_and_clicked(page, *buttons, kind=kind)
    assert found(page).message.id == box


def test_a_button_of_another_function_tells_nothing() -> None:
    page = Page()
    box, shown = page.add("textbox", placeholder="What is it?"), page.add("markdown")
    page.on(box, "submit", [box], [shown], "do")
    page.on(page.add("button", "Add"), "click", [box], [shown], "more")
    assert found(page).message.id == box


def test_a_name_is_no_message() -> None:
    page = Page()
    boxes = [page.add("textbox", each) for each in ("Name", "Symptoms")]
    page.on(page.add("button", "Get Advice"), "click", boxes, [page.add("markdown")])
    assert found(page).message.label == "Symptoms"

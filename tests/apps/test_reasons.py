"""The reasons for and against a way to chat, as an inspection tells them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from spacechat.apps import Way, parse_config
from spacechat.apps.choice import find_ways
from tests.servers.page import Page

STREAMS = {"generator": True}


def ways(page: Page, **chosen: Any) -> Sequence[Way]:
    return find_ways(parse_config(page.config()), **chosen).all


def reasons(way: Way) -> list[str]:
    """Return the reasons, each after a sign: whether it speaks for the way or against it."""
    told = [each.rpartition(" (") for each in way.reasons]
    return [f"{worth[0]} {reason}" for reason, _, worth in told]


def sent(label: str | None = None, kind: str = "textbox", **props: Any) -> Callable[[Page], None]:
    """Return what builds a page with a box that is sent off."""

    def build(page: Page) -> None:
        box = page.add(kind, label, **props)
        page.on(box, "submit", [box], [page.add("markdown")])

    return build


def shown(label: str | None = None, kind: str = "markdown", **props: Any) -> Callable[[Page], None]:
    """Return what builds a page with an answer."""

    def build(page: Page) -> None:
        box = page.add("textbox")
        page.on(box, "submit", [box], [page.add(kind, label, **props)])

    return build


def clicked(label: str | None, **props: Any) -> Callable[[Page], None]:
    """Return what builds a page with a button."""

    def build(page: Page) -> None:
        box, answer = page.add("textbox"), page.add("markdown")
        page.on(page.add("button", label, **props), "click", [box], [answer])

    return build


def called(name: str | None, *more: str, kind: str = "markdown", **function: Any) -> Any:
    """Return what builds a page whose function has a name, and other outputs."""

    def build(page: Page) -> None:
        box, answer = page.add("textbox"), page.add(kind)
        others = [page.add(each) for each in more]
        page.on(box, "submit", [box], [answer, *others], name, **function)

    return build


def form(*labels: str | None, kind: str = "markdown") -> Callable[[Page], None]:
    """Return what builds a page with boxes and a button that sends them."""

    def build(page: Page) -> None:
        boxes = [page.add("textbox", label) for label in labels]
        page.on(page.add("button"), "click", boxes, [page.add(kind)])

    return build


def within(
    *headings: tuple[str, str], parts: Callable[[Page], None], **props: Any
) -> Callable[[Page], None]:
    """Return what builds parts within others, each of a kind and with a label."""

    def build(page: Page) -> None:
        for kind, label in headings:
            page.open(kind, label, **props)
        parts(page)

    return build


def answer_within(
    kind: str, label: str, text: str | None = None, *, opens: bool = False, **props: Any
) -> Any:
    """Return what builds an answer in a closed part, which the function may open."""

    def build(page: Page) -> None:
        box = page.add("textbox")
        around = page.open(kind, label, open=False)
        answer = page.add("markdown", text, **props)
        page.on(box, "submit", [box], [answer, *([around] if opens else [])])

    return build


def under(box_in: str, answer_in: str | None = None, kind: str = "chatbot") -> Any:
    """Return what builds a box under a heading, and an answer there or under another."""

    def build(page: Page) -> None:
        page.open("group", box_in)
        box = page.add("textbox")
        if answer_in is not None:
            page.close()
            page.open("group", answer_in)
        page.on(box, "submit", [box], [page.add(kind)])

    return build


def emptied(page: Page) -> None:
    box, answer = page.add("textbox"), page.add("markdown")
    page.on(box, "submit", [box], [answer, box])


FILLS = "+ it fills markdown (2)"
SENT = "+ it is what sending textbox (1) does"

BOXES: dict[str, tuple[Callable[[Page], None], list[str]]] = {
    "says nothing": (sent(), []),
    "says nothing of it": (sent("Sky"), []),
    "for messages": (sent("Message"), ["+ textbox 'Message' (1) is for messages"]),
    "for typing": (sent("Type here"), ["+ textbox 'Type here' (1) is for typing"]),
    "for something else": (sent("Password"), ["- textbox 'Password' (1) is for something else"]),
    "for the system text": (sent("Persona"), ["- textbox 'Persona' (1) is for the system text"]),
    "an example says nothing": (sent("Sky, e.g. a folder"), []),
    "under a system heading": (
        within(("group", "Persona"), parts=sent()),
        ["- textbox (2) is for the system text"],
    ),
    "its own text counts before that": (
        within(("group", "Persona"), parts=sent("Message")),
        ["+ textbox 'Message' (2) is for messages"],
    ),
    "under another heading": (
        within(("group", "Settings"), parts=sent()),
        ["- textbox (2) is under 'Settings'"],
    ),
    "under a heading above that says nothing": (
        within(("group", "Settings"), ("group", "Sky"), parts=sent()),
        ["- textbox (3) is under 'Settings'"],
    ),
    "the inner heading decides": (
        within(("group", "Settings"), ("group", "Playground"), parts=sent()),
        [],
    ),
    "takes files": (sent(kind="multimodaltextbox"), ["+ multimodaltextbox (1) takes files"]),
    "emptied": (emptied, ["+ textbox (1) is emptied"]),
}


@pytest.mark.parametrize("case", BOXES)
def test_a_box(case: str) -> None:
    build, told = BOXES[case]
    page = Page()
    build(page)
    (way,) = ways(page)
    box, answer = way.message, way.answer
    assert reasons(way) == [f"+ it fills {answer}", f"+ it is what sending {box} does", *told]


def test_a_box_in_a_closed_part() -> None:
    page = Page()
    within(("accordion", "More"), parts=sent(), open=False)(page)
    (way,) = ways(page)
    assert reasons(way) == [
        "+ it fills markdown (3)",
        "- markdown (3) is in a closed part of the page",
        "+ it is what sending textbox (2) does",
        "- textbox (2) is in a closed part of the page",
    ]


ANSWERS: dict[str, tuple[Callable[[Page], None], list[str]]] = {
    "says nothing": (shown(), []),
    "a chat": (shown("Sources", kind="chatbot", value=[["a", "b"]], lines=9), []),
    "a label": (shown("Reply"), ["+ markdown 'Reply' (2) is labelled an answer"]),
    "beside one": (shown("Sources"), ["- markdown 'Sources' (2) is beside an answer"]),
    "a status": (shown("Status"), ["- markdown 'Status' (2) is no answer"]),
    "classes": (shown("Reply", kind="label"), ["- label 'Reply' (2) shows classes"]),
    "final": (shown("Final"), ["+ markdown 'Final' (2) is the final one"]),
    "a draft": (shown("Draft"), ["- markdown 'Draft' (2) is a draft"]),
    "a final draft": (shown("Final draft"), ["+ markdown 'Final draft' (2) is the final one"]),
    "there before": (shown(value="Hi"), ["- markdown (2) has a text before any question"]),
    "room": (shown(kind="textbox", lines=2), ["+ textbox (2) has room"]),
    "a line": (shown(kind="textbox", lines=1), []),
    "in a closed part": (
        answer_within("accordion", "Sky"),
        ["- markdown (3) is in a closed part of the page"],
    ),
    "in a part that opens": (
        answer_within("accordion", "Sky", opens=True),
        ["- markdown (3) is in a part of the page that is closed at first"],
    ),
    "a heading": (
        answer_within("accordion", "Reply", opens=True),
        [
            "- markdown (3) is in a part of the page that is closed at first",
            "+ markdown (3) is labelled an answer",
        ],
    ),
    "a label counts before a heading": (
        answer_within("accordion", "Reply", "Sources", opens=True),
        [
            "- markdown 'Sources' (3) is in a part of the page that is closed at first",
            "- markdown 'Sources' (3) is beside an answer",
        ],
    ),
    "any text of its own does": (
        answer_within("accordion", "Reply", elem_id="status", opens=True),
        [
            "- markdown (3) is in a part of the page that is closed at first",
            "- markdown (3) is no answer",
        ],
    ),
    "a label that says nothing does, too": (
        answer_within("accordion", "Reply", "Sky", opens=True),
        ["- markdown 'Sky' (3) is in a part of the page that is closed at first"],
    ),
    "called chat": (called("chat"), ["+ it is called chat"]),
    "streams": (called(None, types=STREAMS), ["+ it streams"]),
    "a function for something else": (called("delete"), ["- /delete does something else"]),
    "a function that asks": (called("ask"), []),
    "a function that searches": (called("find_it"), ["- its function searches"]),
    "a chat that searches": (called("find_it", kind="chatbot"), []),
    "beside a picture": (called("go", "image"), ["- it is beside a picture"]),
    "a chat beside a picture": (called("go", "image", kind="chatbot"), []),
    "one objection is enough": (called("delete", "image"), ["- /delete does something else"]),
    "a chat for something else": (
        called("delete", kind="chatbot"),
        ["- /delete does something else"],
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer(case: str) -> None:
    build, told = ANSWERS[case]
    page = Page()
    build(page)
    way = ways(page)[0]
    answer, event, box = way.considered
    assert [each.reason for each in event] == ["it is what sending textbox (1) does"]
    assert not box
    first, *more = reasons(way)[: len(answer)]
    assert first == f"+ it fills {way.answer}"
    assert sorted(more) == sorted(told)


def test_an_output_by_hand_needs_no_reason() -> None:
    page = Page()
    shown("Status", value="Ready")(page)
    (way,) = ways(page, output="Status")
    assert reasons(way) == ["+ it fills markdown 'Status' (2)", SENT]


@pytest.mark.parametrize(
    ("label", "props", "told"),
    [
        (None, {}, []),
        ("Sky", {}, []),
        ("Send", {}, ["+ button 'Send' (3) sends"]),
        ("Undo", {}, ["- button 'Undo' (3) does something else"]),
        ("Send and clear", {}, ["- button 'Send and clear' (3) does something else"]),
        ("Sky", {"elem_id": "clear"}, ["- button 'Sky' (3) does something else"]),
        ("Sky", {"visible": False}, ["- button 'Sky' (3) is hidden"]),
        (
            "Send",
            {"visible": False},
            ["+ button 'Send' (3) sends", "- button 'Send' (3) is hidden"],
        ),
    ],
)
def test_a_button(label: str | None, props: dict[str, Any], told: list[str]) -> None:
    page = Page()
    clicked(label, **props)(page)
    (way,) = ways(page)
    assert reasons(way) == [FILLS, *told]


def test_an_event_of_nothing() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("markdown")
    page.on(99, "click", [box], [answer])
    (way,) = ways(page)
    assert reasons(way) == [FILLS]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["Sky", "Text"], []),
        (["Text", "E-mail"], ["- it is sent with textbox 'E-mail' (2)"]),
        (["Phone", "Text", "E-mail"], ["- it is sent with textbox 'Phone' (1)"]),
        (["Message", "E-mail", "Folder"], ["- it is sent with textbox 'E-mail' (2)"]),
        (["Text", "Folder"], ["- it does something with textbox 'Folder' (2)"]),
        (["Branch", "Folder"], ["- it does something with textbox 'Branch' (1)"]),
        (["Message", "Folder"], []),
        (["Text", "Sky, e.g. an e-mail"], []),
        (["Text", "Sky, e.g. a folder"], []),
    ],
)
def test_a_form(labels: list[str], told: list[str]) -> None:
    """It is one for something else by any of its boxes; a chat has other boxes, too."""
    for kind in ("markdown", "chatbot"):
        page = Page()
        form(*labels, kind=kind)(page)
        for way in ways(page):
            _, *more = reasons(way)[: len(way.considered[0])]
            assert more == ([] if kind == "chatbot" else told)


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (under("Upload a file"), ["+ chatbot (3) is under 'Upload a file', too"]),
        (under("Sky"), []),
        (under("Chat"), []),
        (under("Upload a file", kind="markdown"), []),
        (under("Upload a file", "Upload a file"), []),
        (under("Upload a file", "Sky"), []),
        (under("Delete uploads"), []),
        (under("Settings"), []),
    ],
)
def test_a_heading_that_says_what_the_chat_below_is_about(
    build: Callable[[Page], None], told: list[str]
) -> None:
    page = Page()
    build(page)
    (way,) = ways(page)
    assert reasons(way)[1 : 1 + len(way.considered[1])] == [
        f"+ it is what sending {way.message} does",
        *told,
    ]

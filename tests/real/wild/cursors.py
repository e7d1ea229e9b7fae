"""Apps that show a cursor or a placeholder while they write; neither is part of an answer."""

from __future__ import annotations

from collections.abc import Callable

from tests.real.apps.zoo.llm import answer
from tests.real.wild.app import ALL, G4, G5, NEW, WildApp, forgotten

TABLE = "\n\n| a | b |\n|---|---|\n| 1 | 2 |"


def _each(change: Callable[[str], str]) -> Callable[..., list[str]]:
    return lambda *questions: [change(text) for text in forgotten(*questions)]


def _flavored(flavor: str, *, remembers: bool = False) -> Callable[..., list[str]]:
    def answers(*questions: str) -> list[str]:
        history: list[tuple[str, str]] = []
        for question in questions:
            given = answer(question, history if remembers else [], flavor)
            history.append((question, given))
        return [given for _, given in history]

    return answers


def _kept(*questions: str) -> list[str]:
    history: list[tuple[str, str]] = []
    for question in questions:
        history.append((question, answer(question, history) + TABLE))
    return [given for _, given in history]


def _shown(text: str) -> str:
    return text.replace("\n\n", "\n")


APPS = (
    WildApp("cursor_pairs", (G4, G5), "pairs, with a block behind the text"),
    WildApp("cursor_messages", ALL, "messages, with a space and a bar behind the text"),
    WildApp("cursor_span", ALL, "a blinking element of HTML behind the text"),
    WildApp("cursor_placeholder", ALL, "one function posts a placeholder, the next one answers"),
    WildApp("cursor_dots", ALL, "dots that run before the answer"),
    WildApp(
        "cursor_interface",
        ALL,
        "a chat interface with a placeholder, then a cursor",
        answers=_flavored("brackets", remembers=True),
    ),
    WildApp(
        "cursor_markdown",
        ALL,
        "a text of Markdown with a circle behind it",
        answers=_flavored("markdown"),
    ),
    WildApp("cursor_textbox", ALL, "a text box with a bar behind its text", answers=forgotten),
    WildApp("cursor_html", ALL, "HTML with a cursor inside its elements", answers=_each(_shown)),
    WildApp(
        "cursor_thought",
        NEW,
        "a cursor in the thoughts, too",
        answers=_flavored("repeats", remembers=True),
        thoughts=["🧠 Thinking"],
    ),
    WildApp(
        "cursor_search",
        ALL,
        "placeholders of tools between messages",
        answers=_each(lambda text: f"I found a page.\n\n{text}"),
    ),
    WildApp("cursor_kept", ALL, "an answer that really ends in a bar", answers=_kept),
)

"""Apps with something that few have, each from a corner of Gradio of its own."""

from __future__ import annotations

from spacechat.errors import GenerationError
from tests.real.wild.answers import telling
from tests.real.wild.app import G6, NEW, WildApp, remembered


def in_lines(*questions: str) -> list[str]:
    """Return the answers as HTML shows them, without blank lines."""
    return [text.replace("\n\n", "\n") for text in remembered(*questions)]


APPS = (
    WildApp(
        "corner_titles",
        NEW,
        "every message is a thought under the name of who says it",
        remembered,
        pieces=0,
        thoughts=("📖 Reader", "🦉 Owl"),
    ),
    WildApp(
        "corner_whole",
        (G6,),
        "functions take components with all their properties, and have no names",
        telling(length="40 of 100", style="rich"),
    ),
    WildApp(
        "corner_kept_text",
        NEW,
        "the box is copied to a state when it changes, and the button's function takes that",
        send="button:has-text('Send')",
    ),
    WildApp(
        "corner_drawn",
        NEW,
        "HTML with the whole conversation, which the newest turn ends",
        in_lines,
        bubble=".talk .say >> nth=-1",
    ),
    WildApp(
        "corner_drawn_by_render",
        NEW,
        "no part of the page has the answer before it is made anew for each turn",
        problem="No way to chat",
    ),
    WildApp("corner_timer", NEW, "a timer fetches the answer, and stops when it is complete"),
    WildApp(
        "corner_timer_always",
        NEW,
        "a timer fetches the answer of a thread, and never stops",
        problem="by a timer that is never stopped",
    ),
    WildApp(
        "corner_unanswered",
        NEW,
        "the chat ends with the question, and a notice says why",
        problem="ends with the question",
        error=GenerationError,
    ),
)

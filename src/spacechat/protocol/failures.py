"""Turns a Space's report of a failure into an error that a caller can act on."""

from __future__ import annotations

import re

from ..errors import GenerationError, QueueFullError, QuotaExceededError, SpaceChatError
from .hypertext import without_tags

_LONGEST = 500
"""Characters of a Space's text that an error repeats."""

_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"([^"]*'[^"]*)\"""")
"""A whole text as Python's `repr` has it, in which Gradio 4 sends an app's own errors."""
_QUOTA = re.compile(r"\bquota\b", re.IGNORECASE)
_QUEUE_FULL = re.compile(r"\bqueue is full\b", re.IGNORECASE)
_TRY_AGAIN = re.compile(
    r"(?:try again|retry) in\s+(?:(\d{1,4}) days?, )?(\d{1,4}):(\d\d):(\d\d)", re.IGNORECASE
)
_CONTROL = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""A terminal's commands; control characters, but for white space; what turns a text's direction."""


def plain_text(text: str) -> str:
    """Return a Space's text without HTML, on one line, cut to a readable length.

    What a terminal would obey, or show in another order, is left out: `print` shows it as it is.
    """
    plain = " ".join(_CONTROL.sub("", without_tags(text[: 20 * _LONGEST])).split())
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."


CALL_AGAIN = "Call it again, if it may run twice; the app's log has the reason."
"""The advice where a function fails and does not say why."""


def failure(error: object, title: object, advice: str = CALL_AGAIN) -> SpaceChatError:
    """Return the error for a failed event.

    Args:
        error: The Space's text, which may hold HTML; a value of any other type is no text.
        title: The text's title, or nothing.
        advice: What to do where it says nothing.
    """
    text = plain_text(error) if isinstance(error, str) else ""
    if quoted := _QUOTED.fullmatch(text):
        text = quoted[1] or quoted[2]
    if not text:
        return GenerationError(
            f"The Space failed and does not say why (its app hides errors). {advice}"
        )
    if _QUEUE_FULL.search(text):
        return QueueFullError(
            f"The Space's queue is full: {text} Ask again later.",
            temporary=True,
        )
    if _QUOTA.search(text):
        return QuotaExceededError(
            f"The Space's GPU quota is used up: {text} Sign in with a token, or wait.",
            retry_after=_retry_after(text),
        )
    heading = plain_text(title) if isinstance(title, str) else ""
    reason = f"{heading}: {text}" if heading not in ("", "Error") else text
    return GenerationError(f"The Space failed: {reason}")


def _retry_after(text: str) -> float | None:
    match = _TRY_AGAIN.search(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)

"""The text of an output that shows HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .drawn import newest_answer
from .hypertext import text_of
from .reading import NOTHING, Reading, is_update, read

_PER_PART = 16
"""Characters of HTML that take as long to read as one part of a value."""


class HtmlReader:
    """Reads the answer in an output's HTML, as `reading.read` reads other values.

    An app may send large HTML once and leave it as it is in many messages, so the newest text is
    kept.

    Args:
        since: What the output showed before the question: one HTML, or nothing.
        question: The question.
    """

    def __init__(self, since: Sequence[object] = (), question: str = "") -> None:
        self._before = "\n".join(text_of(html) for html in since if isinstance(html, str))
        self._question = question
        self._read: tuple[str, bool] | None = None
        self._reading: Reading = NOTHING

    def read(self, value: Any, start: int = 0, *, final: bool = False) -> Reading:
        """Read the text of a value; see `reading.read`."""
        shown = value.get("value") if is_update(value) else value
        if not isinstance(shown, str):
            return read(value, start, final=final)
        if self._read is not None and shown is self._read[0] and final is self._read[1]:
            return self._reading._replace(parts=1)
        self._read = shown, final
        text = newest_answer(text_of(shown), self._before, self._question, final=final)
        self._reading = Reading(text, parts=1 + len(shown) // _PER_PART)
        return self._reading

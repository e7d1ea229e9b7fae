"""The text of an output that shows HTML."""

from __future__ import annotations

from typing import Any

from .hypertext import text_of
from .reading import NOTHING, Reading, is_update, read

_PER_PART = 16
"""Characters of HTML that take as long to read as one part of a value."""


class HtmlReader:
    """Reads the text of an output's HTML, as `reading.read` reads other values.

    An app may send large HTML once and leave it as it is in many messages, so the newest text is
    kept.
    """

    def __init__(self) -> None:
        self._html: str | None = None
        self._reading: Reading = NOTHING

    def read(self, value: Any, start: int = 0, *, final: bool = False) -> Reading:
        """Read the text of a value; see `reading.read`."""
        shown = value.get("value") if is_update(value) else value
        if not isinstance(shown, str):
            return read(value, start, final=final)
        if shown is self._html:
            return self._reading._replace(parts=1)
        self._html = shown
        self._reading = Reading(text_of(shown), parts=1 + len(shown) // _PER_PART)
        return self._reading

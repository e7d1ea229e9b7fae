"""An answer as plain text, for programs, files and simple terminals."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...event_descriptions import describe
from ...events import Completed, Log
from ...sanitize import one_line
from .live_lines import LiveLines, size
from .output import say
from .waiting_line import WaitingLine

if TYPE_CHECKING:
    from ...events import Event

_REWRITTEN = "spacechat: the Space rewrote what was already written; --json has its last word"


class PlainDisplay:
    """Writes the text as it comes, and a waiting line to standard error if that is a terminal.

    Args:
        name: The name of the Space.
        write: Takes the pieces of the text, and a newline at its end.
        animated: Whether standard error is a terminal on which lines can be drawn again.
    """

    def __init__(self, name: str, write: Callable[[str], None], *, animated: bool) -> None:
        self._write = write
        self._waiting: WaitingLine | None = WaitingLine(name) if animated else None
        self._lines = LiveLines(sys.stderr)
        self._written = 0
        self._complete = False

    def feed(self, event: Event, text: str) -> None:
        """Take an event."""
        if isinstance(event, Log):
            self._clear()
            say(one_line(describe(event, short=True)))
        elif isinstance(event, Completed):
            self._complete = True
            if self._written != len(event.text):
                say(_REWRITTEN)
        elif text:
            self._stop_waiting()
            self._written += len(text)
            self._write(text)
        elif self._waiting is not None:
            self._waiting.feed(event)

    def draw(self) -> None:
        """Show what has changed."""
        if self._waiting is not None:
            self._lines.draw(live=[self._waiting.line(size(sys.stderr)[0] - 1)])

    def close(self) -> None:
        """Show what is left."""
        self._stop_waiting()
        if self._complete or self._written:
            self._write("\n")

    def _clear(self) -> None:
        if self._waiting is not None:
            self._lines.draw()

    def _stop_waiting(self) -> None:
        self._clear()
        self._waiting = None

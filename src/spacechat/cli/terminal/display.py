"""What people and programs see of an answer while it comes: plain text, and news beside it.

A display is told of each event, and asked several times a second to draw itself again. The one
for people at a terminal is in `live`.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ...event_descriptions import describe
from ...events import Completed, Log, Queued, Retrying, Started
from .live_lines import Region, size
from .sanitize import one_line
from .standard_streams import say

if TYPE_CHECKING:
    from ...events import Event

_REWRITTEN = "spacechat: the Space rewrote what was already written; --json has its last word"
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Display(Protocol):
    """What shows an answer."""

    def feed(self, event: Event, text: str) -> None:
        """Take an event, and the text that it adds for who can't take back what was shown."""

    def draw(self) -> None:
        """Show what has changed."""

    def close(self) -> None:
        """Show what is left; nothing follows."""


class Waiting:
    """What is told while there is no text yet: the place in the queue, and how long it may take."""

    def __init__(self, model: str) -> None:
        self._says = f"Asking {one_line(model)}"
        self._began = time.monotonic()
        self._until: float | None = None
        self._turn = itertools.cycle(_SPINNER)

    def feed(self, event: Event) -> None:
        """Take an event."""
        says = one_line(describe(event, short=True))
        if says:
            self._says = says
        if isinstance(event, Queued | Started):
            self._expect(event.eta)
        elif isinstance(event, Retrying):
            self._expect(None)

    def line(self, width: int) -> str:
        """Return what to show, in a width."""
        from rich.cells import cell_len, set_cell_size

        now = time.monotonic()
        says = self._says
        if self._until is not None and self._until > now:
            says += f", about {self._until - now:.0f} s left"
        if now - self._began >= 1:
            says += f" ({now - self._began:.0f} s)"
        says = f"{next(self._turn)} {says}"
        return says if cell_len(says) <= width else set_cell_size(says, width - 1) + "…"

    def _expect(self, eta: float | None) -> None:
        self._until = None if eta is None else time.monotonic() + eta


class Plain:
    """The text as it comes, and the queue's news on standard error where that is a terminal.

    Args:
        model: Who is asked.
        write: Takes the pieces of the text, and a newline at its end.
        animated: Whether there is somebody to tell the news, which may be drawn over.
    """

    def __init__(self, model: str, write: Callable[[str], None], *, animated: bool) -> None:
        self._write = write
        self._waiting: Waiting | None = Waiting(model) if animated else None
        self._region = Region(sys.stderr)
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
            self._region.draw(live=[self._waiting.line(size(sys.stderr)[0] - 1)])

    def close(self) -> None:
        """Show what is left."""
        self._stop_waiting()
        if self._complete or self._written:
            self._write("\n")

    def _clear(self) -> None:
        if self._waiting is not None:
            self._region.draw()

    def _stop_waiting(self) -> None:
        self._clear()
        self._waiting = None

"""The line that a terminal shows until an answer begins."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from ...event_descriptions import describe
from ...events import Queued, Retrying, Started
from ...sanitize import one_line

if TYPE_CHECKING:
    from ...events import Event

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class WaitingLine:
    """A spinner, what the Space is doing, and the seconds that have passed and are left."""

    def __init__(self, name: str) -> None:
        self._says = f"Asking {one_line(name)}"
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
        """Return the line, in a width."""
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

"""What a function is doing, as lines on standard error: a waiting line, or progress bars."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...event_descriptions import amount
from ...events import Completed, Progress, Values
from .live_lines import LiveLines, size
from .sanitize import one_line
from .waiting_line import WaitingLine

if TYPE_CHECKING:
    from ...events import Event

_CELLS = 24
"""The width of a bar."""
_MOST = 5
"""Bars that are shown at a time."""


class ProgressBars:
    """Live lines below the values: a bar for each thing that a function counts.

    Args:
        name: The name of the app.
    """

    def __init__(self, name: str) -> None:
        self._waiting = WaitingLine(name)
        self._bars: dict[str, Progress] = {}
        self._lines = LiveLines(sys.stderr)

    def feed(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Progress):
            self._bars.pop(event.description or "", None)
            self._bars[event.description or ""] = event
            while len(self._bars) > _MOST:
                self._bars.pop(next(iter(self._bars)))
        elif isinstance(event, Values | Completed):
            self._bars.clear()
        else:
            self._waiting.feed(event)

    def draw(self, above: Sequence[str] = ()) -> None:
        """Show what has changed, below other lines that may change."""
        width = size(sys.stderr)[0] - 1
        bars = [_bar(each, width) for each in self._bars.values()]
        if not (bars or above):
            bars = [self._waiting.line(width)]
        self._lines.draw(live=[*above, *bars])

    def clear(self) -> None:
        """Take the lines away; `draw` brings them back."""
        self._lines.draw()


def _bar(progress: Progress, width: int) -> str:
    """Return a bar, as wide as there is room for."""
    from rich.cells import cell_len, set_cell_size

    done = fraction(progress)
    name = one_line(progress.description or "Working")
    filled = "" if done is None else "━" * round(done * _CELLS)
    bar = "" if done is None else f"{filled}{'─' * (_CELLS - len(filled))} "
    line = f"{bar}{one_line(amount(progress))}"
    room = max(width - cell_len(line) - 1, 0)
    if cell_len(name) > room:
        name = set_cell_size(name, max(room - 1, 0)) + "…"
    line = f"{name} {line}"
    return line if cell_len(line) <= width else set_cell_size(line, width)


def fraction(progress: Progress) -> float | None:
    """Return which part is done, from 0 to 1; None where nobody knows."""
    done = progress.progress
    if done is None and progress.index is not None and progress.length:
        done = progress.index / progress.length
    return None if done is None else min(max(done, 0.0), 1.0)

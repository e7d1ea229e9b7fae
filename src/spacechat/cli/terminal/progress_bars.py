"""What a function is doing, as lines on standard error: a waiting line, or progress bars."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...event_descriptions import amount
from ...events import Completed, Progress, Values
from ...sanitize import one_line
from .live_lines import LiveLines, size
from .waiting_line import WaitingLine

if TYPE_CHECKING:
    from ...events import Event

_CELLS = 24
"""The width of a bar, where there is room for it."""
MOST_BARS = 5
"""Bars that are shown at a time."""


class ProgressBars:
    """Live lines below the values: a bar for each thing that a function counts.

    An app sends all its bars whenever one of them moves, the outermost first.

    Args:
        name: The name of the app.
    """

    def __init__(self, name: str) -> None:
        self._waiting = WaitingLine(name)
        self._bars: list[Progress] = []
        self._have_moved = False  # Since the last value.
        self._lines = LiveLines(sys.stderr)

    def feed(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Progress):
            self._bars = [*self._bars[: min(event.depth, MOST_BARS - 1)], event]
            self._have_moved = True
        elif isinstance(event, Values | Completed):
            if not self._have_moved:
                self._bars.clear()
            self._have_moved = False
        else:
            self._waiting.feed(event)

    def draw(self, above: Sequence[str] = ()) -> None:
        """Show what has changed, below other lines that may change."""
        width = size(sys.stderr)[0] - 1
        lines = [*above, *_drawn(self._bars, width)]
        self._lines.draw(live=lines or [self._waiting.line(width)])

    def clear(self) -> None:
        """Take the lines away; `draw` brings them back."""
        self._lines.draw()


def _drawn(bars: Sequence[Progress], width: int) -> list[str]:
    """Return the lines of bars, one below the other, as wide as there is room for."""
    from rich.cells import cell_len, set_cell_size

    names = [one_line(each.description or "Working") for each in bars]
    amounts = [one_line(amount(each)) for each in bars]
    room = width - max(map(cell_len, amounts), default=0) - 2
    column = min(max(map(cell_len, names), default=0), max(room // 2, room - _CELLS, 0))
    cells = max(min(room - column, _CELLS), 0)
    lines: list[str] = []
    for text, bar, done in zip(names, bars, amounts, strict=True):
        name = text
        if cell_len(text) > column:
            name = f"{set_cell_size(text, max(column - 1, 0)).rstrip()}…"
        line = " ".join(filter(None, [set_cell_size(name, column), _bar(bar, cells), done]))
        lines.append(set_cell_size(line, width).rstrip())
    return lines


def _bar(progress: Progress, cells: int) -> str:
    """Return a bar of some cells; none where nobody knows how much is done."""
    done = fraction(progress)
    if done is None:
        return ""
    filled = round(done * cells)
    return "━" * filled + "─" * (cells - filled)


def fraction(progress: Progress) -> float | None:
    """Return which part is done, from 0 to 1; None where nobody knows."""
    done = progress.progress
    if done is None and progress.index is not None and progress.length:
        done = progress.index / progress.length
    return None if done is None else min(max(done, 0.0), 1.0)

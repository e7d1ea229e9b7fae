"""The lines at the bottom of a terminal that may still change.

Everything above them is final and scrolls away like any output. Only lines that have changed are
written, all in one write, so nothing flickers.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

_STYLES = re.compile(r"\x1b\[[\d;]*m")
_WIDEST = 100
"""The largest width of text, in columns; longer lines are hard to read."""

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"  # Synchronized output, for terminals that support it.


def plain(line: str) -> str:
    """Return a line without its styles."""
    return _STYLES.sub("", line)


def size(file: TextIO) -> tuple[int, int]:
    """Return a terminal's columns and lines; 80 and 24 if they are unknown."""
    try:
        columns, lines = os.get_terminal_size(file.fileno())
    except (OSError, ValueError):
        columns = lines = 0
    return columns or 80, lines or 24


def text_width(file: TextIO) -> int:
    """Return the columns of an answer's lines on a terminal."""
    return max(min(size(file)[0] - 1, _WIDEST), 8)


def can_redraw(file: TextIO) -> bool:
    """Return whether a file is a terminal on which lines can be drawn again."""
    if not file.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        from rich.console import Console

        return not Console(file=file).legacy_windows
    return True


class LiveLines:
    """The lines that may change; at first a single empty one, at the cursor.

    Lines must be narrower than the terminal, and there must be fewer than its rows.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines = [""]
        self._columns = size(file)[0]

    def draw(self, final: Sequence[str] = (), live: Sequence[str] = ()) -> None:
        """Replace the live lines by final ones, with new live lines below them."""
        lines = [*final, *(live or [""])]
        old, self._lines = self._lines, lines[len(final) :]
        same, up = 0, len(old) - 1
        columns = size(self._file)[0]
        if columns == self._columns:
            while same < min(len(old), len(lines)) and old[same] == lines[same]:
                same += 1
            if same == len(old) == len(lines):
                return
            same = min(same, len(old) - 1)  # The cursor can only move to an existing line.
            up -= same
        else:
            self._columns = columns
            up = _height(old, columns) - 1
        out = [_BEGIN, f"\x1b[{up}A" if up else "", "\r"]
        out += ["\x1b[K\n".join(lines[same:]), "\x1b[K"]
        if len(lines) < len(old) or up != len(old) - 1 - same:
            out.append("\x1b[J")
        self._file.write("".join([*out, _END]))
        self._file.flush()

    def close(self) -> None:
        """Make the live lines final, and begin a new line."""
        if self._lines != [""]:
            self.draw(self._lines)


def _height(lines: Sequence[str], columns: int) -> int:
    """Return the rows that lines take on a terminal that has become narrower and wraps them."""
    from rich.cells import cell_len

    return sum(max(1, -(-cell_len(plain(line)) // columns)) for line in lines)


@contextlib.contextmanager
def quiet_keyboard() -> Iterator[None]:
    """Turn off the echo of typed keys, which would shift the lines; the keys are kept."""
    try:
        import termios
    except ImportError:  # Windows has no such setting.
        yield
        return
    try:
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        if os.tcgetpgrp(terminal) != os.getpgrp():
            raise OSError("a program in the background must leave the terminal alone")
    except (OSError, ValueError, termios.error):
        yield
        return
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)

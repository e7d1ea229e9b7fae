"""The lines at the bottom of a terminal that may still change.

Everything above them is final and scrolls away as any output does. Only lines that differ from
what stands there are written, all of a change at once, so nothing flickers.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

_STYLES = re.compile(r"\x1b\[[\d;]*m")
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"  # Terminals that know these show the change at once.


def plain(line: str) -> str:
    """Return a line without its styles."""
    return _STYLES.sub("", line)


def size(file: TextIO) -> tuple[int, int]:
    """Return a terminal's columns and lines; 80 and 24 where it doesn't tell."""
    try:
        columns, lines = os.get_terminal_size(file.fileno())
    except (OSError, ValueError):
        columns = lines = 0
    return columns or 80, lines or 24


class LiveLines:
    """The lines that may change; at first an empty one, where the cursor is.

    Lines must be narrower than the terminal, and fewer than it has.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines = [""]
        self._columns = size(file)[0]

    def draw(self, final: Sequence[str] = (), live: Sequence[str] = ()) -> None:
        """Put lines that stay in the region's place, and the region below them."""
        lines = [*final, *(live or [""])]
        old, self._lines = self._lines, lines[len(final) :]
        same, up = 0, len(old) - 1
        columns = size(self._file)[0]
        if columns == self._columns:
            while same < min(len(old), len(lines)) and old[same] == lines[same]:
                same += 1
            if same == len(old) == len(lines):
                return
            same = min(same, len(old) - 1)  # The cursor can go to a line that is there.
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
        """Leave the region's lines where they are, and go to a new one."""
        if self._lines != [""]:
            self.draw(self._lines)


def _height(lines: Sequence[str], columns: int) -> int:
    """Return how many rows lines take on a terminal that has become narrower, and wraps them."""
    from rich.cells import cell_len

    return sum(max(1, -(-cell_len(plain(line)) // columns)) for line in lines)


@contextlib.contextmanager
def quiet_keyboard() -> Iterator[None]:
    """Show nothing of what is typed meanwhile, which would shift the lines; it isn't lost."""
    try:
        import termios
    except ImportError:  # Windows, which has no such thing
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

"""A text that grows, as lines of a terminal: those that are final, and those that may change.

A block is final when the next one has begun. The last one is drawn again with each piece, so it
must not outgrow the screen: what has scrolled away can't be drawn again. A block that does is cut
in two where the lines of the two halves are just those of the whole, and the first half is final.
Where there is no such place, as in a table, only its last lines are shown until it is complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .live_lines import plain

_SPACE = re.compile(r"\s+")
_LINE = re.compile(r"\n+(?! )")
_RULE = re.compile(r"^ {0,3}(?:\*[ \t]*){3,}$", re.MULTILINE)
"""A line across the page, whose asterisks are no emphasis."""


class ScrollingText:
    """A growing text.

    Args:
        render: Lays a text out in a width, without blank lines around it.
        closed: Returns the length of the blocks that can't change any more.
        opening: Returns the line that a part of a block must begin with, too.
        gap: Whether a blank line comes before the text.
    """

    def __init__(
        self,
        render: Callable[[str, int], list[str]],
        closed: Callable[[str], int],
        opening: Callable[[str], str],
        *,
        gap: bool = False,
    ) -> None:
        self._render = render
        self._closed = closed
        self._find_opening = opening
        self._done: list[str] = []  # the source of what is final
        self._pieces: list[str] = []  # the source of what isn't
        self._opening = ""  # the line that it must begin with, too
        self._gap = gap  # whether a blank line comes before it
        self._patience = 0  # lines that it has to have before another cut is tried

    def extend(self, text: str) -> None:
        """Add to the text."""
        self._pieces.append(text)

    def replace(self, text: str) -> bool:
        """Put another text in its place; False where that contradicts what is final."""
        done = "".join(self._done)
        if not text.startswith(done):
            return False
        self._pieces = [text[len(done) :]]
        self._patience = 0
        return True

    def lines(self, width: int, room: int) -> tuple[list[str], list[str]]:
        """Return the lines that are final now, and the others: no more than there is room for."""
        final: list[str] = []
        source = self._source()
        end = self._closed(source)
        if end > len(self._opening):
            final += self._finish(source, end, width)
            source = self._source()
        live = self._render(source, width)
        if len(live) + self._gap > room:
            final += self._cut(source, live, width, room)
            source = self._source()
            live = self._render(source, width)
        if live and self._gap:
            live.insert(0, "")
        return final, live[-room:]

    def finish(self, width: int) -> list[str]:
        """Return the lines that are left; all are final."""
        source = self._source()
        return self._finish(source, len(source), width)

    def _source(self) -> str:
        self._pieces = ["".join(self._pieces)]
        return self._opening + self._pieces[0]

    def _take(self, source: str, end: int) -> None:
        """Let the source up to an index be final."""
        self._done.append(source[len(self._opening) : end])
        self._pieces = [source[end:]]
        self._patience = 0

    def _finish(self, source: str, end: int, width: int) -> list[str]:
        found = self._render(source[:end], width)
        self._take(source, end)
        self._opening = ""
        if found and self._gap:
            found.insert(0, "")
        self._gap = self._gap or bool(found)
        return found

    def _cut(self, source: str, whole: Sequence[str], width: int, room: int) -> list[str]:
        """Return the first lines of a block that is too long, which become final."""
        if len(whole) < self._patience:
            return []
        target = len(whole) - room // 2
        opening = self._find_opening(source)
        pattern = _LINE if opening else _SPACE
        places = [
            found.end()
            for found in pattern.finditer(source, len(opening))
            if found.end() < len(source)
        ]
        for place in self._candidates(source, places, target, width):
            first = self._render(source[:place], width)
            rest = self._render(opening + source[place:], width)
            after = list(whole[len(first) :])
            gap = 0
            while gap < len(after) and not after[gap]:
                gap += 1
            if _same(first, whole[: len(first)]) and _same(rest, after[gap:]):
                self._take(source, place)
                self._opening = opening
                if self._gap:
                    first.insert(0, "")
                self._gap = False
                return [*first, *after[:gap]]
        self._patience = len(whole) + max(room // 4, 1)
        return []

    def _candidates(
        self, source: str, places: Sequence[int], target: int, width: int
    ) -> Sequence[int]:
        """Return the places in a source that are worth trying as the end of its first lines."""
        found: list[int] = []
        high = len(places)
        for lines in range(target, max(target - 3, 0), -1):
            low = 0
            while low < high:
                middle = (low + high) // 2
                if len(self._render(source[: places[middle]], width)) > lines:
                    high = middle
                else:
                    low = middle + 1
            if low:
                found.append(places[low - 1])
        last = found[0] if found else 0
        starts = [place for place in places if place <= last and source[place - 1] == "\n"]
        tried = [*found, *reversed(starts[-4:])]
        return [place for place in dict.fromkeys(tried) if _balanced(source[:place])]


def _same(lines: Sequence[str], others: Sequence[str]) -> bool:
    return [plain(line) for line in lines] == [plain(line) for line in others]


def _balanced(source: str) -> bool:
    """Tell whether no emphasis or code is open at the end, as far as counting shows."""
    if source.startswith(("```", "~~~")):
        return True
    block = _RULE.sub("", source.rpartition("\n\n")[2])
    return not (block.count("**") % 2 or block.count("`") % 2)

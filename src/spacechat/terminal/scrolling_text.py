"""A growing text as lines of a terminal: final ones, and ones that may still change.

A block is final when the next one has begun. The last one is drawn again with each piece, so it
must not outgrow the screen: lines that have scrolled away can't be drawn again. A block that does
is cut in two at a place where the lines of the halves are just those of the whole, and the first
half becomes final. If there is no such place, as in a table, only its last lines are shown until
it is complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .live_lines import plain

_SPACE = re.compile(r"\s+")
_LINE = re.compile(r"\n+(?! )")
_RULE = re.compile(r"^ {0,3}(?:\*[ \t]*){3,}$", re.MULTILINE)
"""A thematic break, whose asterisks are not emphasis."""


class ScrollingText:
    """A growing text on a terminal.

    The source is `_done` (final) followed by `_pieces` (not final). `_opening` is the opening fence
    of a code block whose first lines are final already: the rest is laid out after it.

    Args:
        render: Lays a text out in a width, without blank lines around it.
        closed: Returns the length of the blocks that no later text can change.
        opening: Returns the line that a later part of a block must begin with.
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
        self._done: list[str] = []  # The final source.
        self._pieces: list[str] = []  # The source that is not final.
        self._opening = ""  # The line that it must begin with.
        self._gap = gap  # Whether a blank line comes before it.
        self._patience = 0  # The number of lines that is worth another try to cut.

    def extend(self, text: str) -> None:
        """Add to the text."""
        self._pieces.append(text)

    def replace(self, text: str) -> bool:
        """Replace the text; return False if that contradicts its final lines."""
        done = "".join(self._done)
        if not text.startswith(done):
            return False
        self._pieces = [text[len(done) :]]
        self._patience = 0
        return True

    def lines(self, width: int, room: int) -> tuple[list[str], list[str]]:
        """Return the lines that are final now, and the last of the others, as many as have room."""
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
        """Return the remaining lines; all are final."""
        source = self._source()
        return self._finish(source, len(source), width)

    def _source(self) -> str:
        self._pieces = ["".join(self._pieces)]
        return self._opening + self._pieces[0]

    def _make_final(self, source: str, end: int) -> None:
        """Make the source up to an index final."""
        self._done.append(source[len(self._opening) : end])
        self._pieces = [source[end:]]
        self._patience = 0

    def _finish(self, source: str, end: int, width: int) -> list[str]:
        lines = self._render(source[:end], width)
        self._make_final(source, end)
        self._opening = ""
        if lines and self._gap:
            lines.insert(0, "")
        self._gap = self._gap or bool(lines)
        return lines

    def _cut(self, source: str, whole: Sequence[str], width: int, room: int) -> list[str]:
        """Make the first lines of a block that is too long final, and return them."""
        if len(whole) < self._patience:
            return []
        target = len(whole) - room // 2
        opening = self._find_opening(source)
        pattern = _LINE if opening else _SPACE
        places = [
            match.end()
            for match in pattern.finditer(source, len(opening))
            if match.end() < len(source)
        ]
        for place in self._candidates(source, places, target, width):
            first = self._render(source[:place], width)
            rest = self._render(opening + source[place:], width)
            after = list(whole[len(first) :])
            gap = 0
            while gap < len(after) and not after[gap]:
                gap += 1
            if _same(first, whole[: len(first)]) and _same(rest, after[gap:]):
                self._make_final(source, place)
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
        """Return the places at which the source may be cut, the most promising first."""
        # Each try lays the text out, so the last place whose lines fit is found by bisection: for
        # the target, and for one and two lines less. The number of lines may jump, as in a table,
        # so `_cut` checks each candidate. Failing these, the starts of lines before them are tried.
        ends: list[int] = []
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
                ends.append(places[low - 1])
        last = ends[0] if ends else 0
        starts = [place for place in places if place <= last and source[place - 1] == "\n"]
        tried = [*ends, *reversed(starts[-4:])]
        return [place for place in dict.fromkeys(tried) if _balanced(source[:place])]


def _same(lines: Sequence[str], others: Sequence[str]) -> bool:
    return [plain(line) for line in lines] == [plain(line) for line in others]


def _balanced(source: str) -> bool:
    """Return whether no emphasis or code is open at the end, as far as counting shows."""
    if source.startswith(("```", "~~~")):
        return True
    block = _RULE.sub("", source.rpartition("\n\n")[2])
    return not (block.count("**") % 2 or block.count("`") % 2)

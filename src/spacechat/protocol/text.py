"""A text that grows piece by piece, and the prefix that two texts share."""

from __future__ import annotations

from typing import AnyStr

_BLOCK = 1024
"""Pieces that are joined into a block: a list of short strings takes ten times the memory."""


class GrowingText:
    """A text that is extended piece by piece, at a cost that depends on the piece only."""

    __slots__ = ("_blocks", "_pieces")

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._pieces: list[str] = []

    def append(self, piece: str) -> None:
        """Extend the text by a piece."""
        pieces = self._pieces
        pieces.append(piece)
        if len(pieces) == _BLOCK:
            self._blocks.append("".join(pieces))
            pieces.clear()

    def replace(self, text: str) -> None:
        """Replace the whole text."""
        self._blocks.clear()
        self._pieces[:] = (text,)

    def __str__(self) -> str:
        if self._blocks or len(self._pieces) > 1:
            self.replace("".join([*self._blocks, *self._pieces]))
        return self._pieces[0] if self._pieces else ""


def common_prefix(old: AnyStr, new: AnyStr) -> int:
    """Return the length of the prefix that two texts share, in characters or bytes."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low

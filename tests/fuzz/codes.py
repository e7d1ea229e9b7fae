"""Codes: bytes that stand for choices, so that every sequence of bytes is something to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Codes:
    """Reads choices out of bytes; past the end there are only zeros.

    Args:
        data: The bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_over(self) -> bool:
        """Whether all bytes were read."""
        return self._at >= len(self._data)

    def byte(self) -> int:
        """Return the next byte."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def one(self, choices: Sequence[_T]) -> _T:
        """Return one of some choices; the first, past the end."""
        return choices[self.byte() % len(choices)]

    def text(self, words: Sequence[str]) -> str:
        """Return up to three words in a row, or a text whose bytes come next."""
        count = self.byte()
        if count < 240:
            return "".join(self.one(words) for _ in range(count & 3))
        start, self._at = self._at, self._at + (count & 15)
        return self._data[start : self._at].decode("utf-8", "replace")

    def rest(self) -> bytes:
        """Return the bytes that were not read."""
        return self._data[self._at :]

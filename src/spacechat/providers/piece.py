"""A piece of an answer."""

from __future__ import annotations


class TextPiece(str):
    """A piece of an answer: a string that also has itself as `.content`."""

    __slots__ = ()

    @property
    def content(self) -> str:
        """The piece as a plain string."""
        return str(self)

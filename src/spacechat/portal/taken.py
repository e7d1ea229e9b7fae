"""The events that a caller has taken out of the buffer, and the text of those that it has read."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TypeAlias

from ..events import Event, TextDelta, TextReset

_Read: TypeAlias = tuple[int, tuple[str, ...], tuple[str, ...]]
"""How many events of a batch have been read; the answer, and that before the newest `TextReset`,
in parts (see `_extended`). A plain tuple, since one is made for each token that comes alone."""


class Taken:
    """A batch of events that a caller took at once, and the answer as far as it has read them.

    The caller reads an event by taking it from `left`, which costs nothing else. The text is added
    up when somebody looks, in whichever thread. That needs no lock, since nothing that is looked at
    changes, but for two things: `left` gets shorter, and what was added up is kept as one immutable
    value for the next who looks. Threads that look at the same time add up the same twice at worst,
    and any of their values may be kept, since each says how many events it is the text of.

    Args:
        batch: The events.
        after: The batch before it, of which nothing more is read, or None.

    Attributes:
        left: The events that have not been read.
    """

    __slots__ = ("_batch", "_read", "left")

    def __init__(self, batch: Sequence[Event] = (), after: Taken | None = None) -> None:
        self.left: deque[Event] = deque(batch)
        self._batch = batch
        _, text, previous = (0, (), ()) if after is None else after._look()
        self._read: _Read = (0, text, previous)

    @property
    def text(self) -> str:
        """The answer as far as it was read."""
        return "".join(self._look()[1])

    @property
    def previous_text(self) -> str:
        """The answer before the newest `TextReset` that was read."""
        return "".join(self._look()[2])

    def _look(self) -> _Read:
        """Add up what was read since somebody looked."""
        read = self._read
        count = len(self._batch) - len(self.left)
        number, text, previous = read
        if count <= number:
            return read
        new: list[str] = []
        for event in self._batch[number:count]:
            if type(event) is TextDelta:
                new.append(event.text)
            elif type(event) is TextReset:
                previous = _extended(text, "".join(new))
                text = (event.text,)
                new.clear()
        self._read = read = (count, _extended(text, "".join(new)), previous)
        return read


def _extended(text: tuple[str, ...], piece: str) -> tuple[str, ...]:
    """Return a text in parts, with one more piece.

    Each part is more than twice as long as the one after it, so there are few. A character is only
    copied into a part that is half as long again as the one that it was in, or longer; so it is not
    copied often.
    """
    kept, length = len(text), len(piece)
    while kept and len(text[kept - 1]) <= 2 * length:
        kept -= 1
        length += len(text[kept])
    return (*text[:kept], "".join((*text[kept:], piece))) if piece else text

"""Stops: the texts at which an answer ends; does no I/O."""

from __future__ import annotations

from collections.abc import Sequence


class Stops:
    """Finds the end of an answer, for a reader that can't take back what was handed on.

    Text that may be the beginning of a stop is held back until more text decides, which is less
    than the longest stop.

    Attributes:
        reached: Whether a stop has come.

    Args:
        stops: The texts that end it.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.reached: bool = False
        self._stops = stops
        self._held = ""

    def feed(self, text: str) -> str:
        """Take more of the answer; return the text that is surely no part of a stop."""
        if not self._stops:
            return text
        text = self._held + text
        ends = [index for stop in self._stops if (index := text.find(stop)) >= 0]
        if ends:
            self.reached = True
            self._held = ""
            return text[: min(ends)]
        held = max(_overlap(text, stop) for stop in self._stops)
        cut = len(text) - held
        self._held = text[cut:]
        return text[:cut]

    def whole(self, text: str) -> str:
        """Take the whole answer at once; return the text before the first stop."""
        return self.feed(text) + self.rest()

    def rest(self) -> str:
        """Return the text held back; to be called when nothing more comes."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of a text may begin a stop."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0

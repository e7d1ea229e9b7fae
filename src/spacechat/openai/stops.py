"""Stops: the texts at which an answer ends; does no I/O."""

from __future__ import annotations

from collections.abc import Sequence

from ..events import Event, TextReset


class Stops:
    """Finds the end of an answer, for a reader that can't take back what was handed on.

    Text that may be the beginning of a stop is held back until more text decides, which is less
    than the longest stop.

    Attributes:
        reached: Whether a stop has come.
        given: How many characters of the answer were handed on. Once all of it or a stop has come,
            this is where the answer ends.

    Args:
        stops: The texts that end it.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.reached: bool = False
        self.given: int = 0
        self._stops = stops
        self._held = ""

    def take(self, event: Event, new_text: str) -> str:
        """Take an event of the answer; return the text that it adds to what was handed on.

        A rewritten text may have a stop where the old one had none, or none where it had one.

        Args:
            event: The event.
            new_text: The text that it adds for a reader that can't take back what was shown.
        """
        if not isinstance(event, TextReset):
            return self.feed(new_text)
        shared = len(event.text) - len(new_text)
        shown = min(shared, self.given)
        self.reached, self.given, self._held = False, 0, ""
        return self.feed(event.text)[shown:]

    def feed(self, text: str) -> str:
        """Take more of the answer; return the text that is surely no part of a stop."""
        text = self._before_stop(self._held + text)
        self.given += len(text)
        return text

    def _before_stop(self, text: str) -> str:
        """Return a text up to the first stop, or to what may begin one, which is held back."""
        if not self._stops:
            return text
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
        self.given += len(held)
        return held


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of a text may begin a stop."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0

"""A model's thoughts as people read them: each under its title."""

from __future__ import annotations

from ..events import Reasoning
from .reading import SEPARATOR
from .text import GrowingText


class Thoughts:
    """The thoughts so far, as a text that grows."""

    def __init__(self) -> None:
        self._said = GrowingText()
        self._shown = GrowingText()
        self._last = ""  # What was shown last.
        self._title: str | None = None

    @property
    def text(self) -> str:
        """What there is to read."""
        return str(self._shown)

    def add(self, event: Reasoning) -> str:
        """Take a piece; return what it adds to the text."""
        self._said.append(event.text)
        added = event.text
        if event.title is not None and event.title != self._title:
            gap = "" if not self._last else "\n" if self._last.endswith("\n") else SEPARATOR
            title = " ".join(event.title.split())
            added = f"{gap}{title}\n{event.text.removeprefix(SEPARATOR)}"
        self._title = event.title
        self._last = added or self._last
        self._shown.append(added)
        return added

    def end(self, reasoning: str) -> None:
        """Take the whole of the thoughts; the titles stay if it is what the pieces said."""
        if str(self._said) != reasoning:
            self._shown.replace(reasoning)

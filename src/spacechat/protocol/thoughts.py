"""A model's thoughts as a display shows them: each under its title."""

from __future__ import annotations

from ..events import Reasoning
from .reading import SEPARATOR
from .text import GrowingText


class Thoughts:
    """Lays the thoughts out as a text that grows."""

    def __init__(self) -> None:
        self._received = GrowingText()
        self._shown = GrowingText()
        self._last = ""  # The newest piece of `_shown`.
        self._title: str | None = None

    @property
    def text(self) -> str:
        """The thoughts under their titles."""
        return str(self._shown)

    def add(self, event: Reasoning) -> str:
        """Add a piece of a thought; return the text that it adds."""
        self._received.append(event.text)
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
        """Set the final text of all thoughts; the titles stay if the pieces made up this text."""
        if str(self._received) != reasoning:
            self._shown.replace(reasoning)

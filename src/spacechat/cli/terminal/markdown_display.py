"""An answer as Markdown on a terminal, laid out while it comes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ...event_descriptions import describe
from ...events import Log, Reasoning, TextDelta, TextReset
from ...protocol.thoughts import Thoughts
from ...sanitize import harmless, one_line
from .live_lines import LiveLines, quiet_keyboard, size
from .markdown import Layout, closed_length, opening_fence
from .scrolling_text import ScrollingText
from .waiting_line import WaitingLine

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ...events import Event

_WIDEST = 100
"""The largest width of text, in columns; longer lines are hard to read."""


class MarkdownDisplay:
    """Shows a waiting line, then the thoughts, dimmed, then the answer as Markdown.

    Args:
        name: The name of the Space.
    """

    def __init__(self, name: str) -> None:
        self._waiting = WaitingLine(name)
        self._layout = Layout(sys.stdout)
        self._lines = LiveLines(sys.stdout)
        self._flow: ScrollingText | None = None
        self._thinks = False  # Whether the flow holds thoughts.
        self._thoughts = Thoughts()
        self._earlier = ""  # The answer in earlier flows.
        self._answer: list[str] = []  # The answer in this flow.
        self._final: list[str] = []  # Lines to put above the flow's.
        self._notices: list[str] = []
        self._changed = False
        self._keyboard: AbstractContextManager[None] = quiet_keyboard()
        self._keyboard.__enter__()

    def feed(self, event: Event, text: str) -> None:
        """Take an event."""
        if isinstance(event, TextDelta):
            self._turn_to(thoughts=False).extend(self._keep(harmless(event.text)))
        elif isinstance(event, TextReset):
            self._rewrite(harmless(event.text))
        elif isinstance(event, Reasoning):
            self._think(harmless(self._thoughts.add(event)))
        elif isinstance(event, Log):
            self._notices.append(self._layout.styled(one_line(describe(event, short=True)), "dim"))
        else:
            self._waiting.feed(event)
            return
        self._changed = True

    def draw(self) -> None:
        """Show what has changed."""
        if self._flow is None:
            self._lines.draw(self._notices, [self._waiting.line(size(sys.stdout)[0] - 1)])
            self._notices = []
        elif self._changed:
            width, room = self._room()
            final, live = self._flow.lines(width, room)
            self._lines.draw([*self._final, *final], live)
            self._final = []
            self._changed = False

    def close(self) -> None:
        """Show what is left."""
        try:
            self._end_flow()
            self._lines.draw([*self._final, *self._notices])
        finally:
            self._keyboard.__exit__(None, None, None)

    def _room(self) -> tuple[int, int]:
        columns, lines = size(sys.stdout)
        return max(min(columns - 1, _WIDEST), 8), max(lines - 1, 1)

    def _keep(self, text: str) -> str:
        self._answer.append(text)
        return text

    def _think(self, text: str) -> None:
        goes_on = self._flow is not None and self._thinks
        # Leading blank lines only separate this thought from an earlier one.
        self._turn_to(thoughts=True).extend(text if goes_on else text.lstrip("\n"))

    def _turn_to(self, *, thoughts: bool) -> ScrollingText:
        """Return the flow for thoughts, or for the answer; end the other."""
        if self._flow is None or self._thinks != thoughts:
            gap = self._flow is not None
            self._end_flow()
            self._thinks = thoughts
            layout = self._layout
            self._flow = (
                ScrollingText(layout.thoughts, lambda _: 0, lambda _: "", gap=gap)
                if thoughts
                else ScrollingText(layout.markdown, closed_length, opening_fence, gap=gap)
            )
        return self._flow

    def _end_flow(self) -> None:
        if self._flow is not None:
            self._final += self._flow.finish(self._room()[0])
            self._earlier += "".join(self._answer)
            self._answer = []
            self._flow = None

    def _rewrite(self, text: str) -> None:
        flow = self._turn_to(thoughts=False)
        rest = text.removeprefix(self._earlier)
        if len(rest) + len(self._earlier) != len(text) or not flow.replace(rest):
            # Lines that have scrolled away can't be changed.
            self._end_flow()
            self._final += ["", self._layout.styled("The Space rewrote its answer:", "dim")]
            self._earlier, rest = "", text
            self._flow = ScrollingText(
                self._layout.markdown, closed_length, opening_fence, gap=True
            )
            self._flow.extend(text)
        self._answer = [rest]

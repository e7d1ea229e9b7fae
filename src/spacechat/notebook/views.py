"""What a view of a growing answer does, and the views that print it or draw it again and again."""

from __future__ import annotations

import abc
import math
import sys
import time
from typing import TYPE_CHECKING

from .. import markup
from ..event_descriptions import describe
from ..events import Completed, Reasoning, Retrying, names_and_urls
from ..protocol.thoughts import Thoughts
from ..sanitize import harmless

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..events import Event
    from ..streaming.chat_stream import AsyncChatStream
    from ..streaming.reply import Reply
    from ..sync import ChatStream

INTERVAL = 1 / 15
"""Seconds between two drawings of an answer, at least."""

SHARE = 0.2
"""The share of time that drawing may take; each time, the whole answer is drawn."""


class View:
    """Shows an answer by printing it; a context manager.

    Args:
        stream: The stream of the answer.
    """

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        self._stream = stream

    def open(self) -> None:
        """Show that the question is asked."""

    def take(self, event: Event) -> None:
        """Take an event."""
        text = self._stream.new_text(event)
        # A terminal must not obey control characters of a Space.
        sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
        sys.stdout.flush()

    def patience(self) -> float | None:
        """Return the seconds until the next drawing is due, or None if nothing has changed."""
        return None

    def draw(self) -> None:
        """Show what has changed, if a drawing is due."""

    def finish(self, reply: Reply) -> None:
        """Show the whole answer; the block of the view has ended."""
        sys.stdout.write("" if reply.text.endswith("\n") else "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._stream.text:
            sys.stdout.write("\n")


class RedrawnView(View, abc.ABC):
    """Shows an answer by drawing all of it again; a long one, which takes longer, less often."""

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        super().__init__(stream)
        self._due = math.inf  # When the next drawing is due, by `time.monotonic`,
        self._free = 0.0  # and the earliest time at which it may be.

    @abc.abstractmethod
    def redraw(self) -> None:
        """Show the answer as it is now."""

    def take(self, event: Event) -> None:
        self._due = min(self._due, self._free)

    def patience(self) -> float | None:
        if self._due == math.inf:
            return None
        return max(0.0, self._due - time.monotonic())

    def draw(self) -> None:
        if self.patience() != 0:
            return
        began = time.monotonic()
        self.redraw()
        now = time.monotonic()
        self._due = math.inf
        self._free = now + max(INTERVAL, (now - began) / SHARE)


class MarkdownView(RedrawnView):
    """Shows an answer as Markdown, below the Space's status and the model's thoughts."""

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        super().__init__(stream)
        self._status = "Asking …"
        self._thoughts = Thoughts()

    @abc.abstractmethod
    def publish(self, markdown: str, text: str) -> None:
        """Show Markdown in the place of what was shown, or a text where it can't be shown."""

    def open(self) -> None:
        self.redraw()

    def take(self, event: Event) -> None:
        if isinstance(event, Reasoning):
            self._thoughts.add(event)
        elif isinstance(event, Retrying):
            self._thoughts = Thoughts()
        elif isinstance(event, Completed):
            self._thoughts.end(event.reasoning)
        self._status = describe(event)
        super().take(event)

    def redraw(self) -> None:
        text = self._stream.text
        above = [markup.note(self._status)] if self._status else []
        shown = markup.answer(text, self._thoughts.text, unfolded=not text)
        self.publish("\n\n".join([*above, shown]), text)

    def finish(self, reply: Reply) -> None:
        shown = markup.answer(reply.text, self._thoughts.text, files=names_and_urls(reply.files))
        self.publish(shown, reply.text)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._status = "Stopped before the end of the answer."
            self.redraw()

"""A Space's answer as `llm` takes it: the events of its stream, and the facts for its log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from llm.parts import StreamEvent

from ..events import File, Reasoning
from ..sanitize import harmless

if TYPE_CHECKING:
    from llm.parts import TextPart

    from ..events import Event
    from ..streaming.reply import Reply

_OURS = "spacechat"
"""The name under which the plugin keeps something with a text that `llm` logs."""


class Answer:
    """An answer, event by event.

    `llm` can't take text back. So where a Space rewrites what it has said, the text is what a
    display that only adds would show. The Space's own text goes along with it as metadata, which
    `llm` logs and gives back with the conversation, so that the next question has a true history.

    Args:
        streams: Whether the text is wanted as it comes; else it is given whole at the end.

    Attributes:
        text: What was given as text.
    """

    def __init__(self, *, streams: bool) -> None:
        self.text: str = ""
        self._streams = streams
        self._shown: Callable[[str], str] = harmless if _is_for_terminal() else str

    def feed(self, event: Event, new_text: str) -> Iterator[StreamEvent]:
        """Yield what an event means.

        Args:
            event: The event.
            new_text: The text that it adds to a display.
        """
        if isinstance(event, Reasoning):
            yield StreamEvent(type="reasoning", chunk=self._shown(event.text))
        elif new_text and self._streams:
            yield self._given(new_text)

    def end(self, reply: Reply) -> Iterator[StreamEvent]:
        """Yield what is left: the whole text, the addresses of files, which is all `llm` shows.

        Last is the Space's own text, if `llm` has another.

        Args:
            reply: The whole answer.
        """
        if not self._streams:
            yield self._given(reply.text)
        if reply.files:
            gap = "\n\n" if self.text else ""
            yield self._given(gap + "\n".join(file.url for file in reply.files))
        if self.said(reply) != self.text:
            yield StreamEvent(type="text", chunk="", provider_metadata={_OURS: reply.text})

    def said(self, reply: Reply) -> str:
        """Return what the history has of an answer: the Space's text, or the addresses of files."""
        return reply.text or self.text

    def facts(self, reply: Reply) -> dict[str, object]:
        """Return what the log has of an answer besides its text."""
        facts: dict[str, object] = {
            "model": reply.model,
            "provider": reply.provider.__name__,
            "timings": asdict(reply.timings),
        }
        if reply.files:
            facts["files"] = [File.to_dict(file) for file in reply.files]
        if not self.text.startswith(self._shown(reply.text)):
            facts["text"] = reply.text
        return facts

    def _given(self, text: str) -> StreamEvent:
        shown = self._shown(text)
        self.text += shown
        return StreamEvent(type="text", chunk=shown)


def own_text(parts: Sequence[TextPart]) -> str:
    """Return what a model said in a turn: what a Space said, if that is kept with it."""
    for part in parts:
        own: object = (part.provider_metadata or {}).get(_OURS)
        if isinstance(own, str):
            return own
    return "".join(part.text for part in parts)


def _is_for_terminal() -> bool:
    """Tell whether `llm` writes the answer to a terminal, which obeys control characters."""
    return click.get_current_context(silent=True) is not None and sys.stdout.isatty()

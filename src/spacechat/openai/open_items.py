"""The items of a streamed response, each from the event that opens it to the one that closes it."""

from __future__ import annotations

from typing import ClassVar

from ..events import Reasoning
from ..protocol.thoughts import Thoughts
from . import response_events
from .response_object import Item, OutputText, Part, ReasoningItem, SummaryText


class OpenItem:
    """An item whose text grows.

    Attributes:
        item: The item; its text is in it when it is closed.

    Args:
        item: The item.
        index: Its place in the output.
    """

    _part: ClassVar[type[Part]]
    _added: ClassVar[type[response_events.TextAdded | response_events.SummaryAdded]]
    _delta: ClassVar[type[response_events.TextDelta | response_events.SummaryDelta]]
    _done: ClassVar[type[response_events.TextDone | response_events.SummaryDone]]
    _closed: ClassVar[type[response_events.TextClosed | response_events.SummaryClosed]]

    def __init__(self, item: Item, index: int) -> None:
        self.item: Item = item
        self._index = index

    def begin(self) -> list[response_events.Event]:
        """Return the events that open it."""
        name, index = self.item.id, self._index
        return [
            response_events.ItemAdded(output_index=index, item=self.item),
            self._added(item_id=name, output_index=index, part=self._part()),
        ]

    def grow(self, text: str) -> response_events.Event:
        """Return the event for more of its text."""
        return self._delta(item_id=self.item.id, output_index=self._index, delta=text)

    def end(self, text: str) -> list[response_events.Event]:
        """Return the events that close it.

        Args:
            text: Its final text.
        """
        name, index = self.item.id, self._index
        self.item.close(text, "completed")
        return [
            self._done(item_id=name, output_index=index, text=text),
            self._closed(item_id=name, output_index=index, part=self._part(text=text)),
            response_events.ItemDone(output_index=index, item=self.item),
        ]

    def cut_short(self, text: str) -> None:
        """Close it without events: it stays incomplete.

        Args:
            text: Its text so far.
        """
        self.item.close(text, "incomplete")


class OpenAnswer(OpenItem):
    """The message that is the answer."""

    _part = OutputText
    _added = response_events.TextAdded
    _delta = response_events.TextDelta
    _done = response_events.TextDone
    _closed = response_events.TextClosed


class OpenThoughts(OpenItem):
    """Thoughts between pieces of the answer."""

    _part = SummaryText
    _added = response_events.SummaryAdded
    _delta = response_events.SummaryDelta
    _done = response_events.SummaryDone
    _closed = response_events.SummaryClosed

    def __init__(self, item: ReasoningItem, index: int) -> None:
        super().__init__(item, index)
        self._thoughts = Thoughts()

    @property
    def text(self) -> str:
        """The thoughts so far."""
        return self._thoughts.text

    def think(self, thought: Reasoning) -> response_events.Event:
        """Return the event for a piece of a thought, which may have a title."""
        return self.grow(self._thoughts.add(thought))

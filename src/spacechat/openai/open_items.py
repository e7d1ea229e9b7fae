"""The items of a streamed response, each from the event that opens it to the one that closes it."""

from __future__ import annotations

from typing import ClassVar

from ..events import Reasoning
from ..protocol.text import GrowingText
from ..protocol.thoughts import Thoughts
from . import response_events as events
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
    _added: ClassVar[type[events.TextAdded | events.SummaryAdded]]
    _delta: ClassVar[type[events.TextDelta | events.SummaryDelta]]
    _done: ClassVar[type[events.TextDone | events.SummaryDone]]
    _closed: ClassVar[type[events.TextClosed | events.SummaryClosed]]

    def __init__(self, item: Item, index: int) -> None:
        self.item: Item = item
        self._index = index
        self._text = GrowingText()

    @property
    def text(self) -> str:
        """The text so far."""
        return str(self._text)

    def begin(self) -> list[events.Event]:
        """Return the events that open it."""
        name, index = self.item.id, self._index
        return [
            events.ItemAdded(output_index=index, item=self.item),
            self._added(item_id=name, output_index=index, part=self._part()),
        ]

    def grow(self, text: str) -> events.Event:
        """Return the event for more of its text."""
        self._text.append(text)
        return self._delta(item_id=self.item.id, output_index=self._index, delta=text)

    def end(self, text: str) -> list[events.Event]:
        """Return the events that close it.

        Args:
            text: Its final text.
        """
        name, index = self.item.id, self._index
        self.item.close(text, "completed")
        return [
            self._done(item_id=name, output_index=index, text=text),
            self._closed(item_id=name, output_index=index, part=self._part(text=text)),
            events.ItemDone(output_index=index, item=self.item),
        ]

    def cut_short(self) -> None:
        """Close it without events: it has the text so far, and stays incomplete."""
        self.item.close(self.text, "incomplete")


class OpenAnswer(OpenItem):
    """The message that is the answer."""

    _part = OutputText
    _added = events.TextAdded
    _delta = events.TextDelta
    _done = events.TextDone
    _closed = events.TextClosed


class OpenThoughts(OpenItem):
    """Thoughts between pieces of the answer."""

    _part = SummaryText
    _added = events.SummaryAdded
    _delta = events.SummaryDelta
    _done = events.SummaryDone
    _closed = events.SummaryClosed

    def __init__(self, item: ReasoningItem, index: int) -> None:
        super().__init__(item, index)
        self._thoughts = Thoughts()

    def think(self, thought: Reasoning) -> events.Event:
        """Return the event for a piece of a thought, which may have a title."""
        return self.grow(self._thoughts.add(thought))

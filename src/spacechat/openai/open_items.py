"""The items of a streamed response, each from the event that opens it to the one that closes it."""

from __future__ import annotations

from typing import ClassVar

from ..events import Reasoning
from ..protocol.text import GrowingText
from ..protocol.thoughts import Thoughts
from . import response_events as events
from .response_object import Item, OutputMessage, OutputText, Part, ReasoningItem, ReasoningText


class OpenItem:
    """An item whose text grows.

    Attributes:
        item: The item; its text is in it when it is closed.

    Args:
        item: The item.
        index: Its place in the output.
    """

    _part: ClassVar[type[Part]]
    _delta: ClassVar[type[events.TextDelta | events.ReasoningDelta]]
    _done: ClassVar[type[events.TextDone | events.ReasoningDone]]

    def __init__(self, item: Item, index: int) -> None:
        self.item = item
        self._index = index
        self._text = GrowingText()

    def begin(self) -> list[events.Event]:
        """Return the events that open it."""
        name, index = self.item.id, self._index
        return [
            events.ItemAdded(output_index=index, item=self.item),
            events.PartAdded(item_id=name, output_index=index, part=self._part(text="")),
        ]

    @property
    def text(self) -> str:
        """The text so far."""
        return str(self._text)

    def grow(self, text: str) -> events.Event:
        """Return the event for more of its text."""
        self._text.append(text)
        return self._delta(item_id=self.item.id, output_index=self._index, delta=text)

    def end(self, text: str) -> list[events.Event]:
        """Return the events that close it.

        Args:
            text: Its final text.
        """
        part = self._part(text=text)
        self.item.status = "completed"
        self.item.content = [part]
        name, index = self.item.id, self._index
        return [
            self._done(item_id=name, output_index=index, text=text),
            events.PartDone(item_id=name, output_index=index, part=part),
            events.ItemDone(output_index=index, item=self.item),
        ]

    def cut_short(self) -> None:
        """Close it without events: it has the text so far, and stays incomplete."""
        self.item.status = "incomplete"
        self.item.content = [self._part(text=self.text)]


class OpenAnswer(OpenItem):
    """The message that is the answer."""

    item: OutputMessage
    _part = OutputText
    _delta = events.TextDelta
    _done = events.TextDone


class OpenThoughts(OpenItem):
    """Thoughts between pieces of the answer."""

    _part = ReasoningText
    _delta = events.ReasoningDelta
    _done = events.ReasoningDone

    def __init__(self, item: ReasoningItem, index: int) -> None:
        super().__init__(item, index)
        self._thoughts = Thoughts()

    def think(self, thought: Reasoning) -> events.Event:
        """Return the event for a piece of a thought, which may have a title."""
        return self.grow(self._thoughts.add(thought))

"""The events of a streamed response, as the API names them.

Each part of the answer is opened, grows, and is closed; `EventSequence` numbers the events.
"""

from __future__ import annotations

import msgspec

from .response_object import Item, Part, ResponseObject


class Event(msgspec.Struct, kw_only=True):
    """Any of the events."""

    sequence_number: int = 0


class _Lifecycle(Event, kw_only=True):
    response: ResponseObject


class Created(_Lifecycle, kw_only=True, tag="response.created"):
    """The response has an id."""


class InProgress(_Lifecycle, kw_only=True, tag="response.in_progress"):
    """The Space is at work."""


class Completed(Event, kw_only=True, tag="response.completed"):
    """The response is complete; it is encoded already, as it is kept."""

    response: msgspec.Raw


class Failed(_Lifecycle, kw_only=True, tag="response.failed"):
    """The response ends early; what there is of the answer is in its output."""


class _OfItem(Event, kw_only=True):
    output_index: int
    item: Item


class ItemAdded(_OfItem, kw_only=True, tag="response.output_item.added"):
    """An item of the output begins."""


class ItemDone(_OfItem, kw_only=True, tag="response.output_item.done"):
    """An item is complete."""


class _OfPart(Event, kw_only=True):
    item_id: str
    output_index: int


class _OfText(_OfPart, kw_only=True):
    content_index: int = 0


class TextAdded(_OfText, kw_only=True, tag="response.content_part.added"):
    """The text of the answer begins."""

    part: Part


class TextDelta(_OfText, kw_only=True, tag="response.output_text.delta"):
    """The text grows."""

    delta: str
    logprobs: tuple[()] = ()


class TextDone(_OfText, kw_only=True, tag="response.output_text.done"):
    """The text is complete."""

    text: str
    logprobs: tuple[()] = ()


class TextClosed(_OfText, kw_only=True, tag="response.content_part.done"):
    """The text is complete; said of it as a part of its item."""

    part: Part


class _OfSummary(_OfPart, kw_only=True):
    summary_index: int = 0


class SummaryAdded(_OfSummary, kw_only=True, tag="response.reasoning_summary_part.added"):
    """The text of thoughts begins."""

    part: Part


class SummaryDelta(_OfSummary, kw_only=True, tag="response.reasoning_summary_text.delta"):
    """The text grows."""

    delta: str


class SummaryDone(_OfSummary, kw_only=True, tag="response.reasoning_summary_text.done"):
    """The text is complete."""

    text: str


class SummaryClosed(_OfSummary, kw_only=True, tag="response.reasoning_summary_part.done"):
    """The text is complete; said of it as a part of its item."""

    part: Part


class EventSequence:
    """Writes events as server-sent events, and numbers them."""

    def __init__(self) -> None:
        self._next = 0

    def write(self, *events: Event) -> bytes:
        """Return the bytes of events."""
        data = b""
        for event in events:
            event.sequence_number = self._next
            self._next += 1
            name = str(event.__struct_config__.tag).encode()
            data += b"event: " + name + b"\ndata: " + msgspec.json.encode(event) + b"\n\n"
        return data

"""Writers of response objects, whole or as events.

Deltas can't be taken back, so they can't express a rewrite (`TextReset`): they go on with what
follows the common prefix of old and new text, as text iteration does. The events that close the
answer hold its final text, as a response in one piece does.

A complete response is kept for follow-ups, if that is wanted. One that has failed is not: a
follow-up would take half an answer for a whole one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from ..events import Completed, Event, Reasoning, TextDelta, TextReset
from ..protocol.text import GrowingText
from . import response_events
from .gathered import Gathered
from .open_items import OpenAnswer, OpenItem, OpenThoughts
from .refusals import Refusal
from .response_object import (
    Failure,
    FailureCode,
    Item,
    OutputMessage,
    ReasoningItem,
    ResponseObject,
    Usage,
)
from .stops import Stops
from .stored_responses import MESSAGE, RESPONSE, THOUGHTS, Dialogue, StoredResponses
from .writer import EVENT_STREAM, Writer

_CODES: Final[Mapping[int, FailureCode]] = {400: "invalid_prompt", 429: "rate_limit_exceeded"}
"""The codes of failures, by HTTP status; of all others: `server_error`."""

_MOST_ITEMS: Final = 1000
"""Items of a streamed response, each of which takes memory of its own."""


class ResponseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a writer has to know of a request.

    Attributes:
        model: The model's name in the request.
        instructions: A system message for this response alone, or None.
        previous_response_id: The response that this one follows, or None.
        metadata: The caller's own notes.
        stops: Texts before which the answer ends.
        ignored: What in the request has no effect.
        dialogue: What was said before the answer, without the instructions.
        stored: Where the complete response is kept; None if nowhere.
    """

    model: str
    instructions: str | None
    previous_response_id: str | None
    metadata: dict[str, str]
    stops: Sequence[str]
    ignored: Sequence[str]
    dialogue: Dialogue
    stored: StoredResponses | None


class _ResponseWriter(Writer):
    """Writes a response."""

    def __init__(self, request: ResponseRequest) -> None:
        super().__init__(request.ignored)
        self._request = request
        self._stops = Stops(request.stops)
        self._gathered = Gathered()
        self._token = secrets.token_hex(24)  # Whoever knows a response's id may read it.
        self._message = OutputMessage(id=MESSAGE + self._token)
        self._response = ResponseObject(
            id=RESPONSE + self._token,
            created_at=int(time.time()),
            instructions=request.instructions,
            metadata=request.metadata,
            model=request.model,
            previous_response_id=request.previous_response_id,
        )

    def _reasoning(self) -> ReasoningItem:
        return ReasoningItem(id=f"{THOUGHTS}{self._token}_{len(self._response.output)}")

    def _described(self) -> ResponseObject:
        """Return the response, with what is known of its request by now."""
        self._response.ignored = self.ignored or UNSET
        self._response.clamped = self.clamped or UNSET
        return self._response

    def _complete(self, text: str) -> bytes:
        """Complete the response, whose output is complete, and keep it; return it as JSON."""
        response, request = self._described(), self._request
        response.status = "completed"
        response.completed_at = int(time.time())
        response.usage = Usage()
        body = msgspec.json.encode(response)
        if request.stored is not None:
            request.stored.add(self._token, body, request.dialogue, text)
        return body


class WholeResponseWriter(_ResponseWriter):
    """Writes a response in one piece."""

    def write(self, event: Event, new_text: str) -> bytes:
        """Take an event; only the last adds anything."""
        self._gathered.take(event)
        if not isinstance(event, Completed):
            return b""
        self._finish()
        if self._gathered.thoughts:
            self._add(self._reasoning(), self._gathered.thoughts)
        text = self._stops.whole(event.text)
        self._message.files = self._gathered.files or UNSET
        self._add(self._message, text)
        return self._complete(text)

    def _add(self, item: Item, text: str) -> None:
        item.close(text, "completed")
        self._response.output.append(item)


class ResponseEventWriter(_ResponseWriter):
    """Writes a response as server-sent events.

    Thoughts and the answer are items of the output. Thoughts end where the answer goes on, and
    later ones are an item of their own, up to `_MOST_ITEMS`: then all further thoughts are in the
    last item. The answer stays one item to the end. Thoughts that the Space has taken back, as when
    it was asked again, are not in the final response.
    """

    content_type: str = EVENT_STREAM

    def __init__(self, request: ResponseRequest) -> None:
        super().__init__(request)
        self._events = response_events.EventSequence()
        self._begun = False
        self._thinking: OpenThoughts | None = None
        self._answer: OpenAnswer | None = None
        self._text = GrowingText()

    def write(self, event: Event, new_text: str) -> bytes:
        """Take an event; return the API's events for it."""
        if isinstance(event, TextDelta):
            self._text.append(event.text)
        if isinstance(event, TextReset):
            self._text.replace(event.text)
        if isinstance(event, TextDelta | TextReset):
            data = self._say(self._stops.take(event, new_text))
            if self._stops.reached:
                self._finish()
            return data
        received = self._gathered.thoughts if isinstance(event, Completed) else ""
        self._gathered.take(event)
        if isinstance(event, Reasoning):
            return self._think(event)
        if isinstance(event, Completed):
            self._finish()
            data = b"" if self._gathered.thoughts == received else self._rethink()
            return data + self._say(self._stops.rest())
        return b""

    def rest(self) -> Iterator[bytes]:
        """Return the last events, one by one."""
        if self._response.status != "in_progress":
            return
        data = self._stop_thinking()
        opened, answer = self._opened_answer()
        if data or opened:
            yield data + opened
        self._message.files = self._gathered.files or UNSET
        for event in answer.end(self._said):
            yield self._events.write(event)
        body = msgspec.Raw(self._complete(self._said))
        yield self._events.write(response_events.Completed(response=body))

    def fail(self, refusal: Refusal) -> bytes:
        """Return the events that end the response with an error; partial text stays in it."""
        self._finish()
        data = self._begin() + self._say(self._stops.rest())
        if self._thinking is not None:
            self._thinking.cut_short(self._thinking.text)
        if self._answer is not None:
            self._answer.cut_short(self._said)
        self._response.status = "failed"
        self._response.error = _failure(refusal)
        return data + self._events.write(response_events.Failed(response=self._response))

    @property
    def _said(self) -> str:
        """The text of the answer, without what comes after a stop."""
        return str(self._text)[: self._stops.given]

    def _begin(self) -> bytes:
        """Return the first events, or nothing if they were sent."""
        if self._begun:
            return b""
        self._begun = True
        response = self._described()
        return self._events.write(
            response_events.Created(response=response),
            response_events.InProgress(response=response),
        )

    def _open(self, opened: OpenItem) -> bytes:
        data = self._begin()
        self._response.output.append(opened.item)
        return data + self._events.write(*opened.begin())

    def _think(self, event: Reasoning) -> bytes:
        data = b""
        if self._thinking is None:
            self._thinking = OpenThoughts(self._reasoning(), len(self._response.output))
            data = self._open(self._thinking)
        return data + self._events.write(self._thinking.think(event))

    def _rethink(self) -> bytes:
        """Let the final thoughts replace those that came; return the events for it.

        Items that are closed stay where they are: the first one has all thoughts then, the others
        none.
        """
        thoughts, closed = self._gathered.thoughts, self._stop_thinking()
        items = [each for each in self._response.output if isinstance(each, ReasoningItem)]
        if not items:
            return self._think(Reasoning(thoughts)) + self._stop_thinking()
        for item in items:
            item.close(thoughts if item is items[0] else "", "completed")
        return closed

    def _stop_thinking(self) -> bytes:
        ended, self._thinking = self._thinking, None
        return b"" if ended is None else self._events.write(*ended.end(ended.text))

    def _say(self, text: str) -> bytes:
        if not text:
            return b""
        data, answer = self._opened_answer()
        return data + self._events.write(answer.grow(text))

    def _opened_answer(self) -> tuple[bytes, OpenAnswer]:
        """Return the item of the answer, and the events for what it ends or begins."""
        full = len(self._response.output) >= _MOST_ITEMS
        data = b"" if full else self._stop_thinking()
        if self._answer is None:
            self._answer = OpenAnswer(self._message, len(self._response.output))
            data += self._open(self._answer)
        return data, self._answer


def _failure(refusal: Refusal) -> Failure:
    """Return an error as a response has it, which knows a few codes only."""
    error = refusal.error
    code: FailureCode = _CODES.get(refusal.status, "server_error")
    return Failure(code=code, message=error.message, type=error.type, param=error.param)

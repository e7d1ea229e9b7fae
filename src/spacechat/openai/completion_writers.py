"""The writers of completions: a response in one piece, and one in chunks; do no I/O.

This API's chunks take nothing back, so they can't express a rewrite (`TextReset`): a stream goes on
with what follows the common prefix of old and new text, as text iteration does. A response that is
not streamed is made of the final text, and always right.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from ..events import Completed, Event, File, Reasoning, TextDelta, TextReset
from ..protocol.thoughts import Thoughts
from .gathered import Gathered
from .refusals import Refusal
from .stops import Stops
from .writer import EVENT_STREAM, Writer


class _Usage(msgspec.Struct):
    """Zeros, as in a response object, under the names that a completion has for them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class _ReplyMessage(msgspec.Struct, kw_only=True):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    reasoning_content: str | UnsetType = UNSET
    files: list[dict[str, str]] | UnsetType = UNSET


class _Delta(msgspec.Struct, kw_only=True):
    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET
    files: list[dict[str, str]] | UnsetType = UNSET


class _Choice(msgspec.Struct, kw_only=True):
    index: int = 0
    message: _ReplyMessage | UnsetType = UNSET
    delta: _Delta | UnsetType = UNSET
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class _Completion(msgspec.Struct, kw_only=True):
    id: str
    object: Literal["chat.completion", "chat.completion.chunk"]
    created: int
    model: str
    choices: list[_Choice]
    usage: _Usage | UnsetType | None = UNSET
    ignored: Sequence[str] | UnsetType = UNSET
    clamped: Mapping[str, float] | UnsetType = UNSET


class _CompletionWriter(Writer):
    """Writes a completion.

    Args:
        model: The model's name in the request.
        stops: Texts before which the answer ends.
        ignored: What in the request has no effect.
    """

    _object: Literal["chat.completion", "chat.completion.chunk"] = "chat.completion"

    def __init__(self, model: str, stops: Sequence[str] = (), ignored: Sequence[str] = ()) -> None:
        super().__init__(ignored)
        self._stops = Stops(stops)
        self._model = model
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())

    def _encode(
        self, choices: list[_Choice], usage: _Usage | UnsetType | None, *, with_ignored: bool
    ) -> bytes:
        return msgspec.json.encode(
            _Completion(
                id=self._id,
                object=self._object,
                created=self._created,
                model=self._model,
                choices=choices,
                usage=usage,
                ignored=(with_ignored and self.ignored) or UNSET,
                clamped=(with_ignored and self.clamped) or UNSET,
            )
        )


class WholeWriter(_CompletionWriter):
    """Writes a completion in one piece."""

    def __init__(self, model: str, stops: Sequence[str] = (), ignored: Sequence[str] = ()) -> None:
        super().__init__(model, stops, ignored)
        self._gathered = Gathered()

    def write(self, event: Event, new_text: str) -> bytes:
        """Take an event; only the last adds anything."""
        self._gathered.take(event)
        if not isinstance(event, Completed):
            return b""
        self._finish()
        message = _ReplyMessage(
            content=self._stops.whole(event.text),
            reasoning_content=self._gathered.thoughts or UNSET,
            files=self._gathered.files or UNSET,
        )
        choice = _Choice(message=message, finish_reason="stop")
        return self._encode([choice], _Usage(), with_ignored=True)


class ChunkWriter(_CompletionWriter):
    """Writes a completion as server-sent events.

    Args:
        model: The model's name in the request.
        stops: Texts before which the answer ends.
        ignored: What in the request has no effect.
        counted: Whether the last chunk has counts of tokens.
    """

    content_type: str = EVENT_STREAM
    _object: Literal["chat.completion", "chat.completion.chunk"] = "chat.completion.chunk"

    def __init__(
        self,
        model: str,
        stops: Sequence[str] = (),
        ignored: Sequence[str] = (),
        *,
        counted: bool,
    ) -> None:
        super().__init__(model, stops, ignored)
        self._thoughts = Thoughts()
        self._counted = counted
        self._begun = False

    def write(self, event: Event, new_text: str) -> bytes:
        """Take an event; return the chunks for it."""
        if isinstance(event, TextDelta | TextReset):
            text = self._stops.take(event, new_text)
            chunks = self._chunk(_Delta(content=text)) if text else b""
            return chunks + self._end() if self._stops.reached else chunks
        if isinstance(event, Reasoning):
            return self._chunk(_Delta(reasoning_content=self._thoughts.add(event)))
        if isinstance(event, File):
            return self._chunk(_Delta(files=[event.to_dict()]))
        if isinstance(event, Completed):
            rest = self._stops.rest()
            return (self._chunk(_Delta(content=rest)) if rest else b"") + self._end()
        return b""

    def fail(self, refusal: Refusal) -> bytes:
        """Return the event with an error; no `[DONE]` follows, since the answer isn't complete."""
        return _event(super().fail(refusal))

    def _chunk(self, delta: _Delta, finish_reason: Literal["stop"] | None = None) -> bytes:
        first = b""
        if not self._begun:
            self._begun = True
            choice = _Choice(delta=_Delta(role="assistant", content=""))
            first = self._encoded([choice], with_ignored=True)
        return first + self._encoded([_Choice(delta=delta, finish_reason=finish_reason)])

    def _end(self) -> bytes:
        self._finish()
        chunks = self._chunk(_Delta(), "stop")
        if self._counted:
            chunks += _event(self._encode([], _Usage(), with_ignored=False))
        return chunks + _event(b"[DONE]")

    def _encoded(self, choices: list[_Choice], *, with_ignored: bool = False) -> bytes:
        usage = None if self._counted else UNSET
        return _event(self._encode(choices, usage, with_ignored=with_ignored))


def _event(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"

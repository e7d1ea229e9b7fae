"""Answers as bytes: a client's stream, read into a writer.

The asynchronous and the blocking one stand side by side, since they differ in how they wait: there
a cancel scope ends what takes too long, here the wait itself.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable
from typing import TypeVar

from ..client.client import AsyncClient
from ..errors import SpaceChatError, StreamInterruptedError
from ..streaming.chat_stream import AsyncChatStream
from ..sync import ChatStream, Client
from .refusals import Refusal, bad_request, refusal
from .requests import Question
from .writing import writer

_S = TypeVar("_S")


class _Asked:
    """What the two have in common."""

    def __init__(self, question: Question) -> None:
        self._writer = writer(question)
        self._first = b""

    @property
    def content_type(self) -> str:
        """What the body is."""
        return self._writer.content_type

    def fail(self, refused: Refusal) -> bytes:
        """Return the bytes that end the body with an error."""
        return self._writer.fail(refused)

    def _take_first(self) -> bytes:
        first, self._first = self._first, b""
        return first


class AsyncAnswer(_Asked):
    """The body of a response, piece by piece; an asynchronous iterator.

    Args:
        client: Who asks.
        question: What is asked; nothing is requested before `begin`.

    Raises:
        Refusal: The Space can't be asked so.
    """

    def __init__(self, client: AsyncClient, question: Question) -> None:
        super().__init__(question)
        self._stream: AsyncChatStream = _ask(client.stream, question)

    async def begin(self) -> None:
        """Wait for the first piece.

        Raises:
            Refusal: There is none.
        """
        try:
            self._first = await self._read()
        except SpaceChatError as exc:
            raise refusal(exc) from exc

    def __aiter__(self) -> AsyncAnswer:
        return self

    async def __anext__(self) -> bytes:
        try:
            data = self._take_first() or await self._read()
        except SpaceChatError as exc:
            return self.fail(refusal(exc))
        if not data:
            raise StopAsyncIteration
        return data

    async def _read(self) -> bytes:
        """Return the next piece, or nothing at the end."""
        while not self._writer.done:
            try:
                event = await self._stream.next_event()
            except StopAsyncIteration:
                raise _closed() from None
            data = self._writer.feed(event, self._stream.new_text(event))
            if data:
                return data
        await self.aclose()
        return b""

    async def aclose(self) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection."""
        await self._stream.aclose()


class Answer(_Asked):
    """The body of a response, piece by piece; an iterator.

    Args:
        client: Who asks.
        question: What is asked; nothing is requested before `begin`.
        timeout: Seconds to wait for each piece; None for ever.

    Raises:
        Refusal: The Space can't be asked so.
    """

    def __init__(self, client: Client, question: Question, timeout: float | None) -> None:
        super().__init__(question)
        self._timeout = timeout
        self._stream: ChatStream = _ask(client.stream, question)

    def begin(self) -> None:
        """Wait for the first piece.

        Raises:
            Refusal: There is none.
            TimeoutError: It didn't come in time.
        """
        try:
            self._first = self._read()
        except SpaceChatError as exc:
            raise refusal(exc) from exc

    def __iter__(self) -> Answer:
        return self

    def __next__(self) -> bytes:
        try:
            data = self._take_first() or self._read()
        except SpaceChatError as exc:
            return self.fail(refusal(exc))
        if not data:
            raise StopIteration
        return data

    def _read(self) -> bytes:
        """Return the next piece, or nothing at the end."""
        until = math.inf if self._timeout is None else time.monotonic() + self._timeout
        while not self._writer.done:
            left = None if self._timeout is None else max(0.0, until - time.monotonic())
            try:
                if not self._stream.engine.advance(left):
                    raise _closed()
            except queue.Empty:
                self.close()
                raise TimeoutError from None
            event = self._stream.next_event()
            data = self._writer.feed(event, self._stream.new_text(event))
            if data:
                return data
        self.close()
        return b""

    def close(self) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection."""
        self._stream.close()


def _ask(stream: Callable[..., _S], question: Question) -> _S:
    """Return a client's stream of the answer to a question."""
    try:
        return stream(question.messages, model=question.space, **question.options)
    except SpaceChatError as exc:
        raise refusal(exc) from exc
    except TypeError as exc:  # The Space's provider doesn't take an option.
        raise bad_request(str(exc), "inputs", "unsupported_parameter") from exc


def _closed() -> StreamInterruptedError:
    return StreamInterruptedError("The stream was closed before the answer was complete.")

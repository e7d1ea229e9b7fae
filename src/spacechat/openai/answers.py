"""Answers as bytes: a client's stream, read into a writer."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from ..client.client import AsyncClient
from ..errors import SpaceChatError
from ..streaming.chat_stream import AsyncChatStream
from . import streams
from .question import Question
from .refusals import Refusal
from .writer import Writer


class AsyncAnswer:
    """The body of a response, piece by piece; an async iterator.

    Args:
        client: Asks the Space.
        question: The request for the answer; nothing is sent before `begin`.
        timeout: Seconds to wait for each piece; None for ever.

    Raises:
        Refusal: The Space doesn't take the request.
    """

    def __init__(
        self, client: AsyncClient, question: Question, timeout: float | None = None
    ) -> None:
        self._question = question
        self._writer: Writer = question.writer()
        self._rest = self._writer.rest()
        self._first = b""
        self._timeout = timeout
        self._stream: AsyncChatStream = streams.begin(client.stream, question)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response, in lower case; complete once there is a piece to send."""
        return self._writer.headers

    def fail(self, refused: Refusal) -> bytes:
        """Return the bytes that end the body with an error."""
        return self._writer.fail(refused)

    async def begin(self) -> None:
        """Wait for the first piece.

        Raises:
            Refusal: There is none.
            TooLateError: It didn't come in time.
        """
        try:
            self._first = await self._read()
        except SpaceChatError as exc:
            raise self._question.refusal(exc) from exc

    def __aiter__(self) -> AsyncAnswer:
        return self

    async def __anext__(self) -> bytes:
        first, self._first = self._first, b""
        try:
            data = first or await self._read()
        except SpaceChatError as exc:
            return self.fail(self._question.refusal(exc))
        if not data:
            raise StopAsyncIteration
        return data

    async def _read(self) -> bytes:
        """Return the next piece, or nothing at the end."""
        until = math.inf if self._timeout is None else time.monotonic() + self._timeout
        while not self._writer.done:
            try:
                event = await streams.next_event(self._stream, until)
            except streams.TooLateError:
                await self.aclose()
                raise
            data = self._writer.feed(event, self._stream.new_text(event))
            if data:
                return data
        return next(self._rest, b"")

    async def aclose(self) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection."""
        await self._stream.aclose()

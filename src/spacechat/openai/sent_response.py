"""Responses as the server sends them, at the pace at which a client reads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import anyio

from .http_response import HttpResponse
from .refusals import Refusal
from .writer import EVENT_STREAM

if TYPE_CHECKING:
    from starlette.types import Send

_QUIET: Final = 15.0
"""Seconds of silence after which a stream sends a sign of life."""

_PIECE: Final = 64 << 10
"""Bytes that the HTTP server gets at a time; it keeps this much for a client that doesn't read."""

_AT_ONCE: Final = {
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # nginx passes pieces on as they come
}
"""Headers of a response whose pieces are to arrive as they are sent."""


class SentResponse:
    """The response to one request, whole or as a stream.

    Several tasks may send: each call sends all that it has before another one begins.

    Attributes:
        begun: Whether its status was sent; then no other response can be.
        headers: The headers of one in parts, which are sent before the first part; those of a
            stream, if nothing else is set.

    Args:
        send: Sends a message of the ASGI protocol.
    """

    def __init__(self, send: Send) -> None:
        self.begun: bool = False
        self.headers: Mapping[str, str] = {"content-type": EVENT_STREAM}
        self._send = send
        self._sending = anyio.Lock(fast_acquire=True)
        self._ended = False
        self._written_at = time.monotonic()

    async def whole(self, response: HttpResponse) -> None:
        """Send a whole response; returns when all but the last piece has left."""
        headers = {**response.headers, "content-length": str(len(response.body))}
        async with self._sending:
            self._ended = True
            await self._begin(response.status, headers)
            await self._body(response.body, more=False)

    async def refuse(self, refusal: Refusal) -> None:
        """Send a refusal instead of an answer; in a stream that has begun, as its only event."""
        response = refusal.response()
        if not self.begun:
            await self.whole(response)
            return
        await self.write(b"data: " + response.body + b"\n\n")
        await self.end()

    async def write(self, data: bytes) -> None:
        """Send a part."""
        async with self._sending:
            await self._write(data)

    async def beat(self) -> None:
        """Send a comment whenever nothing else was sent for `_QUIET` seconds, until the end."""
        while not self._ended:
            await anyio.sleep(max(0.0, self._written_at + _QUIET - time.monotonic()))
            async with self._sending:
                # While this waited for its turn, others may have sent something, even the end.
                if not self._ended and time.monotonic() >= self._written_at + _QUIET:
                    await self._write(b": the Space is at work\n\n")

    async def end(self) -> None:
        """End a stream."""
        async with self._sending:
            self._ended = True
            await self._body(b"", more=False)

    async def _write(self, data: bytes) -> None:
        if not self.begun:
            await self._begin(200, {**self.headers, **_AT_ONCE})
        await self._body(data, more=True)
        self._written_at = time.monotonic()

    async def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.begun = True
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def _body(self, data: bytes, *, more: bool) -> None:
        for start in range(0, max(len(data), 1), _PIECE):
            await self._send(
                {
                    "type": "http.response.body",
                    "body": data[start : start + _PIECE],
                    "more_body": more or start + _PIECE < len(data),
                }
            )

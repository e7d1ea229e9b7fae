"""The API as an ASGI application."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

import anyio

from ..client.client import AsyncClient
from ..log import log
from .admission import Head, admit, refused
from .answers import AsyncAnswer
from .api import Api
from .bodies import Body
from .bounds import Bounds
from .http_response import HttpResponse
from .intake import Intake
from .refusals import Error, Refusal
from .writer import EVENT_STREAM

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_REFUSED: Final = 128
"""Connections beyond the bounds, on which requests are refused or none are made."""

_QUIET: Final = 15.0
"""Seconds of silence after which a stream sends a sign of life."""

_AT_ONCE: Final = {
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # nginx passes pieces on as they come
}
"""Headers of a response whose pieces are to arrive as they are sent."""


class App:
    """The ASGI application.

    A client that goes away is noticed from when its body has come, whatever its request waits for,
    and a stream that waits sends signs of life.

    Args:
        client: Asks the Spaces.
        api: The API's addresses and models.
        key: The key that requests must bring; None if they must come from this machine.
        bounds: How much is taken at a time.
    """

    def __init__(self, client: AsyncClient, api: Api, key: str | None, bounds: Bounds) -> None:
        self._client = client
        self._intake = Intake(api, bounds)
        self._key = key
        self._bounds = bounds
        self._open = 0

    @cached_property
    def _turns(self) -> anyio.Semaphore:
        """The answers that may be made at the same time; made in the event loop that it runs in."""
        return anyio.Semaphore(self._bounds.at_once)

    @property
    def connections(self) -> int:
        """How many connections may be open: a few more than requests, to refuse those beyond."""
        return self._bounds.at_once + self._bounds.waiting + _REFUSED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request: the application's entry point, by the ASGI protocol."""
        self._open += 1
        try:
            await self._respond(scope, receive, send)
        except Refusal as exc:
            await _send(send, exc.response())
        except Exception:  # noqa: BLE001 - logged, and sent without its text
            log.exception("A request to the server failed.")
            error = Error(message="The server failed; its log says why.", type="server_error")
            await _send(send, Refusal(500, error).response())
        finally:
            self._open -= 1

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = Head(scope["method"], scope["raw_path"], scope["headers"], scope["query_string"])
        admit(head, self._key)
        if self._open > self._bounds.at_once + self._bounds.waiting:
            raise refused(
                429,
                "The server has as many requests as it takes: ask again in a moment.",
                "rate_limit_exceeded",
                {"retry-after": "1"},
            )
        with self._intake.body() as body:
            await self._intake.read(head, receive, body)
            await self._reply(head, body, receive, send)

    async def _reply(self, head: Head, body: Body, receive: Receive, send: Send) -> None:
        """Send the response to a request, unless the client goes away."""
        out = _Response(send)
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_if_gone, receive, group.cancel_scope)
            try:
                weighed = await self._intake.weigh(head, body)
                if weighed.streamed:
                    group.start_soon(out.beat)
                async with self._intake.parsed(head, body, weighed) as asked:
                    if isinstance(asked, HttpResponse):
                        await out.send(asked)
                    else:
                        await self._answer(AsyncAnswer(self._client, asked), out)
            except Refusal as exc:
                await out.refuse(exc)
            group.cancel_scope.cancel()

    async def _answer(self, answer: AsyncAnswer, out: _Response) -> None:
        async with self._turns:
            try:
                await answer.begin()
            except Refusal as exc:
                if not out.begun:
                    raise
                await out.write(answer.fail(exc))
            else:
                out.headers = answer.headers
                async for data in answer:
                    await out.write(data)
            finally:
                await answer.aclose()
        await out.end()


class _Response:
    """A response, in one piece or many.

    Attributes:
        begun: Whether its status was sent.
        headers: The headers of one in many pieces; those of a stream, if nothing else is set.

    Args:
        send: Sends a message of the ASGI protocol.
    """

    def __init__(self, send: Send) -> None:
        self.begun: bool = False
        self.headers: Mapping[str, str] = {"content-type": EVENT_STREAM}
        self._send = send
        self._written_at = time.monotonic()

    async def write(self, data: bytes) -> None:
        """Send a piece, after the status if that wasn't sent yet."""
        self._written_at = time.monotonic()
        if not self.begun:
            self.begun = True
            headers = _encoded({**self.headers, **_AT_ONCE})
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def beat(self) -> None:
        """Send a comment whenever nothing else was sent for `_QUIET` seconds."""
        while True:
            await anyio.sleep(max(0.0, self._written_at + _QUIET - time.monotonic()))
            if time.monotonic() >= self._written_at + _QUIET:
                await self.write(b": the Space is at work\n\n")

    async def refuse(self, refusal: Refusal) -> None:
        """Send a refusal instead of an answer; in a stream that has begun, as its only event."""
        response = refusal.response()
        if not self.begun:
            await self.send(response)
            return
        await self.write(b"data: " + response.body + b"\n\n")
        await self.end()

    async def send(self, response: HttpResponse) -> None:
        """Send a whole response."""
        self.begun = True
        self._written_at = time.monotonic()
        await _send(self._send, response)

    async def end(self) -> None:
        """End the response."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def _cancel_if_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _send(send: Send, response: HttpResponse) -> None:
    headers = {**response.headers, "content-length": str(len(response.body))}
    start = {"type": "http.response.start", "status": response.status}
    await send({**start, "headers": _encoded(headers)})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]

"""The API as an ASGI application."""

from __future__ import annotations

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
from .sent_response import SentResponse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_REFUSED: Final = 128
"""Connections beyond the bounds, on which requests are refused or none are made."""


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
        out = SentResponse(send)
        try:
            await self._respond(scope, receive, out)
        except Refusal as exc:
            await out.whole(exc.response())
        except Exception:  # noqa: BLE001 - logged, and sent without its text
            log.exception("A request to the server failed.")
            error = Error(message="The server failed; its log says why.", type="server_error")
            if not out.begun:
                await out.whole(Refusal(500, error).response())
        finally:
            self._open -= 1

    async def _respond(self, scope: Scope, receive: Receive, out: SentResponse) -> None:
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
            await self._reply(head, body, receive, out)

    async def _reply(self, head: Head, body: Body, receive: Receive, out: SentResponse) -> None:
        """Send the response to a request, unless the client goes away."""
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_if_gone, receive, group.cancel_scope)
            try:
                weighed = await self._intake.weigh(head, body)
                if weighed.streamed:
                    group.start_soon(out.beat)
                async with self._intake.parsed(head, body, weighed) as asked:
                    if isinstance(asked, HttpResponse):
                        await out.whole(asked)
                    else:
                        await self._answer(AsyncAnswer(self._client, asked), out)
            except Refusal as exc:
                await out.refuse(exc)
            group.cancel_scope.cancel()

    async def _answer(self, answer: AsyncAnswer, out: SentResponse) -> None:
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


async def _cancel_if_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()

"""The API as an ASGI application."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Final

import anyio

from ..client.client import AsyncClient
from ..log import log
from .admission import Head, admit, refused
from .answers import AsyncAnswer
from .api import Api
from .bounds import Bounds
from .http_response import HttpResponse
from .question import Question
from .refusals import Error, Refusal
from .room import Room
from .sent_response import SentResponse
from .weight import FILE_WEIGHT, HEAVIEST, TEXT_WEIGHT, file_bytes, weight

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_BODY_SECONDS: Final = 30.0
"""Seconds that the body of a request may take."""

_REFUSED: Final = 128
"""Connections beyond the bounds, on which requests are refused or none are made."""


class App:
    """The ASGI application.

    A request for an answer takes memory twice: for its body until that is parsed, then for its
    question (the messages and inputs) until the answer ends. Bodies and questions have a `Room`
    each. A request waits for room for its question while it holds room for its body, never the
    other way round. So questions end without waiting for memory, and every body gets its turn.
    What a request takes from the stored responses is weighed like a part of its body.

    Args:
        client: Asks the Spaces.
        api: The API's addresses and models.
        key: The key that requests must bring; None if they must come from this machine.
        bounds: How much is taken at a time.
    """

    def __init__(self, client: AsyncClient, api: Api, key: str | None, bounds: Bounds) -> None:
        self._client = client
        self._api = api
        self._key = key
        self._bounds = bounds
        self._open = 0
        self._largest = bounds.body + bounds.files

    # The event loop in which an application is made may be another one than it runs in, even of
    # another kind. So what its requests wait for is made when the first of them comes.

    @cached_property
    def _turns(self) -> anyio.Semaphore:
        """The answers that may be made at the same time."""
        return anyio.Semaphore(self._bounds.at_once)

    @cached_property
    def _bodies(self) -> Room:
        """The memory for bodies."""
        return Room(max(self._bounds.memory // 4, self._largest))

    @cached_property
    def _questions(self) -> Room:
        """The memory for questions."""
        bounds = self._bounds
        heaviest = TEXT_WEIGHT * bounds.body + FILE_WEIGHT * bounds.files + HEAVIEST
        return Room(max(bounds.memory - self._bodies.size, heaviest))

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
        async with AsyncExitStack() as memory:
            asked = await self._receive(head, receive, memory)
            if isinstance(asked, HttpResponse):
                await out.whole(asked)
            else:
                await self._reply(asked, receive, out)

    async def _receive(
        self, head: Head, receive: Receive, memory: AsyncExitStack
    ) -> Question | HttpResponse:
        """Read a request's body and parse it, as soon as there is memory for it."""
        if head.length is not None and head.length > self._largest:
            raise self._too_large()
        async with self._bodies.take(self._largest if head.length is None else head.length):
            body = await self._read(receive)
            recalled = self._api.recall(head.path, body)
            texts = len(body) + recalled.texts
            files = file_bytes(body) if texts > self._bounds.body else 0
            if body and texts - files > self._bounds.body:
                raise self._too_large()
            size = min(weight(body, files) + recalled.weight, self._questions.size)
            await memory.enter_async_context(self._questions.take(size))
            asked = self._api.receive(
                head.method, head.path, body, query=head.query, recalled=recalled
            )
            if isinstance(asked, Question) and asked.characters > self._bounds.body:
                raise self._too_large()  # A text that looks like a file.
            return asked

    async def _read(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        with anyio.move_on_after(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    break
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > self._largest:
                    raise self._too_large()
                if not message.get("more_body", False):
                    return b"".join(parts)
        raise refused(408, "The body did not come in time.", "request_timeout")

    def _too_large(self) -> Refusal:
        bounds = self._bounds
        return refused(
            413,
            f"The body, with what was said before it, is larger than {bounds.body:,} bytes, or "
            f"its files take more than {bounds.files:,} as base64: send less.",
            "request_too_large",
        )

    async def _reply(self, asked: Question, receive: Receive, out: SentResponse) -> None:
        """Send the answer to a question, unless the client goes away."""
        answer = AsyncAnswer(self._client, asked)
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_if_gone, receive, group.cancel_scope)
            if asked.streamed:
                group.start_soon(out.beat, answer)
            await self._answer(answer, out)
            group.cancel_scope.cancel()

    async def _answer(self, answer: AsyncAnswer, out: SentResponse) -> None:
        async with self._turns:
            try:
                await answer.begin()
            except Refusal as exc:
                if not out.begun:
                    await out.whole(exc.response())
                    return
                await out.write(answer.fail(exc), answer)
            else:
                async for data in answer:
                    await out.write(data, answer)
            finally:
                await answer.aclose()
        await out.end()


async def _cancel_if_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()

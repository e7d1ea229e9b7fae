"""The ASGI application: what it sends, and what it does when a client goes away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

import spacechat
from spacechat.local import LocalSpace
from spacechat.openai import Bounds
from spacechat.openai.api import Api
from spacechat.openai.app import App
from tests.openai.conftest import Gate
from tests.samples import HI
from tests.servers import until

if TYPE_CHECKING:
    from starlette.types import Message, Scope

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

SIGN = b": the Space is at work\n\n"
FAILED = {
    "message": "The server failed; its log says why.",
    "type": "server_error",
    "param": None,
    "code": None,
}


class Request:
    """A request by the ASGI protocol, whose client stays until it is told to go.

    Attributes:
        statuses: The statuses of the responses.
        parts: What came of the body.
        is_over: Whether the response is complete.
        gone: Set it to let the client go.
    """

    def __init__(self, body: dict[str, Any] | None = None) -> None:
        self.statuses: list[int] = []
        self.parts: list[bytes] = []
        self.is_over = False
        self.gone = anyio.Event()
        self._post = body is not None
        data = b"" if body is None else json.dumps(body).encode()
        self._length = len(data)
        # An empty last part may come after the body is complete.
        self._coming = [
            {"type": "http.request", "body": data, "more_body": False},
            {"type": "http.request", "body": b"", "more_body": False},
        ]

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(b"".join(self.parts))

    async def to(self, app: App) -> Request:
        """Make the request; return it when the application is done with it."""
        path = b"/v1/chat/completions" if self._post else b"/v1/models"
        scope: Scope = {
            "type": "http",
            "method": "POST" if self._post else "GET",
            "raw_path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"content-length", b"%d" % self._length)],
            "http_version": "1.1",
        }
        with anyio.fail_after(8):
            await app(scope, self._receive, self._send)
        return self

    async def _receive(self) -> Message:
        await checkpoint()
        if self._coming:
            return self._coming.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        assert not self.is_over
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])
            return
        self.parts.append(message["body"])
        self.is_over = not message["more_body"]


@asynccontextmanager
async def application(**bounds: int) -> AsyncIterator[App]:
    """An application whose own client outlives what it is asked."""
    async with spacechat.AsyncClient() as client:
        yield App(client, Api(None), None, Bounds(**bounds))


def asks(space: LocalSpace, **fields: Any) -> dict[str, Any]:
    return {"model": space.url, "messages": HI, **fields}


async def test_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("spacechat.openai.api.Api.receive", broken)
    async with application() as app:
        request = await Request().to(app)
    assert (request.statuses, request.is_over) == ([500], True)
    assert request.body == {"error": FAILED}


@pytest.mark.parametrize(("at_once", "waiting"), [(1, 1000), (1000, 1), (1, 0)])
async def test_connections_are_more_than_requests(at_once: int, waiting: int) -> None:
    """Those beyond are there to be refused."""
    async with application(at_once=at_once, waiting=waiting) as app:
        assert at_once + waiting < app.connections < at_once + waiting + 1000


async def test_a_request_that_is_over_takes_no_place(gated: tuple[Gate, LocalSpace]) -> None:
    """However it ended; and it leaves no more than its own."""
    _, space = gated
    async with application(at_once=1, waiting=0) as app:
        for _ in range(2):
            assert (await Request().to(app)).statuses == [200]
            assert (await Request({}).to(app)).statuses == [400]
        async with anyio.create_task_group() as group:
            first = Request(asks(space, stream=True))
            group.start_soon(first.to, app)
            with anyio.fail_after(5):
                await until(lambda: bool(first.parts))
            refused = await Request().to(app)
            assert refused.statuses == [429]
            assert refused.body["error"]["code"] == "rate_limit_exceeded"
            first.gone.set()
        assert (await Request().to(app)).statuses == [200]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_client_that_goes_away(gated: tuple[Gate, LocalSpace], streamed: bool) -> None:
    _, space = gated
    request = Request(asks(space, stream=streamed))
    async with application() as app, anyio.create_task_group() as group:
        group.start_soon(request.to, app)
        with anyio.fail_after(5):
            await until(lambda: any("/queue/data" in each.path for each in space.requests))
            request.gone.set()
            await until(lambda: space.cancelled == 1)
    assert not request.is_over


async def test_a_stop_stops_the_space(gated: tuple[Gate, LocalSpace]) -> None:
    """As soon as the answer is complete for the client, which may stay."""
    _, space = gated
    async with application() as app:
        request = await Request(asks(space, stop=" ", stream=True)).to(app)
        assert request.is_over
        with anyio.fail_after(5):
            await until(lambda: space.cancelled == 1)


@pytest.mark.parametrize("streamed", [False, True])
async def test_signs_of_life_are_for_streams(
    monkeypatch: pytest.MonkeyPatch, gated: tuple[Gate, LocalSpace], streamed: bool
) -> None:
    monkeypatch.setattr("spacechat.openai.sent_response._QUIET", 0.01)
    gate, space = gated
    request = Request(asks(space, stream=streamed))
    async with application() as app, anyio.create_task_group() as group:
        group.start_soon(request.to, app)
        with anyio.fail_after(5):
            await until(lambda: space.active == 1)
            if streamed:
                await until(lambda: request.parts.count(SIGN) > 1)
            else:
                await anyio.sleep(0.05)
        gate.opened.set()
    assert request.is_over
    assert (SIGN in request.parts) is streamed

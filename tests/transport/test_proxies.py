"""A SOCKS proxy that is silent, and what the HTTP library logs of one."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from spacechat.transport.http_log import without_secrets
from spacechat.transport.proxies import send_by_proxy

pytestmark = pytest.mark.anyio

HANDSHAKE = "socks.setup_socks5_connection"


class Stream:
    """The connection to a proxy."""

    def __init__(self) -> None:
        self.closed = 0

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed += 1


Trace = Callable[[str, dict[str, Any]], Awaitable[None]]


async def sent(
    act: Callable[[Trace], Awaitable[None]], seconds: float | None = 60
) -> httpx.Response:
    """Send a request by way of a proxy; `act` is what the HTTP library does for it."""

    async def answer(request: httpx.Request) -> httpx.Response:
        await act(request.extensions["trace"])
        return httpx.Response(200, stream=httpx.ByteStream(b"read later"))

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport) as client:
        request = client.build_request("GET", "http://space.test")
        return await send_by_proxy(client, request, seconds)


async def test_one_that_is_silent() -> None:
    stream = Stream()

    async def act(trace: Trace) -> None:
        await trace(f"{HANDSHAKE}.started", {"stream": stream})
        await anyio.sleep_forever()

    with anyio.fail_after(5), pytest.raises(httpx.ConnectTimeout, match="The proxy is silent"):
        await sent(act, 0.01)
    assert stream.closed == 1, "the HTTP library leaves it open"


async def test_one_that_fails() -> None:
    stream = Stream()

    async def act(trace: Trace) -> None:
        await trace(f"{HANDSHAKE}.started", {"stream": stream})
        await trace(f"{HANDSHAKE}.failed", {"exception": ValueError()})
        raise httpx.ProxyError("no")

    with pytest.raises(httpx.ProxyError):
        await sent(act)
    assert stream.closed == 1


@pytest.mark.parametrize("seconds", [0.01, None])
async def test_the_handshake_alone_is_limited(seconds: float | None) -> None:
    """The server behind the proxy has the timeouts of any other; its connection stays open."""
    stream = Stream()

    async def act(trace: Trace) -> None:
        await trace("connection.connect_tcp.started", {})
        await anyio.sleep(0.03)
        await trace("connection.connect_tcp.complete", {"return_value": Stream()})
        await trace(f"{HANDSHAKE}.started", {"stream": stream})
        await trace(f"{HANDSHAKE}.complete", {"return_value": None})
        await trace("http11.receive_response_headers.started", {"request": None})
        await anyio.sleep(0.03)
        await trace("http11.receive_response_headers.complete", {"return_value": None})

    response = await sent(act, seconds)
    assert not response.is_stream_consumed
    assert stream.closed == 0


async def test_a_proxy_of_another_kind() -> None:
    """It has no such handshake, and the HTTP library limits its time."""

    async def act(trace: Trace) -> None:
        await trace("connection.connect_tcp.started", {})

    assert (await sent(act)).status_code == 200


async def test_a_handshake_that_is_cancelled() -> None:
    stream = Stream()

    async def act(trace: Trace) -> None:
        await trace(f"{HANDSHAKE}.started", {"stream": stream})
        scope.cancel()
        await anyio.sleep_forever()

    with anyio.CancelScope() as scope:
        await sent(act)
    assert stream.closed == 1


async def test_a_handshake_without_a_limit() -> None:
    stream = Stream()

    async def act(trace: Trace) -> None:
        await trace(f"{HANDSHAKE}.started", {"stream": stream})
        assert anyio.current_effective_deadline() == math.inf
        await trace(f"{HANDSHAKE}.complete", {"return_value": None})

    assert (await sent(act, None)).status_code == 200


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("receive_response_headers.complete return_value=(b'HTTP/1.1', [a])", "complete"),
        ("setup_socks5_connection.started auth=(b'me', b'x')", "started"),
        ("connect_tcp.started host='a.test'", "host='a.test'"),
    ],
)
@pytest.mark.parametrize(
    "name", ["httpcore.http11", "httpcore.socks", "httpcore2.http11", "httpcore2.socks"]
)
def test_what_is_logged(said: str, kept: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger(name)
    with caplog.at_level(logging.DEBUG, name):
        with without_secrets():
            logger.debug(said)
        logger.debug(said)
    inside, after = (record.getMessage() for record in caplog.records)
    assert inside == said.partition(" return_value=")[0].partition(" auth=")[0]
    assert inside.endswith(kept)
    assert after == said

"""What a person waits for: round trips to the server and back, until the first text."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import anyio
import pytest
import trustme
from benchmarks.far import Far
from benchmarks.secure import server_context

from spacechat.local import LocalSpace
from spacechat.providers import Qwen_Qwen_2_72B
from tests.conftest import BOTH_APIS, EITHER_TRANSPORT
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Part,
    Received,
    ReplayServer,
    Then,
    completed,
    generating,
    gradio,
    response,
)
from tests.servers.apps import app
from tests.servers.chat_interface import ChatInterface

pytestmark = [pytest.mark.anyio, EITHER_TRANSPORT, BOTH_APIS]

PIECES = ["Hel", "lo"]
SECONDS = 0.04
"""A round trip. Requests that are made at once have to be on their way within one."""


@pytest.fixture(params=["http", "https"])
def tls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext | None:
    """What a server speaks TLS with, which clients trust; None over http."""
    if request.param == "http":
        return None
    authority = trustme.CA()
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    monkeypatch.setattr("spacechat.transport.http_client.tls_context", lambda: ours)
    return server_context(authority)


@pytest.fixture
def to_connect(tls: ssl.SSLContext | None) -> int:
    """The round trips that a new connection takes: one, and one more for the handshake of TLS."""
    return 1 if tls is None else 2


@pytest.fixture
def pinned(tls: ssl.SSLContext | None) -> Iterator[Far]:
    """The way to a Space whose numbers are known."""
    with LocalSpace("qwen-2-72b", PIECES) as space, Far(space.url, SECONDS, tls) as far:
        yield far


@pytest.fixture
def unknown(tls: ssl.SSLContext | None) -> Iterator[Far]:
    """The way to an app of which nothing is known."""
    with LocalSpace("messages", PIECES) as space, Far(space.url, SECONDS, tls) as far:
        yield far


async def until_text(far: Far, ask: Callable[[], Any]) -> float:
    """The round trips from a question to the first text of its answer, which is read to its end."""
    before, found = far.clock, None
    text = ""
    async with ask() as stream:
        async for piece in stream:
            found = far.clock - before if found is None else found
            text += piece
    assert text == "Hello"
    assert found is not None
    return found


async def test_a_known_space(client: Any, pinned: Far, to_connect: int) -> None:
    """To connect, to join the queue, to read its stream; later, the connection is there."""
    provider = Qwen_Qwen_2_72B.at(pinned.url)
    async with client:
        found = [
            await until_text(pinned, lambda: client.stream("Hi", provider=provider))
            for _ in range(3)
        ]
    assert (found, pinned.connections) == ([to_connect + 2, 2, 2], 1)


async def test_any_app(client: Any, unknown: Far, to_connect: int) -> None:
    """Its description is one more, once."""
    async with client:
        found = [
            await until_text(unknown, lambda: client.stream("Hi", model=unknown.url))
            for _ in range(3)
        ]
    assert (found, unknown.connections) == ([to_connect + 3, 2, 2], 1)


async def test_a_conversation(client: Any, unknown: Far, to_connect: int) -> None:
    async with client, client.conversation(model=unknown.url) as chat:
        found = [await until_text(unknown, lambda: chat.stream("Hi")) for _ in range(3)]
    assert (found, unknown.connections) == ([to_connect + 3, 2, 2], 1)


async def test_what_an_app_has(client: Any, unknown: Far, to_connect: int) -> None:
    """What it says of itself and of its functions is read at the same time."""
    async with client:
        await client.inspect(unknown.url)
        assert unknown.clock == to_connect + 1


@pytest.mark.usefixtures("addresses_of_one_app")
async def test_an_app_that_another_client_knows(
    client: Any, client_of: Callable[[], Any], unknown: Far, to_connect: int
) -> None:
    """Only what a new connection takes is more than for the client's second question."""
    async with client:
        await until_text(unknown, lambda: client.stream("Hi", model=unknown.url))
    async with client_of() as second:
        found = [
            await until_text(unknown, lambda: second.stream("Hi", model=unknown.url))
            for _ in range(2)
        ]
    assert (found, unknown.connections) == ([to_connect + 2, 2], 3)


async def test_an_app_of_this_machine_that_another_client_knows(
    client: Any, client_of: Callable[[], Any], unknown: Far, to_connect: int
) -> None:
    """It is checked first, since another app may be there by now."""
    async with client:
        await until_text(unknown, lambda: client.stream("Hi", model=unknown.url))
    async with client_of() as second:
        found = await until_text(unknown, lambda: second.stream("Hi", model=unknown.url))
    assert found == to_connect + 3


async def test_a_chat_interface(client: Any, tls: ssl.SSLContext | None, to_connect: int) -> None:
    """One function asks what its page asks by three; what keeps the history comes afterwards."""
    it = ChatInterface()
    turn = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    history: list[object] = []
    inner = gradio(generating("Hel", None), completed("Hello", None), CLOSE_STREAM)

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [response(it.page.config("6.31.0"))]
        if request.path.endswith("/run/predict"):
            is_shown = json.loads(request.body)["fn_index"] == it.shows
            history.extend(turn if is_shown else [])
            chat = [*history, turn[0]] if is_shown else None
            return [response(json.dumps({"data": [chat, None]}).encode())]
        return inner(request)

    with ReplayServer(answer) as server, Far(server.url, SECONDS, tls) as far:
        async with client, client.conversation(model=far.url) as chat:
            found = [await until_text(far, lambda: chat.stream("Hi")) for _ in range(3)]
    assert (found, far.connections) == ([to_connect + 3, 2, 2], 1)
    called = [json.loads(each.body)["fn_index"] for each in server.requests if each.body]
    later = [it.asks, it.shows, it.copies]
    assert called == [it.asks, it.saves, it.shows, it.copies, *later, *later]


async def test_a_heartbeat(client: Any, tls: ssl.SSLContext | None, to_connect: int) -> None:
    """It is asked for while the question is: on the ordinary transport, which waits for its
    response, that takes one more, once."""
    inner = gradio(generating("Hel"), completed("Hello"), CLOSE_STREAM)

    def answer(request: Received) -> Iterable[Part]:
        if "/heartbeat/" in request.path:
            return [EVENTS_HEAD, Then.HANG]
        return [app(connect_heartbeat=True)] if request.path == "/config" else inner(request)

    with ReplayServer(answer) as server, Far(server.url, SECONDS, tls) as far:
        async with client, client.conversation(model=far.url) as chat:
            first = await until_text(far, lambda: chat.stream("Hi"))
            await anyio.sleep(10 * SECONDS)  # The heartbeat's response would move the clock later.
            later = [await until_text(far, lambda: chat.stream("Hi")) for _ in range(2)]
    assert first in (to_connect + 3, to_connect + 4)
    assert (later, far.connections) == ([2, 2], 2)
    assert sum("/heartbeat/" in each.path for each in server.requests) == 1

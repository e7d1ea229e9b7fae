"""Clients that read slowly or not at all: what they may take, and for how long."""

from __future__ import annotations

import socket
import sys
import threading
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest

import spacechat
from spacechat.local import serving
from spacechat.openai import Bounds
from spacechat.openai.api import Api
from spacechat.openai.app import App
from spacechat.openai.http_response import HttpResponse
from spacechat.openai.sent_response import SentResponse

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

PIECE = 64 << 10
LONG = bytes(range(256)) * 1000


class SlowClient:
    """Takes a message of the ASGI protocol whenever it reads."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.reads = anyio.Event()

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        await self.reads.wait()


async def settle() -> None:
    for _ in range(10):
        await anyio.lowlevel.checkpoint()


def body_of(sent: list[Message]) -> bytes:
    parts = [each for each in sent if each["type"] == "http.response.body"]
    assert [each["more_body"] for each in parts] == [True] * (len(parts) - 1) + [False]
    assert all(len(each["body"]) <= PIECE for each in parts)
    return b"".join(each["body"] for each in parts)


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"", b"x", LONG[:PIECE], LONG])
async def test_a_whole_response_goes_in_pieces(body: bytes) -> None:
    client = SlowClient()
    client.reads.set()
    await SentResponse(client.send).whole(HttpResponse.json(body))
    start = client.sent[0]
    assert (b"content-length", str(len(body)).encode()) in start["headers"]
    assert body_of(client.sent) == body


@pytest.mark.anyio
async def test_one_piece_waits_for_the_client() -> None:
    """The next piece is handed on when the one before it is taken; the caller waits that long."""
    client = SlowClient()
    async with anyio.create_task_group() as group:
        group.start_soon(SentResponse(client.send).whole, HttpResponse.json(LONG))
        await settle()
        assert len(client.sent) == 1
        client.reads.set()
    assert body_of(client.sent) == LONG


@pytest.mark.anyio
async def test_a_stream_goes_in_pieces() -> None:
    client = SlowClient()
    client.reads.set()
    out = SentResponse(client.send)
    await out.write(LONG)
    await out.write(b"end")
    await out.end()
    assert body_of(client.sent) == LONG + b"end"


@pytest.mark.anyio
async def test_no_sign_of_life_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that was due while the end waited for the client."""
    monkeypatch.setattr("spacechat.openai.sent_response._QUIET", 0.0)
    client = SlowClient()
    out = SentResponse(client.send)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(out.write, b"Hi")
            await settle()
            group.start_soon(out.end)
            await settle()
            group.start_soon(out.beat)
            await settle()
            assert len(client.sent) == 1
            client.reads.set()
    assert body_of(client.sent) == b"Hi"


@pytest.mark.anyio
async def test_a_failure_sends_no_second_response(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            raise ZeroDivisionError

    received = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in received:
            return message
        await anyio.sleep_forever()  # The client stays.
        raise AssertionError

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "raw_path": b"/v1/models",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "http_version": "1.1",
    }
    async with spacechat.AsyncClient() as client:
        await App(client, Api(["qwen-2.5"]), None, Bounds())(scope, receive, send)
    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]
    assert "ZeroDivisionError" in caplog.text


def test_whoever_reads_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.local.serving._STALLED", 0.1)
    gone = threading.Event()
    taken = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal taken

        async def wait() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while not gone.is_set():
                await send({"type": "http.response.body", "body": LONG, "more_body": True})
                taken += len(LONG)
                await anyio.lowlevel.checkpoint()

    listening = serving.listen("127.0.0.1", 0)
    place = listening.getsockname()
    server = serving.ServerThread(app, listening, "slow")
    server.start()
    try:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
            sock.connect(place)
            sock.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert gone.wait(60)
    finally:
        server.stop()
    if sys.platform == "linux":  # where the system, too, keeps little for such a client
        assert taken < 2 << 20


@dataclass(eq=False)
class Connection:
    """What the server looks at of a connection."""

    cycle: object
    transport: object


@pytest.mark.parametrize("complete", [False, True])
def test_whoever_reads_slowly_is_served(monkeypatch: pytest.MonkeyPatch, complete: bool) -> None:
    """As long as there is progress, even if the last byte was handed on long ago."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(serving, "time", SimpleNamespace(monotonic=lambda: clock.now))
    unsent, aborted = [0], threading.Event()
    transport = SimpleNamespace(get_write_buffer_size=lambda: unsent[0], abort=aborted.set)
    request = SimpleNamespace(response_complete=complete)
    connection: Any = Connection(request, transport)
    server = serving._Server(lambda *_: None, lambda: None, 0.5, 10)  # type: ignore[arg-type]
    server.server_state.connections = [connection]  # type: ignore[assignment]
    for left in range(100, 90, -1):
        unsent[0] = left
        server._close_stalled()
        clock.now += 20
    assert not aborted.is_set()
    clock.now += 20
    server._close_stalled()
    assert aborted.is_set()

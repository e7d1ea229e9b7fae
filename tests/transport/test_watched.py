"""The connections of asyncio, by themselves; the tests of streams read over them, too."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

from spacechat.transport import watched
from spacechat.transport.watched import WatchedStream, connect
from tests import waiting

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio", "uvloop")]


@contextlib.asynccontextmanager
async def pair() -> AsyncIterator[tuple[WatchedStream, socket.socket]]:
    """A connection, and the server's side of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = await connect("127.0.0.1", listener.getsockname()[1])
        server, _ = listener.accept()
    with server:
        try:
            with anyio.fail_after(waiting.LONGEST):  # Nothing here waits for ever.
                yield stream, server
        finally:
            await stream.aclose()


def soon(seconds: float | None = None) -> float:
    return time.monotonic() + (waiting.LONGEST if seconds is None else seconds)


async def test_what_comes_is_received_in_order() -> None:
    async with pair() as (stream, server):
        for part in (b"one", b"two"):
            server.sendall(part)
            assert await stream.receive(soon()) == part
        server.shutdown(socket.SHUT_WR)
        assert [await stream.receive(soon()) for _ in range(2)] == [b"", b""]
        assert stream.has_more()


async def test_who_is_cancelled_sends_nothing() -> None:
    async with pair() as (stream, server):
        with anyio.CancelScope() as scope:
            scope.cancel()
            await stream.send(b"one")
        assert scope.cancelled_caught
        await stream.send(b"two")
        assert server.recv(6) == b"two"


async def test_little_is_held_for_one_who_does_not_read() -> None:
    async with pair() as (stream, server):
        server.setblocking(False)
        for _ in range(2):  # Whoever has read once is not sent more for it.
            sent = received = 0
            for _ in range(100):
                with contextlib.suppress(BlockingIOError):
                    sent += server.send(bytes(100_000))
                await anyio.sleep(0.001)
            await anyio.sleep(0.05)
            assert 0 < len(stream._held) < 2 * watched._UNREAD
            while received < sent:
                received += len(await stream.receive(soon()))
            assert received == sent


async def test_a_read_ends_in_time_and_the_next_one_goes_on() -> None:
    async with pair() as (stream, server):
        with pytest.raises(TimeoutError):
            await stream.receive(soon(0.05))
        server.sendall(b"late")
        assert await stream.receive(soon()) == b"late"
        with pytest.raises(TimeoutError):  # The timer is due in a minute, and has to come forward.
            await stream.receive(soon(0.05))
        assert stream._timer is None


async def test_one_timer_serves_many_reads() -> None:
    async with pair() as (stream, server):
        timers = set()
        for _ in range(5):
            server.sendall(b"x")
            await stream.receive(soon())
            timers.add(stream._timer)
        assert len(timers) == 1
        ends = soon(0.3)
        with pytest.raises(TimeoutError):
            await stream.receive(ends)
        assert time.monotonic() >= ends


async def test_a_cancelled_read_loses_nothing() -> None:
    async with pair() as (stream, server):
        reading = asyncio.ensure_future(stream.receive(soon()))
        await anyio.sleep(0.02)
        server.sendall(b"kept")
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await stream.receive(soon()) == b"kept"


async def test_closing_wakes_a_reader() -> None:
    async with pair() as (stream, _):
        reading = asyncio.ensure_future(stream.receive(soon()))
        await anyio.sleep(0.02)
        await stream.aclose()
        with pytest.raises(anyio.ClosedResourceError):
            await reading


async def test_after_closing_there_is_only_the_end() -> None:
    async with pair() as (stream, _):
        assert not stream.has_more()
        closing = asyncio.ensure_future(stream.aclose())
        await asyncio.sleep(0)
        assert stream.has_more(), "the loop has yet to let go of it"
        await closing
        with pytest.raises(anyio.ClosedResourceError):
            await stream.receive(soon())
        with pytest.raises(anyio.BrokenResourceError):
            await stream.send(b"x")


async def test_small_pieces_are_sent_at_once() -> None:
    async with pair() as (stream, _):
        with socket.socket(fileno=os.dup(stream.raw_socket.fileno())) as found:
            assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_reset_is_an_error() -> None:
    async with pair() as (stream, server):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        server.close()
        with pytest.raises(anyio.BrokenResourceError) as caught:
            await stream.receive(soon())
        assert isinstance(caught.value.__cause__, ConnectionResetError)
        with pytest.raises(anyio.BrokenResourceError):
            await stream.send(b"x")


async def test_sending_waits_until_everything_is_sent() -> None:
    async with pair() as (stream, server):
        sending = asyncio.ensure_future(stream.send(bytes(20_000_000)))
        await anyio.sleep(0.05)
        assert not sending.done()
        await anyio.to_thread.run_sync(server.recv, 20_000_000, socket.MSG_WAITALL)
        await sending


async def test_it_can_be_closed_once_all_is_sent_after_the_end() -> None:
    """asyncio then has let go of the connection, and can't close it any more."""
    async with pair() as (stream, server):
        sending = asyncio.ensure_future(stream.send(bytes(20_000_000)))
        server.shutdown(socket.SHUT_WR)
        assert await stream.receive(soon()) == b""
        await anyio.to_thread.run_sync(server.recv, 20_000_000, socket.MSG_WAITALL)
        with contextlib.suppress(anyio.BrokenResourceError):
            await sending
        while stream.raw_socket.fileno() >= 0:  # noqa: ASYNC110
            await anyio.sleep(0.01)
        await stream.aclose()


async def test_addresses_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        found = [(10, "::1"), (10, "2001:db8::1"), (2, "192.0.2.1")]
        return [(family, 1, 6, "", (address, 80)) for family, address in found]

    monkeypatch.setattr("anyio.getaddrinfo", getaddrinfo)
    found = await watched._addresses("host.example", 80)
    assert found == ["::1", "192.0.2.1", "2001:db8::1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has 127.0.0.2")
async def test_addresses_that_lead_nowhere() -> None:
    """A host's other addresses are tried when one refuses, or is silent for a moment."""
    made: list[socket.socket] = []
    with contextlib.ExitStack() as closing:
        listener = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        silent = closing.enter_context(socket.create_server(("127.0.0.2", port), backlog=0))
        for _ in range(4):  # Who is not accepted keeps the next ones waiting.
            waiting = closing.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        with pytest.raises(OSError, match="No address"):
            await watched._race(made, [], port)
        with pytest.raises(OSError, match="No address") as caught:
            await watched._race(made, ["127.0.0.3"], port)
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)
        began = time.monotonic()
        await watched._race(made, ["127.0.0.3", "127.0.0.2", "127.0.0.1"], port)
        assert time.monotonic() - began >= 0.2
        assert [each.getpeername()[0] for each in made] == ["127.0.0.1"]
        made[0].close()


@pytest.mark.parametrize("loops", ["asyncio", "uvloop"])
def test_a_loop_that_goes_on_in_another_thread(loops: str) -> None:
    """It and the one that goes on in its first thread don't share the room for what they read."""
    make_loop = pytest.importorskip(loops).new_event_loop

    async def begin() -> tuple[WatchedStream, socket.socket]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            stream = await connect("127.0.0.1", listener.getsockname()[1])
            return stream, listener.accept()[0]

    async def room_of(stream: WatchedStream, server: socket.socket) -> memoryview:
        server.sendall(b"x")
        assert await stream.receive(soon()) == b"x"
        await stream.aclose()
        server.close()
        return stream._room

    first, second = make_loop(), make_loop()
    try:
        begun = [loop.run_until_complete(begin()) for loop in (first, second)]
        with ThreadPoolExecutor(1) as elsewhere:
            there = elsewhere.submit(first.run_until_complete, room_of(*begun[0])).result()
        here = second.run_until_complete(room_of(*begun[1]))
        assert there.obj is not here.obj
    finally:
        first.close()
        second.close()

"""Connections of one client that wait in many event loops, at once and one after another."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio.lowlevel
import pytest
import trio

from spacechat.settings import Timeout
from spacechat.transport import kept as waiting
from spacechat.transport.idle import Idle
from spacechat.transport.kept import Kept

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a socket is no file there")


class Pair:
    """A connection that waits, and is its own HTTP client; and the server's side of it."""

    def __init__(self, closing: Callable[[], Any] | None = None) -> None:
        self._ours, self._server = socket.socketpair()
        self._closing = closing
        self._server.settimeout(0)

    def get_extra_info(self, info: str) -> Any:
        return self._ours if info == "socket" else False

    async def aclose(self) -> None:
        if self._closing is not None:
            await self._closing()
        self._ours.close()

    def idle(self, key: str = "key") -> Idle:
        client: Any = self
        return Idle(client, {}, key, self, time.monotonic(), timeout=Timeout())

    def is_open(self) -> bool:
        """Whether the server sees it open."""
        try:
            return self._server.recv(1) != b""
        except BlockingIOError:
            return True

    def close(self) -> None:
        self._ours.close()
        self._server.close()


@pytest.fixture
def pairs() -> Iterator[Callable[..., Pair]]:
    """Makes connections, which are closed in the end."""
    with contextlib.ExitStack() as closing:

        def make(*args: Any) -> Pair:
            return closing.enter_context(contextlib.closing(Pair(*args)))

        yield make


@pytest.fixture(autouse=True)
def _no_other_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop of the blocking API goes on to the end of the process, if another test began it."""
    monkeypatch.setattr(waiting, "_loops", type(waiting._loops)())


def test_loops_that_have_ended_leave_nothing(pairs: Callable[..., Pair]) -> None:
    kept = Kept()
    others = set(waiting._loops)
    before = len(weakref.finalize._registry)  # type: ignore[attr-defined]
    for _ in range(5):
        pair = pairs()
        asyncio.run(kept.keep(pair.idle()))
        assert not pair.is_open()
    assert len(weakref.finalize._registry) == before  # type: ignore[attr-defined]
    assert len(kept._waiting) == len(waiting._loops.keys() - others) == 1


@pytest.mark.parametrize("library", ["asyncio", "uvloop"])
def test_loops_that_are_closed_without_an_end(library: str, pairs: Callable[..., Pair]) -> None:
    """As some frameworks close them: no asynchronous generator is told."""
    kept = Kept()
    others = set(waiting._loops)
    made = []
    for _ in range(5):
        made.append(pairs())
        loop = pytest.importorskip(library).new_event_loop()
        loop.run_until_complete(kept.keep(made[-1].idle()))
        loop.close()
        assert [pair.is_open() for pair in made] == [False] * (len(made) - 1) + [True]
    assert len(kept._waiting) == len(waiting._loops.keys() - others) == 1
    asyncio.run(Kept().keep(pairs().idle()))
    assert not any(pair.is_open() for pair in made)


def test_trio_s_loops_leave_nothing(pairs: Callable[..., Pair]) -> None:
    kept = Kept()
    for _ in range(3):
        pair = pairs()
        trio.run(kept.keep, pair.idle())
        assert not pair.is_open()
        assert len(kept._waiting) == len(waiting._loops) == 1


def test_another_loop_leaves_those_alone_that_go_on(pairs: Callable[..., Pair]) -> None:
    kept, pair, loop = Kept(), pairs(), asyncio.new_event_loop()

    async def take() -> Idle | None:
        return kept.take("key")

    with contextlib.closing(loop):
        idle = pair.idle()
        loop.run_until_complete(kept.keep(idle))
        asyncio.run(Kept().keep(pairs().idle()))
        asyncio.run(kept.keep(pairs().idle()))
        assert loop.run_until_complete(take()) is idle
        assert pair.is_open()
        loop.run_until_complete(loop.shutdown_asyncgens())


@pytest.mark.filterwarnings("ignore:.*was scheduled after loop.shutdown_asyncgens:ResourceWarning")
def test_a_loop_that_goes_on_after_its_end(pairs: Callable[..., Pair]) -> None:
    """What it keeps from then on is closed like that of a loop without an end."""
    kept, first, second, loop = Kept(), pairs(), pairs(), asyncio.new_event_loop()
    loop.run_until_complete(kept.keep(first.idle()))
    loop.run_until_complete(loop.shutdown_asyncgens())
    assert not first.is_open()
    loop.run_until_complete(kept.keep(second.idle()))
    loop.close()
    assert second.is_open()
    asyncio.run(Kept().keep(pairs().idle()))
    assert not second.is_open()


@pytest.mark.parametrize("how", ["closed", "dropped"])
def test_a_loop_remembers_no_client_that_is_gone(how: str, pairs: Callable[..., Pair]) -> None:
    async def main() -> None:
        kept = Kept()
        await kept.keep(pairs().idle())
        (held,) = kept._waiting.values()
        found = weakref.ref(held)
        if how == "closed":
            await kept.aclose()
        del kept, held
        gc.collect()
        assert found() is None

    asyncio.run(main())


def test_what_was_forgotten_is_handed_to_nobody(pairs: Callable[..., Pair]) -> None:
    """A client is closed in one thread while another looks for a connection."""
    held, usable, ended = waiting._Waiting(), pairs().idle(), pairs()
    held.push(usable)
    held.push(ended.idle("other"))
    ended.close()
    assert held.pop("other") is None
    assert len(held) == len(held.forget()) == 2
    assert len(held) == len(held.forget()) == 0
    assert held.pop("key") is None


def test_loops_in_many_threads_at_once(pairs: Callable[..., Pair]) -> None:
    """The client is closed with all that waits, whichever loop that is in."""
    kept = Kept()
    made: list[Pair] = []
    start = threading.Barrier(4)

    async def keep() -> None:
        made.append(pairs())
        await kept.keep(made[-1].idle())

    def run(_: int) -> list[asyncio.AbstractEventLoop]:
        loops = [asyncio.new_event_loop() for _ in range(20)]
        start.wait(60)
        for loop in loops:
            loop.run_until_complete(keep())
        return loops

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            loops = [loop for found in threads.map(run, range(4)) for loop in found]
    finally:
        sys.setswitchinterval(interval)
    assert len(made) == 80
    assert all(pair.is_open() for pair in made)
    asyncio.run(kept.aclose())
    assert not any(pair.is_open() for pair in made)
    for loop in loops:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def test_closing_in_one_thread_while_another_keeps(
    pairs: Callable[..., Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client is closed just after it was seen to be open."""
    kept = Kept()
    pair = pairs()
    running = waiting._Loop.running

    async def first_close() -> waiting._Loop:
        closing = threading.Thread(target=lambda: asyncio.run(kept.aclose()))
        closing.start()
        closing.join()
        return await running()

    async def main() -> None:
        await kept.keep(pair.idle())
        assert not pair.is_open()

    monkeypatch.setattr(waiting._Loop, "running", first_close)
    asyncio.run(main())
    assert kept.is_empty


def test_a_task_that_is_cancelled_while_others_are_closed(pairs: Callable[..., Pair]) -> None:
    """By asyncio, from which nothing shields."""

    async def main() -> None:
        begun = asyncio.Event()

        async def close_for_ever() -> None:
            begun.set()
            await asyncio.sleep(3600)

        kept, dropped = Kept(), Kept()
        await dropped.keep(pairs(close_for_ever).idle())
        del dropped
        gc.collect()
        idle = pairs().idle()
        keeping = asyncio.ensure_future(kept.keep(idle))
        await begun.wait()
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping
        assert kept.take("key") is idle
        await kept.keep(idle)

    asyncio.run(main())


def test_a_scope_that_is_cancelled_while_connections_are_closed(
    pairs: Callable[..., Pair],
) -> None:
    """All are closed; each of them takes no longer than its closing may."""

    async def main() -> None:
        kept, made = Kept(), [pairs(anyio.lowlevel.checkpoint) for _ in range(3)]
        for each in made:
            await kept.keep(each.idle())
        with anyio.CancelScope() as scope:
            scope.cancel()
            await kept.aclose()
        assert not any(each.is_open() for each in made)

    asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_while_another_thread_looks_for_a_connection(pairs: Callable[..., Pair]) -> None:
    async def main() -> int:
        kept = Kept()
        await kept.keep(pairs().idle())
        (found,) = kept._waiting.values()
        locked, done = threading.Event(), threading.Event()

        def hold() -> None:
            with found._lock:
                locked.set()
                done.wait(60)

        holding = threading.Thread(target=hold)
        holding.start()
        locked.wait(60)
        child = os.fork()  # Which gives up its copies, and must not wait for the lock.
        if child == 0:
            os._exit(0)
        done.set()
        holding.join()
        return child

    child = asyncio.run(main())
    for _ in range(1000):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        _, status = os.waitpid(child, 0)
    assert status == 0

"""A thousand streams leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import inspect
import socket
import threading
from types import AsyncGeneratorType
from typing import NamedTuple

import anyio
import pytest
import sniffio
import trio
from benchmarks.sockets import open_sockets

from spacechat import AsyncClient, providers
from spacechat.local import LocalSpace
from tests.samples import SPACE
from tests.servers import until

pytestmark = pytest.mark.anyio

STREAMS = 1000
AT_ONCE = 20
PIECES = [f"{number} " for number in range(8)]

Provider = type[providers.AsyncProvider]

POOLS = ("asyncio_", "AnyIO worker thread", "Trio thread", "trio.to_thread")


class Living(NamedTuple):
    """What the process has."""

    tasks: int
    sockets: int
    threads: int
    generators: int


def living() -> Living:
    gc.collect()
    if sniffio.current_async_library() == "trio":
        tasks = trio.lowlevel.current_statistics().tasks_living
    else:
        tasks = len(asyncio.all_tasks())
    found = [one for one in gc.get_objects() if isinstance(one, AsyncGeneratorType)]
    # pytest runs the asynchronous fixtures and tests from generators of its own.
    ours = [one for one in found if "anyio" not in inspect.getfile(one.ag_code)]
    # Idle threads of the loops' pools (for looking up names) end some time after their last work.
    threads = [t for t in threading.enumerate() if not t.name.startswith(POOLS)]
    return Living(tasks, open_sockets(), len(threads), len(ours))


def no_more(now: Living, before: Living) -> bool:
    return all(one <= other for one, other in zip(now, before, strict=True))


async def settled() -> None:
    """Waits until the server's ends of closed connections are closed as well."""
    count = -1
    with anyio.fail_after(20):
        while count != (count := open_sockets()):  # noqa: ASYNC110 - nothing tells
            await anyio.sleep(0.05)


async def read_to_the_end(client: AsyncClient, short: Provider, _: Provider) -> None:
    reply = await client.ask("Hi", provider=short)
    assert reply.text == "".join(PIECES)


async def leave_early(client: AsyncClient, _: Provider, long: Provider) -> None:
    async with client.stream("Hi", provider=long) as stream:
        async for piece in stream:
            assert piece == PIECES[0]
            break


async def be_cancelled(client: AsyncClient, _: Provider, long: Provider) -> None:
    with anyio.CancelScope() as scope:
        async for _piece in client.stream("Hi", provider=long):
            scope.cancel()
    assert scope.cancelled_caught


WAYS = (read_to_the_end, leave_early, be_cancelled)


async def run(client: AsyncClient, short: Provider, long: Provider, streams: int) -> None:
    """Makes that many streams, each left in one of the ways, some at once."""
    numbers = iter(range(streams))

    async def work() -> None:
        for number in numbers:
            await WAYS[number % len(WAYS)](client, short, long)

    async with anyio.create_task_group() as tasks:
        for _ in range(AT_ONCE):
            tasks.start_soon(work)


async def test_a_thousand_streams() -> None:
    # Not `async with`, which would start a worker thread that ends some time later.
    with (
        LocalSpace("qwen-2-72b", PIECES) as short,
        LocalSpace("qwen-2-72b", PIECES * 100, delay=0.1) as long,
    ):
        await leave_nothing_behind(short, long)


async def leave_nothing_behind(short: LocalSpace, long: LocalSpace) -> None:
    async with AsyncClient() as client:
        spaces = SPACE.at(short.url), SPACE.at(long.url)
        await run(client, *spaces, 30)  # What is made once, on first use, is no leak.
        await until(lambda: short.active == long.active == 0)
        await settled()
        before = living()
        await run(client, *spaces, STREAMS)
        await until(lambda: short.active == long.active == 0)
        await until(lambda: no_more(living(), before))  # The servers' ends close by themselves.
        assert len(client._streams) == 0
        # Work was stopped where a stream was left, and only there.
        assert short.cancelled == 0
        assert long.cancelled == 20 + 2 * STREAMS // 3


async def test_what_is_dropped_without_a_word_holds_no_thread_or_task() -> None:
    """Streams that were made and never read have nothing to leave behind."""
    async with AsyncClient() as client:
        before = living()
        for _ in range(STREAMS):
            client.stream("Hi", provider=SPACE)
            SPACE.create_async_generator("Hi")
        assert living() == before
        assert len(client._streams) == 0


@pytest.mark.parametrize("fast", [True, False], indirect=True)
@pytest.mark.parametrize("steps", range(12))
async def test_cancelled_while_connecting(
    fast: bool, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket is closed at whatever step: the garbage collector finds none that is open."""
    monkeypatch.setattr("spacechat.streaming.runner.CLOSING", 0.05)  # Nobody answers here.
    scope = anyio.CancelScope()

    async def cancel() -> None:
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        scope.cancel()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        space = SPACE.at(f"http://127.0.0.1:{listener.getsockname()[1]}")
        async with AsyncClient() as client, anyio.create_task_group() as tasks:
            with scope:
                tasks.start_soon(cancel)
                await client.ask("Hi", provider=space)
        assert scope.cancelled_caught
    gc.collect()

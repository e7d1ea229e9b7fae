"""`python -m benchmarks.soak`: many streams, and what they leave behind.

Streams are read to the end, left early, cancelled, and failed by the server, at random. Memory is
looked at all along: what the second half of the streams takes must be within 5 % of what the first
half took. At the end there must be no socket and no task more than before.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import http.client
import os
import random
import sys
import time
import tracemalloc
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from types import AsyncGeneratorType
from typing import Any, NamedTuple

import anyio
import sniffio

from spacechat import AsyncClient, errors, events
from spacechat.providers import AsyncProvider, Qwen_Qwen_2_72B
from spacechat.streaming import attempts as retry

from .soak_server import TEXT, running
from .sockets import open_sockets

ERRORS: dict[str, type[errors.SpaceChatError]] = {
    "cut": errors.StreamInterruptedError,
    "reset": errors.StreamInterruptedError,
    "error": errors.GenerationError,
    "hidden": errors.GenerationError,
    "garbage": errors.ProtocolError,
    "full": errors.QueueFullError,
    "sleeping": errors.SpaceUnavailableError,
    "html": errors.ProtocolError,
}
BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asyncio": ("asyncio", {}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
ALLOWED = 1.05
"""What the second half may take, as a multiple of the first."""
KINDS = {"resident": ("MiB", 1 << 20), "blocks": ("thousand", 1000), "traced": ("MiB", 1 << 20)}


@dataclass
class Samples:
    """Memory as it was while the streams of one half ran.

    Attributes:
        resident: Bytes that the process takes.
        blocks: Pieces of memory that Python's objects take.
        traced: Bytes that Python's objects take, where they are traced, which takes much time.
    """

    resident: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    traced: list[int] = field(default_factory=list)

    def take(self) -> None:
        """Look at the memory now."""
        self.resident.append(_resident())
        self.blocks.append(sys.getallocatedblocks())
        if tracemalloc.is_tracing():
            self.traced.append(tracemalloc.get_traced_memory()[0])


class Living(NamedTuple):
    """What the process has, all garbage collected."""

    sockets: int
    tasks: int
    generators: int


@dataclass
class Report:
    """What a run left behind."""

    backend: str
    streams: int
    concurrency: int
    seconds: float
    halves: tuple[Samples, Samples]
    sockets: int
    tasks: int
    generators: int
    connections: int
    ways: Counter[str]

    @property
    def problems(self) -> list[str]:
        """What is not as it should be."""
        found = [
            f"{name}: {value} left"
            for name in ("sockets", "tasks", "generators", "connections")
            if (value := getattr(self, name)) != 0
        ]
        for name, first, second, _ in self.memory:
            if second > first * ALLOWED:
                found.append(f"{name} memory grew by {100 * second / first - 100:.1f} %")
        return found

    @property
    def memory(self) -> list[tuple[str, float, float, int]]:
        """Kinds of memory: the name, the median of each half, and what is there at the end."""
        found = []
        for name in KINDS:
            first, second = (getattr(half, name) for half in self.halves)
            if first:
                found.append((name, median(first), median(second), second[-1]))
        return found

    def print(self) -> None:
        print(
            f"{self.backend}: {self.streams} streams, {self.concurrency} at a time, in "
            f"{self.seconds:.1f} s: {', '.join(f'{k} {v}' for k, v in sorted(self.ways.items()))}"
        )
        for name, first, second, end in self.memory:
            unit, size = KINDS[name]
            print(
                f"  {name:8} memory: first half {first / size:8.2f}, second half "
                f"{second / size:8.2f} ({100 * second / first - 100:+.2f} %), "
                f"end {end / size:8.2f} {unit}",
            )
        print(
            f"  left: {self.sockets} sockets, {self.tasks} tasks, {self.generators} async "
            f"generators; {self.connections} connections open at the server"
        )
        for problem in self.problems:
            print(f"  PROBLEM: {problem}")


def soak(
    streams: int, concurrency: int, backend: str, *, seed: int = 0, traced: bool = False
) -> Report:
    """Run so many streams against a server in a process of its own."""
    name, options = BACKENDS[backend]
    first = retry.FIRST
    retry.FIRST = 0.01  # Nobody is at the other end to be spared.
    if traced:
        tracemalloc.start()
    try:
        with running() as url:
            main = functools.partial(_soak, url, streams, concurrency, backend, seed)
            return anyio.run(main, backend=name, backend_options=options)
    finally:
        retry.FIRST = first
        if traced:
            tracemalloc.stop()


async def _soak(url: str, streams: int, concurrency: int, backend: str, seed: int) -> Report:
    provider = Qwen_Qwen_2_72B.at(url)
    source = random.Random(seed)
    halves = (Samples(), Samples())
    ways: Counter[str] = Counter()
    # So that everything is loaded, and as much memory taken as so many streams take.
    await _run(provider, _plan(source, streams // 5), concurrency, Counter(), Samples())
    await _settled()
    before = _living()
    start = time.monotonic()
    for half, count in zip(halves, (streams // 2, streams - streams // 2), strict=True):
        await _run(provider, _plan(source, count), concurrency, ways, half)
        await _settled()
        half.take()
    seconds = time.monotonic() - start
    after = _living()
    return Report(
        backend=backend,
        streams=streams,
        concurrency=concurrency,
        seconds=seconds,
        halves=halves,
        sockets=after.sockets - before.sockets,
        tasks=after.tasks - before.tasks,
        generators=after.generators - before.generators,
        connections=_connections(url),
        ways=ways,
    )


def _plan(source: random.Random, count: int) -> list[tuple[str, float]]:
    """Which way each stream goes, and a delay for those that are cancelled."""
    ways = ["whole"] * 4 + ["pieces", "events", "leave", "raise", "cancel"] * 2 + ["closed"]
    found = []
    for _ in range(count):
        way = source.choice(ways) if source.random() < 0.6 else source.choice([*ERRORS])
        found.append((way, source.random() * 0.05))
    return found


async def _run(
    provider: type[AsyncProvider],
    plan: list[tuple[str, float]],
    concurrency: int,
    ways: Counter[str],
    samples: Samples,
) -> None:
    steps = iter(plan)

    async def work(client: AsyncClient) -> None:
        for way, delay in steps:
            await _stream(client, provider, way, delay)
            ways[way] += 1
            if sum(ways.values()) % max(1, len(plan) // 50) == 0:
                samples.take()

    async with AsyncClient(retries=1) as client, anyio.create_task_group() as tasks:
        for _ in range(concurrency):
            tasks.start_soon(work, client)


async def _stream(
    client: AsyncClient, provider: type[AsyncProvider], way: str, delay: float
) -> None:
    if way in ERRORS:
        try:
            await client.ask(way, provider=provider)
        except ERRORS[way] as exc:
            _expect(TEXT.startswith(exc.partial_text), exc.partial_text)
            return
        raise AssertionError(f"{way}: no error")
    if way == "whole":
        reply = await client.ask("ok", provider=provider)
        _expect(reply.text == TEXT, reply.text)
    elif way == "pieces":
        text = "".join([piece async for piece in client.stream("ok", provider=provider)])
        _expect(text == TEXT, text)
    elif way == "events":
        async for event in client.stream("ok", provider=provider).events():
            last: events.Event = event
        _expect(last == events.Completed(TEXT), last)
    elif way == "leave":
        async with client.stream("endless", provider=provider) as stream:
            async for piece in stream:
                _expect(piece == TEXT[:2], piece)
                break
    elif way == "raise":
        try:
            async with client.stream("endless", provider=provider) as stream:
                async for _ in stream:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    elif way == "cancel":
        with anyio.move_on_after(delay):
            await client.ask("endless", provider=provider)
            raise AssertionError("an endless answer ended")
    else:
        await client.stream("ok", provider=provider).aclose()


def _expect(holds: bool, found: object) -> None:
    if not holds:
        raise AssertionError(repr(found))


def _living() -> Living:
    gc.collect()
    if sniffio.current_async_library() == "trio":
        import trio

        tasks = trio.lowlevel.current_statistics().tasks_living
    else:
        tasks = len(asyncio.all_tasks())
    generators = sum(isinstance(one, AsyncGeneratorType) for one in gc.get_objects())
    return Living(open_sockets(), tasks, generators)


async def _settled() -> None:
    """Wait until what closes in the background has done so."""
    for _ in range(3):
        await anyio.sleep(0.05)
        gc.collect()


def _resident() -> int:
    """Bytes of this process that are in memory; where nothing tells, the most there ever were."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _connections(url: str) -> int:
    """How many connections the server has, once it has noticed the ends of the others."""
    deadline = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/connections")
        count = int(connection.getresponse().read().split(b":")[1].strip(b" }"))
        connection.close()
        if count == 0 or time.monotonic() > deadline:
            return count
        time.sleep(0.05)


def main() -> int:
    """Return the exit status: 1 if memory grew or something was left."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, action="append", help="default 1 and 500")
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="default all")
    parser.add_argument("--traced", action="store_true", help="with tracemalloc: slow")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = False
    for backend in options.backend or BACKENDS:
        for concurrency in options.concurrency or (1, 500):
            report = soak(
                options.streams, concurrency, backend, seed=options.seed, traced=options.traced
            )
            report.print()
            failed = failed or bool(report.problems)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())

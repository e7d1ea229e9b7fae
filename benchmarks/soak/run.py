"""`python -m benchmarks.soak.run`: one run on one event loop, logged as lines of JSON.

Every few seconds a line says how much memory and how many sockets, tasks and threads there are.
Once a minute no new work is begun, all of it ends, garbage and free memory are given back, and a
*quiet* line says how much is there then. Lines are written at once, so a run that breaks off leaves
its log.
"""

from __future__ import annotations

import argparse
import functools
import json
import logging
import os
import platform
import random
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

import anyio
import anyio.to_thread

from spacechat.streaming import attempts as retry

from .blocking_work import BLOCKING_WORK, BlockingWorld, opened_for_threads
from .call_work import CALL_WORK
from .chat_work import CHAT_WORK
from .living import Living, collect
from .server import Addresses, running
from .world import Draw, World, opened

BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asyncio": ("asyncio", {}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
WORK = {**CHAT_WORK, **CALL_WORK}
LONGEST = 120.0
"""Seconds after which a piece of work hangs."""
AT_ONCE = 40
THREADS = 4
MOST_PROBLEMS = 50
"""Problems after which a run breaks off."""


class _Complaints(logging.Handler):
    """Gives the errors of a log to a function."""

    def __init__(self, take_down: Callable[[str, BaseException | None], None]) -> None:
        super().__init__(logging.ERROR)
        self._take_down = take_down

    def emit(self, record: logging.LogRecord) -> None:
        self._take_down(record.getMessage(), record.exc_info[1] if record.exc_info else None)


@dataclass
class Run:
    """A run, and what has come of it so far.

    Attributes:
        at: Where the server's apps are.
        seconds: How long it works.
        rate: Pieces of work that are begun in a second.
        seed: What is random depends on it.
        file: Takes the lines.
        about: What the first line says.
        outcomes: How often each kind of work ended in which way.
        problems: How often something was not as it should be.
    """

    at: Addresses
    seconds: float
    rate: float
    seed: int
    file: TextIO
    about: dict[str, object]
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: int = 0

    def __post_init__(self) -> None:
        self._start = time.monotonic()
        self._in_threads = anyio.CapacityLimiter(THREADS)
        self._at_once = anyio.CapacityLimiter(AT_ONCE)
        self._plan = self._planned()
        self._source = random.Random(self.seed)
        self._number = 0

    async def go(self) -> None:
        """Warm up, work, and tell what is left."""
        self._write("begin", about=self.about)
        self._listen()
        async with opened(self.at) as world:
            with opened_for_threads(self.at) as threads:
                await self._warm_up(world, threads)
        before = await self._quiet()
        self._write("before", before)
        self._start = time.monotonic()
        self.outcomes.clear()
        async with opened(self.at) as world:
            with opened_for_threads(self.at) as threads:
                while (left := self.seconds - self._passed) > 0:
                    await self._work(world, threads, min(left, self._round))
                    self._write("quiet", await self._quiet(), outcomes=self.outcomes)
                    if self.problems > MOST_PROBLEMS:
                        break
        after = await self._quiet()
        with anyio.move_on_after(20):
            while await self._connections():  # noqa: ASYNC110 - nothing tells
                await anyio.sleep(0.05)
        self._write(
            "after",
            after,
            outcomes=self.outcomes,
            connections=await self._connections(),
            server=await self._happened(),
        )

    @property
    def _passed(self) -> float:
        return time.monotonic() - self._start

    @property
    def _round(self) -> float:
        """Seconds of work between two quiet moments."""
        return max(1.0, min(60.0, self.seconds / 20))

    def _planned(self) -> Iterator[str]:
        """Give the kinds of work, at random, so that each comes as often as it should."""
        source = random.Random(self.seed)
        kinds = {name: often for name, (often, _) in (*WORK.items(), *BLOCKING_WORK.items())}
        deck = [name for name, often in kinds.items() for _ in range(often)]
        while True:
            source.shuffle(deck)
            yield from deck

    async def _warm_up(self, world: World, threads: BlockingWorld) -> None:
        """Do all that is done once, on first use: load modules, make threads."""
        async with anyio.create_task_group() as tasks:
            for number, name in enumerate([*WORK, *BLOCKING_WORK] * 3):
                tasks.start_soon(self._do, world, threads, name, -1 - number)
        sleep = functools.partial(time.sleep, 0.2)
        thread = functools.partial(anyio.to_thread.run_sync, sleep, limiter=self._in_threads)
        async with anyio.create_task_group() as tasks:
            for _ in range(THREADS):
                tasks.start_soon(thread)

    async def _work(self, world: World, threads: BlockingWorld, seconds: float) -> None:
        """Work for some time, and end all that was begun.

        Where the machine is too busy for the rate, work is begun late, and some of it never.
        """
        due = self._passed
        end = due + seconds
        async with anyio.create_task_group() as looking:
            looking.start_soon(self._look, min(5.0, seconds / 5))
            async with anyio.create_task_group() as tasks:
                while (due := due + self._source.expovariate(self.rate)) < end > self._passed:
                    await anyio.sleep(max(0.0, due - self._passed))
                    self._number += 1
                    await self._at_once.acquire_on_behalf_of(self._number)
                    tasks.start_soon(self._one, world, threads, next(self._plan), self._number)
            looking.cancel_scope.cancel()

    async def _one(self, world: World, threads: BlockingWorld, name: str, number: int) -> None:
        try:
            await self._do(world, threads, name, number)
        finally:
            self._at_once.release_on_behalf_of(number)

    async def _do(self, world: World, threads: BlockingWorld, name: str, number: int) -> None:
        """Do a piece of work; what does not end as it should is a problem."""
        draw = Draw(number, random.Random(f"{self.seed} {number}"))
        try:
            with anyio.fail_after(LONGEST):
                if name in WORK:
                    outcome = await WORK[name][1](world, draw)
                else:
                    job = functools.partial(BLOCKING_WORK[name][1], threads, draw)
                    outcome = await anyio.to_thread.run_sync(job, limiter=self._in_threads)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a problem
            self._take_down(f"{name} {number}", error)
        else:
            self.outcomes[f"{name}: {outcome}"] += 1

    def _take_down(self, where: str, error: BaseException | None) -> None:
        """Take down a problem."""
        self.problems += 1
        said = "".join(traceback.format_exception(error)).rstrip()
        self._write("problem", where=where, problem=said)

    def _listen(self) -> None:
        """Take down what Python and its event loops complain of, where nobody raises it."""
        warnings.simplefilter("error", ResourceWarning)
        sys.unraisablehook = lambda said: self._take_down(repr(said.object), said.exc_value)
        threading.excepthook = lambda said: self._take_down(repr(said.thread), said.exc_value)
        logging.getLogger("asyncio").addHandler(_Complaints(self._take_down))

    async def _look(self, pause: float) -> None:
        while True:
            await anyio.sleep(pause)
            connections = await self._connections()
            self._write("busy", Living.now(), connections=connections)

    async def _quiet(self) -> Living:
        """Return what is there once what ends in the background has done so."""
        for _ in range(3):
            await anyio.sleep(0.1)
            collect()
        return Living.now()

    async def _connections(self) -> int:
        """Return the number of connections that the server has."""
        return (await self._happened()).get("connections now", 0)

    async def _happened(self) -> dict[str, int]:
        """Return the counts of what has happened at the server."""
        host, _, port = self.at.control.rpartition("/")[2].partition(":")
        said = b""
        async with await anyio.connect_tcp(host, int(port)) as stream:
            async for data in stream:
                said += data
        found: dict[str, int] = json.loads(said)
        return found

    def _write(self, kind: str, living: Living | None = None, **more: object) -> None:
        """Write a line down at once."""
        fields = {} if living is None else living.as_fields()
        answers = self.outcomes.total()
        line = {"kind": kind, "seconds": self._passed, "answers": answers, **fields, **more}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.run", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--backend", choices=BACKENDS, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    name, backend_options = BACKENDS[options.backend]
    retry.FIRST = 0.05  # Nobody is at the other end to be spared.
    with options.file.open("w", encoding="utf-8") as file, running(options.seed) as at:
        about = {
            "backend": options.backend,
            "minutes": options.seconds / 60,
            "rate": options.rate,
            "seed": options.seed,
            "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        }
        run = Run(at, options.seconds, options.rate, options.seed, file, about)
        anyio.run(run.go, backend=name, backend_options=backend_options)


if __name__ == "__main__":
    main()

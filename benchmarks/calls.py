"""Measuring calls of functions, of ours and of gradio_client's, at `benchmarks.functions`.

Each function of this file measures in a fresh process, as those of `benchmarks.measure` do.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .measure import clocked

WAYS = ("spacechat, asyncio", "spacechat, blocking", "gradio_client")


class Ours:
    """spacechat, asyncio."""

    def __init__(self, url: str) -> None:
        from spacechat import AsyncClient

        self._loop = asyncio.new_event_loop()
        self._client = AsyncClient()
        self._app = self._run(self._client.app(url))

    def call(self, name: str, *arguments: object) -> Any:
        return self._run(self._app.call(name, *arguments))

    def read(self, name: str, count: int) -> list[float]:
        """Reads all values; returns when each was there."""

        async def main() -> list[float]:
            async with self._app.run(name, count) as run:
                return [time.perf_counter() async for value in run if value is not self]

        return self._run(main())

    def follow(self, name: str, count: int) -> int:
        """Reads the edits of all values, and not the values; returns how many there were."""

        async def main() -> int:
            from spacechat.events import Values

            edits = 0
            async with self._app.run(name, count) as run:
                async for event in run.events():
                    if isinstance(event, Values):
                        edits += len((event.edits or ([],))[0])
            return edits

        return self._run(main())

    def at_once(self, name: str, calls: int) -> list[Any]:
        async def main() -> list[Any]:
            return await asyncio.gather(*(self._app.call(name, i, 1) for i in range(calls)))

        return self._run(main())

    def _run(self, work: Any) -> Any:
        async def wait() -> Any:
            return await work

        return self._loop.run_until_complete(wait())


class OursBlocking:
    """spacechat, blocking."""

    def __init__(self, url: str) -> None:
        from spacechat import Client

        self._client = Client()
        self._app = self._client.app(url)

    def call(self, name: str, *arguments: object) -> Any:
        return self._app.call(name, *arguments)

    def read(self, name: str, count: int) -> list[float]:
        with self._app.run(name, count) as run:
            return [time.perf_counter() for value in run if value is not self]


class Theirs:
    """gradio_client: a job for each call."""

    def __init__(self, url: str) -> None:
        import gradio_client  # type: ignore[import-untyped]

        self._client = gradio_client.Client(url, verbose=False, analytics_enabled=False)

    def call(self, name: str, *arguments: object) -> Any:
        return self._client.predict(*arguments, api_name=name)

    def read(self, name: str, count: int) -> list[float]:
        return [time.perf_counter() for _ in self._client.submit(count, api_name=name)]

    def at_once(self, name: str, calls: int) -> list[Any]:
        jobs = [self._client.submit(i, 1, api_name=name) for i in range(calls)]
        return [job.result() for job in jobs]


MADE: dict[str, Callable[[str], Any]] = dict(zip(WAYS, (Ours, OursBlocking, Theirs), strict=True))


def in_a_row(way: str, url: str, calls: str) -> dict[str, float]:
    """One call after another."""
    client = MADE[way](url)
    client.call("/add", 1, 1)

    def work() -> None:
        for number in range(int(calls)):
            assert client.call("/add", number, 1) == number + 1

    return clocked(work)


def at_once(way: str, url: str, calls: str) -> dict[str, float]:
    """Many calls at once; also the most threads that there are beside those before."""
    client = MADE[way](url)
    client.call("/add", 1, 1)
    time.sleep(1)  # gradio_client loses a call that is made just as its stream closes.
    count, before = int(calls), threading.active_count()
    most, ended = before, threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.005):
            most = max(most, threading.active_count() - 1)

    def work() -> None:
        assert client.at_once("/add", count) == list(range(1, count + 1))

    found = clocked(work)
    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    ended.set()
    watcher.join()
    return {**found, "threads": most - before}


def first(way: str, url: str, count: str) -> dict[str, float]:
    """Seconds to the first of some values; the least of three times."""
    client = MADE[way](url)
    client.read("/paced", 2)

    def once() -> float:
        began = time.perf_counter()
        return client.read("/paced", int(count))[0] - began

    return {"first": min(once() for _ in range(3))}


def values(way: str, url: str, name: str, count: str) -> dict[str, float]:
    """Reading all values of a function that streams; the cheapest of three times."""
    client = MADE[way](url)
    client.read(name, 2)
    found = [clocked(lambda: client.read(name, int(count))) for _ in range(3)]
    return min(found, key=lambda each: each["cpu"])


def edits(way: str, url: str, name: str, count: str) -> dict[str, float]:
    """Reading the edits alone; the cheapest of three times."""
    client = MADE[way](url)
    steps = int(count)

    def work() -> None:
        assert client.follow(name, steps) == steps - 1

    client.follow(name, 2)
    return min((clocked(work) for _ in range(3)), key=lambda each: each["cpu"])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (in_a_row, at_once, first, values, edits)
}

if __name__ == "__main__":
    print(json.dumps(FUNCTIONS[sys.argv[1]](*sys.argv[2:])))

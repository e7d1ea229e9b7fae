"""The times of a question, and waits that end at its deadline."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace

import anyio
import anyio.lowlevel
import pytest

from spacechat.streaming.clock import Clock
from spacechat.streaming.reply import Timings
from tests import waiting

pytestmark = [pytest.mark.anyio]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The time that it is."""
    found = SimpleNamespace(at=100.0)
    monkeypatch.setattr(
        "spacechat.streaming.clock.time", SimpleNamespace(monotonic=lambda: found.at)
    )
    return found


def test_it_is_started_once(now: SimpleNamespace) -> None:
    clock = Clock()
    assert (clock.elapsed, clock.left, clock.deadline) == (0, math.inf, math.inf)
    clock.start(30)
    now.at = 110.0
    clock.start(3000)
    assert (clock.elapsed, clock.left, clock.deadline) == (10, 20, 130)
    now.at = 140.0
    assert (clock.elapsed, clock.left) == (40, -10)
    clock.queued, clock.first_text = 1, 2
    assert clock.timings() == Timings(1, 2, 40)


def test_without_a_limit(now: SimpleNamespace) -> None:
    clock = Clock()
    clock.start(None)
    now.at = 1000.0
    assert (clock.elapsed, clock.left) == (900, math.inf)
    assert clock.timings() == Timings(None, None, 900)


async def forever() -> None:
    await anyio.sleep_forever()


async def test_how_long_it_sleeps(now: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(anyio, "sleep", sleep)
    clock = Clock()
    await clock.sleep(1000)
    clock.start(30)
    for seconds in (5, 100, 0, -1):
        await clock.sleep(seconds)
    now.at = 131.0
    await clock.sleep(5)
    assert slept == [1000, 5, 30, 0, 0, 0]


@pytest.mark.parametrize("way", ["sleep", "wait_for", "spend_on"])
async def test_a_wait_ends_at_the_deadline(way: str) -> None:
    clock = Clock()
    clock.start(0.01)
    with anyio.fail_after(waiting.LONGEST):
        if way == "sleep":
            await clock.sleep(1000)
        elif way == "wait_for":
            await clock.wait_for(anyio.Event())
        else:
            await clock.spend_on(forever())
    assert clock.left < 0.005  # An event loop's own clock may be a millisecond ahead.


@pytest.mark.parametrize("way", ["sleep", "wait_for", "spend_on"])
async def test_a_wait_that_another_task_ends(way: str) -> None:
    clock = Clock()
    clock.wake()  # Nothing waits.
    clock.start(1000)

    async def wait() -> None:
        if way == "sleep":
            await clock.sleep(1000)
        elif way == "wait_for":
            await clock.wait_for(anyio.Event())
        else:
            await clock.spend_on(forever())

    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            clock.wake()


async def test_a_wait_takes_its_time() -> None:
    clock = Clock()
    clock.start(1000)
    began = time.monotonic()
    await clock.sleep(0.02)
    assert time.monotonic() - began >= 0.015
    await clock.sleep(-1)
    done = []

    async def work() -> None:
        await anyio.lowlevel.checkpoint()
        done.append(1)

    with anyio.fail_after(waiting.LONGEST):
        await clock.spend_on(work())
    assert done == [1]


async def test_waiting_for_an_event() -> None:
    clock, event, order = Clock(), anyio.Event(), []

    async def wait() -> None:
        await clock.wait_for(event)
        order.append("waited")

    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            order.append("set")
            event.set()
    assert order == ["set", "waited"]

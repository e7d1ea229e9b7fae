"""A call that waits for its turn in a session, while somebody else has it."""

from __future__ import annotations

import queue
from collections.abc import Callable

import pytest

from spacechat import errors
from spacechat.events import Event, TextDelta
from spacechat.portal import read_ahead
from spacechat.portal.loop import call
from spacechat.portal.read_ahead import ReadAhead
from tests.portal.in_time import SOON, in_time
from tests.portal.in_turns import Engine, Page, reading, taken
from tests.processes import wait_until

A, B = TextDelta("a"), TextDelta("b")

pytestmark = pytest.mark.usefixtures("_looks_often")


@pytest.fixture
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "LOOK", 0.001)


def paused(engine: Engine) -> ReadAhead:
    """Begin a run, take what it gives first, and wait until it waits for its reader."""
    run = reading(engine)
    assert run.take(SOON) == [A]
    wait_until(lambda: run._paused, SOON)
    return run


def wait_for_turn(page: object, timeout: float | None) -> None:
    waiting = reading(Engine(ends=False), page)
    try:
        waiting.take(timeout)
    finally:
        call(waiting.stop)


@pytest.mark.parametrize("timeout", [None, SOON])
def test_it_would_wait_for_a_run_that_its_own_thread_has_to_read(
    timeout: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_ahead, "LIMIT", 10)
    engine = Engine([A], [B])
    runs: list[ReadAhead] = []

    def read() -> None:
        runs.append(paused(engine))
        wait_for_turn(Page(engine.task), timeout)

    with pytest.raises(errors.SpaceChatError, match="open in the same thread"):
        in_time(read)
    assert taken(runs[0]) == [B]


def read_by_another_thread(patch: pytest.MonkeyPatch) -> tuple[ReadAhead, int]:
    patch.setattr(read_ahead, "LIMIT", 10)
    engine = Engine([A], [B])
    return in_time(lambda: paused(engine)), engine.task


def at_work(_: pytest.MonkeyPatch) -> tuple[ReadAhead, int]:
    engine = Engine([A], ends=False)
    run = reading(engine)
    assert run.take(SOON) == [A]
    return run, engine.task


def of_nobody(_: pytest.MonkeyPatch) -> tuple[ReadAhead, None]:
    return reading(Engine()), None


def of_a_task_that_reads_nothing(_: pytest.MonkeyPatch) -> tuple[ReadAhead, int]:
    return reading(Engine()), 1


@pytest.mark.parametrize(
    "turn", [read_by_another_thread, at_work, of_nobody, of_a_task_that_reads_nothing]
)
def test_it_waits_for_what_comes_to_its_end(
    turn: Callable[[pytest.MonkeyPatch], tuple[ReadAhead, int | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, holder = turn(monkeypatch)
    with pytest.raises(queue.Empty):
        wait_for_turn(Page(holder), 0.01)
    call(run.stop)


def test_its_own_turn_has_come_and_much_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the very moment in which it looks whose turn it is."""
    monkeypatch.setattr(read_ahead, "LIMIT", 10)
    engine = Engine(ends=False)
    events: list[Event] = [A]

    class Late:
        @property
        def holder(self) -> int:
            if events:
                engine.bring(events.pop())
                wait_until(lambda: run._paused, SOON)
            return engine.task

    run = reading(engine, Late())
    assert run.take(SOON) == [A]
    call(run.stop)

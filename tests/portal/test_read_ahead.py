"""The buffer between a stream in the loop and a caller in another thread, by itself."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from typing import Any

import pytest

from spacechat import errors
from spacechat.events import Event, Log, Progress, Started, TextDelta, Values
from spacechat.portal import loop, read_ahead
from spacechat.portal.loop import call, get_portal
from spacechat.portal.read_ahead import ReadAhead, _cost


class Engine:
    """An engine whose turns are given; after the last it waits for more, or ends.

    Attributes:
        events: What happened and has not been read.
        turns: What each turn brings: events, or an error.
        closed: How often it was closed.
        fails: What closing it raises, or None.
    """

    def __init__(self, *turns: list[Event] | BaseException, ends: bool = True) -> None:
        self.events: deque[Event] = deque()
        self.turns = [*turns]
        self.closed = 0
        self.fails: Exception | None = None
        self.more = asyncio.Event()
        self._ends = ends

    async def advance(self) -> bool:
        while not self.turns:
            if self._ends:
                return False
            await self.more.wait()
            self.more.clear()
        turn = self.turns.pop(0)
        if isinstance(turn, BaseException):
            raise turn
        self.events.extend(turn)
        return True

    async def aclose(self) -> None:
        self.closed += 1
        if self.fails is not None:
            raise self.fails

    def bring(self, *events: Event) -> None:
        """Bring events from another thread."""
        self.turns.append([*events])
        get_portal().soon(self.more.set)


def reading(engine: Any) -> ReadAhead:
    return ReadAhead(engine, get_portal(), None)


def taken(buffer: ReadAhead) -> list[Event]:
    """Everything until the end."""
    found: list[Event] = []
    with contextlib.suppress(StopIteration):
        while True:
            found += buffer.take(60)
    return found


A, B, C = TextDelta("a"), TextDelta("b"), TextDelta("c")


def test_everything_comes_in_order_and_then_the_end() -> None:
    engine = Engine([A, Started()], [], [B], [C])
    buffer = reading(engine)
    assert taken(buffer) == [A, Started(), B, C]
    assert not buffer.is_running
    assert engine.closed == 1
    for _ in range(2):
        with pytest.raises(StopIteration):
            buffer.take(60)


def test_an_error_comes_after_what_came_before_it() -> None:
    engine = Engine([A], errors.GenerationError("failed"))
    buffer = reading(engine)
    found: list[Event] = []
    with pytest.raises(errors.GenerationError, match="failed") as caught:
        while True:
            found += buffer.take(60)
    assert found == [A]
    assert engine.closed == 1
    names = [each.name for each in caught.traceback]
    assert "advance" not in names, "the frames of the loop may hold what was sent"
    with pytest.raises(StopIteration):
        buffer.take(60)


def test_any_other_error_comes_too() -> None:
    with pytest.raises(LookupError, match="odd"):
        reading(Engine(LookupError("odd"))).take(60)


def test_an_error_of_closing_comes_only_if_there_is_no_other() -> None:
    for first, wanted in ((LookupError("first"), "first"), (None, "closing")):
        engine = Engine(*([first] if first else []))
        engine.fails = LookupError("closing")
        with pytest.raises(LookupError, match=wanted):
            reading(engine).take(60)


@pytest.mark.parametrize("timeout", [0.0, 0.001, 0.035])
def test_nothing_comes_in_time(timeout: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether that is less or more than a look for signals takes; the next call goes on."""
    monkeypatch.setattr(read_ahead, "LOOK", 0.01)
    engine = Engine(ends=False)
    buffer = reading(engine)
    with pytest.raises(queue.Empty):
        buffer.take(timeout)
    assert buffer.is_running
    engine.bring(A)
    assert buffer.take(60) == [A]
    call(buffer.stop)


def test_who_waits_without_a_limit_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "LOOK", 0.001)
    engine = Engine(ends=False)
    buffer = reading(engine)
    timer = threading.Timer(0.02, engine.bring, [A, B])
    timer.start()
    assert buffer.take(None) == [A, B]
    timer.join()
    call(buffer.stop)


def test_one_that_is_stopped_ends() -> None:
    engine = Engine([A], ends=False)
    buffer = reading(engine)
    assert buffer.take(60) == [A]
    assert buffer.is_running
    call(buffer.stop)
    assert not buffer.is_running
    assert engine.closed == 1
    with pytest.raises(StopIteration):
        buffer.take(60)


def test_which_thread_takes() -> None:
    buffer = reading(Engine([A], [B]))
    assert buffer.reader == 0
    buffer.take(60)
    assert buffer.reader == threading.get_ident()
    thread = threading.Thread(target=taken, args=[buffer])
    thread.start()
    number = thread.ident
    thread.join()
    assert buffer.reader == number


def test_one_that_is_the_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(ends=False)
    buffer = reading(engine)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "current", None)
        with pytest.raises(RuntimeError, match="before the process forked"):
            buffer.take(60)
    call(buffer.stop)


def test_what_an_event_counts_for() -> None:
    """Its texts, and something for itself."""
    least = _cost(Started())
    assert least > 0
    assert _cost(TextDelta("abc")) == least + 3
    assert _cost(Log("info", "ab", "cde")) == least + 9
    assert _cost(Progress(description="ab")) >= least + 2
    values = Values(("x" * 1000,))
    assert _cost(values) == least + values.weight


@pytest.mark.parametrize("limit", [200, 500])
def test_a_caller_who_is_slow_is_waited_for(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than the limit and an event; all of it comes as the caller takes it."""
    monkeypatch.setattr(read_ahead, "LIMIT", limit)
    events: list[Event] = [TextDelta(str(number)) for number in range(100)]
    engine = Engine(*([each] for each in events))
    buffer = reading(engine)
    found = buffer.take(60)
    most = limit // _cost(TextDelta("")) + 1
    with contextlib.suppress(StopIteration):
        while True:
            batch = buffer.take(60)
            assert len(batch) <= most
            found += batch
    assert found == events

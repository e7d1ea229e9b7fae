"""The buffer between a stream in the loop and a caller in another thread, by itself."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque

import pytest

from spacechat import errors
from spacechat.events import Event, Log, Progress, Started, TextDelta, Values
from spacechat.portal import loop, read_ahead
from spacechat.portal.loop import Portal, call
from spacechat.portal.read_ahead import _cost
from tests.portal.in_time import SOON, in_time
from tests.portal.in_turns import Engine, Page, reading, taken
from tests.processes import wait_until

A, B, C = TextDelta("a"), TextDelta("b"), TextDelta("c")


def test_everything_comes_in_order_and_then_the_end() -> None:
    engine = Engine([A, Started()], [], [B], [C])
    buffer = reading(engine)
    assert taken(buffer) == [A, Started(), B, C]
    assert not buffer.is_running
    assert engine.closed == 1
    for _ in range(2):
        with pytest.raises(StopIteration):
            buffer.take(SOON)


def test_it_is_read_as_fast_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = asyncio.sleep

    async def never_long(seconds: float) -> None:
        assert seconds <= 0
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", never_long)
    assert taken(reading(Engine([A], [B], [C]))) == [A, B, C]


def test_an_error_comes_after_what_came_before_it() -> None:
    engine = Engine([A], errors.GenerationError("failed"))
    buffer = reading(engine)
    found: list[Event] = []
    with pytest.raises(errors.GenerationError, match="failed") as caught:
        while True:
            found += buffer.take(SOON)
    assert found == [A]
    assert engine.closed == 1
    names = [each.name for each in caught.traceback]
    assert "advance" not in names, "the frames of the loop may hold what was sent"
    with pytest.raises(StopIteration):
        buffer.take(SOON)


def test_any_other_error_comes_too() -> None:
    with pytest.raises(LookupError, match="odd"):
        reading(Engine(LookupError("odd"))).take(SOON)


def test_an_error_of_closing_comes_only_if_there_is_no_other() -> None:
    for first, wanted in ((LookupError("first"), "first"), (None, "closing")):
        engine = Engine(*([first] if first else []))
        engine.fails = LookupError("closing")
        with pytest.raises(LookupError, match=wanted):
            reading(engine).take(SOON)


@pytest.mark.parametrize("timeout", [0.0, 0.001, 0.035])
def test_nothing_comes_in_time(timeout: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether that is less or more than a look for signals takes; the next call goes on."""
    monkeypatch.setattr(read_ahead, "LOOK", 0.01)
    engine = Engine(ends=False)
    buffer = reading(engine)
    began = time.perf_counter()
    with pytest.raises(queue.Empty):
        in_time(lambda: buffer.take(timeout))
    assert time.perf_counter() - began >= timeout / 2
    assert buffer.is_running
    engine.bring(A)
    assert buffer.take(SOON) == [A]
    call(buffer.stop)


def test_who_waits_without_a_limit_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "LOOK", 0.001)
    engine = Engine(ends=False)
    buffer = reading(engine)
    timer = threading.Timer(0.02, engine.bring, [A, B])
    timer.start()
    assert in_time(lambda: buffer.take(None)) == [A, B]
    timer.join()
    call(buffer.stop)


def test_who_waits_for_less_than_a_look_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "LOOK", 60.0)
    engine = Engine(ends=False)
    buffer = reading(engine)
    timer = threading.Timer(0.02, engine.bring, [A])
    timer.start()
    assert buffer.take(SOON) == [A]
    timer.join()
    call(buffer.stop)


def test_an_event_that_comes_when_the_caller_is_about_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody rings for it, so the caller looks once more."""
    engine = Engine(ends=False)

    class Late(deque[Event]):
        """It is empty, and is not any more when that has been found out."""

        def __len__(self) -> int:
            count = super().__len__()
            if not came:
                came.append(True)
                engine.bring(A)
                wait_until(lambda: super(Late, self).__len__() == 1, SOON)
            return count

    came: list[bool] = []
    monkeypatch.setattr(read_ahead, "deque", Late)
    buffer = reading(engine)
    assert buffer.take(SOON) == [A]
    call(buffer.stop)


def test_a_caller_who_counts_when_the_task_is_about_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The caller tells it nothing, so the task looks once more; nor does it count as waiting."""
    monkeypatch.setattr(read_ahead, "LIMIT", 100)
    monkeypatch.setattr(read_ahead, "LOOK", 0.001)
    engine = Engine(ends=False)

    class Late(asyncio.Event):
        def clear(self) -> None:
            wait_until(lambda: buffer._taken == buffer._put and buffer._is_awaited, SOON)
            super().clear()

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "Event", Late)
        buffer = reading(engine)
    engine.bring(TextDelta("x" * 100))
    engine.bring(A)
    wait_until(lambda: len(buffer._ready) == 1, SOON)
    assert buffer.take(SOON) == [TextDelta("x" * 100)]
    assert buffer.take(SOON) == [A]
    following = reading(Engine(ends=False), Page(engine.task))
    with pytest.raises(queue.Empty):
        following.take(0.01)
    call(following.stop)
    call(buffer.stop)


def test_one_that_the_loop_has_not_begun_yet(own_portal: Portal, busy: threading.Event) -> None:
    own_portal.soon(busy.wait)
    buffer = reading(Engine([A]))
    assert buffer.is_running
    busy.set()
    assert taken(buffer) == [A]


def test_one_that_is_stopped_ends() -> None:
    engine = Engine([A], ends=False)
    buffer = reading(engine)
    assert buffer.take(SOON) == [A]
    assert buffer.is_running
    call(buffer.stop)
    assert not buffer.is_running
    assert engine.closed == 1
    with pytest.raises(StopIteration):
        buffer.take(SOON)


def test_which_thread_takes() -> None:
    buffer = reading(Engine([A], [B]))
    assert buffer.reader == 0
    buffer.take(SOON)
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
            buffer.take(SOON)
    call(buffer.stop)


def test_what_an_event_counts_for() -> None:
    """Its texts, and something for itself."""
    least = _cost(Started())
    assert least > 0
    assert _cost(TextDelta("abc")) == least + 3
    assert _cost(Log("info", "ab", "cde")) == least + 9
    assert _cost(Progress(description="ab")) >= least + 2
    assert _cost(Values(("x",), weight=1000)) == least + 1000


@pytest.mark.parametrize("limit", [200, 500])
def test_a_caller_who_is_slow_is_waited_for(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than the limit and an event; all of it comes as the caller takes it."""
    monkeypatch.setattr(read_ahead, "LIMIT", limit)
    events: list[Event] = [TextDelta(str(number)) for number in range(100)]
    engine = Engine(*([each] for each in events))
    buffer = reading(engine)
    found = buffer.take(SOON)
    most = limit // _cost(TextDelta("")) + 1
    with contextlib.suppress(StopIteration):
        while True:
            batch = buffer.take(SOON)
            assert len(batch) <= most
            found += batch
    assert found == events

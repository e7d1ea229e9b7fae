"""The loop in a thread of its own: what runs there, and how it ends."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import gc
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from anyio import CancelScope

from spacechat import errors
from spacechat.portal import loop
from spacechat.portal.loop import Portal, call, get_portal, result_of, start
from tests.portal.in_time import SOON, in_time
from tests.processes import wait_until

CALLERS: contextvars.ContextVar[str] = contextvars.ContextVar("callers", default="nothing")


async def given(value: Any, *, of: Any = None) -> tuple[Any, Any, str]:
    await asyncio.sleep(0)
    return value, of, threading.current_thread().name


async def failing(error: BaseException) -> None:
    raise error


def test_what_a_call_returns() -> None:
    assert call(given, 1, of=2) == (1, 2, "spacechat")
    assert result_of(start(given, 1, of=2)) == (1, 2, "spacechat")
    assert get_portal() is get_portal()


def test_a_portal_by_itself(own_portal: Portal) -> None:
    assert own_portal.submit(given, 1, of=2).result(SOON) == (1, 2, "spacechat")


def test_a_future_that_is_done_is_not_waited_for() -> None:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    future.set_result(1)
    assert in_time(lambda: result_of(future)) == 1


def test_a_future_is_waited_for_a_while_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals are looked for in between; the processor is left to others."""
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    waits: list[float] = []

    def wait(futures: list[concurrent.futures.Future[int]], timeout: float) -> None:
        waits.append(timeout)
        if len(waits) == 3:
            futures[0].set_result(1)

    with monkeypatch.context() as patch:
        patch.setattr(concurrent.futures, "wait", wait)
        assert in_time(lambda: result_of(future)) == 1
    assert waits == [loop.LOOK] * 3
    assert 0.05 < loop.LOOK < 0.5


def test_no_task_is_kept_after_its_end(own_portal: Portal) -> None:
    async def current() -> weakref.ref[asyncio.Task[Any]]:
        task = asyncio.current_task()
        assert task is not None
        return weakref.ref(task)

    task = own_portal.submit(current).result(SOON)
    wait_until(lambda: gc.collect() >= 0 and task() is None, SOON)


def test_the_loop_does_not_complain_of_what_takes_long(
    own_portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    """What is loaded for the first question takes longer than `-X dev` would pass over."""
    own_portal.loop.set_debug(True)
    assert own_portal.soon(partial(time.sleep, 0.11))
    own_portal.exit()
    assert [each for each in caplog.records if "took" in each.getMessage()] == []


def test_the_thread_does_not_hold_up_the_end_of_the_process(own_portal: Portal) -> None:
    threads = [each for each in threading.enumerate() if each.name == "spacechat"]
    assert threads
    assert all(each.daemon for each in threads)


def test_the_first_call_begins_it_and_the_end_of_the_process_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_end: list[Callable[[], None]] = []
    monkeypatch.setattr(loop, "current", None)
    monkeypatch.setattr(atexit, "register", at_end.append)
    assert in_time(lambda: call(given, 1))[0] == 1
    portal = get_portal()
    (end,) = at_end
    end()
    assert portal.loop.is_closed()


def test_what_it_raises() -> None:
    with pytest.raises(LookupError, match="odd"):
        call(failing, LookupError("odd"))
    with pytest.raises(errors.GenerationError) as caught:
        call(failing, errors.GenerationError("x"))
    assert "failing" not in [each.name for each in caught.traceback]
    with pytest.raises(concurrent.futures.CancelledError):
        call(failing, asyncio.CancelledError())


def test_a_wait_that_is_interrupted_cancels_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began, ended = threading.Event(), threading.Event()

    async def long() -> None:
        began.set()
        try:
            await asyncio.sleep(1000)
        finally:
            ended.set()

    def wait(*_: object) -> None:
        assert began.wait(SOON)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(concurrent.futures, "wait", wait)
        with pytest.raises(KeyboardInterrupt):
            call(long)
    assert ended.wait(SOON)


def test_what_the_callers_context_says_is_not_true_of_the_loop() -> None:
    async def look() -> str:
        return CALLERS.get()

    token = CALLERS.set("something")
    try:
        assert call(look) == "nothing"
        found: list[str] = []
        rung = threading.Event()

        def ring() -> None:
            found.append(CALLERS.get())
            rung.set()

        assert get_portal().soon(ring)
        assert rung.wait(SOON)
        assert found == ["nothing"]
    finally:
        CALLERS.reset(token)


def test_a_call_from_within_would_wait_for_itself() -> None:
    async def within() -> None:
        get_portal().check_caller()

    get_portal().check_caller()
    with pytest.raises(RuntimeError, match="its own event loop"):
        call(within)


def test_a_call_from_within_a_call(own_portal: Portal) -> None:
    async def within() -> None:
        call(given, 1)

    with pytest.raises(RuntimeError, match="its own event loop"):
        in_time(lambda: call(within))


def test_ending_a_task_waits_for_it_and_leaves_the_others() -> None:
    portal = get_portal()
    ended: list[str] = []

    async def work(name: str) -> None:
        with portal.cancellable():
            try:
                await asyncio.sleep(1000)
            finally:
                ended.append(name)

    async def end_one() -> None:
        tasks = [asyncio.create_task(work(name)) for name in ("one", "other")]
        await asyncio.sleep(0)
        await portal.end()
        await portal.end(tasks[0])
        assert tasks[0].cancelled()
        assert ended == ["one"]
        await portal.end(tasks[1])

    call(end_one)
    assert ended == ["one", "other"]


class TestTheEnd:
    def test_what_runs_is_cancelled_and_the_thread_ends(self) -> None:
        portal = Portal()
        began, left = threading.Event(), threading.Event()

        async def long() -> None:
            began.set()
            try:
                await asyncio.sleep(1000)
            finally:
                left.set()

        future = portal.submit(long)
        assert began.wait(SOON)
        portal.exit()
        assert left.is_set()
        assert portal.exiting
        assert portal.loop.is_closed()
        with pytest.raises(concurrent.futures.CancelledError):
            future.result(60)

    def test_what_begins_meanwhile_is_cancelled_too(self, own_portal: Portal) -> None:
        ended: list[str] = []
        began = threading.Event()

        async def late() -> None:
            with own_portal.cancellable():
                try:
                    await asyncio.sleep(1000)
                finally:
                    ended.append("late")

        async def work() -> None:
            began.set()
            try:
                await asyncio.sleep(1000)
            finally:
                with CancelScope(shield=True):
                    await asyncio.wait([asyncio.create_task(late())], timeout=0.5)
                ended.append("work")

        own_portal.submit(work)
        assert began.wait(SOON)
        own_portal.exit()
        assert ended == ["late", "work"]

    def test_nothing_more_is_begun(self) -> None:
        portal = Portal()
        assert portal.soon(lambda: None)
        portal.exit()
        assert not portal.soon(lambda: pytest.fail("It ran."))
        with pytest.raises(RuntimeError, match="The process is ending"):
            portal.submit(given, 1)

    @pytest.mark.parametrize("is_main", [True, False])
    def test_only_the_main_thread_goes_on(
        self, is_main: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Any other would wait for ever, and ends with the process."""
        portal = Portal()
        portal.exit()

        class Forever:
            def wait(self) -> None:
                raise InterruptedError

        def refuse() -> RuntimeError:
            with monkeypatch.context() as patch:
                patch.setattr(threading, "Event", Forever)
                return portal.refuse_at_exit()

        if is_main:
            assert "The process is ending" in str(refuse())
        else:
            with ThreadPoolExecutor(1) as pool, pytest.raises(InterruptedError):
                pool.submit(refuse).result(SOON)

    def test_asynchronous_generators_are_closed(self) -> None:
        """Such as those of connections that wait for another request."""
        portal = Portal()
        closed = threading.Event()

        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                closed.set()

        found = numbers()

        async def first() -> int:
            return await anext(found)

        assert portal.submit(first).result(SOON) == 1
        portal.exit()
        assert closed.is_set()

    def test_what_does_not_end_is_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A Space that doesn't answer holds up no exit for longer than a moment."""
        monkeypatch.setattr("spacechat.portal.loop.EXIT", 0.05)
        portal = Portal()
        began, go_on = threading.Event(), threading.Event()

        async def stubborn() -> None:
            began.set()
            while not go_on.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.01)

        portal.submit(stubborn)
        assert began.wait(SOON)
        portal.exit()
        assert not portal.loop.is_closed()
        go_on.set()
        monkeypatch.setattr("spacechat.portal.loop.EXIT", 60.0)
        portal.exit()
        assert portal.loop.is_closed()

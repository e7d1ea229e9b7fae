"""The loop in a thread of its own: what runs there, and how it ends."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import threading
from typing import Any

import pytest

from spacechat import errors
from spacechat.portal.loop import Portal, call, get_portal, result_of, start

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
        assert began.wait(60)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(concurrent.futures, "wait", wait)
        with pytest.raises(KeyboardInterrupt):
            call(long)
    assert ended.wait(60)


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
        assert rung.wait(60)
        assert found == ["nothing"]
    finally:
        CALLERS.reset(token)


def test_a_call_from_within_would_wait_for_itself() -> None:
    async def within() -> None:
        get_portal().check_caller()

    get_portal().check_caller()
    with pytest.raises(RuntimeError, match="its own event loop"):
        call(within)


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
        assert began.wait(60)
        portal.exit()
        assert left.is_set()
        assert portal.exiting
        assert portal.loop.is_closed()
        with pytest.raises(concurrent.futures.CancelledError):
            future.result(60)

    def test_nothing_more_is_begun(self) -> None:
        portal = Portal()
        assert portal.soon(lambda: None)
        portal.exit()
        assert not portal.soon(lambda: pytest.fail("It ran."))
        with pytest.raises(RuntimeError, match="The process is ending"):
            portal.submit(given, 1)

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
        assert began.wait(60)
        portal.exit()
        assert not portal.loop.is_closed()
        go_on.set()
        monkeypatch.setattr("spacechat.portal.loop.EXIT", 60.0)
        portal.exit()
        assert portal.loop.is_closed()

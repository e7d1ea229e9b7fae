"""The engine of the blocking map, asking nobody."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import anyio
import pytest

from spacechat.client.lanes import Lanes
from spacechat.client.map_engine import AsyncMapEngine
from spacechat.errors import SpaceChatError
from spacechat.portal.loop import Portal
from spacechat.portal.map_engine import MapEngine
from spacechat.providers import Qwen_Qwen_2_72B
from spacechat.sync.client.map import Results
from tests.portal.complaints import complaints
from tests.portal.in_time import SOON, in_time
from tests.processes import wait_until

Result: TypeAlias = tuple[int, Any, Any, "SpaceChatError | None"]


def result(index: int, prompt: Any, reply: Any, error: SpaceChatError | None) -> Result:
    return index, prompt, reply, error


class Asked:
    """Answers prompts, each when as many as `together` have been asked; some never.

    Attributes:
        asked: The prompts, as they were asked.
        cancelled: Those whose answers were cancelled, once the Space has been told.
    """

    def __init__(self, together: int = 1, *, never: tuple[int, ...] = ()) -> None:
        self.asked: list[Any] = []
        self.cancelled: list[Any] = []
        self._together = together
        self._never = never
        self._enough: anyio.Event | None = None  # Of the loop in which it is asked.

    async def __call__(self, prompt: Any, space: object, model: object) -> str:
        self.asked.append(prompt)
        try:
            if self._enough is None:
                self._enough = anyio.Event()
            if len(self.asked) >= self._together:
                self._enough.set()
            await self._enough.wait()
            if prompt in self._never:
                await anyio.sleep_forever()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.02)
            self.cancelled.append(prompt)
            raise
        return f"to {prompt}"


def engine(
    prompts: Any, asked: Any, *, ordered: bool = True, concurrency: int = 2
) -> MapEngine[Result]:
    lanes = Lanes([(Qwen_Qwen_2_72B, None)], concurrency=concurrency, rate=None)
    return MapEngine(prompts, asked, lanes, ordered=ordered, result=result)


def at_work() -> tuple[MapEngine[Result], Asked]:
    """Return a map that has given a result, and is asking for two that don't come."""
    asked = Asked(together=3, never=(1, 2))
    results = engine([0, 1, 2], asked, concurrency=3)
    assert in_time(results.next_result) == (0, 0, "to 0", None)
    return results, asked


def results_of(results: MapEngine[Result]) -> list[Result]:
    """Return the results that are left; at most ten, since there are never more."""
    found: list[Result] = []
    with contextlib.suppress(StopIteration):
        while len(found) < 10:
            found.append(results.next_result())
    return found


def three(_: Any = None) -> Iterator[int]:
    yield from (7, 8, 9)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("prompts", [[7, 8, 9], (7, 8, 9), three])
def test_every_prompt_is_asked_once(prompts: Any, ordered: bool) -> None:
    results = engine(prompts() if callable(prompts) else prompts, Asked(), ordered=ordered)
    found = in_time(lambda: results_of(results))
    assert sorted(found, key=lambda each: each[0]) == [
        (index, prompt, f"to {prompt}", None) for index, prompt in enumerate((7, 8, 9))
    ]
    assert results.state == "closed"
    with pytest.raises(StopIteration):
        results.next_result()


def test_no_prompts() -> None:
    assert in_time(lambda: results_of(engine([], Asked()))) == []


def test_prompts_are_taken_while_the_caller_waits_for_a_result() -> None:
    """No answer comes before the second question has been asked."""
    results = engine([7, 8], Asked(together=2))
    assert in_time(results.next_result) == (0, 7, "to 7", None)
    assert in_time(results.next_result) == (1, 8, "to 8", None)
    assert in_time(lambda: results_of(results)) == []


def test_prompts_are_taken_in_the_callers_thread() -> None:
    threads: list[int] = []

    def prompts() -> Iterator[int]:
        threads.append(threading.get_ident())
        yield 7

    results = engine(prompts(), Asked())
    in_time(results.open)
    assert threads == []
    assert results_of(results) == [(0, 7, "to 7", None)]
    assert threads == [threading.get_ident()]


def test_opening() -> None:
    """What is wrong shows there, not at the first result."""
    with pytest.raises(TypeError):
        in_time(engine(7, Asked()).open)
    results = engine([7], Asked())
    in_time(results.open)
    in_time(results.open)
    assert results.state == "0 of 0 results given"
    in_time(results.close)
    assert results.state == "closed"
    with pytest.raises(SpaceChatError, match="make a new one"):
        in_time(results.open)
    with pytest.raises(StopIteration):
        in_time(results.next_result)


def test_one_that_can_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: object) -> NoReturn:
        raise LookupError

    monkeypatch.setattr(AsyncMapEngine, "open", fail)
    with pytest.raises(concurrent.futures.CancelledError):
        in_time(engine([7], Asked()).open)


# Errors


def broken() -> Iterator[int]:
    yield 7
    raise LookupError("broken")


def test_an_error_of_the_prompts_comes_after_the_results() -> None:
    """It shows where it was raised, not by which ways it came."""
    results = engine(broken(), Asked())
    assert in_time(results.next_result) == (0, 7, "to 7", None)
    with pytest.raises(LookupError, match="broken") as caught:
        results.next_result()
    names = [each.name for each in caught.traceback]
    assert names[-1] == "broken"
    assert "result_of" not in names
    assert results.state == "closed"


def test_an_error_of_what_asks_shows_where_it_was_raised() -> None:
    async def failing(*_: object) -> NoReturn:
        raise LookupError("odd")

    results = engine([7], failing)
    with pytest.raises(LookupError, match="odd") as caught:
        in_time(results.next_result)
    assert caught.traceback[-1].name == "failing"
    assert results.state == "closed"


# Closing


@pytest.mark.parametrize(
    "close",
    [MapEngine.close, lambda each: each.leave(None), lambda each: each.leave(LookupError())],
)
def test_closing_waits_until_the_spaces_have_been_told(
    close: Callable[[MapEngine[Any]], None],
) -> None:
    results, asked = at_work()
    in_time(lambda: close(results))
    assert sorted(asked.cancelled) == [1, 2]
    assert results.state == "closed"


def test_ctrl_c_at_the_end_of_a_block_waits_for_nothing(
    own_portal: Portal, busy: threading.Event
) -> None:
    results, asked = at_work()
    own_portal.soon(busy.wait)
    in_time(lambda: results.leave(KeyboardInterrupt()))
    busy.set()
    wait_until(lambda: sorted(asked.cancelled) == [1, 2], SOON)


def test_ctrl_c_while_prompts_are_taken_waits_for_nothing(
    own_portal: Portal, busy: threading.Event
) -> None:
    asked = Asked(never=(1,))

    def prompts() -> Iterator[int]:
        yield 1
        wait_until(lambda: asked.asked == [1], SOON)
        own_portal.soon(busy.wait)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_time(engine(prompts(), asked).next_result)
    busy.set()
    wait_until(lambda: asked.cancelled == [1], SOON)


def test_closing_when_the_process_has_ended_it(own_portal: Portal) -> None:
    results, asked = at_work()
    own_portal.exit()
    assert sorted(asked.cancelled) == [1, 2]
    results.close()
    with pytest.raises(StopIteration):
        results.next_result()


# In a process that was forked


@pytest.fixture
def in_child(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes this process look like one that was forked after the map was made."""
    return lambda: monkeypatch.setattr(os, "getpid", lambda: 0)


@pytest.mark.parametrize("use", [MapEngine.open, MapEngine.next_result])
def test_the_child_can_not_use_the_parents(
    use: Callable[[MapEngine[Any]], object], in_child: Callable[[], None]
) -> None:
    asked = Asked()
    results = engine([7], asked)
    in_child()
    with pytest.raises(RuntimeError, match="before the process forked"):
        in_time(lambda: use(results))
    assert asked.asked == []


def test_a_child_that_closes_the_parents_leaves_it_alone(
    own_portal: Portal, in_child: Callable[[], None]
) -> None:
    results, asked = at_work()
    in_child()
    in_time(results.close)
    assert results.state == "1 of 3 results given"
    assert asked.cancelled == []


# Dropped


def test_one_that_is_dropped_is_stopped_and_complains(
    own_portal: Portal, busy: threading.Event
) -> None:
    results, asked = at_work()
    own_portal.soon(busy.wait)
    (complaint,) = complaints(results)
    assert complaint.startswith("'face' was dropped before its end")
    busy.set()
    wait_until(lambda: sorted(asked.cancelled) == [1, 2], SOON)
    assert complaints(results) == []


def test_the_complaint_points_to_where_it_was_dropped() -> None:
    results = Results(engine([7], Asked()))
    results.engine.open()
    with pytest.warns(ResourceWarning, match="dropped before its end") as told:
        del results
    assert [each.filename for each in told] == [__file__]


def test_no_complaint_of_what_was_never_begun() -> None:
    assert complaints(engine([7], Asked())) == []


def test_no_complaint_in_a_child(own_portal: Portal, in_child: Callable[[], None]) -> None:
    results, _ = at_work()
    in_child()
    assert complaints(results) == []


def test_no_complaint_when_the_interpreter_ends(
    own_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, _ = at_work()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "is_finalizing", lambda: True)
        assert complaints(results) == []
    in_time(results.close)

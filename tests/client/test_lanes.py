"""Lanes: which of several Spaces is asked next, and when."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import pytest
import trio
import trio.testing

from spacechat import Rate, errors
from spacechat.client.lanes import Lane, Lanes
from spacechat.providers import Qwen_Qwen_2_72B, Space

T = TypeVar("T")

FIRST, SECOND, THIRD = (Qwen_Qwen_2_72B.at(f"http://{name}.test") for name in "abc")


def timed(function: Callable[[], Awaitable[T]]) -> T:
    """Run a function with a clock that goes on to the next time that something waits for.

    What waits for ever fails: an hour later, which is at once.
    """

    async def main() -> T:
        with trio.fail_after(3600):
            return await function()

    return trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def lanes(*spaces: type[Space], concurrency: int = 1, **more: object) -> Lanes:
    given = {"rate": None, **more}
    return Lanes([(each, None) for each in spaces], concurrency=concurrency, **given)  # type: ignore[arg-type]


def asked(lane: Lane) -> type[Space]:
    return lane.next_model()[0]


@pytest.mark.parametrize("rate", [4.0, Rate(4), Rate(8, per=2)], ids=str)
def test_the_rate_is_used_to_the_full(rate: Rate | float) -> None:
    async def main() -> list[float]:
        shared = lanes(FIRST, concurrency=8, rate=rate)
        began = trio.current_time()
        times = []
        for _ in range(5):
            await shared.enter()
            times.append(trio.current_time() - began)
        return times

    times = timed(main)
    assert times == pytest.approx([0, 0.25, 0.5, 0.75, 1])


@pytest.mark.parametrize(
    ("text", "interval"), [("2", 0.5), ("4/s", 0.25), ("30/m", 2.0), (" 0.5/h", 7200.0)]
)
def test_rates(text: str, interval: float) -> None:
    assert Rate.parse(text).interval == interval


@pytest.mark.parametrize("text", ["", "2/d", "-1", "0", "nan", "inf/s"])
def test_no_rates(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate.parse(text)


def test_a_space_that_fails_rests_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        shared = lanes(FIRST, SECOND)
        lane = await shared.enter()
        rests = []
        for _ in range(9):
            lane.record(errors.QueueFullError("Full."))
            rests.append(lane.rests_until - anyio.current_time())
        assert rests == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
        lane.record(errors.RateLimitError("Slowly.", retry_after=100))
        shared.leave(lane)
        other = await shared.enter()
        assert other is not lane
        # The one that rests is waited for, unless the other one has a place before.
        with trio.move_on_after(99.9):
            await shared.enter()
            raise AssertionError("it does not rest")
        assert await shared.enter() is lane
        shared.leave(lane)
        shared.leave(other)
        assert await shared.enter([other]) is lane

    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", 0.5)
    timed(main)


def test_places() -> None:
    """Of a Space, whatever its models; only one Space's where they are asked in turn."""
    assert lanes(FIRST, SECOND, FIRST, concurrency=3).places == 6
    assert lanes(FIRST, SECOND, concurrency=3, in_turn=True).places == 3
    assert lanes(FIRST).places == 1
    for concurrency in (0, -1):
        with pytest.raises(ValueError, match=f"must be at least 1, not {concurrency}"):
            lanes(FIRST, concurrency=concurrency)


@pytest.mark.parametrize(
    ("count", "per"),
    [(0, 1), (-1, 1), (1, 0), (1, -1), (math.inf, 1), (1, math.inf), (math.nan, 1)],
)
def test_what_is_no_rate(count: float, per: float) -> None:
    with pytest.raises(ValueError, match="both more than 0"):
        Rate(count, per)


def test_a_rate_does_not_change() -> None:
    """One is shared by the lanes of a map, and may be given to several maps."""
    rate = Rate(4, per=2)
    with pytest.raises(AttributeError):
        rate.per = 1.0  # type: ignore[misc]
    assert len({rate, Rate(4, per=2)}) == 1


@pytest.mark.parametrize("names", ["xy", "xyz"])
def test_the_models_of_a_space_are_asked_in_turn(names: str) -> None:
    models = [(FIRST, name) for name in names]
    lane = timed(Lanes(models, concurrency=1, rate=None).enter)
    found = [str(lane.next_model()[1]) for _ in range(2 * len(names))]
    assert sorted(found[: len(names)]) == list(names)
    assert found[len(names) :] == found[: len(names)]


def test_the_least_loaded_space_is_asked() -> None:
    async def main() -> None:
        shared = lanes(FIRST, SECOND, concurrency=2)
        entered = [await shared.enter() for _ in range(4)]
        assert [asked(each) for each in entered] == [FIRST, SECOND, FIRST, SECOND]
        assert not any(each.is_free for each in entered)
        shared.leave(entered[1])
        assert await shared.enter() is entered[1]

    timed(main)


def test_the_space_that_may_be_asked_first_comes_before_the_least_loaded() -> None:
    async def main() -> None:
        began = trio.current_time()
        shared = lanes(FIRST, SECOND, concurrency=3, rate=1)
        first = await shared.enter()
        second = await shared.enter()
        assert (asked(first), asked(second)) == (FIRST, SECOND)
        shared.leave(second)  # It has less to do, and both may be asked a second later.
        assert await shared.enter() is second
        assert trio.current_time() == pytest.approx(began + 1)
        assert await shared.enter() is first

    timed(main)


def test_a_place_is_waited_for() -> None:
    async def main() -> None:
        shared = lanes(FIRST)
        lane = await shared.enter()
        entered: list[Lane] = []

        async def enter() -> None:
            entered.append(await shared.enter())

        async with trio.open_nursery() as tasks:
            tasks.start_soon(enter)
            tasks.start_soon(enter)
            await trio.testing.wait_all_tasks_blocked()
            assert entered == []
            for number in (1, 2):
                shared.leave(lane)
                await trio.testing.wait_all_tasks_blocked()
                assert entered == [lane] * number

    timed(main)


def test_who_is_cancelled_while_waiting_for_a_rate_gives_the_place_back() -> None:
    async def main() -> None:
        shared = lanes(FIRST, concurrency=2, rate=1)
        lane = await shared.enter()
        with trio.move_on_after(0.5):
            await shared.enter()
        assert lane.is_free
        shared.leave(lane)
        with trio.fail_after(10):
            assert await shared.enter() is lane
            assert await shared.enter() is lane
        assert not lane.is_free

    timed(main)


def test_spaces_in_turn_are_asked_while_those_before_them_fail() -> None:
    async def main() -> None:
        shared = lanes(FIRST, SECOND, concurrency=2, in_turn=True)
        first = await shared.enter()
        assert await shared.enter() is first
        with trio.move_on_after(1000) as waited:
            await shared.enter()
        assert waited.cancelled_caught  # Though the second one has nothing to do.
        first.record(errors.QueueFullError("Full."))
        second = await shared.enter()
        assert second is not first
        shared.leave(first)
        await trio.sleep_until(first.rests_until)
        assert await shared.enter() is first

    timed(main)


def test_who_has_failed_is_left_out() -> None:
    async def main() -> None:
        shared = lanes(FIRST, SECOND, THIRD, concurrency=5)
        tried: list[Lane] = []
        for number, space in enumerate((FIRST, SECOND, THIRD)):
            assert shared.has_more(tried) is True
            lane = await shared.enter(tried)
            assert asked(lane) is space, number
            tried.append(lane)
        assert shared.has_more(tried) is False

    timed(main)


def test_an_answer_ends_the_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", 0.5)

    async def main() -> None:
        (lane,) = {await lanes(FIRST).enter()}
        for error, rest in ((True, 0.5), (True, 1.0), (False, 1.0), (True, 0.5)):
            lane.record(errors.QueueFullError("Full.") if error else None)
            assert lane.rests_until == trio.current_time() + rest

    timed(main)


def test_if_all_rest_one_is_asked_all_the_same() -> None:
    async def main() -> None:
        shared = lanes(FIRST, concurrency=2)
        lane = await shared.enter()
        lane.record(errors.RateLimitError("Slowly.", retry_after=100))
        began = trio.current_time()
        assert await shared.enter() is lane
        assert trio.current_time() == began

    timed(main)

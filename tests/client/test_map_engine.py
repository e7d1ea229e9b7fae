"""The engine of a map, asking nobody: what it takes, what it gives, and how it ends."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterator
from typing import Any, TypeAlias

import anyio
import pytest
from anyio.lowlevel import checkpoint

from spacechat.client import lanes
from spacechat.client.lanes import Lanes
from spacechat.client.map_engine import AHEAD, AHEAD_IN_ORDER, AsyncMapEngine
from spacechat.errors import GenerationError, MessagesError, SpaceChatError, SpaceUnavailableError
from spacechat.providers import Qwen_Qwen_2_5, Qwen_Qwen_2_72B
from tests import waiting

pytestmark = pytest.mark.anyio

Result: TypeAlias = tuple[int, Any, Any, "SpaceChatError | None"]


def result(index: int, prompt: Any, reply: Any, error: SpaceChatError | None) -> Result:
    return index, prompt, reply, error


class Asked:
    """Answers prompts; those that are held wait until they are let go.

    Attributes:
        asked: The prompts, as they were asked.
        cancelled: Those whose answers were cancelled, once the Space would have been told.
    """

    def __init__(self, *held: int) -> None:
        self.asked: list[Any] = []
        self.cancelled: list[Any] = []
        self._gates = {prompt: anyio.Event() for prompt in held}

    async def __call__(self, prompt: Any, space: object, model: object) -> str:
        self.asked.append(prompt)
        try:
            if prompt in self._gates:
                await self._gates[prompt].wait()
            await checkpoint()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await settle()
            self.cancelled.append(prompt)
            raise
        return f"to {prompt}"

    def let_go(self, prompt: int) -> None:
        self._gates[prompt].set()


async def settle() -> None:
    for _ in range(30):
        await checkpoint()


async def give_up_reading(results: AsyncMapEngine[Result]) -> None:
    """Wait for the next result, and be cancelled."""
    scope = anyio.CancelScope()
    async with anyio.create_task_group() as tasks:
        with scope:

            async def cancel() -> None:
                await settle()
                scope.cancel()

            tasks.start_soon(cancel)
            await results.next_result()
    assert scope.cancelled_caught


def engine(
    prompts: Any, asked: Any, *, ordered: bool = False, concurrency: int = 2, **further: Any
) -> AsyncMapEngine[Result]:
    lanes = Lanes([(Qwen_Qwen_2_72B, None)], concurrency=concurrency, rate=None)
    return AsyncMapEngine(prompts, asked, lanes, ordered=ordered, result=result, **further)


async def rest(results: AsyncMapEngine[Result], *, slowly: bool = False) -> list[Result]:
    """Return all results that are left."""
    found: list[Result] = []
    with contextlib.suppress(StopAsyncIteration):
        while True:
            found.append(await results.next_result())
            if slowly:
                await settle()
    return found


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("count", [0, 1, 40])
async def test_a_slow_reader_gets_every_result(count: int, ordered: bool) -> None:
    results = engine(range(count), Asked(), ordered=ordered)
    with anyio.fail_after(waiting.LONGEST):
        found = await rest(results, slowly=True)
    every = [(index, index, f"to {index}", None) for index in range(count)]
    assert (found if ordered else sorted(found)) == every
    assert results.state == "closed"


@pytest.mark.parametrize("ordered", [True, False])
async def test_the_order(ordered: bool) -> None:
    """In order, all wait for a slow answer; otherwise it comes last."""
    asked = Asked(0)
    results = engine(range(3), asked, ordered=ordered)
    with anyio.fail_after(waiting.LONGEST):
        await results.open()
        await settle()
        found = [] if ordered else [await results.next_result() for _ in range(2)]
        asked.let_go(0)
        numbers = [each[0] for each in [*found, *await rest(results)]]
        await results.aclose()
    assert numbers.index(0) == (0 if ordered else 2)
    assert (numbers if ordered else sorted(numbers)) == [0, 1, 2]


@pytest.mark.parametrize(("ordered", "ahead"), [(True, AHEAD_IN_ORDER), (False, AHEAD)])
async def test_how_many_are_asked_before_any_is_read(ordered: bool, ahead: int) -> None:
    asked = Asked()
    results = engine(range(99), asked, ordered=ordered, concurrency=2)
    with anyio.fail_after(waiting.LONGEST):
        await results.open()
        for _ in range(10):
            await settle()
        assert len(asked.asked) == 2 * ahead
        assert results.state == f"0 of {2 * ahead} results given"
        await results.next_result()
        for _ in range(10):
            await settle()
        assert len(asked.asked) == 2 * ahead + 1
        assert results.state == f"1 of {2 * ahead + 1} results given"
        await results.aclose()


async def test_no_more_at_once_than_there_are_places() -> None:
    asked = Asked(0, 1, 2, 3)
    results = engine(range(4), asked, concurrency=3)
    with anyio.fail_after(waiting.LONGEST):
        await results.open()
        await settle()
        assert sorted(asked.asked) == [0, 1, 2]
        assert results.state == "0 of 3 results given"
        asked.let_go(1)
        await settle()
        assert sorted(asked.asked) == [0, 1, 2, 3]
        await results.aclose()
    assert sorted(asked.cancelled) == [0, 2, 3]


class TestEnds:
    async def test_whoever_waits_is_told(self) -> None:
        results = engine(range(1), Asked(0))
        with anyio.fail_after(waiting.LONGEST):
            async with anyio.create_task_group() as tasks:
                await results.open()

                async def read() -> None:
                    with pytest.raises(StopAsyncIteration):
                        await results.next_result()

                tasks.start_soon(read)
                await settle()
                await results.aclose()

    async def test_another_task_waits_until_the_spaces_were_told(self) -> None:
        asked = Asked(0, 1)
        results = engine(range(2), asked)
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            await settle()
            async with anyio.create_task_group() as tasks:

                async def close() -> None:
                    await results.aclose()
                    assert sorted(asked.cancelled) == [0, 1]

                tasks.start_soon(close)
            await results.aclose()
        assert results.state == "closed"

    async def test_its_own_task_waits_too(self) -> None:
        asked = Asked(0, 1)
        results = engine(range(2), asked)
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            await settle()
            await results.leave(None)
        assert sorted(asked.cancelled) == [0, 1]

    async def test_a_reader_that_is_cancelled_ends_it(self) -> None:
        asked = Asked(0)
        results = engine(range(1), asked)
        with anyio.fail_after(waiting.LONGEST):
            await give_up_reading(results)
            assert (asked.cancelled, results.state) == ([0], "closed")

    async def test_within_a_block_a_reader_that_is_cancelled_ends_nothing(self) -> None:
        asked = Asked(0)
        results = engine(range(1), asked)
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            await give_up_reading(results)
            asked.let_go(0)
            assert (await results.next_result())[2] == "to 0"
            await results.aclose()

    async def test_a_prompt_that_comes_meanwhile_is_not_asked(self) -> None:
        """Its source lets nobody cancel it."""
        asked, waited, late = Asked(), anyio.Event(), anyio.Event()

        async def prompts() -> AsyncGenerator[int, None]:
            with anyio.CancelScope(shield=True):
                waited.set()
                await late.wait()
            yield 1

        results = engine(prompts(), asked)
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            await waited.wait()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(results.aclose)
                await settle()
                late.set()
            await results.aclose()
        assert asked.asked == []

    async def test_what_is_ready_is_not_given_afterwards(self) -> None:
        results = engine(range(2), Asked())
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            await settle()
            await results.aclose()
            with pytest.raises(StopAsyncIteration):
                await results.next_result()

    async def test_it_is_begun_once(self) -> None:
        closed = engine(range(2), Asked())
        await closed.aclose()
        running = engine(range(2), Asked())
        with anyio.fail_after(waiting.LONGEST):
            await running.open()
            for each in (closed, running):
                with pytest.raises(SpaceChatError) as caught:
                    await each.open()
                assert str(caught.value) == "This map has been read, or closed: make a new one."
            await running.aclose()


class TestPrompts:
    async def test_their_error_comes_after_all_results(self) -> None:
        def prompts() -> Iterator[int]:
            yield 0
            yield 1
            raise ZeroDivisionError

        results = engine(prompts(), Asked())
        found = []
        with anyio.fail_after(waiting.LONGEST):
            with pytest.raises(ZeroDivisionError):
                while True:
                    found.append((await results.next_result())[0])
            with pytest.raises(StopAsyncIteration):
                await results.next_result()
        assert sorted(found) == [0, 1]

    async def test_asynchronous_ones_are_closed(self) -> None:
        closed = False

        async def prompts() -> AsyncGenerator[int, None]:
            nonlocal closed
            try:
                for number in range(99):
                    await checkpoint()
                    yield number
            finally:
                await settle()
                closed = True

        results = engine(prompts(), Asked())
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            for _ in range(10):
                await settle()
            await results.aclose()
        assert closed


class TestErrors:
    async def test_one_is_a_result(self) -> None:
        async def ask(prompt: int, *_: object) -> str:
            if prompt == 1:
                raise GenerationError("Not today.")
            return "Hi"

        results = engine(range(3), ask, ordered=True)
        with anyio.fail_after(waiting.LONGEST):
            found = await rest(results)
        assert [each[2] for each in found] == ["Hi", None, "Hi"]
        error = found[1][3]
        assert error is not None
        assert (str(error), error.__traceback__) == ("Not today.", None)

    async def test_another_space_is_asked(self) -> None:
        asked: list[object] = []

        async def ask(prompt: int, space: object, model: object) -> str:
            asked.append(space)
            if len(asked) == 1:
                raise SpaceUnavailableError("Gone.")
            return "Hi"

        spaces = [Qwen_Qwen_2_72B, Qwen_Qwen_2_5]
        lanes = Lanes([(each, None) for each in spaces], concurrency=1, rate=None)
        results = AsyncMapEngine(["Q"], ask, lanes, ordered=False, result=result)
        with anyio.fail_after(waiting.LONGEST):
            (found,) = await rest(results)
        assert (found[2], sorted(map(str, asked))) == ("Hi", sorted(map(str, spaces)))

    @pytest.mark.parametrize("kind", [SpaceUnavailableError, MessagesError])
    async def test_advice_where_no_space_could_be_asked(self, kind: type[SpaceChatError]) -> None:
        async def ask(*_: object) -> str:
            raise kind("No.")

        async def advise(error: SpaceChatError) -> None:
            error.args = (f"{error} Ask another.",)

        results = engine(["Q"], ask, advise=advise)
        with anyio.fail_after(waiting.LONGEST):
            (found,) = await rest(results)
        assert str(found[3]) == ("No. Ask another." if kind is SpaceUnavailableError else "No.")

    async def test_a_fault_of_ours_is_raised(self) -> None:
        async def ask(*_: object) -> str:
            raise ZeroDivisionError

        results = engine(range(3), ask)
        with anyio.fail_after(waiting.LONGEST), pytest.raises(ZeroDivisionError):
            await results.next_result()
        assert results.state == "closed"

    async def test_a_fault_of_ours_comes_before_what_is_ready(self) -> None:
        async def ask(prompt: int, *_: object) -> str:
            if prompt == 1:
                raise ZeroDivisionError
            return "Hi"

        results = engine(range(3), ask)
        with anyio.fail_after(waiting.LONGEST):
            await results.open()
            while results._failure is None or not results._ready:
                await checkpoint()
            with pytest.raises(ZeroDivisionError):
                await results.next_result()
            await results.aclose()

    async def test_a_space_that_answers_again_rests_no_longer_than_at_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failures: list[int] = []
        fails = iter([True, False, True, False])

        def backoff(count: int, _: object) -> float:
            failures.append(count)
            return 0.0

        async def ask(_: object, space: object, model: object) -> str:
            if space is Qwen_Qwen_2_72B and next(fails):
                raise SpaceUnavailableError("Gone.", temporary=True)
            return "Hi"

        monkeypatch.setattr(lanes, "backoff", backoff)
        spaces = Lanes(
            [(Qwen_Qwen_2_72B, None), (Qwen_Qwen_2_5, None)],
            concurrency=1,
            rate=None,
            in_turn=True,
        )
        results = AsyncMapEngine(range(4), ask, spaces, ordered=True, result=result)
        with anyio.fail_after(waiting.LONGEST):
            assert [each[2] for each in await rest(results)] == ["Hi"] * 4
        assert failures == [0, 0]


@pytest.mark.runs_on("asyncio")
async def test_one_whose_tasks_are_gone_complains_where_it_is_dropped() -> None:
    """As where an event loop was stopped, and never closed."""
    results = engine([], Asked())
    results._group = anyio.create_task_group()
    with pytest.warns(ResourceWarning, match="0 of 0 results given> was dropped") as caught:
        del results
    assert [each.filename for each in caught] == [__file__]

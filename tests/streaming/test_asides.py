"""Scripts that run beside a request: when each runs, how it ends, and that it is stopped."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import anyio
import pytest

from spacechat.errors import GenerationError, SpaceChatError, StreamInterruptedError
from spacechat.protocol import Budget
from spacechat.steps import Beside, Script, Step
from spacechat.streaming.asides import Asides

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]


class Runner:
    """Runs a script of a few steps.

    Args:
        steps: What each step does: True for the last one, or an error.
        recovers: What becomes of an error: True for the script's end, False for another way,
            None if it has none.
        stops: The error with which stopping it fails, or None.

    Attributes:
        value: What the script returns.
        stopped: How often it was stopped.
    """

    def __init__(
        self,
        *steps: bool | SpaceChatError | None,
        recovers: bool | None = None,
        stops: Exception | None = None,
    ) -> None:
        self.value: object = "value"
        self.stopped = 0
        self._steps = [*steps]
        self._recovers = recovers
        self._stops = stops

    async def step(self) -> bool:
        step = self._steps.pop(0)
        if step is None:
            await anyio.sleep_forever()
        if isinstance(step, SpaceChatError):
            raise step
        return step is True

    def recover(self, error: SpaceChatError) -> bool:
        if self._recovers is not None:
            return self._recovers
        raise error

    async def stop(self) -> None:
        """End it, and perhaps fail."""
        self.stopped += 1
        if self._stops is not None:
            raise self._stops


def script() -> Generator[Step, Any, object]:
    yield from ()
    return None


FAILED = GenerationError("failed")


async def ran(runner: Runner) -> Beside[object]:
    """What a script has come to, after the request beside which it ran."""
    begun: list[object] = []

    def begin(script: Script[object]) -> Runner:
        begun.append(script.steps(Budget()))
        return runner

    aside = Beside(script())
    asides = Asides(begin)
    asides.add(aside)
    (work,) = asides.due()
    assert not asides.due(), "each runs once"
    try:
        await work()
    finally:
        assert begun == [aside.steps]
        assert runner.stopped == 1
        await asides.stop()
        assert runner.stopped == 1, "it runs no more"
    return aside


@pytest.mark.parametrize(
    "runner",
    [
        Runner(True),
        Runner(False, False, True),
        Runner(False, FAILED, recovers=True),
        Runner(FAILED, False, True, recovers=False),
    ],
)
async def test_one_that_returns(runner: Runner) -> None:
    aside = await ran(runner)
    assert aside.value == "value"


async def test_one_that_fails() -> None:
    runner = Runner(False, FAILED)
    asides = Asides(lambda _: runner)
    aside = Beside(script())
    asides.add(aside)
    (work,) = asides.due()
    with pytest.raises(GenerationError, match="failed"):
        await work()
    assert runner.stopped == 1
    with pytest.raises(GenerationError, match="failed"):
        _ = aside.value


async def test_one_that_is_left_out() -> None:
    asides = Asides(lambda _: Runner(True))
    aside = Beside(script())
    asides.add(aside)
    asides.leave_out()
    assert not asides.due()
    with pytest.raises(StreamInterruptedError):
        _ = aside.value


async def test_each_that_runs_is_stopped_whatever_becomes_of_another() -> None:
    runners = [Runner(None, stops=ValueError("one")), Runner(None, stops=ValueError("two"))]
    left = [*runners]
    asides = Asides(lambda _: left.pop())
    for _ in runners:
        asides.add(Beside(script()))
    async with anyio.create_task_group() as tasks:
        for work in asides.due():
            tasks.start_soon(quietly, work)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(ValueError, match=r"one|two"):
            await asides.stop()
        assert [runner.stopped for runner in runners] == [1, 1]
        tasks.cancel_scope.cancel()


async def quietly(work: Any) -> None:
    """Do some work, whose runner can't be stopped."""
    try:
        await work()
    except ValueError:
        return

"""Scripts that run beside a request, each over a connection of its own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

from ..errors import SpaceChatError
from ..steps import Beside, Script
from .tasks import Work


class _Runner(Protocol):
    """What runs a script: see `runner.Runner`."""

    @property
    def value(self) -> object: ...
    async def step(self) -> bool: ...
    def recover(self, error: SpaceChatError) -> bool: ...
    async def stop(self) -> None: ...


class Asides:
    """The scripts that wait for the next request of another script, and those that run beside one.

    Args:
        begin: Returns what runs a script.
    """

    def __init__(self, begin: Callable[[Script[object]], _Runner]) -> None:
        self._begin = begin
        self._waiting: list[Beside[Any]] = []
        self._running: set[_Runner] = set()

    def add(self, aside: Beside[Any]) -> None:
        """Have a script run with the next request."""
        self._waiting.append(aside)

    def leave_out(self) -> None:
        """Run none of the scripts that wait: they are for a request that is not made any more."""
        self._waiting.clear()

    def due(self) -> list[Work]:
        """Return what runs the scripts that have waited for this request."""
        if not self._waiting:
            return []
        due, self._waiting = self._waiting, []
        return [functools.partial(self._run, aside) for aside in due]

    async def stop(self) -> None:
        """Stop each script that is running, even if stopping another one is cut short."""
        if self._running:
            async with AsyncExitStack() as stops:
                for runner in self._running:
                    stops.push_async_callback(runner.stop)

    async def _run(self, aside: Beside[Any]) -> None:
        runner = self._begin(Script(steps=lambda _: aside.steps))
        self._running.add(runner)
        try:
            while not await _step_or_recover(runner):
                pass
            aside.end(runner.value)
        except SpaceChatError as exc:
            aside.fail(exc)
            raise
        finally:
            self._running.discard(runner)
            await runner.stop()


async def _step_or_recover(runner: _Runner) -> bool:
    """Take the next step of a script, or that of its other way; True at its end.

    Raises:
        SpaceChatError: It fails, and the script has no other way.
    """
    try:
        return await runner.step()
    except SpaceChatError as exc:
        error = exc
    return runner.recover(error)

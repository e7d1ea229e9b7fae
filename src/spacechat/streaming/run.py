"""A running function, as a user holds it: its values as they come, and its result."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any, NoReturn

from ..errors import SpaceChatError
from ..events import Event, Values
from ..settings import Settings
from ..steps import Script
from ..transport.kept import Kept
from .engine import AsyncEngine, Outcome
from .face import AsyncFace
from .open_page import OpenPage
from .result import Result, single


class AsyncRun(AsyncFace[Script[tuple[Any, ...]]]):
    """A function that runs; an async context manager and an async iterator of its values.

    Leaving the `async with` block early, `aclose`, an error and cancellation all tell the Space to
    stop and free the connection. Without the block, reading to the end does the same.

    Entering the block waits for nothing. Waking the Space, sending files and waiting in the queue
    happen while the run is read; each is an event as it happens, and an error is raised there. An
    error's `partial` is the newest value until then.

    A run is read once, by one task.
    """

    def __init__(
        self,
        script: Script[tuple[Any, ...]],
        settings: Settings,
        *,
        fallbacks: Iterable[Script[tuple[Any, ...]]] = (),
        page: OpenPage | None = None,
        kept: Kept | None = None,
    ) -> None:
        engine = AsyncEngine(script, settings, fallbacks=fallbacks, page=page, kept=kept)
        super().__init__(engine)
        self._newest: Values | None = None
        self._result: Result | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("A run can't be pickled; its result can.")

    def __repr__(self) -> str:
        engine = self.engine
        return f"<{type(self).__name__} of {engine.script.model!r} {engine.state}>"

    @property
    def value(self) -> Any:
        """The newest value; None before the first."""
        return None if self._newest is None else single(self._newest.values)

    async def result(self) -> Result:
        """Read to the end and return what the function returned.

        Raises:
            SpaceChatError: It failed, or was cancelled; the type says why, and `partial` is the
                newest value until then.
        """
        if self._result is None:
            with contextlib.suppress(StopAsyncIteration):
                while True:
                    await self.next_event()
            self._result = Result.of(await self._outcome())
        return self._result

    async def _outcome(self) -> Outcome[tuple[Any, ...]]:
        """Return what the engine came to.

        Raises:
            SpaceChatError: It was closed before the end.
        """
        try:
            return await self.engine.complete()
        except SpaceChatError as exc:
            exc.partial = self.value
            raise

    async def next_event(self) -> Event:
        """Return the next event.

        Raises:
            StopAsyncIteration: There is none.
            SpaceChatError: The function failed; the type says why, and `partial` is the newest
                value until then.
        """
        try:
            event = await super().next_event()
        except SpaceChatError as exc:
            exc.partial = self.value
            raise
        if isinstance(event, Values):
            self._newest = event
        return event

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        while True:
            event = await self.next_event()
            if isinstance(event, Values):
                return single(event.values)

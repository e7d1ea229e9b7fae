"""The times of one question."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable

import anyio

from .reply import Timings


class Clock:
    """Measures one question, in seconds by `time.monotonic`, and says when its time is over.

    Attributes:
        deadline: When the total timeout is over; infinite where there is none.
        queued: Seconds until the Space began to work, or None.
        first_text: Seconds until the first text or value came, or None.
    """

    def __init__(self) -> None:
        self.deadline: float = math.inf
        self.queued: float | None = None
        self.first_text: float | None = None
        self._started_at: float | None = None
        self._sleep: anyio.CancelScope | None = None

    def start(self, total: float | None) -> None:
        """Begin to measure; more calls do nothing.

        Args:
            total: Seconds that the question may take, or None.
        """
        if self._started_at is None:
            self._started_at = time.monotonic()
            self.deadline = math.inf if total is None else self._started_at + total

    @property
    def elapsed(self) -> float:
        """Seconds since the start; 0 before it."""
        return 0.0 if self._started_at is None else time.monotonic() - self._started_at

    @property
    def left(self) -> float:
        """Seconds left of the total timeout; infinite where there is none."""
        return self.deadline - time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the deadline; `wake` ends the wait."""
        with anyio.CancelScope() as self._sleep:
            await anyio.sleep(max(0.0, min(seconds, self.left)))

    async def wait_for(self, event: anyio.Event) -> None:
        """Wait for an event, but not beyond the deadline; `wake` ends the wait."""
        with anyio.CancelScope() as self._sleep, anyio.move_on_after(self.left):
            await event.wait()

    async def spend_on(self, work: Awaitable[None]) -> None:
        """Do some work, but not beyond the deadline; `wake` cuts it short."""
        with anyio.CancelScope() as self._sleep, anyio.move_on_after(self.left):
            await work

    def wake(self) -> None:
        """End what a `sleep`, `wait_for` or `spend_on` in another task waits for, if any does."""
        if self._sleep is not None:
            self._sleep.cancel()

    def timings(self) -> Timings:
        """Return the times so far, with now as the end."""
        return Timings(self.queued, self.first_text, self.elapsed)

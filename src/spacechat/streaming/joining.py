"""Joining a queue: a request that may have an effect, and whose answer says how to undo it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from ..transport.connection import CLOSING
from .tasks import run_together


class Joining:
    """A request that goes on for a while after its task is cancelled, if it has been sent.

    Its answer names the event, without which the Space can't be told to cancel it. So the request
    has a task of its own, which cancellation does not reach: that task is given `CLOSING` seconds
    more for the answer. A request of which nothing was sent ends at once.

    Args:
        ask: Makes the request, and takes the answer.
        is_sent: Tells whether a part of the request has been sent.
    """

    def __init__(self, ask: Callable[[], Awaitable[None]], is_sent: Callable[[], bool]) -> None:
        self._ask = ask
        self._is_sent = is_sent
        self._scope = anyio.CancelScope(shield=True)
        self._ended = anyio.Event()

    async def run(self) -> None:
        """Make the request.

        Raises:
            BaseException: What `ask` raised, or Ctrl-C; it comes in no group.
        """
        await run_together(self._wait, [self._run])

    async def end(self) -> None:
        """Wait until it has ended; called by another task than the one that runs it."""
        self._hurry()
        with anyio.move_on_after(2 * CLOSING):  # At the end of a loop, it may not come to its end.
            await self._ended.wait()

    def _hurry(self) -> None:
        left = CLOSING if self._is_sent() else 0.0
        self._scope.deadline = min(self._scope.deadline, anyio.current_time() + left)

    async def _wait(self) -> None:
        try:
            await self._ended.wait()
        except BaseException:  # It is cancelled, or Ctrl-C comes under trio.
            self._hurry()
            raise

    async def _run(self) -> None:
        try:
            with self._scope:
                await self._ask()
        finally:
            self._ended.set()

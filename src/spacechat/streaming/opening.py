"""The opening of a page beside a request, which hardly waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio

from .tasks import Work
from .together import together

_LEAST = 0.1
"""Seconds that it has after the request at least: nobody notices them."""


class Opening:
    """The opening of a page, while a request is made.

    No task outlives the request that it was begun for, so one of them has to wait for the other.
    After the request, the opening has as long again as that took: enough, as a rule, for a new
    connection. Then it is cut short. But once the server has been asked, it is not: a server that
    sees such a request end drops the session.

    Args:
        work: Opens the page, in bounded time.
        is_sent: Tells whether the server has been asked.
    """

    def __init__(self, work: Work, is_sent: Callable[[], bool]) -> None:
        self._work = work
        self._is_sent = is_sent
        self._scope = anyio.CancelScope()
        self._ended = anyio.Event()

    async def run(self) -> None:
        """Open the page, unless that is cut short."""
        try:
            with self._scope:
                await self._work()
        finally:
            self._ended.set()

    async def beside(self, request: Work, others: Sequence[Work]) -> None:
        """Make a request and do other work, as `together` does, and open the page meanwhile.

        Args:
            request: Makes the request.
            others: The other work.

        Raises:
            BaseException: What the request or the other work raised.
        """

        async def make() -> None:
            began = anyio.current_time()
            try:
                await together(request, others)
            except Exception:
                self._cut()
                raise
            with anyio.move_on_after(max(anyio.current_time() - began, _LEAST)):
                await self._ended.wait()
            self._cut()

        await together(make, [self.run])

    def _cut(self) -> None:
        if not self._is_sent():
            self._scope.cancel()

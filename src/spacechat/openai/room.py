"""Memory that requests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


class Room:
    """A number of bytes, of which each takes some for a while; who comes first is served first.

    Whoever waits in line while holding room of another `Room` must not be waited for by those who
    hold room of this one; then all come to their turn.

    Attributes:
        size: The bytes there are.

    Args:
        size: The same number.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = size
        self._line = anyio.Lock()
        self._more: anyio.Event | None = None

    @asynccontextmanager
    async def take(self, size: int) -> AsyncIterator[None]:
        """Wait until there are so many bytes, and hold them.

        Args:
            size: The bytes; no more than there are at all.
        """
        if size:  # who wants nothing need not stand in line
            async with self._line:
                while self._free < size:
                    self._more = anyio.Event()
                    await self._more.wait()
                self._free -= size
        try:
            yield
        finally:
            self._free += size
            if self._more is not None:
                self._more.set()

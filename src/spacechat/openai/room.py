"""Room: memory that requests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


class Room:
    """A number of bytes, of which requests take some for a while, first come, first served.

    A holder of this room must never wait for room of another `Room` whose holders wait for this
    one. Then every holder gives its room back in the end, and everyone in line gets a turn.

    Attributes:
        size: All bytes there are, taken or free.

    Args:
        size: All bytes there are.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = size
        self._line = anyio.Lock()
        self._more: anyio.Event | None = None

    @asynccontextmanager
    async def take(self, size: int) -> AsyncIterator[None]:
        """Wait until so many bytes are free, and hold them.

        Args:
            size: The bytes; no more than the size of the room, or waiting never ends.
        """
        if size:  # nothing is free at once, without standing in line
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

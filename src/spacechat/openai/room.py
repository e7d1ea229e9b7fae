"""Room: memory that requests share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio


class Share:
    """The bytes of a room that one request holds.

    Attributes:
        size: How many there are.

    Args:
        size: See above.
        give_back: Gives some back to the room.
    """

    def __init__(self, size: int, give_back: Callable[[int], None]) -> None:
        self.size: int = size
        self._give_back = give_back

    def shrink(self, size: int) -> None:
        """Give back all but so many bytes, if there are more."""
        if size < self.size:
            more, self.size = self.size - size, size
            self._give_back(more)


class Room:
    """A number of bytes, of which requests take some for a while, first come, first served.

    A holder must never wait for other holders of the same room. Then every holder gives its bytes
    back in the end, and everyone in line gets a turn.

    Attributes:
        size: All bytes there are, taken or free.

    Args:
        size: All bytes there are.
    """

    def __init__(self, size: int) -> None:
        self.size: int = size
        self._free = size
        self._line = anyio.Lock()
        self._more: anyio.Event | None = None

    @asynccontextmanager
    async def take(self, size: int) -> AsyncIterator[Share]:
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
        share = Share(size, self._give_back)
        try:
            yield share
        finally:
            share.shrink(0)

    def _give_back(self, size: int) -> None:
        self._free += size
        if self._more is not None:
            self._more.set()

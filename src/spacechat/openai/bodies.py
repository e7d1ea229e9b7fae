"""Bodies of requests, and the memory that they share as they come."""

from __future__ import annotations

from typing import Final

import anyio

UNCOUNTED: Final = 16 << 10
"""Bytes of each body that take no room: the server reads as much ahead on every connection."""


class BodyRoom:
    """The memory for bodies: each takes what has come of it, beyond the first `UNCOUNTED` bytes.

    So a small body never waits, and one that doesn't come takes nothing. Bodies that hold a part
    each could wait for one another for ever. Hence a reserve, as large as the largest body: when
    all else is taken, the first in line is *ahead*, and takes from the reserve whatever it lacks.
    There is only one at a time, so the reserve is enough. It ends (all of it has come, or its time
    is over), and then the next in line can be ahead. So every body gets its turn.

    Args:
        size: All bytes there are, at least the reserve.
        reserve: The bytes of the largest body.
    """

    def __init__(self, size: int, reserve: int) -> None:
        self._free = size
        self._reserve = reserve
        self._line = anyio.Lock()
        self._more: anyio.Event | None = None
        self._ahead: Body | None = None

    async def take(self, body: Body, size: int) -> None:
        """Wait until a body may take so many bytes more."""
        if body is self._ahead:
            self._free -= size
            return
        async with self._line:
            while self._free - size < self._reserve:
                if self._ahead is None:
                    self._ahead = body
                    break
                self._more = anyio.Event()
                await self._more.wait()
            self._free -= size

    def give_back(self, body: Body, size: int) -> None:
        """Take back all the bytes that a body has."""
        self._free += size
        if body is self._ahead:
            self._ahead = None
        if self._more is not None:
            self._more.set()


class Body:
    """The body of a request, as far as it has come. Use it in `with`, which drops it at the end.

    Attributes:
        data: The whole body, once it is complete; empty before, and when it was dropped.
        size: How many bytes have come.

    Args:
        room: The memory for bodies.
    """

    def __init__(self, room: BodyRoom) -> None:
        self.data: bytes = b""
        self.size: int = 0
        self._room = room
        self._parts: list[bytes] = []
        self._taken = 0

    async def add(self, part: bytes) -> None:
        """Keep what comes next, as soon as there is room for it."""
        self.size += len(part)
        more = max(0, self.size - UNCOUNTED) - self._taken
        if more:
            await self._room.take(self, more)
            self._taken += more
        self._parts.append(part)

    def complete(self) -> None:
        """Set `data`: all has come."""
        self.data = b"".join(self._parts)
        self._parts = []

    def drop(self) -> None:
        """Forget the body, and give its room back."""
        self.data = b""
        self._parts = []
        taken, self._taken = self._taken, 0
        self._room.give_back(self, taken)

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *exc: object) -> None:
        self.drop()

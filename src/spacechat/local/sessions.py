"""Sessions: the messages that wait for the reader of one session hash, and its events."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from . import wire
from .values import Json

BUFFERED: Final = 256
"""How many messages wait for a reader before the generation waits too."""


class Session:
    """The events of one session hash, and the messages that wait to be read.

    Messages go through a bounded buffer. A generation waits in `room` while the buffer is full, and
    the reader waits in `read` while it is empty; each wakes the other. Both end when the session
    is dropped: `read` returns None, and the tasks of the events are cancelled.

    Attributes:
        hash: The session hash.
        events: The events that wait or run, by id.
        dropped: Whether the session was dropped: its reader left, or has read everything.
        readers: How many readers there were.
        last_message: When the last message was added, by `time.monotonic`.
    """

    def __init__(self, session_hash: str) -> None:
        self.hash = session_hash
        self.events: dict[str, Event] = {}
        self.dropped = False
        self.readers = 0
        self.last_message: float = time.monotonic()
        self._messages: deque[bytes] = deque()
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether the buffer holds as many messages as it may."""
        return len(self._messages) >= BUFFERED

    def push(self, message: wire.Message) -> None:
        """Add a message for the reader, even to a full buffer."""
        self._messages.append(wire.frame(message))
        self.last_message = time.monotonic()
        self.wake()

    def wake(self) -> None:
        """Have the reader look at the session again."""
        self._readable.set()

    async def room(self) -> None:
        """Wait until the buffer has room for another message."""
        while self.full:
            self._writable.clear()
            await self._writable.wait()

    async def read(self) -> bytes | None:
        """Return the next message, or None if there will be none."""
        while not self._messages:
            if self.dropped or not self.events:
                return None
            self._readable.clear()
            await self._readable.wait()
        if self.dropped:
            return None
        self._writable.set()
        return self._messages.popleft()


@dataclass(eq=False)
class Event:
    """One call through the queue.

    Attributes:
        session: The session that gets its messages.
        data: The inputs.
        id: Its identifier.
        rank: The place in the queue that its session got last.
        task: The task that generates its answer, once it runs.
    """

    session: Session
    data: list[Json]
    id: str
    rank: int = -1
    task: asyncio.Task[None] | None = None

"""The queue of a local Space: which events wait, which run, and what ends them.

Everything here runs on the event loop of the server's thread, so nothing needs a lock. An event
joins the queue, runs as a task when its turn comes, and writes its messages into the buffer of its
session, where the reader of ``/queue/data`` finds them. When the buffer is full, the generation
waits for the reader; when the reader goes, its session's events are dropped with it.

Every event ends in one of three ways, and only once, since each takes it out of its session's
events: its generation ends (``_end``), ``/cancel`` ends it, or its session is dropped. A session is
dropped when its reader has read everything or leaves, or when it has had no reader for
``UNREAD_SECONDS``.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import deque
from typing import Final

from msgspec import UNSET, UnsetType

from . import wire
from .generation import Generations
from .sessions import Event, Session
from .settings import SpaceSettings
from .shapes import GRADIO_4
from .values import Json

UNREAD_SECONDS: Final = 60.0
"""How long a session may stay without a reader before it is dropped."""

MOST_EVENTS: Final = 2000
"""How many events may wait and run; each may have a thread, and live a while without a reader."""


class QueueFullError(Exception):
    """The queue takes no more events."""


class Queue:
    """Runs the events of a local Space.

    Args:
        settings: The Space's settings.

    Attributes:
        sessions: The sessions that have something to read, or will.
        cancelled: How many events ended by ``/cancel``, or because their reader went away.
    """

    def __init__(self, settings: SpaceSettings) -> None:
        self.sessions: dict[str, Session] = {}
        self.cancelled: int = 0
        self._settings = settings
        self._generations = Generations(settings)
        self._waiting: deque[Event] = deque()
        self._running: set[Event] = set()
        self._seconds = 0.0
        self._finished = 0

    @property
    def active(self) -> int:
        """How many generations run now."""
        return len(self._running)

    @property
    def threads(self) -> set[threading.Thread]:
        """The threads that run the user's own reply function."""
        return self._generations.threads

    def join(self, session_hash: str, data: list[Json]) -> str:
        """Put an event into the queue; return its id.

        Args:
            session_hash: The session it belongs to.
            data: Its inputs.

        Raises:
            QueueFullError: As many events wait as may wait.
        """
        most = self._settings.max_queue
        if most is not None and len(self._waiting) >= most:
            raise QueueFullError(f"Queue is full. Max size is {most} and size is {most}.")
        if len(self._waiting) + len(self._running) >= MOST_EVENTS:
            raise QueueFullError(f"Queue is full. There are {MOST_EVENTS} events.")
        session = self.sessions.get(session_hash)
        if session is None:
            session = self.sessions[session_hash] = Session(session_hash)
            asyncio.get_running_loop().call_later(UNREAD_SECONDS, self._drop_unread, session)
        event = Event(session, data, uuid.uuid4().hex)
        session.events[event.id] = event
        self._waiting.append(event)
        self._send_rank(event, len(self._waiting) - 1)
        self._start()
        return event.id

    def cancel(self, session_hash: str, event_id: str) -> None:
        """End an event that waits or runs; do nothing if there is none.

        Args:
            session_hash: The session it belongs to.
            event_id: The event's id.
        """
        session = self.sessions.get(session_hash)
        event = session.events.get(event_id) if session else None
        if event:
            self.cancelled += 1
            self._stop(event)
            self._end(event, wire.NoOutput(), success=True)

    def drop(self, session: Session) -> None:
        """Forget a session, and stop its events.

        Args:
            session: The session whose reader is gone, or has read everything.
        """
        self.cancelled += len(session.events)
        self._forget(session)
        self._start()
        self._send_ranks()

    def close(self) -> None:
        """Forget every session, as the server stops."""
        self._waiting.clear()
        for session in list(self.sessions.values()):
            self._forget(session)

    def _forget(self, session: Session) -> None:
        if self.sessions.get(session.hash) is session:
            del self.sessions[session.hash]
        for event in session.events.values():
            self._stop(event)
        session.events.clear()
        session.dropped = True
        session.wake()

    def _drop_unread(self, session: Session) -> None:
        if not session.readers:
            self.drop(session)

    def _stop(self, event: Event) -> None:
        if event.task:
            event.task.cancel()
            self._running.discard(event)
        elif event in self._waiting:
            self._waiting.remove(event)

    def _start(self) -> None:
        """Start the events whose turn has come."""
        limit = self._settings.concurrency
        while self._waiting and (limit is None or len(self._running) < limit):
            event = self._waiting.popleft()
            self._running.add(event)
            event.session.push(wire.ProcessStarts(event.id, self._mean()))
            event.task = asyncio.create_task(self._run(event))

    def _send_ranks(self) -> None:
        """Send the events that wait their new places in the queue."""
        for rank, event in enumerate(self._waiting):
            # A place in the queue may be left out if nobody reads.
            if rank != event.rank and not event.session.full:
                self._send_rank(event, rank)

    def _send_rank(self, event: Event, rank: int) -> None:
        event.rank = rank
        size, mean = len(self._waiting), self._mean()
        rounds = rank // (self._settings.concurrency or size) + 1
        eta = None if mean is None else mean * rounds
        event.session.push(wire.Estimation(event.id, rank, size, eta))

    def _mean(self) -> float | None:
        """Return how many seconds a generation took so far; None before the first one."""
        return self._seconds / self._finished if self._finished else None

    def _end(
        self, event: Event, output: wire.Output | wire.ErrorOutput | wire.NoOutput, *, success: bool
    ) -> None:
        self._running.discard(event)
        event.session.events.pop(event.id, None)
        title: str | UnsetType | None = None if success else "Error"
        if self._settings.shape.version == GRADIO_4:
            title = UNSET
        event.session.push(wire.ProcessCompleted(event.id, output, success, title))
        self._start()
        self._send_ranks()

    async def _run(self, event: Event) -> None:
        """Generate the answer of an event: the body of its task."""
        started = time.monotonic()
        try:
            output = await self._generations.run(event)
        except Exception as error:  # noqa: BLE001 - the client gets whatever a reply raises
            self._end(event, wire.ErrorOutput(str(error) or None), success=False)
        else:
            self._seconds += time.monotonic() - started
            self._finished += 1
            self._end(event, output, success=True)

"""The queue, the sessions and the generations of a local Space.

Everything here runs on the event loop of the server's thread, so nothing needs a lock. An event
joins the queue, runs as a task when its turn comes, and writes its messages into the buffer of its
session, where the reader of ``/queue/data`` finds them. When the buffer is full, the generation
waits for the reader; when the reader goes, its session's events are dropped with it.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, UnsetType

from spacechat.local import wire
from spacechat.local.answer import builtin_answer
from spacechat.local.pieces import PulledPieces, ReadyPieces
from spacechat.local.settings import Settings
from spacechat.local.shapes import GRADIO_4, Growth
from spacechat.local.values import ChatRequest, Json

BUFFERED: Final = 256
"""How many messages wait for a reader before the generation waits too."""

UNREAD_SECONDS: Final = 60.0
"""How long a session may stay without a reader before it is dropped."""

MOST_EVENTS: Final = 2000
"""How many events may wait and run; each may have a thread, and live a while without a reader."""

REMEMBERED: Final = 1000
"""How many sessions' earlier turns are kept."""


class QueueFullError(Exception):
    """The queue takes no more events."""


class Session:
    """The events of one session hash, and the messages that wait to be read."""

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
        """Whether as many messages wait as may wait."""
        return len(self._messages) >= BUFFERED

    def push(self, message: wire.Message) -> None:
        """Adds a message for the reader."""
        self._messages.append(wire.frame(message))
        self.last_message = time.monotonic()
        self.wake()

    def wake(self) -> None:
        """Lets the reader look again at what there is."""
        self._readable.set()

    async def room(self) -> None:
        """Waits until another message may be pushed."""
        while self.full:
            self._writable.clear()
            await self._writable.wait()

    async def read(self) -> bytes | None:
        """Gives the next message, or None when there will be none."""
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
        session: The session that hears of it.
        data: The inputs.
        id: What tells it apart.
        rank: The place in the queue that its session was told last.
        task: What generates its answer, once it runs.
    """

    session: Session
    data: list[Json]
    id: str
    rank: int = -1
    task: asyncio.Task[None] | None = None


class Hub:
    """Runs the events of a local Space.

    Attributes:
        sessions: The sessions that have something to read, or will.
        cancelled: How many events ended by ``/cancel``, or because their reader went away.
        threads: The threads that run the user's own reply function.
    """

    def __init__(self, settings: Settings) -> None:
        self.sessions: dict[str, Session] = {}
        self.cancelled: int = 0
        self.threads: set[threading.Thread] = set()
        self._settings = settings
        self._waiting: deque[Event] = deque()
        self._running: set[Event] = set()
        self._memory: OrderedDict[str, list[dict[str, str]]] = OrderedDict()
        self._seconds = 0.0
        self._finished = 0

    @property
    def active(self) -> int:
        """How many generations run now."""
        return len(self._running)

    def join(self, session_hash: str, data: list[Json]) -> str:
        """Puts an event into the queue.

        Args:
            session_hash: The session it belongs to.
            data: Its inputs.

        Returns:
            The event's id.

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
        self._tell_rank(event, len(self._waiting) - 1)
        self._start()
        return event.id

    def cancel(self, session_hash: str, event_id: str) -> None:
        """Ends an event that waits or runs; anything else is left as it is.

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
        """Forgets a session, and stops what still runs for it.

        Args:
            session: The session whose reader is gone, or has read everything.
        """
        self.cancelled += len(session.events)
        self._forget(session)
        self._start()
        self._tell_ranks()

    def close(self) -> None:
        """Forgets every session, as the server stops."""
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
        """Starts what may start now."""
        limit = self._settings.concurrency
        while self._waiting and (limit is None or len(self._running) < limit):
            event = self._waiting.popleft()
            self._running.add(event)
            event.session.push(wire.ProcessStarts(event.id, self._mean()))
            event.task = asyncio.create_task(self._run(event))

    def _tell_ranks(self) -> None:
        """Tells the events that wait their new places."""
        for rank, event in enumerate(self._waiting):
            # A place in the queue is news that may be left out where nobody reads it.
            if rank != event.rank and not event.session.full:
                self._tell_rank(event, rank)

    def _tell_rank(self, event: Event, rank: int) -> None:
        event.rank = rank
        size, mean = len(self._waiting), self._mean()
        rounds = rank // (self._settings.concurrency or size) + 1
        eta = None if mean is None else mean * rounds
        event.session.push(wire.Estimation(event.id, rank, size, eta))

    def _mean(self) -> float | None:
        """How many seconds a generation took so far; None before the first one."""
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
        self._tell_ranks()

    async def _run(self, event: Event) -> None:
        """Generates the answer of an event: the body of its task."""
        started = time.monotonic()
        try:
            output = await self._generate(event)
        except Exception as error:  # noqa: BLE001 - whatever a reply raises is told to the client
            self._end(event, wire.ErrorOutput(str(error) or None), success=False)
        else:
            self._seconds += time.monotonic() - started
            self._finished += 1
            self._end(event, output, success=True)

    async def _generate(self, event: Event) -> wire.Output:
        settings, shape, session = self._settings, self._settings.shape, event.session
        request = self._request(event)
        growth = Growth(shape, event.data, edits=settings.protocol != "sse_v1")
        clock = _Clock()

        async def send(data: list[Json]) -> None:
            await session.room()
            time_limit = UNSET if shape.version == GRADIO_4 else None
            output = clock.output(data, generating=True)
            session.push(wire.ProcessGenerating(event.id, output, time_limit=time_limit))

        pieces = self._pieces(request)
        try:
            if shape.opening:
                await send(growth.show(shape.opening))
            first = True
            while (piece := await pieces.next()) is not None:
                if settings.delay and not first:
                    await asyncio.sleep(settings.delay)
                first = False
                await send(growth.extend(piece))
        finally:
            pieces.stop()
        ending = ""
        if shape.opening:
            if settings.summary is not None:
                ending = f"\n<summary>{settings.summary}</summary>"
            await send(growth.show(growth.text + ending, more=False))
        if shape.remembers:
            self._remember(request, growth.text)
        return clock.output(growth.finish(ending), generating=False)

    def _request(self, event: Event) -> ChatRequest:
        shape = self._settings.shape
        wanted, given = len(shape.chat.inputs), len(event.data)
        if given != wanted:
            raise ValueError(f"This function takes {wanted} inputs, but {given} were given.")
        try:
            prompt, system, history = shape.read(event.data)
        except (TypeError, ValueError, LookupError) as error:
            raise ValueError(f"The inputs are not as this function takes them: {error}") from error
        session_hash = event.session.hash
        earlier = self._memory.get(session_hash, [])
        return ChatRequest(prompt, system, [*earlier, *history], event.data, session_hash)

    def _pieces(self, request: ChatRequest) -> ReadyPieces | PulledPieces:
        reply = self._settings.reply
        if reply is None:
            return ReadyPieces(builtin_answer(request))
        if callable(reply):
            return PulledPieces(lambda: reply(request), self.threads)
        return ReadyPieces(reply)

    def _remember(self, request: ChatRequest, answer: str) -> None:
        self._memory[request.session_hash] = [
            *request.history,
            {"role": "user", "content": request.prompt},
            {"role": "assistant", "content": answer},
        ]
        self._memory.move_to_end(request.session_hash)
        if len(self._memory) > REMEMBERED:
            self._memory.popitem(last=False)


class _Clock:
    """Measures how long each step of a generation takes."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._steps = 0

    def output(self, data: list[Json], *, generating: bool) -> wire.Output:
        """Wraps a step's data with the time it took."""
        now = time.perf_counter()
        self._steps += 1
        duration, self._last = now - self._last, now
        average = (now - self._started) / self._steps
        return wire.Output(data, generating, duration, average)

"""Reads a stream ahead in the portal's loop, for a caller in another thread.

Iterating blocks on what is not there yet only: the caller takes what a bounded buffer holds, which
costs little more than iterating without a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from weakref import WeakValueDictionary

from ..errors import SpaceChatError, without_frames
from ..events import Event, TextDelta, Values
from ..steps import Script
from ..streaming.engine import AsyncEngine
from ..streaming.open_page import OpenPage, still_open
from . import loop
from .loop import LOOK, Portal

LIMIT = 1 << 20
"""Characters that a stream is read ahead of its caller; each event counts for some, too."""

_EVENT = 64
"""Characters that an event counts for besides its text."""


_by_task: WeakValueDictionary[int, ReadAhead] = WeakValueDictionary()
"""Those that read, by the ids of their tasks, as a session's page knows them."""


class ReadAhead:
    """A task in the loop that reads an engine's events into a buffer.

    The caller takes all events that are there at once, so that most of them cost it nothing but
    being taken out of a list. They count as unread until it comes for more.

    The buffer is bounded by two counters: characters put in, and characters read. Each is written
    by one thread only, so neither needs a lock. No wake-up is lost: before it waits, the task sets
    `_paused` and then looks at the caller's counter once more; the caller counts, and then looks
    at `_paused`. Whichever of the two comes last sees what the other did. In the same way, the
    caller sets `_is_awaited` and then looks at the buffer once more, and the task fills the buffer
    and then looks at `_is_awaited`. A bell that was rung for nothing makes the caller look again.

    The caller never waits for ever: the task rings when it ends, however it ends, and it is
    cancelled when the process ends.

    Args:
        engine: The engine, which belongs to the portal's loop from now on.
        portal: The portal.
        page: The page of the session that the stream is part of, or None.

    Raises:
        RuntimeError: The process is ending.
    """

    def __init__(
        self, engine: AsyncEngine[Script[object]], portal: Portal, page: OpenPage | None
    ) -> None:
        self._engine = engine
        self._portal = portal
        self._page = page
        self._reader = 0  # The thread that took events last.
        self._ready: deque[Event] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_awaited = False  # Whether the caller waits for the bell, or is about to.
        self._is_complete = False  # Whether nothing more will be put in.
        self._error: BaseException | None = None
        self._put = 0
        self._given = 0  # What had been put in when the caller took events last.
        self._taken = 0
        self._paused = False  # Whether the task waits for the caller.
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ended = False
        if not portal.soon(self._begin):
            raise portal.refuse_at_exit()

    @property
    def is_running(self) -> bool:
        """Whether the read-ahead task is running."""
        return not self._ended and not (self._task is not None and self._task.done())

    @property
    def reader(self) -> int:
        """The thread that took events last."""
        return self._reader

    def take(self, timeout: float | None) -> list[Event]:
        """Return the events that are there, waiting for the first of them.

        Args:
            timeout: Seconds to wait at the most, or None.

        Raises:
            StopIteration: There are no more.
            queue.Empty: None came in time.
            SpaceChatError: The answer can't be had; or it waits for a run of its session that this
                very thread has to read, and is still running.
            RuntimeError: The stream is the parent's of a forked process, or the process ends.
        """
        __tracebackhide__ = True
        if self._ended:
            raise StopIteration
        if self._portal is not loop.current:
            raise inherited_stream()
        self._reader = threading.get_ident()
        self._count()
        while True:
            is_complete = self._is_complete  # In this order: what came before the end is there.
            if events := self._take_ready():
                return events
            if is_complete:
                self._ended = True
                raise self._ending()
            self._count()  # All that was taken has been read, whatever came in between.
            self._wait(timeout)

    def _take_ready(self) -> list[Event]:
        ready = self._ready
        # The task counts a message before it puts its events in. One that comes right now may be
        # counted here and not be there yet, so that the buffer holds one message more; or be there
        # and not be counted, which is made up for before the caller waits.
        self._given = self._put
        # Nobody else takes from it, so what is there now stays there.
        return [ready.popleft() for _ in range(len(ready))]

    def _count(self) -> None:
        """Count what was taken as read, and have the task go on if it waits for that."""
        self._taken = self._given
        if self._paused and self._put - self._taken < LIMIT // 2:
            self._paused = False  # As the task sets it, too; until then, it is not woken again.
            self._portal.soon(self._room.set)

    def _ending(self) -> BaseException:
        """Return what ends the iteration."""
        if isinstance(self._error, asyncio.CancelledError):
            return self._portal.refuse_at_exit() if self._portal.exiting else StopIteration()
        if isinstance(self._error, SpaceChatError):
            return without_frames(self._error)
        return self._error or StopIteration()

    def _wait(self, timeout: float | None) -> None:
        """Wait for the bell, a while at a time; see `LOOK`."""
        self._is_awaited = True
        if self._ready:
            return
        while timeout is None or timeout > LOOK:
            with contextlib.suppress(queue.Empty):
                self._bell.get(True, LOOK)
                return
            self._check_turn()
            if timeout is not None:
                timeout -= LOOK
        self._bell.get(True, timeout)

    def _check_turn(self) -> None:
        """Raise if this waits for a run that waits for its reader, who is the one to wait here.

        Raises:
            SpaceChatError: It would wait for ever.
        """
        holder = None if self._page is None else self._page.holder
        other = None if holder is None else _by_task.get(holder)
        if other is None or other is self:
            return
        if other._paused and other._reader == self._reader:
            raise still_open("thread")

    def _begin(self) -> None:
        self._task = self._portal.loop.create_task(self._run())
        _by_task[id(self._task)] = self

    async def _run(self) -> None:
        try:
            with self._portal.cancellable():
                await self._read()
        except BaseException as exc:  # noqa: BLE001 - the caller gets it
            self._error = exc
        try:
            await self._engine.aclose()
        except BaseException as exc:  # noqa: BLE001 - no host is found when the process ends
            self._error = self._error or exc
        finally:
            self._is_complete = True
            self._ring()

    async def _read(self) -> None:
        # Not by `AsyncChatStream.next_event`, which is a coroutine more for each token.
        advance, events, ready = self._engine.advance, self._engine.events, self._ready
        begun = False
        while await advance():
            for event in events:
                self._put += _cost(event)
            ready.extend(events)
            if self._is_awaited and events:
                self._ring()
            begins = not begun and any(type(event) is TextDelta for event in events)
            events.clear()
            if begins:
                # The caller takes the first text at once, not when the loop is out of work.
                begun = True
                await asyncio.sleep(0)
            if self._put - self._taken > LIMIT:
                await self._pause()

    def _ring(self) -> None:
        self._is_awaited = False
        self._bell.put(None)

    async def stop(self) -> None:
        """Stop reading and close the stream; runs in the loop."""
        if self._task is not None:
            await self._portal.end(self._task)

    async def _pause(self) -> None:
        self._room.clear()
        self._paused = True
        if self._put - self._taken > LIMIT // 2:
            await self._room.wait()
        self._paused = False


def _cost(event: Event) -> int:
    if type(event) is TextDelta:
        return _EVENT + len(event.text)
    if isinstance(event, Values):
        return _EVENT + event.weight
    fields = (getattr(event, name) for name in event.__struct_fields__)
    return _EVENT + sum(len(field) for field in fields if isinstance(field, str))


def inherited_stream() -> RuntimeError:
    """Return the error for a stream that a forked child has of its parent."""
    return RuntimeError(
        "This stream was opened before the process forked and belongs to the parent. "
        "Ask again in the child."
    )

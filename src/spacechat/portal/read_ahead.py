"""Reads a stream ahead in the portal's loop, for a caller in another thread.

Iterating blocks on what is not there yet only: the caller takes what a bounded buffer holds, which
costs little more than iterating without a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
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

    The buffer is bounded by two counters: characters put in, and characters taken out. Each is
    written by one thread only, so neither needs a lock. No wake-up is lost: before it waits, the
    task sets `_paused` and then looks at the caller's counter once more; the caller counts, and
    then looks at `_paused`. Whichever of the two comes last sees what the other did.

    The caller never waits for ever: the task puts None into the buffer when it ends, however it
    ends, and it is cancelled when the process ends.

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
        self._reader = 0  # The thread that took an event last.
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._put = 0
        self._taken = 0
        self._paused = False
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ended = False
        if not portal.soon(self._begin):
            raise portal.refuse_at_exit()

    @property
    def is_running(self) -> bool:
        """Whether the read-ahead task is running."""
        return not self._ended and not (self._task is not None and self._task.done())

    def take(self, timeout: float | None) -> Event:
        """Return the next event, waiting for it.

        Args:
            timeout: Seconds to wait at the most, or None.

        Raises:
            StopIteration: There is none.
            queue.Empty: It didn't come in time.
            SpaceChatError: The answer can't be had; or it waits for a run of its session that this
                very thread has to read, and is still running.
            RuntimeError: The stream is the parent's of a forked process, or the process ends.
        """
        if self._ended:
            raise StopIteration
        if self._portal is not loop.current:
            raise inherited_stream()
        self._reader = threading.get_ident()
        # Nobody else takes from it, so what is there now stays there.
        event = self._wait(timeout) if self._queue.empty() else self._queue.get_nowait()
        if event is None:
            self._ended = True
            if isinstance(self._error, asyncio.CancelledError):
                if self._portal.exiting:
                    raise self._portal.refuse_at_exit()
                raise StopIteration
            if isinstance(self._error, SpaceChatError):
                raise without_frames(self._error)
            raise self._error or StopIteration
        self._taken += _cost(event)
        if self._paused and self._put - self._taken < LIMIT // 2:
            self._paused = False
            self._portal.soon(self._room.set)
        return event

    def _wait(self, timeout: float | None) -> Event | None:
        """Wait for what is next in the queue, a while at a time; see `LOOK`."""
        while timeout is None or timeout > LOOK:
            with contextlib.suppress(queue.Empty):
                return self._queue.get(True, LOOK)
            self._check_turn()
            if timeout is not None:
                timeout -= LOOK
        return self._queue.get(True, timeout)

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
            self._queue.put(None)

    async def _read(self) -> None:
        # Not by `AsyncChatStream.next_event`, which is a coroutine more for each token.
        engine, put = self._engine, self._queue.put
        advance, events = engine.advance, engine.events
        begun = False
        while await advance():
            while events:
                event = events.popleft()
                self._put += _cost(event)
                put(event)
                if not begun and type(event) is TextDelta:
                    # The caller takes the first text at once, not when the loop is out of work.
                    begun = True
                    await asyncio.sleep(0)
            if self._put - self._taken > LIMIT:
                await self._pause()

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

"""The event loop behind the blocking facade.

One asyncio loop runs in one daemon thread per process, started when it is first needed and shared
by all clients. `call` runs a coroutine there. A stream's whole life is there, too: a task reads it
ahead into a bounded buffer, from which the caller takes what there is, and only a caller who finds
nothing waits. So iterating costs little more than it does without a thread.

After a fork, the child has no such thread: it starts its own. What it inherited of its parent's
it keeps and never touches, since the sockets and the selector in it are the parent's.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import math
import os
import queue
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, ParamSpec, TypeVar

from anyio import CancelScope

from ..errors import SpaceChatError, without_frames
from ..events import Event, TextDelta, TextReset
from ..protocol import GrowingText
from ..protocol.transcript import new_text
from ..streaming.chat_stream import AsyncChatStream, Reply

_T = TypeVar("_T")
_P = ParamSpec("_P")

AHEAD = 1 << 20
"""Characters that a stream is read ahead of its caller; each event counts for some, too."""

_EVENT = 64
"""Characters that an event counts for besides its text."""

_LOOK = 0.2
"""Seconds that a caller waits before it looks for signals: one that comes in the moment a lock
begins to wait does not wake it, and Ctrl-C would have to wait for what the caller waits for."""

EXIT = 1.0
"""Seconds that the end of the process waits for open streams to be stopped at their Spaces."""


def call(function: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a coroutine function in the portal's loop and return what it returns.

    An interrupt of the waiting caller, such as Ctrl-C, cancels it and is raised at once.

    Raises:
        RuntimeError: The caller is the portal's own thread, which would wait for itself.
        BaseException: What the function raises.
    """
    portal = _portal()
    portal.check_caller()
    future = portal.submit(function, *args, **kwargs)
    try:
        return result_of(future)
    except SpaceChatError as exc:
        raise without_frames(exc)  # noqa: B904 - it is the same error
    except concurrent.futures.CancelledError:
        if portal.exiting:
            raise portal.refuse_at_exit() from None
        raise
    except BaseException:
        future.cancel()
        raise


def result_of(future: concurrent.futures.Future[_T]) -> _T:
    """Wait for a future's result, a while at a time; see `_LOOK`."""
    while not future.done():
        concurrent.futures.wait([future], _LOOK)
    return future.result()


def start(
    function: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs
) -> concurrent.futures.Future[_T]:
    """Run a coroutine function in the portal's loop without waiting for it.

    Raises:
        RuntimeError: The process is ending.
    """
    return _portal().submit(function, *args, **kwargs)


class Reader:
    """Reads an asynchronous stream for a blocking caller.

    Args:
        stream: The stream, which belongs to the portal's loop from now on.
    """

    def __init__(self, stream: AsyncChatStream) -> None:
        self.stream = stream
        self._pump: _Pump | None = None
        self._portal: _Portal | None = None
        self._closed = False
        self._text = GrowingText()
        self._previous_text = ""  # The answer before the newest `TextReset`.

    @property
    def text(self) -> str:
        """The answer as far as the caller has read it."""
        return str(self._text)

    def open(self) -> None:
        """Begin to ask the question in the background, if that has not been done.

        Raises:
            SpaceChatError: The stream is closed.
        """
        self._own()
        if self._pump is None and not self._closed:
            self._start()
        elif self._closed and self.stream._reply is None:
            raise SpaceChatError("This stream is closed: ask again.", partial_text=self.text)

    def next_text(self) -> str:
        """Return the next piece of the answer.

        Raises:
            StopIteration: There is none.
            SpaceChatError: The answer can't be had.
        """
        while True:
            event = self.next_event()
            text = event.text if type(event) is TextDelta else self.new_text(event)
            if text:
                return text

    def new_text(self, event: Event) -> str:
        """Return the text that the newest event adds to what was shown and can't be taken back."""
        return new_text(event, self._previous_text)

    def next_event(self, timeout: float | None = None) -> Event:
        """Return the next event.

        Args:
            timeout: Seconds to wait for it at the most; None for ever.

        Raises:
            StopIteration: There is none.
            queue.Empty: It didn't come in time; the next call goes on waiting.
            SpaceChatError: The answer can't be had.
        """
        pump = self._pump or self._start()
        try:
            event = pump.take(_current, timeout)
        except queue.Empty:
            raise
        except (StopIteration, SpaceChatError):
            self._closed = True
            raise
        except BaseException:
            self.close(wait=False)
            raise
        if type(event) is TextDelta:
            self._text.append(event.text)
        elif type(event) is TextReset:
            self._previous_text = self.text
            self._text.replace(event.text)
        return event

    def events(self, owner: object) -> Iterator[Event]:
        """Return an iterator over the events.

        Args:
            owner: Who abandons this reader when dropped; it lives as long as the iterator.
        """
        return _Events(self, owner)

    def reply(self) -> Reply:
        """Read to the end and return the whole answer.

        Raises:
            SpaceChatError: The answer can't be had.
        """
        self._own()
        if not self._closed:
            with contextlib.suppress(StopIteration):
                while True:
                    self.next_event()
        return call(self.stream.reply)

    def close(self, *, wait: bool = True) -> None:
        """Stop the answer and free its connection.

        Args:
            wait: Return when that is done; otherwise it goes on in the background.
        """
        if self._closed:
            return
        portal = self._portal or _portal()
        if wait:
            portal.check_caller()
        self._closed = True
        if portal is not _current or portal.exiting:
            return  # It is the parent's, or the end of the process has closed it.
        pump, self._pump = self._pump, None
        future = portal.submit(self._stop, pump)
        if wait:
            result_of(future)

    async def _stop(self, pump: _Pump | None) -> None:
        """End the stream; runs in the loop."""
        if pump is not None:
            await pump.stop()
        await self.stream.aclose()
        self.stream._forget_unread(self.text)

    def abandon(self, name: str) -> None:
        """Close what its caller dropped, and complain as the standard library does of a file.

        Args:
            name: What the caller knows it as.
        """
        portal = self._portal
        if self._closed or portal is None or portal is not _current or portal.exiting:
            return
        if self._pump is not None and not self._pump.working:
            return
        if not sys.is_finalizing():
            self.close(wait=False)
            warnings.warn(
                f"{name} was dropped before its end; use it in a with block, or close() it.",
                ResourceWarning,
                stacklevel=3,
                source=self,
            )

    def _start(self) -> _Pump:
        if self._closed:
            raise StopIteration
        self._own()
        portal = self._portal = _portal()
        self._pump = _Pump(self.stream, portal)
        return self._pump

    def _own(self) -> None:
        portal = _portal()
        portal.check_caller()
        if self._portal is None:
            self._portal = portal
        elif self._portal is not portal:
            raise _inherited_stream()


class _Events:
    """Iterates over a reader's events."""

    def __init__(self, reader: Reader, owner: object) -> None:
        self._reader = reader
        self._owner = owner

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return self._reader.next_event()


class _Pump:
    """Reads a stream ahead, in the loop, for a caller in another thread.

    Two counters tell how far ahead it is. Each is written by one thread only. The pump pauses
    before it looks at the caller's once more, and the caller looks for a pause after it has
    counted: whichever comes last sees the other.
    """

    def __init__(self, stream: AsyncChatStream, portal: _Portal) -> None:
        self._stream = stream
        self._portal = portal
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
    def working(self) -> bool:
        """Whether there is something that has to be stopped."""
        return not self._ended and not (self._task is not None and self._task.done())

    def take(self, current: _Portal | None, timeout: float | None) -> Event:
        """Return the next event, waiting for it.

        Args:
            current: The portal of this process, to tell whether the stream is its own.
            timeout: Seconds to wait at the most, or None.

        Raises:
            StopIteration: There is none.
            queue.Empty: It didn't come in time.
            SpaceChatError: The answer can't be had.
        """
        if self._ended:
            raise StopIteration
        if self._portal is not current:
            raise _inherited_stream()
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
        if self._paused and self._put - self._taken < AHEAD // 2:
            self._paused = False
            self._portal.soon(self._room.set)
        return event

    def _wait(self, timeout: float | None) -> Event | None:
        """Wait for what is next in the queue, a while at a time; see `_LOOK`."""
        while timeout is None or timeout > _LOOK:
            with contextlib.suppress(queue.Empty):
                return self._queue.get(True, _LOOK)
            if timeout is not None:
                timeout -= _LOOK
        return self._queue.get(True, timeout)

    def _begin(self) -> None:
        self._task = self._portal.loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            with self._portal.cancellable():
                await self._read()
        except BaseException as exc:  # noqa: BLE001 - the caller gets it
            self._error = exc
        finally:
            await self._stream.aclose()
            self._queue.put(None)

    async def _read(self) -> None:
        # Not by `next_event`, which is a coroutine more for each token.
        advance, events, put = self._stream._advance, self._stream._events, self._queue.put
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
            if self._put - self._taken > AHEAD:
                await self._pause()

    async def stop(self) -> None:
        """Stop reading and close the stream; runs in the loop."""
        if self._task is not None:
            await self._portal.end(self._task)

    async def _pause(self) -> None:
        self._room.clear()
        self._paused = True
        if self._put - self._taken > AHEAD // 2:
            await self._room.wait()
        self._paused = False


def _cost(event: Event) -> int:
    if type(event) is TextDelta:
        return _EVENT + len(event.text)
    fields = (getattr(event, name) for name in event.__struct_fields__)
    return _EVENT + sum(len(field) for field in fields if isinstance(field, str))


class _Portal:
    """A loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # What is loaded for the first question takes longer than `-X dev` would pass over.
        self.loop.slow_callback_duration = math.inf
        self.exiting = False
        self._running: dict[asyncio.Task[Any], CancelScope] = {}
        self._gate = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="spacechat", daemon=True)
        self._thread.start()

    def submit(
        self, function: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> concurrent.futures.Future[_T]:
        """Run a coroutine function in the loop; cancelling the future cancels it.

        Raises:
            RuntimeError: The process is ending.
        """

        async def run() -> _T:
            with self.cancellable():
                return await function(*args, **kwargs)

        with self._gate:
            if not self.exiting:
                return self._run_soon(run())
        raise self.refuse_at_exit()

    @contextlib.contextmanager
    def cancellable(self) -> Iterator[None]:
        """What a task of the loop does in here is cancelled by `end`, and when the process ends.

        Raises:
            CancelledError: It was.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - all that runs in the loop is in one
        with CancelScope() as scope:
            self._running[task] = scope
            task.add_done_callback(self._running.pop)
            if self.exiting:
                scope.cancel()
            yield
        if scope.cancelled_caught:
            raise asyncio.CancelledError

    async def end(self, *tasks: asyncio.Task[Any]) -> None:
        """Cancel tasks of the loop and wait for them.

        It cancels their scopes: to cancel a task itself would break into the clean-up of one that
        is on its way out already, and the Space would not be told.
        """
        for task in tasks:
            if (scope := self._running.get(task)) is not None:
                scope.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def check_caller(self) -> None:
        """Raise `RuntimeError` for a caller who must not wait for the loop, which it runs in."""
        if threading.current_thread() is self._thread:
            raise RuntimeError(
                "A blocking call of spacechat was made from its own event loop, which would wait "
                "for itself forever. Use the asynchronous classes there."
            )

    def soon(self, callback: Callable[[], object]) -> bool:
        """Run a callback in the loop, unless the process is ending; tell whether it will."""
        with self._gate:
            if not self.exiting:
                contextvars.Context().run(self.loop.call_soon_threadsafe, callback)
            return not self.exiting

    def exit(self) -> None:
        """Cancel what runs, wait a moment for that, and end the thread."""
        with self._gate:
            self.exiting = True
            ending = self._run_soon(self._end_all())
        try:
            ending.result(EXIT)
        except (concurrent.futures.TimeoutError, KeyboardInterrupt):
            return  # A Space doesn't answer. The thread ends with the process, and says nothing.
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(EXIT)
        if not self._thread.is_alive():
            self.loop.close()

    def refuse_at_exit(self) -> RuntimeError:
        """Keep a daemon thread from going on while the process ends: it could only fail.

        Returns:
            What the main thread gets, which must come to its end.
        """
        if self.exiting and threading.current_thread() is not threading.main_thread():
            threading.Event().wait()
        return RuntimeError("The process is ending: nothing more can be asked.")

    def _run_soon(self, coroutine: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        # In a context of its own: what the caller's says may be true of the caller only, such as
        # that it runs in trio.
        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self.loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _end_all(self) -> None:
        await self.end(*self._running)


_current: _Portal | None = None
_starting = threading.Lock()
_inherited: list[_Portal] = []
"""What a forked child has of its parent's; kept, so that nothing in it is ever closed."""


def _portal() -> _Portal:
    global _current  # noqa: PLW0603 - one for the process
    if _current is None:
        with _starting:
            if _current is None:
                _current = _Portal()
                atexit.register(_current.exit)
    return _current


def _forget() -> None:
    """Leave the parent's loop alone; the child starts its own when it needs one."""
    global _current, _starting  # noqa: PLW0603
    _starting = threading.Lock()
    if _current is not None:
        atexit.unregister(_current.exit)
        _inherited.append(_current)
        _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _inherited_stream() -> RuntimeError:
    return RuntimeError(
        "This stream was opened before the process forked and belongs to the parent. "
        "Ask again in the child."
    )

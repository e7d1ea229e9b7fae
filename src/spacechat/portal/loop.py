"""The event loop behind the blocking facade.

One asyncio loop runs in one daemon thread per process, started when it is first needed and shared
by all clients. `call` runs a coroutine there and waits for it, `start` does not wait.

After a fork, the child has no such thread: it starts its own. It keeps its parent's portal and
never touches it, since the sockets and the selector in it are the parent's.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import math
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, ParamSpec, TypeVar

from anyio import CancelScope

from ..errors import SpaceChatError, without_frames

_T = TypeVar("_T")
_P = ParamSpec("_P")

LOOK = 0.2
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
    portal = get_portal()
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
    """Wait for a future's result, a while at a time; see `LOOK`."""
    while not future.done():
        concurrent.futures.wait([future], LOOK)
    return future.result()


def start(
    function: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs
) -> concurrent.futures.Future[_T]:
    """Run a coroutine function in the portal's loop without waiting for it.

    Raises:
        RuntimeError: The process is ending.
    """
    return get_portal().submit(function, *args, **kwargs)


class Portal:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        # What is loaded for the first question takes longer than `-X dev` would pass over.
        self.loop.slow_callback_duration = math.inf
        self.exiting: bool = False
        self._running: dict[asyncio.Task[Any], CancelScope] = {}
        self._gate = threading.RLock()
        self._thread = threading.Thread(target=self.loop.run_forever, name="spacechat", daemon=True)
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
        if threading.current_thread() is not threading.main_thread():
            threading.Event().wait()
        return RuntimeError("The process is ending: nothing more can be asked.")

    def _run_soon(self, coroutine: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        # In a context of its own: what the caller's says may be true of the caller only, such as
        # that it runs in trio.
        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self.loop)

    async def _end_all(self) -> None:
        await self.end(*self._running)
        await self.loop.shutdown_asyncgens()  # Closes the connections that wait.


current: Portal | None = None
"""The portal of this process, once there is one."""

_starting = threading.Lock()
_inherited: list[Portal] = []
"""The portals that a forked child has of its parents.

They are kept, so that nothing in them is ever collected and closed: their sockets and selectors are
the parent's as well.
"""


def get_portal() -> Portal:
    """Return the portal of this process, and start it if there is none."""
    global current  # noqa: PLW0603 - one for the process
    if current is None:
        with _starting:
            if current is None:
                current = Portal()
                atexit.register(current.exit)
    return current


def _forget() -> None:
    """Leave the parent's loop alone; the child starts its own when it needs one.

    Of a process that forks, only the thread that forked goes on in the child. So the loop's thread
    is not there, and a lock that another thread held is held for ever: `_starting` is made anew.
    """
    global current, _starting  # noqa: PLW0603
    _starting = threading.Lock()
    if current is not None:
        atexit.unregister(current.exit)
        _inherited.append(current)
        current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)

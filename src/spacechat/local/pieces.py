"""The sources of an answer's pieces.

Ready pieces are handed out on the event loop. The user's own function may block (it may sleep, or
ask a real model), so it runs in a thread of its own, one step for each piece that is asked for: it
never runs ahead of the reader, and blocks nothing but its thread.

The thread ends because every source is stopped (`stop` is called in a ``finally``), which puts None
into the thread's queue. A function that never comes back from a step keeps its thread, which is a
daemon and does not keep the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from queue import SimpleQueue


class ReadyPieces:
    """Pieces that exist already."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = iter(pieces)

    async def next(self) -> str | None:
        """Return the next piece, or None after the last one."""
        await asyncio.sleep(0)  # let the readers, and the other answers, run in between
        return next(self._pieces, None)

    def stop(self) -> None:
        """Do nothing: there is no work to stop."""


class PulledPieces:
    """Pieces from a function, which runs in a thread of its own, one piece at a time.

    The generator that the function may return is made, run and closed in that thread.

    Args:
        make: Returns the pieces.
        threads: The threads of the Space; this one is added, and ended ones are removed.
    """

    def __init__(self, make: Callable[[], Iterable[str]], threads: set[threading.Thread]) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._asked: SimpleQueue[asyncio.Future[str | Exception | None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spacechat-reply", daemon=True)
        threads.difference_update([one for one in threads if not one.is_alive()])
        threads.add(self._thread)
        self._thread.start()

    async def next(self) -> str | None:
        """Return the next piece, or None after the last one.

        Raises:
            Exception: The function raised it.
            TypeError: The function gave something that is no text.
        """
        future: asyncio.Future[str | Exception | None] = self._loop.create_future()
        self._asked.put(future)
        outcome = await future
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def stop(self) -> None:
        """Have the thread end as soon as the function comes back from its current step."""
        self._asked.put(None)

    def _run(self) -> None:
        steps = self._steps()
        try:
            while (future := self._asked.get()) is not None:
                outcome: str | Exception | None
                try:
                    outcome = next(steps, None)
                except BaseException as error:  # noqa: BLE001 - SystemExit, too, is an outcome
                    outcome = error if isinstance(error, Exception) else RuntimeError(repr(error))
                with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                    self._loop.call_soon_threadsafe(_settle, future, outcome)
        finally:
            steps.close()

    def _steps(self) -> Generator[str, None, None]:
        pieces = self._make()
        iterator: Iterator[str] = iter([pieces] if isinstance(pieces, str) else pieces)
        try:
            for piece in iterator:
                if not isinstance(piece, str):
                    raise TypeError(
                        f"the reply gave {type(piece).__name__}, but pieces must be str"
                    )
                yield piece
        finally:
            if isinstance(iterator, Generator):
                iterator.close()


def _settle(
    future: asyncio.Future[str | Exception | None], outcome: str | Exception | None
) -> None:
    if not future.done():
        future.set_result(outcome)

"""The engine of the blocking map: the caller's thread takes the prompts, the loop asks."""

from __future__ import annotations

import concurrent.futures
import contextlib
import enum
import os
import sys
import warnings
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Any, Generic, TypeVar

import anyio

from ..client.lanes import Lanes
from ..client.map_asks import Ask
from ..client.map_engine import AsyncMapEngine, MakeResult
from ..errors import SpaceChatError
from ..streaming.engine import Advise
from .loop import call, result_of, start

_R = TypeVar("_R")


class _Then(enum.Enum):
    """The next thing for the caller, or for the map."""

    PROMPT = "a prompt is wanted"
    END = "there is nothing more"


class MapEngine(Generic[_R]):
    """Asks the questions of a map, for one thread that takes the results.

    The prompts are taken in the caller's thread, while it waits for a result: an iterable of
    prompts may block, belong to its thread, and be interrupted.

    Args:
        prompts: The prompts.
        ask: Asks a Space.
        lanes: The Spaces.
        ordered: Whether the results come in the order of the prompts.
        result: Makes a result.
        advise: Adds advice to the error of a question that no Space answered, in the loop, or None.
    """

    def __init__(
        self,
        prompts: Iterable[Any],
        ask: Ask,
        lanes: Lanes,
        *,
        ordered: bool,
        result: MakeResult[_R],
        advise: Advise | None = None,
    ) -> None:
        self._prompts = prompts
        self._handed = _Handed()
        self._engine = AsyncMapEngine(
            self._handed, ask, lanes, ordered=ordered, result=result, advise=advise
        )
        self._block: concurrent.futures.Future[None] | None = None
        self._opened: concurrent.futures.Future[anyio.Event] = concurrent.futures.Future()
        self._process = os.getpid()
        self._closed = False
        self._source_error: Exception | None = None
        self._source_frames: TracebackType | None = None

    def open(self) -> None:
        """Begin, if that has not been done.

        Raises:
            SpaceChatError: The map is closed.
            RuntimeError: It was made before the process forked.
        """
        if self._closed:
            raise SpaceChatError("This map has been read, or closed: make a new one.")
        self._start()

    def next_result(self) -> _R:
        """Return the next result.

        Raises:
            StopIteration: There is none.
            RuntimeError: The map was made before the process forked.
            Exception: What the prompts raised.
        """
        if self._closed:
            raise StopIteration
        self._start()
        try:
            found = call(self._step)
            while found is _Then.PROMPT:
                found = call(self._step, self._take())
        except BaseException as exc:
            self.close(wait=isinstance(exc, Exception))
            frames, self._source_frames = self._source_frames, None
            if exc is not self._source_error:
                raise
            self._source_error = None
            raise exc.with_traceback(frames)  # noqa: B904 - the same error, but for its way here
        if isinstance(found, _Then):
            self.close()
            raise StopIteration
        return found

    def close(self, *, wait: bool = True) -> None:
        """Stop, and free the connections.

        Args:
            wait: Return when that is done; otherwise it goes on in the background.
        """
        block, self._block = self._block, None
        self._closed = True
        if block is None or self._process != os.getpid():
            return
        with contextlib.suppress(RuntimeError):  # The end of the process has closed it.
            start(self._end)
            if wait:
                result_of(block)

    @property
    def state(self) -> str:
        """How far the map is, in a few words."""
        return self._engine.state

    def leave(self, exc: BaseException | None) -> None:
        """Close at the end of a block; a second Ctrl-C would end a wait for that.

        Args:
            exc: The error that ends the block, or None.
        """
        self.close(wait=not isinstance(exc, KeyboardInterrupt))

    def abandon(self, owner: object) -> None:
        """Close a dropped map, and complain, as the standard library does of a file.

        Args:
            owner: The map.
        """
        if self._block is None or sys.is_finalizing() or self._process != os.getpid():
            return
        dropped = repr(owner)  # As it is now: closing changes it.
        self.close(wait=False)
        warnings.warn(
            f"{dropped} was dropped before its end; use it in a with block, or close() it.",
            ResourceWarning,
            stacklevel=3,
            source=owner,
        )

    def _start(self) -> None:
        if self._process != os.getpid():
            raise RuntimeError(
                "This map was made before the process forked and belongs to the parent. "
                "Make another in the child."
            )
        if self._block is None:
            self._prompts = iter(self._prompts)
            self._block = start(self._hold)
            result_of(self._opened)

    def _take(self) -> object:
        """Return the next prompt, or the error or the end in its place."""
        try:
            for prompt in self._prompts:
                return prompt
        except Exception as exc:  # noqa: BLE001 - raised when all results have been given
            self._source_error, self._source_frames = exc, exc.__traceback__
            return exc
        return _Then.END

    async def _hold(self) -> None:
        """Hold the task group of the map open."""
        left = anyio.Event()
        try:
            await self._engine.open()
            try:
                self._opened.set_result(left)
                await left.wait()
            finally:
                await self._engine.aclose()
        finally:
            self._opened.cancel()

    async def _end(self) -> None:
        self._opened.result().set()

    async def _step(self, given: object = None) -> _R | _Then:
        """Hand over a prompt, and wait for a result, or until another prompt is wanted."""
        handed = self._handed
        if given is not None:
            handed.give(given)
        while not handed.is_wanted:
            with anyio.CancelScope() as handed.waiting:
                try:
                    return await self._engine.next_result()
                except StopAsyncIteration:
                    return _Then.END
        return _Then.PROMPT


class _Handed:
    """The prompts of a blocking caller as an asynchronous iterator; used in the loop only.

    Attributes:
        is_wanted: Whether the map waits for a prompt.
        waiting: The scope in which the caller waits for a result.
    """

    def __init__(self) -> None:
        self.is_wanted: bool = False
        self.waiting: anyio.CancelScope | None = None
        self._there: anyio.Event | None = None
        self._given: object = None

    def give(self, given: object) -> None:
        """Give a prompt, an error, or the end."""
        self._given = given
        self.is_wanted = False
        if self._there is not None:
            self._there.set()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        self._there = anyio.Event()
        self.is_wanted = True
        if self.waiting is not None:
            self.waiting.cancel()
        await self._there.wait()
        given, self._given = self._given, None
        if given is _Then.END:
            raise StopAsyncIteration
        if isinstance(given, Exception):
            raise given
        return given

"""Runs many questions, a few at a time.

One task takes the prompts, and starts a task for each as soon as there is a place for it. A prompt
is taken only when its question can be asked, and when not too many results wait for the caller.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
)
from typing import Any, Generic, TypeAlias, TypeVar

import anyio
from anyio.abc import TaskGroup

from ..errors import SpaceChatError, none_answered, without_frames
from ..streaming.attempts import may_ask_another
from ..streaming.engine import Advise
from ..transport.connection import CLOSING
from .lanes import Lane, Lanes
from .map_asks import Ask

_R = TypeVar("_R")

AHEAD = 2
"""Prompts taken whose results were not read yet, for each question that may be asked at a time."""

AHEAD_IN_ORDER = 8
"""The same where results are given in order: one slow answer must not hold up the others."""

MakeResult: TypeAlias = Callable[[int, Any, Any, "SpaceChatError | None"], _R]
"""Makes a result of a prompt's number, the prompt, what came of it, and the error or None."""


class AsyncMapEngine(Generic[_R]):
    """Asks the questions of a map, for one task that takes the results.

    Args:
        prompts: The prompts.
        ask: Asks a Space.
        lanes: The Spaces.
        ordered: Whether the results come in the order of the prompts.
        result: Makes a result.
        advise: Adds advice to the error of a question that no Space answered, or None.
    """

    def __init__(
        self,
        prompts: AsyncIterable[Any] | Iterable[Any],
        ask: Ask,
        lanes: Lanes,
        *,
        ordered: bool,
        result: MakeResult[_R],
        advise: Advise | None = None,
    ) -> None:
        self._prompts = prompts
        self._advise = advise
        self._result = result
        self._ask = ask
        self._lanes = lanes
        self._ordered = ordered
        self._ahead = lanes.places * (AHEAD_IN_ORDER if ordered else AHEAD)
        self._group: TaskGroup | None = None
        self._in_block = False
        self._scopes: set[anyio.CancelScope] = set()  # Those of the tasks.
        self._change: anyio.Event | None = None  # Set at the next change.
        self._ready: deque[_R] = deque()
        self._held: dict[int, _R] = {}  # Results that wait for those before them.
        self._at_work = 0
        self._taken = 0
        self._given = 0
        self._all_taken = False
        self._closed = False
        self._source_error: Exception | None = None
        self._failure: Exception | None = None

    @property
    def state(self) -> str:
        """How far the map is, in a few words."""
        return "closed" if self._closed else f"{self._given} of {self._taken} results given"

    def __del__(self) -> None:
        if self._group is not None:
            warnings.warn(
                f"<AsyncMap {self.state}> was dropped before its end; use it in an async with "
                "block, or aclose() it.",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )

    def abandon(self, owner: object) -> None:
        """Do nothing: the tasks keep the engine of a dropped map alive, and the client closes it.

        Args:
            owner: The map.
        """

    async def open(self) -> None:
        """Begin.

        Raises:
            SpaceChatError: The map was begun or closed before.
        """
        if self._closed or self._group is not None:
            raise SpaceChatError("This map has been read, or closed: make a new one.")
        self._in_block = True
        await self._start()

    async def leave(self, exc: BaseException | None) -> None:
        """Close at the end of a block.

        Args:
            exc: The error that ends the block, or None.
        """
        await self.aclose()

    async def aclose(self) -> None:
        """Stop: take no more prompts, and tell the Spaces to cancel what they are at work on."""
        self._closed = True
        self._notify()
        for scope in self._scopes:
            scope.cancel()
        if self._group is None:
            return
        if self._host == anyio.get_current_task().id:
            group, self._group = self._group, None
            await group.__aexit__(None, None, None)
            return
        # A task that is cancelled before its first step doesn't come to its end.
        with anyio.move_on_after(2 * CLOSING):
            while self._scopes:
                await self._until_change()

    async def next_result(self) -> _R:
        """Return the next result.

        Raises:
            StopAsyncIteration: There is none.
            Exception: What the prompts raised.
        """
        if self._group is None and not self._closed:
            await self._start()
        try:
            while not self._ready or self._closed or self._failure is not None:
                self._check_end()
                await self._until_change()
        except BaseException:
            if not self._in_block:
                await self.aclose()
            raise
        self._given += 1
        self._notify()
        return self._ready.popleft()

    def _check_end(self) -> None:
        """Raise what ends the iteration, if there is nothing to wait for."""
        if self._closed:
            raise StopAsyncIteration
        if self._failure is not None:
            raise self._failure
        if self._all_taken and self._given == self._taken:
            if self._source_error is not None:
                error, self._source_error = self._source_error, None
                raise error
            raise StopAsyncIteration

    async def _start(self) -> None:
        self._host = anyio.get_current_task().id  # The task that the group is of.
        self._group = await anyio.create_task_group().__aenter__()
        self._spawn(self._feed)

    def _spawn(self, work: Callable[..., Awaitable[None]], *args: object) -> None:
        """Start a task that `aclose` can end from whichever task it is called in."""
        group = self._group
        if group is None or self._closed:
            return
        scope = anyio.CancelScope()
        self._scopes.add(scope)

        async def run() -> None:
            try:
                with scope:
                    await work(*args)
            except Exception as exc:  # noqa: BLE001 - the caller gets it
                self._failure = exc
            finally:
                self._scopes.discard(scope)
                self._notify()

        group.start_soon(run)

    def _notify(self) -> None:
        change, self._change = self._change, None
        if change is not None:
            change.set()

    async def _until_change(self) -> None:
        if self._change is None:
            self._change = anyio.Event()
        await self._change.wait()

    async def _feed(self) -> None:
        """Take the prompts, each when there is a place for it."""
        prompts = self._prompts
        source = aiter(prompts) if isinstance(prompts, AsyncIterable) else _Taken(iter(prompts))
        try:
            while True:
                while (
                    self._at_work == self._lanes.places or self._taken - self._given == self._ahead
                ):
                    await self._until_change()
                prompt = await source.__anext__()
                self._spawn(self._answer, self._taken, prompt)
                self._taken += 1
                self._at_work += 1
        except StopAsyncIteration:
            pass
        except Exception as exc:  # noqa: BLE001 - raised when all results have been given
            self._source_error = exc
        finally:
            self._all_taken = True
            if isinstance(source, AsyncGenerator):
                with anyio.move_on_after(CLOSING, shield=True):
                    await source.aclose()

    async def _answer(self, index: int, prompt: Any) -> None:
        """Ask a prompt, and give its result when its turn comes."""
        reply, error = await self._reply_or_error(prompt)
        result = self._result(index, prompt, reply, error)
        self._at_work -= 1
        if not self._ordered:
            self._ready.append(result)
            return
        self._held[index] = result
        while (first := self._held.pop(self._given + len(self._ready), None)) is not None:
            self._ready.append(first)

    async def _reply_or_error(self, prompt: Any) -> tuple[Any, SpaceChatError | None]:
        tried: list[Lane] = []
        failures: list[SpaceChatError] = []
        while True:
            lane = await self._lanes.enter(tried)
            try:
                space, model = lane.next_model()
                reply = await self._ask(prompt, space, model)
            except SpaceChatError as exc:
                error = without_frames(exc)
            else:
                lane.record(None)
                return reply, None
            finally:
                self._lanes.leave(lane)
            if not may_ask_another(error):
                return None, error
            lane.record(error)
            tried.append(lane)
            failures.append(error)
            if not self._lanes.has_more(tried):
                return None, await self._final_error(failures)

    async def _final_error(self, failures: list[SpaceChatError]) -> SpaceChatError:
        """Return the error of a question at which all Spaces have failed."""
        error = none_answered(failures)
        if self._advise is not None:
            await self._advise(error)
        return error


class _Taken:
    """An iterator, as an asynchronous one."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source

    async def __anext__(self) -> Any:
        for prompt in self._source:
            return prompt
        raise StopAsyncIteration

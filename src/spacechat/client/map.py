"""The results of many prompts, or of many calls, as a user holds them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from types import TracebackType
from typing import Any, Generic, NoReturn, TypeVar

from ..messages import MessagesLike
from ..streaming.engine import Advise
from .lanes import Lanes
from .map_asks import Ask
from .map_engine import AsyncMapEngine
from .map_results import CallResult, MapResult

_R = TypeVar("_R")
_Self = TypeVar("_Self", bound="AsyncResults[Any]")


class AsyncResults(Generic[_R]):
    """Results as they come; an async context manager and an async iterator.

    Leaving the `async with` block early, `aclose`, an error and cancellation all tell the Spaces to
    stop and free the connections. Without the block, reading to the end does the same.

    A map is read once, by one task.

    Attributes:
        engine: Asks the questions, on its own, so that a client can close it.
    """

    def __init__(self, engine: AsyncMapEngine[_R]) -> None:
        self.engine: AsyncMapEngine[_R] = engine

    def __del__(self) -> None:
        self.engine.abandon(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A live map can't be pickled; its results can.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.engine.state}>"

    async def aclose(self) -> None:
        """Stop: take no more prompts, and tell the Spaces to cancel what they are at work on."""
        await self.engine.aclose()

    async def __aenter__(self: _Self) -> _Self:
        await self.engine.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.engine.leave(exc)

    def __aiter__(self) -> AsyncIterator[_R]:
        return self

    async def __anext__(self) -> _R:
        return await self.engine.next_result()


class AsyncMap(AsyncResults[MapResult]):
    """The results of many prompts, as `AsyncClient.map` gives them.

    Args:
        prompts: The prompts.
        ask: Asks a Space.
        lanes: The Spaces.
        ordered: Whether the results come in the order of the prompts.
        advise: Adds advice to the error of a question that no Space answered, or None.
    """

    def __init__(
        self,
        prompts: AsyncIterable[MessagesLike] | Iterable[MessagesLike],
        ask: Ask,
        lanes: Lanes,
        *,
        ordered: bool,
        advise: Advise | None = None,
    ) -> None:
        engine = AsyncMapEngine(
            prompts, ask, lanes, ordered=ordered, result=MapResult, advise=advise
        )
        super().__init__(engine)


class AsyncCallMap(AsyncResults[CallResult]):
    """The results of many calls, as `AsyncApp.map` gives them.

    Args:
        arguments: The arguments of each.
        ask: Calls the function.
        lanes: The app.
        ordered: Whether the results come in the order of the arguments.
    """

    def __init__(
        self,
        arguments: AsyncIterable[Any] | Iterable[Any],
        ask: Ask,
        lanes: Lanes,
        *,
        ordered: bool,
    ) -> None:
        super().__init__(AsyncMapEngine(arguments, ask, lanes, ordered=ordered, result=CallResult))

"""What a stream is to its user, whatever it is a stream of: a block, and an iterator of events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Generic, TypeVar

from ..events import Event
from ..steps import Script
from .engine import AsyncEngine

_ScriptT_co = TypeVar("_ScriptT_co", bound=Script[object], covariant=True)
_Self = TypeVar("_Self", bound="AsyncFace[Script[object]]")


class AsyncFace(Generic[_ScriptT_co]):
    """A thin face over an engine: an async context manager with the engine's events.

    Args:
        engine: The engine.

    Attributes:
        engine: Runs the requests. It is for programs that show what happens as it comes.
    """

    def __init__(self, engine: AsyncEngine[_ScriptT_co]) -> None:
        self.engine: AsyncEngine[_ScriptT_co] = engine

    def __del__(self) -> None:
        self.engine.abandon(self)

    def events(self) -> AsyncIterator[Event]:
        """Return an iterator over everything that happens, as typed events.

        Raises:
            SpaceChatError: While iterating: it failed; the type says why.
        """
        return _Events(self)

    async def next_event(self) -> Event:
        """Return the next event.

        Raises:
            StopAsyncIteration: There is none.
            SpaceChatError: It failed; the type says why.
        """
        while not self.engine.events:
            if not await self.engine.advance():
                raise StopAsyncIteration
        return self.engine.events.popleft()

    async def aclose(self) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection.

        Takes no more than a few seconds. It is not itself cut short by cancellation.
        """
        await self.engine.aclose()

    async def __aenter__(self: _Self) -> _Self:
        self.engine.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.engine.leave(exc)


class _Events:
    """Iterates over a stream's events."""

    def __init__(self, stream: AsyncFace[Script[object]]) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._stream.next_event()

    async def aclose(self) -> None:
        await self._stream.aclose()

"""The finder behind the blocking client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..apps.found import FoundSpaces
from ..client.finder import AsyncFinder, Watch
from ..errors import SpaceChatError
from ..settings import Settings
from ..transport.kept import Kept
from .loop import call


class Finder:
    """Finds Spaces that can be chatted with; waits for them.

    Args:
        settings: The client's settings.
        kept: The connections that wait for the client's next request.
    """

    def __init__(self, settings: Settings, kept: Kept) -> None:
        self._finder = AsyncFinder(settings, kept)

    @property
    def advise(self) -> Callable[[SpaceChatError], Awaitable[None]]:
        """Adds to an error how to find a Space that is up; the stream's engine calls it."""
        return self._finder.advise

    def find(
        self, query: str, limit: int, *, all: bool, timeout: float, watch: Watch | None = None
    ) -> FoundSpaces:
        """Return the Spaces that a search finds; see `Client.find`."""
        return call(self._finder.find, query, limit, all=all, timeout=timeout, watch=watch)

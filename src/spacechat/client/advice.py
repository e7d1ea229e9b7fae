"""Advice where no Space answers: the name of one that does, or how to find it.

To find one takes the Hub a search, and other people's Spaces a look at each. So what was found
counts for some minutes, for all clients of the process, also where it is nothing; a search that
failed counts for some seconds. While one search runs, whoever else wants to know waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from ..apps.found import FoundSpace
from ..apps.hub import hub_url
from ..errors import (
    AuthenticationError,
    ModelNotFoundError,
    ProtocolError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamTimeoutError,
    is_own_mistake,
)

PATIENCE = 5.0
"""Seconds that a failed question may wait for the name of a Space that is up."""

_KEPT = 300.0
"""Seconds for which it counts."""

_FAILED = 10.0
"""Seconds for which a search that failed isn't tried again."""

_LOOK = 0.05
"""Seconds between two looks at whether another search is over."""

_FIND = 'To find a Space that is up: client.find("chat").'

_GONE = (SpaceUnavailableError, ModelNotFoundError, AuthenticationError, ProtocolError)
"""Errors that say that a Space can't be asked, whatever the question."""


@dataclass(frozen=True)
class _Known:
    """What a search has found.

    Attributes:
        hub: The Hub that was asked; empty before the first search.
        space: The Space, or None if none was found.
        until: When it counts no more, by `time.monotonic`.
    """

    hub: str = ""
    space: FoundSpace | None = None
    until: float = 0.0


class _Memory:
    """The Space that was found last. Each change is one assignment, so threads need no lock.

    Attributes:
        known: What the last search has found.
        searching_until: When the search that runs is over, however it ends.
    """

    def __init__(self) -> None:
        self.known: _Known = _Known()
        self.searching_until: float = 0.0

    async def recall(self, search: Callable[[], Awaitable[FoundSpace | None]]) -> FoundSpace | None:
        """Return the Space, which is searched for if none is known."""
        while time.monotonic() < self.searching_until:  # noqa: ASYNC110 - see below
            await anyio.sleep(_LOOK)  # It may run in another loop, whose events can't be awaited.
        known, hub = self.known, hub_url()
        if hub != known.hub or time.monotonic() > known.until:
            self.searching_until = time.monotonic() + PATIENCE
            try:
                found, kept = await search(), _KEPT
            except SpaceChatError:
                found, kept = None, _FAILED
            finally:
                self.searching_until = 0.0
            known = self.known = _Known(hub, found, time.monotonic() + kept)
        return known.space


LAST = _Memory()
"""What the whole process knows."""


async def name_one(
    error: SpaceChatError, search: Callable[[], Awaitable[FoundSpace | None]]
) -> None:
    """Add the name of a Space that is up to an error, where no Space could be asked.

    If the search is cut short, or finds none, the error says how to find one.

    Args:
        error: The error, which is changed.
        search: Finds such a Space.
    """
    if not is_gone(error):
        return
    said = str(error)
    await say_how_to_find(error)
    space = await LAST.recall(search)
    if space is not None:
        error.args = (
            f'The Space {space.id} is up: client.ask("Hi", model="{space.id}"). Nothing was sent '
            f'to it; client.find("chat") lists others. {said}',
        )


async def say_how_to_find(error: SpaceChatError) -> None:
    """Add to an error how to find a Space that is up, where no Space could be asked.

    Args:
        error: The error, which is changed.
    """
    if is_gone(error):
        error.args = (f"{error} {_FIND}",)


def is_gone(error: SpaceChatError) -> bool:
    """Tell whether no Space can be asked, whatever the question; nothing of an answer came."""
    return (
        not error.partial_text
        and not error.may_have_run
        and all(map(_is_gone, error.errors or (error,)))
    )


def _is_gone(error: SpaceChatError) -> bool:
    if isinstance(error, StreamTimeoutError):
        return not error.reached
    return isinstance(error, _GONE) and not is_own_mistake(error)

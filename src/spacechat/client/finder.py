"""Finding Spaces: the Hub's search, then a look at each Space that is running, a few at a time.

Everything is bounded. The Hub is asked twice at the most (and again if it says that it is busy),
`_MOST` Spaces are looked at, with `look.REQUESTS` requests each, and whatever has not answered when
the time is over is left alone. A look has an engine of its own, so that the trouble of one Space,
whatever it sends, is an error of that look, and none of the others'.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import anyio

from ..apps.found import FoundSpace, FoundSpaces, best_first
from ..apps.hub_search import ListedSpace, search_hub
from ..apps.look import look_at, unreachable
from ..errors import SpaceChatError, StreamTimeoutError
from ..settings import Settings, Timeout
from ..steps import Script, Steps
from ..streaming.engine import AsyncEngine
from ..streaming.tasks import run_together
from ..transport.kept import Kept
from .advice import PATIENCE, name_one

_T = TypeVar("_T")

Watch = Callable[[FoundSpace], None]
"""Is told of each Space as soon as somebody has looked at it."""

_AT_ONCE = 12
"""Spaces that are looked at at the same time."""

_FOR_EACH = 4
"""Spaces that are looked at for each that is wanted: many are no chats."""

_LEAST, _MOST = 30, 60
"""Spaces that are looked at, if the Hub names as many: for a few that are wanted, and for many."""

_EACH = 5.0
"""Seconds for a look at a Space."""

_SHORTEST = 0.2
"""Seconds below which a look is not worth beginning."""

_LONGEST_QUERY = 500
"""Characters of a query."""

_MESSAGE = 64 << 10
"""Bytes of an answer that is no description."""

_USUAL = "chat"
"""The query for any Space that can be chatted with."""


class AsyncFinder:
    """Finds Spaces that can be chatted with; `portal.finder` has its blocking twin.

    Args:
        settings: The client's settings.
        kept: The connections that wait for the client's next request.
    """

    def __init__(self, settings: Settings, kept: Kept) -> None:
        self._settings = settings
        self._kept = kept

    async def find(
        self, query: str, limit: int, *, all: bool, timeout: float, watch: Watch | None = None
    ) -> FoundSpaces:
        """Return the Spaces that a search finds; see `AsyncClient.find`."""
        _check(query, limit, timeout)
        most = min(max(_FOR_EACH * limit, _LEAST), _MOST)
        spaces = await self._find(query, most, all=all, timeout=timeout, watch=watch)
        chats = [each for each in spaces if each.chat]
        rest = [each for each in spaces if not each.chat]
        return FoundSpaces([*chats[:limit], *(rest if all else ())])

    async def _find(
        self, query: str, most: int, *, all: bool, timeout: float, watch: Watch | None
    ) -> FoundSpaces:
        """Return the Spaces that a search finds, with what a look at some of them says.

        Args:
            query: What is looked for.
            most: How many are looked at.
            all: Whether the Hub should name those that don't run, too.
            timeout: Seconds for all of it.
            watch: Called with each as soon as it was looked at, or None.
        """
        deadline = time.monotonic() + timeout
        settings = replace(self._settings, timeout=self._timeout(timeout))
        listed = await self._run(lambda: search_hub(query, any_state=all), settings)
        seen = {each.id: FoundSpace.of(each) for each in listed}
        running = [each for each in listed if seen[each.id].state == "running"]
        for each in running:  # Only a look tells whether they really do.
            del seen[each.id]
        chosen = _to_look_at(running, most)

        def keep(space: FoundSpace) -> None:
            seen[space.id] = space
            if watch is not None:
                watch(space)

        await self._look_at_all(chosen, deadline, keep)
        # In the Hub's order, which stays where nothing else tells Spaces apart.
        return best_first(seen[each.id] for each in listed if each.id in seen)

    async def advise(self, error: SpaceChatError) -> None:
        """Add to the error of a question that no Space answered which one would; see `advice`.

        Args:
            error: The error, which is changed.
        """
        settings = replace(self._settings, retries=0)
        await name_one(error, AsyncFinder(settings, self._kept).one_that_is_up)

    async def one_that_is_up(self) -> FoundSpace | None:
        """Return the first Space to answer that anybody can chat with; None if none does soon.

        Raises:
            SpaceChatError: The search failed.
        """
        up: list[FoundSpace] = []
        with anyio.CancelScope() as scope:

            def keep(space: FoundSpace) -> None:
                if space.chat and not (space.login or space.sign_in or space.private):
                    up.append(space)
                    scope.cancel()

            await self._find(_USUAL, _AT_ONCE, all=False, timeout=PATIENCE, watch=keep)
        return up[0] if up else None

    async def _look_at_all(
        self, spaces: Sequence[ListedSpace], deadline: float, keep: Watch
    ) -> None:
        waiting = deque(spaces)

        async def work() -> None:
            while waiting:
                keep(await self._look_at(waiting.popleft(), deadline))

        await run_together(work, [work] * (min(_AT_ONCE, len(spaces)) - 1))

    async def _look_at(self, listed: ListedSpace, deadline: float) -> FoundSpace:
        """Return a Space as it is; one that can't be looked at says why."""
        left = deadline - time.monotonic()
        if left < _SHORTEST:
            return unreachable(listed, "There was no time left to look at it: timeout= sets it.")
        seconds = min(_EACH, left)
        limits = replace(self._settings.limits, message=_MESSAGE)
        settings = replace(self._settings, timeout=self._timeout(seconds), retries=0, limits=limits)
        try:
            return await self._run(lambda: look_at(listed), settings)
        except StreamTimeoutError:
            return unreachable(listed, f"It did not answer within {seconds:.2g} s.")
        except SpaceChatError as exc:
            return unreachable(listed, str(exc))

    def _timeout(self, seconds: float) -> Timeout:
        """Return the client's limits on waiting, or shorter ones that fit into some seconds."""
        own = self._settings.timeout
        connect, idle, total = (
            min(limit or seconds, seconds) for limit in (own.connect, own.idle, own.total)
        )
        return Timeout(connect, idle, total)

    async def _run(self, steps: Callable[[], Steps[_T]], settings: Settings) -> _T:
        script = Script(steps=lambda _: steps())
        engine = AsyncEngine(script, settings, kept=self._kept)
        return (await engine.complete()).value


def _check(query: str, limit: int, timeout: float) -> None:
    """Raise if an argument can't be used.

    Raises:
        ValueError: It is out of range.
        TypeError: It is of another kind.
    """
    if not isinstance(query, str):
        raise TypeError(f"find takes a text to look for, not {type(query).__name__}.")
    if not query.strip() or len(query) > _LONGEST_QUERY or not query.isprintable():
        raise ValueError(
            'find takes a few words to look for, such as "qwen chat": one line of 1 to '
            f"{_LONGEST_QUERY} characters."
        )
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"limit takes a whole number, not {type(limit).__name__}.")
    if not isinstance(timeout, int | float) or isinstance(timeout, bool):
        raise TypeError(f"timeout takes a number of seconds, not {type(timeout).__name__}.")
    if not 1 <= limit <= _MOST:
        raise ValueError(f"limit must be from 1 to {_MOST}, not {limit!r}.")
    if not timeout > 0:
        raise ValueError(f"timeout must be more than 0 seconds, not {timeout!r}.")


def _to_look_at(running: Sequence[ListedSpace], most: int) -> list[ListedSpace]:
    """Return the Spaces to look at: in turn one of the best matches, and one of the most liked."""
    liked = sorted(running, key=lambda each: -each.likes)
    turns = itertools.chain.from_iterable(zip(running, liked, strict=True))
    return list(dict.fromkeys(turns))[:most]

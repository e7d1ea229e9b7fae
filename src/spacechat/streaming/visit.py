"""One call's part in the page of its conversation: its turn, and the page kept open."""

from __future__ import annotations

from collections.abc import Callable

from ..steps import ClosePage, Connect, KeepPageOpen, TakeTurn
from .clock import Clock
from .open_page import OpenPage
from .opening import Opening


class Visit:
    """What a call does with the page of its conversation; nothing where there is none.

    Args:
        page: The page of the conversation that the call is part of, or None.
        clock: The times of the call.
    """

    def __init__(self, page: OpenPage | None, clock: Clock) -> None:
        self._page = page
        self._clock = clock
        self._has_turn = False

    async def take(
        self,
        step: TakeTurn | KeepPageOpen | ClosePage,
        place: Connect | None,
        is_wanted: Callable[[], bool],
    ) -> None:
        """Take a step.

        Args:
            step: The step.
            place: The connection to the app, or None before there is one.
            is_wanted: Whether the call is not closed meanwhile.

        Raises:
            SpaceChatError: The turn can't be had.
        """
        page = self._page
        if page is None:
            return
        if isinstance(step, TakeTurn):
            self._has_turn = await page.take_turn(self._clock, is_wanted)
        elif isinstance(step, ClosePage):
            await page.aclose()
        elif place is not None:
            await page.keep_open(place, step)

    def due(self) -> Opening | None:
        """Return what opens the page with the next request, if that is due."""
        return None if self._page is None else self._page.due(self._clock.deadline)

    def end(self) -> None:
        """Give the turn to the next call."""
        if self._has_turn and self._page is not None:
            self._page.end_turn()
        self._has_turn = False

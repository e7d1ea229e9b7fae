"""The heartbeat request that keeps an app's session alive while a conversation is open."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import anyio

from ..errors import SpaceChatError, StreamTimeoutError
from ..log import log
from ..protocol import Budget
from ..settings import Settings
from ..steps import Connect, KeepPageOpen
from ..transport.connection import CLOSING, Connection
from .clock import Clock
from .opening import Opening

OPENING = 1.0
"""Seconds that a page may take to open, in all; at most a quarter of the question's own time."""


class OpenPage:
    """The page of a conversation, which the server takes to be open while a request is.

    The response to that request is never read: it is a few bytes now and then. When the request
    ends, the server forgets the session and runs the app's clean-up. A page is opened while the
    next request of the question is made, which waits for it no longer than it took itself
    (`opening`); what is not begun by then is left to the request after that.

    It has a new connection, none that is kept. Since nothing is read, nobody would see that a kept
    one had ended. It would save nothing either: nobody waits for the page, and it would take the
    connection that a question is waiting for.

    Args:
        settings: The client's settings.
        open_pages: The client's open pages; this one is among them while it is open.
    """

    def __init__(self, settings: Settings, open_pages: set[OpenPage]) -> None:
        self._settings = settings
        self._open_pages = open_pages
        self._turn: anyio.Event | None = None  # Set at the end of the turn that somebody has.
        self._holder = 0  # The task that took it.
        self._connection: Connection | None = None
        self._place: Connect | None = None  # Where it is to be opened, until that is begun.
        self._left = OPENING  # Seconds that it may still take to open.
        self._url = ""
        self._on_closed: Callable[[], None] | None = None

    async def keep_open(self, place: Connect, step: KeepPageOpen) -> None:
        """Have a page opened with the next request; the page that was open before is closed.

        Args:
            place: The connection to the app.
            step: The step with the address of the heartbeat.
        """
        if step.url == self._url:
            return
        await self.aclose()
        self._url, self._on_closed, self._place = step.url, step.on_closed, place
        self._left = OPENING
        self._open_pages.add(self)

    def due(self, deadline: float) -> Opening | None:
        """Return what opens the page, if that is due.

        Args:
            deadline: When the question's total timeout is over, by `time.monotonic`.
        """
        if self._place is None:
            return None
        return Opening(lambda: self._open(deadline), self._is_asked_for)

    def _is_asked_for(self) -> bool:
        return self._connection is not None and self._connection.is_sent()

    async def _open(self, deadline: float) -> None:
        """Open the page, unless it has been closed meanwhile.

        It is due again if that is cut short, as what goes on beside it failed or took less time.
        What the server does is another matter: one that refuses, or doesn't answer, is not asked at
        each question.
        """
        place, self._place = self._place, None
        if place is None:
            return
        budget = Budget(self._settings.limits)
        self._connection = connection = Connection(
            place.url, self._settings, place.headers, math.inf, budget
        )
        began = time.monotonic()
        try:
            is_open = await self._begin(connection, deadline)
        except BaseException:
            self._left -= time.monotonic() - began
            await self._drop(connection, due=place if self._left > 0 else None)
            raise
        if not is_open or self._connection is not connection:
            await self._drop(connection)

    async def _begin(self, connection: Connection, deadline: float) -> bool:
        """Make the request; tell whether it is taken. A server without a heartbeat is no error."""
        opening = min(self._left, (deadline - time.monotonic()) / 4)
        try:
            with anyio.fail_after(max(opening, 0.0)):
                await connection.open_unread(self._url)
        except (SpaceChatError, TimeoutError) as exc:
            log.debug(
                "The app's heartbeat can't be had: %s", str(exc) or "it does not begin in time"
            )
            return False
        return True

    async def _drop(self, connection: Connection, due: Connect | None = None) -> None:
        """Close a connection over which the page could not be opened.

        Args:
            connection: The connection.
            due: Where the page is to be opened with the next request, if it is not closed; or None.
        """
        if self._connection is connection:
            self._connection, self._place = None, due
        await _close(connection)

    @property
    def holder(self) -> int | None:
        """The id of the task whose turn it is."""
        return None if self._turn is None else self._holder

    async def take_turn(self, clock: Clock, is_wanted: Callable[[], bool]) -> bool:
        """Wait until no other call is at work in the session.

        Args:
            clock: The times of the call.
            is_wanted: Whether the call is not closed meanwhile.

        Returns:
            Whether it is the call's turn, which `end_turn` ends.

        Raises:
            SpaceChatError: It is the turn of a run that the same task has to read to its end.
            StreamTimeoutError: It was not its turn within the total timeout.
        """
        task = anyio.get_current_task().id
        while self._turn is not None and is_wanted():
            if self._holder == task:
                raise still_open("task")
            if clock.left <= 0:
                raise StreamTimeoutError(
                    "Another call of the session took all of the time: calls of one session are "
                    "made one after another. timeout= sets the total time."
                )
            await clock.wait_for(self._turn)
        if is_wanted():
            self._turn, self._holder = anyio.Event(), task
            return True
        return False

    def end_turn(self) -> None:
        """Give the turn to the next call, if there is one."""
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.set()

    async def aclose(self) -> None:
        """Close the page, if one is open."""
        connection, self._connection = self._connection, None
        on_closed, self._on_closed = self._on_closed, None
        self._url, self._place = "", None
        self._open_pages.discard(self)
        if connection is not None:
            await _close(connection)
        if on_closed is not None:
            on_closed()


async def _close(connection: Connection) -> None:
    """Close a connection; cancellation doesn't cut that short."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(CLOSING):
        await connection.aclose()


def still_open(where: str) -> SpaceChatError:
    """Return the error for a call that would wait for a run which its own caller has to read.

    Args:
        where: What the two have in common: a task or a thread.
    """
    return SpaceChatError(
        f"A run of this session is open in the same {where}, and calls of a session are made one "
        "after another: read it to its end or close it first, or call without the session."
    )

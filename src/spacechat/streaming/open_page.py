"""What shows a server that the page of a conversation is open."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import anyio

from ..errors import SpaceChatError
from ..log import log
from ..protocol import Budget
from ..settings import Settings
from ..steps import Connect, KeepPageOpen
from ..transport.connection import CLOSING, Connection

OPENING = 1.0
"""Seconds that a question waits at the most for a page to open; of its own time, a quarter."""


class OpenPage:
    """A page that a server knows to be open, by a request that it keeps answering.

    Nothing of that answer is read: it is a few bytes now and then, and says that the server lives.
    Once the request ends, the server forgets the session, and runs what the app has for that.

    Args:
        settings: What the client brings.
        open_pages: The client's open ones, among which this one is while it is open.
    """

    def __init__(self, settings: Settings, open_pages: set[OpenPage]) -> None:
        self._settings = settings
        self._open_pages = open_pages
        self._connection: Connection | None = None
        self._url = ""
        self._closed: Callable[[], None] | None = None

    async def keep_open(self, place: Connect, step: KeepPageOpen, deadline: float) -> None:
        """Keep a page open; the one that was open before is left.

        A server that doesn't want to know loses nothing by it, and neither does the question: the
        little time that it waits here, it waits once for each page.

        Args:
            place: Where the app is.
            step: What keeps its page open.
            deadline: When the question's total timeout is over, by `time.monotonic`.
        """
        if step.url == self._url:
            return
        await self.aclose()
        connection = Connection(
            place.url, self._settings, place.headers, math.inf, Budget(self._settings.limits)
        )
        self._url, self._closed, self._connection = step.url, step.closed, connection
        self._open_pages.add(self)
        opening = min(OPENING, (deadline - time.monotonic()) / 4)
        try:
            with anyio.fail_after(max(opening, 0.0)):
                await connection.open_events(step.url)
        except (SpaceChatError, TimeoutError) as exc:
            log.debug("The app's heartbeat can't be had: %s", exc or "it does not begin in time")

    async def aclose(self) -> None:
        """Leave the page, if one is open."""
        connection, self._connection = self._connection, None
        closed, self._closed = self._closed, None
        self._url = ""
        self._open_pages.discard(self)
        if connection is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(CLOSING):
                await connection.aclose()
        if closed is not None:
            closed()

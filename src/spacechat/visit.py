"""What shows a server that the page of a conversation is open."""

from __future__ import annotations

import math
from collections.abc import Callable

import anyio

from .errors import SpaceChatError
from .exchange import Connect, Stay
from .log import log
from .protocol import Budget
from .settings import Settings
from .transport import CLOSING, Connection


class Visit:
    """A page that a server knows to be open, by a request that it keeps answering.

    Nothing of that answer is read: it is a few bytes now and then, and says that the server lives.
    Once the request ends, the server forgets the session, and runs what the app has for that.

    Args:
        settings: What the client brings.
        open_visits: The client's open ones, among which this one is while it is open.
    """

    def __init__(self, settings: Settings, open_visits: set[Visit]) -> None:
        self._settings = settings
        self._open_visits = open_visits
        self._connection: Connection | None = None
        self._url = ""
        self._left: Callable[[], None] | None = None

    async def stay(self, place: Connect, step: Stay) -> None:
        """Keep a page open; the one that was open before is left.

        A server that doesn't want to know loses nothing by it, and neither does the question.
        """
        if step.url == self._url:
            return
        await self.aclose()
        connection = Connection(
            place.url, self._settings, place.headers, math.inf, Budget(self._settings.limits)
        )
        self._url, self._left, self._connection = step.url, step.left, connection
        self._open_visits.add(self)
        try:
            await connection.open_events(step.url)
        except SpaceChatError as exc:
            log.debug("The app's heartbeat can't be had: %s", exc)

    async def aclose(self) -> None:
        """Leave the page, if one is open."""
        connection, self._connection = self._connection, None
        left, self._left = self._left, None
        self._url = ""
        self._open_visits.discard(self)
        if connection is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(CLOSING):
                await connection.aclose()
        if left is not None:
            left()

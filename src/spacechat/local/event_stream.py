"""The response to ``/queue/data``: the messages of a session, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from . import wire
from .queue import Queue
from .sessions import Session
from .settings import SpaceSettings

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_EVENT_STREAM: Final = "text/event-stream; charset=utf-8"


class EventStream(Response):
    """Streams the messages of a session until its last event ends, or the reader leaves.

    The session is dropped in every case, and the two tasks beside the stream end with it.
    """

    def __init__(self, queue: Queue, session: Session, settings: SpaceSettings) -> None:
        super().__init__(media_type=_EVENT_STREAM)
        # The length is not known. Without a header for it, the server sends chunks.
        del self.headers["content-length"]
        self._queue = queue
        self._session = session
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the messages as they come."""
        session = self._session
        session.readers += 1
        watch = asyncio.create_task(self._watch(receive))
        heart = asyncio.create_task(self._beat())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while (chunk := await session.read()) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if session.dropped:
                return  # without completing the body: the server cuts the connection
            # Before the client can see the end: it may use its session hash again at once.
            self._queue.drop(session)
            if self._settings.protocol == "sse_v3":
                chunk = wire.frame(wire.CloseStream())
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watch.cancel()
            heart.cancel()
            self._queue.drop(session)

    async def _watch(self, receive: Receive) -> None:
        """Drop the session as soon as its reader disconnects."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._queue.drop(self._session)

    async def _beat(self) -> None:
        """Send a heartbeat whenever the session was quiet for long enough."""
        every, quiet = self._settings.heartbeat, 0.0
        while True:
            await asyncio.sleep(every - quiet)
            quiet = time.monotonic() - self._session.last_message
            if quiet >= every:
                quiet = 0.0
                if not self._session.full:  # messages that wait are a sign of life already
                    self._session.push(wire.Heartbeat())


class UnknownSession(Response):
    """Says that there is no such session, and leaves the chunked body unfinished."""

    def __init__(self) -> None:
        super().__init__(media_type=_EVENT_STREAM)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the one message."""
        message = wire.UnexpectedError("404: Session not found.", session_not_found=True)
        chunk = wire.frame(message)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": chunk, "more_body": True})

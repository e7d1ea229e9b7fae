"""An event in a Space's queue."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import anyio
import msgspec

from ..errors import ProtocolError, SpaceChatError
from ..steps import Fetch, Generate, Request
from ..transport.connection import Connection

_APPEARING = 1.0
"""Seconds to wait for the first message of a stream that is opened to be left."""


@dataclass
class Job:
    """An event in a Space's queue, from the request that joins it to its final output.

    Attributes:
        step: The step that asked for it.
        connection: The connection over which its stream is read.
        at_work: Whether the Space may be working on it, and has to be told if that is in vain.
        is_read: Whether its stream was opened.
        unsent: The request that the stream will ask for, where the stream itself joins the queue.
    """

    step: Generate
    connection: Connection
    at_work: bool = False
    is_read: bool = False
    unsent: Request | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a request for it was sent, so that the Space may be working on it."""
        return self.at_work and self.connection.is_sent()

    async def cancel(self, event_id: str, within: float) -> None:
        """Tell the Space to stop work on the event, in both ways that it may understand.

        Gradio before 6 takes an event out of its queue only when it sees the reader of the stream
        go. Told to cancel while there is one, it ends the stream instead, and does the work later,
        for nobody. So the reader goes first, and one that never came does before that.

        Args:
            event_id: The event's id; empty if it is not known.
            within: Seconds that requests for it may take.
        """
        connection, step = self.connection, self.step
        connection.extend(within)
        await connection.close_events()
        if event_id and not self.is_read:
            with anyio.move_on_after(_APPEARING), contextlib.suppress(SpaceChatError):
                await connection.open_events(step.events_url)
                await connection.next_data()
            await connection.close_events()
        body = {**(step.cancel.body or {}), "event_id": event_id}
        # Where it fails, closing the connection is the other way to say it.
        with contextlib.suppress(SpaceChatError):
            await connection.fetch(Fetch(Request(step.cancel.url, body)))


class _Joined(msgspec.Struct):
    """The answer to the request that joins a queue."""

    event_id: str


def event_id(answer: bytes) -> str:
    """Return the id of the event for which a request joined the queue.

    Raises:
        ProtocolError: The answer names none.
    """
    try:
        return msgspec.json.decode(answer, type=_Joined).event_id
    except (msgspec.DecodeError, RecursionError) as exc:
        raise ProtocolError(
            f"The Space took the question with an answer that names no event ({exc}). "
            "It may be starting, or not be a Gradio app."
        ) from exc

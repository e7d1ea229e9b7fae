"""An event in a Space's queue."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ..errors import ProtocolError
from ..steps import Generate, Request
from ..transport.connection import Connection


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

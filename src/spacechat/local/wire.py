"""The messages that the server sends.

The order of the fields is the order on the wire. Fields that only Gradio 5 sends stay unset, and
so unwritten, for Gradio 4.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from .values import Json

_ENCODER: Final = msgspec.json.Encoder()


class Estimation(msgspec.Struct, tag_field="msg", tag="estimation"):
    """An event's place in the queue; ``rank`` counts from 0, ``rank_eta`` is in seconds."""

    event_id: str
    rank: int
    queue_size: int
    rank_eta: float | None


class ProcessStarts(msgspec.Struct, tag_field="msg", tag="process_starts"):
    """An event left the queue and runs; ``eta`` is in seconds."""

    event_id: str
    eta: float | None


class Output(msgspec.Struct):
    """The values of the output components, or edits to them; durations are in seconds."""

    data: list[Json]
    is_generating: bool
    duration: float
    average_duration: float
    render_config: None = None
    changed_state_ids: tuple[int, ...] = ()


class ErrorOutput(msgspec.Struct):
    """The output of an event that failed."""

    error: str | None


class NoOutput(msgspec.Struct):
    """The output of an event that was cancelled: ``{}``."""


class ProcessGenerating(msgspec.Struct, tag_field="msg", tag="process_generating"):
    """One step of a generation."""

    event_id: str
    output: Output
    success: bool = True
    time_limit: UnsetType | None = UNSET


class ProcessCompleted(msgspec.Struct, tag_field="msg", tag="process_completed"):
    """The end of an event: its whole output, an error, or nothing after a cancel."""

    event_id: str
    output: Output | ErrorOutput | NoOutput
    success: bool
    title: str | UnsetType | None = UNSET


class UnexpectedError(msgspec.Struct, tag_field="msg", tag="unexpected_error"):
    """The stream itself failed."""

    message: str
    session_not_found: bool
    event_id: None = None
    success: bool = False


class Heartbeat(msgspec.Struct, tag_field="msg", tag="heartbeat"):
    """A sign of life while nothing else is sent."""


class CloseStream(msgspec.Struct, tag_field="msg", tag="close_stream"):
    """The end of the stream, from ``sse_v3`` on."""

    event_id: None = None


Message: TypeAlias = (
    Estimation
    | ProcessStarts
    | ProcessGenerating
    | ProcessCompleted
    | UnexpectedError
    | Heartbeat
    | CloseStream
)


def frame(message: Message) -> bytes:
    """Return a message as one server-sent event: ``data: {…}`` and a blank line, in UTF-8.

    Characters outside ASCII are not escaped.
    """
    return b"data: " + _ENCODER.encode(message) + b"\n\n"

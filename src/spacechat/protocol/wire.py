"""The messages that a Gradio server sends as SSE data, as typed values.

They are one msgspec union, whose tag is `msg`. Unknown fields are ignored, and unknown messages
decode to None: both appear with every Gradio release, and neither is an error.
"""

from __future__ import annotations

from typing import Any, TypeAlias, get_args

import msgspec

from ..errors import ProtocolError
from .failures import plain_text


class Output(msgspec.Struct, gc=False):
    """The result of one step of a function.

    Attributes:
        data: One entry for each output component: its value, or the edits that lead to its value.
            None if there is no result, as after a cancel.
        error: The text of a failure; None if there is no failure or the app hides errors.
        title: The failure's title.
    """

    data: list[Any] | None = None
    error: Any = None
    title: Any = None


class _Wire(msgspec.Struct, tag_field="msg", kw_only=True, gc=False):
    """Base of all messages, with the id of the event that the message is about."""

    event_id: str | None = None


class Estimation(_Wire, tag="estimation"):
    """The event's place in the queue."""

    rank: int | None = None
    queue_size: int | None = None
    rank_eta: float | None = None


class SendData(_Wire, tag="send_data"):
    """The server wants the event's inputs now; only servers of the protocol `sse` ask for them."""


class ProcessStarts(_Wire, tag="process_starts"):
    """The event left the queue."""

    eta: float | None = None


class ProcessGenerating(_Wire, tag="process_generating"):
    """A step of the answer."""

    output: Output
    success: bool = True


class ProcessCompleted(_Wire, tag="process_completed"):
    """The end of the event, with the whole final output or the failure."""

    output: Output
    success: bool = True
    title: Any = None


class ProgressUnit(msgspec.Struct, gc=False):
    """One progress bar."""

    index: float | None = None
    length: float | None = None
    unit: str | None = None
    progress: float | None = None
    desc: str | None = None


class ProgressMessage(_Wire, tag="progress"):
    """The state of the app's progress bars."""

    progress_data: list[ProgressUnit] | None = None


class LogMessage(_Wire, tag="log"):
    """A notice that the app's page would show."""

    log: str = ""
    level: str = "info"
    title: str | None = None


class Heartbeat(_Wire, tag="heartbeat"):
    """A message that keeps the connection alive."""


class UnexpectedError(_Wire, tag="unexpected_error"):
    """The server failed outside the app, and closes the connection next."""

    message: str | None = None
    session_not_found: bool = False


class QueueFull(_Wire, tag="queue_full"):
    """The queue takes no more events (old servers; newer ones answer 503)."""


class CloseStream(_Wire, tag="close_stream"):
    """The end of this session's stream."""


Message: TypeAlias = (
    Estimation
    | SendData
    | ProcessStarts
    | ProcessGenerating
    | ProcessCompleted
    | ProgressMessage
    | LogMessage
    | Heartbeat
    | UnexpectedError
    | QueueFull
    | CloseStream
)


_DECODER: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_KNOWN = frozenset(kind.__struct_config__.tag for kind in get_args(Message))


class _Kind(msgspec.Struct):
    msg: str


def decode(data: str | bytes) -> Message | None:
    """Return the message in the data of one server-sent event, or None for an unknown kind.

    Bytes that are not UTF-8 count as the replacement character, as the standard of server-sent
    events requires.

    Raises:
        ProtocolError: The data is not JSON, has no `msg`, or a known field has a wrong type.
    """
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
        # Versions of msgspec differ in the error for bytes that are not UTF-8.
        if isinstance(data, bytes) and not _is_utf_8(data):
            return decode(data.decode(errors="replace"))
        if _is_unknown(data):
            return None
        raise ProtocolError(
            f"The Space sent a message that is not Gradio's ({exc}): {_excerpt(data)}"
        ) from exc


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_unknown(data: str | bytes) -> bool:
    try:
        return msgspec.json.decode(data, type=_Kind).msg not in _KNOWN
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False


def _excerpt(data: str | bytes) -> str:
    start = data[:100]
    text = start if isinstance(start, str) else start.decode(errors="replace")
    return repr(plain_text(text)) + ("" if len(data) <= len(start) else "...")

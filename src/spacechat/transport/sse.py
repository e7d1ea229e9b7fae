"""Server-sent events: the bytes of a stream in, the data of its events out.

A Gradio server sends each event as one line of data, which is kept as bytes: making text of a
message first would cost more than decoding it. `httpx_sse` reads the events of more than one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

import httpx_sse

if TYPE_CHECKING:
    import httpx

_DATA = b"data"
_PLAIN = b"data: "


class EventReader:
    """Finds the events in a stream that comes in pieces, cut anywhere.

    Only the data of an event is of use here, so comments and the lines of other fields are
    dropped. An event is kept until it is complete, so the caller has to bound its size.
    """

    def __init__(self) -> None:
        self._lines: list[bytes] = []  # The complete lines of data of an incomplete event.
        self._line: list[bytes] = []  # The parts of an incomplete line.
        self._after_return = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of the events that a piece of the stream completes, if any."""
        if piece and (self._after_return or b"\r" in piece):
            piece = self._with_line_feeds(piece)
        ended = piece.split(b"\n")
        rest = ended.pop()
        if ended and self._line:
            ended[0] = b"".join([*self._line, ended[0]])
            self._line.clear()
        if rest:
            self._line.append(rest)
        completed: list[bytes] = []
        lines = self._lines
        for line in ended:
            if line.startswith(_DATA):
                lines.append(line)
            elif not line and lines:
                data = _data(lines)
                lines.clear()
                if data:
                    completed.append(data)
        return completed

    def _with_line_feeds(self, piece: bytes) -> bytes:
        """Return the piece with every end of a line as a line feed; there are three kinds."""
        if self._after_return:
            piece = piece.removeprefix(b"\n")
        self._after_return = piece.endswith(b"\r")
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class _Event:
    """One whole event, as a response that `httpx_sse` can read."""

    headers: ClassVar = {"content-type": "text/event-stream"}

    def __init__(self, text: str) -> None:
        self._text = text

    def iter_text(self) -> list[str]:
        return [self._text]


def _data(lines: list[bytes]) -> bytes:
    """Return the data in the lines of one event, which may be empty."""
    if len(lines) == 1 and lines[0].startswith(_PLAIN):
        return lines[0][len(_PLAIN) :]
    event = _Event(b"\n".join([*lines, b"", b""]).decode(errors="replace"))
    source = httpx_sse.EventSource(cast("httpx.Response", event))
    return "".join(sse.data for sse in source.iter_sse()).encode()

"""Decodes the messages of one stream; snapshots that only add to the text are read as edits.

A server of `sse_v1` sends the whole answer with each token. Decoding each message whole would make
an answer cost the square of its length. Nearly every such message begins, byte for byte, as the one
before did, up to the end of the newest text; so what is known of that text is cut out before the
message is decoded. A token costs a comparison of bytes, and no decoding, for what came before it.

The short cut gives just what decoding the whole message would give
===================================================================

The decoder keeps the bytes of the last snapshot, and the place in its value where the newest text
sits. Let the snapshot be `A T B`: the bytes before the text, the text, and the rest, which begins
with the text's closing quote. The next message is taken for `A T X B'`, where `X` is what is new.

1. **`T` is known to be the text, and not bytes that look like it.** `A T` ends where the next
   message differs first. The text of the place, encoded as JSON, gives the length of `T`. Whether
   these bytes are indeed the text, the snapshot itself proves: `A B`, decoded, has to have an empty
   text in the place, and to say the same as `A T B` everywhere else (`_learn`).
2. **What holds for one message holds for the next.** A JSON decoder reads from the left. After `A`
   it stands at the beginning of that string, after `A T` further on in the same string. So whatever
   follows, cutting `T` out has the same effect: the text of the place is without its beginning, and
   nothing else changes.
3. **So `A X B'` is decoded.** The text of its place is the new piece. Everything else is decoded
   too, and has to equal what the snapshot said; then the message does no more than append, and it
   is told as the edit that says so.

In every other case the message is decoded whole: where it doesn't begin with `A T`, is no step of
this event, changes anything else, or can't be decoded, so that an error shows the message as it
came. A replacement character in the piece may stand for half of a character, whose other half is
in `T` or comes next; that is decoded whole, too. The short cut ends with the first message that it
doesn't fit, and begins anew with the next snapshot.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..errors import ProtocolError
from . import wire
from .contents import Path
from .text import common_prefix

_REST_OF_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


class Decoder:
    """Decodes the messages of one stream."""

    def __init__(self) -> None:
        self._snapshot: _Snapshot | None = None  # The last message, if it was one.

    def decode(self, data: str | bytes) -> wire.Message | None:
        """Return the next message, or None for one not known here.

        A snapshot that adds to the text of the one before, and does nothing else, is returned as
        the edit that appends what is new.

        Raises:
            ProtocolError: See `wire.decode`.
        """
        if self._snapshot is not None:
            message = self._snapshot.extended(data) if isinstance(data, bytes) else None
            if message is not None:
                return message
            self._snapshot = None
        return wire.decode(data)

    def expect_more(self, snapshot: str | bytes, output: int, path: Path) -> None:
        """Be ready for a message that adds to the text of a snapshot.

        Args:
            snapshot: The newest message. The short cut is for bytes only, as a stream has them.
            output: Index of the output in which the text is.
            path: The place of the text in that output.
        """
        if isinstance(snapshot, bytes):
            self._snapshot = _Snapshot(snapshot, output, path)


class _Snapshot:
    """The newest snapshot, whose text the next message may add to.

    Args:
        data: The message that it came in.
        index: Index of the output in which the newest text is.
        path: The place of that text in the output.
    """

    def __init__(self, data: bytes, index: int, path: Path) -> None:
        self._data = data
        self._index = index
        self._path = path
        self._start = 0  # The length of `A` in the proof above.
        self._known = b""  # `A T`
        self._rest: wire.ProcessGenerating | None = None  # `A B`, decoded.

    def extended(self, data: bytes) -> wire.ProcessGenerating | None:
        """Return the next message as an edit, or None where it does more than add to the text."""
        rest = self._rest or self._learn(data)
        if rest is None or not data.startswith(self._known):
            return None
        message = _decoded(data[: self._start] + data[len(self._known) :])
        if message is None or message.event_id != rest.event_id:
            return None
        piece = self._take_text(message)
        outputs = message.output.data
        if outputs is None or piece is None or outputs != rest.output.data:
            return None
        end = _REST_OF_STRING.match(data, len(self._known))
        if end is None or "\ufffd" in piece:  # It may stand for half of a character.
            return None
        self._known = data[: end.end()]
        outputs[self._index] = [["append", self._path, piece]]
        return message

    def _learn(self, following: bytes) -> wire.ProcessGenerating | None:
        """Find where the text sits in the snapshot; return the snapshot without it, or None.

        Args:
            following: The next message. Where it differs first, the text has to end.
        """
        data, self._data = self._data, b""
        end = common_prefix(data, following)
        if not data.startswith(b'"', end):
            return None
        whole = _decoded(data)
        text = None if whole is None else self._take_text(whole)
        if text is None:
            return None
        start = end - len(msgspec.json.encode(text)) + 2  # It has no quotes.
        rest = _decoded(data[: max(start, 0)] + data[end:])
        if rest is None or rest != whole:
            return None
        self._start, self._known, self._rest = start, data[:end], rest
        return rest

    def _take_text(self, message: wire.ProcessGenerating) -> str | None:
        """Return the text in the place and leave an empty one there; None where there is none."""
        *way, last = [self._index, *self._path]
        parent: Any = message.output.data
        try:
            for key in way:
                parent = parent[key]
            text = parent[last]
        except (LookupError, TypeError):
            return None
        if type(text) is not str or not isinstance(parent, list | dict):
            return None
        parent[last] = ""
        return text


def _decoded(data: bytes) -> wire.ProcessGenerating | None:
    try:
        message = wire.decode(data)
    except ProtocolError:
        return None  # Raised again when the message is decoded whole.
    return message if isinstance(message, wire.ProcessGenerating) else None

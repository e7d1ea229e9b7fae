"""Snapshots that repeat the one before and add to its text, told as the edits that they are.

A server of `sse_v1` sends the whole answer with each token. Nearly every such message begins, byte
for byte, as the one before did, up to the end of the newest text. What is known of that text is cut
out before the message is decoded, so that a token costs a comparison of bytes, and no decoding, for
what came before it.

That the bytes which are cut out are just the text, the snapshot itself proves: decoded without
them, it has to say the same, but for an empty text in that place. The next message has the same
bytes up to there, so cutting them out of it has the same effect. Whatever else it says is decoded,
and compared with what the snapshot said.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..errors import ProtocolError
from . import wire
from .text import common_prefix

_REST_OF_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


class Snapshot:
    """The newest snapshot of a stream, which the next message may only add to.

    Args:
        data: The message that it came in.
        index: Index of the output in which the answer is.
        path: The place of the newest text in that output.
    """

    def __init__(self, data: bytes, index: int, path: list[Any]) -> None:
        self._data = data
        self._index = index
        self._path = path
        self._start = 0  # Of the text, in the message.
        self._known = b""  # The message up to the text's end.
        self._rest: wire.ProcessGenerating | None = None  # The message without the text.

    def extended(self, data: bytes) -> wire.ProcessGenerating | None:
        """Return the next message as an edit, or None where it does more than add to the text."""
        rest = self._rest or self._learn(data)
        if rest is None or not data.startswith(self._known):
            return None
        message = _decoded(data[: self._start] + data[len(self._known) :])
        if message is None or message.event_id != rest.event_id:
            return None
        piece = self._take_text(message)
        found = message.output.data
        if found is None or piece is None or found != rest.output.data:
            return None
        end = _REST_OF_STRING.match(data, len(self._known))
        if end is None or "\ufffd" in piece:  # Which may stand for half of a character.
            return None
        self._known = data[: end.end()]
        found[self._index] = [["append", self._path, piece]]
        return message

    def _learn(self, following: bytes) -> wire.ProcessGenerating | None:
        """Find the text in the message, at whose end the following one goes on otherwise."""
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
        if rest is None or self._take_text(rest) != "" or rest != whole:
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
        return None  # It is told of the message as it came.
    return message if isinstance(message, wire.ProcessGenerating) else None

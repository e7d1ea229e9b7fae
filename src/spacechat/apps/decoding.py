"""Decoding of JSON that a server made up, which may be anything."""

from __future__ import annotations

from typing import TypeVar

import msgspec

_T = TypeVar("_T")

NOTHING = msgspec.Raw(b"null")
"""The undecoded value of a property that is not declared."""

_SMALL = 4096
"""Bytes of a value that is decoded in one go; of a larger object, each property by itself."""

MALFORMED = (msgspec.DecodeError, RecursionError, UnicodeError)
"""The errors of decoding: for a wrong type, for too much depth, for bytes that are no text."""


def decoded(raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T | None:
    """Return a decoded value, or None if it is malformed or of another type."""
    try:
        return decoder.decode(raw)
    except MALFORMED:
        return None


def decoded_if_small(raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T | None:
    """Decode a small value, or return None if it is large, malformed or of another type."""
    return decoded(raw, decoder) if size(raw) <= _SMALL else None


def size(raw: msgspec.Raw) -> int:
    """Return the number of bytes of an undecoded value."""
    return memoryview(raw).nbytes

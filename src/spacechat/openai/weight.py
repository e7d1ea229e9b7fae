"""The memory that a request takes, by its body alone; does no I/O."""

from __future__ import annotations

from typing import Final

MOST_VALUES: Final = 10_000
"""Messages and their parts, or values of inputs, in one request."""

MOST_FILES: Final = 50
"""Files in the messages of one request."""

TEXT_WEIGHT: Final = 8
"""Bytes of memory that a byte of a body takes: a text is copied a few times on its way."""

_VALUE_WEIGHT: Final = 512
"""Bytes of memory that a value takes besides its text."""

HEAVIEST: Final = _VALUE_WEIGHT * MOST_VALUES
"""Bytes of memory that the values of a request take at most."""


def weight(body: bytes) -> int:
    """Return the bytes of memory that a body and its question take at most.

    The values are counted without making them, by the characters between them; a body with more
    values than are allowed is refused when it is read.
    """
    values = body.count(b",") + body.count(b"[") + body.count(b"{")
    return TEXT_WEIGHT * len(body) + min(_VALUE_WEIGHT * values, HEAVIEST)

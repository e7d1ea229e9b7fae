"""The memory that a request takes, by its body alone; does no I/O."""

from __future__ import annotations

import re
from typing import Final

from .attached import DATA_URL

MOST_VALUES: Final = 10_000
"""Messages and their parts, or values of inputs, in one request."""

MOST_FILES: Final = 50
"""Files in the messages of one request."""

TEXT_WEIGHT: Final = 8
"""Bytes of memory that a byte of a body takes: a text is copied a few times on its way."""

FILE_WEIGHT: Final = 4
"""Bytes of memory that a byte of a file's base64 takes while it is read: base64 is plain ASCII, and
less is made of it."""

FILE_KEPT: Final = 2
"""Bytes of memory that a byte of a file's base64 takes once it is read, until the answer ends."""

_VALUE_WEIGHT: Final = 512
"""Bytes of memory that a value takes besides its text."""

HEAVIEST: Final = _VALUE_WEIGHT * MOST_VALUES
"""Bytes of memory that the values of a request take at most."""

_SHORTEST: Final = 1024
"""Bytes that a file in base64 has; shorter ones count as texts."""

_MOST_QUOTES: Final = 20 * MOST_VALUES
"""Quotation marks in a body with files; a body that has more counts as texts alone."""

_BEGINNING: Final = re.compile(DATA_URL.encode(), re.ASCII | re.IGNORECASE)
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_ESCAPES: Final = (
    (b"\\/", b"/"),
    *(
        (b"\\u00%s%s" % (code[:1], last), character)
        for code, character in ((b"2b", b"+"), (b"2f", b"/"), (b"3d", b"="))
        for last in {code[1:], code[1:].upper()}
    ),
)
"""How JSON may write the signs of base64, and what each stands for."""


def file_bytes(body: bytes) -> int:
    """Return how many bytes of a body are files: texts of nothing but base64, or a data URL.

    Between two quotation marks of JSON of which the first is not escaped there is one whole text,
    or what stands between two texts. That is no base64, or else the body is no JSON.
    """
    if body.count(b'"') > _MOST_QUOTES:
        return 0
    found = 0
    start = body.find(b'"')
    while 0 <= start < (end := body.find(b'"', start + 1)):
        if end - start > _SHORTEST and body[start - 1 : start] != b"\\":
            content = body[start + 1 : end]
            if b"\\" in content:
                for written, character in _ESCAPES:
                    content = content.replace(written, character)
            beginning = _BEGINNING.match(content)
            if not content[beginning.end() if beginning else 0 :].translate(None, _ALPHABET):
                found += end - start + 1
        start = end
    return found


def weight(body: bytes, files: int) -> int:
    """Return the bytes of memory that a body and its question take at most.

    The values are counted without making them, by the characters between them; a body with more
    values than are allowed is refused when it is read.

    Args:
        body: The body.
        files: How many of its bytes are files, as `file_bytes` says.
    """
    values = body.count(b",") + body.count(b"[") + body.count(b"{")
    texts = TEXT_WEIGHT * (len(body) - files) + FILE_WEIGHT * files
    return texts + min(_VALUE_WEIGHT * values, HEAVIEST)

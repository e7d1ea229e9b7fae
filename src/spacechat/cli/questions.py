"""The input of a batch: a question on each line, as JSON."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from ..errors import MessagesError, SpaceChatError
from ..messages import parse_messages

if TYPE_CHECKING:
    from ..messages import Messages

LONGEST = 16 << 20
"""Bytes that a line may have."""


@dataclass(frozen=True)
class Question:
    """A line of the input.

    Attributes:
        line: Its number, from 1.
        asked: The question as the line has it: a text, or messages; None where it has none.
        messages: What is to be asked.
        id: What the line calls it, or None.
        error: Why it can't be asked, or None.
    """

    line: int
    asked: object = None
    messages: Messages | None = None
    id: object = None
    error: MessagesError | None = None

    @property
    def digest(self) -> int:
        """The digest of what is asked."""
        return digest(self.asked)


def digest(asked: object) -> int:
    """Return a number that tells a question from others; never 0."""
    return zlib.crc32(msgspec.json.encode(asked)) or 1


def read_questions(path: str, system: str | None = None) -> Iterator[Question]:
    """Read the questions of a file, one line at a time; blank lines are none.

    Args:
        path: The file.
        system: What the model is told beforehand where the messages don't say.

    Raises:
        OSError: The file can't be read.
        SpaceChatError: It is none that can be read again.
    """
    with open(path, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise SpaceChatError(f"{path} must be a file, which can be read once more.")
        for number, line in enumerate(_lines(file), 1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if text.strip():
                yield _question(number, text, system)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Read lines, of which a longer one than may be is cut."""
    while line := file.readline(LONGEST + 1):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(LONGEST)):
            pass


def _question(number: int, line: bytes, system: str | None) -> Question:
    if len(line) > LONGEST:
        return _malformed(number, f"The line is longer than {LONGEST >> 20} MiB.")
    try:
        found: object = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
        return _malformed(number, f"The line is not JSON: {exc}.")
    name: object = None
    asked = found
    if isinstance(found, dict):
        fields = cast("Mapping[str, object]", found)
        name = fields.get("id")
        asked = fields["messages"] if "messages" in fields else fields.get("prompt")
    if not isinstance(asked, str | list):
        return _malformed(
            number,
            'The line is no text, no messages, and no {"prompt": ...} or {"messages": ...}.',
            name,
        )
    try:
        messages = parse_messages(asked)
    except MessagesError as exc:
        return _malformed(number, str(exc), name)
    if system and not any(message["role"] == "system" for message in messages):
        messages.insert(0, {"role": "system", "content": system})
    return Question(number, asked, messages, name)


def _malformed(number: int, why: str, name: object = None) -> Question:
    return Question(number, id=name, error=MessagesError(why))

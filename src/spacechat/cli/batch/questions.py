"""The input of a batch: a question on each line, as JSON or as plain text.

The first line that is not blank decides which. Plain text that looks like JSON, and JSON among
plain text, is refused rather than guessed at.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

import msgspec

from ...client.prompt import Prompt
from ...errors import MessagesError, SpaceChatError
from ...messages import parse_messages
from ..terminal.piped_input import LARGEST

if TYPE_CHECKING:
    from ...apps.options import ChatOptions
    from ...messages import Messages, MessagesLike

_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "system": ((str,), "a text"),
    "inputs": ((dict,), "an object"),
    "wishes": ((dict,), "an object of numbers"),
    "files": ((list,), "a list of paths and URLs"),
    "endpoint": ((str, int), "a name or a number"),
    "output": ((str, int), "a label or a number"),
    "history": ((str,), '"native" or "prompt"'),
    "sign_in": ((bool,), "true or false"),
    "repair": ((bool,), "true or false"),
}
"""The options of a line: the type of each, and its description."""

_KEYS = ("id", "prompt", "messages", *_KINDS)


@dataclass(frozen=True)
class BatchQuestion:
    """A line of the input.

    Attributes:
        line: Its number, from 1.
        asked: The question as the line has it: a text or messages; None if it has none.
        options: The options of the line.
        prompt: The prompt to ask; empty if there is an error.
        id: The line's own name for it, or None.
        error: Why it can't be asked, or None.
    """

    line: int
    asked: object = None
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    prompt: MessagesLike = ""
    id: object = None
    error: MessagesError | None = None

    @property
    def digest(self) -> int:
        """The digest of the question and its options."""
        return digest(self.asked, self.options)


def digest(asked: object, options: object) -> int:
    """Return a number that identifies a question; never 0.

    Args:
        asked: The text, or the messages.
        options: The options of its line, if any.
    """
    whole = [asked, options] if options else asked
    return zlib.crc32(msgspec.json.encode(whole, order="sorted")) or 1


def check_input(path: str) -> None:
    """Check that a file can be read more than once.

    Raises:
        OSError: It does not exist.
        SpaceChatError: It can be read only once, like a pipe.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise SpaceChatError(f"{path} must be a file: it is read twice, which a pipe can't be.")


def read_questions(path: str, system: str | None = None) -> Generator[BatchQuestion, None, None]:
    """Yield the questions of a file, one line at a time; blank lines are skipped.

    Close it where it is not read to the end: it holds the file open.

    Args:
        path: The file, already checked by `check_input`.
        system: The system text for lines that have none.

    Raises:
        OSError: The file can't be read.
    """
    parse: _Parse | None = None
    with open(path, "rb") as file:
        for number, line in enumerate(_lines(file), 1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not text.strip():
                continue
            if parse is None:
                parse = _from_json if text.lstrip().startswith((b"{", b"[", b'"')) else _from_text
            yield _question(number, text, parse, system)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines; one that is too long is cut, and still too long."""
    while line := file.readline(LARGEST + 1):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(LARGEST)):
            pass


_Parse: TypeAlias = Callable[[bytes], object]
"""Parses a line into a text, messages or an object; raises MessagesError."""


def _from_json(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
        raise MessagesError(
            f"The line is not JSON: {exc}. The file's first line begins as JSON does, so all are."
        ) from exc


def _from_text(line: bytes) -> str:
    try:
        text = line.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as exc:
        raise MessagesError(f"The line is not text in UTF-8: {exc}.") from exc
    if "\0" in text:
        raise MessagesError("The line is not text in UTF-8: it holds NUL characters.")
    try:
        is_json = isinstance(msgspec.json.decode(line), str | list | dict)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        is_json = False
    if is_json:
        raise MessagesError(
            "The line is JSON, and the file's first line is plain text: write all lines in one of "
            "the two ways."
        )
    return text


def _question(number: int, line: bytes, parse: _Parse, system: str | None) -> BatchQuestion:
    fields: Mapping[str, object] = {}
    try:
        if len(line) > LARGEST:
            raise MessagesError(f"The line is longer than {LARGEST >> 20} MiB.")
        parsed = parse(line)
        if isinstance(parsed, dict):
            given = cast("Mapping[str, object]", parsed)
            fields = {key: value for key, value in given.items() if value is not None}
        else:
            fields = {"messages": parsed}
        asked = _asked(fields)
        options = {key: value for key, value in fields.items() if key in _KINDS}
        return BatchQuestion(
            number, asked, options, _prompt(asked, options, system), id=fields.get("id")
        )
    except MessagesError as exc:
        return BatchQuestion(number, id=fields.get("id"), error=exc)


def _asked(fields: Mapping[str, object]) -> str | list[object]:
    """Return the question of a line, and check its other fields.

    Raises:
        MessagesError: It has no question, or a field that a line can't have.
    """
    for key, value in fields.items():
        if key not in _KEYS:
            raise MessagesError(f"The line has {key!r}; a line may have {', '.join(_KEYS)}.")
        if key in _KINDS:
            _check(key, value)
    if "messages" in fields and "prompt" in fields:
        raise MessagesError("The line has both a prompt and messages.")
    asked = fields.get("messages", fields.get("prompt"))
    if not isinstance(asked, str | list):
        raise MessagesError(
            'The line is no text, no messages, and no {"prompt": ...} or {"messages": ...}.'
        )
    return cast("str | list[object]", asked)


def _check(key: str, value: object) -> None:
    types, description = _KINDS[key]
    fits = isinstance(value, types) and (isinstance(value, bool) == (types == (bool,)))
    if key == "files" and fits:
        fits = all(isinstance(file, str) for file in cast("list[object]", value))
    if key == "wishes" and fits:
        numbers = cast("dict[str, object]", value).values()
        fits = all(type(number) in (int, float) for number in numbers)
    if key == "history":
        fits = value in ("native", "prompt")
    if not fits:
        raise MessagesError(f"The line's {key!r} must be {description}.")


def _prompt(
    asked: str | list[object], options: Mapping[str, object], system: str | None
) -> MessagesLike:
    """Return the prompt of a line.

    Raises:
        MessagesError: It can't be asked.
    """
    messages: Messages = parse_messages(cast("list[Mapping[str, object]]", asked))
    own = options.get("system")
    has_system = any(message["role"] == "system" for message in messages)
    if own is not None and has_system:
        raise MessagesError("The line has both a system and a system message.")
    text = cast("str", own) if own is not None else "" if has_system else system
    if text:
        messages.insert(0, {"role": "system", "content": text})
    rest = {key: value for key, value in options.items() if key != "system"}
    return Prompt(messages, **cast("ChatOptions", rest)) if rest else messages

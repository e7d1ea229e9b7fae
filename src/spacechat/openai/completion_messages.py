"""The messages of a request for a completion, part by part; does no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from .attached import AttachedFile, from_base64, from_data_url
from .contents import Content, check_count, role_of
from .fields import NULL
from .refusals import Refusal, bad_request

_NOTHING: Final = frozenset((b"null", b"[]", b"{}"))
_FORMATS: Final = ("wav", "mp3")


class _ImageUrl(msgspec.Struct):
    url: str


class _InputAudio(msgspec.Struct):
    data: str
    format: str


class _File(msgspec.Struct):
    file_data: str | None = None
    filename: str | None = None
    file_id: str | None = None


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: _ImageUrl | None = None
    input_audio: _InputAudio | None = None
    file: _File | None = None


class GivenMessage(msgspec.Struct):
    """A message as it stands in a request; see the API."""

    role: str
    content: str | list[_Part] | None = None
    tool_calls: msgspec.Raw = NULL
    function_call: msgspec.Raw = NULL


def read_messages(messages: Sequence[GivenMessage]) -> list[Content]:
    """Return what the messages hold.

    Raises:
        Refusal: A message holds what can't be sent to a Space, or there are too many.
    """
    check_count(
        "messages", [each.content if isinstance(each.content, list) else () for each in messages]
    )
    return [_read(f"messages[{index}]", each) for index, each in enumerate(messages)]


def _read(place: str, message: GivenMessage) -> Content:
    if message.role in ("tool", "function"):
        raise bad_request(
            f"{place} is a tool's result (role {message.role!r}): a Space only chats, and calls "
            "no tools. Put what it says into a user's message.",
            f"{place}.role",
            "invalid_value",
        )
    role = role_of(message.role, place)
    if not {bytes(message.tool_calls), bytes(message.function_call)} <= _NOTHING:
        raise bad_request(
            f"{place} calls tools, of which a Space can't be told.",
            f"{place}.tool_calls",
            "unsupported_parameter",
        )
    if not isinstance(message.content, list):
        return Content(role, message.content or "")
    texts: list[str] = []
    files: dict[str, AttachedFile] = {}
    for number, part in enumerate(message.content):
        where = f"{place}.content[{number}]"
        text = {"text": part.text, "refusal": part.refusal}.get(part.type)
        if text is not None:
            texts.append(text)
            continue
        if message.role != "user":
            raise _unknown(where, part, "only text can stand in a message that is not a user's")
        files[where] = _file(where, part)
    return Content(role, "".join(texts), files)


def _file(where: str, part: _Part) -> AttachedFile:
    match part:
        case _Part(type="image_url", image_url=_ImageUrl(url)):
            return from_data_url(url, f"{where}.image_url.url")
        case _Part(type="input_audio", input_audio=_InputAudio(data, kind)):
            if kind not in _FORMATS:
                raise bad_request(
                    f"{where} is sound of the format {kind[:40]!r}; there are "
                    f"{' and '.join(_FORMATS)}.",
                    f"{where}.input_audio.format",
                    "invalid_value",
                )
            return from_base64(data, f"{where}.input_audio.data", suffix=f".{kind}")
        case _Part(type="file", file=_File(str(data), name)):
            param = f"{where}.file.file_data"
            read = from_data_url if data[:5].lower() == "data:" else from_base64
            return read(data, param, name)
        case _Part(type="file", file=_File(file_id=str())):
            raise bad_request(
                f"{where} names an uploaded file, and none are kept here: send its content as "
                "'file_data'.",
                f"{where}.file.file_id",
                "unsupported_parameter",
            )
        case _:
            takes = "'text', and with its content 'image_url', 'input_audio' or 'file', is sent"
            raise _unknown(where, part, f"{takes} to a Space")


def _unknown(where: str, part: _Part, why: str) -> Refusal:
    return bad_request(f"{where} is of the type {part.type[:40]!r}; {why}.", where, "invalid_value")

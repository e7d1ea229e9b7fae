"""The messages of a request for a completion, part by part; does no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from .attached import AttachedFile, from_base64, from_data_url, from_file_data
from .contents import Content, check_count, read_content, unknown_part, uploaded_file
from .fields import NULL
from .refusals import bad_request

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
    refusal: str | None = None
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
    if not {bytes(message.tool_calls), bytes(message.function_call)} <= _NOTHING:
        raise bad_request(
            f"{place} calls tools, of which a Space can't be told.",
            f"{place}.tool_calls",
            "unsupported_parameter",
        )
    return read_content(place, message.role, message.content or message.refusal, _text, _file)


def _text(part: _Part) -> str | None:
    return {"text": part.text, "refusal": part.refusal}.get(part.type)


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
            return from_file_data(data, f"{where}.file.file_data", name)
        case _Part(type="file", file=_File(file_id=str())):
            raise uploaded_file(f"{where}.file.file_id")
        case _:
            takes = "'text', and with its content 'image_url', 'input_audio' or 'file', is sent"
            raise unknown_part(where, part, f"{takes} to a Space")

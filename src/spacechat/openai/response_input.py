"""The input of a request for a response, item by item; does no I/O."""

from __future__ import annotations

from typing import Final

import msgspec

from .attached import AttachedFile, from_data_url, from_file_data
from .contents import (
    Content,
    check_count,
    read_content,
    too_many,
    unknown_part,
    uploaded_file,
)
from .fields import decode
from .refusals import Refusal, bad_request
from .stored_responses import THOUGHTS, Recalled
from .weight import MOST_VALUES


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None


class _Reference(msgspec.Struct):
    """What says whether an item is a reference, so that nothing else of it is made."""

    type: str | None = None
    role: str | None = None
    id: str | None = None

    @property
    def refers(self) -> bool:
        """Whether it stands for an item of an earlier response."""
        return self.type == "item_reference" or (self.type, self.role) == (None, None)


class _Item(_Reference):
    content: str | list[_Part] | None = None

    @property
    def is_thought(self) -> bool:
        """Whether it is one of an earlier response's thoughts, or stands for one."""
        return self.type == "reasoning" or (self.refers and (self.id or "").startswith(THOUGHTS))


_INPUT: Final[msgspec.json.Decoder[str | list[_Item]]] = msgspec.json.Decoder(str | list[_Item])


_REFERENCES: Final = msgspec.json.Decoder(list[_Reference])


def references(raw: msgspec.Raw) -> list[str]:
    """Return the ids of the items of earlier responses that an input refers to.

    Args:
        raw: The input as it came, well-formed or not.
    """
    try:
        _check_items(raw)
        return [item.id or "" for item in decode(_REFERENCES, raw, "input") if item.refers]
    except Refusal:
        return []


def read_input(raw: msgspec.Raw, earlier: int, recalled: Recalled) -> list[Content]:
    """Return what the messages of an input hold.

    Thoughts are left out: they come from earlier responses, and no Space takes them.

    Args:
        raw: The input as it came.
        earlier: How many messages there are before it.
        recalled: The stored responses that it may refer to.

    Raises:
        Refusal: An item is no message, holds what can't be sent to a Space, refers to an answer
            that is not there, or there are too many.
    """
    items = _items(raw)
    parts = [each.content if isinstance(each.content, list) else () for each in items]
    check_count("input", [*[()] * earlier, *parts])
    return [
        _read(f"input[{index}]", item, recalled)
        for index, item in enumerate(items)
        if not item.is_thought
    ]


def _items(raw: msgspec.Raw) -> list[_Item]:
    """Return the items of an input; a text is a user's message."""
    _check_items(raw)
    given = decode(_INPUT, raw, "input")
    return [_Item(role="user", content=given)] if isinstance(given, str) else given


def _check_items(raw: msgspec.Raw) -> None:
    """Raise if an input has too many items, before they are made: each may have three bytes only.

    The count leaves out objects that begin within a text, but for the rare text with `,{}` or `[{}`
    in it.
    """
    dense = bytes(raw).translate(None, b" \t\r\n")
    if dense.count(b'{"') + dense.count(b",{}") + dense.count(b"[{}") > MOST_VALUES:
        raise too_many("input")


def _read(place: str, item: _Item, recalled: Recalled) -> Content:
    if item.refers:
        answer = recalled.answer(item.id or "")
        if answer is None:
            raise bad_request(
                f"{place} refers to an answer that is not here (any more): send its text.",
                f"{place}.id",
                "invalid_value",
            )
        return Content("assistant", answer)
    if item.type not in (None, "message"):
        raise bad_request(
            f"{place} is of the type {item.type[:40]!r}: a Space only chats, and takes messages, "
            "but no calls of tools. Put what it says into a user's message.",
            f"{place}.type",
            "invalid_value",
        )
    if item.role is None:
        raise bad_request(f"{place} has no role.", f"{place}.role", "missing_required_parameter")
    return read_content(place, item.role, item.content, _text, _file)


def _text(part: _Part) -> str | None:
    return {"input_text": part.text, "output_text": part.text, "refusal": part.refusal}.get(
        part.type
    )


def _file(where: str, part: _Part) -> AttachedFile:
    match part:
        case _Part(type="input_image", image_url=str(url)):
            return from_data_url(url, f"{where}.image_url")
        case _Part(type="input_file", file_data=str(data), filename=name):
            return from_file_data(data, f"{where}.file_data", name)
        case _Part(type="input_file", file_url=str(url), filename=name):
            return from_data_url(url, f"{where}.file_url", name)
        case _Part(type="input_image" | "input_file", file_id=str()):
            raise uploaded_file(f"{where}.file_id")
        case _:
            takes = "'input_text', and with its content 'input_image' or 'input_file', is sent"
            raise unknown_part(where, part, f"{takes} to a Space")

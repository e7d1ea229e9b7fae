"""The input of a request for a response, item by item; does no I/O."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .attached import AttachedFile, from_data_url, from_file_data
from .contents import Content, check_count, read_content, unknown_part, uploaded_file
from .refusals import bad_request


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None


class GivenItem(msgspec.Struct):
    """An item as it stands in a request; see the API."""

    type: str | None = None
    role: str | None = None
    content: str | list[_Part] | None = None


def read_input(given: str | Sequence[GivenItem], earlier: int) -> list[Content]:
    """Return what the messages of an input hold.

    Thoughts are left out: they come from earlier responses, and no Space takes them.

    Args:
        given: The input.
        earlier: How many messages there are before it.

    Raises:
        Refusal: An item is no message, holds what can't be sent to a Space, or there are too many.
    """
    if isinstance(given, str):
        return [Content("user", given)]
    parts = [each.content if isinstance(each.content, list) else () for each in given]
    check_count("input", [*[()] * earlier, *parts])
    return [
        _read(f"input[{index}]", item)
        for index, item in enumerate(given)
        if item.type != "reasoning"
    ]


def _read(place: str, item: GivenItem) -> Content:
    if item.type not in (None, "message"):
        raise bad_request(
            f"{place} is of the type {item.type[:40]!r}: a Space only chats, and takes messages, "
            "but no calls of tools and no references. Put what it says into a user's message.",
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

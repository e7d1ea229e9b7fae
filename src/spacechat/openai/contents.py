"""What messages hold, whichever kind of request they come in: texts and files; does no I/O.

A Space gets files with its question only. So those of the newest message that has any go with it,
and those of messages before that one, which came with earlier questions, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar, cast

from ..messages import Message
from .attached import AttachedFile
from .refusals import Refusal, bad_request
from .weight import MOST_FILES, MOST_VALUES

_ROLES: Final = {
    "assistant": "assistant",
    "developer": "system",
    "system": "system",
    "user": "user",
}
"""The roles of messages, and what each counts as."""


@dataclass(frozen=True)
class Content:
    """What one message holds.

    Attributes:
        role: The role that it counts as.
        text: Its text.
        files: Its files, by their places in the request.
    """

    role: str
    text: str
    files: Mapping[str, AttachedFile] = field(default_factory=dict[str, AttachedFile])

    @property
    def message(self) -> Message:
        """Its role and text, as a Space is asked."""
        return cast("Message", {"role": self.role, "content": self.text})


def role_of(given: str, place: str) -> str:
    """Return what a role of the API counts as.

    Args:
        given: The role.
        place: The message's place in the request, for errors.

    Raises:
        Refusal: A Space doesn't know it.
    """
    role = _ROLES.get(given)
    if role is None:
        shown = given if len(given) <= 100 else f"{given[:100]}..."
        raise bad_request(
            f"{place} has the role {shown!r}; a Space knows {', '.join(_ROLES)}.",
            f"{place}.role",
            "invalid_value",
        )
    return role


class GivenPart(Protocol):
    """A part of a message, as it stands in a request."""

    type: str


_P = TypeVar("_P", bound=GivenPart)


def read_content(
    place: str,
    role: str,
    content: str | Sequence[_P] | None,
    text_of: Callable[[_P], str | None],
    file_of: Callable[[str, _P], AttachedFile],
) -> Content:
    """Return what a message holds: its texts, each on a line of its own, and its files.

    Args:
        place: The message's place in the request, for errors.
        role: Its role.
        content: Its content.
        text_of: Returns the text of a part, or None if it is no text.
        file_of: Returns the file that a part at a place is.

    Raises:
        Refusal: It can't be sent to a Space.
    """
    counts_as = role_of(role, place)
    if content is None or isinstance(content, str):
        return Content(counts_as, content or "")
    texts: list[str] = []
    files: dict[str, AttachedFile] = {}
    for number, part in enumerate(content):
        where = f"{place}.content[{number}]"
        text = text_of(part)
        if text is not None:
            texts.append(text)
        elif role == "user":
            files[where] = file_of(where, part)
        else:
            raise unknown_part(where, part, "only text can stand in a message that is not a user's")
    return Content(counts_as, "\n".join(texts), files)


def unknown_part(where: str, part: GivenPart, why: str) -> Refusal:
    """Return the refusal of a part that can't be sent to a Space."""
    return bad_request(f"{where} is of the type {part.type[:40]!r}; {why}.", where, "invalid_value")


def uploaded_file(param: str) -> Refusal:
    """Return the refusal of a file that is named by an id, at a place in the request."""
    return bad_request(
        f"{param} names an uploaded file, and none are kept here: send its content.",
        param,
        "unsupported_parameter",
    )


def newest_files(name: str, contents: Sequence[Content]) -> tuple[list[AttachedFile], list[str]]:
    """Return the files that go with the question, and the places of those that are left out.

    Args:
        name: The parameter that holds the messages.
        contents: What they hold.

    Raises:
        Refusal: There are too many files.
    """
    holding = [each.files for each in contents if each.files]
    if sum(map(len, holding)) > MOST_FILES:
        raise bad_request(
            f"There are too many files in the messages: {MOST_FILES} are the most.",
            name,
            "array_above_max_length",
        )
    *earlier, newest = holding or [{}]
    return [*newest.values()], [place for files in earlier for place in files]


def check_count(name: str, parts: Sequence[Sequence[object]]) -> None:
    """Raise if there are too many messages and parts of messages.

    Args:
        name: The parameter that holds the messages.
        parts: The parts of each message.

    Raises:
        Refusal: There are.
    """
    if len(parts) + sum(map(len, parts)) > MOST_VALUES:
        raise too_many(name)


def too_many(name: str) -> Refusal:
    """Return the refusal of too many messages in a parameter."""
    return bad_request(
        f"There are too many messages and parts: {MOST_VALUES:,} are the most.",
        name,
        "array_above_max_length",
    )

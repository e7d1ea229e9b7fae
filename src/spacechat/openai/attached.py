"""Files that a request brings: their content in base64, under names that are safe; does no I/O.

Whatever names and types a client gives, a Space gets a plain name: the last part of a path, without
characters that don't print. Nothing is fetched for a client: an address is refused.
"""

from __future__ import annotations

import base64
import io
import mimetypes
import re
from typing import Final

from ..apps.file_kinds import ending
from .refusals import bad_request

_LONGEST_NAME: Final = 100
"""Characters of a file's name."""

DATA_URL: Final = (
    r"data:(?P<type>[\w.+-]{1,100}/[\w.+-]{1,100})?"
    r"(?:;[\w.+-]{1,100}=[\w.+-]{1,100}){0,9};base64,"
)
"""What stands before the base64 in a data URL, in whatever case: a pattern for ASCII."""

_DATA_URL: Final = re.compile(DATA_URL, re.ASCII | re.IGNORECASE)
_SHOWN: Final = 40
"""Characters of what is no data URL that an error repeats."""


class AttachedFile(io.BytesIO):
    """The content of a file, as an open file with a name.

    Args:
        name: The name.
        content: The content.
    """

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name

    def __repr__(self) -> str:
        return f"<AttachedFile {self.name!r} of {self.getbuffer().nbytes} bytes>"


def from_data_url(url: str, param: str, name: str | None = None) -> AttachedFile:
    """Return the file in a data URL, as in `data:image/png;base64,iVBORw0KGgo=`.

    Args:
        url: The URL.
        param: Where in the request it stands, for errors.
        name: See `from_base64`.

    Raises:
        Refusal: It is no data URL, such as an address from which the file would have to be fetched.
    """
    match = _DATA_URL.match(url)
    if match is None:
        if url[:8].lower().startswith(("http://", "https://")):
            why = "an address, and nothing is fetched for a client here"
        else:
            why = f"{url[:_SHOWN]!r}, which is no data URL in base64"
        raise bad_request(
            f"{param} is {why}: send the file itself, as in data:image/png;base64,iVBORw0KGgo=.",
            param,
            "invalid_value",
        )
    kind = (match["type"] or "").lower()
    return from_base64(url[match.end() :], param, name, mimetypes.guess_extension(kind) or "")


def from_file_data(data: str, param: str, name: str | None) -> AttachedFile:
    """Return the file whose content is given as a data URL or in base64; see these."""
    read = from_data_url if data[:5].lower() == "data:" else from_base64
    return read(data, param, name)


def from_base64(data: str, param: str, name: str | None = None, suffix: str = "") -> AttachedFile:
    """Return the file whose content is in base64.

    Args:
        data: The content.
        param: Where in the request it stands, for errors.
        name: The file's name, or None for `file`. If it has no ending, it gets the one of its kind.
        suffix: That ending, such as `.wav`, where the content doesn't say its kind.

    Raises:
        Refusal: It is no base64, or empty.
    """
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError as exc:
        raise bad_request(f"{param} is no base64: {exc}.", param, "invalid_value") from exc
    if not content:
        raise bad_request(f"{param} holds an empty file.", param, "invalid_value")
    plain = _plain(name or "") or "file"
    if "." not in plain:
        last = ending(content) or suffix
        plain = plain[: _LONGEST_NAME - len(last)] + last
    return AttachedFile(plain, content)


def _plain(name: str) -> str:
    """Return the last part of a path, printable and short; perhaps empty."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(each for each in last if each.isprintable()).strip(" .")
    stem, dot, suffix = shown.rpartition(".")
    if len(suffix) > _LONGEST_NAME // 2:
        return shown[:_LONGEST_NAME]
    return stem[: _LONGEST_NAME - len(suffix) - 1] + dot + suffix

"""Files of questions and of answers.

What an app says of a file may be anything. So its address is quoted, its name and type are checked,
and it is fetched from the app that the answer came from, with that app's login, or not at all.
"""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeAlias, cast
from urllib.parse import quote, unquote, urlsplit

import msgspec

from .. import events
from ..addresses import fitting_address, is_same_server, quoted_address
from ..errors import AuthenticationError, InputsError, ProtocolError
from ..events import Progress
from ..steps import (
    Connect,
    Download,
    OutgoingFile,
    Request,
    Response,
    Save,
    Steps,
    Tell,
    Upload,
)
from .decoding import MALFORMED
from .file_kinds import ending
from .known import Apps, KnownApp
from .place import Place

MOST = 1000
"""Files of an answer that become events."""

_LONGEST_NAME = 255

FileLike: TypeAlias = str | os.PathLike[str] | bytes | IO[bytes]
"""A file to send: its path, its content, an open file, or a URL that the Space fetches."""


def open_files(files: Sequence[FileLike]) -> list[OutgoingFile | str]:
    """Return the files ready to be sent, and URLs as they are.

    Raises:
        InputsError: An item is no file.
    """
    if isinstance(files, str | bytes | os.PathLike):
        raise InputsError(f"files= takes a list, not one {type(files).__name__}: put it in [].")
    return [
        _as_address(index, file) or open_file(f"files[{index}]", index, file)
        for index, file in enumerate(files)
    ]


def _as_address(index: int, file: object) -> str | None:
    """Return the URL that a file is given by, or None."""
    if not isinstance(file, str) or not file.startswith(("http://", "https://")):
        return None
    if quoted_address(file) is None:
        raise InputsError(f"files[{index}]: {file!r} is no address.")
    return file


def open_file(where: str, index: int, file: object) -> OutgoingFile:
    """Return a file ready to be sent.

    Args:
        where: Where it was given, for errors.
        index: Its number, for a name if it has none.
        file: Its path, its content, or an open file.

    Raises:
        InputsError: It is no file.
    """
    if isinstance(file, bytes | bytearray | memoryview):
        return _nameless(index, bytes(file))
    if isinstance(file, str | os.PathLike):
        path = Path(cast("str", file))
        if path.is_dir():
            raise InputsError(f"{where}: {os.fspath(path)!r} is a folder, not a file.")
        if not path.is_file():
            raise InputsError(f"{where}: there is no file {os.fspath(path)!r}.")
        return OutgoingFile(path.name, _mime_type(path.name), path)
    read = getattr(file, "read", None)
    content = read() if callable(read) else None
    if not isinstance(content, bytes):
        raise InputsError(
            f"{where} is neither a path, bytes, a URL nor a file opened with 'rb': it is "
            f"of type {type(file).__name__}."
        )
    name = getattr(file, "name", None)
    if not isinstance(name, str):
        return _nameless(index, content)
    name = Path(name).name
    return OutgoingFile(name, _mime_type(name), content)


def _nameless(index: int, content: bytes) -> OutgoingFile:
    """Return a file without a name: it gets one with the ending of its kind."""
    name = f"file-{index + 1}{ending(content)}"
    return OutgoingFile(name, _mime_type(name), content)


def _mime_type(name: str) -> str:
    # Only of the suffix: Python parses the whole name as a URL, and it may be anything. Types that
    # are not registered, such as image/webp, are known to every browser all the same.
    guessed = mimetypes.guess_type(f"file{os.path.splitext(name)[1]}", strict=False)[0]
    return guessed or "application/octet-stream"


def send_files(url: str, files: Sequence[OutgoingFile | str]) -> Steps[list[dict[str, object]]]:
    """Upload files, with an event for each, and return the values that an app takes for them.

    Args:
        url: The app's address for uploads.
        files: The files, as `open_files` returned them.
    """
    sent: list[dict[str, object]] = []
    for index, file in enumerate(files):
        if isinstance(file, str):
            name = Path(urlsplit(file).path).name or "file"
            sent.append(_file_data(file, name, _mime_type(name)) | {"url": file})
        else:
            yield Tell(Progress(index, len(files), "files", None, f"sending {file.name}"))
            response: Response = yield Upload(url, [file])
            sent.append(_file_data(_path(response.body), file.name, file.mime_type))
    if files:
        yield Tell(Progress(len(files), len(files), "files", None, "sent"))
    return sent


def _path(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=list[str])[0]
    except (*MALFORMED, IndexError) as exc:
        raise ProtocolError(
            f"The Space took the file with an answer that does not say where it is ({exc})."
        ) from exc


def _file_data(path: str, name: str, mime_type: str) -> dict[str, object]:
    return {
        "path": path,
        "orig_name": name,
        "mime_type": mime_type,
        "meta": {"_type": "gradio.FileData"},
    }


def file_value(file: events.File, app: str) -> dict[str, object]:
    """Return the value that an app takes for a file of an answer.

    An app takes its own files by their paths, and fetches those of others.

    Args:
        file: The file.
        app: The address of the app that takes it.
    """
    _, is_own, path = file.url.partition("/file=") if file.app == app else ("", "", "")
    source = unquote(path) if is_own else file.url
    return _file_data(source, file.name, file.mime_type) | {"url": file.url}


def with_files(value: Any, known: KnownApp, user: str) -> Any:
    """Return an output's value with its files as such; it is changed in place.

    Args:
        value: The value.
        known: The app.
        user: The user who is logged in there, or an empty text.
    """
    root = [value]
    waiting: list[Any] = [root]
    while waiting:
        container = waiting.pop()
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, each in pairs:  # No key comes or goes meanwhile.
            file = _as_file(each, known, user) if isinstance(each, dict) else None
            if file is not None:
                container[key] = file
            elif isinstance(each, dict | list):
                waiting.append(each)
    return root[0]


def _as_file(fields: Mapping[str, Any], known: KnownApp, user: str) -> events.File | None:
    """Return the file that a part of a value stands for, or None.

    It is none without an address that can be requested.
    """
    if not _is_file(fields):
        return None
    path: str = fields["path"]
    url = _url(fields.get("url"), path, known)
    if url is None:
        return None
    name = _name(fields.get("orig_name"), path, url)
    return events.File(url, name, _mime_type_of(fields.get("mime_type"), name), known.url, user)


def _is_file(fields: Mapping[str, Any]) -> bool:
    return isinstance(fields.get("path"), str) and ("orig_name" in fields or "meta" in fields)


def find_files(contents: Sequence[object], known: KnownApp, user: str) -> Iterator[events.File]:
    """Yield the files in the messages of an answer, each once.

    Files without an address that can be requested are skipped.

    Args:
        contents: The contents of the messages.
        known: The app.
        user: The user who is logged in there, or an empty text.
    """
    seen: set[str] = set()
    waiting: list[Any] = [*reversed(contents)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, Mapping):
            fields = cast("Mapping[str, Any]", part)
            if _is_file(fields):
                file = _as_file(fields, known, user)
                if file is not None and file.url not in seen:
                    seen.add(file.url)
                    yield file
            elif "component" in fields:  # Its `props` repeat the value.
                waiting.append(fields.get("value"))
            else:
                waiting += reversed(list(fields.values()))


def _url(given: object, path: str, known: KnownApp) -> str | None:
    """Return the address of a file, or None if it has none that can be requested."""
    if isinstance(given, str) and given.endswith(f"={path}"):  # Gradio 4 and 5 don't quote it.
        given = given.removesuffix(path) + _quoted(path)
    for text in (given, path):
        address = quoted_address(text) if isinstance(text, str) else None
        if address is not None:
            return address
    url = f"{known.api}/file={_quoted(path)}"
    return fitting_address(url) if path else None


def _quoted(path: str) -> str:
    return quote(path, errors="replace")


def _name(given: object, path: str, url: str) -> str:
    """Return a file's name: the one that the app gives, or else one made of its path."""
    name = given if isinstance(given, str) and given else re.split(r"[/\\]", path)[-1]
    name = name or unquote(urlsplit(url).path).rpartition("/")[2] or "file"
    return name[:_LONGEST_NAME].encode(errors="replace").decode()


def _mime_type_of(given: object, name: str) -> str:
    fits = isinstance(given, str) and re.fullmatch(
        r"[\w.+-]{1,100}/[\w.+;= -]{1,100}", given, re.ASCII
    )
    return given if fits and isinstance(given, str) else _mime_type(name)


def check_file(file: object) -> None:
    """Raise `TypeError` unless this is a file of an answer."""
    if not isinstance(file, events.File):
        raise TypeError(
            f"This takes a file of an answer, such as reply.files[0], not a {type(file).__name__}."
        )


def save_file(
    apps: Apps, file: events.File, download: Download, auth: tuple[str, str] | None
) -> Steps[None]:
    """Fetch a file of an answer from the app that it came from, and from nowhere else.

    Args:
        apps: The known apps, with their logins.
        file: The file.
        download: Takes the file's bytes.
        auth: User and password of the app's own login; None: those of the question.

    Raises:
        InputsError: The file's address is not at that app.
        AuthenticationError: The app needs a login that this client doesn't have.
    """
    url, app = quoted_address(file.url), quoted_address(file.app)
    if url is None or app is None or not is_same_server(url, app):
        raise InputsError(
            f"The file {file.name!r} is at {file.url}, and not at the app that it came from "
            f"({file.app or 'which it does not say'}): nothing is asked for elsewhere. If you "
            "trust that address, get it from there yourself."
        )
    known = apps.logged_in(file.app, file.user, auth)
    if auth is not None and known is None:
        known, _ = yield from apps.open(Place(file.app, {}, auth))
    if known is not None:
        yield Connect(known.url, known.headers)
    elif file.user:
        raise AuthenticationError(
            f"The file {file.name!r} wants a login at {file.app}, which this client has not made: "
            "pass auth=(user, password)."
        )
    else:
        yield Connect(file.app, {})
    yield Save(Request(url), download)

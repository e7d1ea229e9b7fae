"""Files that go with a question, and files that come with an answer."""

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
from ..steps import Connect, OutgoingFile, Request, Response, Save, Sink, Steps, Tell, Upload
from .decoding import MALFORMED
from .known import Apps, KnownApp, Place

MOST = 1000
"""Files of an answer that are told."""

_LONGEST_NAME = 255

FileLike: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"
"""A file to be sent: its path, its content, an open file, or the URL of one that the Space gets."""


def open_files(files: Sequence[FileLike]) -> list[OutgoingFile | str]:
    """Return files ready to be sent, and URLs as they are.

    Raises:
        InputsError: One of them is no file.
    """
    if isinstance(files, str | bytes | os.PathLike):
        raise InputsError(f"files= takes a list, not one {type(files).__name__}: put it in [].")
    return [_open(index, file) for index, file in enumerate(files)]


def _open(index: int, file: object) -> OutgoingFile | str:
    if isinstance(file, str) and file.startswith(("http://", "https://")):
        if quoted_address(file) is None:
            raise InputsError(f"files[{index}]: {file!r} is no address.")
        return file
    if isinstance(file, bytes):
        return OutgoingFile(f"file-{index + 1}", "application/octet-stream", file)
    if isinstance(file, str | os.PathLike):
        path = Path(cast("str", file))
        if not path.is_file():
            raise InputsError(f"files[{index}]: there is no file {os.fspath(path)!r}.")
        return OutgoingFile(path.name, _mime_type(path.name), path)
    read = getattr(file, "read", None)
    content = read() if callable(read) else None
    if not isinstance(content, bytes):
        raise InputsError(
            f"files[{index}] is neither a path, bytes, a URL nor a file opened with 'rb': it is "
            f"of type {type(file).__name__}."
        )
    name = getattr(file, "name", None)
    name = Path(name).name if isinstance(name, str) else f"file-{index + 1}"
    return OutgoingFile(name, _mime_type(name), content)


def _mime_type(name: str) -> str:
    # Of the whole name, which may be anything, Python would make an address.
    guessed = mimetypes.guess_type(f"file{os.path.splitext(name)[1]}")[0]
    return guessed or "application/octet-stream"


def send_files(url: str, files: Sequence[OutgoingFile | str]) -> Steps[list[dict[str, object]]]:
    """Upload files and return what an app takes for each; how many are sent is told as events.

    Args:
        url: The app's address for uploads.
        files: What `open_files` returned.
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


def find_files(contents: Sequence[object], known: KnownApp, user: str) -> Iterator[events.File]:
    """Give the files that the messages of an answer hold, each once.

    What is said of a file may be anything. A file without an address that can be asked for is none.

    Args:
        contents: What the messages hold.
        known: The app.
        user: Who is logged in there, or nothing.
    """
    found: set[str] = set()
    waiting: list[Any] = [*reversed(contents)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, Mapping):
            fields = cast("Mapping[str, Any]", part)
            path = fields.get("path")
            if isinstance(path, str) and ("orig_name" in fields or "meta" in fields):
                url = _url(fields.get("url"), path, known)
                if url is not None and url not in found:
                    found.add(url)
                    name = _name(fields.get("orig_name"), path, url)
                    kind = _kind(fields.get("mime_type"), name)
                    yield events.File(url, name, kind, known.url, user)
            elif "component" in fields:  # Its `props` say the value once more.
                waiting.append(fields.get("value"))
            else:
                waiting += reversed(list(fields.values()))


def _url(told: object, path: str, known: KnownApp) -> str | None:
    """Return where a file is, or None where that can't be said."""
    if isinstance(told, str) and told.endswith(f"={path}"):  # Gradio 4 and 5 don't quote the path.
        told = told.removesuffix(path) + _quoted(path)
    for text in (told, path):
        address = quoted_address(text) if isinstance(text, str) else None
        if address is not None:
            return address
    url = f"{known.api}/file={_quoted(path)}"
    return fitting_address(url) if path else None


def _quoted(path: str) -> str:
    return quote(path, errors="replace")


def _name(told: object, path: str, url: str) -> str:
    """Return what to call a file: what the app does, or else by its path."""
    name = told if isinstance(told, str) and told else re.split(r"[/\\]", path)[-1]
    name = name or unquote(urlsplit(url).path).rpartition("/")[2] or "file"
    return name[:_LONGEST_NAME].encode(errors="replace").decode()


def _kind(told: object, name: str) -> str:
    fits = isinstance(told, str) and re.fullmatch(
        r"[\w.+-]{1,100}/[\w.+;= -]{1,100}", told, re.ASCII
    )
    return told if fits and isinstance(told, str) else _mime_type(name)


def check_file(file: object) -> None:
    """Raise `TypeError` where this is no file of an answer."""
    if not isinstance(file, events.File):
        raise TypeError(
            f"This takes a file of an answer, such as reply.files[0], not a {type(file).__name__}."
        )


def save_file(
    apps: Apps, file: events.File, sink: Sink, auth: tuple[str, str] | None
) -> Steps[None]:
    """Fetch a file of an answer from the app that it came from, and from nowhere else.

    Args:
        apps: What is known of apps, their logins among it.
        file: The file.
        sink: What takes its bytes.
        auth: User and password of the app's own login; None: those of the question.

    Raises:
        InputsError: It is not at that app.
        AuthenticationError: The app wants a login that is not known here.
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
    sink.begin()
    yield Save(Request(url), sink)

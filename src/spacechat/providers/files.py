"""Files that go with a question, and files that come with an answer."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeAlias, cast
from urllib.parse import quote, urlsplit

import msgspec

from .. import events
from ..errors import InputsError, ProtocolError
from ..events import Progress
from ..exchange import File, Response, Steps, Tell, Upload

FileLike: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"
"""A file to be sent: its path, its content, an open file, or the URL of one that the Space gets."""


def open_files(files: Sequence[FileLike]) -> list[File | str]:
    """Return files ready to be sent, and URLs as they are.

    Raises:
        InputsError: One of them is no file.
    """
    if isinstance(files, str | bytes | os.PathLike):
        raise InputsError(f"files= takes a list, not one {type(files).__name__}: put it in [].")
    return [_open(index, file) for index, file in enumerate(files)]


def _open(index: int, file: object) -> File | str:
    if isinstance(file, str) and urlsplit(file).scheme in ("http", "https"):
        return file
    if isinstance(file, bytes):
        return File(f"file-{index + 1}", "application/octet-stream", file)
    if isinstance(file, str | os.PathLike):
        path = Path(cast("str", file))
        if not path.is_file():
            raise InputsError(f"files[{index}]: there is no file {os.fspath(path)!r}.")
        return File(path.name, _mime_type(path.name), path)
    read = getattr(file, "read", None)
    content = read() if callable(read) else None
    if not isinstance(content, bytes):
        raise InputsError(
            f"files[{index}] is neither a path, bytes, a URL nor a file opened with 'rb': it is "
            f"of type {type(file).__name__}."
        )
    name = getattr(file, "name", None)
    name = Path(name).name if isinstance(name, str) else f"file-{index + 1}"
    return File(name, _mime_type(name), content)


def _mime_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def send_files(url: str, files: Sequence[File | str]) -> Steps[list[dict[str, object]]]:
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
    except (msgspec.DecodeError, RecursionError, UnicodeError, IndexError) as exc:
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


def find_files(value: object, url: str) -> Iterator[events.File]:
    """Give the files that a part of an answer holds.

    Args:
        value: The part.
        url: Where the app has files whose path alone is told.
    """
    waiting: list[Any] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, Mapping):
            fields = cast("Mapping[str, Any]", part)
            path = fields.get("path")
            if isinstance(path, str) and ("orig_name" in fields or "meta" in fields):
                yield _file(fields, path, url)
            else:
                waiting += reversed(list(fields.values()))


def _file(fields: Mapping[str, Any], path: str, url: str) -> events.File:
    told, name, mime_type = (fields.get(key) for key in ("url", "orig_name", "mime_type"))
    name = name if isinstance(name, str) else Path(urlsplit(path).path).name
    if not isinstance(told, str) or urlsplit(told).scheme not in ("http", "https"):
        told = path if urlsplit(path).scheme in ("http", "https") else url + quote(path)
    return events.File(told, name, mime_type if isinstance(mime_type, str) else _mime_type(name))

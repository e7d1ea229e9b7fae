"""Files that go with a question or a call, and those in the values of a function."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from spacechat import events
from spacechat.apps import parse_config
from spacechat.apps.files import file_value, open_file, open_files, send_files, with_files
from spacechat.apps.known import KnownApp
from spacechat.errors import InputsError, ProtocolError
from spacechat.events import Progress
from spacechat.steps import OutgoingFile, Response, Tell, Upload
from tests.servers.files import CONFIG

META = {"_type": "gradio.FileData"}
APP = "http://app"


class Named(io.BytesIO):
    """An open file."""

    def __init__(self, content: bytes, name: object) -> None:
        super().__init__(content)
        self.name = name


def test_files_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"a")
    url = "https://host/a%20b.txt?c"
    png = b"\x89PNG\r\n\x1a\n"
    given: list[Any] = [path, str(path), png, Named(b"b", "/x/y.webp"), Named(b"c", 5), url]
    assert open_files(given) == [
        OutgoingFile("cat.png", "image/png", path),
        OutgoingFile("cat.png", "image/png", path),
        OutgoingFile("file-3.png", "image/png", png),
        OutgoingFile("y.webp", "image/webp", b"b"),
        open_file("", 4, b"c"),
        url,
    ]
    assert open_file("", 0, bytearray(b"a")) == open_file("", 0, b"a")
    nameless = open_file("", 0, Named(b"a", "what"))
    assert nameless.mime_type == "application/octet-stream"
    old = open_file("", 0, Named(b"a", "a.pict"))  # Of a type that was never registered.
    assert old.mime_type.startswith("image/")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("a.png", "files= takes a list, not one str"),
        (["nowhere.png"], r"files\[0\]: there is no file 'nowhere.png'"),
        ([b"a", "."], r"files\[1\]: '.' is a folder"),
        ([5], r"files\[0\] is neither .* of type int"),
        ([io.StringIO("a")], "of type StringIO"),
        (["http://[x"], r"files\[0\]: 'http://\[x' is no address"),
    ],
)
def test_what_is_no_file(given: Any, says: str) -> None:
    with pytest.raises(InputsError, match=says):
        open_files(given)


def sent(path: str, name: str, mime_type: str, **more: str) -> dict[str, object]:
    return {"path": path, "orig_name": name, "mime_type": mime_type, "meta": META, **more}


def test_what_is_sent() -> None:
    file = OutgoingFile("a.png", "image/png", b"a")
    urls = ["https://host/b.txt?c", "https://host/"]
    steps = send_files("http://app/upload", [file, *urls])
    assert next(steps) == Tell(Progress(0, 3, "files", None, "sending a.png"))
    assert next(steps) == Upload("http://app/upload", [file])
    response = Response(b'["/tmp/a.png", "/tmp/b"]')
    assert steps.send(response) == Tell(Progress(3, 3, "files", None, "sent"))
    with pytest.raises(StopIteration) as ended:
        next(steps)
    assert ended.value.value == [
        sent("/tmp/a.png", "a.png", "image/png"),
        sent(urls[0], "b.txt", "text/plain", url=urls[0]),
        sent(urls[1], "file", "application/octet-stream", url=urls[1]),
    ]
    with pytest.raises(StopIteration):
        next(send_files("http://app/upload", []))


@pytest.mark.parametrize("body", [b"[]", b"{}", b"", b"[5]"])
def test_an_answer_that_names_no_path(body: bytes) -> None:
    steps = send_files("http://app/upload", [OutgoingFile("a", "text/plain", b"a")])
    next(steps)
    next(steps)
    with pytest.raises(ProtocolError, match="does not say where it is"):
        steps.send(Response(body))


def test_a_file_of_an_answer_is_sent_again() -> None:
    file = events.File(f"{APP}/file=/tmp/a%20b.png", "a.png", "image/png", APP, "")
    assert file_value(file, APP) == sent("/tmp/a b.png", "a.png", "image/png", url=file.url)
    assert file_value(file, "http://other") == sent(file.url, "a.png", "image/png", url=file.url)


def test_files_in_values() -> None:
    known = KnownApp(APP, {}, parse_config(json.dumps(CONFIG).encode()))
    url = f"{known.api}/file=/tmp/a.png"
    file = events.File(url, "a.png", "image/png", APP, "ada")
    whole = {"path": "/tmp/a.png", "url": None, "orig_name": "a.png", "mime_type": None}
    marked = {"path": "/tmp/a.png", "meta": META}
    assert with_files(whole, known, "ada") == file
    assert with_files(marked, known, "ada") == file
    assert with_files([{"b": [whole, 1]}, marked], known, "ada") == [{"b": [file, 1]}, file]
    for none in ({"path": "/tmp/a.png"}, {"path": 5, "meta": META}, {"meta": META}, "a", 5, None):
        assert with_files(none, known, "ada") == none

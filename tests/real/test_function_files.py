"""Files that go to functions of real apps, and files that come from them."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from spacechat import errors, events
from tests.apis import Api, BlockingClient, collect
from tests.conftest import BOTH_APIS
from tests.real.functions import FunctionServer
from tests.real.test_files import png
from tests.servers.cut import CutWay

pytestmark = [pytest.mark.anyio, pytest.mark.real, BOTH_APIS]


def stream(content: bytes, name: str) -> io.BytesIO:
    """An open file."""
    file = io.BytesIO(content)
    file.name = f"/elsewhere/{name}"
    return file


@pytest.mark.parametrize("name", ["/one", "/one_at_once"])
async def test_upload_preserves_orig_name(
    client: Any, function_server: FunctionServer, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "my plan.txt"
    path.write_text("a plan", encoding="utf-8")
    async with client, client.app(function_server.url("files")) as app:
        assert await app.call(name, path) == "my plan.txt: a plan"
        assert await app.call(name, stream(b"a stream", "other.txt")) == "other.txt: a stream"
        assert (await app.call(name, b"bytes")).endswith(": bytes")
        assert await app.call(name, None) == "nothing"


async def test_many_files(client: Any, function_server: FunctionServer, tmp_path: Path) -> None:
    path = tmp_path / "1.txt"
    path.write_text("one", encoding="utf-8")
    async with client, client.app(function_server.url("files")) as app:
        told = await app.call("/many", [path, stream(b"two", "2.txt")])
        assert told == "1.txt: one\n2.txt: two"
        run = app.run("/many", [path, path])
        found = await collect(run.events())
        sent = [event for event in found if isinstance(event, events.Progress)]
        assert [(event.index, event.length) for event in sent] == [(0, 2), (1, 2), (2, 2)]


async def test_nested_files(client: Any, function_server: FunctionServer, tmp_path: Path) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("it has no box for text with files")
    path = tmp_path / "1.txt"
    path.write_text("one", encoding="utf-8")
    async with client, client.app(function_server.url("files")) as app:
        given = {"text": str(path), "files": [path, stream(b"two", "2.txt")]}
        assert await app.call("/box", given) == (str(path), "1.txt: one\n2.txt: two")


async def test_an_image(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("files")) as app:
        assert await app.call("/shape", stream(png(7, 5), "a.png")) == "5x7x3"


async def test_a_file_that_is_not_there(
    client: Any, function_server: FunctionServer, tmp_path: Path
) -> None:
    async with client, client.app(function_server.url("files")) as app:
        with pytest.raises((errors.InputsError, FileNotFoundError), match=r"none\.txt"):
            await app.call("/one", tmp_path / "none.txt")


@pytest.mark.parametrize("name", ["/make", "/make_at_once"])
async def test_a_file_that_comes(
    client: Any, function_server: FunctionServer, tmp_path: Path, name: str
) -> None:
    async with client, client.app(function_server.url("files")) as app:
        file = await app.call(name, "notes.txt", "some notes")
        assert (file.name, file.mime_type) == ("notes.txt", "text/plain")
        assert file.url.startswith(function_server.url("files"))
        assert os.listdir(tmp_path) == [], "it is not downloaded unasked"
        assert await client.read(file) == b"some notes"
        path = await client.download(file, tmp_path)
        assert path.parent == tmp_path
        assert path.read_bytes() == b"some notes"
        # What came from the app may go to it again.
        for given in (file, path):
            again = await app.call("/give_back", given)
            assert await client.read(again) == b"some notes"


async def test_a_number_for_a_text(client: Any, function_server: FunctionServer) -> None:
    """Gradio makes a text of it, in every version."""
    async with client, client.app(function_server.url("files")) as app:
        for given in (5, 0.5, True):
            file = await app.call("/make", "number.txt", given)
            assert await client.read(file) == str(given).encode()


async def test_many_files_that_come(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("files")) as app:
        async with app.run("/make_many", "part", 3) as run:
            result = await run.result()
        assert [file.name for file in result.value] == ["part-0.txt", "part-1.txt", "part-2.txt"]
        assert list(result.files) == result.value
        assert [await client.read(file) for file in result.files] == [
            f"part {number}".encode() for number in range(3)
        ]


async def test_pictures_and_sounds(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("files")) as app:
        picture = await app.call("/picture", 6)
        assert (await client.read(picture))[:4] in (b"\x89PNG", b"RIFF")
        gallery = await app.call("/gallery", 2)
        assert [each["caption"] for each in gallery] == ["number 0", "number 1"]
        assert await client.read(gallery[1]["image"])
        sound = await app.call("/sound", 0.1)
        assert (await client.read(sound))[:4] == b"RIFF"


async def test_job_output_video(
    client: Any, function_server: FunctionServer, tmp_path: Path
) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("it wants ffmpeg")
    path = tmp_path / "a film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(500))
    async with client, client.app(function_server.url("files")) as app:
        for given in (path, await app.call("/give_back", path)):
            shown, name = await app.call("/film", given)
            film = shown if function_server.major >= 6 else shown["video"]
            assert (name, film.mime_type) == ("a film.mp4", "video/mp4")
            assert await client.read(film) == path.read_bytes()


async def test_upload_and_download_with_auth(
    client: Any, function_server: FunctionServer, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Hello file!", encoding="utf-8")
    url = function_server.url("login")
    async with client:
        with pytest.raises(errors.AuthenticationError):
            async with client.app(url) as app:
                await app.call("/copy", path)
        with pytest.raises(errors.AuthenticationError):
            async with client.app(url, auth=("user", "wrong")) as app:
                await app.call("/copy", path)
        async with client.app(url, auth=("user", "secret")) as app:
            file = await app.call("/copy", path)
        assert await client.read(file) == b"user: Hello file!"
        assert (await client.download(file, tmp_path)).read_text() == "user: Hello file!"


async def test_a_download_whose_connection_breaks(
    client: Any, function_server: FunctionServer, tmp_path: Path
) -> None:
    """Gradio with a newer Starlette sends the rest; an older one sends the file anew."""
    text = "".join(f"{number}\n" for number in range(50_000))
    async with client, client.app(function_server.url("files")) as app:
        file = await app.call("/make", "numbers.txt", text)
    target = b"GET " + urlsplit(file.url).path.encode()
    with CutWay(function_server.url("files"), target, after=100_000, times=2) as way:
        moved = events.RemoteFile(
            file.url.replace(file.app, way.url), file.name, file.mime_type, way.url
        )
        async with Api(isinstance(client, BlockingClient)).client() as other:
            path = await other.download(moved, tmp_path)
    assert path.read_text() == text
    first, *others = [re.search(rb"(?i)range: bytes=(\d+)-", each) for each in way.requests]
    assert first is None
    starts = [int(each[1]) for each in others if each]
    assert len(starts) == 2
    assert (starts[1] > 150_000) is (function_server.major >= 5)

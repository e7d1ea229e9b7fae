"""Files with a question, and files with an answer, on real apps."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest

import spacechat
from spacechat import errors, events
from spacechat.events import File
from tests.real.conftest import SERVERS
from tests.real.servers import MoreServer, http_client

pytestmark = [pytest.mark.anyio, pytest.mark.real]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xff\0\0" * width) * height
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


async def test_every_kind(more_server: MoreServer, tmp_path: Path) -> None:
    path = tmp_path / "plan é.txt"
    path.write_text("a plan", encoding="utf-8")
    stream = io.BytesIO(b"a stream")
    stream.name = "/elsewhere/stream.txt"
    async with spacechat.AsyncClient() as client:
        asked = client.stream(
            "Look",
            model=more_server.url("box-with-files"),
            files=[path, b"some bytes", stream, str(path)],
        )
        found = [event async for event in asked.events()]
    told, _, files = asked.text.partition(": ")
    assert told == "Look"
    contents = [file.partition("=")[2] for file in files.split(", ")]
    assert contents == ["a plan", "some bytes", "a stream", "a plan"]
    assert "stream.txt" in files
    progress = [event for event in found if isinstance(event, events.Progress)]
    assert [(event.index, event.length) for event in progress] == [(n, 4) for n in range(5)]
    assert progress[0].description == "sending plan é.txt"


async def test_turns_with_and_without(more_server: MoreServer) -> None:
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=more_server.url("box-with-files"))
        texts = [
            (await chat.ask("One", files=[b"1"])).text,
            (await chat.ask("Two")).text,
            (await chat.ask("Three", files=[b"3"])).text,
        ]
    assert [text.partition("=")[2] for text in texts] == ["1", "", "3"]
    assert texts[1] == "Two: nothing"


async def test_an_input_of_its_own(more_server: MoreServer) -> None:
    url = more_server.url("file-beside")
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url)
        assert (await chat.ask("What?", files=[b"data"])).text == "What?: file-1=data"
        with pytest.raises(errors.InputsError, match=r"Document.*takes one file, not 2"):
            await chat.ask("What?", files=[b"1", b"2"])
        reply = await client.ask("Hi", model=url)
        assert reply.text == "Hi: nothing"
        reply = await client.ask("Hi", model=more_server.url("files-beside"), files=[b"1", b"2"])
        assert reply.text == "Hi: file-1=1, file-2=2"
        image = png(7, 5)
        reply = await client.ask("Hi", model=more_server.url("image-beside"), files=[image])
        assert reply.text == "Hi: 5x7x3"


async def test_no_place_for_them(more_server: MoreServer) -> None:
    url = more_server.url("gives-files")
    async with spacechat.AsyncClient() as client:
        before = len(more_server.seen("gives-files"))
        with pytest.raises(errors.InputsError, match=r"takes no files.*leave out files="):
            await client.ask("Hi", model=url, files=[b"1"])
        asked = more_server.seen("gives-files")[before:]
        assert not any("upload" in line or "queue" in line for line in asked)


async def test_files_of_an_answer(more_server: MoreServer) -> None:
    url = more_server.url("gives-files")
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url)
        for question in ("One", "Two"):
            before = len(more_server.seen("gives-files"))
            stream = chat.stream(question)
            found = [event async for event in stream.events()]
            reply = await stream.reply()
            (file,) = reply.files
            assert isinstance(file, File)
            assert [event for event in found if isinstance(event, File)] == [file]
            assert (file.name, file.mime_type) == ("notes.txt", "text/plain")
            asked = more_server.seen("gives-files")[before:]
            assert not any("file" in line for line in asked), "it is not downloaded"
            with http_client() as http:
                assert http.get(file.url).raise_for_status().text == question
            assert "Here are your notes." in reply.text
        assert (await client.ask("Hi", model=more_server.url("file-beside"))).files == ()


async def test_what_is_no_file(more_server: MoreServer, tmp_path: Path) -> None:
    url = more_server.url("box-with-files")
    async with spacechat.AsyncClient() as client:
        for files, said in (
            ([str(tmp_path / "none.txt")], "no file"),
            ([tmp_path], "is a folder"),
            ("plan.txt", "takes a list"),
            (b"plan", "takes a list"),
            ([5], "neither a path"),
            ([io.StringIO("text")], "opened with 'rb'"),
        ):
            with pytest.raises(errors.InputsError, match=said):
                client.stream("Hi", model=url, files=files)  # type: ignore[arg-type]


@pytest.mark.parametrize("more_server", SERVERS, indirect=True)
def test_blocking(more_server: MoreServer) -> None:
    with spacechat.Client() as client:
        reply = client.ask("Hi", model=more_server.url("file-beside"), files=[b"data"])
        assert reply.text == "Hi: file-1=data"
        (file,) = client.ask("Hi", model=more_server.url("gives-files")).files
        assert file.name == "notes.txt"

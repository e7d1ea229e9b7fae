"""Answers that hold more than text: what they say, which files they have, and getting these."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import spacechat
from spacechat import errors, events
from tests.real.conftest import SERVERS
from tests.real.servers import MoreServer, http_client

pytestmark = [pytest.mark.anyio, pytest.mark.real]

AUTH = ("user", "secret")
LARGE = bytes(range(256)) * 40_000

SAID = {
    "two": "One\n\nTwo",
    "html": "See:\n\nA & B\nC\n\nEnd",
    "markdown": "**bold**\n\narea",
    "image": "See:",
    "gallery": "",
    "tuple": "",
    "path": "",
    "file": "",
    "files": "",
    "several": "and",
    "twice": "",
}
FILES = {
    "image": ["red.png"],
    "gallery": ["red.png", "blue"],
    "tuple": ["red.png"],
    "path": ["blue"],
    "file": ["notes.txt"],
    "files": ["notes.txt", "red.png"],
    "several": ["notes.txt", "red.png"],
    "twice": ["red.png"],
}


@pytest.mark.parametrize("app", ["shows", "shows-pairs"])
async def test_each_kind(more_server: MoreServer, app: str) -> None:
    async with spacechat.AsyncClient() as client:
        for kind, text in SAID.items():
            stream = client.stream(kind, model=more_server.url(app))
            pieces = [piece async for piece in stream]
            reply = await stream.reply()
            assert reply.text == "".join(pieces) == text, kind
            names = FILES.get(kind, [])
            assert len(reply.files) == len(names), (kind, reply.files)
            for file, name in zip(reply.files, names, strict=True):
                assert file.name.startswith(name)
                assert file.url.isascii()
                with http_client() as http:
                    content = http.get(file.url).raise_for_status().content
                assert content == await client.read(file)


async def test_parts_of_a_message(more_server: MoreServer) -> None:
    """Which the page of Gradio 6 shows as messages; others don't have them."""
    if more_server.major < 6:
        return
    async with spacechat.AsyncClient() as client:
        assert (await client.ask("parts", model=more_server.url("shows"))).text == "One\n\nTwo"


async def test_titles(more_server: MoreServer) -> None:
    async with spacechat.AsyncClient() as client:
        stream = client.stream("tools", model=more_server.url("shows"))
        found = [event async for event in stream.events()]
        reply = await stream.reply()
    thoughts = [event for event in found if isinstance(event, events.Reasoning)]
    assert thoughts == [
        events.Reasoning("hm", "Thinking"),
        events.Reasoning("", "Search"),
        events.Reasoning("", "Read"),
    ]
    assert (reply.text, reply.reasoning) == ("Done", "hm")
    assert [file.name for file in reply.files] == ["notes.txt"]


async def test_what_was_sent_is_no_file_of_the_answer(more_server: MoreServer) -> None:
    async with spacechat.AsyncClient() as client:
        for app in ("shows", "shows-pairs"):
            reply = await client.ask("two", model=more_server.url(app), files=[b"mine"])
            assert (reply.text, reply.files) == ("One\n\nTwo", ())


async def test_behind_a_login(more_server: MoreServer, tmp_path: Path) -> None:
    url = more_server.url("members")
    async with spacechat.AsyncClient() as client:
        (large,) = (await client.ask("large", model=url, auth=AUTH)).files
        assert await client.read(large) == LARGE
        path = await client.download(large, tmp_path)
        assert path == tmp_path / "large.bin"
        assert path.read_bytes() == LARGE
        again = await client.download(large, str(tmp_path))
        assert again == tmp_path / "large (1).bin"
        assert again.read_bytes() == LARGE
        for largest in (1, len(LARGE) - 1):
            with pytest.raises(errors.ProtocolError, match="largest= sets"):
                await client.read(large, largest=largest)
            with pytest.raises(errors.ProtocolError, match="largest= sets"):
                await client.download(large, tmp_path, largest=largest)
        (file,) = (await client.ask("path", model=url, auth=AUTH)).files
        assert (await client.read(file)).startswith(b"\x89PNG")
    assert {*os.listdir(tmp_path)} == {"large.bin", "large (1).bin"}
    async with spacechat.AsyncClient() as other:
        with pytest.raises(errors.AuthenticationError, match=r"wants a login.*pass auth="):
            await other.read(large)
        with pytest.raises(errors.AuthenticationError, match="did not take"):
            await other.read(large, auth=("user", "guess"))
        assert await other.read(large, auth=AUTH) == LARGE
        assert await other.read(large) == LARGE, "which it has logged in for now"


@pytest.mark.parametrize("more_server", SERVERS, indirect=True)
def test_blocking(more_server: MoreServer, tmp_path: Path) -> None:
    with spacechat.Client() as client:
        (large,) = client.ask("large", model=more_server.url("members"), auth=AUTH).files
        assert client.read(large) == LARGE
        assert client.download(large, tmp_path).read_bytes() == LARGE
    with spacechat.Client() as client, pytest.raises(errors.AuthenticationError):
        client.download(large, tmp_path)
    assert os.listdir(tmp_path) == ["large.bin"]

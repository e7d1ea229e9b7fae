"""Files of an answer: what may be said of them, and getting them, whatever the server does."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spacechat
from spacechat import errors, events
from spacechat.apps import parse_config
from spacechat.apps.files import find_files
from spacechat.apps.known import KnownApp
from spacechat.client.saving import FileContent, SavedFile, safe_name
from spacechat.protocol import reading
from tests.servers import Part, Then
from tests.servers.files import CONFIG, GOOD, FileServer, data

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n"


ODD_ADDRESSES = [
    "http://[x",
    "http://[",
    "//[x",
    "http://h:99999/x",
    "http://h:x/",
    "http://h:0/x",
    "http:///x",
    "http://a b/c",
    "http://a\u0000b/c",
    "http://℀.test/x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "file:///etc/passwd",
    "\u0000",
    "..",
    "/",
    " ",
    "x" * 100_000,
    "http://h/" + "é" * 5_000,
    "\\\\server\\share",
]


@pytest.mark.parametrize("address", ODD_ADDRESSES, ids=lambda text: repr(text)[:20])
async def test_an_odd_address_ends_nothing(address: str) -> None:
    odd = [data(address), data("/tmp/a", address), data("/tmp/a", name=address), data(address, 5)]
    with FileServer("Hi", *odd, GOOD) as server:
        async with spacechat.AsyncClient() as client:
            async for result in client.map(["one", "two"], model=server.url):
                assert result.error is None
                reply = result.reply
                assert reply is not None
                assert reply.text == "Hi"
                assert reply.files[-1].url == f"{server.url}/gradio_api/file=/tmp/good.txt"
                for file in reply.files:
                    assert file.url.startswith(server.url)
                    assert file.url.isascii()
                    assert file.url.isprintable()
                    assert len(file.url) <= 8192
                    assert 0 < len(file.name) <= 255


@pytest.mark.parametrize(
    "odd", [None, 5, 1e300, [], {}, True, "x" * 10_000, "no type", "a/b\n", "é/x"]
)
async def test_odd_fields(odd: Any) -> None:
    files = [data("/tmp/a.png", odd, odd, odd), {"path": odd, "meta": odd}, {"file": odd}, odd]
    with FileServer("Hi", *files) as server:
        async with spacechat.AsyncClient() as client:
            file = (await client.ask("Q", model=server.url)).files[0]
    assert file.url == f"{server.url}/gradio_api/file=/tmp/a.png"
    assert file.mime_type == ("image/png" if not isinstance(odd, str) else file.mime_type)
    assert len(file.name) <= 255


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(ODD_ADDRESSES),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["path", "url", "orig_name", "meta", "component", "value"]), below
        )
    ),
)
KNOWN = KnownApp("http://h", {}, parse_config(json.dumps(CONFIG).encode()))


@pytest.mark.parametrize(
    "message",
    [
        {"content": [{"type": "file", "content": [data("/tmp/a.png")]}]},  # modelscope_studio
        {"file": data("/tmp/a.png"), "alt_text": "a"},  # agentchatbot
        {"content": {"text": "", "files": [{"file": data("/tmp/a.png"), "alt_text": None}]}},
    ],
)
def test_files_in_the_messages_of_other_chatbots(message: dict[str, Any]) -> None:
    chat = [{"role": "user", "content": "Q"}, {"role": "assistant", **message}]
    (file,) = find_files(reading.answer_contents(chat, 0), KNOWN, "")
    assert file.url == "http://h/gradio_api/file=/tmp/a.png"


@given(st.lists(JSON, max_size=3))
def test_anything_may_be_said_of_files(contents: list[Any]) -> None:
    found = [*find_files(contents, KNOWN, "")]
    assert len({file.url for file in found}) == len(found)
    for file in found:
        assert file.url.startswith(("http://", "https://"))
        assert file.to_dict().keys() == {"url", "name", "mime_type"}


def test_half_characters() -> None:
    (file,) = find_files([data("/tmp/\ud800.png", "http://h/\ud800", "\udfff")], KNOWN, "")
    assert file == events.File("http://h/%3F", "?", "application/octet-stream", "http://h")


def test_an_address_that_gradio_did_not_quote() -> None:
    told = data("/tmp/a b#1é%.png", "http://h/base/file=/tmp/a b#1é%.png")
    (file,) = find_files([told], KNOWN, "")
    assert file.url == "http://h/base/file=/tmp/a%20b%231%C3%A9%25.png"
    assert file.name == "a b#1é%.png"


async def test_files_are_told_up_to_a_number() -> None:
    with FileServer(*(data(f"/tmp/{number}.txt") for number in range(1001))) as server:
        async with spacechat.AsyncClient() as client:
            stream = client.stream("Q", model=server.url)
            found = [event async for event in stream.events()]
            reply = await stream.reply()
    assert len(reply.files) == 1000
    assert events.Log("warning", "The answer has more than 1000 files.") in found


async def test_a_file_is_told_once() -> None:
    image = data("/tmp/a.png", name="a.png")
    component = {"component": "image", "value": image, "props": {"value": image}}
    with FileServer(component, {"file": image}, [component]) as server:
        async with spacechat.AsyncClient() as client:
            (file,) = (await client.ask("Q", model=server.url)).files
    assert file.app == server.url


async def a_file(client: spacechat.AsyncClient, server: FileServer) -> events.File:
    return (await client.ask("Q", model=server.url)).files[0]


class TestGetting:
    @pytest.mark.parametrize("fast", [False, True], indirect=True)
    async def test_it_is_asked_for_with_what_the_question_was(self, fast: bool) -> None:
        with FileServer(GOOD) as server:
            mine = {"x-mine": "1"}
            async with spacechat.AsyncClient(token="hf_secret", headers=mine) as client:
                file = await a_file(client, server)
                assert await client.read(file) == b"content"
            asked = next(each for each in server.requests if "/file=" in each.target)
            headers = dict(asked.headers)
            assert headers["authorization"] == "Bearer hf_secret"
            assert headers["x-mine"] == "1"
            assert asked.target == "/gradio_api/file=/tmp/good.txt"

    @pytest.mark.parametrize("scheme", ["http", "https"])
    async def test_nothing_goes_elsewhere(self, tmp_path: Path, scheme: str) -> None:
        with FileServer() as server, FileServer() as other:
            elsewhere = other.url.replace("http", scheme, 1) + "/file=/tmp/a.txt"
            server.contents = [data("/tmp/a.txt", elsewhere)]
            async with spacechat.AsyncClient(token="hf_secret") as client:
                file = await a_file(client, server)
                assert file.url == elsewhere
                for get in (client.read(file), client.download(file, tmp_path)):
                    with pytest.raises(errors.InputsError, match="yourself") as caught:
                        await get
                    assert elsewhere in str(caught.value)
            assert other.requests == []
            assert server.asked_for == []
        assert os.listdir(tmp_path) == []

    async def test_a_file_without_an_app(self, tmp_path: Path) -> None:
        async with spacechat.AsyncClient() as client:
            for url, app in [
                ("http://127.0.0.1:1/a", ""),
                ("http://127.0.0.1:1/a", "http://[x"),
                ("http://[x", "http://127.0.0.1:1"),
                ("http://127.0.0.1:1/a", "http://127.0.0.1:2"),
                ("http://127.0.0.1:1/a", "https://127.0.0.1:1"),
                ("http://127.0.0.1:1@evil.test/a", "http://127.0.0.1:1"),
                ("http://127.0.0.1:1\\@evil.test/a", "http://127.0.0.1:1"),
            ]:
                file = events.File(url, "a", "text/plain", app)
                with pytest.raises(errors.InputsError, match="nothing is asked for elsewhere"):
                    await client.download(file, tmp_path)
            with pytest.raises(TypeError, match=r"such as reply\.files\[0\], not a tuple"):
                await client.read((file,))  # type: ignore[arg-type]

    async def test_a_redirection_is_not_followed(self) -> None:
        with FileServer(GOOD) as server, FileServer() as other:
            head = f"HTTP/1.1 302 Found\r\nlocation: {other.url}/x\r\ncontent-length: 0\r\n\r\n"
            server.files = [[head.encode()]]
            async with spacechat.AsyncClient() as client:
                with pytest.raises(errors.SpaceUnavailableError, match="points elsewhere"):
                    await client.read(await a_file(client, server))
            assert other.requests == []

    async def test_a_cut_connection_is_tried_again(self, tmp_path: Path) -> None:
        with FileServer(GOOD) as server:
            cut: list[Part] = [HEAD % 10 + b"other", Then.CLOSE]
            server.files = [cut, [HEAD % 4 + b"well"]]
            async with spacechat.AsyncClient() as client:
                path = await client.download(await a_file(client, server), tmp_path)
                assert path.read_bytes() == b"well"
                server.files = [cut]
                with pytest.raises(errors.SpaceUnavailableError):
                    await client.download(await a_file(client, server), tmp_path)
        assert os.listdir(tmp_path) == ["good.txt"]

    @pytest.mark.parametrize("sent", [b"", b"some"])
    async def test_a_server_that_hangs(self, tmp_path: Path, sent: bytes) -> None:
        with FileServer(GOOD) as server:
            server.files = [[HEAD % 10 + sent, Then.HANG]]
            async with spacechat.AsyncClient(timeout=0.2) as client:
                file = await a_file(client, server)
                with pytest.raises(errors.StreamTimeoutError, match="idle timeout"):
                    await client.download(file, tmp_path)
            total = spacechat.Timeout(total=0.3)
            async with spacechat.AsyncClient(timeout=total) as client:
                with pytest.raises(errors.StreamTimeoutError, match="total timeout"):
                    await client.read(file)
        assert os.listdir(tmp_path) == []

    async def test_cancellation_leaves_nothing(self, tmp_path: Path) -> None:
        with FileServer(GOOD) as server:
            server.files = [[HEAD % 10 + b"some", Then.HANG]]
            async with spacechat.AsyncClient() as client:
                file = await a_file(client, server)
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:

                        async def stop() -> None:
                            while not any(map(os.path.getsize, await parts(tmp_path))):  # noqa: ASYNC110
                                await anyio.sleep(0.01)
                            scope.cancel()

                        tasks.start_soon(stop)
                        await client.download(file, tmp_path)
                assert scope.cancelled_caught
        assert os.listdir(tmp_path) == []

    async def test_a_length_that_is_too_much(self, tmp_path: Path) -> None:
        with FileServer(GOOD) as server:
            server.files = [[HEAD % (1 << 40), b"x" * (1 << 20), Then.HANG]]
            async with spacechat.AsyncClient() as client:
                file = await a_file(client, server)
                with pytest.raises(errors.ProtocolError, match="more than 1000 bytes"):
                    await client.download(file, tmp_path, largest=1000)
        assert os.listdir(tmp_path) == []

    async def test_what_is_there_stays(self, tmp_path: Path) -> None:
        (tmp_path / "good.txt").write_text("mine")
        if sys.platform != "win32":
            (tmp_path / "good (1).txt").symlink_to(tmp_path / "nowhere")
        (tmp_path / "good (2).txt").mkdir()
        with FileServer(GOOD) as server:
            async with spacechat.AsyncClient() as client:
                path = await client.download(await a_file(client, server), tmp_path)
        assert path == tmp_path / "good (3).txt"
        assert (tmp_path / "good.txt").read_text() == "mine"
        assert not (tmp_path / "nowhere").exists()

    async def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with FileServer(GOOD) as server:
            async with spacechat.AsyncClient() as client:
                file = await a_file(client, server)
                assert (await client.download(file, tmp_path / "a" / "b")).is_file()
                (tmp_path / "full").write_text("no folder", encoding="utf-8")
                with pytest.raises(FileExistsError, match="full"):
                    await client.download(file, tmp_path / "full")

    @pytest.mark.parametrize(
        "name", ["../../up.txt", "/etc/passwd", "..\\up", "C:\\x", "a/\0b", ".."]
    )
    async def test_a_name_leads_nowhere(self, tmp_path: Path, name: str) -> None:
        folder = tmp_path / "in" / "side"
        folder.mkdir(parents=True)
        with FileServer(data("/tmp/x", name=name)) as server:
            async with spacechat.AsyncClient() as client:
                path = await client.download(await a_file(client, server), folder)
        assert path.parent == folder
        assert os.listdir(folder) == [path.name]
        assert os.listdir(tmp_path) == ["in"]

    def test_blocking(self, tmp_path: Path) -> None:
        with FileServer(GOOD) as server, spacechat.Client() as client:
            (file,) = client.ask("Q", model=server.url).files
            assert client.read(file) == b"content"
            assert client.download(file, tmp_path) == tmp_path / "good.txt"

    async def test_the_default_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with FileServer(GOOD) as server:
            async with spacechat.AsyncClient() as client:
                path = await client.download(await a_file(client, server))
        assert path == Path("good.txt")
        assert os.listdir(tmp_path) == ["good.txt"]


async def parts(folder: Path) -> list[Path]:
    return [path async for path in anyio.Path(folder).glob("*.part")]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plot.png", "plot.png"),
        ("höhe 漢字.pdf", "höhe 漢字.pdf"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("a/b/c.txt", "c.txt"),
        ("a\\b\\c.txt", "c.txt"),
        ("a/", "file"),
        (".bashrc", "bashrc"),
        ("x. .", "x"),
        ("a\0b\nc\x7f", "a_b_c_"),
        ("a:b|c?.txt", "a_b_c_.txt"),
        ("x\u202egpj.exe", "x_gpj.exe"),
        ("\ud800.txt", "_.txt"),
        ("-rf", "_-rf"),
        ("NUL", "_NUL"),
        ("con.txt", "_con.txt"),
        ("com1 .log", "_com1.log"),
        ("console.txt", "console.txt"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        ("é" * 300, "é" * 100),
        ("a." + "b" * 300, "a." + "b" * 198),
        ("x" * 300 + "." + "b" * 19, "x" * 180 + "." + "b" * 19),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(st.characters()) | st.text("./\\:\0 a"))
def test_a_safe_name_is_one(name: str) -> None:
    safe = safe_name(name)
    assert safe == os.path.basename(safe)
    assert safe not in ("", ".", "..")
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 201
    assert safe.isprintable() or not any(ord(letter) < 0x20 for letter in safe)


def test_a_file_that_is_begun_again() -> None:
    content = FileContent()
    content.write(b"half of")
    content.begin()
    content.write(b"the ")
    content.write(b"file")
    assert content.content() == b"the file"


def test_a_file_that_can_not_get_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither it nor an empty file in its place is left, and its own name is told."""

    def fails(*_: object) -> Path:
        raise PermissionError(13, "Permission denied", "/hidden")

    monkeypatch.setattr(Path, "replace", fails)
    with SavedFile(tmp_path, "a.png") as file:
        file.write(b"x")
        with pytest.raises(PermissionError) as caught:
            file.keep()
    assert caught.value.filename == str(tmp_path / "a.png")
    assert os.listdir(tmp_path) == []

"""`spacechat call` and `inspect` at real apps: files in and out, JSON, and what is copied."""

from __future__ import annotations

import json
import shlex
import struct
import zlib
from pathlib import Path

import pytest

from tests.cli.conftest import Run, spacechat
from tests.real.functions import FunctionServer

__all__ = ["spacechat"]

pytestmark = pytest.mark.real


def png(width: int, height: int) -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff\0\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("hello", encoding="utf-8")
    Path("b.png").write_bytes(png(5, 4))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_files_in(spacechat: Run, function_server: FunctionServer) -> None:
    url = function_server.url("files")
    assert spacechat("call", url, "/one", "a.txt") == (0, "a.txt: hello\n", "")
    assert spacechat("call", url, "/shape", "b.png") == (0, "4x5x3\n", "")
    assert spacechat("call", url, "/shape", "-", stdin=png(2, 3)) == (0, "3x2x3\n", "")
    assert spacechat("call", url, "/many", "a.txt") == (0, "a.txt: hello\n", "")
    assert spacechat("call", url, "/many", '["a.txt", "a.txt"]')[1] == "a.txt: hello\n" * 2
    if function_server.version != "4.0.2":
        status, out, _ = spacechat(
            "call", "--json", url, "/box", '{"text": "Hi", "files": ["a.txt"]}'
        )
        assert (status, json.loads(out)) == (0, {"heard": "Hi", "text": "a.txt: hello"})


@pytest.mark.usefixtures("folder")
def test_a_url_as_a_file(spacechat: Run, function_server: FunctionServer) -> None:
    if function_server.version != "4.44.1":
        pytest.skip("earlier versions fetch none, later ones none from this machine")
    url = function_server.url("files")
    _, address, _ = spacechat("call", url, "/picture", "6")
    assert address.startswith(url)
    assert spacechat("call", url, "/shape", address.strip()) == (0, "4x6x3\n", "")


def test_files_out(spacechat: Run, function_server: FunctionServer, folder: Path) -> None:
    url = function_server.url("files")
    status, out, _ = spacechat("call", "--json", url, "/gallery", "2", "--to", "out")
    pictures = json.loads(out)["pictures"]
    assert (status, [each["caption"] for each in pictures]) == (0, ["number 0", "number 1"])
    assert len({(folder / each["image"]).read_bytes() for each in pictures}) == 2


def test_json(spacechat: Run, function_server: FunctionServer) -> None:
    """As `hf gradio predict` prints them."""
    url = function_server.url("counting")
    assert json.loads(spacechat("call", "--json", url, "/both", "3")[1]) == {
        "reached": 2,
        "text": "number 2",
    }
    _, out, _ = spacechat("call", "--jsonl", url, "/both", "3")
    assert [json.loads(line)["reached"] for line in out.splitlines()] == [0, 1, 2]
    url = function_server.url("values")
    assert spacechat("call", "--json", url, "/nothing")[1] == "{}\n"
    assert spacechat("call", "--json", url, "/none")[1] == '{"first": null}\n'


def test_commands_to_copy(spacechat: Run, function_server: FunctionServer) -> None:
    url = function_server.url("calculator")
    status, out, _ = spacechat("inspect", url)
    commands = [shlex.split(line) for line in out.splitlines() if "spacechat call" in line]
    assert status == 0
    (calc,) = [command for command in commands if "/calc" in command]
    status, out, _ = spacechat(*calc[1:])
    assert (status, float(out)) == (0, 2)
    if function_server.version == "4.0.2":
        return  # It says of each parameter that it may be left out.
    (greet,) = [command for command in commands if "/greet" in command]
    assert spacechat(*greet[1:]) == (0, "Hello NAMEPUNCTUATION\n", "")


def test_a_login(spacechat: Run, function_server: FunctionServer, folder: Path) -> None:
    url = function_server.url("login")
    status, _, err = spacechat("call", url, "/copy", "a.txt")
    assert (status, "--auth USER:PASSWORD" in err) == (1, True)
    login = ("--auth", "user:secret")
    assert spacechat("call", url, "/copy", "a.txt", *login, "--to", ".")[:2] == (0, "copy.txt\n")
    assert (folder / "copy.txt").read_text(encoding="utf-8") == "user: hello"
    assert "/copy" in spacechat("inspect", url, *login)[1]

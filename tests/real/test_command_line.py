"""The command line's questions to real apps: files in and out, and settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.conftest import SERVERS
from tests.real.servers import MoreServer
from tests.real.test_files import png
from tests.real.zoo import App, ZooServer, zoo_cases

pytestmark = pytest.mark.real

on_each = pytest.mark.parametrize("more_server", SERVERS, indirect=True)


def run(
    folder: Path, *arguments: str, stdin: bytes = b"", status: int = 0
) -> tuple[str, list[str]]:
    """Return the output of a command, and the lines of its errors."""
    done = subprocess.run(
        [sys.executable, "-m", "spacechat", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode().splitlines()


@on_each
def test_files_with_a_question(more_server: MoreServer, tmp_path: Path) -> None:
    (tmp_path / "plan é.txt").write_text("a plan", encoding="utf-8")
    (tmp_path / "red.png").write_bytes(png(7, 5))
    files = ("-a", "plan é.txt", "-a", "-")
    out, _ = run(tmp_path, "-m", more_server.url("box-with-files"), *files, "Look", stdin=b"piped")
    assert out.startswith("Look: ")
    assert [each.partition("=")[2] for each in out.strip().split(", ")] == ["a plan", "piped"]
    beside = ("-m", more_server.url("image-beside"), "-a", "red.png")
    assert run(tmp_path, *beside, "Hi")[0] == "Hi: 5x7x3\n"
    two = ("-m", more_server.url("file-beside"), "-a", "red.png", "-a", "red.png")
    _, err = run(tmp_path, *two, "Hi", status=2)
    assert "takes one file, not 2" in err[-1]
    none = ("-m", more_server.url("gives-files"), "-a", "red.png")
    _, err = run(tmp_path, *none, "Hi", status=2)
    assert "takes no files with a message: leave out -a." in err[-1]


@on_each
def test_files_of_an_answer(more_server: MoreServer, tmp_path: Path) -> None:
    whom = ("-m", more_server.url("gives-files"))
    _, err = run(tmp_path, *whom, "One")
    assert err[-1].startswith(f"file: notes.txt: {more_server.url('gives-files')}")
    for name in ("notes.txt", "notes (1).txt"):
        _, err = run(tmp_path, *whom, "--to", "kept", "One")
        assert err[-1] == f"saved: kept/{name}"
        assert (tmp_path / "kept" / name).read_text() == "One"


@on_each
def test_settings(more_server: MoreServer, tmp_path: Path) -> None:
    """Of a text, a number and a truth value, as the app takes them."""
    whom = ("-m", more_server.url("qwen-2.5"))
    given = ("-o", "Size", "32B", "-o", "temperature", "1.5", "-o", "Search", "true")
    assert "| size: 32B | temp: 1.5 | web: True\n" in run(tmp_path, *whom, *given, "Hi")[0]
    assert "| size: 72B | temp: 0.7 | web: False\n" in run(tmp_path, *whom, "Hi")[0]
    _, err = run(tmp_path, *whom, "-o", "Size", "7B", "Hi", status=2)
    assert "one of '72B', '32B'" in err[-1]


@pytest.mark.parametrize(
    ("zoo_server", "app"),
    zoo_cases("password", chat=None, versions=("4.44.1", "6.31.0")),
    indirect=["zoo_server"],
)
def test_a_login(zoo_server: ZooServer, app: App, tmp_path: Path) -> None:
    whom = ("-m", zoo_server.url(app.name))
    assert "user: user" in run(tmp_path, *whom, "--auth", "user:secret", "Hi")[0]
    _, err = run(tmp_path, *whom, "Hi", status=1)
    assert "has a login of its own: pass --auth USER:PASSWORD." in err[-1]

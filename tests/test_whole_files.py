"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from spacechat import Conversation
from spacechat.whole_files import save_whole, write_whole
from tests.systems import POSIX


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.json"


def test_a_new_file_is_its_users_alone(path: Path) -> None:
    Conversation(session_hash="a").save(path)
    assert mode(path) == 0o600
    assert path.read_bytes() == b'{"session_hash":"a"}\n'


@POSIX
def test_an_earlier_one_keeps_its_mode(path: Path) -> None:
    path.write_text("{}")
    path.chmod(0o664)
    save_whole(path, b"new")
    assert (mode(path), path.read_bytes()) == (0o664, b"new")


def test_a_failure_leaves_it_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path.write_bytes(b"old")
    monkeypatch.setattr(os, "utime", fail)
    with pytest.raises(OSError, match="No space left"):
        save_whole(path, b"new")
    assert (path.read_bytes(), os.listdir(path.parent)) == (b"old", ["talk.json"])


def test_an_error_names_the_file(path: Path) -> None:
    beyond = path / "talk.json"
    with pytest.raises(FileNotFoundError) as raised:
        save_whole(beyond, b"new")
    assert raised.value.filename == str(beyond)


@pytest.mark.parametrize(("of", "call"), [(os, "fsync"), (os, "utime"), (Path, "replace")])
def test_any_error_names_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, of: object, call: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(of, call, fail)
    with pytest.raises(OSError, match="No space left") as raised:
        write_whole(path, b"new", sync=True)
    assert str(raised.value) == f"[Errno 28] No space left on device: '{path}'"
    path.mkdir()
    monkeypatch.undo()
    with pytest.raises(IsADirectoryError) as raised:
        write_whole(path, b"new")
    assert str(raised.value) == f"[Errno 21] Is a directory: '{path}'"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("name", ["x" * 255, "x" * 250 + ".json", "." + "é" * 120, " .", "..."])
def test_any_name(tmp_path: Path, name: str) -> None:
    """The other name is no longer than any name may be."""
    save_whole(tmp_path / name, b"new")
    assert os.listdir(tmp_path) == [name]


def test_a_time_after_another(path: Path) -> None:
    """Even where the clock has gone back since."""
    for after in (0, 10**18, 4 * 10**18):
        write_whole(path, b"new", after=after)
        assert path.stat().st_mtime_ns > after


@POSIX
def test_a_persons_link_is_followed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    save_whole(link, b"new")
    assert (link.is_symlink(), path.read_bytes()) == (True, b"new")
    write_whole(link, b"other")
    assert (link.is_symlink(), path.read_bytes()) == (False, b"new")


@POSIX
def test_what_is_no_file_is_written_as_it_is(path: Path) -> None:
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    save_whole(path, b"new")
    reader.join(60)
    assert (read, path.is_fifo()) == ([b"new"], True)

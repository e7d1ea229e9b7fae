"""The user's folders, and small files that may be anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spacechat import folders
from tests.systems import POSIX

FOLDERS: dict[Callable[[], Path | None], tuple[str, str, str, str]] = {
    folders.config_folder: ("XDG_CONFIG_HOME", ".config", ".config", "APPDATA"),
    folders.state_folder: ("XDG_STATE_HOME", ".local/state", ".local/state", "LOCALAPPDATA"),
    folders.cache_folder: ("XDG_CACHE_HOME", ".cache", "Library/Caches", "LOCALAPPDATA"),
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda each: each.__name__)
def test_where_each_is(
    folder: Callable[[], Path | None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variable, usual, mac, windows = FOLDERS[folder]
    monkeypatch.setenv("HOME", str(tmp_path))
    for platform, at in (("linux", usual), ("darwin", mac)):
        monkeypatch.setattr(sys, "platform", platform)
        for none in (None, "", "relative"):
            if none is None:
                monkeypatch.delenv(variable, raising=False)
            else:
                monkeypatch.setenv(variable, none)
            assert folder() == tmp_path / at / "spacechat"
        monkeypatch.setenv(variable, str(tmp_path / "xdg"))
        assert folder() == tmp_path / "xdg" / "spacechat"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv(windows, raising=False)
    assert folder() is None
    monkeypatch.setenv(windows, str(tmp_path / "profile"))
    assert folder() == tmp_path / "profile" / "spacechat"


def test_nobody_is_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    for folder, (variable, *_) in FOLDERS.items():
        monkeypatch.delenv(variable, raising=False)
        assert folder() is None


@POSIX
def test_a_small_file(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(b"12345")
    assert folders.read_small_file(path, 5) == b"12345"
    link = tmp_path / "link"
    link.symlink_to(path)
    assert folders.read_small_file(str(link), 5) == b"12345"
    assert folders.read_small_file(os.devnull, 5) == b""
    with pytest.raises(OSError, match="it has more than 4 bytes"):
        folders.read_small_file(path, 4)
    with pytest.raises(FileNotFoundError):
        folders.read_small_file(tmp_path / "gone", 4)
    with pytest.raises(ValueError, match="null"):
        folders.read_small_file("a\0b", 4)


@POSIX
def test_what_never_ends(tmp_path: Path) -> None:
    """Neither is waited for, and no descriptor is left open."""
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir("/dev/fd"))
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(OSError, match=r"regular|more than"):
            folders.read_small_file(path, 1000)
    assert len(os.listdir("/dev/fd")) == before

"""The apps that commands remember from one process to the next."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from benchmarks.far import Far

from spacechat.apps import hub
from spacechat.apps.description import Description
from spacechat.apps.memory import SHARED
from spacechat.cli import app_cache
from spacechat.cli.app_cache import AppCache, apps_folder
from spacechat.local import LocalSpace
from tests.servers import ReplayServer, response
from tests.servers.apps import AnApp, Replicas
from tests.systems import POSIX

from .conftest import Run

ADDRESS = "https://app.example"
FOUND = Description(ADDRESS, None, b'{"version": "5.0.0"}', b"{}", public=True, varies=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, which is not there yet."""
    path = tmp_path / "cache"
    monkeypatch.setenv("SPACECHAT_CACHE", str(path))
    return path / "spacechat-apps"


@pytest.fixture
def command(spacechat: Run) -> Callable[..., str]:
    """Runs a command as a new process would, which knows no app; gives its output."""

    def call(*arguments: str) -> str:
        SHARED.clear()
        status, out, err = spacechat(*arguments)
        assert status == 0, err
        return out

    return call


@pytest.fixture
def app() -> Iterator[AnApp]:
    with AnApp() as server:
        yield server


def test_a_description_is_read_once(folder: Path, command: Callable[..., str], app: AnApp) -> None:
    for _ in range(3):
        assert command("ask", "-m", app.url, "Hi") == "Hello from 0\n"
        command("inspect", app.url)
    assert app.described == 1
    assert len(list(folder.iterdir())) == 1


@pytest.mark.usefixtures("addresses_of_one_app", "folder")
def test_the_first_question_takes_as_long_as_a_second_one(command: Callable[..., str]) -> None:
    """A connection, the queue, the answer."""
    with LocalSpace("messages", ["Hello"]) as space, Far(space.url, 0.04) as far:
        found: list[float] = []
        for _ in range(2):
            before = far.clock
            command("ask", "-m", far.url, "Hi")
            found.append(far.clock - before)
    assert found == [4, 3]


@pytest.mark.usefixtures("folder")
def test_an_app_that_was_started_again_is_read_anew(
    command: Callable[..., str], app: AnApp
) -> None:
    command("ask", "-m", app.url, "Hi")
    app.restart(3)
    assert command("ask", "-m", app.url, "Hi") == "Hello from 3\n"
    assert command("ask", "-m", app.url, "Hi") == "Hello from 3\n"
    assert app.described == 2


def test_nothing_is_kept_of_an_app_that_wants_credentials(
    folder: Path, command: Callable[..., str], app: AnApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_user = app.url.replace("//", "//user:hush@")
    command("ask", "-m", with_user, "Hi")
    command("ask", "-m", app.url, "--token", "hf_hush", "Hi")
    monkeypatch.setenv("HF_TOKEN", "hf_hush")
    command("ask", "-m", app.url, "Hi")
    assert app.requests[-1].header("authorization") == "Bearer hf_hush"
    assert not folder.exists()


@pytest.mark.parametrize("token", ["", "hf_hush"])
def test_nothing_is_kept_of_a_space_that_is_asked_with_a_token(
    folder: Path,
    command: Callable[..., str],
    app: AnApp,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even what its usual address gives to anybody."""
    there = response(json.dumps({"host": app.url}).encode())
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setattr(hub, "USUAL", app.url)
    with ReplayServer(lambda _request: [there]) as server:
        monkeypatch.setattr(hub, "HUB", server.url)
        for _ in range(2):
            command("ask", "-m", "owner/name", "Hi")
    assert len(server.requests) == (2 if token else 1)
    assert folder.exists() == (not token)


def test_it_is_turned_off(
    command: Callable[..., str], app: AnApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for _ in range(2):
        command("ask", "-m", app.url, "Hi")
    assert app.described == 2
    assert not list(tmp_path.iterdir())


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPACECHAT_CACHE", str(tmp_path))
    assert apps_folder() == tmp_path / "spacechat-apps"
    monkeypatch.delenv("SPACECHAT_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert apps_folder() == tmp_path / ".cache" / "spacechat" / "apps"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert apps_folder() == tmp_path / "spacechat" / "apps"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert apps_folder() == tmp_path / "local" / "spacechat" / "apps"


def kept(folder: Path) -> AppCache:
    """A cache with one description."""
    cache = AppCache(folder)
    cache.save(ADDRESS, FOUND)
    assert cache.load(ADDRESS) == FOUND
    return cache


def the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


@POSIX
def test_nobody_else_can_read_it(folder: Path) -> None:
    kept(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(the_file(folder).stat().st_mode) == 0o600


def entry(**changed: object) -> bytes:
    fields = {"format": 2, "address": ADDRESS, "url": ADDRESS, "page": None}
    fields |= {"config": b"{}", "info": None, "confirmed": 0.0, **changed}
    return msgspec.msgpack.encode(list(fields.values()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"\x91" * 100_000,
        json.dumps({"address": ADDRESS}).encode(),
        entry()[:-1],
        entry(format=1),
        entry(address="https://other.example"),
        entry(url="https://evil.example"),
        entry(url=7),
        entry(confirmed="today"),
        entry(config="text"),
        b"\0" * ((4 << 20) + 1),
    ],
)
def test_a_broken_file_is_ignored(folder: Path, content: bytes) -> None:
    cache = kept(folder)
    the_file(folder).write_bytes(content)
    assert cache.load(ADDRESS) is None
    cache.save(ADDRESS, FOUND)
    assert cache.load(ADDRESS) == FOUND


@pytest.mark.usefixtures("folder", "addresses_of_one_app")
def test_an_app_that_several_processes_serve_is_asked_twice_but_once(
    command: Callable[..., str],
) -> None:
    with Replicas() as app:
        counts = []
        for _ in range(4):
            before = len(app.joined)
            assert command("ask", "-m", app.url, "Hi") == "Hello from 0\n"
            counts.append(len(app.joined) - before)
        assert counts == [1, 2, 1, 1]


@pytest.mark.parametrize("config", [b"[]", b'{"version": "3.0"}', b"{", b"\xff" * 100])
def test_a_hostile_description_is_ignored(
    folder: Path, command: Callable[..., str], app: AnApp, config: bytes
) -> None:
    AppCache(folder).save(app.url, Description(app.url, None, config, public=True))
    assert command("ask", "-m", app.url, "Hi") == "Hello from 0\n"
    assert app.described == 1


@pytest.mark.parametrize(
    "url", ["http://user:word@host", "https://host/path", "ftp://host", "host", ""]
)
def test_a_host_that_is_none_is_ignored(folder: Path, url: str) -> None:
    cache = AppCache(folder)
    cache.save("owner/name", Description(url, None, b"{}", public=True))
    assert cache.load("owner/name") is None


@POSIX
def test_a_file_of_others_is_ignored(folder: Path, tmp_path: Path) -> None:
    cache = kept(folder)
    file = the_file(folder)
    file.chmod(0o644)
    assert cache.load(ADDRESS) is None
    file.chmod(0o600)
    assert cache.load(ADDRESS) is not None
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert cache.load(ADDRESS) is None
    cache.save(ADDRESS, FOUND)  # Takes the place of the link, and leaves alone where it led.
    assert not file.is_symlink()
    assert cache.load(ADDRESS) == FOUND
    file.unlink()
    os.mkfifo(file, 0o600)
    assert cache.load(ADDRESS) is None
    file.unlink()
    file.mkdir(0o700)
    assert cache.load(ADDRESS) is None
    cache.save(ADDRESS, FOUND)
    assert [*folder.iterdir()] == [file]


@POSIX
def test_a_folder_of_others_is_ignored(folder: Path, tmp_path: Path) -> None:
    cache = kept(folder)
    folder.chmod(0o777)
    assert cache.load(ADDRESS) is None
    cache.save("https://other.example", FOUND)
    cache.remove(ADDRESS)
    assert len(list(folder.iterdir())) == 1
    folder.chmod(0o700)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert cache.load(ADDRESS) is None
    folder.unlink()
    folder.write_text("a file")
    assert cache.load(ADDRESS) is None
    cache.save(ADDRESS, FOUND)
    assert folder.read_text() == "a file"


@pytest.mark.parametrize("age", [25 * 3600, -3600])
def test_it_ages(folder: Path, age: float) -> None:
    cache = kept(folder)
    os.utime(the_file(folder), (time.time() - age,) * 2)
    assert cache.load(ADDRESS) is None


OTHERS = ["thesis.tex", ".bashrc", f"{'a' * 64}.txt", f"{'A' * 64}.app", f"x{'a' * 64}.app"]


@POSIX
def test_files_of_the_user_are_left_alone(
    folder: Path, command: Callable[..., str], app: AnApp
) -> None:
    """Neither next to the cache, where its folder was named, nor in its own folder."""
    folder.mkdir(mode=0o700, parents=True)
    for where in (folder, folder.parent):
        for name in OTHERS:
            (where / name).write_text("mine")
            os.utime(where / name, (time.time() - 48 * 3600,) * 2)
    command("ask", "-m", app.url, "Hi")
    assert {each.name for each in folder.parent.iterdir()} == {folder.name, *OTHERS}
    assert {each.name for each in folder.iterdir()} > {*OTHERS}


def left_by_a_kill(monkeypatch: pytest.MonkeyPatch, cache: AppCache) -> Path:
    """The file that is there before a description has its name."""
    names: list[Path] = []

    def note(path: Path, _target: Path) -> None:
        names.append(path)
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", note)
        cache.save("https://other.example", FOUND)
    names[0].write_text("A file that was never finished.")
    return names[0]


def test_files_of_others_do_not_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, the cache's own files are found, and the old ones removed."""
    monkeypatch.setattr(app_cache, "_LISTED", 2)
    monkeypatch.setattr(app_cache, "_MOST", 1)
    cache = kept(folder)
    old, begun = the_file(folder), left_by_a_kill(monkeypatch, cache)
    for file in (old, begun):
        os.utime(file, (time.time() - 48 * 3600,) * 2)
    for number in range(10):
        (folder / f"mine {number}").write_text("mine" * 1000)
    for _ in range(2):  # Each time, two of the cache's own are looked at.
        cache.save("https://other.example", FOUND)
    assert sum(each.name.startswith("mine") for each in folder.iterdir()) == 10
    assert not old.exists()
    assert not begun.exists()


@pytest.mark.parametrize("code", [0xDCFF, 0xD800])
def test_text_that_is_no_utf_8_is_not_kept(folder: Path, code: int) -> None:
    cache, odd = AppCache(folder), chr(code)
    address = f"https://app.example/{odd}"
    cache.save(address, Description(ADDRESS, odd, b"{}", public=True))
    assert cache.load(address) is None
    cache.remove(address)


def test_it_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_cache, "_MOST", 3)
    cache = AppCache(folder)
    addresses = [f"https://{number}.example" for number in range(5)]
    for age, address in enumerate(reversed(addresses)):
        cache.save(address, Description(address, None, b"x", public=True))
        newest = max(folder.iterdir(), key=lambda file: file.stat().st_mtime)
        os.utime(newest, (time.time() - 100 + age,) * 2)
    assert [cache.load(each) is not None for each in addresses] == [True] * 3 + [False] * 2
    monkeypatch.setattr(app_cache, "_LARGEST", 1000)
    cache.save(ADDRESS, Description(ADDRESS, None, b"x" * 800, public=True))
    assert cache.load(ADDRESS) is not None
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 1000
    monkeypatch.setattr(app_cache, "_LARGEST_FILE", 500)
    cache.save(ADDRESS, Description(ADDRESS, None, b"x" * 600, public=True))
    assert cache.load(ADDRESS) is None

"""The folder of kept conversations: damaged files, files of others, bounds, and who writes when."""

from __future__ import annotations

import contextlib
import json
import os
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacechat.cli.conversation_log import log_folder as bounds
from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import LogFolder
from spacechat.errors import SpaceChatError
from spacechat.file_lock import lock
from spacechat.local import LocalSpace
from tests.cli.conftest import Run
from tests.cli.kept import held, keep, take_up, talk
from tests.systems import POSIX

DEEP = "[" * 100_000


class TestTwoProcesses:
    """What two do to one conversation, a step at a time."""

    def test_both_ask(self, folder: LogFolder) -> None:
        keep(Keeper(folder), "a")
        one, other = take_up(folder), take_up(folder)
        keep(one, "a", "b")
        keep(other, "a", "c")
        assert held(folder) == ["abc"]
        # Neither sees what the other one adds, but both are kept.
        keep(one, "a", "b", "d")
        keep(other, "a", "c", "e")
        assert held(folder) == ["abcde"]

    def test_one_takes_back_what_the_other_has_seen(self, folder: LogFolder) -> None:
        keep(Keeper(folder), "a", "b")
        one, other = take_up(folder), take_up(folder)
        keep(one, "a")
        assert held(folder) == ["a"]
        keep(other, "a", "b", "c")
        assert held(folder) == ["a", "abc"]
        keep(one, "a", "d")
        assert sorted(held(folder)) == ["abc", "ad"]

    def test_one_takes_back_after_the_other_has_asked(self, folder: LogFolder) -> None:
        keep(Keeper(folder), "a", "b")
        one, other = take_up(folder), take_up(folder)
        keep(other, "a", "b", "c")
        keep(one, "a")
        assert held(folder) == ["abc", "a"]

    def test_one_takes_all_back(self, folder: LogFolder) -> None:
        keep(Keeper(folder), "a")
        one, other = take_up(folder), take_up(folder)
        keep(other, "a", "b")
        keep(one)
        assert held(folder) == ["ab"]
        keep(one, "c")
        assert held(folder) == ["ab", "c"]

    def test_one_asks_another_space(self, folder: LogFolder) -> None:
        """Nothing that was said to one Space gets into a conversation with another one."""
        keep(Keeper(folder), "a")
        one, other = take_up(folder), take_up(folder)
        keep(one, "a", "b")
        keep(other, "a", "c", model="another/name")
        assert held(folder) == ["ab", "ac"]
        keep(take_up(folder), "a", "c", "d")  # The Space is named: all of it goes there.
        assert held(folder) == ["ab", "acd"]

    def test_the_file_goes(self, folder: LogFolder) -> None:
        keep(Keeper(folder), "a")
        one = take_up(folder)
        folder.remove(folder.last())
        keep(one, "a", "b")
        assert held(folder) == ["ab"]

    def test_the_lock_can_not_be_had(
        self, folder: LogFolder, kept: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody has it for long."""
        monkeypatch.setattr(bounds, "_PATIENCE", 0.05)
        keep(Keeper(folder), "a")
        one = take_up(folder)
        file = os.open(kept / "lock", os.O_RDWR)
        lock(file)
        keep(one, "a", "b")
        assert held(folder) == ["a", "ab"]
        os.close(file)
        keep(one, "a", "b", "c")
        assert held(folder) == ["a", "abc"]

    @pytest.mark.usefixtures("no_locks")
    def test_the_file_system_has_no_locks(
        self, folder: LogFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each goes on with the file that it has made; nobody waits, and the folder is tidied."""
        monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
        one = Keeper(folder)
        keep(one, "a")
        keep(one, "a", "b")
        other = take_up(folder)
        keep(other, "a", "b", "c")
        keep(other, "a", "b", "c", "d")
        keep(one, "a", "b", "e")
        assert sorted(held(folder)) == ["abcd", "abe"]

    @pytest.mark.usefixtures("no_locks")
    def test_the_oldest_go_without_locks(
        self, folder: LogFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bounds, "MOST", 2)
        for question in "abc":
            keep(Keeper(folder), question)
        assert held(folder) == ["b", "c"]

    @pytest.mark.parametrize("at", ["the conversation", "a message"])
    def test_a_later_version_keeps_more(self, folder: LogFolder, at: str) -> None:
        """This one goes on with it in another file, and loses nothing of it."""
        keep(Keeper(folder), "a")
        path = folder.file(folder.last())
        content = json.loads(path.read_text())
        (content if at == "the conversation" else content["messages"][0])["files"] = ["a.png"]
        path.write_text(json.dumps(content, indent=2))
        one = take_up(folder)
        keep(one, "a", "b")
        keep(one, "a", "b", "c")
        assert held(folder) == ["a", "abc"]
        assert json.loads(path.read_text()) == content

    def test_local_spaces(self, folder: LogFolder) -> None:
        """Each command has one of its own, at an address of its own."""

        def keep_local(keeper: Keeper, *questions: str, port: int) -> None:
            conversation = talk(*questions, model="qwen-2.5")
            conversation.url = f"http://127.0.0.1:{port}"
            keeper.keep(conversation, local=True)

        keep_local(Keeper(folder), "a", port=1)
        one, other = take_up(folder), take_up(folder)
        keep_local(one, "a", "b", port=2)
        keep_local(other, "a", "c", port=3)
        assert held(folder) == ["abc"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"session_hash":"","messages":[{"role":"user","con',
        b"\0\xff\xfe",
        b"[]",
        b'{"session_hash":"","messages":[{"role":"robot","content":"a"}]}',
        DEEP.encode(),
        b'{"session_hash":"","messages":' + DEEP.encode(),
        None,
    ],
    ids=["empty", "torn", "bytes", "list", "role", "deep", "deeper", "huge"],
)
def test_a_damaged_file_is_told_and_not_lost(
    spacechat: Run, folder: LogFolder, kept: Path, content: bytes | None
) -> None:
    with LocalSpace("messages", ["Hello"]) as space:
        assert spacechat("ask", "-m", space.url, "a")[0] == 0
        assert spacechat("ask", "-m", space.url, "b")[0] == 0
        path = folder.file(folder.last())
        if content is None:
            os.truncate(path, 1 << 40)  # A hole of a terabyte.
        else:
            path.write_bytes(content)
        size = path.stat().st_size
        tracemalloc.start()
        status, out, err = spacechat("log")
        assert (status, out[8:].strip()[-1], out.count("\n")) == (0, "a", 1)
        assert f"{path} is damaged: " in err
        status, out, err = spacechat("ask", "-c", "c")
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
        tracemalloc.stop()
        aside = path.with_name(f"{path.name}.damaged")
        assert (status, out) == (1, "")
        assert f"The kept conversation {path.stem} is damaged: " in err
        assert f"Its file is now {aside}" in err
        assert err.count("\n") == 1
        assert aside.stat().st_size == size
        # The next one works, and goes on with the one before.
        assert spacechat("ask", "-c", "c") == (0, "Hello\n", "")
        assert held(folder) == ["ac"]


def test_damaged_files_are_put_aside_where_nothing_is(folder: LogFolder, kept: Path) -> None:
    """One that was put aside before stays, too, when its name is damaged once more."""
    keep(Keeper(folder), "a")
    id_ = folder.last()
    for content in ("one", "two", "three"):
        folder.file(id_).write_text(content)
        with pytest.raises(SpaceChatError, match=r"Its file is now .*, and -c passes it by\."):
            folder.load(id_)
    aside = sorted(kept.glob("*.damaged*"))
    assert [path.read_text() for path in aside] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            PermissionError(13, "Permission denied"),
            "Its file can't be put aside, Permission denied: ",
        ),
        (FileNotFoundError(2, "No such file"), "Another command has put it aside."),
    ],
)
def test_a_damaged_file_that_can_not_be_put_aside(
    folder: LogFolder, monkeypatch: pytest.MonkeyPatch, error: OSError, says: str
) -> None:
    keep(Keeper(folder), "a")
    id_ = folder.last()
    folder.file(id_).write_text("{")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(SpaceChatError, match=f"{id_} is damaged: .*\\. {says}"):
        folder.load(id_)
    assert folder.file(id_).read_text() == "{"


def test_a_file_that_goes_while_the_folder_is_read(
    folder: LogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another command has removed it; the others are there."""
    keep(Keeper(folder), "a")
    gone = folder.last()
    keep(Keeper(folder), "b")
    list_folder = os.scandir

    @contextlib.contextmanager
    def scandir(path: str) -> Iterator[list[os.DirEntry[str]]]:
        with list_folder(path) as listed:
            entries = list(listed)
        folder.remove(gone)
        yield entries

    monkeypatch.setattr(os, "scandir", scandir)
    assert held(folder) == ["b"]


class TestTheClock:
    """The last conversation is the one that was gone on with last, whatever the clock says."""

    def test_it_goes_back(self, folder: LogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounds, "MOST", 3)
        now = time.time_ns()
        for question, time_ in (("a", now), ("b", now + 10**18), ("c", now - 10**18), ("d", 0)):
            monkeypatch.setattr(time, "time_ns", lambda time_=time_: time_)
            keep(Keeper(folder), question)
        assert held(folder) == ["b", "c", "d"]
        keep(take_up(folder), "d", "e")
        assert held(folder) == ["b", "c", "de"]
        monkeypatch.undo()
        keep(Keeper(folder), "f")
        assert held(folder)[-2:] == ["de", "f"]

    def test_it_stands_still(self, folder: LogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: 10**18)
        for question in "abcdefgh":
            keep(Keeper(folder), question)
        assert held(folder) == [*"abcdefgh"]

    def test_a_year_that_nobody_knows(
        self, spacechat: Run, folder: LogFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(Keeper(folder), "a")

        def localtime(_: float) -> time.struct_time:
            raise OverflowError("timestamp out of range for platform time_t")

        monkeypatch.setattr(time, "localtime", localtime)
        status, out, _ = spacechat("log")
        assert (status, out) == (0, f"{folder.last()}  ????-??-?? ??:??  a\n")


@POSIX
def test_what_is_no_file_of_a_conversation_is_left_alone(
    spacechat: Run, folder: LogFolder, kept: Path, tmp_path: Path
) -> None:
    """A link leads nowhere, and a pipe without a writer holds nobody up."""
    keep(Keeper(folder), "a")
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(talk("secret").to_json())
    (kept / "0000000a.json").symlink_to(elsewhere)
    os.mkfifo(kept / "0000000b.json")
    (kept / "0000000c.json").mkdir()
    (kept / "notes.txt").write_text("mine")
    assert held(folder) == ["a"]
    for id_ in ("0000000a", "0000000b", "0000000c"):
        with pytest.raises(SpaceChatError, match="There is no kept conversation"):
            folder.find(id_)
        with pytest.raises((OSError, ValueError)):
            folder.read(id_)
    assert len(list(kept.iterdir())) == 6


@POSIX
def test_a_link_in_the_place_of_the_lock_is_not_followed(
    folder: LogFolder, kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.mkdir(parents=True)
    (kept / "lock").symlink_to(tmp_path / "made")
    keeper = Keeper(folder)
    keep(keeper, "a")
    keep(keeper, "a", "b")
    assert not (tmp_path / "made").exists()
    err = capsys.readouterr().err
    assert err.startswith("spacechat: this conversation is not kept for -c: ")
    assert err.count("\n") == 1  # It is told once.


@pytest.mark.parametrize("why", ["another user's", "a link", "a file"])
@POSIX
def test_a_folder_that_is_not_the_users_own(
    spacechat: Run,
    kept: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    """Nothing is written there, and no conversation is believed; the question is asked."""
    kept.parent.mkdir(parents=True)
    if why == "a link":
        (tmp_path / "theirs").mkdir()
        kept.symlink_to(tmp_path / "theirs")
    elif why == "a file":
        kept.write_text("")
    else:
        kept.mkdir(mode=0o777)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    says = "belongs to another user" if why == "another user's" else "is no folder, but"
    with LocalSpace("messages", ["Hello"]) as space:
        status, out, err = spacechat("ask", "-m", space.url, "a")
        assert (status, out) == (0, "Hello\n")
        assert err.startswith(f"spacechat: this conversation is not kept for -c: {kept} {says}")
        status, out, err = spacechat("ask", "-c", "b")
        assert (status, out, says in err) == (1, "", True)
    if why != "a file":
        assert list(kept.iterdir()) == []


@POSIX
def test_a_folder_that_others_can_read_is_closed(folder: LogFolder, kept: Path) -> None:
    kept.mkdir(parents=True)
    kept.chmod(0o777)
    keep(Keeper(folder), "a")
    assert kept.stat().st_mode & 0o777 == 0o700


def test_a_full_disk(
    folder: LogFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told; what was kept is still there, and what comes later is kept."""
    keep(Keeper(folder), "a")
    keeper = take_up(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
        keep(keeper, "a", "b")
    path = folder.file(folder.last())
    assert f"is not kept for -c: No space left: {path}.\n" in capsys.readouterr().err
    assert held(folder) == ["a"]
    assert len(list(folder.path.iterdir())) == 2  # With the lock: no unfinished file stays.
    keep(keeper, "a", "b", "c")
    assert held(folder) == ["abc"]


def test_the_oldest_go(folder: LogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 3)
    for question in "abcde":
        keep(Keeper(folder), question)
    assert held(folder) == ["c", "d", "e"]
    monkeypatch.setattr(bounds, "LARGEST_ALL", 250)
    keep(Keeper(folder), "f")
    assert held(folder) == ["e", "f"]
    keep(Keeper(folder), "g" * 200)
    assert held(folder) == ["g" * 200]


def test_a_conversation_that_is_too_long(
    folder: LogFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(Keeper(folder), "a")
    keep(take_up(folder), "a", "b" * bounds.LARGEST)
    assert "is not kept for -c: it is longer than 4 MiB.\n" in capsys.readouterr().err
    assert held(folder) == ["a"]


def test_what_a_kill_has_left_goes_when_it_is_old(folder: LogFolder, kept: Path) -> None:
    keep(Keeper(folder), "a")
    old, new = kept / f"00000001.{'0' * 16}", kept / f"00000002.{'0' * 16}"
    for each in (old, new):
        each.write_text("{")
    os.utime(old, (time.time() - 7200,) * 2)
    keep(Keeper(folder), "b")
    assert (old.exists(), new.exists()) == (False, True)

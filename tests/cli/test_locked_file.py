"""The file of a batch's results: one process writes it, whole lines at a time."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacechat import file_lock
from spacechat.cli.batch import locked_file
from spacechat.cli.batch.locked_file import LockedFile
from spacechat.errors import SpaceChatError
from tests.systems import POSIX

pytestmark = POSIX

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


@pytest.fixture
def file(path: Path) -> Iterator[LockedFile]:
    path.write_bytes(b"one\ntwo\n")
    path.chmod(0o640)
    file = LockedFile(str(path))
    yield file
    file.close()


def assert_free(path: Path) -> None:
    """Another run could write the file."""
    LockedFile(str(path)).close()


def assert_taken(path: Path) -> None:
    """Another run is refused."""
    with pytest.raises(SpaceChatError) as caught:
        LockedFile(str(path))
    assert str(caught.value) == (
        f"{path} is being written by another run: wait for its end, or name another file."
    )


def test_its_life(file: LockedFile, path: Path) -> None:
    assert (file.path, file.size, file.closed) == (str(path), 8, False)
    file.append(b"three")
    assert (path.read_bytes(), file.size) == (b"one\ntwo\nthree\n", 14)
    file.truncate(4)
    assert (path.read_bytes(), file.size) == (b"one\n", 4)
    assert_taken(path)
    file.close()
    file.close()
    assert file.closed
    assert_free(path)


def test_a_new_file(path: Path) -> None:
    umask = os.umask(0o022)
    try:
        file = LockedFile(str(path))
    finally:
        os.umask(umask)
    assert (path.read_bytes(), file.size) == (b"", 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    file.close()


def test_a_link_leads_to_the_file(file: LockedFile, path: Path) -> None:
    file.close()
    link = path.with_name("link")
    link.symlink_to(path)
    linked = LockedFile(str(link))
    linked.replace([b"three\n"])
    linked.close()
    assert (link.is_symlink(), path.read_bytes()) == (True, b"three\n")


@pytest.mark.parametrize("kept", [b"one\ntwo\n", b""])
def test_a_line_that_does_not_fit(path: Path, monkeypatch: pytest.MonkeyPatch, kept: bytes) -> None:
    """A disk gets full in the middle of a line: no part of it stays, and the next one fits."""
    path.write_bytes(kept)
    file = LockedFile(str(path))
    write, room = os.write, 5

    def limited(number: int, data: memoryview) -> int:
        nonlocal room
        if not room:
            raise FULL
        written = write(number, data[:room])
        room -= written
        return written

    with monkeypatch.context() as full:
        full.setattr(os, "write", limited)
        with pytest.raises(SpaceChatError) as caught:
            file.append(b"a long line")
    assert str(caught.value) == (
        f"{path} can't be written: No space left on device. What was written before is safe; make "
        "room, then go on with --resume."
    )
    assert (path.read_bytes(), file.size) == (kept, len(kept))
    file.append(b"short")
    assert path.read_bytes() == kept + b"short\n"
    file.close()


def test_a_line_that_is_written_in_parts(
    file: LockedFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda number, data: write(number, data[:2]))
    file.append(b"three")
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_when_a_power_failure_could_take_much(
    file: LockedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    file.sync()
    assert (len(synced), file.wants_sync) == (1, False)
    clock += locked_file.SYNC
    assert not file.wants_sync
    clock += 0.001
    assert file.wants_sync
    file.sync()
    assert (len(synced), file.wants_sync) == (2, False)


def test_a_new_batch_wants_no_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    file = LockedFile(str(path))
    assert not file.wants_sync
    file.close()


class TestReplacing:
    def test_all_lines(self, file: LockedFile, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The new lines are on the disk before they take the place of the old ones."""
        fsync, opened = os.fsync, len(os.listdir("/dev/fd"))
        on_disk: list[bytes] = []

        def syncing(number: int) -> None:
            fsync(number)
            on_disk.append(os.pread(number, 99, 0))
            assert path.read_bytes() == b"one\ntwo\n"

        monkeypatch.setattr(os, "fsync", syncing)
        file.replace([b"three\n", b"four\n", b"five\n"])
        assert on_disk == [b"three\nfour\nfive\n"]
        assert (path.read_bytes(), file.size) == (on_disk[0], len(on_disk[0]))
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        file.append(b"six")
        assert path.read_bytes() == on_disk[0] + b"six\n"
        assert_taken(path)
        assert [each.name for each in path.parent.iterdir()] == [path.name]
        assert len(os.listdir("/dev/fd")) == opened
        file.close()
        assert_free(path)

    @pytest.mark.parametrize("failing", ["fsync", "open"])
    def test_it_fails(
        self, file: LockedFile, path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
    ) -> None:
        opened = len(os.listdir("/dev/fd"))

        def fail(*_: object) -> int:
            raise FULL

        with monkeypatch.context() as full:
            full.setattr(os, failing, fail)
            with pytest.raises(SpaceChatError) as caught:
                file.replace([b"three\n"])
        assert str(caught.value) == (
            f"{path} can't be written anew: No space left on device. It is as it was."
        )
        assert (path.read_bytes(), file.size) == (b"one\ntwo\n", 8)
        assert [each.name for each in path.parent.iterdir()] == [path.name]
        assert len(os.listdir("/dev/fd")) == opened
        assert_taken(path)

    def test_no_file_of_somebody_else_is_written(self, file: LockedFile, path: Path) -> None:
        """Somebody makes a file of the new one's name: it is not taken for ours."""
        other = path.with_name("out.jsonl.spacechat-new")
        other.write_bytes(b"other")
        with pytest.raises(SpaceChatError, match=r"can't be written anew: File exists"):
            file.replace([b"three\n"])
        assert (path.read_bytes(), other.read_bytes()) == (b"one\ntwo\n", b"other")


class TestOpening:
    @pytest.mark.parametrize("other", ["/dev/null", "folder"])
    def test_what_is_no_file(self, tmp_path: Path, other: str) -> None:
        (tmp_path / "folder").mkdir()
        opened = len(os.listdir("/dev/fd"))
        with pytest.raises((SpaceChatError, IsADirectoryError)) as caught:
            LockedFile(str(tmp_path / other))
        if other == "/dev/null":
            assert str(caught.value) == "/dev/null must be a file, which can be read again."
        assert len(os.listdir("/dev/fd")) == opened

    def test_a_kill_has_left_new_lines(self, path: Path) -> None:
        left = path.with_name("out.jsonl.spacechat-new")
        left.write_bytes(b"half")
        LockedFile(str(path)).close()
        assert not left.exists()

    def test_what_was_left_can_not_be_removed(self, path: Path) -> None:
        left = path.with_name("out.jsonl.spacechat-new")
        left.mkdir()
        with pytest.raises(OSError, match=r"out\.jsonl\.spacechat-new"):
            LockedFile(str(path))
        left.rmdir()
        assert_free(path)

    def test_another_run_replaces_it_at_that_moment(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is locked is no longer the file at the path: nothing is written to it."""
        path.write_bytes(b"old\n")
        other = path.with_name("other")
        other.write_bytes(b"new\n")
        lock = file_lock.lock

        def locking(number: int) -> None:
            lock(number)
            os.replace(other, path)

        with monkeypatch.context() as late:
            late.setattr(locked_file, "lock", locking)
            assert_taken(path)
        assert_free(path)
        assert path.read_bytes() == b"new\n"

    def test_a_file_system_without_locks(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(number: int) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(locked_file, "lock", fail)
        with pytest.raises(OSError, match="locks"):
            LockedFile(str(path))

"""The output of a batch: a line for each result, and no kill loses one that is there.

A line is written at once and whole. A kill in the middle leaves the last one unfinished, which is
taken off when the file is opened again. What rewrites the file writes another one, which takes the
place of the first when it is safely there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import time
from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from ...errors import SpaceChatError
from .questions import digest

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

if sys.platform == "win32":
    import msvcrt

    _LOCKED = 1 << 62  # Far behind the text: others may not even read what is locked.

    def _lock(file: int) -> None:
        os.lseek(file, _LOCKED, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)

_BEGINNING = b'{"line": '
"""How each result begins."""

SYNC = 1.0
"""Seconds of results that a failure of power may lose."""


class _Written(msgspec.Struct):
    """What is read of a line again."""

    line: int
    prompt: object = None
    options: object = None
    error: object = None
    url: object = None


class Journal:
    """The output of a batch, which nobody else writes meanwhile; a context manager.

    Args:
        path: The file.
        resume: Whether to go on with what is there: its failures, and an unfinished last line, are
            taken out.
        lines: More than the lines of the input.

    Attributes:
        answered: How many answers are in it.
        urls: Which Spaces the results are of; None among them where one doesn't say.

    Raises:
        SpaceChatError: Another process writes it, or it holds something else.
        OSError: It can't be written.
    """

    def __init__(self, path: str, *, resume: bool, lines: int) -> None:
        self._name = path
        self._path = os.path.realpath(path)
        self._other = f"{self._path}.spacechat-new"
        self._most = lines
        self.answered: int = 0
        self.urls: set[str | None] = set()
        self._digests = array("I")  # Of the questions whose answers are there; 0 for no answer.
        self._file = -1
        self._synced = time.monotonic()
        self._open()
        try:
            if self._size and not resume:
                raise SpaceChatError(
                    f"{path} is there already: go on with it by --resume, or name another file."
                )
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._other)  # A kill may have left it.
            if self._read():
                self._rewrite(line for line, written in self._lines() if written.error is None)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._file >= 0:
                self.sync()
        finally:
            self._close()

    def digest(self, line: int) -> int:
        """Return the digest of the question on a line of the input; 0 where it has no answer."""
        return self._digests[line] if line < len(self._digests) else 0

    def append(self, data: bytes) -> None:
        """Write a line.

        Raises:
            SpaceChatError: It can't be written, as on a full disk; nothing of it is there then.
        """
        rest = memoryview(data + b"\n")
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as exc:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise SpaceChatError(
                f"{self._name} can't be written: {exc.strerror}. What was written before is safe; "
                "make room, then go on with --resume."
            ) from exc
        self._size += len(data) + 1

    @property
    def wants_sync(self) -> bool:
        """Whether enough may be lost by a failure of power for `sync` to be worth its time."""
        return time.monotonic() - self._synced > SYNC

    def sync(self) -> None:
        """Have what was written survive even a failure of power."""
        os.fsync(self._file)
        self._synced = time.monotonic()

    def put_in_order(self) -> None:
        """Have the lines in the order of the input."""
        starts = array("Q")
        numbers = array("Q")
        start = 0
        for line, written in self._lines():
            starts.append(start)
            numbers.append(written.line)
            start += len(line)
        order = sorted(range(len(starts)), key=numbers.__getitem__)
        if order == list(range(len(starts))):
            return

        def lines() -> Iterator[bytes]:
            with open(self._path, "rb") as file:
                for index in order:
                    file.seek(starts[index])
                    yield file.readline()

        self._rewrite(lines())

    def _open(self) -> None:
        """Open and lock the file, which is made where there is none."""
        self._file = os.open(self._path, _FLAGS, 0o666)
        try:
            status = os.fstat(self._file)
            if not stat.S_ISREG(status.st_mode):
                raise SpaceChatError(f"{self._name} must be a file, which can be read again.")
            try:
                _lock(self._file)
                # Who held the lock before may have put another file in its place.
                taken = not os.path.samestat(status, os.stat(self._path))
            except (BlockingIOError, PermissionError):
                taken = True
            if taken:
                raise self._taken()
        except BaseException:
            self._close()
            raise
        self._size = os.fstat(self._file).st_size

    def _taken(self) -> SpaceChatError:
        return SpaceChatError(
            f"{self._name} is being written by another run: wait for its end, or name another file."
        )

    def _close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _read(self) -> int:
        """Find out what is there, mend the last line, and return how many failed."""
        size = failures = 0
        line = b"\n"
        for line, written in self._lines():
            size += len(line)
            self.urls.add(written.url if isinstance(written.url, str) else None)
            missing = written.line + 1 - len(self._digests)
            if missing > 0:
                self._digests.extend(bytes(missing))
            if self._digests[written.line]:
                raise SpaceChatError(f"{self._name} holds two answers to line {written.line}.")
            if written.error is not None:
                failures += 1
            else:
                self._digests[written.line] = digest(written.prompt, written.options)
                self.answered += 1
        os.ftruncate(self._file, size)
        self._size = size
        if not line.endswith(b"\n"):
            self.append(b"")
        return failures

    def _lines(self) -> Iterator[tuple[bytes, _Written]]:
        """Read the lines that are whole, the last of which may be without its newline."""
        decoder = msgspec.json.Decoder(_Written)
        with open(self._path, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    written = decoder.decode(line)
                except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
                    if _is_cut_short(line):
                        return
                    raise self._foreign(number) from exc
                if not 0 < written.line <= self._most:
                    raise self._foreign(number)
                yield line, written

    def _foreign(self, number: int) -> SpaceChatError:
        return SpaceChatError(
            f"Line {number} of {self._name} is no result of a batch: name another file, or take "
            "the line out."
        )

    def _rewrite(self, lines: Iterable[bytes]) -> None:
        """Have other lines in the file; a kill leaves either the old ones or the new.

        The new file is locked before it takes the place of the old one, so at any moment the file
        at the path is locked: there is none in which another run could slip in.
        """
        new = -1
        try:
            new = os.open(self._other, _FLAGS | os.O_EXCL, 0o600)
            _lock(new)
            shutil.copymode(self._path, self._other)
            with open(new, "wb", closefd=False) as file:
                file.writelines(lines)
            os.fsync(new)
        except OSError as exc:
            if new >= 0:
                os.close(new)
                with contextlib.suppress(OSError):
                    os.unlink(self._other)
            raise SpaceChatError(
                f"{self._name} can't be written anew: {exc.strerror}. It is as it was."
            ) from exc
        self._size = os.fstat(new).st_size
        self._replace_by(new)

    if sys.platform == "win32":

        def _replace_by(self, new: int) -> None:
            """Put a new file in the place of the old one; Windows wants both closed for that.

            Raises:
                SpaceChatError: Another run has taken it meanwhile. Nothing of it is lost.
            """
            size = self._size
            self._close()
            os.close(new)
            os.replace(self._other, self._path)
            self._open()
            if self._size != size:
                raise self._taken()

    else:

        def _replace_by(self, new: int) -> None:
            """Put a new file in the place of the old one."""
            os.replace(self._other, self._path)
            self._close()
            self._file = new


def _is_cut_short(line: bytes) -> bool:
    """Tell whether a line is the beginning of a result, or what a failure of power left of it."""
    begun = line.rstrip(b"\0")[: len(_BEGINNING)]
    return not line.endswith(b"\n") and _BEGINNING.startswith(begun)

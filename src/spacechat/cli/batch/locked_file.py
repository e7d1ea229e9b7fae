"""A file of lines that one process at a time writes, and that survives a kill at any moment."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterable

from ...errors import SpaceChatError
from ...file_lock import lock

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)

SYNC = 1.0
"""Seconds of results that a power failure may lose."""


class LockedFile:
    """A file that nobody else writes until `close`.

    Two invariants hold after each method, and at each moment where a kill may come:

    - The file at the path is locked by this process. `replace` locks the new file before it takes
      the path, so there is no moment in which another run could lock the path itself.
    - All lines but the last are whole. A line is appended by one write. If that fails halfway, the
      file is cut back to `size`, the end of the last whole line; if a kill comes, the next run
      finds the unfinished line at the end and cuts it off.

    Args:
        path: The file; it is made if there is none.

    Attributes:
        path: The real path of the file.
        size: The length of its whole lines.

    Raises:
        SpaceChatError: Another process writes it, or it is no regular file.
        OSError: It can't be opened.
    """

    def __init__(self, path: str) -> None:
        self.path: str = os.path.realpath(path)
        self._name = path
        self._new_path = f"{self.path}.spacechat-new"
        self._synced = time.monotonic()
        self._file = self._open()
        self.size: int = os.fstat(self._file).st_size
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._new_path)  # A kill may have left it.
        except BaseException:
            self.close()
            raise

    def append(self, data: bytes) -> None:
        """Write a line.

        Raises:
            SpaceChatError: It can't be written, for example on a full disk. No part of it stays.
        """
        rest = memoryview(data + b"\n")
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as exc:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise SpaceChatError(
                f"{self._name} can't be written: {exc.strerror}. What was written before is safe; "
                "make room, then go on with --resume."
            ) from exc
        self.size += len(data) + 1

    def truncate(self, size: int) -> None:
        """Cut off all after the first bytes."""
        os.ftruncate(self._file, size)
        self.size = size

    @property
    def wants_sync(self) -> bool:
        """Whether so much could be lost by a power failure that `sync` is worth its time."""
        return time.monotonic() - self._synced > SYNC

    def sync(self) -> None:
        """Make what was written survive a power failure."""
        os.fsync(self._file)
        self._synced = time.monotonic()

    def replace(self, lines: Iterable[bytes]) -> None:
        """Replace all lines; a kill leaves either the old ones or the new.

        Raises:
            SpaceChatError: The new lines can't be written. The old ones are still there.
        """
        new = -1
        try:
            new = os.open(self._new_path, _FLAGS | os.O_EXCL, 0o600)
            lock(new)
            shutil.copymode(self.path, self._new_path)
            with open(new, "wb", closefd=False) as file:
                file.writelines(lines)
            os.fsync(new)
        except OSError as exc:
            if new >= 0:
                os.close(new)
                with contextlib.suppress(OSError):
                    os.unlink(self._new_path)
            raise SpaceChatError(
                f"{self._name} can't be written anew: {exc.strerror}. It is as it was."
            ) from exc
        self.size = os.fstat(new).st_size
        self._take_path(new)

    def close(self) -> None:
        """Close the file, which unlocks it."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file < 0

    def _open(self) -> int:
        """Open and lock the file at the path; return its descriptor."""
        file = os.open(self.path, _FLAGS, 0o666)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise SpaceChatError(f"{self._name} must be a file, which can be read again.")
            try:
                lock(file)
                # The run that held the lock before may have put another file at the path.
                taken = not os.path.samestat(status, os.stat(self.path))
            except (BlockingIOError, PermissionError):
                taken = True
            if taken:
                raise self._taken()
        except BaseException:
            os.close(file)
            raise
        return file

    def _taken(self) -> SpaceChatError:
        return SpaceChatError(
            f"{self._name} is being written by another run: wait for its end, or name another file."
        )

    if sys.platform == "win32":

        def _take_path(self, new: int) -> None:
            """Move a new file to the path; Windows wants both closed for that.

            Raises:
                SpaceChatError: Another run has locked it in the meantime. It loses no line.
            """
            self.close()
            os.close(new)
            os.replace(self._new_path, self.path)
            self._file = self._open()
            if os.fstat(self._file).st_size != self.size:
                raise self._taken()

    else:

        def _take_path(self, new: int) -> None:
            """Move a new file to the path."""
            os.replace(self._new_path, self.path)
            self.close()
            self._file = new

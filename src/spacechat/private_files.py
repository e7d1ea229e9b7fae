"""Files that belong to the user alone, in folders that belong to the user alone.

Nothing is read or written through a link, since whoever may put one in the folder could choose the
file behind it; and opening waits for nobody, as it would for the other end of a named pipe.
`whole_files` writes them.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import SpaceChatError
from .whole_files import PRIVATE, set_mode

_NOT_OWNER = stat.S_IRWXG | stat.S_IRWXO
_FLAGS = (
    getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def is_private(status: os.stat_result) -> bool:
    """Tell whether a file or folder is the user's, and nobody else may use it."""
    # On Windows it is in the user's profile, which says the same.
    return _is_own(status) and (sys.platform == "win32" or not status.st_mode & _NOT_OWNER)


def _is_own(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()


@contextlib.contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading.

    Raises:
        OSError: It can't be opened, or is a link.
        ValueError: It is no regular file of the user's.
    """
    with open(os.open(path, os.O_RDONLY | _FLAGS), "rb") as file:
        _check_own_file(file.fileno())
        yield file


@contextlib.contextmanager
def open_for_lock(path: Path) -> Iterator[BinaryIO]:
    """Open an empty file that is only there to be locked; it is made if need be.

    Raises:
        OSError: It can't be made or opened, or is a link.
    """
    # Even if Ctrl-C comes here, the object goes, and with it the lock.
    with open(os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, PRIVATE), "rb", buffering=0) as file:
        set_mode(file.fileno(), PRIVATE)
        yield file


def make_private(path: Path) -> None:
    """Make a file that is there to be added to; keep everybody else out of one that is there.

    Raises:
        OSError: It can't be made or opened, or is a link.
        ValueError: It is no regular file of the user's.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, PRIVATE)
    try:
        _check_own_file(file)
        set_mode(file, PRIVATE)
    finally:
        os.close(file)


def _check_own_file(file: int) -> None:
    """Raise unless an open file is a regular one of the user's.

    Raises:
        ValueError: It is not.
    """
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode) or not _is_own(status):
        raise ValueError("it is no regular file of yours")


def make_private_folder(path: Path) -> None:
    """Make a folder and those around it, if need be, and keep everybody else out of it.

    Raises:
        SpaceChatError: Something else is there, or a folder of another user.
        OSError: It can't be made.
    """
    if not path.parent.exists():
        make_private_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        path.chmod(0o700)  # The umask may have taken more away.
    check_private_folder(path)


def check_private_folder(path: Path) -> None:
    """Raise unless a folder is the user's; keep everybody else out of it.

    Raises:
        SpaceChatError: It is none, a link, or the folder of another user.
        OSError: There is none.
    """
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise SpaceChatError(f"{path} is no folder, but a file or a link.")
    if not _is_own(status):
        raise SpaceChatError(f"{path} belongs to another user.")
    if not is_private(status):
        path.chmod(0o700)

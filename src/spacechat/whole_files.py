"""Files that are written whole or not at all: under another name, which becomes theirs at once."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
import time
from pathlib import Path

PRIVATE = 0o600
"""The mode of a file that its user alone can read and write."""

_STEM = 8
"""Characters of the file's name that are in the other name, which may not be too long either."""

UNFINISHED = re.compile(r"[0-9a-f]{8}\.[0-9a-f]{16}")
"""The other name of a file whose own begins with hexadecimal digits; a kill may leave it behind."""

_TICK = 1000
"""Nanoseconds between two times that file systems tell apart."""

_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def write_whole(
    path: Path, content: bytes, *, mode: int = PRIVATE, sync: bool = False, after: int = 0
) -> None:
    """Write a file in the place of an earlier one, at once; a link is replaced, not followed.

    Args:
        path: The file.
        content: Its content.
        mode: Who can read and write it.
        sync: Whether even a power failure may leave nothing but the old content or the new.
        after: A time, in nanoseconds since 1970, that the file's is later than, even where the
            clock has gone back since.

    Raises:
        OSError: It can't be written; the error names the file.
    """
    new = path.with_name(f"{path.stem[:_STEM]}.{secrets.token_hex(8)}")
    try:
        with open(os.open(new, _FLAGS, mode), "wb") as file:
            set_mode(file.fileno(), mode)
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        # The system's own time of a file may be some milliseconds old.
        now = max(time.time_ns(), after + _TICK)
        os.utime(new, ns=(now, now))
        new.replace(path)
    except BaseException as exc:
        with contextlib.suppress(OSError):
            new.unlink()
        if isinstance(exc, OSError):
            raise OSError(exc.errno, exc.strerror, os.fspath(path)) from exc
        raise


def save_whole(path: Path, content: bytes) -> None:
    """Write a file that a person names, which may be a link to one, or no file (`/dev/stdout`).

    A new file is its user's alone; an earlier one keeps its mode.

    Args:
        path: The file.
        content: Its content.

    Raises:
        OSError: It can't be written.
    """
    try:
        earlier = path.stat().st_mode
    except FileNotFoundError:
        earlier = stat.S_IFREG | PRIVATE
    if stat.S_ISREG(earlier):
        write_whole(Path(os.path.realpath(path)), content, mode=stat.S_IMODE(earlier))
    else:
        path.write_bytes(content)


def set_mode(file: int, mode: int) -> None:
    """Set the mode of an open file, of which the umask may have taken something away."""
    if sys.platform != "win32":
        os.fchmod(file, mode)

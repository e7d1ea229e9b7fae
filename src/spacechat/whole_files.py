"""Files that are written whole or not at all: under another name, which becomes theirs at once."""

from __future__ import annotations

import os
import secrets
import stat
import sys
import time
from pathlib import Path

PRIVATE = 0o600
"""The mode of a file that its user alone can read and write."""

_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def write_whole(path: Path, content: bytes, *, mode: int = PRIVATE, sync: bool = False) -> None:
    """Write a file in the place of an earlier one, at once; a link is replaced, not followed.

    Args:
        path: The file.
        content: Its content.
        mode: Who can read and write it.
        sync: Whether even a power failure may leave nothing but the old content or the new.

    Raises:
        OSError: It can't be written.
    """
    new = path.with_suffix(f".{secrets.token_hex(8)}")
    try:
        with open(_made(new, path, mode), "wb") as file:
            set_mode(file.fileno(), mode)
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        now = time.time_ns()  # The system's own time of a file may be some milliseconds old.
        os.utime(new, ns=(now, now))
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _made(new: Path, path: Path, mode: int) -> int:
    """Return the descriptor of a new file; an error names the one in whose place it comes."""
    try:
        return os.open(new, _FLAGS, mode)
    except OSError as exc:
        exc.filename = os.fspath(path)
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

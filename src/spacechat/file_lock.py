"""Locking a file against other processes; the lock goes with the file's last descriptor, or a kill.

On Windows a lock keeps others from reading what it covers, so it covers a byte far behind the text.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Literal, TypeAlias

Locking: TypeAlias = Literal["locked", "busy", "unknown"]
"""Whether a file is locked, or another process has locked it, or its file system has no locks."""

_PAUSE = 0.01
"""Seconds between two attempts at a lock."""

if sys.platform == "win32":
    import msvcrt

    _LOCKED = 1 << 62

    def lock(file: int) -> None:
        """Lock an open file.

        Raises:
            OSError: Another process has locked it (`BlockingIOError` or `PermissionError`), or it
                can't be locked.
        """
        os.lseek(file, _LOCKED, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock(file: int) -> None:
        """Lock an open file.

        Raises:
            OSError: Another process has locked it (`BlockingIOError` or `PermissionError`), or it
                can't be locked.
        """
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_in_time(file: int, seconds: float) -> Locking:
    """Lock an open file, and wait for the process that has locked it, but not for long.

    Args:
        file: Its descriptor.
        seconds: How long to wait at the most.
    """
    deadline = time.monotonic() + seconds
    while (locking := _locked(file)) == "busy" and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return locking


def _locked(file: int) -> Locking:
    try:
        lock(file)
    except (BlockingIOError, PermissionError):
        return "busy"
    except OSError:  # Some file systems of other machines have no locks.
        return "unknown"
    return "locked"

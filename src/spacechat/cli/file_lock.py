"""Locking a file against other processes; the lock goes with the file's last descriptor, or a kill.

On Windows a lock keeps others from reading what it covers, so it covers a byte far behind the text.
"""

from __future__ import annotations

import contextlib
import os
import sys

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


def try_lock(file: int) -> bool:
    """Lock an open file if that can be done, and return whether it is locked."""
    with contextlib.suppress(OSError):
        lock(file)
        return True
    return False

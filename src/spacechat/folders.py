"""The user's folders on this machine, one rule for all of them, and small files that others write.

Unix, macOS included, has the folders of the XDG specification; a macOS cache is where macOS clears
it. Windows has the user's profile.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

_OWN = "spacechat"
"""The name of this program's folder in each of them."""

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def config_folder() -> Path | None:
    """Return the folder for what the user sets; None where the user has no home."""
    return _own_folder("XDG_CONFIG_HOME", "~/.config", windows="APPDATA")


def state_folder() -> Path | None:
    """Return the folder for what is kept for the user; None where the user has no home."""
    return _own_folder("XDG_STATE_HOME", "~/.local/state", windows="LOCALAPPDATA")


def cache_folder() -> Path | None:
    """Return the folder for what may be lost; None where the user has no home."""
    usual = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    return _own_folder("XDG_CACHE_HOME", usual, windows="LOCALAPPDATA")


def _own_folder(variable: str, usual: str, *, windows: str) -> Path | None:
    """Return this program's folder in one of the user's.

    A relative path counts as none, as the specification has it: a program that runs elsewhere would
    take it for another folder.
    """
    if sys.platform == "win32":
        base = os.environ.get(windows, "")
    else:
        base = os.environ.get(variable, "")
        if not os.path.isabs(base):
            base = os.path.expanduser(usual)
    return Path(base) / _OWN if os.path.isabs(base) else None


def read_small_file(path: str | Path, largest: int) -> bytes:
    """Return the content of a file, in bounded time and memory whatever the path leads to.

    Args:
        path: The file, or a device such as the null device. A pipe may never end.
        largest: Bytes that it may have.

    Raises:
        OSError: It can't be read, is larger, or is no such file.
        ValueError: The path is none.
    """
    file = os.open(path, _FLAGS)
    try:
        mode = os.fstat(file).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
            raise OSError(errno.EINVAL, "it is no regular file")
        with open(file, "rb", closefd=False) as opened:
            content = opened.read(largest + 1) or b""  # None for a terminal, which has to be typed.
    finally:
        os.close(file)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"it has more than {largest:,} bytes")
    return content

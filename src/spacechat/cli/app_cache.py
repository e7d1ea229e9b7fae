"""Descriptions of apps on disk, so that a command need not read what an earlier one has read.

The folder holds what anybody may read of an app that was asked without any credentials, and nothing
else. The memory decides that (see `apps.memory`); each description that comes back is read with the
same care as one from a server, and checked by the app's identity before it counts.

A cache is no reason to fail. What is broken, too old, too large, somebody else's or no regular file
is ignored, as is a folder that others may write. A file is written whole or not at all.

The folder may be inside any that the user named, so nothing but files with names of the cache's own
is ever looked at or removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import stat
import time
from pathlib import Path

import msgspec

from ..addresses import is_origin
from ..apps.decoding import MALFORMED
from ..apps.description import Description
from ..apps.hub import space_id
from ..apps.memory import SHARED
from ..folders import cache_folder
from ..private_files import is_private, open_private
from ..whole_files import UNFINISHED, write_whole

VARIABLE = "SPACECHAT_CACHE"
"""The environment's variable that names the folder for the cache's own; empty for none."""

_OWN_FOLDER = "spacechat-apps"
"""The cache's own folder in one that the user named."""

_MOST = 64
"""Files in the folder."""

_LARGEST = 16 << 20
"""Bytes of all files."""

_LARGEST_FILE = 4 << 20
"""Bytes of one file; a larger description is read anew each time."""

_LONGEST = 24 * 3600.0
"""Seconds after which a file is not used any more."""

_LISTED = 4096
"""The cache's files that are looked at when the folder is tidied."""

_NAME = re.compile(r"[0-9a-f]{64}\.app")
"""The name of a file of the cache, as `_path` makes it."""

_SUFFIX = ".app"
_FORMAT = 3


class _Entry(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    format: int
    address: str
    url: str
    page: str | None
    config: bytes
    info: bytes | None
    confirmed: float
    varies: bool


def remember_apps() -> None:
    """Have this process remember apps beyond its end, unless the environment says not to."""
    folder = apps_folder()
    SHARED.store = None if folder is None else AppCache(folder)


def apps_folder() -> Path | None:
    """Return the folder, in the user's directory for caches; None for none."""
    chosen = os.environ.get(VARIABLE)
    if chosen is not None:
        return Path(chosen) / _OWN_FOLDER if chosen else None
    cache = cache_folder()
    return None if cache is None else cache / "apps"


class AppCache:
    """A folder with descriptions, one in each file.

    Args:
        folder: The folder; it is made when there is something to keep.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, address: str) -> Description | None:
        """Return the description of the app at an address, or None."""
        with contextlib.suppress(OSError, ValueError, *MALFORMED):
            if self._is_own():
                entry = msgspec.msgpack.decode(_read(self._path(address)), type=_Entry)
                if _is_sound(entry, address):
                    return Description(
                        entry.url,
                        entry.page,
                        entry.config,
                        entry.info,
                        public=True,
                        confirmed=entry.confirmed,
                        varies=entry.varies,
                    )
        return None

    def save(self, address: str, description: Description) -> None:
        """Keep a description, if it is not too large."""
        with contextlib.suppress(OSError, ValueError):  # Text that is no UTF-8 is not kept.
            self._save(address, description)

    def _save(self, address: str, description: Description) -> None:
        content = msgspec.msgpack.encode(
            _Entry(
                _FORMAT,
                address,
                description.url,
                description.page,
                description.config,
                description.info,
                description.confirmed,
                description.varies,
            )
        )
        if len(content) > _LARGEST_FILE:
            self.remove(address)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._is_own():
            write_whole(self._path(address), content)
            self._tidy()

    def remove(self, address: str) -> None:
        """Forget the description of the app at an address."""
        with contextlib.suppress(OSError):
            if self._is_own():
                self._path(address).unlink()

    def _path(self, address: str) -> Path:
        digest = hashlib.sha256(address.encode(errors="surrogatepass")).hexdigest()
        return self._folder / f"{digest}{_SUFFIX}"

    def _is_own(self) -> bool:
        """Tell whether the folder is one that nobody else may use."""
        status = self._folder.lstat()
        return stat.S_ISDIR(status.st_mode) and is_private(status)

    def _tidy(self) -> None:
        """Remove what is too old of the cache's files, and the oldest of what is too much."""
        with os.scandir(self._folder) as listed:
            own = (entry for entry in listed if _is_own_name(entry.name))
            files = [
                (entry.stat(follow_symlinks=False), entry.path)
                for entry in itertools.islice(own, _LISTED)
                if not entry.is_dir(follow_symlinks=False)
            ]
        files.sort(key=lambda file: file[0].st_mtime, reverse=True)
        left = _LARGEST
        for count, (status, path) in enumerate(files):
            left -= status.st_size
            if count >= _MOST or left < 0 or not _is_recent(status):
                os.unlink(path)


def _is_own_name(name: str) -> bool:
    """Tell whether a file is the cache's, even one that a kill has left before it was whole."""
    return bool(_NAME.fullmatch(name) or UNFINISHED.fullmatch(name))


def _read(path: Path) -> bytes:
    """Return the content of a file of the cache.

    Raises:
        OSError: It can't be read.
        ValueError: It is no such file.
    """
    with open_private(path) as file:
        status = os.fstat(file.fileno())
        is_usable = is_private(status) and _is_recent(status)
        if not is_usable or status.st_size > _LARGEST_FILE:
            raise ValueError("It is no file of this cache.")
        return file.read(_LARGEST_FILE)


def _is_recent(status: os.stat_result) -> bool:
    return 0.0 <= time.time() - status.st_mtime < _LONGEST


def _is_sound(entry: _Entry, address: str) -> bool:
    """Tell whether an entry is of the app at an address, as the library would have found it."""
    if entry.format != _FORMAT or entry.address != address:
        return False
    if space_id(address) is not None:
        return is_origin(entry.url)
    url, _, page = address.rpartition("/")
    return (entry.url, entry.page) in ((address, None), (url, page))

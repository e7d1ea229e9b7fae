"""Downloaded files, saved so that neither their name nor their length can do harm.

A file is written under a temporary name, and renamed when it is complete. The final name is claimed
first, by creating an empty file under it, which fails if there is one: so no existing file or link
target is ever overwritten, whoever else writes into the folder meanwhile.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_LONGEST_NAME = 200
"""Bytes of a name; file systems take 255."""
_LONGEST_SUFFIX = 20

_UNFIT = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"|?*'  # What lays out lines, and what Windows takes in no name
    r"\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"  # what hides the order, and halves
)
_DEVICE = re.compile(
    r"(?:aux|con|conin\$|conout\$|nul|prn|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)


def safe_name(name: str) -> str:
    """Return a safe name for a file, close to one from an unknown source.

    It is not empty and not hidden, names no folder and no device, and can be printed.
    """
    name = _UNFIT.sub("_", re.split(r"[/\\]", name)[-1])
    stem, suffix = os.path.splitext(name.strip(" ."))
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, suffix = stem + suffix, ""
    stem = stem.encode()[: _LONGEST_NAME - len(suffix.encode())].decode(errors="ignore")
    name = (stem.strip(" .") + suffix).strip(" .") or "file"
    # A dash would make an option of a name that a shell's `*` stands for.
    return f"_{name}" if _DEVICE.match(name) or name.startswith("-") else name


class FileContent:
    """The bytes of a file, in memory."""

    def __init__(self) -> None:
        self._data = bytearray()

    def begin(self) -> None:
        """Forget everything written so far."""
        self._data.clear()

    def write(self, data: bytes) -> None:
        """Add more bytes."""
        self._data += data

    def content(self) -> bytes:
        """Return the whole file."""
        return bytes(self._data)


class SavedFile:
    """A file being written into a folder; a context manager.

    Leaving the block removes it, unless it was kept.

    Args:
        folder: The folder; it is made if it is not there.
        name: The name that it should get, made safe.

    Raises:
        OSError: The folder can't be made or written to. This error, and later ones, name the file
            as it would be called.
    """

    def __init__(self, folder: str | os.PathLike[str], name: str) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._name = safe_name(name)
        self._partial = self._folder / f".spacechat-{secrets.token_hex(8)}.part"
        with self._naming():
            self._file = self._partial.open("xb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._partial.unlink()

    def begin(self) -> None:
        """Forget everything written so far."""
        self._file.seek(0)
        self._file.truncate()

    def write(self, data: bytes) -> None:
        """Add more bytes.

        Raises:
            OSError: The bytes can't be written, as on a full disk.
        """
        rest = memoryview(data)
        with self._naming():
            while rest:
                rest = rest[self._file.write(rest) :]

    def keep(self) -> Path:
        """Give the complete file its name, and return its path.

        Raises:
            OSError: It can't be renamed.
        """
        self._file.close()
        with self._naming():
            path = self._claim()
            try:
                self._partial.replace(path)
            except BaseException:
                path.unlink()
                raise
        return path

    def _claim(self) -> Path:
        """Create an empty file with the name, or the name and a number, and return its path."""
        stem, suffix = os.path.splitext(self._name)
        for number in itertools.count():
            path = self._folder / (f"{stem} ({number}){suffix}" if number else self._name)
            with contextlib.suppress(FileExistsError):
                path.open("xb").close()
                return path
        raise AssertionError

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        """Name the file that a person knows in errors."""
        try:
            yield
        except OSError as exc:
            path = os.fspath(self._folder / self._name)
            raise OSError(exc.errno, exc.strerror, path) from exc

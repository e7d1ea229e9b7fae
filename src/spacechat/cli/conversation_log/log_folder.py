"""The folder of kept conversations, one in each file.

A file is a `Conversation` as JSON, so `spacechat chat FILE` and `Conversation.load` read it, too.

What holds at each moment, whoever is killed then, and however many processes write:

- A file is whole, since it is written under another name and takes its own by one rename.
- A file loses nothing. It is replaced or removed under the lock of the folder only, by a process
  that has read it under the lock, and is to keep what others have added (`keeper` sees to that).
  Where it can't, or where the lock can't be had (a process that has it is stopped), the
  conversation goes to a new file. Nobody else knows that file's name, so it needs no lock, and
  nobody has to wait for long.
- Where the file system has no locks, a process replaces only the file that it has made itself, if
  that still holds what it wrote. Another one that goes on with it makes a file of its own.

A kill between writing and renaming leaves a file under the other name, which is removed when it is
old. What can't be read as a conversation is put aside under a name of its own, and never removed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from ...errors import SpaceChatError
from ...file_lock import Locking, lock_in_time
from ...folders import state_folder
from ...messages import Conversation, Messages
from ...private_files import (
    check_private_folder,
    make_private_folder,
    open_for_lock,
    open_private,
)
from ...whole_files import UNFINISHED, write_whole

MOST = 200
"""Conversations that are kept."""
LARGEST = 4 << 20
"""Bytes of a conversation."""
LARGEST_ALL = 64 << 20
"""Bytes of all conversations."""

_PATIENCE = 5.0
"""Seconds to wait for the lock, which is held for some milliseconds."""
_LISTED = 10_000
"""Files that are looked at."""
_LONGEST_UNFINISHED = 3600.0
"""Seconds after which nobody is still writing a file."""

_SUFFIX = ".json"
_NAME = re.compile(r"[0-9a-f]{8}\.json")


class Kept(Conversation, kw_only=True, omit_defaults=True):
    """A conversation that is kept.

    Attributes:
        local: Whether it was held with a local Space of the command, which is gone by now.
    """

    local: bool = False

    @property
    def turns(self) -> Sequence[str]:
        """The texts of questions and answers, oldest first."""
        return [each["content"] for each in self.messages if each["role"] != "system"]

    @property
    def first_question(self) -> str:
        """The text of the first question."""
        return next(self._questions, "")

    @property
    def last_question(self) -> str:
        """The text of the last question."""
        return ["", *self._questions][-1]

    @property
    def _questions(self) -> Iterator[str]:
        return (each["content"] for each in self.messages if each["role"] == "user")

    def with_messages(self, messages: Messages) -> Kept:
        """Return a conversation of other messages with the same Space."""
        return msgspec.structs.replace(self, messages=messages)

    def is_with_space_of(self, other: Kept) -> bool:
        """Return whether another conversation is held with the same Space.

        Local ones differ in their address only: each command has its own.
        """
        if self.local and other.local:
            return self.model == other.model
        return (self.model, self.url, self.local) == (other.model, other.url, other.local)


@dataclass(frozen=True)
class Entry:
    """A file of the folder.

    Attributes:
        id: The conversation's name.
        changed: When it was last gone on with, in nanoseconds since 1970. It is later than that of
            all that were kept before, even where the clock has gone back since.
        size: Its bytes.
    """

    id: str
    changed: int
    size: int

    @property
    def when(self) -> str:
        """The day and the time when it was last gone on with, as the user's clock has them."""
        try:
            return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.changed // 10**9))
        except (OverflowError, OSError, ValueError):  # No year that the system knows.
            return "????-??-?? ??:??"


def _entry(file: os.DirEntry[str]) -> Entry | None:
    """Return a file of the folder; None if it is no conversation, or has just been removed."""
    if not _NAME.fullmatch(file.name):
        return None
    try:
        status = file.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Entry(file.name.removesuffix(_SUFFIX), status.st_mtime_ns, status.st_size)


class LogFolder:
    """The folder of kept conversations.

    Args:
        path: The folder; it is made when there is something to keep.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path = path

    def entries(self) -> list[Entry]:
        """Return what is kept, the newest first.

        Raises:
            SpaceChatError: The folder is not the user's own.
            OSError: It can't be read.
        """
        try:
            check_private_folder(self.path)
            with os.scandir(self.path) as listed:
                found = [_entry(each) for each in itertools.islice(listed, _LISTED)]
        except FileNotFoundError:
            return []
        entries = [each for each in found if each is not None]
        return sorted(entries, key=lambda each: (each.changed, each.id), reverse=True)

    def last(self) -> str:
        """Return the id of the conversation that was gone on with last.

        Raises:
            SpaceChatError: There is none.
            OSError: The folder can't be read.
        """
        return self._ids()[0]

    def find(self, beginning: str) -> str:
        """Return the id of the conversation whose id begins with a text.

        Raises:
            UsageError: The text is empty.
            SpaceChatError: There is none, or there are several.
            OSError: The folder can't be read.
        """
        if not beginning:
            raise click.UsageError("An ID is empty; `spacechat log` lists them.")
        found = [each for each in self._ids() if each.startswith(beginning.lower())]
        if len(found) != 1:
            several = f"The ids of several begin so: {', '.join(found[:10])}. " if found else ""
            raise SpaceChatError(
                f"There is no kept conversation {beginning!r}. {several}`spacechat log` lists them."
            )
        return found[0]

    def _ids(self) -> list[str]:
        ids = [each.id for each in self.entries()]
        if not ids:
            raise SpaceChatError(f"No conversation is kept: there is none in {self.path}.")
        return ids

    def load(self, id_: str) -> Kept:
        """Return a conversation. What is none is put aside, so that it is not in the way again.

        Raises:
            SpaceChatError: It is none.
            OSError: It can't be read.
        """
        try:
            # Windows doesn't let anybody replace a file while it is read.
            with self.locked() if sys.platform == "win32" else contextlib.nullcontext():
                return self.read(id_)
        except ValueError as exc:
            raise SpaceChatError(
                f"The kept conversation {id_} is damaged: {exc}. {self._put_aside(self.file(id_))}"
            ) from exc

    def _put_aside(self, path: Path) -> str:
        """Give a damaged file a name under which it is in nobody's way; say what became of it."""
        names = (path.with_name(f"{path.name}.damaged{n or ''}") for n in itertools.count())
        aside = next(each for each in names if not os.path.lexists(each))
        try:
            path.rename(aside)
        except FileNotFoundError:
            return "Another command has put it aside."
        except OSError as exc:
            return f"Its file can't be put aside, {exc.strerror}: {path}."
        return f"Its file is now {aside}, and -c passes it by."

    def read(self, id_: str, *, to_replace: bool = False) -> Kept:
        """Return a conversation.

        Args:
            id_: Its name.
            to_replace: Whether the file is to be written anew. Then there may be nothing else in
                it, such as what a later version of this program keeps.

        Raises:
            ValueError: It is none, or there is something else in the file.
            OSError: It can't be read.
        """
        with open_private(self.file(id_)) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"it is longer than {LARGEST >> 20} MiB")
        try:
            kept = msgspec.json.decode(content, type=Kept)
            is_all = not to_replace or msgspec.json.decode(content) == msgspec.to_builtins(kept)
        except (msgspec.DecodeError, RecursionError) as exc:
            raise ValueError(str(exc)) from exc
        if not is_all:
            raise ValueError("there is something else in it")
        return kept

    def file(self, id_: str) -> Path:
        """Return the path of a conversation's file."""
        return self.path / f"{id_}{_SUFFIX}"

    @contextlib.contextmanager
    def locked(self) -> Iterator[Locking]:
        """Hold the lock of the folder, which is made; yield whether it could be had.

        Raises:
            SpaceChatError: The folder is not the user's own.
            OSError: It can't be made or used.
        """
        make_private_folder(self.path)
        with open_for_lock(self.path / "lock") as file:
            yield lock_in_time(file.fileno(), _PATIENCE)

    def replace(self, id_: str, kept: Kept) -> None:
        """Write a conversation to its file, which becomes the last one.

        Raises:
            SpaceChatError: It is too long.
            OSError: It can't be written.
        """
        content = msgspec.json.encode(kept) + b"\n"
        if len(content) > LARGEST:
            raise SpaceChatError(f"it is longer than {LARGEST >> 20} MiB.")
        latest = max((each.changed for each in self.entries()), default=0)
        write_whole(self.file(id_), content, sync=True, after=latest)

    def remove(self, id_: str) -> None:
        """Remove a conversation.

        Raises:
            OSError: It can't be removed.
        """
        self.file(id_).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the oldest of what is too much, and what a kill has left, if they can be removed.

        Raises:
            OSError: The folder can't be read.
        """
        left = LARGEST_ALL
        for index, each in enumerate(self.entries()):
            left -= each.size
            if index and (index >= MOST or left < 0):  # The newest stays, whatever its size.
                with contextlib.suppress(OSError):
                    self.remove(each.id)
        with os.scandir(self.path) as listed:
            unfinished = [
                each
                for each in itertools.islice(listed, _LISTED)
                if UNFINISHED.fullmatch(each.name) and not each.is_dir(follow_symlinks=False)
            ]
        for file in unfinished:
            with contextlib.suppress(OSError):  # Another process tidies up, too.
                if time.time() - file.stat(follow_symlinks=False).st_mtime > _LONGEST_UNFINISHED:
                    os.unlink(file.path)


def new_id() -> str:
    """Return an id that no conversation has."""
    return secrets.token_hex(4)


def log_folder() -> LogFolder:
    """Return the folder of kept conversations.

    Raises:
        SpaceChatError: The user has no home.
    """
    state = state_folder()
    if state is None:
        raise SpaceChatError("Conversations are kept in your home, and there is none.")
    return LogFolder(state / "conversations")

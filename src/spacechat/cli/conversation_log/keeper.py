"""Keeps a conversation while it is held, whoever else goes on with it meanwhile."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

import click

from ... import preferences
from ...addresses import without_user
from ...errors import SpaceChatError
from ...folders import state_folder
from ...sanitize import one_line
from ..terminal.output import say, why

if TYPE_CHECKING:
    from ...messages import Conversation, Messages
    from .log_folder import Kept, LogFolder
    from .options import LogOptions


def open_keeper(options: LogOptions) -> Keeper:
    """Return what keeps the conversation of a command; with `-c`, it has an earlier one.

    Raises:
        UsageError: The options contradict each other.
        SpaceChatError: There is no such conversation.
        OSError: It can't be read.
    """
    from .log_folder import log_folder

    going_on, id_ = options["goes_on"], options["kept_id"]
    if going_on and id_ is not None:
        raise click.UsageError("-c and --conversation: choose one.")
    keeps = is_wanted(options) and state_folder() is not None
    if not going_on and id_ is None:
        return Keeper(log_folder() if keeps else None)
    folder = log_folder()
    id_ = folder.last() if id_ is None else folder.find(id_)
    return Keeper(folder if keeps else None, id_, folder.load(id_))


def is_wanted(options: LogOptions) -> bool:
    """Return whether conversations are to be kept, by the options and the user's settings.

    Raises:
        SettingsFileError: The settings file is damaged, so that it may forbid this.
    """
    return not options["no_log"] and preferences.load().log


class _State(NamedTuple):
    """What is kept.

    Attributes:
        written: What the file holds, with what others have added.
        known: What this process knows of it.
    """

    written: Kept
    known: Messages


class Keeper:
    """Keeps one conversation, and tells if it can't.

    Another process may go on with the same conversation. What both add is kept one after the other
    in its one file. Where that makes no sense (one of them has taken something back, or asks
    another Space), the conversation of this process goes to a file of its own.

    Args:
        folder: Where it is kept; None for nowhere.
        id_: The conversation's name there, or None for a new one.
        earlier: What was kept of it.

    Attributes:
        id: The conversation's name there, or None if nothing is kept yet.
        earlier: What was kept of it before this process; None for a new one.
        keeps: Whether it is kept at all.
    """

    def __init__(
        self,
        folder: LogFolder | None,
        id_: str | None = None,
        earlier: Kept | None = None,
    ) -> None:
        self.id: str | None = id_
        self.earlier: Kept | None = earlier
        self._folder = folder
        self.keeps: bool = folder is not None
        self._state = None if earlier is None else _State(earlier, earlier.messages)
        # What is kept next: until that is done, nobody knows which of both the file holds.
        self._next: _State | None = None
        self._has_made_it = False  # Whether the file is one that this process has made.
        self._has_told = False

    def keep(self, conversation: Conversation, *, local: bool) -> None:
        """Keep a conversation as it is now; where that fails, say so once.

        Args:
            conversation: The conversation, of which no secret is kept: neither its session nor a
                user in its addresses.
            local: Whether it is held with a local Space of this command.
        """
        if self._folder is None:
            return
        try:
            self._keep(self._folder, _without_secrets(conversation, local=local))
        except (OSError, SpaceChatError, ValueError) as exc:
            if not self._has_told:
                self._has_told = True
                say(one_line(f"spacechat: this conversation is not kept for -c: {_reason(exc)}."))

    def begin_anew(self) -> None:
        """Keep what comes now as another conversation."""
        self.id = self._state = self._next = None

    def _keep(self, folder: LogFolder, mine: Kept) -> None:
        with folder.locked() as locking:
            may_replace = locking == "locked" or (locking == "unknown" and self._has_made_it)
            messages = self._merged(folder, mine) if may_replace else None
            if messages is None:
                self.id, messages = None, mine.messages
            self._next = _State(mine.with_messages(messages), mine.messages)
            self._write(folder, self._next.written)
            self._state = self._next
            if locking != "busy":
                with contextlib.suppress(OSError):  # It is kept, and the next one tidies up, too.
                    folder.tidy()

    def _write(self, folder: LogFolder, kept: Kept) -> None:
        from .log_folder import new_id

        if kept.turns:
            if self.id is None:
                self.id, self._has_made_it = new_id(), True
            folder.replace(self.id, kept)
        elif self.id is not None:
            folder.remove(self.id)
            self.id = None

    def _merged(self, folder: LogFolder, mine: Kept) -> Messages | None:
        """Return what the file is to hold, or None if it is to stay as it is.

        Args:
            folder: Where it is kept, and locked.
            mine: The conversation of this process.
        """
        current = self._current(folder)
        if self._next is not None and current == self._next.written:
            self._state = self._next  # Ctrl-C came when it was just written.
        if current is None or self._state is None:
            return None
        written, known = self._state
        is_mine = current == written
        if is_mine and current.messages == known:
            return mine.messages
        only_more = _extends(mine.messages, known)
        others_only_more = _extends(current.messages, written.messages)
        if only_more and others_only_more and (is_mine or current.is_with_space_of(mine)):
            return [*current.messages, *mine.messages[len(known) :]]
        return None

    def _current(self, folder: LogFolder) -> Kept | None:
        """Return what the file holds now; None if it can't be written anew without a loss."""
        if self.id is None:
            return None
        try:
            return folder.read(self.id, to_replace=True)
        except (OSError, ValueError):
            return None


def _extends(messages: Messages, beginning: Messages) -> bool:
    return messages[: len(beginning)] == beginning


def _without_secrets(conversation: Conversation, *, local: bool) -> Kept:
    from .log_folder import Kept

    model, url = conversation.model, conversation.url
    return Kept(
        session_hash="",
        messages=list(conversation.messages),
        model=None if model is None else without_user(model),
        url=None if url is None else without_user(url),
        local=local,
    )


def _reason(error: Exception) -> str:
    return why(error) if isinstance(error, OSError) else str(error).removesuffix(".")

"""Keeps a conversation while it is held, whoever else goes on with it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ... import preferences
from ...addresses import without_user
from ...errors import SpaceChatError
from ...folders import state_folder
from ..terminal.output import say
from ..terminal.sanitize import one_line

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
        # What this process knew when it last read or wrote the file, and what the file held then.
        self._known: Messages = [] if earlier is None else earlier.messages
        self._written = earlier
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
        self.id = self._written = None
        self._known = []

    def _keep(self, folder: LogFolder, mine: Kept) -> None:
        with folder.locked() as locking:
            may_replace = locking == "locked" or (locking == "unknown" and self._has_made_it)
            messages = self._merged(folder, mine) if may_replace else None
            if messages is None:
                self.id, messages = None, mine.messages
            self._write(folder, mine.with_messages(messages))
            self._known = mine.messages
            if locking != "busy":
                folder.tidy()

    def _write(self, folder: LogFolder, kept: Kept) -> None:
        if self.id is None:
            self.id = folder.add(kept) if kept.turns else None
            self._has_made_it = True
        elif kept.turns:
            folder.replace(self.id, kept)
        else:
            folder.remove(self.id)
            self.id = None
        self._written = kept

    def _merged(self, folder: LogFolder, mine: Kept) -> Messages | None:
        """Return what the file is to hold, or None if it is to stay as it is.

        Args:
            folder: Where it is kept, and locked.
            mine: The conversation of this process.
        """
        current = self._current(folder)
        if current is None or self._written is None:
            return None
        is_mine = current == self._written
        if is_mine and current.messages == self._known:
            return mine.messages
        only_more = _extends(mine.messages, self._known)
        others_only_more = _extends(current.messages, self._written.messages)
        if only_more and others_only_more and (is_mine or current.is_with_space_of(mine)):
            return [*current.messages, *mine.messages[len(self._known) :]]
        return None

    def _current(self, folder: LogFolder) -> Kept | None:
        """Return what the file holds now; None if there is none, or no conversation in it."""
        if self.id is None:
            return None
        try:
            return folder.read(self.id)
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
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
    return str(error).removesuffix(".")

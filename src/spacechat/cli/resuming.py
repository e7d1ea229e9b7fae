"""Going on with an earlier conversation: its messages, and its Space if the options name none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ..errors import SpaceChatError
from ..sanitize import one_line
from .target import display_name
from .terminal.output import say

if TYPE_CHECKING:
    from ..messages import Conversation, Messages
    from ..providers import Space
    from .asker import Asker
    from .conversation_log.keeper import Keeper


_LOCAL = "The conversation was held with a local Space; "


def load(asker: Asker, path: str, system: str | None = None) -> Messages:
    """Return the messages of a file; say how long it is and which Space goes on with it.

    Args:
        asker: Asks the conversation's own Space from now on, unless the options name one.
        path: The file.
        system: The system text. None: the file's.

    Raises:
        UsageError: There is no such file.
        SpaceChatError: The file holds no conversation, or doesn't say which Space it was held with.
        OSError: The file can't be read.
    """
    from ..messages import Conversation, split_system

    name = one_line(path)
    expanded = file_path(path)
    if not os.path.exists(expanded):
        raise click.UsageError(f"There is no file {name}.")
    try:
        loaded = Conversation.load(expanded)
        asker.target.follow(loaded)
    except SpaceChatError as exc:
        raise SpaceChatError(f"{name} is not loaded. {exc}") from exc
    own, turns = split_system(loaded.messages)
    say(f"{len(turns)} messages of {name} are loaded.")
    say(f"{_held_with(loaded, asker.target.space)}{asker.target.name} goes on.")
    return with_system(own if system is None else system, turns)


def take_up(asker: Asker, keeper: Keeper, system: str | None) -> Messages:
    """Return the messages of a kept conversation; say so if another Space goes on with it.

    Args:
        asker: Asks the conversation's own Space from now on, unless the options name one.
        keeper: Keeps the conversation.
        system: The system text. None: the conversation's.

    Raises:
        SpaceChatError: There is no such Space any more.
    """
    from ..messages import split_system

    kept = keeper.earlier
    if kept is None:
        return with_system(system or "", [])
    try:
        asker.target.follow(kept, local=kept.local)
    except SpaceChatError as exc:
        raise SpaceChatError(f"The conversation {keeper.id} does not go on. {exc}") from exc
    if not asker.target.is_local:
        other = _LOCAL if kept.local else _held_with(kept, asker.target.space)
        if other:
            say(f"{other}{asker.target.name} goes on.")
    own, turns = split_system(kept.messages)
    return with_system(own if system is None else system, turns)


def with_system(system: str, turns: Messages) -> Messages:
    """Return messages after a system message, if there is a system text."""
    return [{"role": "system", "content": system}, *turns] if system else turns


def file_path(path: str) -> str:
    """Return the path of a file that a person names.

    Raises:
        UsageError: They name none.
    """
    if not path:
        raise click.UsageError("Name a file, such as talk.json.")
    return os.path.expanduser(path)


def _held_with(loaded: Conversation, space: type[Space]) -> str:
    """Say which Space an earlier conversation was held with, if another goes on."""
    from ..providers import candidates

    try:
        ((own, _),) = candidates(None, None, loaded)
    except SpaceChatError:  # It names none, or a model that no longer exists.
        name = one_line(loaded.model or "")
        return f"The conversation was held with {name}; " if name else ""
    return "" if own.url == space.url else f"The conversation was held with {display_name(own)}; "

"""The options of a conversation that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from ..option_declaration import Decorator, option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_id(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the conversations whose IDs complete what is typed in a shell, the newest first."""
    from click.shell_completion import CompletionItem

    from ...errors import SpaceChatError
    from .log_folder import log_folder

    try:
        entries = log_folder().entries()
    except (OSError, SpaceChatError):  # The command will tell.
        return []
    return [
        CompletionItem(each.id, help=each.when)
        for each in entries
        if each.id.startswith(incomplete)
    ]


continue_option: Decorator = option(
    "-c", "--continue", "goes_on", is_flag=True, help="Go on with the last conversation."
)
kept_id_option: Decorator = option(
    "--conversation",
    "kept_id",
    metavar="ID",
    shell_complete=complete_id,
    help="Go on with an earlier conversation; `spacechat log` lists them.",
)
no_log_option: Decorator = option("--no-log", is_flag=True, help="Keep nothing of this for -c.")


class LogOptions(TypedDict):
    """The options of a conversation that is kept."""

    goes_on: bool
    kept_id: str | None
    no_log: bool

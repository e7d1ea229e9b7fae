"""`spacechat find`: finds Spaces that can be chatted with now."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from .event_loop import run_loop
from .option_declaration import option, safer_in

if TYPE_CHECKING:
    from ..apps.found import FoundSpace

_WIDEST = 160
"""Columns that lines of a table may have."""


@click.command(short_help="Find Spaces to chat with.")
@option(
    "-n",
    "--limit",
    type=click.IntRange(1, 60),
    default=10,
    show_default=True,
    metavar="N",
    help="How many to list; with --all, of each kind. --json has all others.",
)
@option("--all", "every", is_flag=True, help="List those that can't be chatted with, too, and why.")
@option("--json", "as_json", is_flag=True, help="Print a JSON list of all that is known.")
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to look.",
)
@option(
    "--token",
    metavar="TOKEN",
    help=f"A Hugging Face token for the Hub. {safer_in('HF_TOKEN')}",
)
@click.argument("query", nargs=-1, required=True)
def find(
    query: tuple[str, ...],
    *,
    limit: int,
    every: bool,
    as_json: bool,
    timeout: float,
    token: str | None,
) -> None:
    """Find Spaces that can be chatted with now, the best first.

    QUERY says in a few words what is looked for, such as a model's name. The Hugging Face Hub
    names the Spaces that fit and run. A look at each tells whether one can chat with it, how many
    wait there, and whether it wants you to sign in or uses up a GPU quota.

    The exit status is 1 if there is none.

    \b
    Examples:
      spacechat find "qwen chat"
      spacechat find --limit 3 llama
      spacechat find --all "vision chat"
      spacechat find --json chat | jq -r '.[0].command'
    """
    words = " ".join(query)
    spaces = _find(words, limit, every=every, timeout=timeout, token=token)
    shown = spaces if as_json else _bounded(spaces, limit)
    _show(shown, as_json=as_json)
    if len(shown) < len(spaces):
        _tell_more(len(spaces) - len(shown))
    if not any(each.chat for each in spaces):
        _tell_none(words, every=every)
        raise click.exceptions.Exit(1)
    if not as_json:
        _tell_next(spaces[0])


def _find(
    query: str, limit: int, *, every: bool, timeout: float, token: str | None
) -> Sequence[FoundSpace]:
    """Return the Spaces; a terminal shows meanwhile how far the search is."""
    from ..client.client import AsyncClient
    from .terminal.progress_line import with_progress

    looked_at: list[FoundSpace] = []

    def progress() -> str:
        if not looked_at:
            return f"Asking the Hub for {query!r}"
        chats = sum(each.chat for each in looked_at)
        spaces = "1 Space" if len(looked_at) == 1 else f"{len(looked_at)} Spaces"
        return f"Looked at {spaces}, {chats} can be chatted with"

    async def search() -> Sequence[FoundSpace]:
        async with AsyncClient(token=token) as client:
            return await client.find(
                query, limit, all=every, timeout=timeout, watch=looked_at.append
            )

    try:
        return run_loop(lambda: with_progress(search, progress))
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc


def _bounded(spaces: Sequence[FoundSpace], limit: int) -> Sequence[FoundSpace]:
    """Return the chats, which are bounded already, and the first of the others."""
    others = [each for each in spaces if not each.chat]
    return [*(each for each in spaces if each.chat), *others[:limit]]


def _tell_more(count: int) -> None:
    from .terminal.output import say

    say(f"and {count} more that can't be chatted with now; --limit lists more of them")


def _show(spaces: Sequence[FoundSpace], *, as_json: bool) -> None:
    from ..sanitize import json_line
    from .space_list import listed
    from .terminal.live_lines import size
    from .terminal.output import can_redraw

    if as_json:
        click.echo(json_line([each.to_dict() for each in spaces]))
        return
    width = min(size(sys.stdout)[0], _WIDEST) if sys.stdout.isatty() else sys.maxsize
    styled = can_redraw(sys.stdout) and not os.environ.get("NO_COLOR")
    for line in listed(spaces, width, styled=styled, headed=sys.stdout.isatty()):
        click.echo(line)


def _tell_next(best: FoundSpace) -> None:
    """Say what to type next."""
    from .terminal.output import say

    say(f"\nAsk the first of them:\n  {best.command}")
    say(f"See how it is asked:\n  spacechat inspect {best.id}")


def _tell_none(query: str, *, every: bool) -> None:
    from .terminal.output import report

    why = "" if every else ", or --all, which lists those that can't be, and why"
    report(f"No Space for {query!r} can be chatted with now. Try other words{why}.")

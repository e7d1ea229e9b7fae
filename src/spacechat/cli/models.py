"""`spacechat models`: lists the models that are known by name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from .completion import complete_model
from .event_loop import run_loop
from .option_declaration import option

if TYPE_CHECKING:
    from ..errors import SpaceChatError
    from ..providers import Space
    from ..providers.health import Health

_PATIENCE = 10.0
"""Seconds that a Space has to take a connection, and for any sign of life; twice that in all."""

_GAP = "  "

_WIDEST = 100
"""Columns beyond which lines are hard to read."""


@click.command(short_help="List the models known by name.")
@option("--check", is_flag=True, help="Check whether their Spaces are up.")
@option("--json", "as_json", is_flag=True, help="Print a JSON list of all that is known.")
@click.argument("names", metavar="[MODEL]...", nargs=-1, shell_complete=complete_model)
def models(names: tuple[str, ...], *, check: bool, as_json: bool) -> None:
    """List the models that are known by name, with their Spaces.

    With --check, any model can be named: a Space (owner/name) or a URL, too. It takes twenty
    seconds at the most, and the exit status is 1 unless all of them are up.

    The default model, and aliases such as fast = "owner/name" below [models], stand in the
    settings file: ~/.config/spacechat/config.toml, or where SPACECHAT_CONFIG says.

    \b
    Examples:
      spacechat models
      spacechat models --check
      spacechat models --check owner/name
      spacechat models | cut -d " " -f 1
      spacechat models --json | jq -r '.[].name'
    """
    from ..addresses import without_user
    from ..providers import find
    from ..providers import models as known
    from ..sanitize import json_line, one_line

    for name in names:
        find(name)
    asked = list(names) or known()
    shown = [one_line(without_user(name)) for name in asked]
    spaces = list(map(_space, asked))
    found = _check_all(asked) if check else []
    if as_json:
        states = found or (None for _ in spaces)
        click.echo(json_line(list(map(_as_json, shown, spaces, states))))
    elif check:
        _show_states(shown, found)
    else:
        _show(shown, spaces)
    if any(health.state != "up" for health in found):
        raise click.exceptions.Exit(1)


def _as_json(
    name: str, space: type[Space] | SpaceChatError, health: Health | None
) -> dict[str, object]:
    """Return what is known of a model as a JSON object."""
    known: dict[str, object] = {"name": name}
    if isinstance(space, type):
        known |= {"title": space.title, "url": space.url}
    elif health is None:
        known["detail"] = str(space)
    if health is None:
        return known
    return {**known, "state": health.state, "latency": health.latency, "detail": health.detail}


def _show(names: Sequence[str], spaces: Sequence[type[Space] | SpaceChatError]) -> None:
    """Print a line for each model, or two if one line is too short for any of them."""
    from ..sanitize import one_line
    from .terminal.output import beside

    titles = _aligned([one_line(each.title) if isinstance(each, type) else "" for each in spaces])
    heads = list(map(str.__add__, _aligned(names), titles))
    columns = _columns()
    longest = max(len(each.url) for each in spaces if isinstance(each, type))
    between = "" if len(heads[0]) + longest <= columns else "\n   "
    for head, space in zip(heads, spaces, strict=True):
        if isinstance(space, type):
            click.echo(f"{head.rstrip() if between else head}{between}{space.url}")
        else:
            for line in beside(head, one_line(str(space)), columns):
                click.echo(line)


def _space(name: str) -> type[Space] | SpaceChatError:
    """Return the Space of a model, or why there is none: an alias can stand for anything."""
    from ..errors import SpaceChatError
    from ..providers import find

    try:
        return find(name)
    except SpaceChatError as exc:
        return exc


def _aligned(texts: Sequence[str]) -> list[str]:
    """Return texts of one length, with a gap after each."""
    longest = max(map(len, texts))
    return [text.ljust(longest) + _GAP for text in texts]


def _show_states(names: Sequence[str], found: Sequence[Health]) -> None:
    """Print how the Space of each model is."""
    from ..sanitize import one_line
    from .option_words import error_in_options
    from .terminal.output import beside, say

    columns = _columns()
    for head, health in zip(_aligned(names), found, strict=True):
        latency = "" if health.latency is None else f"{health.latency * 1000:.0f} ms"
        text = one_line(error_in_options(health.detail)) or latency
        for line in beside(f"{head}{health.state:11}{_GAP}", text, columns):
            click.echo(line)
    if all(health.state != "up" for health in found):
        say("\nFind a Space that is up:\n  spacechat find chat")


def _check_all(names: Sequence[str]) -> list[Health]:
    """Return how the Spaces of some models are; a terminal shows meanwhile how many are checked."""
    from ..client.client import AsyncClient
    from ..errors import SpaceChatError
    from ..providers.health import Health
    from ..settings import Timeout
    from ..streaming.tasks import run_together
    from .terminal.progress_line import with_progress

    found: dict[int, Health] = {}

    async def check_all() -> None:
        timeout = Timeout(connect=_PATIENCE, idle=_PATIENCE, total=2 * _PATIENCE)
        async with AsyncClient(retries=0, timeout=timeout) as client:

            async def check(number: int) -> None:
                try:
                    found[number] = await client.check(names[number])
                except SpaceChatError as exc:  # An alias can stand for anything.
                    found[number] = Health(names[number], "", "gone", None, str(exc))

            first, *others = (partial(check, number) for number in range(len(names)))
            await run_together(first, others)

    def progress() -> str:
        return f"Checked {len(found)} of {len(names)} models"

    run_loop(lambda: with_progress(check_all, progress))
    return [found[number] for number in range(len(names))]


def _columns() -> int:
    """Return the columns of a line; a program gets each model on one line."""
    from .terminal.live_lines import size

    return min(size(sys.stdout)[0], _WIDEST) if sys.stdout.isatty() else sys.maxsize

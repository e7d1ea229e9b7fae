"""`spacechat models`: lists the models that are known by name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..errors import SpaceChatError
from .event_loop import run_loop
from .options import option
from .terminal.output import fitted

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from ..client.client import AsyncClient
    from ..providers.health import Health


@click.command(short_help="List the models known by name.")
@option("--check", is_flag=True, help="Check whether their Spaces are up.")
@click.argument("names", metavar="[MODEL]...", nargs=-1)
def models(names: tuple[str, ...], check: bool) -> None:
    """List the models that are known by name, with their Spaces.

    With --check, any model can be named: a Space (owner/name) or a URL, too.

    \b
    Examples:
      spacechat models
      spacechat models --check
      spacechat models --check owner/name
      spacechat models | cut -d " " -f 1
    """
    from ..addresses import without_user
    from ..providers import find
    from ..providers import models as known
    from .terminal.sanitize import one_line

    shown = list(names) or known()
    width = max(len(without_user(name)) for name in shown)
    if check:
        _check(shown, width)
        return
    for name in shown:
        space = find(name)
        click.echo(
            one_line(without_user(name)).ljust(width) + f"  {one_line(space.label)}  {space.url}"
        )


def _check(names: list[str], width: int) -> None:
    import anyio

    from ..addresses import without_user
    from ..client.client import AsyncClient
    from .terminal.sanitize import one_line

    up = True
    failed: list[SpaceChatError | OSError] = []  # A task group would wrap it.

    async def check(client: AsyncClient, name: str, group: TaskGroup) -> None:
        nonlocal up
        try:
            health = await client.check(name)
            up = up and health.state == "up"
            line = f"{one_line(without_user(name)).ljust(width)}  {one_line(_line(health))}"
            click.echo(fitted(line, sys.stdout))
        except (SpaceChatError, OSError) as exc:
            failed.append(exc)
            group.cancel_scope.cancel()

    async def check_all() -> None:
        async with AsyncClient(retries=0) as client, anyio.create_task_group() as group:
            for name in names:
                group.start_soon(check, client, name, group)

    run_loop(check_all)
    if failed:
        raise failed[0]
    if not up:
        raise click.exceptions.Exit(1)


def _line(health: Health) -> str:
    latency = "" if health.latency is None else f"{health.latency * 1000:6.0f} ms"
    return f"{health.state:12}{latency:10}{health.detail}".rstrip()

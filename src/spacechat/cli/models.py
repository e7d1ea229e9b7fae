"""`spacechat models`: the models that are known by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..providers.health import Health


@click.command()
@click.option("--check", is_flag=True, help="Tell whether their Spaces are up.")
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
    from ..providers import find
    from ..providers import models as known
    from .safe import one_line

    shown = list(names) or known()
    width = max(map(len, shown))
    if check:
        _check(shown, width)
        return
    for name in shown:
        space = find(name)
        click.echo(one_line(name).ljust(width) + f"  {one_line(space.label)}  {space.url}")


def _check(names: list[str], width: int) -> None:
    import anyio

    from ..client import AsyncClient
    from .safe import one_line

    up = True

    async def check(client: AsyncClient, name: str) -> None:
        nonlocal up
        health = await client.check(name)
        up = up and health.state == "up"
        click.echo(f"{one_line(name).ljust(width)}  {one_line(_told(health))}")

    async def check_all() -> None:
        async with AsyncClient(retries=0) as client, anyio.create_task_group() as group:
            for name in names:
                group.start_soon(check, client, name)

    anyio.run(check_all)
    if not up:
        raise click.exceptions.Exit(1)


def _told(health: Health) -> str:
    latency = "" if health.latency is None else f"{health.latency * 1000:6.0f} ms"
    return f"{health.state:8}{latency:10}{health.detail}".rstrip()

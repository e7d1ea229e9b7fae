"""`spacechat inspect`: shows how an app would be chatted with, and its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .event_loop import run_loop
from .options import option
from .words import call_line

if TYPE_CHECKING:
    from ..apps.app_view import AppView


@click.command()
@click.argument("model", metavar="URL")
@option("--endpoint", metavar="NAME", help="A function that must have a part in it.")
@option("--output", metavar="LABEL", help="Where the answer is to be read.")
@option("--auth", metavar="USER:PASSWORD", help="For an app that has a login of its own.")
@option("--token", metavar="TOKEN", help="A Hugging Face token for the Space.")
def inspect(
    model: str, endpoint: str | None, output: str | None, auth: str | None, token: str | None
) -> None:
    """Show how the Gradio app at URL (or the Space owner/name) would be chatted with, and why.

    After that come its functions, each with what it takes and a command that calls it.

    \b
    Examples:
      spacechat inspect http://localhost:7860
      spacechat inspect owner/name
      spacechat inspect http://localhost:7860 --endpoint /answer
    """
    from ..apps import Inspection
    from ..client.client import AsyncClient
    from .terminal.sanitize import harmless

    async def look() -> tuple[Inspection, AppView]:
        async with AsyncClient(token=token) as client:
            inspection = await client.inspect(
                model, endpoint=_number_or_name(endpoint), output=output, auth=pair(auth)
            )
            app = await client.app(model, auth=pair(auth))
            return inspection, app.view()

    inspection, view = run_loop(look)
    click.echo(harmless(str(inspection)))
    click.echo(harmless(_functions(model, view)))
    wants_chat = endpoint is not None or output is not None or not view.endpoints
    if wants_chat and not inspection.is_chat:
        raise click.exceptions.Exit(1)


def _functions(url: str, view: AppView) -> str:
    """Return the functions that an app lists: what each does, and a command that calls it."""
    lines = ["", "Functions, and how to call them"] if view.endpoints else []
    for each in view.endpoints.values():
        lines += ["", f"  {each}"]
        lines += [f"      {line}" for line in each.description.splitlines()[:3]]
        lines.append(f"      {call_line(url, each)}")
    return "\n".join(lines)


def _number_or_name(endpoint: str | None) -> str | int | None:
    return int(endpoint) if endpoint is not None and endpoint.isdecimal() else endpoint


def pair(auth: str | None) -> tuple[str, str] | None:
    """Return the user and the password of a login.

    Raises:
        UsageError: There is no colon between them.
    """
    if auth is None:
        return None
    user, colon, password = auth.partition(":")
    if not colon:
        raise click.UsageError("--auth takes a user and a password, as in ada:secret.")
    return user, password

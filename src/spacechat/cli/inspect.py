"""`spacechat inspect`: shows how an app would be chatted with."""

from __future__ import annotations

import click

from .event_loop import run_loop
from .options import option


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

    \b
    Examples:
      spacechat inspect http://localhost:7860
      spacechat inspect owner/name
      spacechat inspect http://localhost:7860 --endpoint /answer
    """
    from ..apps import Inspection
    from ..client.client import AsyncClient
    from .terminal.sanitize import harmless

    async def look() -> Inspection:
        async with AsyncClient(token=token) as client:
            return await client.inspect(
                model, endpoint=_number_or_name(endpoint), output=output, auth=pair(auth)
            )

    inspection = run_loop(look)
    click.echo(harmless(str(inspection)))
    if not inspection.is_chat:
        raise click.exceptions.Exit(1)


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

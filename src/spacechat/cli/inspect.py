"""`spacechat inspect`: shows how an app would be chatted with, and its functions."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..errors import AuthenticationError
from .event_loop import run_loop
from .options import option

if TYPE_CHECKING:
    from .function_list import FunctionList


@click.command()
@click.argument("model", metavar="URL")
@option("--endpoint", metavar="NAME", help="A function that must have a part in the chat.")
@option("--output", metavar="LABEL", help="Where the answer of the chat is to be read.")
@option("--json", "as_json", is_flag=True, help="Print what is known as one JSON object.")
@option("--auth", metavar="USER:PASSWORD", help="For an app that has a login of its own.")
@option(
    "--token",
    metavar="TOKEN",
    help="A Hugging Face token for the Space; others see less of it in HF_TOKEN.",
)
def inspect(
    model: str,
    *,
    endpoint: str | None,
    output: str | None,
    as_json: bool,
    auth: str | None,
    token: str | None,
) -> None:
    """Show how to chat with a Gradio app, and how to call its functions.

    URL is the app's address, or the Space's owner/name.

    First comes how one would chat with it, if one can, and why so; then its functions: what each
    takes and returns, the components that these are on the page (--output takes their labels or
    numbers), and a command to copy that calls it.

    The exit status is 0 if there is a chat or a function, and 1 if there is none. With --endpoint
    or --output, it is 0 only for a chat.

    \b
    Examples:
      spacechat inspect http://localhost:7860
      spacechat inspect owner/name
      spacechat inspect http://localhost:7860 --endpoint /answer
      spacechat inspect --json owner/name | jq -r '.endpoints[].name'
    """
    from ..client.client import AsyncClient
    from .app_cache import remember_apps
    from .function_list import FunctionList
    from .terminal.output import columns
    from .terminal.sanitize import harmless, json_line

    async def look() -> FunctionList:
        async with AsyncClient(token=token) as client:
            inspection = await client.inspect(
                model, endpoint=_number_or_name(endpoint), output=output, auth=pair(auth)
            )
            app = await client.app(model, auth=pair(auth))
            return FunctionList(
                model, inspection, app.view(), app.endpoints, needs_login=auth is not None
            )

    remember_apps()
    with login_errors():
        found = run_loop(look)
    width = columns(sys.stdout)
    text = json_line(found.json()) if as_json else "\n".join(found.lines(width))
    click.echo(harmless(text))
    wants_chat = endpoint is not None or output is not None or not found.view.endpoints
    if wants_chat and not found.inspection.is_chat:
        raise click.exceptions.Exit(1)


def _number_or_name(endpoint: str | None) -> str | int | None:
    return int(endpoint) if endpoint is not None and endpoint.isdecimal() else endpoint


@contextlib.contextmanager
def login_errors() -> Iterator[None]:
    """Make an error of the block that asks for a login name the option for it."""
    try:
        yield
    except AuthenticationError as exc:
        words = str(exc).replace("auth=(user, password)", "--auth USER:PASSWORD")
        raise AuthenticationError(words) from exc


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

"""`spacechat inspect`: shows how an app would be chatted with, and its functions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .completion import complete_model
from .event_loop import run_loop
from .option_declaration import option
from .options import (
    auth_option,
    endpoint_option,
    login,
    output_option,
    token_option,
)

if TYPE_CHECKING:
    from .function_list import FunctionList


@click.command(short_help="Show how to ask and call an app.")
@click.argument("model", metavar="URL", shell_complete=complete_model)
@endpoint_option
@output_option
@option("--json", "as_json", is_flag=True, help="Print what is known as one JSON object.")
@option("-v", "--verbose", is_flag=True, help="Say how a question goes through the app, and why.")
@auth_option
@token_option
def inspect(
    model: str,
    *,
    endpoint: str | int | None,
    output: str | None,
    as_json: bool,
    verbose: bool,
    auth: tuple[str, str] | None,
    token: str | None,
) -> None:
    """Show how to chat with a Gradio app, and how to call its functions.

    URL is the app's address, or the Space's owner/name.

    First comes how one asks it, if one can, and its settings; then its functions: what each takes
    and returns, the components that these are on the page (--output takes their labels or
    numbers), and a command to copy that calls it. -v adds the steps of a question, why they were
    chosen, and functions that the app does not list.

    The exit status is 0 if there is a chat or a function, and 1 if there is none. With --endpoint
    or --output, it is 0 only for a chat.

    \b
    Examples:
      spacechat inspect http://localhost:7860
      spacechat inspect owner/name
      spacechat inspect owner/name --endpoint /answer
      spacechat inspect --json owner/name | jq .endpoints
    """
    from ..addresses import with_user
    from ..client.client import AsyncClient
    from ..sanitize import harmless, json_line
    from .app_cache import remember_apps
    from .function_list import FunctionList
    from .terminal.output import columns

    user = login(auth)
    try:
        client = AsyncClient(token=token)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc

    async def look() -> FunctionList:
        async with client:
            inspection = await client.inspect(model, endpoint=endpoint, output=output, auth=user)
            app = await client.app(model, auth=user)
            return FunctionList(
                with_user(model, "USER:PASSWORD"),
                inspection,
                app.view(),
                app.endpoints,
                options=_options(endpoint, output),
                needs_login=user is not None,
            )

    remember_apps()
    found = run_loop(look)
    width = columns(sys.stdout)
    text = (
        json_line(found.json()) if as_json else "\n".join(found.lines(width, is_brief=not verbose))
    )
    click.echo(harmless(text))
    wants_chat = endpoint is not None or output is not None or not found.view.endpoints
    if wants_chat and not found.inspection.is_chat:
        raise click.exceptions.Exit(1)


def _options(endpoint: str | int | None, output: str | None) -> list[str]:
    """Return the options that choose a way to chat, as they are typed."""
    given = {"--endpoint": endpoint, "--output": output}
    return [word for name, each in given.items() if each is not None for word in (name, str(each))]

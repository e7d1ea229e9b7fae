"""`spacechat serve`: serves the OpenAI API, answered by Spaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from ..addresses import full_address, without_user
from ..sanitize import one_line
from .completion import complete_model
from .option_declaration import option, safer_in
from .option_words import error_in_options
from .options import auth_option, login
from .serving import host_option, port_option, until_stopped
from .terminal.output import say

_MOVED = {
    "openai": "serve serves the OpenAI API by itself now: leave --openai out.",
    "shape": "The local Space has a command of its own now: spacechat serve-local --shape SHAPE.",
    "delay": "The local Space has a command of its own now: spacechat serve-local --delay SECONDS.",
}
"""Options of earlier versions, and what to type now."""


def _refuse(_ctx: click.Context, param: click.Parameter, given: object) -> None:
    if given:
        raise click.UsageError(_MOVED[param.name or ""])


def _moved(name: str, *, is_flag: bool = False) -> click.Option:
    return click.Option(
        [f"--{name}"], is_flag=is_flag, hidden=True, expose_value=False, callback=_refuse
    )


@click.command(
    short_help="Serve the OpenAI API, answered by Spaces.",
    params=[_moved("openai", is_flag=True), _moved("shape"), _moved("delay")],
)
@option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="[NAME=]MODEL",
    shell_complete=complete_model,
    help="A model that may be asked for, by its own name or by NAME; again for more. Without it, "
    "any may be.",
)
@option(
    "--api-key",
    envvar="SPACECHAT_API_KEY",
    metavar="KEY",
    help=f"What requests must bring. {safer_in('SPACECHAT_API_KEY')}",
)
@auth_option
@host_option
@port_option(8000)
def serve(
    *,
    models: tuple[str, ...],
    api_key: str | None,
    auth: tuple[str, str] | None,
    host: str,
    port: int,
) -> None:
    """Serve the OpenAI API until Ctrl-C, answered by any Spaces.

    Programs that speak that API take its address, http://127.0.0.1:8000/v1, most of them from
    OPENAI_BASE_URL, and ask a model by its name there. MODEL is a model's name, a Space
    (owner/name) or a URL.

    A login (--auth, or SPACECHAT_AUTH) goes to the app that -m names by its address or its Space's
    id, and to no other; so -m may name one such app only then.

    \b
    Examples:
      spacechat serve
      spacechat serve -m qwen-2.5 -m owner/name
      spacechat serve -m gpt-4o=owner/name
      spacechat serve -m fast=localhost:7860 --port 9000
      SPACECHAT_API_KEY=secret spacechat serve --host 0.0.0.0
    """
    from ..openai import Server
    from .shown_log import shown_log

    named = _named(models)
    user = login(auth) if auth is not None or _name_apps(named.values()) else None
    try:
        server = Server(models=named or None, auth=user, api_key=api_key, host=host, port=port)
    except ValueError as exc:
        raise click.UsageError(error_in_options(str(exc))) from exc
    with shown_log(), until_stopped(server):
        say(f"The OpenAI API is at {server.url} (Ctrl-C stops it).")
        if named:
            say(one_line(f"Models: {', '.join(map(without_user, named))}."))
        else:
            say(
                "Clients may ask for any Space or address. To allow only some, name them: "
                "spacechat serve -m MODEL."
            )


def _name_apps(models: Iterable[str]) -> bool:
    """Return whether any model names an app, which the environment's login may be for."""
    from ..providers import GradioChat, find

    return any(issubclass(find(model), GradioChat) for model in models)


def _named(models: Sequence[str]) -> dict[str, str]:
    """Return the models by the names under which they are asked for.

    Raises:
        UsageError: A name is given twice, or a name or a model is empty.
    """
    named: dict[str, str] = {}
    for given in models:
        name, equals, model = map(str.strip, given.partition("="))
        # An address may have such a sign, too.
        if not equals or ":" in name or "?" in name or full_address(name):
            name = model = given.strip()
        if not name or not model:
            raise click.UsageError(f"-m takes MODEL or NAME=MODEL, not {without_user(given)!r}.")
        if name in named:
            raise click.UsageError(f"-m names {without_user(name)!r} twice.")
        named[name] = model
    return named

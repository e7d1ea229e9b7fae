"""Options of commands: how one is declared, and those that several commands have."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click

from ..login import LOGIN, environment_login, parse_login
from .completion import complete_model, complete_path
from .conversation_log.options import (
    LogOptions,
    continue_option,
    kept_id_option,
    no_log_option,
)
from .option_declaration import Decorator, Seconds, option, safer_in

NAMED = ("-o", "--option")
"""The option that takes two words, in all its commands."""

_JOINED = re.compile(r"[^=]*[^\s=<>!~]=[^\s=].*", re.DOTALL)
"""A name and its value in one word."""

_F = TypeVar("_F", bound=Callable[..., Any])


def _login(
    _ctx: click.Context, _param: click.Parameter, given: str | None
) -> tuple[str, str] | None:
    return None if given is None else parse_login("--auth", given)


def _number_or_name(
    _ctx: click.Context, _param: click.Parameter, given: str | None
) -> str | int | None:
    return int(given) if given is not None and given.isdecimal() else given


def two_words(
    _ctx: click.Context, _param: click.Parameter, given: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Check names and values that are given in two words each; one takes what follows with it."""
    for name, _ in given:
        if _JOINED.fullmatch(name):
            raise click.UsageError(in_two_words(name))
    return given


def in_two_words(name: str) -> str:
    """Return what is wrong with an option `-o` of only one word, and what to type."""
    if _JOINED.fullmatch(name):
        return f"-o takes two words: -o {' '.join(map(shlex.quote, name.split('=', 1)))}."
    return f"-o takes two words, a name and a value: -o {shlex.quote(name)} VALUE."


named_option: Decorator = option(
    *NAMED,
    "named",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    callback=two_words,
    help="A setting of the app, such as -o Temperature 0.5; again for more.",
)
attached_option: Decorator = option(
    "-a",
    "--attachment",
    "attached",
    multiple=True,
    metavar="FILE",
    shell_complete=complete_path,
    help="A file for the question: a path, a URL, or - for standard input.",
)
folder_option: Decorator = option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Save the files that come back there.",
)
endpoint_option: Decorator = option(
    "--endpoint",
    callback=_number_or_name,
    metavar="NAME",
    help="The function that answers, where it isn't found.",
)
output_option: Decorator = option(
    "--output", metavar="LABEL", help="Where the answer is read, where that isn't found."
)
auth_option: Decorator = option(
    "--auth",
    callback=_login,
    metavar="USER:PASSWORD",
    help=f"For an app with a login of its own. {safer_in(LOGIN)}",
)
token_option: Decorator = option(
    "--token",
    metavar="TOKEN",
    help=f"A Hugging Face token for the Space. {safer_in('HF_TOKEN')}",
)
sign_in_option: Decorator = option(
    "--sign-in",
    is_flag=True,
    help="Give the token to an app that wants you to sign in with Hugging Face.",
)
timeout_option: Decorator = option(
    "--timeout",
    type=Seconds(min=0, min_open=True),
    metavar="SECONDS",
    help="How long to wait for a connection, and for any sign of life.",
)
system_option: Decorator = option("-s", "--system", metavar="TEXT", help="The system message.")
url_option: Decorator = option(
    "--url",
    metavar="URL",
    help="Ask the app there; with -m, a copy of that model's Space.",
)

local_option: Decorator = option(
    "--local", is_flag=True, help="Ask a local Space: no network needed."
)


class AppOptions(TypedDict):
    """The options that `asks_app` adds to a command: those of a question to any app."""

    attached: tuple[str, ...]
    named: tuple[tuple[str, str], ...]
    endpoint: str | int | None
    output: str | None
    auth: tuple[str, str] | None
    token: str | None
    sign_in: bool


class Options(AppOptions, LogOptions):
    """The options that `asks` adds to a command."""

    model: str | None
    system: str | None
    folder: Path | None
    url: str | None
    local: bool
    timeout: float | None
    plain: bool
    verbose: bool


def asks_app(command: _F) -> _F:
    """Add the options of a question to any app."""
    for add in reversed(
        (
            attached_option,
            named_option,
            endpoint_option,
            output_option,
            auth_option,
            token_option,
            sign_in_option,
        )
    ):
        command = add(command)
    return command


def asks(command: _F) -> _F:
    """Add the options of a command that asks a Space."""
    model = option(
        "-m",
        "--model",
        metavar="MODEL",
        shell_complete=complete_model,
        help="A model's name (see `spacechat models`), a Space (owner/name) or a URL.  "
        "[env var: SPACECHAT_MODEL]",
    )
    plain = option("--plain", is_flag=True, help="Show the text as it is, not as Markdown.")
    verbose = option("-v", "--verbose", is_flag=True, help="Report afterwards how long it took.")
    for add in reversed(
        (
            model,
            url_option,
            local_option,
            system_option,
            continue_option,
            kept_id_option,
            no_log_option,
            asks_app,
            folder_option,
            timeout_option,
            plain,
            verbose,
        )
    ):
        command = add(command)
    return command


def login(given: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the login that was given with `--auth`, or else the environment's.

    Raises:
        InputsError: There is no colon in the environment's.
    """
    return environment_login() if given is None else given

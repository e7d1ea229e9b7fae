"""Options of commands: how one is declared, and those that several commands have."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from ..errors import SettingsFileError

if TYPE_CHECKING:
    from click.core import ParameterSource
    from click.shell_completion import CompletionItem

LOGIN = "SPACECHAT_AUTH"
"""The environment's variable for the login of an app."""

_F = TypeVar("_F", bound=Callable[..., Any])


class _Once(click.Option):
    """An option that is given once; click would silently drop the first of two values."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Make the parser keep every value."""
        several = self.multiple
        self.multiple = several or not self.is_flag
        try:
            super().add_to_parser(parser, ctx)
        finally:
            self.multiple = several

    def consume_value(
        self, ctx: click.Context, opts: Mapping[str, Any]
    ) -> tuple[Any, ParameterSource]:
        """Return the option's only value.

        Raises:
            UsageError: There is more than one.
        """
        given = opts.get(self.name or "")
        if isinstance(given, list) and not self.multiple:
            if len(given) > 1:
                raise click.UsageError(
                    f"{' / '.join(self.opts)} is given {len(given)} times; give it once.", ctx
                )
            opts = {**opts, self.name or "": given[0]}
        return super().consume_value(ctx, opts)

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what follows the help; the range of a number goes without saying."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


def option(*names: str, **settings: Any) -> Callable[[_F], _F]:
    """`click.option`, but an error if it is given twice, unless it is `multiple`."""
    return click.option(*names, cls=_Once, **settings)


def _login(
    _ctx: click.Context, _param: click.Parameter, given: str | None
) -> tuple[str, str] | None:
    return None if given is None else _pair("--auth", given)


def _number_or_name(
    _ctx: click.Context, _param: click.Parameter, given: str | None
) -> str | int | None:
    return int(given) if given is not None and given.isdecimal() else given


named_option = option(
    "-o",
    "--option",
    "named",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="A setting of the app, such as -o Temperature 0.5; again for more.",
)
attached_option = option(
    "-a",
    "--attachment",
    "attached",
    multiple=True,
    metavar="FILE",
    help="A file for the question: a path, a URL, or - for standard input.",
)
folder_option = option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Save the files that come back there.",
)
endpoint_option = option(
    "--endpoint",
    callback=_number_or_name,
    metavar="NAME",
    help="The function that answers, where it isn't found.",
)
output_option = option(
    "--output", metavar="LABEL", help="Where the answer is read, where that isn't found."
)
auth_option = option(
    "--auth",
    callback=_login,
    metavar="USER:PASSWORD",
    help=f"For an app with a login of its own; others see less of it in {LOGIN}.",
)
token_option = option(
    "--token",
    metavar="TOKEN",
    help="A Hugging Face token for the Space; others see less of it in HF_TOKEN.",
)
sign_in_option = option(
    "--sign-in",
    is_flag=True,
    help="Give the token to an app that wants you to sign in with Hugging Face.",
)
timeout_option = option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long to wait for a connection, and for any sign of life.",
)
system_option = option("-s", "--system", metavar="TEXT", help="What the model is told beforehand.")
url_option = option(
    "--url",
    metavar="URL",
    help="Ask the app there; with -m, a copy of that model's Space.",
)

local_option = option("--local", is_flag=True, help="Ask a local Space: no network needed.")


continue_option = option(
    "-c", "--continue", "goes_on", is_flag=True, help="Go on with the last conversation."
)
kept_id_option = option(
    "--conversation",
    "kept_id",
    metavar="ID",
    help="Go on with an earlier conversation; `spacechat log` lists them.",
)
no_log_option = option("--no-log", is_flag=True, help="Keep nothing of this for -c.")


class LogOptions(TypedDict):
    """The options of a conversation that is kept."""

    goes_on: bool
    kept_id: str | None
    no_log: bool


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
        help="A model's name (see `spacechat models`), a Space (owner/name) or a URL.",
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
        UsageError: There is no colon in the environment's.
    """
    words = os.environ.get(LOGIN)
    return given if given is not None or not words else _pair(LOGIN, words)


def _pair(source: str, words: str) -> tuple[str, str]:
    user, colon, password = words.partition(":")
    if not colon:
        raise click.UsageError(f"{source} takes a user and a password, as in ada:secret.")
    return user, password


def complete_model(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the models whose names complete what is typed in a shell."""
    from click.shell_completion import CompletionItem

    from ..addresses import without_user
    from ..preferences import load
    from ..providers import PROVIDERS

    known = {name: provider.label for provider in PROVIDERS for name in provider.models}
    with contextlib.suppress(SettingsFileError):  # The command will tell.
        known |= {name: without_user(meant) for name, meant in load().models.items()}
    return [
        CompletionItem(name, help=label)
        for name, label in known.items()
        if name.startswith(incomplete)
    ]

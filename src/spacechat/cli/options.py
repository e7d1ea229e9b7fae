"""Options of commands: how one is declared, and those of every command that asks a Space."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from ..errors import SettingsFileError

if TYPE_CHECKING:
    from click.core import ParameterSource
    from click.shell_completion import CompletionItem

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


def option(*names: str, **settings: Any) -> Callable[[_F], _F]:
    """`click.option`, but an error if it is given twice, unless it is `multiple`."""
    return click.option(*names, cls=_Once, **settings)


class Options(TypedDict):
    """The options that `asks` adds to a command."""

    model: str | None
    system: str | None
    url: str | None
    local: bool
    token: str | None
    sign_in: bool
    timeout: float | None
    plain: bool
    verbose: bool


def asks(command: _F) -> _F:
    """Add the options of a command that asks a Space."""
    for add in (
        option("-v", "--verbose", is_flag=True, help="Report afterwards how long it took."),
        option("--plain", is_flag=True, help="Show the text as it is, not as Markdown."),
        option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="How long to wait for a connection, and for any sign of life.",
        ),
        option(
            "--token",
            metavar="TOKEN",
            help="A Hugging Face token for the Space; others see less of it in HF_TOKEN.",
        ),
        option(
            "--sign-in",
            is_flag=True,
            help="Give the token to an app that wants you to sign in with Hugging Face.",
        ),
        option("--local", is_flag=True, help="Ask a local Space: no network needed."),
        option(
            "--url",
            metavar="URL",
            help="Ask the Gradio app there; with -m, a copy of that model's Space.",
        ),
        option("-s", "--system", metavar="TEXT", help="What the model is told beforehand."),
        option(
            "-m",
            "--model",
            metavar="MODEL",
            shell_complete=complete_model,
            help="A model's name (see `spacechat models`), a Space (owner/name) or a URL.",
        ),
    ):
        command = add(command)
    return command


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

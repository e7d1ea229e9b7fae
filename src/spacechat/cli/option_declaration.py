"""How a command's option is declared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from click.core import ParameterSource

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


class WholeNumber(click.IntRange):
    """A whole number; click would call it an integer range in errors."""

    name = "whole number"


class Seconds(click.FloatRange):
    """A number of seconds."""

    name = "number of seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number.

        Raises:
            BadParameter: It is none, or out of range.
        """
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return found


class Decorator(Protocol):
    """Adds an option to a command."""

    def __call__(self, command: _F, /) -> _F:
        """Return the command with the option."""
        ...


def option(*names: str, **settings: Any) -> Decorator:
    """`click.option`, but an error if it is given twice, unless it is `multiple`."""
    return click.option(*names, cls=_Once, **settings)


def safer_in(variable: str) -> str:
    """Return where a secret is safer than in an option, for the option's help."""
    return f"Safer in {variable}: other users can see a command line."

"""The options of a question to any app, as `-a`, `-o`, `--auth` and others give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from .options import login
from .target import display_name
from .terminal.piped_input import PIPE, read_piped_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..apps.files import FileLike
    from ..apps.options import ChatOptions
    from ..providers import Space
    from .options import AppOptions


class InspectOptions(TypedDict):
    """The options of an inspection: how an app is asked."""

    endpoint: str | int | None
    output: str | int | None
    auth: tuple[str, str] | None


_FLAGS = {
    "attached": "-a",
    "named": "-o",
    "endpoint": "--endpoint",
    "output": "--output",
    "auth": "--auth",
    "sign_in": "--sign-in",
}
"""The options, as they are typed."""


def check_taken(options: AppOptions, space: type[Space]) -> None:
    """Check that a Space takes the options that were given.

    Raises:
        UsageError: It is a Space that is known by name, which takes none of them; the message says
            what it takes.
    """
    check_any_app([flag for name, flag in _FLAGS.items() if options.get(name)], space)


def check_any_app(given: Sequence[str], space: type[Space]) -> None:
    """Check that a Space takes what questions to any app may have.

    Args:
        given: The options or commands that give it, as they are typed.
        space: The Space.

    Raises:
        UsageError: It is a Space that is known by name, which takes none of them; the message says
            what it takes.
    """
    from ..providers import GradioChat

    if given and not issubclass(space, GradioChat):
        raise click.UsageError(
            f"{display_name(space)} takes no {' and no '.join(given)}: it takes -s, --url, --token "
            f"and --timeout. {given[0]} is for an app named by its URL or its Space's id, as in "
            f"-m {space.url}."
        )


def takes_pipe(options: AppOptions) -> bool:
    """Return whether standard input is a file or a setting.

    Raises:
        UsageError: It would be several.
    """
    words = [*options["attached"], *(word for _, word in options["named"])]
    if words.count(PIPE) > 1:
        raise click.UsageError("- is standard input, which can be one file or one setting only.")
    return PIPE in words


def open_attached(words: Sequence[str]) -> list[FileLike]:
    """Return the files that `-a` names: paths, URLs, and the content of standard input."""
    return [read_piped_file() if word == PIPE else word for word in words]


def app_options(options: AppOptions, space: type[Space]) -> ChatOptions:
    """Return the options as the library takes them, but for files and inputs.

    A Space that is known by name gets none, as the environment's login is not meant for it.

    Raises:
        UsageError: The environment's login is malformed.
    """
    from ..providers import GradioChat

    given: ChatOptions = {}
    if not issubclass(space, GradioChat):
        return given
    if options["endpoint"] is not None:
        given["endpoint"] = options["endpoint"]
    if options["output"] is not None:
        given["output"] = options["output"]
    if options["sign_in"]:
        given["sign_in"] = True
    auth = login(options["auth"])
    if auth is not None:
        given["auth"] = auth
    return given


def inspect_options(given: ChatOptions) -> InspectOptions:
    """Return the options of the inspection that says what a question's inputs are."""
    return {
        "endpoint": given.get("endpoint"),
        "output": given.get("output"),
        "auth": given.get("auth"),
    }

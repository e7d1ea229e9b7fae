"""The options of a question to any app, as `-a`, `-o`, `--auth` and others give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .options import login
from .target import display_name
from .terminal.piped_input import PIPE, read_piped_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..apps.files import FileLike
    from ..apps.options import ChatOptions, InspectOptions
    from ..providers import Space
    from .options import AppOptions


_FLAGS = {
    "files": "-a",
    "inputs": "-o",
    "endpoint": "--endpoint",
    "output": "--output",
    "auth": "--auth",
    "sign_in": "--sign-in",
}
"""The options of a question as the library names them, each as it is typed."""

_ALWAYS = ("-s", "--url", "--token", "--timeout")
"""Options that go with every Space."""


def check_options(options: AppOptions, space: type[Space]) -> None:
    """Check that a Space takes the options that were given.

    Raises:
        UsageError: It is a Space that is known by name, and doesn't take one; the message says what
            it takes.
    """
    values = {"files": options["attached"], "inputs": options["named"], **options}
    check_taken({name: flag for name, flag in _FLAGS.items() if values[name]}, space)


def check_taken(given: Mapping[str, str], space: type[Space]) -> None:
    """Check that a Space takes options of a question.

    Args:
        given: The options as the library names them, each as it is typed: by an option or a
            command.
        space: The Space.

    Raises:
        UsageError: It is a Space that is known by name, and doesn't take one; the message says what
            it takes.
    """
    taken = _taken(space)
    refused = [typed for name, typed in given.items() if name not in taken]
    if refused:
        *first, last = (*_ALWAYS, *taken.values())
        raise click.UsageError(
            f"{display_name(space)} takes no {' and no '.join(refused)}: it takes "
            f"{', '.join(first)} and {last}. {refused[0]} is for an app named by its URL or its "
            f"Space's id, as in -m {space.url}."
        )


def _taken(space: type[Space]) -> Mapping[str, str]:
    """Return which of the options a Space takes, each as it is typed."""
    return {name: flag for name, flag in _FLAGS.items() if name in space.takes}


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

    They are checked already, but for the environment's login, which a Space that is known by name
    doesn't get.

    Raises:
        InputsError: The environment's login is malformed.
    """
    given: ChatOptions = {}
    if options["endpoint"] is not None:
        given["endpoint"] = options["endpoint"]
    if options["output"] is not None:
        given["output"] = options["output"]
    if options["sign_in"]:
        given["sign_in"] = True
    auth = login(options["auth"]) if "auth" in _taken(space) else None
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

"""What `llm` calls: the plugin's models, and its commands.

It is loaded whenever `llm` runs, so it loads nothing of the library that speaks HTTP.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import click
import llm

from ..addresses import without_user
from ..errors import SettingsFileError
from ..sanitize import one_line
from . import saved
from .models import PREFIX, AsyncSpaceModel, SpaceModel
from .names import wanted
from .saved import SavedSpace


@llm.hookimpl
def register_models(register: Callable[..., None]) -> None:
    """Register the saved Spaces, and those that are about to be looked up."""
    spaces = {each.name: each for each in _saved()}
    for name in dict.fromkeys([*spaces, *wanted()]):
        space = spaces.get(name)
        aliases = [] if space is None else [*space.aliases]
        if name != without_user(name):
            aliases.append(PREFIX + name)
        register(SpaceModel(name, space), AsyncSpaceModel(name, space), aliases=aliases)


@llm.hookimpl
def register_commands(cli: click.Group) -> None:
    """Add the commands `llm space …`."""
    from .commands import space

    cli.add_command(space)


def _saved() -> list[SavedSpace]:
    """Return the saved Spaces; a damaged file keeps nobody from using other models."""
    try:
        return saved.load()
    except SettingsFileError as exc:
        _say_once(one_line(str(exc)))
        return []


@functools.cache
def _say_once(text: str) -> None:
    click.echo(text, err=True)

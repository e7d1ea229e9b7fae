"""What the Tab key completes in a shell: names of models, and paths."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..errors import SettingsFileError

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def complete_path(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Have the shell complete a path."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_model(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the models whose names complete what is typed in a shell."""
    from click.shell_completion import CompletionItem

    from ..addresses import without_user
    from ..preferences import load
    from ..providers import PROVIDERS

    known = {name: provider.title for provider in PROVIDERS for name in provider.models}
    with contextlib.suppress(SettingsFileError):  # The command will tell.
        known |= {name: without_user(meant) for name, meant in load().models.items()}
    return [
        CompletionItem(name, help=label)
        for name, label in known.items()
        if name.startswith(incomplete)
    ]

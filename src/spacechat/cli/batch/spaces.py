"""The Spaces that a batch asks, as `-m`, `--url` and `--local` name them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from ..target import check_target, default_name

if TYPE_CHECKING:
    from ...providers import Space
    from .journal import Journal


def providers(
    models: tuple[str, ...], url: str | None, local: contextlib.ExitStack | None
) -> list[type[Space]] | None:
    """Return the providers that ask, or None for those that have the models.

    Args:
        models: The values of `-m`.
        url: The value of `--url`, or None.
        local: Where local Spaces run, or None without `--local`.

    Raises:
        UsageError: The options contradict each other.
    """
    from ...local import LocalSpace
    from ...providers import PROVIDERS, GradioChat, find

    if url is not None and len(models) > 1:
        raise click.UsageError("--url goes with one model; -m takes several URLs.")
    check_target(models, url, local=local is not None)
    named = [find(model) for model in models]
    if local is not None:
        spaces = [
            (provider, local.enter_context(LocalSpace(provider.models[0])))
            for provider in named or PROVIDERS[:1]
        ]
        return [provider.at(space.url) for provider, space in spaces]
    if url is not None:
        return [(named[0] if named else GradioChat).at(url)]
    return None


def asked(models: tuple[str, ...], providers: list[type[Space]] | None) -> list[type[Space]]:
    """Return the providers that are asked, those that have the models among them."""
    from ...providers import candidates
    from ...providers.registry import is_open, pinned_in_turn

    if providers is not None:
        return providers
    nobody = not models and is_open()
    whom = pinned_in_turn() if nobody else candidates(models or None, None)
    return [space for space, _ in whom]


def address(models: tuple[str, ...], url: str | None, asked: list[type[Space]]) -> str:
    """Return the text by which the first of the apps is named, perhaps with a user in it."""
    return url or (models[0] if models else default_name()) or asked[0].url


def check_default(target: str, journal: Journal, urls: list[str]) -> None:
    """Check that the default Spaces were asked for all earlier results, if options name none.

    Args:
        target: The output.
        journal: The earlier results.
        urls: The addresses of the Spaces that are asked.

    Raises:
        SpaceChatError: They are not, so the rest may be meant for another Space, too.
    """
    from ...errors import SpaceChatError

    others = journal.asked - {frozenset(urls)}
    if others:
        named = ", ".join(sorted(frozenset().union(*others))) or "a Space that it doesn't name"
        raise SpaceChatError(
            f"{target} has results of {named}: say by -m, --url or --local who is asked for the "
            "rest."
        )

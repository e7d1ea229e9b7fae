"""The table of the models that are known by name, and the providers that names stand for."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Sequence
from typing import TypeVar

from .. import markup
from ..addresses import without_user
from ..apps.hub import hub_url, space_id
from ..errors import ModelNotFoundError
from ..messages import Conversation
from .base import AsyncAskable, AsyncProvider
from .gradio_chat import GradioChat
from .qwen_2_5 import Qwen_Qwen_2_5
from .qwen_2_5_1m import Qwen_Qwen_2_5M
from .qwen_2_5_max import Qwen_Qwen_2_5_Max
from .qwen_2_72b import Qwen_Qwen_2_72B
from .space import Space

PROVIDERS: tuple[type[AsyncProvider], ...] = (
    Qwen_Qwen_2_72B,
    Qwen_Qwen_2_5,
    Qwen_Qwen_2_5_Max,
    Qwen_Qwen_2_5M,
)
"""Every provider of a pinned Space."""

DEFAULT: type[AsyncProvider] = Qwen_Qwen_2_5
"""The provider that answers if neither a model nor a provider is named."""

LONGEST_NAME = 1000
"""Characters that a model's name, a Space's id or an app's address may have."""


_LONGEST = 200
"""Characters of an argument that an error repeats."""

_TAKES = {
    "model=": "a model's name, a Space's id, an app's URL, or a list of these",
    "provider=": "a class such as spacechat.providers.Qwen_Qwen_2_5, or a list of such classes "
    "(names go to model=)",
}

_T = TypeVar("_T")


class _Models(list[str]):
    """Names of models; a notebook shows the Space of each."""

    def _repr_html_(self) -> str:
        rows = [(name, _space_of(name)) for name in self]
        return markup.table(rows, head=("model", "Space"))


def models() -> list[str]:
    """Return the names of the models, as people use them."""
    return _Models(name for provider in PROVIDERS for name in provider.models)


def _space_of(name: str) -> str:
    return next((provider.url for provider in PROVIDERS if name in provider.models), "")


def check_name(model: str) -> None:
    """Raise if a name is too long to be looked up, kept or repeated in a message.

    Raises:
        ModelNotFoundError: The name is too long.
    """
    if len(model) > LONGEST_NAME:
        raise ModelNotFoundError(
            f"There is no model whose name has {len(model):,} characters; {LONGEST_NAME:,} are "
            "the most."
        )


def find(model: str) -> type[AsyncAskable]:
    """Return the provider that has a model.

    Args:
        model: A name or alias of a model, a Space's id (`owner/name`) or the URL of a Gradio app.

    Raises:
        ModelNotFoundError: No provider has it; the message lists near matches.
    """
    if not isinstance(model, str):
        raise _not_named("model=", model)
    check_name(model)
    by_name = {
        name: provider
        for provider in PROVIDERS
        for name in (provider.default_model, *provider.model_aliases)
    }
    if model in by_name:
        return by_name[model]
    if "://" in model or space_id(model):
        return _app(model, hub_url())
    near = difflib.get_close_matches(model[:_LONGEST].lower(), models(), n=3, cutoff=0.4)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(models())}."
    raise ModelNotFoundError(f"There is no model {repr(without_user(model))[:_LONGEST]}. {hint}")


def find_all(models: str | Sequence[str]) -> list[type[AsyncAskable]]:
    """Return the provider that has a model, or those of several; see `find`."""
    names = [models] if isinstance(models, str) else _several("model=", models)
    if not names:
        raise _nobody()
    return [find(each) for each in names]


@functools.lru_cache(maxsize=256)
def _app(url: str, _hub: str) -> type[GradioChat]:
    """Return the provider for an app, cached, since making a class for each question costs more.

    Args:
        url: The app's address or its Space's id.
        _hub: The Hub that ids belong to, part of the key since a program may set it at any time.
    """
    return GradioChat.at(url)


def candidates(
    model: str | Sequence[str] | None,
    provider: type[Space] | Sequence[type[Space]] | None,
    conversation: Conversation | None = None,
) -> list[tuple[type[Space], str | None]]:
    """Return the Spaces to ask in turn, each with the name of its model.

    Args:
        model: A model's name or several, or None for each provider's default.
        provider: A provider or several, or None for those that have the models.
        conversation: The conversation to go on with, or None. If neither a model nor a provider
            is named, it goes on with its own Space.

    Raises:
        ModelNotFoundError: No provider has a model, no model or provider is given, an argument is
            of another type, or the conversation doesn't say which Space it was held with.
        SpaceUnavailableError: The conversation's address of a Space is malformed.
    """
    names = [model] if model is None or isinstance(model, str) else _several("model=", model)
    chosen: list[tuple[type[Space], str | None]] = []
    if provider is None:
        for name in names:
            space = _space(name, conversation)
            chosen.append((space, None if issubclass(space, GradioChat) else name))
    else:
        spaces = [provider] if isinstance(provider, type) else _several("provider=", provider)
        for each in spaces:
            if not (isinstance(each, type) and issubclass(each, Space)):
                raise _not_named("provider=", each)
        for name in names:
            if not isinstance(name, str | None):
                raise _not_named("model=", name)
        chosen += [(space, name) for space in spaces for name in names]
    if not chosen:
        raise _nobody()
    return chosen


def _nobody() -> ModelNotFoundError:
    return ModelNotFoundError("Name at least one model or provider.")


def _several(option: str, given: Sequence[_T]) -> list[_T]:
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise _not_named(option, given)
    return list(given)


def _not_named(option: str, given: object) -> ModelNotFoundError:
    """Return the error for an argument that names neither a model nor a provider."""
    shown = repr(given)[:_LONGEST]
    return ModelNotFoundError(
        f"{option} takes {_TAKES[option]}, not {shown} (of type {type(given).__name__})."
    )


def _space(name: str | None, earlier: Conversation | None) -> type[Space]:
    """Return the Space of a model for the next question of a conversation.

    What a user said to one Space must not go to another that nobody named. A model's name doesn't
    say which copy of its Space is meant, so the conversation's address decides that.

    Args:
        name: The name, or None for the conversation's.
        earlier: The conversation, or None for a new one.

    Raises:
        ModelNotFoundError: No provider has the model, or there is no name and the conversation
            doesn't say which Space it was held with.
        SpaceUnavailableError: The conversation's address of a Space is malformed.
    """
    if earlier is None:
        return DEFAULT if name is None else find(name)
    held, url = name or earlier.model, earlier.url
    if held is None and url is None and not earlier.is_empty:
        raise ModelNotFoundError(
            "The conversation doesn't say which model it was held with: name the one that all of "
            "it may be sent to."
        )
    if held is None and url is not None:
        return GradioChat.at(url)
    space = DEFAULT if held is None else find(held)
    # An app may be named with a slash at its end, or as a page of the Hub.
    named = space.default_model if issubclass(space, GradioChat) else space.get_model(name)
    same = name is None or named == space.model_aliases.get(earlier.model or "", earlier.model)
    return space if url is None or url == space.url or not same else space.at(url)

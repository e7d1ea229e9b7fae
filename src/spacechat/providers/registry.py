"""The table of the models that are known by name, and the providers that names stand for."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TypeVar

from .. import markup
from ..addresses import full_address, without_user
from ..apps.hub import hub_url, space_id
from ..errors import ModelNotFoundError, SettingsFileError, SpaceChatError
from ..messages import Conversation
from ..preferences import Preferences, default_model, load
from ..spelling import did_you_mean
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

_MOST = 20
"""Names that an error lists."""

_ONE = "a model's name, a Space's id or an app's URL"

_TAKES = {
    "model=": f"{_ONE}, or a list of these",
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
    """Return the names of the models, as people use them: those of this version, and the user's.

    Raises:
        SettingsFileError: The user's settings file is damaged.
    """
    return _Models([*_pinned_models(), *_aliases().models])


def _pinned_models() -> list[str]:
    return [name for provider in PROVIDERS for name in provider.models]


def _space_of(name: str) -> str:
    try:
        return find(name).url
    except SpaceChatError as exc:  # An alias can stand for anything.
        return str(exc)


def _by_name() -> dict[str, type[AsyncProvider]]:
    return {
        name: provider
        for provider in PROVIDERS
        for name in (provider.default_model, *provider.model_aliases)
    }


def _aliases() -> Preferences:
    """Return the user's own names for models.

    A known model's name is none, so that what is kept with a conversation means the same for ever.

    Raises:
        SettingsFileError: The settings file is damaged, or has a known model's name as an alias.
    """
    preferences = load()
    taken = _by_name().keys() & preferences.models.keys()
    if taken:
        raise SettingsFileError(
            f"The settings file {preferences.path}: {min(taken)!r} is the name of a model, and "
            "can't be an alias. Choose another."
        )
    return preferences


def meaning(name: str) -> str:
    """Return what a model's name stands for: itself, if it is no alias of the user's.

    Raises:
        SettingsFileError: The user's settings file is damaged. It is read only for a name that may
            be an alias.
    """
    if "/" in name or ":" in name or name in _by_name():
        return name
    return _aliases().meaning(name)


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
        model: A model's name, an alias of the user's, a Space's id (`owner/name`) or the URL of a
            Gradio app. Without a scheme, that is http for this machine and https for any other.

    Raises:
        ModelNotFoundError: No provider has it; the message lists near matches.
        SettingsFileError: The user's settings file, which may have the name, is damaged.
    """
    if not isinstance(model, str):
        raise _not_named("model=", model, takes=_ONE)
    meant = meaning(model)
    check_name(meant)
    known = _by_name().get(meant)
    if known is not None:
        return known
    if space_id(meant) or full_address(meant):
        return _app(meant, hub_url())
    raise _unknown(model, meant)


def _unknown(model: str, meant: str) -> ModelNotFoundError:
    """Return the error for a name that nothing has.

    Args:
        model: The name as it was given.
        meant: What it stands for.
    """
    names = models()
    near = did_you_mean(meant, names, likeness=0.4)
    told = f"There is no model {_shown(meant)}"
    if meant != model:
        told += f", for which the alias {_shown(model)} stands in {load().path}"
    return ModelNotFoundError(
        f"{told}.{near} There are {_listed(names)}; besides, any Space's id (owner/name) and any "
        "app's URL."
    )


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def _shown(name: str) -> str:
    return repr(without_user(name))[:_LONGEST]


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
    *,
    default: str | Sequence[str] | None = None,
) -> list[tuple[type[Space], str | None]]:
    """Return the Spaces to ask in turn, each with the name of its model.

    Args:
        model: A model's name or several, or None for each provider's default.
        provider: A provider or several, or None for those that have the models.
        conversation: The conversation to go on with, or None. If neither a model nor a provider
            is named, it goes on with its own Space.
        default: The client's model or models, where neither the caller nor the conversation names
            one; None for the default of all.

    Raises:
        ModelNotFoundError: No provider has a model, no model or provider is given, an argument is
            of another type, or the conversation doesn't say which Space it was held with.
        SpaceUnavailableError: The conversation's address of a Space is malformed.
    """
    if model is None and provider is None and (conversation is None or conversation.is_anywhere):
        model = default
    names = [model] if model is None or isinstance(model, str) else _several("model=", model)
    chosen: list[tuple[type[Space], str | None]] = []
    if provider is None:
        for name in names:
            meant = meaning(name) if isinstance(name, str) else name
            space = _space(name, meant, conversation)
            chosen.append((space, None if issubclass(space, GradioChat) else meant))
    else:
        spaces = [provider] if isinstance(provider, type) else _several("provider=", provider)
        for each in spaces:
            if not (isinstance(each, type) and issubclass(each, Space)):
                raise _not_named("provider=", each)
        for name in names:
            if not isinstance(name, str | None):
                raise _not_named("model=", name)
        chosen += [(space, _name_at(space, name)) for space in spaces for name in names]
    if not chosen:
        raise _nobody()
    return chosen


def is_open(conversation: Conversation | None = None) -> bool:
    """Tell whether neither a conversation nor the user's settings name a Space.

    Raises:
        SettingsFileError: The user's settings file is damaged.
    """
    if conversation is not None and (conversation.model or conversation.url):
        return False
    return (conversation is None or conversation.is_empty) and default_model() is None


def pinned_in_turn() -> list[tuple[type[Space], str | None]]:
    """Return the Spaces to ask in turn where none is named, in the form of `candidates`."""
    return [(DEFAULT, None), *((each, None) for each in PROVIDERS if each is not DEFAULT)]


def has_pinned(whom: Sequence[tuple[type[Space], str | None]]) -> bool:
    """Tell whether a Space to ask, in the form of `candidates`, is one that is known by name."""
    return any(space in PROVIDERS for space, _ in whom)


def _name_at(space: type[Space], name: str | None) -> str | None:
    """Return what a name stands for at a provider that was named as well: its own names come first.

    Raises:
        SettingsFileError: The name is none of its own, and the user's settings file is damaged.
    """
    if name is None or name == space.default_model or name in space.model_aliases:
        return name
    return meaning(name)


def _default() -> type[Space]:
    """Return the Space that is asked where none is named.

    Raises:
        ModelNotFoundError: There is no model of the name that the environment or the user's
            settings file gives.
        SettingsFileError: The file is damaged.
    """
    named = default_model()
    if named is None:
        return DEFAULT
    try:
        return find(named.name)
    except ModelNotFoundError as exc:
        error = ModelNotFoundError(f"The default model, which {named.said_by} names: {exc}")
    raise error


def _nobody() -> ModelNotFoundError:
    return ModelNotFoundError("Name at least one model or provider.")


def _several(option: str, given: Sequence[_T]) -> list[_T]:
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise _not_named(option, given)
    return list(given)


def _not_named(option: str, given: object, *, takes: str = "") -> ModelNotFoundError:
    """Return the error for an argument that names neither a model nor a provider.

    Args:
        option: The argument.
        given: Its value.
        takes: What it takes, where that is not the same everywhere.
    """
    shown = repr(given)[:_LONGEST]
    return ModelNotFoundError(
        f"{option} takes {takes or _TAKES[option]}, not {shown} (of type {type(given).__name__})."
    )


def _space(given: str | None, name: str | None, earlier: Conversation | None) -> type[Space]:
    """Return the Space of a model for the next question of a conversation.

    What a user said to one Space must not go to another that nobody named. A model's name doesn't
    say which copy of its Space is meant, so the conversation's address decides that.

    Args:
        given: The name as it was given, perhaps an alias; None for the conversation's.
        name: What it stands for.
        earlier: The conversation, or None for a new one.

    Raises:
        ModelNotFoundError: No provider has the model, or there is no name and the conversation
            doesn't say which Space it was held with.
        SpaceUnavailableError: The conversation's address of a Space is malformed.
    """
    if earlier is None:
        return _default() if given is None else find(given)
    held, url = given or earlier.model, earlier.url
    if held is None and url is None and not earlier.is_empty:
        raise ModelNotFoundError(
            "The conversation doesn't say which model it was held with: name the one that all of "
            "it may be sent to."
        )
    if held is None and url is not None:
        return GradioChat.at(url)
    space = _default() if held is None else find(held)
    # An app may be named with a slash at its end, or as a page of the Hub.
    named = space.default_model if issubclass(space, GradioChat) else space.get_model(name)
    same = name is None or named == space.model_aliases.get(earlier.model or "", earlier.model)
    return space if url is None or url == space.url or not same else space.at(url)

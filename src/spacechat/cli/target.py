"""The Space that a command asks, as `-m`, `--url` and `--local` name it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..sanitize import one_line

if TYPE_CHECKING:
    from ..messages import Conversation
    from ..providers import Space


class Target:
    """The Space that a command asks. Local Spaces run until `close`.

    Args:
        model: The value of `-m`, or None.
        url: The value of `--url`, or None.
        local: Whether `--local` is given.

    Raises:
        UsageError: The options contradict each other.
    """

    def __init__(self, model: str | None, url: str | None, *, local: bool) -> None:
        check_target([model] if model else [], url, local=local)
        self._model = model
        self._url = url
        self._local = local
        self._space: type[Space] | None = None
        self._is_followed = False
        self._asked: list[type[Space]] = []
        self._running = contextlib.ExitStack()
        self._local_spaces: dict[type[Space], type[Space]] = {}  # By the provider of each model.

    def close(self) -> None:
        """Stop the local Spaces."""
        self._running.close()

    @property
    def space(self) -> type[Space]:
        """The Space.

        Raises:
            ModelNotFoundError: There is no such model.
            SpaceUnavailableError: The address is not one of a Space.
        """
        if self._space is None:
            self._space = self._find(self._model, self._url, None)
        return self._space

    @property
    def is_named(self) -> bool:
        """Whether a Space is named, by an option, a setting or an earlier conversation."""
        from ..providers.registry import is_open

        given = self._is_followed or self._local or self._model or self._url
        return bool(given) or not is_open()

    @property
    def name(self) -> str:
        """The Space's name in a line of text; a local Space has none, as no model answers."""
        if self._local:
            return f"a local Space at {self.space.url}"
        return display_name(self.space)

    @property
    def is_local(self) -> bool:
        """Whether it is a local Space, which runs until `close`."""
        return self._local

    @property
    def address(self) -> str:
        """The text by which an app is named: its URL, or its Space's id.

        It may have a user and a password, which a Space's `url` has not.
        """
        named = self._url or self._model
        return named or (None if self._is_followed else default_name()) or self.space.url

    def switch(self, model: str) -> None:
        """Ask another model from now on; a Space or a URL replaces `--url`.

        Raises:
            UsageError: A local Space can't stand for it.
            ModelNotFoundError: There is no such model.
        """
        url = None if _is_place(model) else self._url
        check_target([model], url, local=self._local)
        self._space = self._find(model, url, None)
        self._model, self._url = model, url

    def follow(self, earlier: Conversation, *, local: bool = False) -> None:
        """Ask the Space of an earlier conversation, unless the options name one.

        Args:
            earlier: The conversation.
            local: Whether it was held with a local Space, which then runs again.

        Raises:
            ModelNotFoundError: The conversation doesn't say which it was held with, or there is no
                such model.
            SpaceUnavailableError: The conversation's address is not one of a Space.
        """
        if local and self._url is None and self._is_of(earlier.model):
            _check_local(earlier.model)
            self._local, self._model = True, earlier.model
        self._space = self._find(self._model, self._url, earlier)
        self._is_followed = True

    def _is_of(self, model: str | None) -> bool:
        """Return whether the options name no other model than this one."""
        from ..providers import find

        return self._model is None or (model is not None and find(self._model) is find(model))

    def _find(
        self, model: str | None, url: str | None, earlier: Conversation | None
    ) -> type[Space]:
        """Return a Space: one that was asked before is the same class as it was then."""
        space = self._named(model, url, earlier)
        known = next((each for each in self._asked if each.is_same_as(space)), None)
        if known is None:
            self._asked.append(space)
        return known or space

    def _named(
        self, model: str | None, url: str | None, earlier: Conversation | None
    ) -> type[Space]:
        from ..providers import GradioChat, candidates, find

        if self._local:
            return self._local_space(model)
        if url is not None:
            return (find(model) if model else GradioChat).at(url)
        ((space, _),) = candidates(model, None, earlier)
        return space

    def _local_space(self, model: str | None) -> type[Space]:
        """Return the provider of a model at a local Space, which runs from now on."""
        from ..local import LocalSpace
        from ..providers import PROVIDERS, find

        provider = find(model) if model else PROVIDERS[0]
        if provider not in self._local_spaces:
            space = self._running.enter_context(LocalSpace(provider.models[0], delay=0.03))
            self._local_spaces[provider] = provider.at(space.url)
        return self._local_spaces[provider]


def _check_local(model: str | None) -> None:
    """Raise unless a local Space can stand for a model.

    Raises:
        ModelNotFoundError: It can't.
    """
    from ..errors import ModelNotFoundError

    if model is not None and _is_place(model):
        raise ModelNotFoundError(
            f"It was held with a local Space, which can't stand for {model!r}: name the Space that "
            "goes on."
        )


def default_name() -> str | None:
    """Return the default model's name as the environment or the settings file has it, or None."""
    from ..preferences import default_model

    default = default_model()
    return None if default is None else default.name


def check_target(models: Sequence[str], url: str | None, *, local: bool) -> None:
    """Check that the options which name a Space agree.

    Args:
        models: The values of `-m`.
        url: The value of `--url`, or None.
        local: Whether `--local` is given.

    Raises:
        UsageError: They don't.
        SpaceChatError: There is no model of a name that goes with a place.
    """
    if local and url is not None:
        raise click.UsageError("--local and --url: choose one.")
    if not local and url is None:
        return
    from ..addresses import without_user

    place = "--local" if local else "--url"
    for model in models:
        if _is_place(model):
            raise click.UsageError(
                f"{place} goes with the name of a known model (see `spacechat models`), not with "
                f"{without_user(model)!r}, which says itself where it is."
            )


def _is_place(model: str) -> bool:
    """Return whether a model's name, or what its alias stands for, says itself where it is."""
    from ..providers import GradioChat, find

    return issubclass(find(model), GradioChat)


def display_name(space: type[Space]) -> str:
    """Return a Space's name in a line of text: a model, perhaps at the address of a copy."""
    name = space.models[0] if space.models else space.default_model
    is_copy = bool(space.models) and space.original is not space
    return one_line(f"{name} at {space.url}" if is_copy else name)

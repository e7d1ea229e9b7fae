"""A Space: what every provider is, whether or not its requests are known beforehand."""

from __future__ import annotations

import copyreg
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

from ..addresses import (
    basic_auth_headers,
    full_address,
    hide_user,
    origin_of,
    split_address,
    without_user,
    without_users,
)
from ..apps import App
from ..apps.known import Apps
from ..apps.options import ALL_OPTIONS, NO_OPTIONS, Options
from ..apps.place import Place
from ..errors import ModelNotFoundError, SpaceUnavailableError
from ..hidden import Hidden
from ..messages import Conversation, MessagesLike
from ..steps import Exchange

_S = TypeVar("_S", bound="type[Space]")


class SpaceType(type):
    """The class of provider classes; lets the copies that `Space.at` makes be pickled."""

    @property
    def original(cls) -> SpaceType:
        """The provider that this one copies at another URL, or itself if it is no copy."""
        return cast("SpaceType", cls.__dict__.get("_original", cls))

    def __repr__(cls) -> str:
        if cls.original is cls:
            return super().__repr__()
        return f"{cls.__name__}.at({cls.url!r})"  # type: ignore[attr-defined]


def _reduce(cls: SpaceType) -> Any:
    if cls.original is cls:
        return cls.__qualname__
    return _at, (cls.original, cls.url)  # type: ignore[attr-defined]


def _at(original: type[Space], url: str) -> type[Space]:
    return original.at(url)


copyreg.pickle(SpaceType, _reduce)


class Space(metaclass=SpaceType):
    """A chat Space.

    Subclasses say how it is asked: `Pinned` by numbers that are known beforehand, `GradioChat` by
    what the app says of itself.
    """

    label: ClassVar[str]
    """The provider's name."""
    title: ClassVar[str]
    """The model's proper name, for people; the label unless it is set."""
    url: ClassVar[str]
    """The Space's address, without a slash at the end."""
    _user: ClassVar[Hidden] = Hidden()
    """The user and password in the address that was given."""
    default_model: ClassVar[str]
    """The model that answers; a Space has one."""
    model_aliases: ClassVar[Mapping[str, str]]
    """Other names of models, and the model that each stands for."""
    models: ClassVar[Sequence[str]]
    """The names that people use, which are the aliases."""

    working: ClassVar[bool] = True
    """Whether the Space was up when this version was made."""
    supports_stream: ClassVar[bool] = True
    """Whether the answer comes piece by piece."""
    supports_system_message: ClassVar[bool] = True
    """Whether a system message is heeded."""
    supports_message_history: ClassVar[bool] = False
    """Whether earlier messages go out as such; otherwise they become part of the prompt."""

    takes: ClassVar[Collection[str]] = ALL_OPTIONS
    """The options that a question may have."""

    referer_path: ClassVar[str] = "/?__theme=system"
    """The page that the requests say they come from."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "label" in vars(cls) and "title" not in vars(cls):
            cls.title = cls.label
        if hasattr(cls, "url"):  # Otherwise it is a base, which declares no Space.
            cls.models = list(cls.model_aliases)

    @classmethod
    def at(cls: _S, url: str) -> _S:
        """Return the same provider on another copy of the Space.

        Args:
            url: Address of a duplicate or of a local server. Without a scheme it is http for this
                machine (`localhost:7860`), https for any other. A user and password in it
                (`https://user:password@host`) are sent with each request, and show neither in `url`
                nor in a repr, an error or a pickle. What a browser's address bar adds after `?` or
                `#` is dropped.

        Raises:
            SpaceUnavailableError: The text is no address.
        """
        url = Hidden(url)
        url = Hidden(cls._address(url))
        try:
            address, user = split_address(url)
        except ValueError as exc:
            raise SpaceUnavailableError(
                f"{without_user(url)[:200]!r} is not the address of a Space: {exc}."
            ) from None
        members = {
            "url": address,
            "_original": cls.original,
            "_user": user,
            "__doc__": cls.__doc__,
        }
        return cast("_S", SpaceType(cls.__name__, (cls.original,), members))

    @classmethod
    def is_same_as(cls, other: type[Space]) -> bool:
        """Tell whether another provider asks the same model at the same address as the same user.

        Args:
            other: The other provider.
        """
        return (cls.default_model, cls.url, cls._user) == (
            other.default_model,
            other.url,
            other._user,
        )

    @classmethod
    def _address(cls, url: str) -> str:
        """Return the address that a person means by a text."""
        return full_address(url) or url

    @classmethod
    def get_model(cls, model: str | None = None) -> str:
        """Return the model that a name stands for; no name stands for the default.

        Raises:
            ModelNotFoundError: The Space has no model of that name.
        """
        model = hide_user(model)
        if not model or model == cls.default_model:
            return cls.default_model
        if isinstance(model, str) and model in cls.model_aliases:
            return cls.model_aliases[model]
        raise ModelNotFoundError(
            f"{cls.__name__} has no model {without_users(model)!r}; it has "
            f"{', '.join([cls.default_model, *cls.model_aliases])}."
        )

    @classmethod
    def check_options(cls, options: Options) -> None:
        """Raise an error if an option was given that the Space doesn't take.

        Raises:
            TypeError: The message lists those that it takes.
        """
        options.check_taken(cls.__name__, cls.takes)

    @classmethod
    def exchange(
        cls,
        messages: MessagesLike,
        *,
        model: str | None = None,
        conversation: Conversation | None = None,
        apps: Apps | None = None,
        options: Options = NO_OPTIONS,
    ) -> Exchange:
        """Return the exchange that asks the Space for an answer.

        Args:
            messages: The question, or a conversation that ends with one.
            model: A name of the Space's model, or None.
            conversation: An earlier conversation to go on with, or None.
            apps: The apps that the client knows; None knows none.
            options: The options of the question.

        Raises:
            MessagesError: The messages can't be sent.
            ModelNotFoundError: The Space has no model of that name.
            TypeError: The Space doesn't take an option.
        """
        raise NotImplementedError

    @classmethod
    def misfit(cls, app: App) -> str | None:
        """Return in words why the Space's app can't be asked by this provider, or None if it can.

        Args:
            app: The Space's description of itself.
        """
        raise NotImplementedError

    @classmethod
    def place(cls) -> Place:
        """Return where the Space is, and the headers of requests to it."""
        headers = {
            "origin": origin_of(cls.url),
            "referer": cls.url + cls.referer_path,
            **basic_auth_headers(cls._user),
        }
        return Place(cls.url, headers)

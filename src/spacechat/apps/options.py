"""The options of a question, besides its messages and model."""

from __future__ import annotations

import inspect
import math
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict, TypeVar, cast

import msgspec
from msgspec.structs import asdict, astuple, force_setattr, replace

from ..errors import InputsError
from ..hidden import Hidden
from ..settings import Timeout
from ..spelling import did_you_mean
from .files import FileLike
from .wishes import MEANINGS

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = [
    "ALL_OPTIONS",
    "NO_OPTIONS",
    "ChatOptions",
    "History",
    "InspectOptions",
    "NoOthers",
    "Options",
    "Unpack",
    "hide_auth",
    "parse_auth",
    "takes_options",
    "unknown_option",
]

_Function = TypeVar("_Function", bound=Callable[..., object])
_Auth = TypeVar("_Auth")

History: TypeAlias = Literal["native", "prompt"]
"""The form of earlier messages: the value of the Space's chatbot, or a part of the prompt."""


class ChatOptions(TypedDict, total=False):
    """The options of `stream` and `ask`, for programs that keep them: `ask("Hi", **options)`.

    Attributes:
        system: A system text, where the messages have none.
        files: Files that go with the question: paths, bytes, open files, URLs.
        inputs: Values of other inputs (temperature, model choice), by label or parameter name.
        wishes: Settings such as `temperature` and `max_tokens`: they are set where the app has
            inputs of that meaning, and ignored where it has none. The event `Wishes` says which.
        timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`.
        history: The form of earlier messages; None is what fits the Space best.
        endpoint: The function of the app that answers, by its name or id, if the guess is wrong.
        output: The component that shows the answer, by label or id, if the guess is wrong.
        auth: User and password of an app that has a login of its own.
        sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
            token, with which it can act as you do.
        repair: If a known Space has changed, read its description again and ask by that.
    """

    system: str | None
    files: Sequence[FileLike]
    inputs: Mapping[str, object] | None
    wishes: Mapping[str, float] | None
    timeout: Timeout | float | None
    history: History | None
    endpoint: str | int | None
    output: str | int | None
    auth: tuple[str, str] | None
    sign_in: bool
    repair: bool


class InspectOptions(TypedDict):
    """The options of an inspection: how an app is asked."""

    endpoint: str | int | None
    output: str | int | None
    auth: tuple[str, str] | None


class NoOthers(TypedDict):
    """The options besides those that stand in a signature: there are none."""


class Options(msgspec.Struct, frozen=True):
    """The options that a caller gave; see `ChatOptions` for each.

    The fields stand in the order in which every signature has them, so that a function hands on
    what it was given by `Options(system, files, ...)`. None stands for an option that was not
    given; so does its default.

    Raises:
        InputsError: An option's value is of a wrong type.
        ValueError: A timeout is out of range.
    """

    system: str | None = None
    files: Sequence[FileLike] | None = ()
    inputs: Mapping[str, object] | None = None
    wishes: Mapping[str, float] | None = None
    timeout: Timeout | float | None = None
    history: History | None = None
    endpoint: str | int | None = None
    output: str | int | None = None
    auth: tuple[str, str] | None = None
    sign_in: bool | None = False
    repair: bool | None = True

    def __post_init__(self) -> None:
        for name, value in self._values():
            is_right, takes = _KINDS[name]
            if not is_right(value):
                kind, shown = type(value).__name__, repr(value)[:_LONGEST]
                is_file = name == "files" and isinstance(value, str | os.PathLike)
                hint = f" One file is a list, too: files=[{shown}]." if is_file else ""
                raise InputsError(f"{name}= takes {takes}, not {shown} (of type {kind}).{hint}")
        if self.timeout is not None:
            Timeout.of(self.timeout)
        if self.auth is not None:
            force_setattr(self, "auth", parse_auth(hide_auth(self.auth)))

    @property
    def given(self) -> dict[str, object]:
        """The options that say something, by their names."""
        return {name: value for name, value in self._values() if value not in ([], {})}

    def _values(self) -> list[tuple[str, object]]:
        """Return the options that are neither None nor as they are by default."""
        named = zip(ALL_OPTIONS, astuple(self), _DEFAULTS, strict=True)
        return [
            (name, value)
            for name, value, default in named
            if value is not None and value is not default
        ]

    def overridden(self, by: Options) -> Options:
        """Return these options with those in the place of which others were given.

        Args:
            by: The options that come first. What is None there was not given.
        """
        own = {name: value for name, value in asdict(by).items() if value is not None}
        return replace(self, **own)

    def check_taken(self, provider: str, taken: Collection[str]) -> None:
        """Raise an error if an option was given that a provider doesn't take.

        Args:
            provider: The provider's name.
            taken: The names of the options that it takes.

        Raises:
            TypeError: An option was given that it doesn't take; the message lists those it takes.
        """
        if self == NO_OPTIONS:  # As most are, and quickly told.
            return
        unknown = [name for name in self.given if name not in taken]
        if unknown:
            raise _not_taken(unknown, provider, [name for name in ALL_OPTIONS if name in taken])


_ELSEWHERE = {
    "stream": " client.stream gives an answer as it comes.",
    "api_key": " A Hugging Face token is a client's token=.",
}
"""Options of other libraries, and what does the same here."""

ALL_OPTIONS: Sequence[str] = Options.__struct_fields__
"""The names of all options."""

_DEFAULTS: Sequence[object] = Options.__struct_defaults__


def takes_options(function: _Function) -> _Function:
    """Decorate a function whose keywords are options: `help()` shows those that there are.

    What takes others (`**unknown`, `*unnamed`) is there for an error alone. For type checkers,
    `Unpack[NoOthers]` is no option at all.
    """
    signature = inspect.signature(function)
    hidden = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
    shown = [each for each in signature.parameters.values() if each.kind not in hidden]
    vars(function)["__signature__"] = signature.replace(parameters=shown)
    return function


def unknown_option(function: Callable[..., object], unknown: NoOthers) -> TypeError:
    """Return the error for options that there are not, where Python's own would only name one.

    Args:
        function: The function, which `takes_options` decorates.
        unknown: These options. It is emptied: a misspelt `auth` holds a password, and the caller's
            frame is a part of the traceback.
    """
    given = cast("dict[str, object]", unknown)
    names = list(given)
    given.clear()
    parameters = inspect.signature(function).parameters.values()
    taken = [each.name for each in parameters if each.default is not each.empty]
    return _not_taken(names, f"{function.__qualname__}()", taken)


def _not_taken(names: Iterable[str], taker: str, taken: Sequence[str]) -> TypeError:
    """Return the error for options that are not taken; it lists those that are, and near matches.

    Args:
        names: The names of the options.
        taker: The function or the provider that takes options.
        taken: The names of those that it takes.
    """
    first, *_ = unknown = list(names)
    hint = _ELSEWHERE.get(first)
    if first in MEANINGS and "wishes" in taken:
        hint = f" Settings go into wishes={{{first!r}: ...}}."
    hint = hint or did_you_mean(first, taken)
    if not hint and first not in ALL_OPTIONS and "inputs" in taken:
        hint = f" An input of the app is set by inputs={{{first!r}: ...}}."
    return TypeError(
        f"{taker} takes no option {', '.join(map(repr, unknown))}.{hint} It takes "
        f"{', '.join(map(repr, taken))}."
    )


def hide_auth(auth: _Auth) -> _Auth:
    """Return a caller's `auth`, whatever it is, with texts that no repr shows."""
    if auth is None:
        return auth
    if isinstance(auth, tuple | list):
        return cast("_Auth", tuple(map(hide_auth, cast("Sequence[object]", auth))))
    return cast("_Auth", Hidden(auth)) if isinstance(auth, str) else auth


def parse_auth(auth: object) -> tuple[str, str] | None:
    """Return the user and password in a caller's `auth`; None stays None.

    Raises:
        InputsError: It is not a pair of texts that can be sent.
    """
    match auth:
        case None:
            return None
        case (str(user), str(password)) if _is_unicode(user) and _is_unicode(password):
            return user, password
    kind = "str" if isinstance(auth, str) else type(auth).__name__
    raise InputsError(
        "auth= takes a user and a password, two texts that can be sent, as in ('ada', 'secret'); "
        f"not what was given (of type {kind})."
    )


def _is_unicode(text: str) -> bool:
    return text == text.encode(errors="replace").decode()


_LONGEST = 200
"""Characters of an argument that an error repeats."""


def _is_named(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return isinstance(value, Timeout | int | float) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_wishes(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and _is_number(each)
        for name, each in cast("Mapping[object, object]", value).items()
    )


_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "auth": (lambda _: True, "a user and a password"),  # `parse_auth` checks it.
    "system": (lambda value: isinstance(value, str), "a text"),
    "files": (
        lambda value: isinstance(value, Sequence) and not isinstance(value, str | bytes),
        "a list of paths, bytes, open files and URLs",
    ),
    "inputs": (
        lambda value: isinstance(value, Mapping),
        "a mapping of names and values, such as {'Temperature': 0.5}",
    ),
    "wishes": (_is_wishes, "a mapping of names and numbers, such as {'temperature': 0.5}"),
    "timeout": (_is_seconds, "a Timeout or a number of seconds"),
    "history": (lambda value: value in ("native", "prompt"), "'native' or 'prompt'"),
    "endpoint": (_is_named, "the name of a function or its id"),
    "output": (_is_named, "the label of an output or its id"),
    "sign_in": (lambda value: isinstance(value, bool), "True or False"),
    "repair": (lambda value: isinstance(value, bool), "True or False"),
}
"""The check of each option that is not None, and its values in words."""


NO_OPTIONS = Options()
"""The options of a question for which none were given."""

"""What a caller may say besides the messages and the model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal, TypeAlias, TypedDict, TypeVar, cast

from ..addresses import hide_user
from ..errors import InputsError
from ..hidden import Hidden
from .files import FileLike

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = [
    "ALL_OPTIONS",
    "ChatOptions",
    "CheckedOptions",
    "History",
    "Unpack",
    "hide_auth",
    "hide_logins",
    "parse_auth",
]

_Model = TypeVar("_Model")
_Auth = TypeVar("_Auth")

History: TypeAlias = Literal["native", "prompt"]
"""How earlier messages are told: as the value of the Space's chatbot, or in the prompt."""


class ChatOptions(TypedDict, total=False):
    """What `stream` and `ask` take besides.

    Attributes:
        endpoint: The function of the app that answers, by its name or id, where the guess is
            wrong.
        inputs: Values of other inputs (temperature, model choice), by label or parameter name.
        output: Where the answer is read, by label or id, where the guess is wrong.
        files: Files that go with the question: paths, bytes, open files, URLs.
        auth: User and password of an app that has a login of its own.
        history: How earlier messages are told; None is what fits the Space best.
        repair: Whether a known Space that has changed is asked by what it says of itself.
    """

    endpoint: str | int | None
    inputs: Mapping[str, object]
    output: str | int | None
    files: Sequence[FileLike]
    auth: tuple[str, str] | None
    history: History | None
    repair: bool


@dataclass(frozen=True)
class CheckedOptions:
    """`ChatOptions`, each with its default."""

    endpoint: str | int | None = None
    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    output: str | int | None = None
    files: Sequence[FileLike] = ()
    auth: tuple[str, str] | None = field(default=None, repr=False)
    history: History | None = None
    repair: bool = True

    @classmethod
    def of(cls, provider: str, given: ChatOptions, taken: frozenset[str]) -> CheckedOptions:
        """Return the options that a caller gave.

        Args:
            provider: Who takes them.
            given: What was given.
            taken: The names of those that the provider takes.

        Raises:
            TypeError: It doesn't take one of them.
            InputsError: One of them is not of the kind that it has to be.
        """
        unknown = given.keys() - taken
        if unknown:
            raise TypeError(f"{provider} takes no option {', '.join(map(repr, sorted(unknown)))}.")
        options = replace(cls(**given), auth=parse_auth(hide_auth(given.get("auth"))))
        for name, (is_right, takes) in _KINDS.items():
            value = getattr(options, name)
            if not is_right(value):
                kind = type(value).__name__
                shown = repr(value)[:_LONGEST]
                raise InputsError(f"{name}= takes {takes}, not {shown} (of type {kind}).")
        return options


def hide_logins(model: _Model, options: ChatOptions) -> _Model:
    """Have no login show in a traceback: neither one in an address, nor one among the options.

    Args:
        model: What a caller names as model: its name, its address, or several of them.
        options: What a caller said besides; `auth` in it is replaced.

    Returns:
        The model.
    """
    if "auth" in options:
        options["auth"] = hide_auth(options["auth"])
    return hide_user(model)


def hide_auth(auth: _Auth) -> _Auth:
    """Return what a caller gave as `auth` with texts that show in no repr, whatever it is."""
    if isinstance(auth, tuple | list):
        return cast("_Auth", tuple(map(hide_auth, cast("Sequence[object]", auth))))
    return cast("_Auth", Hidden(auth)) if isinstance(auth, str) else auth


def parse_auth(auth: object) -> tuple[str, str] | None:
    """Return the user and password that a caller gave as `auth`; None stays None.

    Raises:
        InputsError: They are not two texts that can be sent.
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
"""Characters of what was given that an error repeats."""


def _is_named(value: object) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "endpoint": (_is_named, "the name of a function or its id"),
    "output": (_is_named, "the label of an output or its id"),
    "inputs": (
        lambda value: value is None or isinstance(value, Mapping),
        "a mapping of names and values, such as {'Temperature': 0.5}",
    ),
    "files": (
        lambda value: isinstance(value, Sequence) and not isinstance(value, str | bytes),
        "a list of paths, bytes, open files and URLs",
    ),
    "history": (lambda value: value in (None, "native", "prompt"), "'native' or 'prompt'"),
    "repair": (lambda value: isinstance(value, bool), "True or False"),
}
"""What each option may be, and how that is said."""


ALL_OPTIONS = frozenset(each.name for each in fields(CheckedOptions))
"""The names of all options."""

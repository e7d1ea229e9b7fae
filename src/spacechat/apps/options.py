"""The options of a question, besides its messages and model."""

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
"""The form of earlier messages: the value of the Space's chatbot, or a part of the prompt."""


class ChatOptions(TypedDict, total=False):
    """Further options of `stream` and `ask`.

    Attributes:
        endpoint: The function of the app that answers, by its name or id, if the guess is wrong.
        inputs: Values of other inputs (temperature, model choice), by label or parameter name.
        output: The component that shows the answer, by label or id, if the guess is wrong.
        files: Files that go with the question: paths, bytes, open files, URLs.
        auth: User and password of an app that has a login of its own.
        sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
            token, with which it can act as you do.
        history: The form of earlier messages; None is what fits the Space best.
        repair: Whether a pinned Space that has changed is asked by its description of itself.
    """

    endpoint: str | int | None
    inputs: Mapping[str, object]
    output: str | int | None
    files: Sequence[FileLike]
    auth: tuple[str, str] | None
    sign_in: bool
    history: History | None
    repair: bool


@dataclass(frozen=True)
class CheckedOptions:
    """`ChatOptions` that were checked, each with its default."""

    endpoint: str | int | None = None
    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    output: str | int | None = None
    files: Sequence[FileLike] = ()
    auth: tuple[str, str] | None = field(default=None, repr=False)
    sign_in: bool = False
    history: History | None = None
    repair: bool = True

    @classmethod
    def of(cls, provider: str, given: ChatOptions, taken: frozenset[str]) -> CheckedOptions:
        """Check the options that a caller gave.

        Args:
            provider: The provider's name, for errors.
            given: The options.
            taken: The names of the options that the provider takes.

        Raises:
            TypeError: The provider doesn't take an option.
            InputsError: An option's value is of a wrong type.
        """
        unknown = given.keys() - taken
        if unknown:
            raise TypeError(
                f"{provider} takes no option {', '.join(map(repr, sorted(unknown)))}. It takes "
                f"{', '.join(map(repr, sorted(taken)))}."
            )
        options = replace(cls(**given), auth=parse_auth(hide_auth(given.get("auth"))))
        for name, (is_right, takes) in _KINDS.items():
            value = getattr(options, name)
            if not is_right(value):
                kind = type(value).__name__
                shown = repr(value)[:_LONGEST]
                raise InputsError(f"{name}= takes {takes}, not {shown} (of type {kind}).")
        return options


def hide_logins(model: _Model, options: ChatOptions) -> _Model:
    """Hide the logins in a call's arguments, so that no traceback shows them.

    Args:
        model: A model's name, an app's address, or several of these.
        options: The options; `auth` is replaced in them.

    Returns:
        The model, with a user in its address hidden.
    """
    if "auth" in options:
        options["auth"] = hide_auth(options["auth"])
    return hide_user(model)


def hide_auth(auth: _Auth) -> _Auth:
    """Return a caller's `auth`, whatever it is, with texts that no repr shows."""
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
    "sign_in": (lambda value: isinstance(value, bool), "True or False"),
    "repair": (lambda value: isinstance(value, bool), "True or False"),
}
"""The check of each option, and its values in words."""


ALL_OPTIONS = frozenset(each.name for each in fields(CheckedOptions))
"""The names of all options."""

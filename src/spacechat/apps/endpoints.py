"""An app's functions as programs see them: names, parameters, defaults, and what they return."""

from __future__ import annotations

import inspect
import keyword
import re
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .value_types import brief

_F = TypeVar("_F", bound=Callable[..., object])

_BRIEF = 12
"""Choices that a parameter's line shows."""
_LONGEST = 300
"""Characters of a value that it shows."""

_SHORTENED = reprlib.Repr()
_SHORTENED.maxstring = _SHORTENED.maxother = 100
_SHORTENED.maxlist = _SHORTENED.maxdict = 12


@dataclass(frozen=True)
class Parameter:
    """A parameter of an endpoint.

    Attributes:
        name: Its name.
        label: What a person reads beside it.
        type: Its type, in Python's words.
        component: The kind of component that stands for it on the page.
        required: Whether it has no default.
        default: Its value if it is left out.
        choices: The values that it takes; empty if they aren't limited, or not known.
    """

    name: str
    label: str
    type: str
    component: str
    required: bool
    default: Any = None
    choices: Sequence[Any] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        default = {} if self.required else {"default": self.default}
        choices = {"choices": list(self.choices)} if self.choices else {}
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "component": self.component,
            "required": self.required,
            **default,
            **choices,
        }

    def __str__(self) -> str:
        more = "" if self.required else f" Default: {_brief(self.default)}."
        if self.choices:
            shown = ", ".join(map(_brief, self.choices[:_BRIEF]))
            more = f" One of {shown}{', ...' if len(self.choices) > _BRIEF else ''}.{more}"
        return f"{self.name} ({self.type}): {self.label} ({self.component}).{more}"


@dataclass(frozen=True)
class Return:
    """A value that an endpoint returns.

    Attributes:
        label: What a person reads beside it.
        type: Its type, in Python's words.
        component: The kind of component that shows it on the page.
    """

    label: str
    type: str
    component: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"label": self.label, "type": self.type, "component": self.component}

    def __str__(self) -> str:
        return f"{self.label} ({self.component}): {self.type}"


@dataclass(frozen=True, repr=False)
class Endpoint:
    """A function of an app that programs may call.

    Attributes:
        name: Its name, such as `/predict`, or None.
        id: Its number.
        parameters: What it takes, in order.
        returns: What it returns, in order.
        description: What it does; empty if the app doesn't say.
        streams: Whether it may give several values, one after another.
        queued: Whether it goes through the app's queue.
        documented: Whether the app lists it.
    """

    name: str | None
    id: int
    parameters: Sequence[Parameter]
    returns: Sequence[Return]
    description: str
    streams: bool
    queued: bool
    documented: bool = True

    @property
    def key(self) -> str:
        """Its name, or else its number."""
        return self.name or str(self.id)

    @property
    def signature(self) -> inspect.Signature:
        """Its signature. A required parameter after one with a default is keyword-only."""
        return self._signature(lambda value: value, str)

    def _signature(
        self, shown: Callable[[object], object], type_shown: Callable[[str], str]
    ) -> inspect.Signature:
        """Return the signature, with defaults and types as they are to be shown."""
        kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters: list[inspect.Parameter] = []
        has_defaults = False
        for each in self.parameters:
            if each.required and has_defaults:
                kind = inspect.Parameter.KEYWORD_ONLY
            has_defaults = has_defaults or not each.required
            default = inspect.Parameter.empty if each.required else shown(each.default)
            parameters.append(
                inspect.Parameter(
                    each.name, kind, default=default, annotation=_Words(type_shown(each.type))
                )
            )
        types = [type_shown(each.type) for each in self.returns]
        returned = types[0] if len(types) == 1 else f"tuple[{', '.join(types) or '()'}]"
        return inspect.Signature(parameters, return_annotation=_Words(returned))

    @property
    def doc(self) -> str:
        """What it does, takes and returns, as a docstring."""
        lines = [self.description or f"Call {self.key} of the app."]
        if self.parameters:
            lines += ["", "Args:", *(f"    {each}" for each in self.parameters)]
        if self.returns:
            lines += ["", "Returns:"]
            lines += [f"    {each}" for each in self.returns]
        return "\n".join(lines)

    def dress(self, function: _F) -> _F:
        """Give a function that calls the endpoint its name, signature and docstring."""
        name = identifier(self.key, f"function_{self.id}")
        function.__name__ = name
        function.__qualname__ = f"{name} of a Gradio app"  # Which its `repr` shows.
        function.__doc__ = self.doc
        vars(function)["__signature__"] = self.signature
        return function

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "name": self.name,
            "id": self.id,
            "parameters": [each.to_dict() for each in self.parameters],
            "returns": [each.to_dict() for each in self.returns],
            "description": self.description,
            "streams": self.streams,
            "queued": self.queued,
        }

    def __repr__(self) -> str:
        return f"<Endpoint {self}>"

    def __str__(self) -> str:
        return f"{self.key}{self._brief_signature}"

    def lines(self, width: int) -> list[str]:
        """Return its text on one line if that fits, else with a line for each parameter."""
        text = str(self)
        if len(text) <= width or not self.parameters:
            return [text]
        signature = self._brief_signature
        parameters: list[str] = []
        for each in signature.parameters.values():
            if each.kind is each.KEYWORD_ONLY and "    *," not in parameters:
                parameters.append("    *,")
            parameters.append(f"    {each},")
        returned = signature.replace(parameters=[])
        return [f"{self.key}(", *parameters, str(returned)[1:]]

    @property
    def _brief_signature(self) -> inspect.Signature:
        return self._signature(lambda value: _Words(_brief(value)), brief)


class _Words(str):
    """A type's name, or a value in words, which a signature shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _brief(value: object) -> str:
    """Return a value in Python's words, shortened as they are made: it may be large, or deep."""
    text = _SHORTENED.repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def identifier(text: str, otherwise: str) -> str:
    """Return a name that Python takes: the text itself, or one like it."""
    if text.isidentifier() and not keyword.iskeyword(text):
        return text
    name = re.sub(r"\W+", "_", text).strip("_").lower()
    name = f"{name}_" if keyword.iskeyword(name) else name
    return name if name.isidentifier() else otherwise

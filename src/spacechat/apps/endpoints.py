"""An app's functions as programs see them: names, parameters, defaults, and what they return.

An app says it twice: in its `/info`, in the words of programs, and in its `/config`, by the
components that a function takes and fills. The components are the ground, since the values that are
sent and returned are theirs; where there is an `/info`, its names, types and defaults come first.
States and layout are left out, as nobody gives or gets them.
"""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeVar

import msgspec

from ..errors import InputsError, ProtocolError
from .app import App, Function
from .components import Component
from .decoding import decoded
from .info import EndpointInfo, Info, ValueInfo
from .inputs import did_you_mean

_F = TypeVar("_F", bound=Callable[..., object])

_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_TYPES: Mapping[str, str] = {
    "textbox": "str",
    "textarea": "str",
    "markdown": "str",
    "html": "str",
    "code": "str",
    "number": "float",
    "slider": "float",
    "checkbox": "bool",
}
"""Python's types of components' values, for apps that don't say them."""
_SHOWN = 30
"""Endpoints that an error lists."""
_BRIEF = 12
"""Choices that a parameter's line shows."""
_MOST_CHOICES = 1000
"""Choices of a parameter that are listed."""


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


@dataclass(frozen=True)
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
        kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters: list[inspect.Parameter] = []
        has_defaults = False
        for each in self.parameters:
            if each.required and has_defaults:
                kind = inspect.Parameter.KEYWORD_ONLY
            has_defaults = has_defaults or not each.required
            default = inspect.Parameter.empty if each.required else each.default
            parameters.append(
                inspect.Parameter(each.name, kind, default=default, annotation=_Words(each.type))
            )
        return inspect.Signature(parameters, return_annotation=_Words(self._return_type))

    @property
    def _return_type(self) -> str:
        types = [each.type for each in self.returns]
        return types[0] if len(types) == 1 else f"tuple[{', '.join(types) or '()'}]"

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
        name = _identifier(self.key, f"function_{self.id}")
        function.__name__ = function.__qualname__ = name
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

    def __str__(self) -> str:
        return f"{self.key}{self.signature}"


class _Words(str):
    """A type's name, which a signature shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"


def endpoints(app: App, info: Info) -> Iterator[Endpoint]:
    """Yield the endpoints of an app; its private functions are none."""
    for function in app.functions.values():
        if function.visibility != "private":
            yield endpoint_of(app, info, function)


def endpoint_of(app: App, info: Info, function: Function) -> Endpoint:
    """Return a function as programs see it."""
    said = info.of(function) or EndpointInfo()
    taken, filled = given_inputs(app, function), app.named(function.outputs)
    given = [each for each in filled if not each.is_left_out]
    names = _names(taken, said.parameters)
    return Endpoint(
        name=f"/{function.api_name}" if function.api_name else None,
        id=function.id,
        parameters=tuple(
            _parameter(name, component, value)
            for name, (component, value) in zip(names, _both(taken, said.parameters), strict=True)
        ),
        returns=tuple(
            Return(value.label or each.label or each.type, _type(each, value), _kind(each, value))
            for each, value in _both(given, said.returns)
        ),
        description=said.description or "",
        streams=function.streams,
        queued=app.is_queued(function),
        documented=function.visibility == "public",
    )


def given_inputs(app: App, function: Function) -> list[Component]:
    """Return the components that stand for a function's parameters, in order."""
    return [each for each in app.named(function.inputs) if not each.is_left_out]


def shown_outputs(app: App, function: Function) -> list[int]:
    """Return the indexes of the outputs that a caller gets: all but states and layout."""
    found = [app.component(id_) for id_ in function.outputs]
    return [index for index, each in enumerate(found) if each is None or not each.is_left_out]


def find_endpoint(app: App, info: Info, name: str | int) -> tuple[Function, Endpoint]:
    """Return the function that a caller means, and how programs see it.

    Args:
        app: The app.
        info: Its `/info`.
        name: Its name, with or without `/`, or its number.

    Raises:
        InputsError: There is no such function, or it is private; the message lists what there is.
    """
    wanted = str(name).removeprefix("/")
    for function in app.functions.values():
        by_number = not function.api_name or isinstance(name, int)
        if wanted == (str(function.id) if by_number else function.api_name):
            if function.visibility == "private":
                break
            return function, endpoint_of(app, info, function)
    named = [each for each in app.functions.values() if each.visibility != "private"]
    keys = [f"/{each.api_name}" if each.api_name else str(each.id) for each in named]
    private = any(each.api_name == wanted for each in app.functions.values())
    problem = "keeps this function to its own page" if private else "has no such function"
    shown = ", ".join(keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
    raise InputsError(
        f"{str(name)[:100]!r}: the app {problem}.{did_you_mean(f'/{wanted}', keys)} It has: "
        f"{shown or 'none'}."
    )


def _both(
    components: Sequence[Component], values: Sequence[ValueInfo]
) -> Iterator[tuple[Component, ValueInfo]]:
    """Yield components, each with what an `/info` says of it; one of another length is ignored."""
    said = values if len(values) == len(components) else ()
    for component, value in zip_longest(components, said):
        yield component, value or ValueInfo()


def _parameter(name: str, component: Component, said: ValueInfo) -> Parameter:
    if said.parameter_has_default is None:
        default = _first_value(component)
        required = default is None
    else:
        default = decoded(said.parameter_default, _ANYTHING)
        required = not said.parameter_has_default
    return Parameter(
        name=name,
        label=said.label or component.label or name,
        type=_type(component, said),
        component=_kind(component, said),
        required=required,
        default=None if required else default,
        choices=component.choices[:_MOST_CHOICES],
    )


def _first_value(component: Component) -> Any:
    try:
        return component.value
    except ProtocolError:  # It is too large to be kept.
        return None


def _type(component: Component, said: ValueInfo) -> str:
    return said.python_type.type or _TYPES.get(component.type, "Any")


def _kind(component: Component, said: ValueInfo) -> str:
    return said.component or component.type.capitalize()


def _names(components: Sequence[Component], values: Sequence[ValueInfo]) -> list[str]:
    """Return the parameters' names, each a valid one, and none twice."""
    names: dict[str, None] = {}
    for index, (component, said) in enumerate(_both(components, values)):
        first = _identifier(said.parameter_name or component.label.lower(), f"param_{index}")
        name, number = first, 1
        while name in names:
            name, number = f"{first}_{number}", number + 1
        names[name] = None
    return list(names)


def _identifier(text: str, otherwise: str) -> str:
    """Return a name that Python takes: the text itself, or one like it."""
    if text.isidentifier() and not keyword.iskeyword(text):
        return text
    name = re.sub(r"\W+", "_", text).strip("_").lower()
    name = f"{name}_" if keyword.iskeyword(name) else name
    return name if name.isidentifier() else otherwise

"""Reading an app's endpoints.

An app says twice what its functions are: in its `/info`, in the words of programs, and in its
`/config`, by the components that a function takes and fills. The components are the ground, since
the values that are sent and returned are theirs; where there is an `/info`, its names, types and
defaults come first. States and layout are left out, as nobody gives or gets them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

import msgspec

from ..errors import InputsError, ProtocolError
from ..spelling import did_you_mean
from .app import App, Function
from .components import Component
from .decoding import decoded
from .endpoints import Endpoint, Parameter, Return, identifier
from .info import EndpointInfo, Info, ValueInfo
from .value_types import literal, with_literal

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
_MOST_CHOICES = 1000
"""Choices of a parameter that are listed."""


class EndpointReader:
    """Reads the endpoints of an app.

    What many functions take is decoded once.

    Args:
        app: The app.
        info: Its `/info`.
    """

    def __init__(self, app: App, info: Info) -> None:
        self._app = app
        self._info = info
        self._choices: dict[int, Sequence[Any]] = {}
        self._literals: dict[int, str | None] = {}
        self._first_values: dict[int, Any] = {}

    def all(self) -> Iterator[Endpoint]:
        """Yield the endpoints; private functions are none."""
        for function in self._app.functions.values():
            if function.visibility != "private":
                yield self.endpoint(function)

    def endpoint(self, function: Function) -> Endpoint:
        """Return a function as programs see it."""
        app = self._app
        said = self._info.of(function) or EndpointInfo()
        taken = given_inputs(app, function)
        given = [each for each in app.named(function.outputs) if not each.is_left_out]
        names = _names(taken, said.parameters)
        return Endpoint(
            name=f"/{function.api_name}" if function.api_name else None,
            id=function.id,
            parameters=tuple(
                self._parameter(name, component, value)
                for name, (component, value) in zip(
                    names, _both(taken, said.parameters), strict=True
                )
            ),
            returns=tuple(_return(each, value) for each, value in _both(given, said.returns)),
            description=said.description or "",
            streams=function.streams,
            queued=app.is_queued(function),
            documented=function.visibility == "public",
        )

    def find(self, name: str | int) -> tuple[Function, Endpoint]:
        """Return the function that a caller means, and how programs see it.

        Args:
            name: Its name, with or without `/`, or its number.

        Raises:
            InputsError: There is no such function, or it is private; the message lists those that
                there are.
        """
        wanted = str(name).removeprefix("/")
        functions = self._app.functions.values()
        for function in functions:
            by_number = not function.api_name or isinstance(name, int)
            if wanted == (str(function.id) if by_number else function.api_name):
                if function.visibility == "private":
                    break
                return function, self.endpoint(function)
        known = [each for each in functions if each.visibility != "private"]
        keys = {
            f"/{each.api_name}" if each.api_name else str(each.id): each.visibility == "public"
            for each in known
        }
        is_private = any(each.api_name == wanted for each in functions)
        problem = "keeps this function to its own page" if is_private else "has no such function"
        raise InputsError(
            f"{str(name)[:100]!r}: the app {problem}.{did_you_mean(f'/{wanted}', keys)} It has: "
            f"{listed(keys)}."
        )

    def _parameter(self, name: str, component: Component, said: ValueInfo) -> Parameter:
        is_kept = component.type == "browserstate"  # A new browser has the app's first value.
        if said.parameter_has_default is None or is_kept:
            default = self._first_value(component)
            required = default is None
        else:
            default = decoded(said.parameter_default, _ANYTHING)
            required = not said.parameter_has_default
        if component.id not in self._choices:
            self._choices[component.id], self._literals[component.id] = choices_of(component)
        return Parameter(
            name=name,
            label=said.label or component.label or name,
            type=parameter_type(component, self._literals[component.id], said),
            component=_kind(component, said),
            required=required,
            default=None if required else default,
            choices=self._choices[component.id],
        )

    def _first_value(self, component: Component) -> Any:
        if component.id not in self._first_values:
            try:
                self._first_values[component.id] = component.value
            except ProtocolError:  # It is too large to be kept.
                self._first_values[component.id] = None
        return self._first_values[component.id]


def choices_of(component: Component) -> tuple[Sequence[Any], str | None]:
    """Return the choices of a component that are listed, and the type that names them all."""
    choices = component.choices
    is_short = len(choices) <= _MOST_CHOICES
    return choices[:_MOST_CHOICES], literal(choices) if is_short else None


def parameter_type(component: Component, choices: str | None, said: ValueInfo) -> str:
    """Return a parameter's type; an `/info` makes texts of choices that are numbers.

    Args:
        component: The component that stands for it.
        choices: The type that names all its choices, or None.
        said: What an `/info` says of it.
    """
    if choices is None or (not said.python_words and component.props.allow_custom_value):
        return _type(component, said)
    if said.python_words:
        return with_literal(said.python_words, choices)
    several = component.type == "checkboxgroup" or component.props.multiselect
    return f"list[{choices}]" if several else choices


def _return(component: Component, said: ValueInfo) -> Return:
    label = said.label or component.label or component.type
    return Return(label, _type(component, said), _kind(component, said))


def listed(keys: Mapping[str, bool]) -> str:
    """Return the names of functions for an error that lists them.

    Args:
        keys: Whether the app lists each. If it lists none, all are named.
    """
    documented = [key for key, is_documented in keys.items() if is_documented]
    first = list(islice(documented or keys, _SHOWN + 1))
    return ", ".join([*first[:_SHOWN], *(["..."] if len(first) > _SHOWN else [])]) or "none"


def given_inputs(app: App, function: Function) -> list[Component]:
    """Return the components that stand for a function's parameters, in order."""
    return [each for each in app.named(function.inputs) if not each.is_left_out]


def shown_outputs(app: App, function: Function) -> list[int]:
    """Return the indexes of the outputs that a caller gets: all but states and layout."""
    found = [app.component(id_) for id_ in function.outputs]
    return [index for index, each in enumerate(found) if each is None or not each.is_left_out]


def _both(
    components: Sequence[Component], values: Sequence[ValueInfo]
) -> Iterator[tuple[Component, ValueInfo]]:
    """Yield components, each with what an `/info` says of it; one of another length is ignored."""
    said = values if len(values) == len(components) else ()
    for component, value in zip_longest(components, said):
        yield component, value or ValueInfo()


def _type(component: Component, said: ValueInfo) -> str:
    return said.python_words or _TYPES.get(component.type, "Any")


def _kind(component: Component, said: ValueInfo) -> str:
    return said.component or component.type.capitalize()


def _names(components: Sequence[Component], values: Sequence[ValueInfo]) -> list[str]:
    """Return the parameters' names, each a valid one, and none twice."""
    names: dict[str, None] = {}
    numbers: dict[str, int] = {}  # The last one after each name that several want.
    for index, (component, said) in enumerate(_both(components, values)):
        first = identifier(said.parameter_name or component.label.lower(), f"param_{index}")
        name = first
        while name in names:
            numbers[first] = numbers.get(first, 0) + 1
            name = f"{first}_{numbers[first]}"
        names[name] = None
    return list(names)

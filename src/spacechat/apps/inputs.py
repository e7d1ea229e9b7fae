"""Values for an app's inputs that a caller sets: the component that a name means, and its check."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from ..errors import InputsError
from ..spelling import did_you_mean
from .app import App
from .components import Component
from .info import Info


def find_inputs(
    components: Sequence[Component],
    values: Mapping[str, object],
    parameters: Mapping[int, str],
) -> dict[int, object]:
    """Return the values by the ids of their components.

    Args:
        components: The components that can be set.
        values: The values, by a component's label, `elem_id`, id or parameter name; case doesn't
            matter.
        parameters: The parameters' names, by the ids of their components.

    Raises:
        InputsError: There is no such input, and the message lists what there is; or an input
            doesn't take its value.
    """
    by_name: dict[str, Component] = {}
    for component in components:
        for name in names(component, parameters):
            by_name.setdefault(name.lower(), component)
    by_id: dict[int, object] = {}
    for name, value in values.items():
        named = by_name.get(str(name).strip().lower())
        if named is None:
            known = (each for one in components for each in names(one, parameters))
            hint = did_you_mean(name, known)
            has = f"It has: {_list(components, parameters)}." if components else "It has none."
            raise InputsError(f"The app has no input {name!r}.{hint} {has}")
        check_value(named, value)
        by_id[named.id] = value
    return by_id


def names(component: Component, parameters: Mapping[int, str]) -> Iterable[str]:
    """Yield the names of an input, the best first."""
    for name in (
        component.label,
        parameters.get(component.id),
        component.props.elem_id,
        str(component.id),
    ):
        if name:
            yield name


_LONGEST = 300
"""Characters of a value that an error repeats."""
_SHOWN = 30
"""Inputs that an error lists."""


def parameter_names(app: App, info: Info) -> dict[int, str]:
    """Return the names of the parameters in an app's `/info`, by the ids of their components."""
    parameters: dict[int, str] = {}
    for function in app.functions.values():
        endpoint = info.of(function)
        if endpoint is None:
            continue
        taken = [each.id for each in app.named(function.inputs) if not each.is_left_out]
        for id_, parameter in zip(taken, endpoint.parameters, strict=False):
            if parameter.parameter_name:
                parameters.setdefault(id_, parameter.parameter_name)
    return parameters


def check_value(component: Component, value: object) -> None:
    """Raise if a component doesn't take a value.

    Raises:
        InputsError: It doesn't; the message says which it takes.
    """
    props = component.props
    takes = describe(component)
    wrong = InputsError(f"{repr(value)[:_LONGEST]} is no value for {component}: it takes {takes}.")
    if component.type in ("slider", "number"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong
        low, high = props.minimum, props.maximum
        if isinstance(low, int | float) and value < low:
            raise wrong
        if isinstance(high, int | float) and value > high:
            raise wrong
    elif component.type == "checkbox":
        if not isinstance(value, bool):
            raise wrong
    elif component.type in ("dropdown", "radio", "checkboxgroup"):
        several = component.type == "checkboxgroup" or bool(props.multiselect)
        given = value if several and isinstance(value, list) else [value]
        known = {_key(each) for each in component.choices}
        if known and not props.allow_custom_value and not known.issuperset(map(_key, given)):
            strange = next(each for each in given if _key(each) not in known)
            raise InputsError(f"{wrong}{did_you_mean(strange, component.choices)}")
    elif component.type in ("textbox", "textarea", "code"):
        if not isinstance(value, str | int | float):  # The app makes a text of a number.
            raise wrong
        longest = props.max_length
        if isinstance(longest, int) and isinstance(value, str) and len(value) > longest:
            raise wrong


def _key(value: object) -> Hashable:
    """Return a hashable value that is equal for equal values, even for lists and dicts."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def describe(component: Component) -> str:
    """Return in words which values an input takes."""
    props = component.props
    if component.type in ("slider", "number"):
        if props.minimum is None and props.maximum is None:
            return "a number"
        low = "" if props.minimum is None else f" from {props.minimum}"
        high = "" if props.maximum is None else f" to {props.maximum}"
        return f"a number{low}{high}"
    if component.type == "checkbox":
        return "True or False"
    known = component.choices
    if known:
        shown = ", ".join(repr(each)[:_LONGEST] for each in known[:12]) + (
            ", ..." if len(known) > 12 else ""
        )
        several = component.type == "checkboxgroup" or bool(props.multiselect)
        return f"{'some' if several else 'one'} of {shown}"
    if component.type in ("textbox", "textarea", "code"):
        longest = f" of up to {props.max_length} characters" if props.max_length else ""
        return f"a text{longest}"
    return f"what a {component.type} holds"


def _list(components: Sequence[Component], parameters: Mapping[int, str]) -> str:
    shown = [
        f"{next(iter(names(component, parameters)), component.id)!r} ({describe(component)})"
        for component in components[:_SHOWN]
    ]
    if len(components) > _SHOWN:
        shown.append(f"and {len(components) - _SHOWN} more")
    return "; ".join(shown)

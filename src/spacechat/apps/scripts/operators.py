"""What the operators of a script make of values that are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from .browser import UNDEFINED, UNKNOWN, Empty, Undefined, Unknown


def is_true(value: object) -> bool:
    """Tell whether a value counts as true. In JavaScript, an empty list does."""
    return not (isinstance(value, Undefined) or value in (None, False, 0, ""))


def type_of(value: object) -> str:
    """Return the text that `typeof` makes of a value."""
    if isinstance(value, Undefined):
        return "undefined"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "function" if callable(value) else "object"


def as_text(value: object) -> str | None:
    """Return the text that a value becomes in a text, or None if that can't be told."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, Undefined):
        return "undefined"
    if isinstance(value, str | int):
        return str(value)
    return "" if isinstance(value, Empty) else None


def combined(operator: str, first: object, second: object) -> object:
    """Return the value of an operator with two sides."""
    if operator in ("==", "===", "!=", "!=="):
        is_equal = _is_equal(first, second, loosely=len(operator) == 2)
        return UNKNOWN if is_equal is None else is_equal is not operator.startswith("!")
    numbers = (int, float)
    if type(first) in numbers and type(second) in numbers:
        return _COMPUTED.get(operator, _no_number)(cast("Any", first), cast("Any", second))
    texts = as_text(first), as_text(second)
    if operator == "+" and (isinstance(first, str) or isinstance(second, str)):
        return UNKNOWN if texts[0] is None or texts[1] is None else texts[0] + texts[1]
    return UNKNOWN


def _is_equal(first: object, second: object, *, loosely: bool) -> bool | None:
    """Tell whether two values are equal, or None if that can't be told.

    Lists and objects are equal only if they are the same ones, which is not known of them here.
    """
    if isinstance(second, Unknown):
        return None
    nothing = (None, UNDEFINED)
    if first in nothing or second in nothing:
        return first in nothing and second in nothing if loosely else first is second
    types = {type_of(first), type_of(second)}
    if len(types) > 1:
        return None if loosely else False
    return None if types & {"object", "function"} else first == second


def _no_number(_first: Any, _second: Any) -> object:
    return UNKNOWN


_COMPUTED: Mapping[str, Callable[[Any, Any], object]] = {
    "+": lambda first, second: first + second,
    "-": lambda first, second: first - second,
    "*": lambda first, second: first * second,
    "<": lambda first, second: first < second,
    ">": lambda first, second: first > second,
    "<=": lambda first, second: first <= second,
    ">=": lambda first, second: first >= second,
}
"""The operators on numbers."""

"""What the scripts of events return, on a page that was opened without parameters.

An event may have a script (`js=`): the page runs it on the function's inputs, and sends what it
returns. Most scripts pass their arguments on, return a constant, or read something of the browser:
the parameters in the page's address, what the page has stored, the language. They are understood
here and have the values of a browser that opens the page for the first time. So a page's address
has no parameters, nothing is stored, and the language is English.

A value that depends on anything else is unknown, and whatever is made of it is, too. If a part
of the result is unknown, the script is not understood, and `run_script` returns None. Nothing is
run that could loop, and a value that grows too large is unknown: so it ends, whatever a server
sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from .browser import (
    BROWSER_NAMES,
    UNDEFINED,
    UNKNOWN,
    BrowserObject,
    Empty,
    HostFunction,
    Undefined,
    Unknown,
    browser,
    member,
)
from .names import names_in
from .operators import as_text, combined, is_true, type_of
from .syntax import Node, parse
from .tokens import SyntaxUnknownError

_MOST_WORK = 30_000
"""Characters and entries of all values that a script makes."""


class _Returned(Exception):  # noqa: N818 - no error
    """The function has returned a value."""

    def __init__(self, value: object) -> None:
        self.value = value


def run_script(
    source: str, arguments: Sequence[object], *, url: str, only_one: bool
) -> list[Any] | None:
    """Return the values that a script returns, or None if it is not understood.

    Args:
        source: The script.
        arguments: The values that the page passes to it.
        url: The page's address.
        only_one: Whether one value is expected, which then needs no list around it.
    """
    try:
        function = parse(source.strip())
        result = _Run(url).call(function, arguments)
    except (SyntaxUnknownError, RecursionError):
        return None
    if isinstance(result, Undefined):
        return []
    if isinstance(result, list):
        return result
    return [result] if only_one and _is_known(result) else None


def _is_known(value: object) -> bool:
    return not isinstance(value, Unknown | Empty | BrowserObject) and not callable(value)


class _Run:
    """One run of a script.

    Args:
        url: The page's address.
    """

    def __init__(self, url: str) -> None:
        self._names: dict[str, object] = dict(browser(url))
        self._given: frozenset[int] = frozenset()
        self._work = 0

    def call(self, function: Node, arguments: Sequence[object]) -> object:
        """Return what a function returns."""
        _, parameters, body = function
        self._given = frozenset(map(id, arguments))
        for index, parameter in enumerate(parameters):
            if parameter[0] == "rest":
                self._names[parameter[1]] = list(arguments[index:])
                break
            value = arguments[index] if index < len(arguments) else UNDEFINED
            if isinstance(value, Undefined) and len(parameter) > 2:
                value = self._value(parameter[2])
            self._names[parameter[1]] = value
        try:
            self._do_all(body)
        except _Returned as returned:
            return returned.value
        return UNDEFINED

    # Statements.

    def _do_all(self, statements: Sequence[Node]) -> None:
        for statement in statements:
            self._do(statement)

    def _do(self, statement: Node) -> None:
        kind = statement[0]
        if kind == "return":
            raise _Returned(self._value(statement[1]))
        if kind == "block":
            self._do_all(statement[1])
        elif kind == "assign":
            self._assign(statement[1], self._value(statement[2]))
        elif kind == "if":
            self._do_if(statement)
        elif kind == "skipped":
            self._forget(statement[1])
        elif kind == "do":
            self._do_expression(statement[1])

    def _do_if(self, statement: Node) -> None:
        _, condition, yes, no = statement
        value = self._value(condition)
        if isinstance(value, Unknown):
            self._forget(names_in(yes) | names_in(no))
        else:
            self._do(yes if is_true(value) else no)

    def _do_expression(self, expression: Node) -> None:
        """Evaluate an expression for its effect: a call may change what it is called on."""
        if expression[0] == "call" and self._value(expression[1]) is UNKNOWN:
            self._forget(names_in(expression) - {"return"})
        else:
            self._value(expression)

    def _forget(self, names: frozenset[str]) -> None:
        """Go on after a statement of which only the names in it are known.

        It may have returned, or have set or changed what these names stand for. A text or a number
        does not change, but a name may stand for another one.
        """
        if "return" in names:
            raise _Returned(UNKNOWN)
        for name in names & self._names.keys():
            if name not in BROWSER_NAMES:
                self._names[name] = UNKNOWN

    def _assign(self, target: Node, value: object) -> None:
        if target[0] == "name":
            self._names[target[1]] = value
        else:  # A part of something: what that is now can't be told.
            self._forget(names_in(target) - {"return"})

    # Expressions.

    def _value(self, node: Node) -> object:
        return _VALUES.get(node[0], _Run._of_unknown)(self, *node[1:])

    def _values(self, nodes: Sequence[Node]) -> list[Any] | None:
        """Return the values of a list's entries, or None if it can't be told how many there are."""
        values: list[Any] = []
        for node in nodes:
            if node[0] != "spread":
                values.append(self._value(node))
                continue
            several = self._value(node[1])
            if isinstance(several, list):
                values += self._made(several)
            elif not isinstance(several, Empty):
                return None
        return values

    def _made(self, value: Any) -> Any:
        """Return a value that the script made.

        Raises:
            SyntaxUnknownError: The script makes too much.
        """
        waiting: list[Any] = [value]
        while waiting:
            each = waiting.pop()
            self._work += 1
            if isinstance(each, str):
                self._work += len(each) if each is value else 0
            elif isinstance(each, list | dict) and (each is value or id(each) not in self._given):
                self._work += len(each)
                waiting += each.values() if isinstance(each, dict) else each
            if self._work > _MOST_WORK:
                raise SyntaxUnknownError
        return value

    def _of_value(self, value: object) -> object:
        return value

    def _of_undefined(self) -> object:
        return UNDEFINED

    def _of_unknown(self, *_: object) -> object:
        return UNKNOWN

    def _of_name(self, name: str) -> object:
        return self._names.get(name, UNKNOWN)

    def _of_array(self, items: Sequence[Node]) -> object:
        values = self._values(items)
        if values is None or not all(map(_is_known, values)):
            return UNKNOWN
        return self._made([None if isinstance(each, Undefined) else each for each in values])

    def _of_object(self, items: Sequence[tuple[str, Node]]) -> object:
        values = {key: self._value(node) for key, node in items}
        if "..." in values or not all(map(_is_known, values.values())):
            return UNKNOWN
        kept = {key: each for key, each in values.items() if not isinstance(each, Undefined)}
        return self._made(kept)

    def _of_template(self, parts: Sequence[Node]) -> object:
        texts = [as_text(self._value(each)) for each in parts]
        known = [each for each in texts if each is not None]
        return self._made("".join(known)) if len(known) == len(texts) else UNKNOWN

    def _of_choice(self, condition: Node, yes: Node, no: Node) -> object:
        value = self._value(condition)
        if isinstance(value, Unknown):
            return UNKNOWN
        return self._value(yes if is_true(value) else no)

    def _of_unary(self, operator: str, operand: Node) -> object:
        value = self._value(operand)
        if operator == "void":
            return UNDEFINED
        if isinstance(value, Unknown):
            return UNKNOWN
        if operator == "!":
            return not is_true(value)
        if operator == "typeof":
            return type_of(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return -value if operator == "-" else value
        return UNKNOWN

    def _of_binary(self, operator: str, left: Node, right: Node) -> object:
        first = self._value(left)
        if isinstance(first, Unknown):
            return UNKNOWN
        if operator == "||":
            return first if is_true(first) else self._value(right)
        if operator == "&&":
            return self._value(right) if is_true(first) else first
        if operator == "??":
            return self._value(right) if first is None or first is UNDEFINED else first
        return self._made(combined(operator, first, self._value(right)))

    def _of_member(self, owner: Node, key: Node) -> object:
        return member(self._value(owner), self._value(key))

    def _of_call(self, callee: Node, arguments: Sequence[Node]) -> object:
        function, values = self._value(callee), self._values(arguments)
        if not callable(function) or values is None:
            return UNKNOWN
        return self._made(cast("HostFunction", function)(values))


_VALUES: Mapping[str, Callable[..., object]] = {
    "value": _Run._of_value,
    "undefined": _Run._of_undefined,
    "name": _Run._of_name,
    "array": _Run._of_array,
    "object": _Run._of_object,
    "template": _Run._of_template,
    "choice": _Run._of_choice,
    "unary": _Run._of_unary,
    "binary": _Run._of_binary,
    "member": _Run._of_member,
    "call": _Run._of_call,
    "new": _Run._of_call,
}
"""What the value of each kind of node is."""

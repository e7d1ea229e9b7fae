"""The names in a part of a script that can't be understood."""

from __future__ import annotations

from typing import Any

from .syntax import Node


def names_in(node: Node) -> frozenset[str]:
    """Return the names that a statement or an expression has, with `return` if it may return."""
    names: set[str] = set()
    waiting: list[Any] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, frozenset):
            names |= each
        elif isinstance(each, tuple | list):
            if each and each[0] == "return":
                names.add("return")
            elif len(each) == 2 and each[0] == "name":
                names.add(each[1])
            waiting += each
    return frozenset(names)

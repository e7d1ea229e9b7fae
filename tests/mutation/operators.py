"""The changes that are tried: cosmic-ray's own operators, and two that it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cosmic_ray.plugins
import parso.python.tree
import parso.tree

_REPLACED = {
    "Eq": ["NotEq"],
    "NotEq": ["Eq"],
    "Lt": ["LtE", "GtE"],
    "LtE": ["Lt", "Gt"],
    "Gt": ["GtE", "LtE"],
    "GtE": ["Gt", "Lt"],
    "Is": ["IsNot"],
    "IsNot": ["Is"],
}
"""Comparisons, each with the one at its boundary and its opposite; others tell the same twice."""

_NAMES = [
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, found in _REPLACED.items() for b in found),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add"),
    *("ReplaceBinaryOperator_Mul_FloorDiv", "ReplaceBinaryOperator_FloorDiv_Mul"),
    *("ReplaceBinaryOperator_Div_Mul", "ReplaceBinaryOperator_Mod_Add"),
    *("ReplaceUnaryOperator_USub_UAdd", "ReplaceUnaryOperator_Delete_Not"),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
    *("NumberReplacer", "AddNot", "RemoveDecorator"),
]


class DropStatement:
    """Puts `pass` in the place of a statement in a function: a call or an assignment."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield a position if the node is such a statement."""
        if node.type != "simple_stmt" or parso.tree.search_ancestor(node, "funcdef") is None:
            return
        statement = node.children[0]
        calls = statement.type == "atom_expr" or _is_awaited(statement)
        if calls or (statement.type == "expr_stmt" and not _is_declaration(statement)):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, _: int) -> Any:
        """Return `pass`."""
        prefix = node.children[0].get_first_leaf().prefix
        return parso.python.tree.Keyword("pass\n", node.start_pos, prefix)


def _is_awaited(statement: Any) -> bool:
    return statement.type in ("atom_expr", "power") and statement.children[0].type == "keyword"


def _is_declaration(statement: Any) -> bool:
    """Return whether a statement only declares a type."""
    second = statement.children[1]
    return second.type == "annassign" and len(second.children) < 4


class DropOperand:
    """Leaves an operand out of an `and` or an `or`."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield a position for each operand."""
        if node.type in ("and_test", "or_test"):
            for operand in node.children[::2]:
                yield operand.start_pos, operand.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the node without an operand, and without the word beside it."""
        prefix = node.get_first_leaf().prefix
        at = 2 * index
        del node.children[max(at - 1, 0) : max(at + 1, 2)]
        node.get_first_leaf().prefix = prefix
        return node


def operators() -> Iterator[Any]:
    """Yield all operators."""
    for name in _NAMES:
        yield cosmic_ray.plugins.get_operator(f"core/{name}")()
    yield DropStatement()
    yield DropOperand()

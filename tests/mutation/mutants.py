"""The mutants of a file: the file with one change.

What nobody can feel by its nature is left out: an annotation, a decorator, a class or a branch that
only the type checker or pytest reads, whether a record that is never changed could be, or be made
without naming its fields, and one more or less in a large constant, or where a long text is cut.
"""

from __future__ import annotations

import ast
import difflib
import itertools
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.mutating import mutate_code

from tests.mutation.mutant import Mutant
from tests.mutation.operators import operators

_LARGE = 16
"""In a constant or a cut from here on, one more or less is a limit that nobody comes near."""

_FOR_TYPES = {"overload", "override", "final", "runtime_checkable"}


def mutants(path: Path) -> list[Mutant]:
    """Return every mutant of a source file once, by lines."""
    source = path.read_text()
    found: dict[str | None, Mutant] = {}
    original = _code(source)
    statements = [*_statements(ast.parse(source))]
    for operator in operators():
        for occurrence in itertools.count():
            text = mutate_code(source, operator, occurrence)
            if text is None:
                break
            code = _code(text)
            if code not in (None, original):
                found.setdefault(code, _mutant(path, source, text, statements))
    return sorted(found.values(), key=lambda each: (each.number, each.after))


def _code(source: str) -> str | None:
    """Return what a user may feel of a file's code, or None if it is no Python."""
    try:
        tree = ast.parse(source)
        compile(tree, "", "exec")  # A name may be bound nowhere, which parsing doesn't tell.
    except SyntaxError:
        return None
    return ast.dump(_Felt().visit(tree))


def _statements(tree: ast.Module) -> Iterator[range]:
    """Yield the lines of each statement; those of a block are its head's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.match_case):
            first = last = node.pattern.lineno
        elif isinstance(node, (ast.stmt, ast.ExceptHandler)):
            first, last = node.lineno, node.end_lineno or node.lineno
        else:
            continue
        body: list[ast.stmt] = getattr(node, "body", [])
        if body:
            last = body[0].lineno - 1
        yield range(first, max(first, last) + 1)


class _Felt(ast.NodeTransformer):
    """Takes out of a module what nobody can feel."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        for each in node.body:
            if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value is not None:
                each.value = _Rounded().visit(each.value)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | None:
        if any(isinstance(n, ast.Name) and n.id == "Protocol" for n in node.bases):
            return None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if any(isinstance(n, ast.Name) and n.id == "TYPE_CHECKING" for n in ast.walk(node.test)):
            return None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> ast.AST:
        return self.generic_visit(_Rounded().generic_visit(node))

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        is_for_tests = [*map(ast.unparse, node.targets)] == ["__tracebackhide__"]
        return ast.Pass() if is_for_tests else self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg in ("frozen", "kw_only"):
            node.value = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.decorator_list = [each for each in node.decorator_list if not _is_for_types(each)]
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


class _Rounded(ast.NodeTransformer):
    """Rounds the large numbers of a constant, so that one more or less makes no difference.

    In `4 << 20` that is a limit, which may be twice or half as large.
    """

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.LShift):
            return ast.Constant(None)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, (int, float)) and node.value >= _LARGE - 1:
            return ast.Constant(float("inf"))
        return node


def _is_for_types(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in _FOR_TYPES


def _mutant(path: Path, source: str, text: str, statements: list[range]) -> Mutant:
    before, after = source.splitlines(), text.splitlines()
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, start, end, new_start, new_end = next(each for each in changes if each[0] != "equal")
    around = [each for each in statements if start + 1 in each]
    return Mutant(
        path,
        start + 1,
        min(around, key=len, default=range(start + 1, end + 1)),
        _one_line(before[start:end]),
        _one_line(after[new_start:new_end]),
        text,
    )


def _one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)

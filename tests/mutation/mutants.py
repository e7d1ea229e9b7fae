"""The mutants of a file: the file with one change."""

from __future__ import annotations

import ast
import difflib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.mutating import mutate_code

from tests.mutation.operators import operators


@dataclass(frozen=True)
class Mutant:
    """A changed file.

    Attributes:
        number: The number of the first line that changed.
        before: The changed lines as they were, without the space around them.
        after: The same lines changed.
        text: The whole file.
    """

    number: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.number}: {self.before} → {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a source file once, by lines.

    What changes no code, such as a type that is never evaluated, is left out.
    """
    found: dict[str | None, Mutant] = {}
    original = _code(source)
    for operator in operators():
        for occurrence in itertools.count():
            text = mutate_code(source, operator, occurrence)
            if text is None:
                break
            code = _code(text)
            if code not in (None, original):
                found.setdefault(code, _mutant(source, text))
    yield from sorted(found.values(), key=lambda each: (each.number, each.after))


def _code(source: str) -> str | None:
    """Return what a file's code says without its annotations, or None if it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    return ast.dump(_WithoutTypes().visit(tree))


class _WithoutTypes(ast.NodeTransformer):
    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


def _mutant(source: str, text: str) -> Mutant:
    before, after = source.splitlines(), text.splitlines()
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, start, end, new_start, new_end = next(each for each in changes if each[0] != "equal")
    return Mutant(
        start + 1, _one_line(before[start:end]), _one_line(after[new_start:new_end]), text
    )


def _one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)

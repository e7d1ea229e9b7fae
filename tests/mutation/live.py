"""Changes the functions and constants of modules that are loaded already.

Importing the library and collecting the tests takes a second, and most mutants differ from the file
in one function, whose code can be put in the place of the old one.
"""

from __future__ import annotations

import ast
import gc
import inspect
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from tests.mutation.mutant import Mutant

_AT_ONCE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
"""Code that runs where it stands."""


class _Place(NamedTuple):
    """Where a function is written: its file and first line, and its name.

    Two lambdas of one line have the same, and change together.
    """

    file: str
    line: int
    name: str


class Change(NamedTuple):
    """What makes the library as it is loaded that of a mutant.

    Attributes:
        install: Makes it.
        of_constant: Whether it changes a constant: of that other constants may have been made,
            which it leaves as they are.
    """

    install: Callable[[], None]
    of_constant: bool


class Functions:
    """The library's functions, by where they are written."""

    def __init__(self) -> None:
        gc.unfreeze()
        self._found: dict[_Place, list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if type(each) is FunctionType:
                self._found[_place(each.__code__)].append(each)
        gc.freeze()

    def change(self, mutant: Mutant) -> Change | None:
        """Return what makes the loaded library that of a mutant, or None if nothing can."""
        path, source = str(mutant.path), mutant.path.read_text()
        changed = _changed_functions(
            compile(source, path, "exec"), compile(mutant.text, path, "exec")
        )
        if changed is None:
            return _changed_constant(path, source, mutant.text)
        found = [(each, code) for old, code in changed for each in self._found[_place(old)]]
        if not found or any(each.__code__.co_freevars != code.co_freevars for each, code in found):
            return None

        def install() -> None:
            for function, code in found:
                function.__code__ = code

        return Change(install, of_constant=False)


def _place(code: CodeType) -> _Place:
    return _Place(code.co_filename, code.co_firstlineno, code.co_name)


def _changed_functions(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """Return the functions of a module that differ, or None if anything else does."""
    if not _are_alike(before, after):
        return None
    changed: list[tuple[CodeType, CodeType]] = []
    for old, new in zip(_parts(before), _parts(after), strict=True):
        if old == new and _constants(old) == _constants(new):
            continue
        if old.co_name != new.co_name or old.co_name in _AT_ONCE:
            return None
        if old.co_flags & inspect.CO_OPTIMIZED:
            changed.append((old, new))
        else:  # The body of a class.
            inner = _changed_functions(old, new)
            if inner is None:
                return None
            changed += inner
    return changed


def _parts(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _constants(code: CodeType) -> tuple[Any, ...]:
    """Return the constants of a code, whose equality makes no difference of 1 and `True`."""
    return tuple(repr(each) for each in code.co_consts if not isinstance(each, CodeType))


def _are_alike(before: CodeType, after: CodeType) -> bool:
    """Return whether two codes do the same, but for the codes within them."""
    same = before.co_code == after.co_code and before.co_names == after.co_names
    return (
        same
        and _constants(before) == _constants(after)
        and len(_parts(before)) == len(_parts(after))
    )


def _changed_constant(path: str, source: str, mutant: str) -> Change | None:
    """Return what changes a module's constant, wherever it was imported to."""
    differing = [
        (old, new)
        for old, new in zip(ast.parse(source).body, ast.parse(mutant).body, strict=False)
        if ast.dump(old) != ast.dump(new)
    ]
    module = next((each for each in sys.modules.values() if _file(each) == path), None)
    if len(differing) != 1 or module is None:
        return None
    name, value = _assigned(differing[0][1])
    if name is None or value is None:
        return None
    old = vars(module)[name]
    expression = compile(ast.Expression(value), path, "eval")

    def install() -> None:
        new = eval(expression, dict(vars(module)))
        for each in _modules():
            if vars(each).get(name) is old:
                setattr(each, name, new)

    return Change(install, of_constant=True)


def _assigned(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    if len(targets) == 1 and isinstance(targets[0], ast.Name):
        assert isinstance(statement, (ast.Assign, ast.AnnAssign))
        return targets[0].id, statement.value
    return None, None


def _modules() -> Iterator[Any]:
    for name, module in [*sys.modules.items()]:
        if name.startswith("spacechat"):
            yield module


def _file(module: Any) -> str | None:
    return getattr(module, "__file__", None)

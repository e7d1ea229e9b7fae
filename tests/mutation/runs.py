"""Runs tests on a mutant, in a process that is forked from one that has loaded what they need."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.table import PACKAGE

_LOADED = ("anyio", "httpx", "hypothesis", "msgspec", "pytest_timeout", "trio", "xdist", "uvicorn")
"""What most tests import; it imports nothing of the library."""

_OPTIONS = (
    *("-x", "-q", "-n", "0", "-p", "no:cacheprovider"),
    "-W",  # That is loaded already.
    "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning",
)

_FORK = multiprocessing.get_context("fork")


class Outcome(Enum):
    """What the tests say of a mutant."""

    NOTICED = "noticed"
    HANGS = "hangs"
    SURVIVED = "survived"


class Selection:
    """A plugin of pytest's that leaves out what would prove nothing.

    A random run notices by luck, and a second event loop says what the first one did.
    """

    def pytest_collection_modifyitems(self, config: Any, items: list[pytest.Item]) -> None:
        """Leave tests out."""
        kept = [item for item in items if not (_is_random(item) or _is_repeated(item))]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def _is_random(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _is_repeated(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("runs_on")
    loop = getattr(getattr(item, "callspec", None), "params", {}).get("runs_on")
    return loop in ("trio", "uvloop") and (mark is None or "asyncio" in mark.args)


class Copy:
    """A copy of the library, in which one file is changed at a time.

    Args:
        folder: Where the copy is.
    """

    def __init__(self, folder: Path) -> None:
        self._source = folder / "src"
        self._clock = int(time.time())
        shutil.copytree(
            PACKAGE, self._source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in _LOADED:
            importlib.import_module(name)

    def run(self, file: str, text: str, tests: Sequence[str], limit: float | None) -> Outcome:
        """Run tests with another text of a file; end with the first of them that fails.

        Args:
            file: The file's path in the package.
            text: Its text.
            tests: The files of tests, each of which has a process of its own.
            limit: Seconds after which the tests of one are stopped, or None.
        """
        path = self._source / PACKAGE.name / file
        before = path.read_text()
        try:
            self._write(path, text)
            for each in tests:
                outcome = self._run(each, limit)
                if outcome is not Outcome.SURVIVED:
                    return outcome
            return Outcome.SURVIVED
        finally:
            self._write(path, before)

    def _run(self, test: str, limit: float | None) -> Outcome:
        child = _FORK.Process(target=_test, args=(str(self._source), test))
        child.start()
        child.join(limit)
        if child.is_alive() and child.pid is not None:
            os.killpg(child.pid, signal.SIGKILL)
            child.join()
            return Outcome.HANGS
        return Outcome.NOTICED if child.exitcode else Outcome.SURVIVED

    def _write(self, path: Path, text: str) -> None:
        """Write a file with a time of its own, by which Python knows its bytecode."""
        path.write_text(text)
        self._clock += 1
        os.utime(path, (self._clock, self._clock))


def _test(source: str, test: str) -> None:
    """Run tests in this process, which ends with pytest's exit status."""
    os.setsid()
    sys.path.insert(0, source)
    os.environ["PYTHONPATH"] = source
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    code = pytest.main([*_OPTIONS, test], plugins=[Selection()])
    os._exit(int(code))


@contextlib.contextmanager
def copy() -> Iterator[Copy]:
    """Make a copy of the library for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        yield Copy(Path(folder))

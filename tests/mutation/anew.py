"""Runs tests on mutants in processes that load the library anew, from a copy with one file changed.

It is for changes of what runs when a module is loaded, which `live` can't make.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome
from tests.mutation.table import PACKAGE

_LOADED = ("anyio", "httpx", "hypothesis", "msgspec", "pytest_timeout", "trio", "xdist", "uvicorn")
"""What most tests import; it imports nothing of the library."""

_SECONDS = 60.0
"""What the tests of a file have; they take up to 10 s on the library as it is."""

_TOGETHER = 8
"""How many mutants are tested on one copy, one after the other."""

_FORK = multiprocessing.get_context("fork")

_Run = Callable[[Sequence[str]], int]
"""Runs files of tests in the present process; returns pytest's exit status."""
_Reached = tuple[Mutant, Sequence[str]]
"""A mutant, and the files of tests to run on it."""


def outcomes(mutants: Sequence[_Reached], jobs: int, run: _Run) -> Iterator[tuple[Mutant, Outcome]]:
    """Test mutants on copies of the library; yield each with its outcome.

    Args:
        mutants: The mutants, each with its tests.
        jobs: How many are tested at once.
        run: Runs files of tests.
    """
    for name in _LOADED:
        importlib.import_module(name)
    parts = [mutants[at : at + _TOGETHER] for at in range(0, len(mutants), _TOGETHER)]
    with ProcessPoolExecutor(jobs, _FORK) as pool:
        found = pool.map(_test_some, parts, itertools.repeat(run))
        for (mutant, _), outcome in zip(mutants, itertools.chain(*found), strict=True):
            yield mutant, outcome


def _test_some(mutants: Sequence[_Reached], run: _Run) -> list[Outcome]:
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        library = Copy(Path(folder), run)
        return [library.test(mutant, tests) for mutant, tests in mutants]


class Copy:
    """A copy of the library, in which one file is changed at a time.

    Args:
        folder: Where the copy is.
        run: Runs files of tests.
    """

    def __init__(self, folder: Path, run: _Run) -> None:
        self._source = folder / "src"
        self._run = run
        self._clock = int(time.time())
        shutil.copytree(
            PACKAGE, self._source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__")
        )

    def test(self, mutant: Mutant, tests: Sequence[str]) -> Outcome:
        """Run files of tests on a mutant, each in a process of its own, until one fails."""
        path = self._source / PACKAGE.name / mutant.path.relative_to(PACKAGE)
        before = path.read_text()
        self._write(path, mutant.text)
        try:
            outcomes = map(self._test, tests)
            return next(
                (each for each in outcomes if each is not Outcome.SURVIVED), Outcome.SURVIVED
            )
        finally:
            self._write(path, before)

    def _test(self, test: str) -> Outcome:
        child = _FORK.Process(target=self._child, args=(test,))
        child.start()
        child.join(_SECONDS)
        outcome = Outcome.NOTICED if child.exitcode else Outcome.SURVIVED
        if child.is_alive():
            outcome = Outcome.HANGS
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid or 0, signal.SIGKILL)
        child.join()
        return outcome

    def _child(self, test: str) -> None:
        os.setsid()
        sys.path.insert(0, str(self._source))
        os.environ["PYTHONPATH"] = str(self._source)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        os._exit(self._run([test]))

    def _write(self, path: Path, text: str) -> None:
        """Write a file with a time of its own, by which Python knows its bytecode."""
        path.write_text(text)
        self._clock += 1
        os.utime(path, (self._clock, self._clock))

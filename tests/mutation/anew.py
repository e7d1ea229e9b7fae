"""Runs tests on mutants in processes that load the library anew.

It is for changes of what runs when a module is loaded, which `live` can't make.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.mutation.collected import say_nothing
from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome
from tests.mutation.tree import plant

_LOADED = (
    *("anyio", "httpx", "hypothesis", "msgspec", "pytest_timeout", "trio", "xdist", "uvicorn"),
    *("click", "openai", "rich"),
)
"""What most tests import; it imports nothing of the library."""

_SECONDS = 60.0
"""What the tests of a file have; they take up to 10 s on the library as it is."""

_ALL_SECONDS = 150.0
"""What the tests of all files of a mutant have together."""

_HANGS = 2
"""How many files of tests of a mutant may hang until the rest is not tried."""

_FORK = multiprocessing.get_context("fork")

_Run = Callable[[Sequence[str]], int]
"""Runs files of tests in the present process; returns pytest's exit status."""
_Reached = tuple[Mutant, Sequence[str]]
"""A mutant, and the files of tests to run on it."""


def outcomes(mutants: Sequence[_Reached], jobs: int, run: _Run) -> Iterator[tuple[Mutant, Outcome]]:
    """Test mutants; yield each with its outcome.

    Args:
        mutants: The mutants, each with its tests.
        jobs: How many are tested at once.
        run: Runs files of tests.
    """
    for name in _LOADED:
        importlib.import_module(name)
    with ProcessPoolExecutor(jobs, _FORK) as pool:
        found = pool.map(_outcome, mutants, itertools.repeat(run))
        for (mutant, _), outcome in zip(mutants, found, strict=True):
            yield mutant, outcome


def _outcome(reached: _Reached, run: _Run) -> Outcome:
    """Run files of tests on a mutant, until one notices it: all together, or one after another.

    The library is loaded once for all; but where one of them hangs, the others are to go on.
    """
    mutant, tests = reached
    if not tests:
        return Outcome.SURVIVED
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        plant(Path(folder), mutant)
        together = _tried(folder, tests, run, _ALL_SECONDS)
        if together is not Outcome.HANGS:
            return together
        hangs = 0
        for test in tests:
            alone = _tried(folder, [test], run, _SECONDS)
            hangs += alone is Outcome.HANGS
            if alone is Outcome.NOTICED or hangs == _HANGS:
                return alone
        return Outcome.HANGS


def _tried(folder: str, tests: Sequence[str], run: _Run, seconds: float) -> Outcome:
    """Run files of tests on the library of a folder, in a process of their own."""
    child = _FORK.Process(target=_child, args=(folder, tests, run))
    child.start()
    child.join(seconds)
    hangs = child.is_alive()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid or 0, signal.SIGKILL)
    child.join()
    if hangs:
        return Outcome.HANGS
    return Outcome.NOTICED if child.exitcode else Outcome.SURVIVED


def _child(folder: str, tests: Sequence[str], run: _Run) -> None:
    os.setsid()
    sys.path.insert(0, folder)
    say_nothing()
    os._exit(run(tests))

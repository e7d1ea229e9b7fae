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

_LOADED = ("anyio", "httpx", "hypothesis", "msgspec", "pytest_timeout", "trio", "xdist", "uvicorn")
"""What most tests import; it imports nothing of the library."""

_SECONDS = 60.0
"""What the tests of a file have; they take up to 10 s on the library as it is."""

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
    """Run files of tests on a mutant, each in a process of its own, until one notices it."""
    mutant, tests = reached
    unnoticed = Outcome.SURVIVED
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        plant(Path(folder), mutant)
        for test in tests:
            child = _FORK.Process(target=_child, args=(folder, test, run))
            child.start()
            child.join(_SECONDS)
            hangs = child.is_alive()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid or 0, signal.SIGKILL)
            child.join()
            if hangs:
                unnoticed = Outcome.HANGS
            elif child.exitcode:
                return Outcome.NOTICED
    return unnoticed


def _child(folder: str, test: str, run: _Run) -> None:
    os.setsid()
    sys.path.insert(0, folder)
    say_nothing()
    os._exit(run([test]))

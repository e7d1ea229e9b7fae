"""A session of pytest's that runs tests on mutants, over and over.

The tests are collected once. For each mutant the process forks; the child changes the library as it
is loaded (`live`) and runs the tests that reach the changed lines (`collected`), until one fails.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tests.mutation.collected import Collected, say_nothing
from tests.mutation.live import Functions
from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome
from tests.mutation.table import module_of

_LEAST = 10.0
"""Seconds that the tests of each mutant have."""
_PATIENCE = 5
"""A mutant hangs if its tests take so many times as long as on the file as it is."""
_PAUSE = 0.005


@dataclass
class _Child:
    """A process that runs tests on a mutant.

    Attributes:
        pid: Its number, and that of its group.
        mutant: The mutant.
        deadline: When it is stopped.
        answer: The end of a pipe from which to read the test that failed.
    """

    pid: int
    mutant: Mutant
    deadline: float
    answer: int


class Selection:
    """A plugin of pytest's that leaves out what would prove nothing."""

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave tests out."""
        left_out = [item for item in items if _is_random(item) or _is_repeated(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in {*left_out}]


class Session:
    """A plugin of pytest's.

    Args:
        mutants: The mutants to test.
        jobs: How many are tested at once.
        told: Called with each outcome.

    Attributes:
        left: The mutants that can't be made of the library as it is loaded, each with the files of
            tests to run on it.
    """

    def __init__(
        self, mutants: Sequence[Mutant], jobs: int, told: Callable[[Mutant, Outcome], None]
    ) -> None:
        self.left: list[tuple[Mutant, list[str]]] = []
        self._mutants = mutants
        self._jobs = jobs
        self._told = told
        self._children: dict[int, _Child] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Test the mutants."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        tests = Collected(session.items, session.config)
        tests.watch(sorted({mutant.path for mutant in self._mutants}))
        print(f"{len(session.items)} tests, {len(self._mutants)} mutants", flush=True)
        for name in tests.broken:
            print(f"left out, as it fails without any change: {name}", flush=True)
        for path in {mutant.path for mutant in self._mutants}:
            importlib.import_module(module_of(path))  # Some are loaded by their tests only.
        tests.warm_up()
        functions = Functions()
        for mutant in self._mutants:
            chosen = tests.that_run(mutant.path, mutant.lines)
            install = functions.change(mutant) if chosen else None
            if install is None:
                self.left.append((mutant, tests.files_that_run(mutant.path)))
                continue
            while len(self._children) >= self._jobs:
                self._wait(tests)
            self._start(mutant, tests, chosen, install)
        while self._children:
            self._wait(tests)
        return True

    def _start(
        self, mutant: Mutant, tests: Collected, chosen: list[int], install: Callable[[], None]
    ) -> None:
        answer, told = os.pipe()
        pid = os.fork()
        if pid:
            os.close(told)
            limit = max(_LEAST, _PATIENCE * tests.seconds(chosen))
            self._children[pid] = _Child(pid, mutant, time.monotonic() + limit, answer)
            return
        os.setsid()
        say_nothing()
        install()
        failed = tests.first_failure(chosen)
        if failed is not None:
            os.write(told, str(failed).encode())
        os._exit(failed is not None)

    def _wait(self, tests: Collected) -> None:
        """Wait until a child is done, or late."""
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in self._children:
            child = self._children.pop(pid)
            with open(child.answer, "rb") as pipe:
                said = pipe.read()
            if said:
                tests.note(int(said))
            self._end(child, Outcome.NOTICED if status else Outcome.SURVIVED)
            return
        late = [each for each in self._children.values() if each.deadline < time.monotonic()]
        for child in late:
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            os.close(child.answer)
            del self._children[child.pid]
            self._end(child, Outcome.HANGS)
        if not late:
            time.sleep(_PAUSE)

    def _end(self, child: _Child, outcome: Outcome) -> None:
        """Stop what the tests have left running, and tell the outcome."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        self._told(child.mutant, outcome)


def _is_random(item: pytest.Item) -> bool:
    """Return whether a test draws its examples: it notices by luck."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _is_repeated(item: pytest.Item) -> bool:
    """Return whether a test says on another event loop what it says on the first one."""
    mark = item.get_closest_marker("runs_on")
    loop = getattr(getattr(item, "callspec", None), "params", {}).get("runs_on")
    return loop in ("trio", "uvloop") and (mark is None or "asyncio" in mark.args)

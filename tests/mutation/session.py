"""A session of pytest's that runs tests on mutants, over and over.

The tests are collected once. For each mutant the process forks; the child changes the library as it
is loaded (`live`) and runs the tests that reach the changed lines (`collected`), until one fails. A
test that hangs is stopped with its child, and a new child runs those that follow.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import waiting
from tests.mutation.collected import Collected, say_nothing
from tests.mutation.live import Change, Functions
from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome
from tests.mutation.table import module_of
from tests.mutation.tree import plant

_LEAST = 5.0
"""Seconds that each test has on a mutant."""
_PATIENT = 3.0
"""Seconds that a test itself waits for something to happen."""
_PATIENCE = 5
"""A test hangs if it takes so many times as long as on the file as it is."""
_HANGS = 3
"""How many tests of a mutant may hang until the rest is not tried."""
_PAUSE = 0.005
_FAILED, _BROKEN = 1, 2
"""What a child ends with: a test has failed; the library could not be changed."""
_CHUNK = 65_536


@dataclass
class _Child:
    """A process that runs tests on a mutant.

    Attributes:
        pid: Its number, and that of its group.
        said: The end of a pipe from which to read the number of each test that begins.
        running: The test that began last, if any.
        since: When it began.
    """

    pid: int
    said: int
    running: int | None = None
    since: float = field(default_factory=time.monotonic)

    def listen(self) -> None:
        """Read which test has begun, if another one has."""
        with contextlib.suppress(BlockingIOError):
            while numbers := os.read(self.said, _CHUNK):
                self.running = int(numbers.split()[-1])
                self.since = time.monotonic()


@dataclass
class _Trial:
    """A mutant whose tests are run.

    Attributes:
        mutant: The mutant.
        tests: The tests to run, in their order.
        change: Makes the library that of the mutant.
        hangs: How many of the tests have hung.
    """

    mutant: Mutant
    tests: list[int]
    change: Change
    hangs: int = 0


class Selection:
    """A plugin of pytest's that leaves out what would prove nothing, and makes tests impatient."""

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave tests out; have the others fail before they count as hanging."""
        waiting.LONGEST = _PATIENT
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
        left: The mutants that can't be made of the library as it is loaded, and constants whose
            change nothing noticed there; each with the files of tests to run on it.
    """

    def __init__(
        self, mutants: Sequence[Mutant], jobs: int, told: Callable[[Mutant, Outcome], None]
    ) -> None:
        self.left: list[tuple[Mutant, list[str]]] = []
        self._mutants = mutants
        self._jobs = jobs
        self._told = told
        self._folder = Path()  # For the libraries of mutants.
        self._children: dict[int, tuple[_Child, _Trial]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Test the mutants."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            self._folder = Path(folder)
            self._test_all(Collected(session.items, session.config), len(session.items))
        return True

    def _test_all(self, tests: Collected, count: int) -> None:
        tests.watch(sorted({mutant.path for mutant in self._mutants}), self._jobs)
        print(f"{count} tests, {len(self._mutants)} mutants", flush=True)
        for name in tests.broken:
            print(f"left out, as it fails without any change: {name}", flush=True)
        for path in {mutant.path for mutant in self._mutants}:
            importlib.import_module(module_of(path))  # Some are loaded by their tests only.
        tests.warm_up()
        functions = Functions()
        for mutant in self._mutants:
            change = functions.change(mutant)
            everywhere = change is not None and change.of_constant
            # Not all lines are seen: on Python 3.11, those that follow the run of an event loop.
            chosen = tests.that_run(mutant.path, None if everywhere else mutant.lines)
            chosen = chosen or tests.that_run(mutant.path, None)
            if change is None or not chosen:
                self._leave(mutant, tests)
                continue
            while len(self._children) >= self._jobs:
                self._wait(tests)
            self._start(_Trial(mutant, chosen, change), tests)
        while self._children:
            self._wait(tests)

    def _leave(self, mutant: Mutant, tests: Collected) -> None:
        self.left.append((mutant, tests.files_that_run(mutant.path)))

    def _start(self, trial: _Trial, tests: Collected) -> None:
        said, told = os.pipe()
        pid = os.fork()
        if pid:
            os.close(told)
            os.set_blocking(said, False)
            self._children[pid] = _Child(pid, said), trial
            return
        status = _BROKEN
        try:
            os.setsid()
            say_nothing()
            plant(Path(tempfile.mkdtemp(dir=self._folder)), trial.mutant)
            # Unless all pass: a constant may have no value, or an interrupt may come out.
            status = _FAILED
            trial.change.install()
            failed = tests.first_failure(trial.tests, lambda test: os.write(told, b"%d\n" % test))
            status = _FAILED if failed else 0
        finally:
            os._exit(status)

    def _wait(self, tests: Collected) -> None:
        """Wait until a child is done, or a test of it is late."""
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in self._children:
            child, trial = self._end(pid)
            if os.waitstatus_to_exitcode(status) == _BROKEN:
                raise RuntimeError(f"The mutant can't be made: {trial.mutant}")
            if status and child.running is not None:
                tests.note(child.running)
            if status:
                self._told(trial.mutant, Outcome.NOTICED)
            elif trial.change.of_constant:
                self._leave(trial.mutant, tests)
            else:
                self._told(trial.mutant, Outcome.HANGS if trial.hangs else Outcome.SURVIVED)
            return
        for child, _ in self._children.values():
            child.listen()
        late = [each for each, _ in self._children.values() if _is_late(each, tests)]
        for child in late:
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            _, trial = self._end(child.pid)
            trial.hangs += 1
            done = trial.tests.index(child.running) if child.running in trial.tests else -1
            trial.tests = trial.tests[done + 1 :]
            if trial.tests and child.running is not None and trial.hangs < _HANGS:
                self._start(trial, tests)
            else:
                self._told(trial.mutant, Outcome.HANGS)
        if not late:
            time.sleep(_PAUSE)

    def _end(self, pid: int) -> tuple[_Child, _Trial]:
        """Stop what the tests of a child that is done have left running."""
        child, trial = self._children.pop(pid)
        child.listen()
        os.close(child.said)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        return child, trial


def _is_late(child: _Child, tests: Collected) -> bool:
    usual = tests.seconds([] if child.running is None else [child.running])
    return time.monotonic() - child.since > max(_LEAST, _PATIENCE * usual)


def _is_random(item: pytest.Item) -> bool:
    """Return whether a test draws its examples: it notices by luck."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _is_repeated(item: pytest.Item) -> bool:
    """Return whether a test says on another event loop what it says on the first one."""
    mark = item.get_closest_marker("runs_on")
    loop = getattr(getattr(item, "callspec", None), "params", {}).get("runs_on")
    return loop in ("trio", "uvloop") and (mark is None or "asyncio" in mark.args)

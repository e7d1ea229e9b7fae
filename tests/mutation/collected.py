"""Tests that were collected, which lines of the library each runs, and how long it takes."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import coverage
import pytest

_T = TypeVar("_T")

_NOWHERE = Path(os.devnull)

_MOST = 60.0
"""Seconds of tests that are run on a mutant; what the first of them don't notice survives."""


def say_nothing() -> None:
    """Let this process read nothing from the terminal, and write nothing to it."""
    with _NOWHERE.open("r+b", buffering=0) as nowhere:
        for stream in range(3):
            os.dup2(nowhere.fileno(), stream)


@dataclass(frozen=True)
class _Watched:
    """What was watched of some tests that follow each other.

    Attributes:
        seconds: How long each takes.
        ran: The tests by the line, by the file.
        starting: The tests that start processes.
        broken: The names of those that fail.
    """

    seconds: list[float]
    ran: dict[str, dict[int, set[int]]]
    starting: set[int]
    broken: list[str]


class Collected:
    """The tests of a session of pytest's.

    Args:
        items: The tests.
        config: The session's.

    Attributes:
        failed: The names of the tests that failed in this process.
        broken: The names of the tests that fail on the library as it is, or while it is watched.
    """

    def __init__(self, items: Sequence[pytest.Item], config: pytest.Config) -> None:
        self.failed: list[str] = []
        self.broken: list[str] = []
        self._items = items
        self._asked = [config.rootpath / each for each in config.args]
        self._seconds: list[float] = []
        # Tests by the line, by the file.
        self._ran: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        # The tests that start processes, which may reach any line.
        self._starting: set[int] = set()
        self._noticed: dict[int, int] = {}  # How many had noticed something by then.
        self._notices = 0
        config.pluginmanager.register(self)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a failure: of a test, or of what it needs or leaves."""
        if report.failed:
            self.failed.append(report.nodeid)

    def watch(self, files: Sequence[Path], jobs: int) -> None:
        """Run all tests in processes of their own, and watch which lines of the files they run.

        Args:
            files: The files.
            jobs: The number of processes.
        """
        count = len(self._items)
        parts = [range(count * job // jobs, count * (job + 1) // jobs) for job in range(jobs)]
        with contextlib.ExitStack() as stack:
            results = [stack.enter_context(tempfile.NamedTemporaryFile()) for _ in parts]
            children = []
            for part, result in zip(parts, results, strict=True):
                children.append(os.fork())
                if children[-1] == 0:
                    say_nothing()
                    try:
                        Path(result.name).write_bytes(pickle.dumps(self._watch(part, files)))
                    finally:
                        os._exit(0)
            for child, result in zip(children, results, strict=True):
                os.waitpid(child, 0)
                self._take(pickle.loads(Path(result.name).read_bytes()))

    def _take(self, watched: _Watched) -> None:
        """Take what was watched of the tests that follow."""
        self._seconds += watched.seconds
        self._starting |= watched.starting
        self.broken += watched.broken
        for path, lines in watched.ran.items():
            for line, tests in lines.items():
                self._ran[path][line] |= tests

    def warm_up(self) -> None:
        """Run the quickest test of each file here, so that what is made once is made already."""
        first: dict[Path, int] = {}
        for test in sorted(range(len(self._items)), key=self._seconds.__getitem__):
            first.setdefault(self._items[test].path, test)
        chosen = list(_within({test: self._seconds[test] for test in first.values()}))
        for test, following in zip(chosen, [*chosen[1:], None], strict=True):
            self._run(test, following)
        self.failed.clear()

    def _watch(self, part: range, files: Sequence[Path]) -> _Watched:
        os.environ["COVERAGE_CORE"] = "ctrace"  # No newer one can tell the tests apart.
        watch = coverage.Coverage(data_file=None, config_file=False, include=[*map(str, files)])
        watch.set_option("run:disable_warnings", ["no-data-collected"])
        starting = set()
        current = part.start

        def hear(event: str, _: object) -> None:
            if event in ("os.fork", "subprocess.Popen"):
                starting.add(current)

        sys.addaudithook(hear)
        watch.start()
        seconds = []
        for current in part:
            watch.switch_context(str(current))
            began = time.perf_counter()
            self._run(current, current + 1 if current + 1 in part else None)
            seconds.append(time.perf_counter() - began)
        watch.stop()
        data = watch.get_data()
        ran = {
            path: {
                line: {int(context) for context in contexts if context}
                for line, contexts in data.contexts_by_lineno(path).items()
            }
            for path in data.measured_files()
        }
        return _Watched(seconds, ran, starting, self.failed)

    def _run(self, index: int, following: int | None) -> None:
        item = self._items[index]
        after = None if following is None else self._items[following]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)

    def that_run(self, path: Path, lines: Iterable[int] | None) -> list[int]:
        """Return tests that run one of these lines: what noticed something last, then the nearest.

        Those of a file that is listed first come before all.

        Args:
            path: The file.
            lines: The lines; None for any line.

        Who asks for mutants in the order of their lines has what noticed a neighbour come first.
        After these come tests of the nearest place that start processes, in which nothing is
        watched.
        """
        ran = self._ran.get(str(path), {})
        found = {test for line in (ran if lines is None else lines) for test in ran.get(line, ())}
        starting = {test for test in self._starting - found if not self._place(test)}
        chosen = [*self._nearest(found), *self._nearest(starting)]
        return sorted(
            chosen, key=lambda test: (not self._asserts(test), -self._noticed.get(test, 0))
        )

    def _nearest(self, tests: Iterable[int]) -> Iterator[int]:
        chosen = [test for test in tests if self._items[test].nodeid not in self.broken]
        chosen.sort(key=lambda test: (self._place(test), self._seconds[test]))
        return _within({test: self._seconds[test] for test in chosen})

    def _place(self, test: int) -> int:
        """Return where a test's file or folder stands among those that were asked for."""
        path = self._items[test].path
        return next(place for place, each in enumerate(self._asked) if path.is_relative_to(each))

    def _asserts(self, test: int) -> bool:
        """Return whether a test is in a file that is listed first: it asserts where others hang."""
        return self._asked[0].is_file() and self._place(test) == 0

    def files_that_run(self, path: Path) -> list[str]:
        """Return the files of tests that run a file at all, or start processes: the quickest."""
        seconds: dict[str, float] = defaultdict(float)
        found = {test for tests in self._ran.get(str(path), {}).values() for test in tests}
        for test in found | {test for test in self._starting if not self._place(test)}:
            seconds[str(self._items[test].path)] += self._seconds[test]
        return list(
            _within({each: seconds[each] for each in sorted(seconds, key=seconds.__getitem__)})
        )

    def seconds(self, tests: Iterable[int]) -> float:
        """Return how long tests take."""
        return sum(self._seconds[test] for test in tests)

    def first_failure(self, tests: Sequence[int], begins: Callable[[int], object]) -> bool:
        """Run tests in their order until one fails; return whether one did.

        Args:
            tests: The tests.
            begins: Called with each before it begins.
        """
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            begins(test)
            self._run(test, following)
            if self.failed:
                return True
        return False

    def note(self, test: int) -> None:
        """Take note that a test noticed a mutant: it may notice the next one."""
        self._notices += 1
        self._noticed[test] = self._notices


def _within(seconds: Mapping[_T, float]) -> Iterator[_T]:
    """Yield what takes no more than `_MOST` seconds together, the first ones, at least one."""
    total = 0.0
    for each, more in seconds.items():
        total += more
        if total > max(_MOST, more):
            break
        yield each

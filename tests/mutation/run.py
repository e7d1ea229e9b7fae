"""Runs tests on mutants: in forked sessions where that can be, else in new processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection

import pytest

from tests.mutation import anew
from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome
from tests.mutation.session import Selection, Session

_FORK = multiprocessing.get_context("fork")

_OPTIONS = (
    *("-q", "-s", "-n", "0", "-p", "no:cacheprovider", "-o", "timeout=0"),
    *("--assert=plain", "--tb=native"),  # Nobody reads why a test fails.
    "-W",  # What is loaded already.
    "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning",
)


def run(
    mutants: Sequence[Mutant], tests: Sequence[str], jobs: int
) -> Iterator[tuple[Mutant, Outcome]]:
    """Test mutants; yield each with its outcome.

    Args:
        mutants: The mutants.
        tests: Files and folders of tests.
        jobs: How many mutants are tested at once.

    Raises:
        SystemExit: The tests can't be collected.
    """
    left: list[tuple[Mutant, list[str]]] = []
    results, told = _FORK.Pipe(duplex=False)
    session = _FORK.Process(target=_session, args=(mutants, tests, jobs, told))
    session.start()
    told.close()
    while True:
        try:
            result = results.recv()
        except EOFError:
            break
        if isinstance(result, str):
            raise SystemExit(result)
        if isinstance(result, list):
            left = result
        else:
            index, outcome = result
            yield mutants[index], outcome
    session.join()
    if session.exitcode:
        raise SystemExit("The session of tests ended with an error")
    yield from anew.outcomes(left, jobs, _run_new)


def _session(mutants: Sequence[Mutant], tests: Sequence[str], jobs: int, told: Connection) -> None:
    """Run a session in this process; send outcomes, then what is left to be tested anew."""
    numbers = {id(mutant): index for index, mutant in enumerate(mutants)}
    session = Session(
        mutants, jobs, lambda mutant, outcome: told.send((numbers[id(mutant)], outcome))
    )
    status = pytest.main([*_OPTIONS, *tests], plugins=[Selection(), session])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        told.send("The tests can't be collected")
    told.send(session.left)


def _run_new(tests: Sequence[str]) -> int:
    return int(pytest.main([*_OPTIONS, "-x", *tests], plugins=[Selection()]))

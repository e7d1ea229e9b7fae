"""`python -m tests.mutation FILE…`: how many changes of these source files the tests notice.

It needs the extra `mutation`. A file is named by its path in the package, such as
`protocol/edits.py`; without any, the command lists those that `tests.mutation.table` knows.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.mutation.equivalents import EQUIVALENTS
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.runs import Copy, Outcome, copy
from tests.mutation.table import PACKAGE, TESTS

_PATIENCE = 4
"""A mutant hangs if its tests take so many times as long as those of the file as it is."""
_LEAST = 20.0
"""Seconds that every mutant has."""


def main() -> int:
    """Run the command; return its exit status: 1 if a mutant survived that is not listed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--list", action="store_true", help="show the mutants, and run nothing")
    given = parser.parse_args()
    unknown = [file for file in given.files if file not in TESTS]
    if unknown or not given.files:
        print(*TESTS, sep="\n")
        return 2
    if given.list:
        for file in given.files:
            print(*mutants((PACKAGE / file).read_text()), sep="\n")
        return 0
    with copy() as library:
        return max([_score(library, file) for file in given.files])


def _score(library: Copy, file: str) -> int:
    """Run all mutants of a file and print its score; return the command's exit status."""
    source, tests = (PACKAGE / file).read_text(), TESTS[file]
    began = time.monotonic()
    if library.run(file, source, tests, None) is not Outcome.SURVIVED:
        print(f"{file}: its tests fail as it is")
        return 2
    limit = max(_LEAST, _PATIENCE * (time.monotonic() - began))
    listed = {(each.before, each.after) for each in EQUIVALENTS.get(file, ())}
    of: dict[Outcome, list[Mutant]] = {outcome: [] for outcome in Outcome}
    equivalent = 0
    for mutant in mutants(source):
        if (mutant.before, mutant.after) in listed:
            equivalent += 1
            continue
        outcome = library.run(file, mutant.text, tests, limit)
        of[outcome].append(mutant)
        if outcome is not Outcome.NOTICED:
            print(f"{outcome.value}: {file}:{mutant}", flush=True)
    noticed, felt = len(of[Outcome.NOTICED]), sum(map(len, of.values()))
    print(
        f"{file}: {noticed} of {felt} noticed ({noticed / max(felt, 1):.1%}), "
        f"{len(of[Outcome.HANGS])} by a hang only, {len(of[Outcome.SURVIVED])} survived, "
        f"{equivalent} change nothing; {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return int(noticed < felt)


if __name__ == "__main__":
    sys.exit(main())

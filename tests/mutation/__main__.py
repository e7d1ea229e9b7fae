"""`python -m tests.mutation FILE…`: how many changes of these source files the tests notice.

It needs the extra `mutation`. A file, or a folder of them, is named by its path in the package,
such as `protocol/edits.py` or `cli/batch`. `tests.mutation.table` says which tests belong to it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.mutation import scores
from tests.mutation.equivalents import is_listed
from tests.mutation.mutant import Mutant
from tests.mutation.mutants import mutants
from tests.mutation.outcome import Outcome
from tests.mutation.run import run
from tests.mutation.table import belonging_tests, files, name_of


def main() -> int:
    """Run the command; return its exit status: 1 if a mutant survived that is not listed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--list", action="store_true", help="show the mutants, and run nothing")
    parser.add_argument("--tests", nargs="+", help="in the place of all that belong to the files")
    parser.add_argument(
        "--again", action="store_true", help="take as noticed what was when the scores were kept"
    )
    parser.add_argument("--keep", action="store_true", help="keep the scores in scores.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants tested at once")
    given = parser.parse_args()
    paths = files(given.files)
    if given.list:
        for path in paths:
            print(*mutants(path), sep="\n")
        return 0
    groups: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    for path in paths:
        groups[tuple(given.tests or belonging_tests(path))].append(path)
    found: dict[str, scores.Score] = {}
    for tests, group in groups.items():
        found.update(_score(group, tests, given.jobs, scores.kept() if given.again else {}))
    if given.keep:
        scores.keep(found)
    return int(any(each.noticed < each.felt for each in found.values()))


def _score(
    paths: Sequence[Path], tests: tuple[str, ...], jobs: int, before: dict[str, scores.Score]
) -> dict[str, scores.Score]:
    """Test the mutants of files; print what is not noticed, and each file's score.

    Args:
        paths: The files.
        tests: Their tests.
        jobs: How many mutants are tested at once.
        before: The scores of files of which only what was not noticed is tested.
    """
    began = time.monotonic()
    left: list[Mutant] = []
    equivalent: dict[Path, int] = {}
    outcomes: dict[Path, list[tuple[Mutant, Outcome]]] = defaultdict(list)
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        made = pool.map(mutants, paths, chunksize=1)
    for path, every in zip(paths, made, strict=True):
        unlisted = [each for each in every if not is_listed(name_of(path), each.before, each.after)]
        equivalent[path] = len(every) - len(unlisted)
        known = before.get(name_of(path))
        unnoticed = None if known is None else known.unnoticed(path)
        for mutant in unlisted:
            if unnoticed is None or str(mutant) in unnoticed:
                left.append(mutant)
            else:
                outcomes[path].append((mutant, Outcome.NOTICED))
    for mutant, outcome in run(left, tests, jobs):
        outcomes[mutant.path].append((mutant, outcome))
        if outcome is not Outcome.NOTICED:
            print(f"{outcome.value}: {name_of(mutant.path)}:{mutant}", flush=True)
    found = {
        name_of(path): scores.score(path, outcomes[path], number)
        for path, number in equivalent.items()
    }
    for name, each in found.items():
        print(
            f"{name}: {each.noticed} of {each.felt} noticed "
            f"({each.noticed / max(each.felt, 1):.1%}), {len(each.hangs)} by a hang only, "
            f"{len(each.survived)} survived, {each.equivalent} change nothing"
        )
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())

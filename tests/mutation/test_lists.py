"""What the mutation run is told about the source is true of it, without running any mutant."""

from __future__ import annotations

import pytest

from tests.mutation.equivalents import EQUIVALENTS
from tests.mutation.table import PACKAGE, TESTS


@pytest.mark.parametrize("file", TESTS)
def test_the_files_and_their_tests_are_there(file: str) -> None:
    assert (PACKAGE / file).is_file()
    missing = [each for each in TESTS[file] if not (PACKAGE.parents[1] / each).is_file()]
    assert missing == []


@pytest.mark.parametrize("file", EQUIVALENTS)
def test_each_equivalent_is_a_change_of_a_line_that_is_there(file: str) -> None:
    assert file in TESTS
    source = " ".join((PACKAGE / file).read_text().split())
    gone = [
        each.before for each in EQUIVALENTS[file] if " ".join(each.before.split()) not in source
    ]
    assert gone == []
    assert all(each.before != each.after and each.reason for each in EQUIVALENTS[file])
    assert len({(each.before, each.after) for each in EQUIVALENTS[file]}) == len(EQUIVALENTS[file])

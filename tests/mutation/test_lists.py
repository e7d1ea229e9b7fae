"""What the mutation run is told about the source is true of it, without running any mutant."""

from __future__ import annotations

import pytest

from tests.mutation.equivalents import EQUIVALENTS
from tests.mutation.page import PAGE, render
from tests.mutation.scores import kept
from tests.mutation.table import PACKAGE, TESTS, belonging_tests, files


@pytest.mark.parametrize("path", TESTS)
def test_the_files_and_their_tests_are_there(path: str) -> None:
    assert (PACKAGE / path).exists()
    missing = [each for each in TESTS[path] if not (PACKAGE.parents[1] / each).exists()]
    assert missing == []


def test_a_file_has_the_tests_of_the_longest_path() -> None:
    folder, scripts, steps = files(["apps/files.py", "apps/scripts/run.py", "steps.py"])
    assert belonging_tests(folder) == TESTS["apps"]
    assert belonging_tests(scripts) == TESTS["apps/scripts"]
    assert belonging_tests(steps) == TESTS["steps.py"]


@pytest.mark.parametrize("name", ["nothing.py", "events.py"])
def test_what_has_no_tests_is_refused(name: str) -> None:
    with pytest.raises(SystemExit, match=name):
        files([name])


@pytest.mark.parametrize("file", EQUIVALENTS)
def test_each_equivalent_is_a_change_of_a_line_that_is_there(file: str) -> None:
    assert files([file])
    source = " ".join((PACKAGE / file).read_text().split())
    gone = [
        each.before for each in EQUIVALENTS[file] if " ".join(each.before.split()) not in source
    ]
    assert gone == []
    assert all(each.before != each.after and each.reason for each in EQUIVALENTS[file])
    assert len({(each.before, each.after) for each in EQUIVALENTS[file]}) == len(EQUIVALENTS[file])


def test_scores_are_of_files_that_are_there() -> None:
    assert [*kept()] == [name for name in kept() if (PACKAGE / name).is_file()]


def test_the_page_says_what_the_run_wrote_down() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()

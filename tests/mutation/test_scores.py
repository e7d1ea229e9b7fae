"""The scores of the mutation run, and what is known from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation import scores
from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.py"
    path.write_text("def f(a, b):\n    return a and b\n")
    return path


def test_what_was_noticed_is_known_until_the_file_changes(file: Path) -> None:
    mutants = [Mutant(file, 2, range(2, 3), "a", after, "") for after in "bcde"]
    first, second, *others = mutants
    every = [(first, Outcome.SURVIVED), (second, Outcome.HANGS)]
    every += [(each, Outcome.NOTICED) for each in others]

    score = scores.score(file, every, equivalent=2)

    assert (score.felt, score.noticed, score.equivalent) == (len(every), len(others), 2)
    assert (score.survived, score.hangs) == ([str(first)], [str(second)])
    assert score.unnoticed(file) == {str(first), str(second)}
    file.write_text(file.read_text() + "\n")
    assert score.unnoticed(file) is None


def test_scores_are_kept_beside_those_of_other_files(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "SCORES", tmp_path / "scores.json")
    assert scores.kept() == {}
    old, new = (scores.score(file, [], equivalent=number) for number in (1, 2))

    scores.keep({"b.py": old, "c.py": old})
    scores.keep({"a.py": new, "b.py": new})

    assert scores.kept() == {"a.py": new, "b.py": new, "c.py": old}

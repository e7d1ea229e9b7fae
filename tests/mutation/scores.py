"""How many mutants of each file the tests noticed, when that was last counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.mutation.outcome import Outcome

SCORES = Path(__file__).parent / "scores.json"


class Score(NamedTuple):
    """The outcomes of a file's mutants.

    Attributes:
        noticed: Those that a test noticed.
        hangs: Those by which the tests hang, and which no test notices otherwise.
        survived: Those that no test noticed.
        equivalent: Those that are listed, since they change nothing that a user feels.
    """

    noticed: int
    hangs: int
    survived: int
    equivalent: int

    @property
    def felt(self) -> int:
        """The mutants that a user could feel."""
        return self.noticed + self.hangs + self.survived


def score(outcomes: Iterable[Outcome], equivalent: int) -> Score:
    """Count outcomes."""
    of = Counter(outcomes)
    return Score(of[Outcome.NOTICED], of[Outcome.HANGS], of[Outcome.SURVIVED], equivalent)


def kept() -> dict[str, Score]:
    """Return the scores that are kept, by the file's path in the package."""
    if not SCORES.exists():
        return {}
    return msgspec.json.decode(SCORES.read_bytes(), type=dict[str, Score])


def keep(scores: dict[str, Score]) -> None:
    """Keep scores, beside those of other files that are kept."""
    content = msgspec.json.encode(dict(sorted({**kept(), **scores}.items())))
    SCORES.write_bytes(msgspec.json.format(content, indent=1) + b"\n")

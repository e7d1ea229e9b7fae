"""How many mutants of each file the tests noticed, when that was last counted."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tests.mutation.mutant import Mutant
from tests.mutation.outcome import Outcome

SCORES = Path(__file__).parent / "scores.json"


class Score(msgspec.Struct, frozen=True):
    """The outcomes of a file's mutants.

    Attributes:
        source: Tells the file as it was then from others: the digest of its bytes.
        noticed: How many mutants a test noticed.
        equivalent: How many are listed, since they change nothing that a user feels.
        hangs: Those by which the tests hang, and which no test notices otherwise.
        survived: Those that no test noticed.
    """

    source: str
    noticed: int
    equivalent: int
    hangs: list[str]
    survived: list[str]

    @property
    def felt(self) -> int:
        """The number of mutants that a user could feel."""
        return self.noticed + len(self.hangs) + len(self.survived)

    def unnoticed(self, path: Path) -> set[str] | None:
        """Return what was not noticed of a file, or None if it has changed since."""
        return {*self.hangs, *self.survived} if source(path) == self.source else None


def score(path: Path, outcomes: Iterable[tuple[Mutant, Outcome]], equivalent: int) -> Score:
    """Count the outcomes of a file's mutants."""
    of: dict[Outcome, list[str]] = defaultdict(list)
    for mutant, outcome in outcomes:
        of[outcome].append(str(mutant))
    hangs, survived = of[Outcome.HANGS], of[Outcome.SURVIVED]
    return Score(source(path), len(of[Outcome.NOTICED]), equivalent, hangs, survived)


def source(path: Path) -> str:
    """Return what tells a file as it is from others."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def kept() -> dict[str, Score]:
    """Return the scores that are kept, by the file's path in the package."""
    if not SCORES.exists():
        return {}
    return msgspec.json.decode(SCORES.read_bytes(), type=dict[str, Score])


def keep(scores: dict[str, Score]) -> None:
    """Keep scores, beside those of other files that are kept."""
    content = msgspec.json.encode(dict(sorted({**kept(), **scores}.items())))
    SCORES.write_bytes(msgspec.json.format(content, indent=1) + b"\n")

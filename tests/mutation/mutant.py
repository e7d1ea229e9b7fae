"""One change of a source file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """A changed file.

    Attributes:
        path: The file.
        number: The number of the first line that changed.
        lines: The lines of the statement, or of its head, that changed.
        before: The changed lines as they were, without the space around them.
        after: The same lines changed.
        text: The whole file.
    """

    path: Path
    number: int
    lines: range
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.number}: {self.before} → {self.after}"

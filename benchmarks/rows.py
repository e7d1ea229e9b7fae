"""The lines of the tables, and how much is measured for them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    """One line of the table.

    Attributes:
        name: What was measured.
        values: What each round gave.
        unit: What the values are counted in.
        reference: The row that this is compared with, or None.
        limit: What the ratio should not be above, or None.
        difference: The limit is one for the difference and not for the ratio.
        most: What the median itself should not be above, or None.
    """

    name: str
    values: list[float] = field(default_factory=list)
    unit: str = "ms CPU"
    reference: Row | None = None
    limit: float | None = None
    difference: bool = False
    most: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def compared(self) -> float | None:
        """The ratio to the reference, or the difference from it.

        The median over the rounds, where both have taken part in each: what slows the machine for
        a while slows both.
        """
        if self.reference is None:
            return None
        theirs = self.reference.values
        pairs = list(zip(self.values, theirs, strict=False))
        if len(self.values) != len(theirs):
            pairs = [(self.median, self.reference.median)]
        if self.difference:
            return statistics.median(ours - other for ours, other in pairs)
        return statistics.median(ours / other for ours, other in pairs)

    @property
    def met(self) -> bool | None:
        """Whether the targets are met; None where there is none."""
        found = []
        if self.limit is not None and self.compared is not None:
            found.append(self.compared <= self.limit)
        if self.most is not None:
            found.append(self.median <= self.most)
        return all(found) if found else None


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes:
        url: Address of the server.
        rounds: How often each figure is taken, in turn with the others of its case.
        quick: Measure less; the figures are rough then.
    """

    url: str
    rounds: int
    quick: bool

    def size(self, full: int) -> int:
        return full // 10 if self.quick else full

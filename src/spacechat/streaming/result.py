"""What a function returned, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import markup
from ..brief import brief
from ..events import File, names_and_urls
from ..protocol.values import parts_of
from .engine import Outcome
from .reply import Timings, listed


@dataclass(frozen=True)
class Result:
    """What a function returned.

    Attributes:
        value: The value of its output; several outputs make a tuple, none an empty one.
        values: The values of its outputs.
        files: The files among them; nothing of them has been downloaded.
        timings: How long it took.
    """

    value: Any
    values: tuple[Any, ...]
    files: tuple[File, ...]
    timings: Timings

    @classmethod
    def of(cls, outcome: Outcome[tuple[Any, ...]]) -> Result:
        """Return the result of a script that ran to its end."""
        values = outcome.value
        files = tuple(each for each in parts_of(values) if isinstance(each, File))
        return cls(single(values), values, files, outcome.timings)

    def __repr__(self) -> str:
        files, seconds = listed(self.files), self.timings.total
        return f"<Result {brief(self.value)}{files} total={seconds:.2f}>"

    def _repr_markdown_(self) -> str:
        return markup.answer(repr(self.value), "", files=names_and_urls(self.files))


def single(values: tuple[Any, ...]) -> Any:
    """Return the value of the only output, or all values if there are several, or none."""
    return values[0] if len(values) == 1 else values

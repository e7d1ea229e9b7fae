"""From bytes to what a caller could give for a function's parameters: values of Python's, of any
type, and words of a command line."""

from __future__ import annotations

import datetime
import decimal
import enum
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from spacechat.apps.arguments import Arguments
from spacechat.events import File
from tests.fuzz.described import Maker
from tests.fuzz.driven import ORIGIN

DEPTHS: Final = (2, 50, 99, 100, 101, 102, 400)
TYPED: Final = (
    *("a", "", "true", "1", "1.5", "null", "[1]", '{"a": 1}', '[{"image": "a.png"}]', "a.png"),
    *("http://x/a.png", "NaN", "9" * 5000, "[" * 30 + "]" * 30, '{"a"', "[", '"', "yes", "None"),
    *("[" * 600 + "]" * 600, '{"path": "a", "meta": {"_type": "gradio.FileData"}}', "\ud800"),
)


class Colour(enum.Enum):
    """A type of the caller's own, of which some have a JSON form."""

    RED = "red"


@dataclass
class Point:
    """Another one."""

    x: int = 1


class Table:
    """An object that says how it becomes a value."""

    def to_dict(self) -> dict[str, int]:
        return {"a": 1}


class Text(str):
    """A text of the caller's own."""

    __slots__ = ()


ODD: Final[tuple[Callable[[], Any], ...]] = (
    lambda: b"bytes",
    lambda: bytearray(b"\x89PNG\r\n"),
    lambda: memoryview(b"GIF89a"),
    lambda: io.BytesIO(b"open"),
    lambda: io.StringIO("no bytes"),
    lambda: Path(__file__),
    lambda: Path("there/is/none"),
    lambda: Path(__file__).parent,
    lambda: File(f"{ORIGIN}/file=/a.png", "a.png", "image/png", ORIGIN),
    lambda: File("http://other/a.png", "a.png", "image/png", "http://other"),
    lambda: 10**400,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: "\ud800",
    lambda: decimal.Decimal("1.5"),
    lambda: datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    lambda: 1j,
    lambda: range(3),
    lambda: iter(()),
    lambda: Colour.RED,
    Point,
    Table,
    lambda: Table,
    lambda: Text("own"),
    lambda: MappingProxyType({"a": b"x"}),
    lambda: {1: 2, None: 3},
    lambda: {(1, 2): 3},
    lambda: {1, "a"},
    lambda: frozenset({b"a"}),
    lambda: ...,
    lambda: len,
)
"""Values that are no JSON, as a caller may give them."""


class Giver(Maker):
    """Makes arguments of codes."""

    def arguments(self, names: list[str]) -> Arguments:
        """Return arguments, of which those by name mostly name parameters.

        Args:
            names: The names of the parameters.
        """
        counts = self.byte()
        by_position = [self.value(3) for _ in range(counts & 3)]
        by_name = {
            self.one([*names, "timeout", "a_1", "fn_index", ""]): self.value(3)
            for _ in range(counts >> 2 & 3)
        }
        return Arguments(*by_position, **by_name)

    def value(self, depth: int) -> Any:
        """Return a value of any type of Python's."""
        code = self.byte() % 16
        if code < 6 or depth == 0:
            return self.anything(min(depth, 2))
        if code < 10:
            return self.one(ODD)()
        if code == 10:
            return tuple(self.value(depth - 1) for _ in range(self.byte() % 4))
        if code == 11:
            return {self.text(("a", "path", "")): self.value(depth - 1) for _ in range(2)}
        if code == 12:
            return self._in_itself()
        if code == 13:
            return self._deep()
        return [self.value(depth - 1) for _ in range(self.byte() % 4)]

    def _in_itself(self) -> Any:
        """Return a value that holds itself."""
        around: list[Any] = []
        around.append({"a": around} if self.byte() & 1 else around)
        return around

    def _deep(self) -> Any:
        deep: Any = self.one((1, b"x"))
        for _ in range(self.one(DEPTHS)):
            deep = [deep]
        return deep

    def word(self) -> str:
        """Return a word of a command line."""
        return self.text(TYPED)

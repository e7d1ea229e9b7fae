"""`--one-loop` leaves out what runs on another event loop, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

import pytest

from tests.conftest import BLOCKING, LOOPS, on_other_loops


@dataclass(eq=False)
class Case:
    """What a collected test tells of its parameters."""

    params: dict[str, Any]


@dataclass(eq=False)
class Item:
    """A collected test."""

    nodeid: str
    callspec: Case

    @property
    def test(self) -> tuple[str, object]:
        return self.nodeid, self.callspec.params.get("value")

    @property
    def runs_on(self) -> str | None:
        return self.callspec.params.get("runs_on")


def collected(*loops: str, values: int) -> Iterator[Item]:
    for value, loop in product(range(values), loops):
        yield Item(f"test.py::test_{loops}", Case({"value": value, "runs_on": loop}))


ON_LOOPS = [
    *collected(*LOOPS, values=5),
    *collected("asyncio", "trio", values=3),
    *collected("trio", values=2),
]
OTHERS = [
    *collected(BLOCKING, values=2),
    *(Item("test.py::test_no_loop", Case({"value": value})) for value in range(3)),
]


def kept(first: int) -> list[Item]:
    items = [*ON_LOOPS, *OTHERS]
    left_out = cast("set[Item]", on_other_loops(cast("list[pytest.Item]", items), first))
    return [item for item in items if item not in left_out]


@pytest.mark.parametrize("first", [10, 11, 12, 13])
def test_each_test_runs_once(first: int) -> None:
    found = kept(first)
    assert Counter(item.test for item in found if item.runs_on in LOOPS) == dict.fromkeys(
        (item.test for item in ON_LOOPS), 1
    )
    assert [item for item in found if item.runs_on not in LOOPS] == OTHERS
    assert {item.runs_on for item in found} >= set(LOOPS)


def test_three_versions_run_all_of_them() -> None:
    found = {item for first in (10, 11, 12) for item in kept(first)}
    assert found == {*ON_LOOPS, *OTHERS}

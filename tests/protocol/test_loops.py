"""Loops over texts and lists take no more steps than they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spacechat.protocol import common_prefix, reading
from spacechat.protocol.values import _Step
from tests.counted import CountedList, CountedText, Steps


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 1000, 4096])
def test_a_common_prefix_is_found_by_halves(size: int) -> None:
    for shared in {0, size // 3, max(size - 1, 0), size}:
        old = CountedText.of("a" * shared + "b" * (size - shared), size.bit_length() + 1)
        assert common_prefix(old, "a" * size) == shared


def pairs(count: int) -> list[Any]:
    return [["Q", "A"], *([None, "A"] for _ in range(count))]


def messages(count: int) -> list[Any]:
    answers = [{"role": "assistant", "content": "A"} for _ in range(count)]
    return [{"role": "user", "content": "Q"}, *answers]


@pytest.mark.parametrize(
    ("find", "value", "first"),
    [
        (reading._first_pair, pairs(0), 0),
        (reading._first_pair, pairs(5), 0),
        (reading._first_message, messages(0), 1),
        (reading._first_message, messages(5), 1),
    ],
)
def test_the_first_part_of_an_answer(
    find: Callable[[list[Any], int], int], value: list[Any], first: int
) -> None:
    """Each entry is looked at twice at most."""
    assert find(CountedList.of(value, 2 * len(value)), 0) == first


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("Hi", 2),
        ("Hi\n<summary>a", 2),
        ("Hi\n<summary>a</summary>", 2),
        ("Hi\n<summary>a</summary>\n<summary>b</summary>", 2),
        ("Hi\n<summary>a</summary>\nmore", 28),
        ("Hi\n<summary>a</summary>\nmore\n<summary>b", 28),
    ],
)
def test_the_end_of_an_answer(said: str, end: int) -> None:
    """Each note is looked for once."""
    assert reading._end_of_answer(CountedText.of(said, 10), True) == end


def test_values_are_found_at_the_last_whole_ones() -> None:
    class Counted(_Step):
        steps = Steps(0)

        def __getattribute__(self, name: str) -> Any:
            if name == "before":
                type(self).steps.take()
            return super().__getattribute__(name)

    step: _Step = Counted(["a"], None, [])
    for letter in "bcd":
        step = Counted(None, step, [[["append", [], letter]]])
    Counted.steps = Steps(6)
    assert step.values() == ["abcd"]

"""How values of functions are laid out on a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from spacechat.cli.terminal.value_layout import laid_out, outputs, preview

TEXTS = st.text("ab 漢字\n\x1b\u202e", max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.integers(20, 90), st.integers(1, 12))
def test_a_preview_fits(values: dict[str, Any], width: int, height: int) -> None:
    lines = preview(values, width, height)
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    assert not any("\x1b" in line or "\n" in line for line in lines)


@given(st.lists(VALUES) | st.dictionaries(TEXTS, VALUES), st.integers(1, 90))
def test_json_stays_the_same(value: Any, width: int) -> None:
    assert json.loads("\n".join(laid_out(value, width))) == value


@given(st.lists(st.lists(VALUES, max_size=3), max_size=5), st.integers(20, 90))
def test_a_table_fits(rows: list[list[Any]], width: int) -> None:
    lines = list(laid_out({"headers": ["one", "two", "三"], "data": rows}, width))
    assert all(cell_len(line) <= width for line in lines)
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    "value",
    [
        {"headers": [], "data": []},
        {"headers": ["a"], "data": [["b", "c"]]},
        {"headers": ["a"], "data": "b"},
        {"headers": ["a"], "data": [], "more": 1},
        {"headers": ["a"], "data": [["b"]] * 1001},
    ],
)
def test_what_is_no_table(value: Any) -> None:
    assert json.loads("\n".join(laid_out(value, 20))) == value


def test_outputs_by_their_labels() -> None:
    values = {"a": 1, "text": "one\ntwo", "long": ["x" * 9, "y" * 9]}
    assert list(outputs(values, 20)) == [
        "a: 1",
        "text:",
        "  one",
        "  two",
        "long:",
        "  [",
        '    "xxxxxxxxx",',
        '    "yyyyyyyyy"',
        "  ]",
    ]
    assert list(outputs({"only": [1]}, 20)) == ["[1]"]

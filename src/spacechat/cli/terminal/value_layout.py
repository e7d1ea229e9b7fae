"""Lays out the values of a function for people: JSON on lines that fit, tables, texts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...sanitize import harmless, one_line

if TYPE_CHECKING:
    from rich.console import JustifyMethod

_MOST_ROWS = 1000
"""Rows of a table; a longer one is shown as JSON."""
_TABLE = {"headers", "data", "metadata"}
_INDENT = "  "


def outputs(values: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield the lines for the values of a function.

    Args:
        values: The values by their labels.
        width: The columns of the terminal. Only texts are longer; it breaks them itself.
    """
    for label, value in values.items():
        yield from output(label, value, width) if len(values) > 1 else laid_out(value, width)


def output(label: str, value: Any, width: int) -> Iterator[str]:
    """Yield the lines for a value with its label: on a line with it, or indented below it."""
    from rich.cells import cell_len

    name = f"{one_line(label)}:"
    lines = list(laid_out(value, width - len(_INDENT)))
    if len(lines) == 1 and cell_len(f"{name} {lines[0]}") <= width:
        yield f"{name} {lines[0]}"
        return
    yield name
    yield from (f"{_INDENT}{line}" for line in lines)


def laid_out(value: Any, width: int) -> Iterator[str]:
    """Yield the lines for a value."""
    if isinstance(value, str):
        yield from value.split("\n")
    elif _is_table(value):
        yield from _table(value["headers"], value["data"], width)
    else:
        yield from _json(value, width)


def preview(values: Mapping[str, Any], width: int, height: int) -> list[str]:
    """Return a few lines for values that will change: the end of texts, the beginning of others.

    Args:
        values: The values by their labels.
        width: The columns of the terminal; no line is wider.
        height: The most lines.
    """
    from rich.cells import cell_len, chop_cells, set_cell_size

    each_gets = max(height // max(len(values), 1) - 1, 1)
    lines: list[str] = []
    for label, value in values.items():
        if isinstance(value, str):
            end = value[-width * each_gets :].rstrip("\n").split("\n")
            broken = [
                part for line in end for part in chop_cells(harmless(line), width - 2) or [""]
            ]
            shown: Any = "\n".join(broken[-each_gets:])
        else:
            shown = value
        given = output(label, shown, width) if len(values) > 1 else laid_out(shown, width)
        lines += islice(given, each_gets + 1)
    plain = [harmless(line) for line in lines[:height]]
    return [
        line if cell_len(line) <= width else f"{set_cell_size(line, width - 1)}…" for line in plain
    ]


def _json(value: Any, width: int) -> Iterator[str]:
    """Yield a value as JSON; what fits into a line stands in one."""
    from rich.cells import cell_len

    line = json.dumps(value, ensure_ascii=False)
    if cell_len(line) <= width or not isinstance(value, dict | list) or not value:
        yield line
        return
    brackets = "{}" if isinstance(value, dict) else "[]"
    items: list[tuple[str, Any]] = (
        [(f"{json.dumps(name, ensure_ascii=False)}: ", each) for name, each in value.items()]
        if isinstance(value, dict)
        else [("", each) for each in value]
    )
    yield brackets[0]
    for index, (name, each) in enumerate(items):
        comma = "," if index < len(items) - 1 else ""
        first, *rest = _json(each, width - len(_INDENT) - cell_len(name) - 1)
        lines = [name + first, *rest]
        yield from (f"{_INDENT}{line}" for line in lines[:-1])
        yield f"{_INDENT}{lines[-1]}{comma}"
    yield brackets[1]


def _is_table(value: Any) -> bool:
    """Return whether a value is a table as Gradio sends it."""
    if not isinstance(value, dict) or not {"headers", "data"} <= value.keys() <= _TABLE:
        return False
    headers, data = value["headers"], value["data"]
    return (
        isinstance(headers, list)
        and isinstance(data, list)
        and len(headers) > 0
        and len(data) <= _MOST_ROWS
        and all(isinstance(row, list) and len(row) <= len(headers) for row in data)
    )


def _table(headers: Sequence[Any], rows: Sequence[Sequence[Any]], width: int) -> Iterator[str]:
    """Yield the lines of a table; a cell that is too wide is broken into several lines."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index, each in enumerate(headers):
        cells = [row[index] for row in rows if index < len(row)]
        is_number = all(isinstance(cell, int | float) for cell in cells)
        justify: JustifyMethod = "right" if is_number else "left"
        table.add_column(Text(_cell(each)), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(each)) for each in row))
    file = io.StringIO()
    Console(file=file, width=max(width, 20), color_system=None, legacy_windows=False).print(table)
    yield from (line.rstrip() for line in file.getvalue().rstrip("\n").split("\n"))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else one_line(json.dumps(value, ensure_ascii=False))

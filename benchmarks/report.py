"""What was measured, kept as `docs/benchmarks/figures.json`: from it the page's tables and charts.

`python -m benchmarks --record` measures, and writes all of them; `python -m benchmarks.report`
writes the tables and the charts anew from what was kept. The README has the short table, too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from .beside import short_table
from .plot import charts
from .rows import Row

DOCS = Path(__file__).parents[1] / "docs"

_FOLDER = DOCS / "benchmarks"
_FIGURES = _FOLDER / "figures.json"
_PAGE = DOCS / "performance.md"
_README = DOCS.parent / "README.md"
_SHORT = re.compile(r"(?<=<!-- figures -->\n\n).*?(?=\n\n<!-- end of figures -->)", re.DOTALL)
_TABLE = re.compile(r"(?<=## A full run\n\n```text\n).*?(?=\n```)", re.DOTALL)

Case = dict[str, Any]
"""A case's title, and its rows."""


def case(title: str, rows: list[Row]) -> Case:
    """Returns what is kept of a case."""
    return {"title": title, "rows": [_told(row) for row in rows]}


def _told(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "unit": row.unit,
        "median": row.median,
        "values": row.values,
        "reference": row.reference and row.reference.name,
        "compared": row.compared,
        "difference": row.difference,
        "limit": row.limit,
        "most": row.most,
        "met": row.met,
    }


def table(name: str, found: Case) -> str:
    """A case as a table in plain text."""
    width = max(len(row["name"]) for row in found["rows"])
    return "\n".join([f"{name}: {found['title']}", *(_line(row, width) for row in found["rows"])])


def _line(row: dict[str, Any], width: int) -> str:
    values = row["values"]
    spread = f"{min(values):.2f} to {max(values):.2f}"
    line = f"  {row['name']:{width}}  {row['median']:9.2f} {row['unit']:6}  {spread:>20}"
    sign = "+" if row["difference"] else "x"
    if row["compared"] is not None:
        line += f"  {sign}{row['compared']:.3f} {row['reference']}"
    targets = []
    if row["limit"] is not None:
        targets.append(f"{sign}{row['limit']:g}")
    if row["most"] is not None:
        targets.append(f"{row['most']:.3g} {row['unit']}".rstrip())
    if targets:
        line += f"  (at most {', '.join(targets)}: {'met' if row['met'] else 'NOT MET'})"
    return line.rstrip()


def kept() -> dict[str, Case]:
    """The figures of each case that were kept."""
    found: dict[str, Case] = json.loads(_FIGURES.read_text(encoding="utf-8"))
    return found


def record(found: dict[str, Case]) -> None:
    """Keeps the figures of some cases; those of others stay as they are."""
    figures = {**kept(), **found}
    _FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")


def written() -> dict[Path, str]:
    """The files that are made from the figures, with what each has to have in it."""
    figures = kept()
    short = short_table(figures)
    found = {
        path: _SHORT.sub(lambda _: short, path.read_text(encoding="utf-8"))
        for path in (_README, _PAGE)
    }
    tables = "\n\n".join(table(name, each) for name, each in figures.items())
    found[_PAGE] = _TABLE.sub(lambda _: tables, found[_PAGE])
    for name, each in figures.items():
        for chart, svg in charts(name, each).items():
            found[_FOLDER / f"{chart}.svg"] = svg
    return found


if __name__ == "__main__":
    record({})

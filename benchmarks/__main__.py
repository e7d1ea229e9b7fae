"""`python -m benchmarks`: runs the cases and prints their tables."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

from .cases import CASES
from .plot import bars
from .rows import Plan, Row
from .server import running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; repeatable")
    parser.add_argument("--rounds", type=int, default=7, help="how often each figure is taken")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size; rough figures")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    parser.add_argument("--plot", metavar="DIR", type=Path, help="write an SVG for each case")
    options = parser.parse_args()
    found: dict[str, list[dict[str, object]]] = {}
    with running() as url:
        plan = Plan(url, options.rounds, options.quick)
        for name in options.case or CASES:
            rows = CASES[name](plan)
            found[name] = [_told(row) for row in rows]
            if options.plot is not None:
                title = str(CASES[name].__doc__)
                (options.plot / f"{name}.svg").write_text(bars(title, rows), encoding="utf-8")
            if not options.json:
                print(f"\n{name}: {CASES[name].__doc__}", flush=True)
                _print(rows)
    if options.json:
        print(json.dumps({"python": platform.python_version(), "cases": found}, indent=2))


def _told(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "unit": row.unit,
        "median": row.median,
        "values": row.values,
        "reference": row.reference and row.reference.name,
        "compared": row.compared,
        "limit": row.limit,
        "most": row.most,
        "met": row.met,
    }


def _print(rows: list[Row]) -> None:
    width = max(len(row.name) for row in rows)
    for row in rows:
        spread = f"{min(row.values):.2f} to {max(row.values):.2f}"
        line = f"  {row.name:{width}}  {row.median:9.2f} {row.unit:6}  {spread:>20}"
        if row.reference is not None and row.compared is not None:
            sign = "+" if row.difference else "x"
            line += f"  {sign}{row.compared:.3f} {row.reference.name}"
        targets = []
        if row.limit is not None:
            targets.append(f"{'+' if row.difference else 'x'}{row.limit:g}")
        if row.most is not None:
            targets.append(f"{row.most:.3g} {row.unit}")
        if targets:
            line += f"  (at most {', '.join(targets)}: {'met' if row.met else 'NOT MET'})"
        print(line, flush=True)


if __name__ == "__main__":
    main()

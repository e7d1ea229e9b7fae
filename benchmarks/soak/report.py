"""The tables of runs, and what is kept: `docs/benchmarks/soak.json`, from it the page's charts."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..report import DOCS
from .chart import chart
from .verdict import UNITS, Kept, Trend, extremes, problems, trends

_FOLDER = DOCS / "benchmarks"
_FIGURES = _FOLDER / "soak.json"
_PAGE = DOCS / "soak.md"
_TABLES = re.compile(r"(?<=## The last run\n\n).*?(?=\n\n<!-- end of figures -->)", re.DOTALL)


def table(run: Kept) -> str:
    """A run as a table in plain text."""
    done = sum(run["outcomes"].values())
    share = 100 * run["cpu"] / run["seconds"]
    judged = list(trends(run))
    lines = [
        f"{run['backend']}: {done:,} pieces of work in {run['seconds'] / 60:.1f} minutes, "
        f"{share:.0f} % of a core",
        f"  {'':20} {'median':>10} {'growth':>10} {'error':>8} {'allowed':>8}" * bool(judged),
        *map(_line, judged),
        "  in quiet moments at most: "
        + ", ".join(
            f"{most} {name} ({first} at first)" for name, (first, most) in extremes(run).items()
        ),
        "  left at the end: "
        + (", ".join(f"{more:+} {name}" for name, more in run["left"].items()) or "unknown"),
        *(f"  PROBLEM: {each}" for each in problems(run)),
    ]
    return "\n".join(filter(None, lines))


def _line(trend: Trend) -> str:
    size, unit = UNITS.get(trend.name, (1, ""))
    name = trend.name + (f", {unit}" if unit else "")
    middle, growth, error, allowed = (
        each / size for each in (trend.middle, trend.growth, trend.error, trend.allowed)
    )
    return f"  {name:20} {middle:10.2f} {growth:+10.3f} {error:8.3f} {allowed:8.2f}"


def runs() -> list[Kept]:
    """The runs that were kept."""
    found: list[Kept] = json.loads(_FIGURES.read_text(encoding="utf-8"))
    return found


def record(found: list[Kept]) -> None:
    """Keep runs in place of the earlier ones, and write the page and the charts anew."""
    lines = ",\n".join(json.dumps(run, separators=(",", ":")) for run in found)
    _FIGURES.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")


def written() -> dict[Path, str]:
    """The files that are made from the figures, with what each has to have in it."""
    figures = runs()
    page = _PAGE.read_text(encoding="utf-8")
    return {
        _PAGE: _TABLES.sub(lambda _: _section(figures), page),
        **{_FOLDER / f"soak-{run['backend']}.svg": chart(run) for run in figures},
    }


def _section(figures: list[Kept]) -> str:
    first = figures[0]
    tables = "\n\n".join(map(table, figures))
    return "\n\n".join(
        [
            f"{first['date']}, Python {first['python']}, {first['system']}; seed {first['seed']}, "
            f"{first['rate']:g} pieces of work a second where the machine had time for them:",
            f"```text\n{tables}\n```",
            *(
                f"![What the process holds, on {run['backend']}]"
                f"(benchmarks/soak-{run['backend']}.svg)"
                for run in figures
            ),
            "How the work ended:",
            _counts("work", "outcomes", figures),
            "What happened at the servers meanwhile:",
            _counts("", "server", figures),
        ]
    )


def _counts(heading: str, what: str, figures: list[Kept]) -> str:
    """Return what was counted, as a table with a column for each run."""
    names = sorted({name for run in figures for name in run[what]})
    rows = [
        [heading, *(run["backend"] for run in figures)],
        ["---", *("--:" for _ in figures)],
        *([name, *(f"{run[what].get(name, 0):,}" for run in figures)] for name in names),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)

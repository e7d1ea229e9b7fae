"""The verdict on a run: how each figure moves, and the problems.

That is judged by the quiet moments. In between, all figures depend on how much is going on, and so
on how busy the machine is.

The first tenth of a run, in which caches fill, is left out. A line is laid through the rest by the
estimator of Theil and Sen: the median of the slopes between any two points, which a few wild points
don't move. The growth is what it rises from the first point to the last. The error is that of a
line through as many points with the same scatter, by their median distance from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any

WARM_UP = 0.1
"""Share of the run that is left out."""
FEWEST = 10
"""Quiet moments that make a trend."""
POINTS = 360
"""Points of a run between its quiet moments that are kept at most."""
_KINDS = ("begin", "before", "quiet", "busy", "after")
COUNTED = ("sockets", "tasks", "threads", "generators")
LIVING = ("resident", "given", "blocks", *COUNTED)
UNITS = {"resident": (1 << 20, "MiB"), "given": (1 << 20, "MiB"), "blocks": (1000, "thousand")}

Kept = dict[str, Any]
"""The figures of a run, as plain data."""
Columns = dict[str, list[float]]


@dataclass(frozen=True)
class Trend:
    """The movement of a figure in the course of a run.

    Attributes:
        name: The figure.
        middle: The median.
        growth: How much more it is at the end than at the beginning.
        error: The standard error of that.
        allowed: The growth that is allowed.
    """

    name: str
    middle: float
    growth: float
    error: float
    allowed: float

    @property
    def is_flat(self) -> bool:
        """Whether it may well be that it grows by no more than is allowed."""
        return self.growth <= self.allowed + 3 * self.error


def kept(path: Path) -> Kept:
    """Return the figures in a run's log, even if it broke off in the middle of a line."""
    log = path.read_text(encoding="utf-8").rpartition("\n")[0]
    lines = [json.loads(line) for line in log.splitlines()]
    found = {kind: [line for line in lines if line["kind"] == kind] for kind in _KINDS}
    begin, before, quiet, busy, after = found.values()
    last = [*before, *quiet, *after][-1]
    return {
        **begin[0]["about"],
        "seconds": last["seconds"],
        "cpu": last["cpu"] - before[0]["cpu"],
        "outcomes": dict(sorted(last.get("outcomes", {}).items())),
        "problems": [
            f"{line['where']}: {line['problem'].rpartition(chr(10))[2]}"
            for line in lines
            if line["kind"] == "problem"
        ],
        "server": last.get("server", {}),
        "before": {name: before[0][name] for name in LIVING},
        "left": _left(before[0], after[0]) if after else {},
        "quiet": _columns(quiet, LIVING),
        "busy": _columns(busy[:: len(busy) // (POINTS + 1) + 1], (*LIVING, "connections")),
    }


def _left(before: dict[str, Any], after: dict[str, Any]) -> dict[str, float]:
    """Return how much more there was of everything at the end than before."""
    more = {name: after[name] - before[name] for name in COUNTED}
    return {**more, "connections at the server": after["connections"]}


def _columns(lines: list[dict[str, Any]], names: tuple[str, ...]) -> Columns:
    found = {name: [line[name] for line in lines] for name in names}
    return {"seconds": [round(line["seconds"], 1) for line in lines], **found}


def trends(run: Kept) -> Iterator[Trend]:
    """Give the trends by which a run is judged, if it is long enough to have any."""
    if sum(map(_is_late(run), run["quiet"]["seconds"])) < FEWEST:
        return
    for name in UNITS:
        yield _trend(name, run, share=0.02)
    for name in ("sockets", "threads"):
        yield _trend(name, run, least=1.0)


def _trend(name: str, run: Kept, *, share: float = 0.0, least: float = 0.0) -> Trend:
    seconds, values = run["quiet"]["seconds"], run["quiet"][name]
    is_late = _is_late(run)
    points = [(x, y) for x, y in zip(seconds, values, strict=True) if is_late(x)]
    slope = median((y - x) / (t - s) for (s, x), (t, y) in combinations(points, 2) if t > s)
    start = median(y - slope * x for x, y in points)
    scatter = median(abs(y - start - slope * x) for x, y in points) / 0.6745
    middle = median(y for _, y in points)
    return Trend(
        name,
        middle,
        growth=slope * (points[-1][0] - points[0][0]),
        error=scatter * sqrt(12 / len(points)),
        allowed=max(share * middle, least),
    )


def _is_late(run: Kept) -> Callable[[float], bool]:
    """Return what tells whether a moment comes after the warm-up."""
    return lambda seconds: seconds > WARM_UP * run["minutes"] * 60


def extremes(run: Kept) -> dict[str, tuple[float, float]]:
    """Return how many there were at first, and at the most, in quiet moments."""
    quiet, before = run["quiet"], run["before"]
    return {
        name: (max([before[name], *quiet[name][:1]]), max([0, *quiet[name]]))
        for name in ("tasks", "generators")
    }


def problems(run: Kept) -> list[str]:
    """Return what is not as it should be."""
    found = [*run["problems"]]
    if not run["left"]:
        found.append("the run broke off")
    found += [f"{left} {name} left" for name, left in run["left"].items() if left > 0]
    for name, (first, most) in extremes(run).items():
        if most > first:
            found.append(f"{most} {name} in a quiet moment, {first} at first")
    found += [
        f"{each.name} grew by {each.growth:.0f}, more than {each.allowed:.0f}"
        for each in trends(run)
        if not each.is_flat
    ]
    return found

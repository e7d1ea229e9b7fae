"""The soak: a short form of it, how runs are judged, and the hour that the docs show.

The short form is too short for trends. Whoever changes the library runs the whole before a release.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from benchmarks.soak import report
from benchmarks.soak.blocking_work import BLOCKING_WORK
from benchmarks.soak.chart import chart
from benchmarks.soak.run import WORK
from benchmarks.soak.verdict import kept, problems, trends

ROOT = Path(__file__).resolve().parents[1]

Line = dict[str, Any]

FLAT: Line = {
    "resident": 50 << 20,
    "given": 10 << 20,
    "blocks": 200_000,
    "sockets": 7,
    "tasks": 3,
    "threads": 6,
    "generators": 3,
    "connections": 0,
}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_soak(backend: str, tmp_path: Path) -> None:
    """In a process of its own, which has nothing else."""
    command = [sys.executable, "-m", "benchmarks.soak", "--minutes=0.03", "--rate=40"]
    done = subprocess.run(
        [*command, f"--backend={backend}", f"--folder={tmp_path}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "left at the end: +0 sockets, +0 tasks" in done.stdout


def lines(change: Callable[[Line], object] = lambda _: None) -> list[Line]:
    """The lines of a flat run of an hour, each changed."""
    about = {"backend": "trio", "minutes": 60, "rate": 20, "seed": 0}
    found: list[Line] = [{"kind": "begin", "about": about}]
    for minute in range(62):
        kind = "before" if minute == 0 else "quiet" if minute < 61 else "after"
        common = {**FLAT, "seconds": 60.0 * minute, "answers": 1000 * minute, "cpu": 10.0 * minute}
        found += [{**common, "kind": kind}, {**common, "kind": "busy"}]
    found.pop()
    found[-1]["outcomes"] = {"ask: answer": 61_000}
    for line in found[1:]:
        change(line)
    return found


def judged(tmp_path: Path, found: list[Line]) -> list[str]:
    path = tmp_path / "trio.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in found), encoding="utf-8")
    return problems(kept(path))


def test_a_flat_run(tmp_path: Path) -> None:
    def wave(line: Line) -> None:
        line["resident"] += int(line["seconds"] % 420) * 1000
        for name in ("sockets", "threads"):
            line[name] += int(line["seconds"] % 180) // 60 * (line["kind"] == "quiet")

    assert judged(tmp_path, lines(wave)) == []


def grows(name: str, by: float) -> Callable[[Line], object]:
    """Have a figure grow by so much in an hour."""
    return lambda line: line.update({name: line[name] + by * line["seconds"] / 3600})


def at_the_end(**more: int) -> Callable[[Line], object]:
    """Have more of something at the end of a run."""
    return lambda line: line.update(more) if line["kind"] == "after" else None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (grows("resident", 4 << 20), "resident grew by 3704969, more than"),
        (grows("given", 1 << 20), "given grew by 926242, more than"),
        (grows("blocks", 6000), "blocks grew by 5300, more than 4067"),
        (grows("sockets", 3), "sockets grew by 3, more than 1"),
        (lambda line: line.update(tasks=3 + (line["seconds"] == 1800)), "4 tasks in a quiet"),
        (grows("threads", 3), "threads grew by 3, more than 1"),
        (at_the_end(sockets=8), "1 sockets left"),
        (at_the_end(generators=5), "2 generators left"),
        (at_the_end(connections=2), "2 connections at the server left"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_grows_or_is_left(
    change: Callable[[Line], object], problem: str, tmp_path: Path
) -> None:
    found = judged(tmp_path, lines(change))
    assert any(each.startswith(problem) for each in found), found


def test_wild_moments_are_no_growth(tmp_path: Path) -> None:
    def wild(line: Line) -> None:
        line["resident"] *= 2 if line["seconds"] % 600 == 0 and line["kind"] == "quiet" else 1

    assert judged(tmp_path, lines(wild)) == []


def test_a_problem_is_named(tmp_path: Path) -> None:
    error = {"kind": "problem", "where": "ask 7", "problem": "Traceback\n  ...\nValueError: no"}
    assert judged(tmp_path, [*lines(), error]) == ["ask 7: ValueError: no"]


def test_a_run_that_broke_off(tmp_path: Path) -> None:
    judged(tmp_path, lines()[:-31])
    path = tmp_path / "trio.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert problems(kept(path)) == ["the run broke off"]
    assert "PROBLEM: the run broke off" in report.table(kept(path))


def test_the_hour_that_the_page_shows() -> None:
    for path, text in report.written().items():
        wanted = "python -m benchmarks.soak --read --record"
        assert path.read_text(encoding="utf-8") == text, f"{path}: {wanted}"
    runs = report.runs()
    assert [each["backend"] for each in runs] == ["asyncio", "trio"]
    for each in runs:
        assert each["minutes"] >= 60
        assert problems(each) == []
        assert len(list(trends(each))) == 5
        done = {outcome.partition(":")[0] for outcome in each["outcomes"]}
        assert done == {*WORK, *BLOCKING_WORK}


def test_the_chart_has_a_dot_for_each_quiet_moment() -> None:
    for each in report.runs():
        root = ElementTree.fromstring(chart(each))
        dots = root.findall("{http://www.w3.org/2000/svg}circle")
        assert len(dots) == 6 * len(each["quiet"]["seconds"])

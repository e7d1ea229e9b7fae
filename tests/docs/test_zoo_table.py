"""The table of the apps that any-space.md names is true."""

from __future__ import annotations

from pathlib import Path

from tests.real.environments import REQUIREMENTS
from tests.real.zoo import ZOO

PAGE = Path(__file__).resolve().parents[2] / "docs" / "any-space.md"


def table() -> str:
    """Which app of the zoo is asked on which version of Gradio."""
    versions = list(REQUIREMENTS)
    number = {version: tuple(map(int, version.split("."))) for version in versions}
    rows = [["app", *versions], ["---"] * (len(versions) + 1)]
    for app in ZOO:
        first, last = (tuple(map(int, each.split("."))) for each in (app.since, app.until))
        told = "✓" if app.chat else "no chat"
        runs = [told if first <= number[each] <= last else "–" for each in versions]
        rows.append([f"`{app.name}`", *runs])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def test_the_table() -> None:
    assert table() in PAGE.read_text(encoding="utf-8")

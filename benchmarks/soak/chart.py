"""A run as a chart: one strip for each figure, all of the time from left to right."""

from __future__ import annotations

from ..plot import picture
from .verdict import UNITS, Columns, Kept

_LEFT, _WIDTH, _STRIP, _GAP = 8, 640, 56, 30
_STYLE = """<style>
path { fill: none; stroke: #9aa0a6; }
.axis { stroke-opacity: 0.5; }
@media (prefers-color-scheme: dark) { path { stroke: #777d84; } }
</style>"""
_STRIPS = {
    "resident": "memory of the process",
    "given": "memory that the C library has given out",
    "blocks": "blocks of memory of Python's objects",
    "sockets": "sockets",
    "tasks": "tasks",
    "threads": "threads",
    "connections": "connections at the server",
}


def chart(run: Kept) -> str:
    """Draw a run: a line for what is there at work, and a dot for each quiet moment."""
    quiet, busy = run["quiet"], run["busy"]
    end = max([*quiet["seconds"], *busy["seconds"]], default=1.0)
    parts = [_STYLE]
    y = 42
    for name, words in _STRIPS.items():
        size, unit = UNITS.get(name, (1, ""))
        most = max([*busy[name], *quiet.get(name, [])], default=0) or 1
        parts.append(f'<text x="{_LEFT}" y="{y}">{words}</text>')
        bottom = y + 8 + _STRIP
        for value, said in ((0, "0"), (most, f"{most / size:.3g} {unit}".rstrip())):
            line = bottom - _STRIP * value / most
            parts.append(f'<text x="{_LEFT + _WIDTH + 6}" y="{line + 4:.1f}">{said}</text>')
        parts.append(f'<path class="axis" d="M{_LEFT} {bottom}h{_WIDTH}"/>')
        points = _points(busy, name, end, most, bottom)
        parts.append(f'<path d="M{" ".join(f"{x:.1f} {at:.1f}" for x, at in points)}"/>')
        if name in quiet:
            parts += [
                f'<circle class="ours" cx="{x:.1f}" cy="{at:.1f}" r="2"/>'
                for x, at in _points(quiet, name, end, most, bottom)
            ]
        y = bottom + _GAP
    minutes = run["seconds"] / 60
    parts += [
        f'<text x="{_LEFT}" y="{y}">0</text>',
        f'<text class="name" x="{_LEFT + _WIDTH}" y="{y}">{minutes:.3g} minutes</text>',
    ]
    return picture(f"Soak, {run['backend']}", _LEFT + _WIDTH + 100, y + 12, parts)


def _points(
    columns: Columns, name: str, end: float, most: float, bottom: float
) -> list[tuple[float, float]]:
    return [
        (_LEFT + _WIDTH * seconds / end, bottom - _STRIP * value / most)
        for seconds, value in zip(columns["seconds"], columns[name], strict=True)
    ]

"""Charts as SVG, which follow the light or dark scheme of who looks at them."""

from __future__ import annotations

from html import escape
from math import log10
from typing import Any

_LINE = 22
_NAMES, _BARS, _FIGURES = 380, 300, 110

_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #333; }
.title { font-weight: 600; font-size: 13px; }
.name { text-anchor: end; }
rect { fill: #9aa0a6; }
.ours { fill: #3f51b5; }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd; }
  rect { fill: #777d84; }
  .ours { fill: #8c9eff; }
}
</style>"""

_SCHEMES = ("http", "https")


def charts(name: str, case: dict[str, Any]) -> dict[str, str]:
    """The charts of a case by their names: one, or one for each scheme that its rows begin with."""
    found = {}
    for scheme in _SCHEMES:
        prefix = f"{scheme}: "
        rows = [
            {**row, "name": row["name"].removeprefix(prefix)}
            for row in case["rows"]
            if row["name"].startswith(prefix) and not row["name"].endswith("counted")
        ]
        if rows:
            found[f"{name}-{scheme}"] = bars(f"{case['title']}, {scheme}", rows)
    return found or {name: bars(case["title"], case["rows"])}


def bars(title: str, rows: list[dict[str, Any]]) -> str:
    """Draws a bar for the median of each row, on a logarithmic scale where they differ much."""
    medians = [row["median"] for row in rows]
    low, high = min(medians), max(medians)
    # A bar on a logarithmic scale has no true beginning: a third of the smallest will do.
    least = low / 3 if high > 20 * low > 0 else 0
    parts = []
    for index, row in enumerate(rows):
        median = row["median"]
        figure = f"{median:.3g}" if median < 1000 else f"{median:,.0f}"
        share = log10(median / least) / log10(high / least) if least else median / (high or 1)
        y = _LINE * (index + 2)
        kind = ' class="ours"' if row["name"].startswith("spacechat") else ""
        parts += [
            f'<text class="name" x="{_NAMES - 8}" y="{y}">{escape(row["name"])}</text>',
            f'<rect{kind} x="{_NAMES}" y="{y - 12}" width="{share * _BARS:.1f}" height="15"/>',
            f'<text x="{_NAMES + share * _BARS + 6:.1f}" y="{y}">{figure} {row["unit"]}</text>',
        ]
    width, height = _NAMES + _BARS + _FIGURES, _LINE * (len(rows) + 2)
    scale = " (logarithmic scale)" if least else ""
    return picture(title, width, height, parts, scale=scale)


def picture(title: str, width: int, height: int, parts: list[str], *, scale: str = "") -> str:
    """Returns a chart with a title, and what is to be said of its scale, above its parts."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'role="img">\n<title>{escape(title)}</title>\n{_STYLE}\n'
        f'<text class="title" x="8" y="18">{escape(title)}{scale}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )

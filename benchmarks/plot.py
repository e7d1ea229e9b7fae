"""Bars, as SVG."""

from __future__ import annotations

from html import escape
from math import log10

from .rows import Row

_LINE = 22
_NAMES, _BARS, _FIGURES = 360, 320, 110


def bars(title: str, rows: list[Row]) -> str:
    """Draws a bar for the median of each row, on a logarithmic scale where they differ much."""
    medians = [row.median for row in rows]
    low, high = min(medians), max(medians)
    # A bar on a logarithmic scale has no true beginning: a third of the smallest will do.
    least = low / 3 if high > 20 * low else 0
    parts = []
    for index, row in enumerate(rows):
        share = log10(row.median / least) / log10(high / least) if least else row.median / high
        y = _LINE * (index + 2)
        figure = f"{row.median:.3g} {row.unit}"
        colour = "#2a6fdb" if row.name.startswith("spacechat") else "#9aa0a6"
        parts += [
            f'<text x="{_NAMES - 8}" y="{y}" text-anchor="end">{escape(row.name)}</text>',
            f'<rect x="{_NAMES}" y="{y - 12}" width="{share * _BARS:.1f}" height="15" '
            f'fill="{colour}"/>',
            f'<text x="{_NAMES + share * _BARS + 6:.1f}" y="{y}">{figure}</text>',
        ]
    width, height = _NAMES + _BARS + _FIGURES, _LINE * (len(rows) + 2)
    scale = " (logarithmic scale)" if least else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n<text x="8" y="18" font-weight="bold">'
        f"{escape(title)}{scale}</text>\n" + "\n".join(parts) + "\n</svg>\n"
    )

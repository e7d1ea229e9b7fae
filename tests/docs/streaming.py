"""Films an answer as it streams in a terminal: `python -m tests.docs.streaming`.

The film is an SVG whose pieces appear when they really came from the local Space.
"""

from __future__ import annotations

import codecs
import os
import shlex
import subprocess
import sys
import time
import unicodedata
from xml.sax.saxutils import escape

from tests.docs.blocks import ROOT

PICTURE = ROOT / "docs" / "assets" / "streaming.svg"
COMMAND = 'python -m spacechat ask --local "Why is the sky blue?"'

COLUMNS, ROWS = 72, 13
ADVANCE, LINE = 8.4, 20.0
"""Size of a character, in pixels."""
HOLD = 4.0
"""Seconds for which the whole answer stays before the film begins again."""


def film() -> list[tuple[float, str]]:
    """Run the command, and return what it wrote, with the seconds since it started."""
    command = [sys.executable, *shlex.split(COMMAND)[1:]]
    began = time.monotonic()
    found: list[tuple[float, str]] = []
    decoder = codecs.getincrementaldecoder("utf-8")()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while data := os.read(process.stdout.fileno(), 1 << 16):
            found.append((time.monotonic() - began, decoder.decode(data)))
    assert process.returncode == 0
    return found


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def picture(pieces: list[tuple[float, str]]) -> str:
    """Return the film of some pieces."""
    total = pieces[-1][0] + HOLD
    texts = [f'<text x="14" y="18"><tspan class="prompt">$</tspan> {escape(COMMAND)}</text>']
    styles: list[str] = []
    moves: list[str] = []
    row, column, above = 1, 0, 0
    for number, (seconds, piece) in enumerate(pieces):
        before, after = (f"{100 * seconds / total + more:.2f}%" for more in (0, 0.01))
        styles.append(
            f"@keyframes p{number} {{ 0%, {before} {{ opacity: 0 }} "
            f"{after}, 100% {{ opacity: 1 }} }} .p{number} {{ animation-name: p{number} }}"
        )
        for part in piece.splitlines(keepends=True):
            text = part.rstrip("\n")
            if column and column + width(text.rstrip()) > COLUMNS:
                row, column, text = row + 1, 0, text.lstrip()
            if text.strip():
                x, y = 14 + column * ADVANCE, 18 + row * LINE
                texts.append(
                    f'<text class="p{number}" x="{x:.1f}" y="{y:.0f}">{escape(text)}</text>'
                )
            column += width(text)
            if part.endswith("\n"):
                row, column = row + 1, 0
        if row >= ROWS + above:
            moves.append(f"{before} {{ {_up(above)} }}")
            above = row - ROWS + 1
            moves.append(f"{after} {{ {_up(above)} }}")
    across, down = 28 + COLUMNS * ADVANCE, 52 + (ROWS - 1) * LINE + 14
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:.0f} {down:.0f}" '
            f'width="{across:.0f}" role="img">',
            "<title>An answer as it streams in a terminal</title>",
            "<style>",
            "text { font: 14px ui-monospace, Menlo, Consolas, monospace; fill: #e6e6e6; "
            "white-space: pre; }",
            ".prompt { fill: #7ec699; }",
            f"[class^=p] {{ animation-duration: {total:.2f}s; "
            "animation-iteration-count: infinite; }",
            *styles,
            f"@keyframes scroll {{ 0% {{ {_up(0)} }} {' '.join(moves)} 100% {{ {_up(above)} }} }}",
            f".scroll {{ {_up(above)}; animation: scroll {total:.2f}s infinite; }}",
            "@media (prefers-reduced-motion) { .scroll, [class^=p] { animation: none; } }",
            "</style>",
            '<rect width="100%" height="100%" rx="8" fill="#1e1f29"/>',
            *(
                f'<circle cx="{18 + 16 * n}" cy="16" r="5" fill="{colour}"/>'
                for n, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
            ),
            f'<svg y="32" width="100%" height="{down - 42:.0f}"><g class="scroll">',
            *texts,
            "</g></svg>",
            "</svg>\n",
        ]
    )


def _up(rows: int) -> str:
    return f"transform: translateY({-rows * LINE:.0f}px)"


if __name__ == "__main__":
    PICTURE.write_text(picture(film()), encoding="utf-8")

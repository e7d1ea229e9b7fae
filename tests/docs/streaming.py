"""Films an answer as it streams in a terminal: `python -m tests.docs.streaming`.

The film is an SVG, made from what a terminal in memory really shows while the command runs. Each
version of a line is a text of its own, visible for as long as the terminal showed it; the last ones
stay. A reader who wants no motion sees those alone.
"""

from __future__ import annotations

import itertools
import re
import shlex
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

from pyte.screens import Char

from tests.cli.terminal import Screen, Terminal
from tests.docs.blocks import ROOT

PICTURE = ROOT / "docs" / "assets" / "streaming.svg"
COMMAND = 'python -m spacechat --local "Why is the sky blue?"'

COLUMNS, ROWS = 72, 17
ADVANCE, LINE = 8.4, 20.0
"""Size of a character, in pixels."""
HOLD = 10.0
"""Seconds for which the whole answer stays before the film begins again."""

BAR = 32
"""Height of the window's bar, in pixels."""
BASE = 15.0
"""Where the first line of text stands, below the bar."""

TERMINAL = ("cyan", "brightblue", "brown")
"""The colours of the answer, as `pyte` names them; brown is the terminal's yellow."""
LIGHT = {
    "window": "#f6f8fa",
    "edge": "#d0d7de",
    "text": "#24292f",
    "prompt": "#116329",
    "cyan": "#0b6e8a",
    "brightblue": "#0550ae",
    "brown": "#8a5a00",
}
DARK = {
    "window": "#1e1f29",
    "edge": "#3a3c4a",
    "text": "#e6e6e6",
    "prompt": "#7ec699",
    "cyan": "#78dce8",
    "brightblue": "#82aaff",
    "brown": "#e5c07b",
}


@dataclass(frozen=True)
class Frame:
    """The terminal's lines from some moment on.

    Attributes:
        seconds: The seconds since the command showed something.
        lines: The lines, as the SVG of their characters.
    """

    seconds: float
    lines: Sequence[str]


@dataclass(frozen=True)
class Version:
    """The text of a line for some time.

    Attributes:
        row: The line.
        text: The SVG of its characters.
        shown: The seconds until it appears.
        gone: The seconds until it goes, or None if it stays.
    """

    row: int
    text: str
    shown: float
    gone: float | None


def film() -> list[Frame]:
    """Run the command, and return what the terminal showed."""
    frames: list[Frame] = []

    def take(screen: Screen) -> None:
        lines = [_spans(row[column] for column in range(COLUMNS)) for row in screen.rows()]
        if frames or any(lines):
            frames.append(Frame(time.monotonic(), lines))

    words = shlex.split(COMMAND)[3:]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Terminal(*words, home=home, columns=COLUMNS, lines=ROWS, changed=take) as terminal:
            assert terminal.wait() == 0
    began = frames[0].seconds
    return [replace(frame, seconds=frame.seconds - began) for frame in frames]


def _spans(cells: Iterable[Char]) -> str:
    """Return the SVG of a line: a `tspan` for each run of characters that look alike.

    Each run has its place and its length, so that columns stay columns in any font.
    """
    column = 0
    spans = []
    for look, run in itertools.groupby(cells, _look):
        texts = [cell.data for cell in run]
        shown = "".join(texts).strip()
        if shown:
            first = next(x for x, text in enumerate(texts) if text != " ")
            last = next(x for x in reversed(range(len(texts))) if texts[x] != " ")
            kind = f' class="{look}"' if look else ""
            spans.append(
                f'<tspan{kind} x="{14 + (column + first) * ADVANCE:.1f}" '
                f'textLength="{(last + 1 - first) * ADVANCE:.1f}">{escape(shown)}</tspan>'
            )
        column += len(texts)
    return "".join(spans)


def _look(cell: Char) -> str:
    """Return the classes of a character."""
    classes = [cell.fg] * (cell.fg != "default") + ["bold"] * cell.bold + ["italic"] * cell.italics
    return " ".join(classes)


def versions(frames: Sequence[Frame]) -> Iterator[Version]:
    """Yield each version of each line."""
    for row in range(max(len(frame.lines) for frame in frames)):
        shown = [frame.lines[row] if row < len(frame.lines) else "" for frame in frames]
        begin = 0
        for text, run in itertools.groupby(shown):
            end = begin + len(list(run))
            if text:
                gone = frames[end].seconds if end < len(frames) else None
                yield Version(row, text, frames[begin].seconds, gone)
            begin = end


def still(frames: Sequence[Frame]) -> list[str]:
    """Return what stays, line by line, as `kept_still` finds it in a picture."""
    return [version.text for version in versions(frames) if version.gone is None]


def kept_still(picture: str) -> list[str]:
    """Return the lines of a picture that stay."""
    return re.findall(r'^<text class="stays"[^>]*>(.*)</text>$', picture, re.MULTILINE)


def picture(frames: Sequence[Frame]) -> str:
    """Return the film of some frames."""
    total = frames[-1].seconds + HOLD
    spans: dict[str, str] = {}
    texts = [
        f'<text y="{BASE:.0f}"><tspan class="prompt" x="14">$</tspan> {escape(COMMAND)}</text>'
    ]
    for version in versions(frames):
        steps = f"{_share(version.shown, total)} {{ visibility: visible }}"
        if version.gone is not None:
            steps += f" {_share(version.gone, total)} {{ visibility: hidden }}"
        name = spans.setdefault(steps, f"s{len(spans)}")
        kind = "goes" if version.gone is not None else "stays"
        y = BASE + (version.row + 1) * LINE
        texts.append(
            f'<text class="{kind}" style="animation-name: {name}" y="{y:.0f}">{version.text}</text>'
        )
    across, down = 28 + COLUMNS * ADVANCE, BAR + (ROWS + 1) * LINE + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:.0f} {down:.0f}" '
            f'width="{across:.0f}" role="img">',
            "<title>An answer as it streams in a terminal</title>",
            "<style>",
            "text { font: 14px ui-monospace, Menlo, Consolas, monospace; white-space: pre; }",
            ".bold { font-weight: bold; } .italic { font-style: italic; }",
            *_colours(LIGHT),
            f"@media (prefers-color-scheme: dark) {{ {' '.join(_colours(DARK))} }}",
            ".goes { visibility: hidden; }",
            f".goes, .stays {{ animation: {total:.2f}s step-end infinite; }}",
            *(
                f"@keyframes {name} {{ 0% {{ visibility: hidden }} {steps} }}"
                for steps, name in spans.items()
            ),
            "@media (prefers-reduced-motion) { * { animation: none !important; } }",
            "</style>",
            '<rect class="window" x="0.5" y="0.5" '
            f'width="{across - 1:.0f}" height="{down - 1:.0f}" rx="8"/>',
            *(
                f'<circle cx="{18 + 16 * n}" cy="16" r="5" fill="{colour}"/>'
                for n, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
            ),
            f'<svg y="{BAR}" width="100%" height="{(ROWS + 1) * LINE:.0f}">',
            *texts,
            "</svg>",
            "</svg>\n",
        ]
    )


def _share(seconds: float, total: float) -> str:
    return f"{100 * seconds / total:.2f}%"


def _colours(theme: Mapping[str, str]) -> Iterator[str]:
    """Yield the rules that give each kind of thing its colour."""
    yield f".window {{ fill: {theme['window']}; stroke: {theme['edge']}; }}"
    yield f"text {{ fill: {theme['text']}; }}"
    for name in ("prompt", *TERMINAL):
        yield f".{name} {{ fill: {theme[name]}; }}"


if __name__ == "__main__":
    PICTURE.write_text(picture(film()), encoding="utf-8")

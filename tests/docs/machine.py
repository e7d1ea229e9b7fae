"""Draws the state machine from its own table: `python -m tests.docs.machine`."""

from __future__ import annotations

from collections import defaultdict

from spacechat.protocol import TRANSITIONS, State
from spacechat.protocol.machine import EndOfStream
from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "machine.md"
PICTURE = ROOT / "docs" / "assets" / "machine.svg"

BEGIN, END = "<!-- table -->\n\n", "\n<!-- end of table -->"

WIDTH, HEIGHT = 130, 42
PLACES = {
    State.WAITING: (30, 100),
    State.QUEUED: (220, 100),
    State.RUNNING: (410, 100),
    State.STREAMING: (600, 100),
    State.COMPLETED: (30, 270),
    State.FAILED: (270, 270),
    State.INTERRUPTED: (540, 270),
}

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333; text-anchor: middle; }
.name { font-weight: 600; font-size: 13px; }
.state { fill: #fff; stroke: #555; }
.final { stroke-width: 3; }
.group { fill: #8882; stroke: #999; stroke-dasharray: 5 4; }
.edge { fill: none; stroke: #3f51b5; stroke-width: 1.5; marker-end: url(#arrow); }
#arrow path { fill: #3f51b5; }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd; }
  .state { fill: #222; stroke: #aaa; }
  .edge { stroke: #9fa8da; }
  #arrow path { fill: #9fa8da; }
}
"""


def name(message: type) -> str:
    """Return what a message is called in a picture."""
    return "end of stream" if message is EndOfStream else message.__name__


def edges() -> dict[tuple[State, State], list[str]]:
    """Return the messages that lead from one state to another."""
    found: dict[tuple[State, State], list[str]] = defaultdict(list)
    for state, row in TRANSITIONS.items():
        for message, target in row.items():
            if target is not None and target is not state:
                found[state, target].append(name(message))
    return dict(found)


def picture() -> str:
    """Return the SVG.

    The states in which something may still come stand in one box. What leads out of all of them
    alike is drawn once, from the box.
    """
    between = edges()
    open_states = [state for state in State if TRANSITIONS[state]]
    final = [state for state in State if not TRANSITIONS[state]]
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 330" role="img">',
        "<title>The states of the stream machine</title>",
        f"<style>{STYLE}</style>",
        '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z"/></marker>',
        '<rect class="group" x="10" y="8" width="740" height="160" rx="10"/>',
    ]
    for (source, target), messages in between.items():
        if target in final:
            continue
        parts.append(_edge(source, target, messages))
    for target in final:
        messages = between[open_states[0], target]
        if any(between[state, target] != messages for state in open_states):
            raise ValueError(f"Not all states lead to {target.name} alike: draw them one by one.")
        x, y = PLACES[target]
        middle = x + WIDTH / 2
        parts.append(f'<path class="edge" d="M{middle} 168 V{y}"/>')
        for index, message in enumerate(messages):
            top = 192 + 16 * index
            parts.append(
                f'<text x="{middle + 8}" y="{top}" style="text-anchor: start">{message}</text>'
            )
    for state, (x, y) in PLACES.items():
        kind = "state" if state in open_states else "state final"
        parts.append(
            f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
            f'<text class="name" x="{x + WIDTH / 2}" y="{y + 26}">{state.name}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def _edge(source: State, target: State, messages: list[str]) -> str:
    """Return an arrow to a neighbour, or over the heads of those between."""
    (x, y), (end, _) = PLACES[source], PLACES[target]
    apart = round((end - x) / 190)
    label = ", ".join(messages)
    if apart == 1:
        x += WIDTH
        return (
            f'<path class="edge" d="M{x} {y + HEIGHT / 2} H{end}"/>'
            f'<text x="{(x + end) / 2}" y="{y + HEIGHT + 14}">{label}</text>'
        )
    left, right = x + WIDTH // 2 + 10 * apart, end + WIDTH // 2 - 10 * apart
    rise = 35 * apart - 40
    top = round(y - rise / 0.75)  # A curve of this kind goes three quarters of the way.
    return (
        f'<path class="edge" d="M{left} {y} C{left + 30} {top} {right - 30} {top} {right} {y}"/>'
        f'<text x="{(left + right) / 2}" y="{y - rise - 5}">{label}</text>'
    )


def table() -> str:
    """Return the same in Markdown, with the messages that change no state."""
    columns = [state for state in State if TRANSITIONS[state]]
    messages = dict.fromkeys(message for row in TRANSITIONS.values() for message in row)
    lines = [
        "| | " + " | ".join(f"`{state.name}`" for state in columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for message in messages:
        cells = [_cell(state, message) for state in columns]
        lines.append(f"| `{name(message)}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(state: State, message: type) -> str:
    if message not in TRANSITIONS[state]:
        return ""
    target = TRANSITIONS[state][message]
    return "stays" if target is None else f"`{target.name}`"


def main() -> None:
    """Write the picture, and the table into its page."""
    PICTURE.write_text(picture(), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

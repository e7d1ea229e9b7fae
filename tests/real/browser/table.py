"""The page's requests beside spacechat's, as a table: `python -m tests.real.browser.table`."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.real.browser.record import load, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.browser.calls import Call, Visited

__all__ = ["DOCS", "REASONS", "ROUTES", "table"]

DOCS: Final = Path(__file__).resolve().parents[3] / "docs" / "requests.md"

#: Why spacechat leaves out a call, by the first word of `Call.not_needed`.
REASONS: Final = {
    "looks": "it fills only components that no call of the chat takes",
    "same": "it fills components that calls of the chat take, but they send the same without it, "
    "such as a message box that is emptied before the next question fills it",
    "one": "a function for programs asks in the place of this one and the next: it calls the same "
    "function of the author, with the same inputs. What calls after it take is the page's",
    "again": "the same inputs filled the same outputs in a call before, which spacechat makes",
}

#: What a page asks for beside the calls, and what spacechat does about it.
ROUTES: Final = {
    "GET /": "left out: the page itself. Its description of the app is in `/config`, too",
    "GET /config": "the same",
    "GET /assets/…": "left out: scripts and styles",
    "GET /static/…": "left out: fonts and scripts",
    "GET /custom_component/…": "left out: scripts and styles of components",
    "GET /theme.css": "left out: looks",
    "GET /svelte/…": "left out: scripts",
    "GET /file/…": "left out, unless a file is to be downloaded",
    "GET /info": "left out, unless an input is named by its parameter",
    "GET /heartbeat/…": "the same, in a conversation",
    "GET /queue/data": "the same, once for each call",
}

_INTRODUCTION: Final = """\
# Requests beside the page's

Whether spacechat asks an app as its page would is not left to belief: a tool opens the page of each
app of the tests in Chromium, types two questions, waits for the answers, reads them, and compares
what the browser sent with what spacechat sends for the same questions, call by call. The tests then
compare with what was recorded, without a browser.

A call is *as the page's* if the route, the function, its inputs, the component that a person used
and the session are the same. Values of `gr.State` are left out, since the server keeps its own
whatever a page sends, and so is what an event tells beside the inputs, if the function doesn't
collect it. If a person can send a question in two ways, such as by a key and by a
button, either is right. A `ChatInterface` has a function for programs, which asks what several
functions of its page ask one after another: there, the inputs of that one are compared.

A call that only the page makes is left out for one of these reasons:

{reasons}

Anything else would be a defect. Beside the calls, a page asks for

| request | spacechat |
| --- | --- |
{routes}

## The apps

The numbers are those of two questions, with the opening of the page.

| app | Gradio | calls of the page | of spacechat | left out |
| --- | --- | --- | --- | --- |
"""


def table() -> str:
    """Return the page of the documentation."""
    reasons = "\n".join(f"- *{name}*: {why}." for name, why in REASONS.items())
    routes = "\n".join(f"| `{route}` | {what} |" for route, what in ROUTES.items())
    head = _INTRODUCTION.format(reasons=reasons, routes=routes)
    return head + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    """Yield a row for each app, or several if its requests differ by version."""
    apps: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for environment, name in recorded():
        visited = load(environment, name)
        assert visited is not None
        apps[name][_cells(visited)].append(environment)
    for name, rows in sorted(apps.items()):
        for cells, environments in rows.items():
            yield f"| `{name}` | {', '.join(environments)} | {cells} |"


def _cells(visited: Visited) -> str:
    calls = [*visited.opening, *(call for turn in visited.turns for call in turn)]
    left_out = [call for call in calls if call.not_needed]
    return f"{len(calls)} | {len(calls) - len(left_out)} | {_summary(left_out) or '–'}"


def _summary(left_out: list[Call]) -> str:
    kinds: dict[str, dict[str, None]] = {name: {} for name in REASONS}
    for call in left_out:
        kind, _, filled = call.not_needed.partition(": ")
        kinds[kind].update(dict.fromkeys(filter(None, filled.split(", "))))
    counts = {name: sum(c.not_needed.startswith(name) for c in left_out) for name in kinds}
    return "; ".join(
        f"{counts[name]} *{name}*" + (f" ({', '.join(sorted(filled))})" if filled else "")
        for name, filled in kinds.items()
        if counts[name]
    )


if __name__ == "__main__":
    DOCS.write_text(table(), encoding="utf-8")

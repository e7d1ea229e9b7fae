"""The page of the documentation that lists the readers and the apps.

`python -m tests.readers.table` writes it.
"""

from __future__ import annotations

from pathlib import Path

from tests.conftest import BLOCKING
from tests.readers.app import App
from tests.readers.apps import GROUPS
from tests.readers.impossible import IMPOSSIBLE
from tests.readers.reader import Reader
from tests.readers.readers import READERS

PAGE = Path(__file__).parents[2] / "docs" / "readers.md"

INTRODUCTION = """# Every reader, every app

Whichever way an answer is read, it is the same answer: the same text, the same events in the same
order, the same files and thoughts, the same error with the same part of the text. The tests check
that for each pair of a reader and an app in these tables, over real HTTP: {cells:,} pairs
(`tests/readers`). They also compare what the app was asked for, request by request. So nothing is
asked once more than the table says, and an app whose reader leaves is told to stop, and asked
nothing more. All of that takes a minute on two cores.

What must come out is written down beside each app, and computed nowhere. This page is made from
that by `python -m tests.readers.table`.

## Readers

*asynchronous* is asyncio, asyncio with uvloop, and trio; *both* is these and the blocking twin.

| reader | interface | shows |
| --- | --- | --- |
"""

SHOWN = {
    "text": "text",
    "printed": "text",
    "pieces": "pieces",
    "events": "events",
    "reasoning": "thoughts",
    "titled": "thoughts",
    "files": "files",
    "error": "error",
    "partial": "partial text",
    "messages": "messages",
}
"""What the fields of an outcome are called; the message of an error goes with the error."""


def cells() -> int:
    """Return how many pairs of a reader and an app are tested, on all event loops."""
    apps = sum(map(len, GROUPS.values()))
    met = sum(len(reader.runs_on) * apps for reader in READERS.values())
    return met - sum(len(READERS[name].runs_on) for name, _ in IMPOSSIBLE)


def render() -> str:
    """Return the page."""
    lines = [INTRODUCTION.format(cells=cells()) + "\n".join(map(_reader_row, READERS.items()))]
    for group, apps in GROUPS.items():
        lines.append(f"\n## {group}\n")
        lines.append("| app | what it does | text | ends with | requests |")
        lines.append("| --- | --- | --- | --- | --- |")
        lines += map(_app_row, apps.items())
    lines.append("\n## Pairs that can't meet\n")
    for reason in dict.fromkeys(IMPOSSIBLE.values()):
        pairs = [f"{name} and *{app}*" for (name, app), why in IMPOSSIBLE.items() if why == reason]
        lines.append(f"- {', '.join(pairs)}: {reason}")
    return "\n".join(lines) + "\n"


def _reader_row(item: tuple[str, Reader]) -> str:
    name, reader = item
    runs_on = {*reader.runs_on}
    interface = "blocking" if len(runs_on) == 1 else "asynchronous"
    shown = dict.fromkeys(words for field, words in SHOWN.items() if field in reader.shows)
    return f"| {name} | {'both' if BLOCKING in runs_on else interface} | {', '.join(shown)} |"


def _app_row(item: tuple[str, App]) -> str:
    name, app = item
    gets = app.gets
    end = "the answer" if gets.error is None else f"`{gets.error.__name__}`"
    text = f"`{gets.text!r}`" if gets.text else "-"
    requests = ", ".join(gets.requests)
    ends = "the reader's leaving" if app.is_left else end
    return f"| {name} | {app.meaning} | {text} | {ends} | {requests} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")

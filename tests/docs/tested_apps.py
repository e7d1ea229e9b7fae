"""The apps that the tests ask, as a page of the documentation.

`python -m tests.docs.tested_apps` writes the page from the lists of both zoos.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.real import wild
from tests.real.environments import REQUIREMENTS
from tests.real.wild.app import WildApp
from tests.real.zoo import ZOO

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tested-apps.md"

INTRODUCTION = """# Tested apps

The tests ask each of these apps on real Gradio servers. They know nothing of it but its URL, and
the answers to two questions of one conversation must be exact, as must be one to a question by
itself. Made from the lists in `tests/real` by `python -m tests.docs.tested_apps`.

## By version of Gradio

These apps are in `tests/real/apps/zoo`; a dash means that an app does not run on that version. The
protocols are `sse` in 4.0, `sse_v1` in 4.16, `sse_v2` in 4.19, `sse_v2.1` in 4.21, and `sse_v3`
since. Apps on Gradio 3 and earlier can't be asked: the `ProtocolError` says so, and so does
`client.check`.
"""

WILD = """
Those marked *no chat* are not chats, and are recognised as such.

## By structure

These apps are in `tests/real/apps/wild`. They are built as other people build theirs. A version
with `+components` has modelscope_studio and chat components from PyPI. An error in the last column
is what must come instead of an answer, and an option is one that the caller must give.
"""


def render() -> str:
    """The page of the documentation."""
    return "\n".join([INTRODUCTION, versions_table(), WILD, *_families()])


def versions_table() -> str:
    """Which app of the zoo is asked on which version of Gradio."""
    number = {version: tuple(map(int, version.split("."))) for version in REQUIREMENTS}
    rows: list[list[str]] = []
    for app in ZOO:
        first, last = (tuple(map(int, each.split("."))) for each in (app.since, app.until))
        said = "✓" if app.chat else "no chat"
        runs = [said if first <= number[each] <= last else "–" for each in REQUIREMENTS]
        rows.append([f"`{app.name}`", *runs])
    return _table(["app", *REQUIREMENTS], rows)


def _families() -> Iterator[str]:
    """Yield a heading and a table for each module of the wild zoo."""
    for found in sorted(pkgutil.iter_modules(wild.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{wild.__name__}.{found.name}")
        apps: Sequence[WildApp] = getattr(module, "APPS", ())
        if apps:
            heading = (module.__doc__ or "").partition("\n")[0].rstrip(".")
            rows = [[f"`{app.name}`", _escaped(app.about), *_asked(app)] for app in apps]
            yield f"### {heading}\n\n{_table(['app', 'structure', 'Gradio', 'answer'], rows)}\n"


def _asked(app: WildApp) -> tuple[str, str]:
    """Return where an app is asked, and what comes of it."""
    options = ", ".join(f"`{name}=`" for name in app.options)
    outcome = f"`{app.error.__name__}`" if app.problem else "✓"
    return ", ".join(app.on), f"{outcome} {options}".strip()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")

"""The tables of the page, from what the tests assert: `python -m tests.integrations.table`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from tests.integrations.packages import PACKAGES, TRIED, Errors, Package
from tests.integrations.page import PAGE, shows, text

WAYS = {
    "asks": ("ask", "async"),
    "streams": ("stream", "async stream"),
    "conversation": ("conversation", "conversation"),
    "without a server": ("transport", "async transport"),
}
"""Columns, and the blocks that the page must have: for blocking calls, and for `await`."""

FAULTS = {
    "unknown": "unknown model",
    "failed": "failed Space",
    "cut": "failed in a stream",
    "full": "full queue",
    "refused": "tools, schema",
}
"""What each error of a package is for, in words."""


def works() -> str:
    """What works, in which version, and when that was tried."""
    rows = ([f"[{_name(each)}](#{_anchor(each)})", each.version, *_ways(each)] for each in PACKAGES)
    return f"Tried on {TRIED}:\n\n{_table(['package', 'version', *WAYS], rows)}"


def errors() -> str:
    """What a user gets for each fault; packages that have the same errors stand together."""
    titles: dict[Errors, list[str]] = defaultdict(list)
    for package in PACKAGES:
        titles[package.errors].append(_name(package))
    rows: list[Sequence[str]] = []
    for found, names in titles.items():
        faults: dict[str, list[str]] = defaultdict(list)
        for fault, error in asdict(found).items():
            if error is not None:
                faults[error].append(FAULTS[fault])
        title = ", ".join(names)
        for error, when in faults.items():
            rows.append([title, ", ".join(when), f"`{error.removeprefix('builtins.')}`"])
            title = ""
    return _table(["package", "fault", "error"], rows)


def written() -> str:
    """Return the page with its tables as they should be."""
    page = text()
    for name, table in {"works": works(), "errors": errors()}.items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        assert end, f"{PAGE} has no place for the table {name!r}"
        page = f"{before}{begin}\n{table}\n\n{end}{after}"
    return page


def _ways(package: Package) -> Iterator[str]:
    has = shows(package)
    for blocking, awaited in WAYS.values():
        found = (blocking in has, awaited in has)
        yield {(True, True): "✓", (True, False): "blocking", (False, True): "async"}.get(found, "–")


def _name(package: Package) -> str:
    return f"{package.title} ({package.over})" if package.over else package.title


def _anchor(package: Package) -> str:
    return package.title.lower().replace(" ", "-")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")

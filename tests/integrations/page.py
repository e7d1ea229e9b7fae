"""The page of the packages: its blocks, each of which runs where its package is installed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tests.docs.blocks import ROOT, Block, blocks
from tests.integrations.packages import Package

PAGE = ROOT / "docs" / "integrations.md"

API = "http://localhost:8000/v1"
"""The address in the page that stands for a server of the OpenAI API."""

MODEL = "owner/name"
"""The name in the page that stands for a model."""

STREAMS = ("stream", "async stream")
ASKS = ("ask", "async", *STREAMS)
TRANSPORTS = ("transport", "async transport")


def blocks_of(package: Package, shown: Collection[str]) -> Sequence[Block]:
    """Return the script with the blocks of a package that show these: its first one goes before.

    There is none where the page doesn't show that of the package.
    """
    found = shows(package)
    if found.keys().isdisjoint(shown):
        return []
    return [each for index, (kind, each) in enumerate(found.items()) if index == 0 or kind in shown]


def shows(package: Package) -> Mapping[str, Block]:
    """What the page shows of a package, and the blocks that do.

    Over another part of the API, blocks of its own stand in for some; the others stay the same.
    """
    found = list(blocks(text()))
    return {
        block.shows or "": block
        for key in (package.name, package.key)
        for block in found
        if block.package == key
    }


def text() -> str:
    """Return the page."""
    return PAGE.read_text(encoding="utf-8")

"""The page of the packages: its blocks, each of which runs where its package is installed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
    found = [each for each in blocks(text()) if each.package == package.name]
    if not any(each.shows in shown for each in found):
        return []
    return [each for index, each in enumerate(found) if index == 0 or each.shows in shown]


def shows(package: Package) -> set[str]:
    """What the page shows of a package."""
    return {block.shows or "" for block in blocks(text()) if block.package == package.name}


def text() -> str:
    """Return the page."""
    return PAGE.read_text(encoding="utf-8")

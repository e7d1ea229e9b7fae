"""The view in a cell of marimo, in an editor or an app."""

from __future__ import annotations

import sys
from typing import Any

from .views import MarkdownView


class MarimoView(MarkdownView):
    """Shows an answer as the output of the cell that runs."""

    def publish(self, markdown: str, text: str) -> None:
        marimo: Any = sys.modules["marimo"]
        marimo.output.replace(marimo.md(markdown))

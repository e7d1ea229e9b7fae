"""The view in a cell of marimo, in an editor or an app."""

from __future__ import annotations

import sys
from typing import Any

from ..sanitize import harmless
from .views import MarkdownView


class MarimoView(MarkdownView):
    """Shows an answer as the output of the cell that runs."""

    def publish(self, markdown: str, text: str) -> None:
        marimo: Any = sys.modules["marimo"]
        try:
            shown = marimo.md(markdown)
        except Exception:  # noqa: BLE001 - whatever its renderer can't read, such as http://[a
            shown = marimo.plain_text(text)
        marimo.output.replace(shown)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # marimo shows the error in the place of the output, and what is printed below it.
        if kind is not None and self._stream.text:
            sys.stdout.write(f"{harmless(self._stream.text)}\n")

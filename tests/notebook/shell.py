"""What a notebook's cell asks of its kernel, without one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from spacechat import shell


class Shell:
    """Stands in for a kernel's shell.

    Attributes:
        kernel: There is one, as far as anybody asks.
        shown: What the cell's display showed, one text after another.
        markdown: The same as Markdown.
    """

    def __init__(self) -> None:
        self.kernel = object()
        self.shown: list[str] = []
        self.markdown: list[str] = []
        self.execution_count = 1
        self.display_pub = self
        self.display_formatter = SimpleNamespace(ipython_display_formatter=self)

    def publish(self, data: dict[str, str], **_: object) -> None:
        self.shown.append(data["text/plain"])
        self.markdown.append(data["text/markdown"])

    def for_type(self, *_: object) -> None:
        """Take how a reply is shown, which is nothing here."""

    def run_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this the shell of the code that the test runs."""
        monkeypatch.setattr("spacechat.notebook.ipython.ipython", lambda: self)
        monkeypatch.setattr("spacechat.notebook.display.current_shell", lambda: shell.Shell.JUPYTER)

"""How texts for people are laid out."""

from __future__ import annotations

import io

import pytest

from spacechat.cli.terminal import live_lines
from spacechat.cli.terminal.output import fitted


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Ask the first of them, which is up:", ["Ask the first of", "them, which is up:"]),
        ("  spacechat -m owner/name TEXT", ["  spacechat -m owner/name TEXT"]),
        (
            "So type `spacechat -m owner/name` now.",
            ["So type", "`spacechat -m owner/name`", "now."],
        ),
        ("", [""]),
    ],
)
def test_no_line_is_broken_in_a_command(
    monkeypatch: pytest.MonkeyPatch, text: str, lines: list[str]
) -> None:
    monkeypatch.setattr(live_lines, "size", lambda _file: (20, 24))
    assert fitted(text, _Terminal()).split("\n") == lines
    assert fitted(text, io.StringIO()) == text

"""How texts for people are laid out."""

from __future__ import annotations

import io

import pytest

from spacechat.cli.terminal.output import fitted, say_whole
from spacechat.terminal import live_lines


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_url_stays_on_the_line_of_its_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live_lines, "size", lambda _file: (20, 24))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    say_whole("file: pic.png: http://127.0.0.1:7860/pic.png")
    assert capsys.readouterr().err == "file: pic.png: http://127.0.0.1:7860/pic.png\n"


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

"""Copying an answer: by the terminal if it takes the text, else by a program that is installed."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from spacechat.local import LocalSpace
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal

CLIPBOARD = """#!{python}
import sys
open({path!r}, "wb").write(sys.stdin.buffer.read())
sys.exit({status})
"""


def program(folder: Path, name: str, status: int = 0) -> Path:
    """Install a program that puts its input into a file, and return the file."""
    (folder / "bin").mkdir(exist_ok=True)
    path, copied = folder / "bin" / name, folder / f"{name}.copied"
    path.write_text(CLIPBOARD.format(python=sys.executable, path=str(copied), status=status))
    path.chmod(0o755)
    return copied


class TestTheClipboard:
    ANSWER = "**Hello** `$(rm)` ; é\n🌍"

    @pytest.fixture
    def asked(self, spacechat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Asks and copies, without a terminal."""
        (tmp_path / "bin").mkdir()
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)

        def ask(*lines: str) -> tuple[int, str]:
            with LocalSpace("messages", [self.ANSWER]) as space:
                stdin = "\n".join(lines or ("Hi", "/copy")).encode()
                status, _, err = spacechat("chat", "-m", space.url, stdin=stdin)
            return status, err

        return ask

    @pytest.mark.parametrize(
        ("name", "display"),
        [("pbcopy", ""), ("wl-copy", "WAYLAND_DISPLAY"), ("xclip", "DISPLAY"), ("clip.exe", "")],
    )
    def test_of_this_machine(
        self, asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, display: str
    ) -> None:
        copied = program(tmp_path, name)
        if display:
            assert asked()[0] == 1  # Without a display, it would not work.
            monkeypatch.setenv(display, "0")
        assert asked() == (0, f"The last answer is in the clipboard, by {name}.\n")
        encoding = "utf-16-le" if name == "clip.exe" else "utf-8"
        assert copied.read_bytes().decode(encoding) == self.ANSWER

    def test_the_next_one_if_one_fails(
        self, asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WAYLAND_DISPLAY", "0")
        program(tmp_path, "wl-copy", status=1)
        program(tmp_path, "pbcopy")
        assert asked() == (0, "The last answer is in the clipboard, by pbcopy.\n")

    def test_none(self, asked: Any) -> None:
        status, err = asked()
        assert status == 1
        assert "Install wl-clipboard (on Wayland) or xclip (on X11)" in err
        status, err = asked("/copy")
        assert (status, "There is no answer to copy yet." in err) == (1, True)

    @pytest.mark.parametrize("how", ["it says so", "its name", "neither"])
    def test_of_a_terminal(self, tmp_path: Path, how: str) -> None:
        """Which may be on another machine: it comes first if it takes the text."""
        copied = program(tmp_path, "pbcopy")
        path = os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])
        with (
            LocalSpace("messages", [self.ANSWER]) as space,
            Terminal(
                "chat",
                "-m",
                space.url,
                home=tmp_path,
                term="xterm-kitty" if how == "its name" else "xterm-256color",
                environment={"PATH": path, "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            ) as chat,
        ):
            says = "\x1b[?62;22;52c" if how == "it says so" else "\x1b[?62;152c"
            chat.screen.attributes = says
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("Hi\r")
            chat.wait_for("Hello")
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("/copy\r")
            by = "pbcopy" if how == "neither" else "the terminal"
            chat.wait_for(f"The last answer is in the clipboard, by {by}.")
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("exit\r")
            assert chat.wait() == 0
        data = base64.b64encode(self.ANSWER.encode())
        assert (b"\x1b]52;c;" + data + b"\x07" in chat.raw) == (how != "neither")
        assert copied.exists() == (how == "neither")
        assert "62;" not in "\n".join(chat.shown())

"""Copying a text to the clipboard: by the terminal, or by a program that is installed.

The terminal comes first, since it may be on another machine (over ssh), whose clipboard is meant.
Some take the text in an escape sequence (OSC 52), others swallow that silently. So the terminal is
asked first: its primary device attributes have a 52 in them if it has the feature and allows it.
Some terminals have had the feature for longer than there is that number.
"""

from __future__ import annotations

import base64
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TextIO

import click

from ...terminal.live_lines import can_redraw

_TERMINALS = ("alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")
"""The beginnings of `TERM` in terminals that take the sequence, whatever they say."""
_LONGEST = 74_000
"""Bytes of a text that every such terminal takes."""
_PATIENCE = 1.0
"""Seconds to wait for the terminal's attributes, which may come from far away."""
_TIMEOUT = 10.0
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")


def copy(text: str) -> str:
    """Copy a text to the clipboard, and return what did it.

    Raises:
        UsageError: Nothing could; the message says what to install.
    """
    file = sys.stdout if sys.stdout.isatty() else sys.stderr
    data = text.encode("utf-8", "replace")
    if len(data) <= _LONGEST and _takes_it(file):
        file.write(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        file.flush()
        return "the terminal"
    for command in _programs():
        is_windows = command[0].endswith("clip.exe")
        if _run(command, text.encode("utf-16-le", "replace") if is_windows else data):
            return os.path.basename(command[0])
    raise click.UsageError(
        "The answer can't be copied: the terminal does not take it, and no program that could is "
        "there. Install wl-clipboard (on Wayland) or xclip (on X11); /save FILE writes the "
        "conversation to a file."
    )


def _programs() -> Iterator[list[str]]:
    """Yield the commands that can be run here and take the text on standard input."""
    wanted = [["pbcopy"], ["clip.exe"]]
    if sys.platform == "win32":  # Where a search would begin in the current folder.
        root = os.environ.get("SYSTEMROOT", r"C:\Windows")
        wanted = [[os.path.join(root, "System32", "clip.exe")]]
    if os.environ.get("DISPLAY"):
        wanted.insert(0, ["xclip", "-selection", "clipboard"])
    if os.environ.get("WAYLAND_DISPLAY"):
        wanted.insert(0, ["wl-copy"])
    for name, *arguments in wanted:
        path = shutil.which(name)
        if path is not None:
            yield [path, *arguments]


def _run(command: list[str], data: bytes) -> bool:
    """Run a command on some data, and return whether it succeeded."""
    try:
        # Its output is nobody's: what stays in the background would keep a pipe open.
        done = subprocess.run(  # noqa: S603 - a list, of a program named here
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _takes_it(file: TextIO) -> bool:
    """Return whether a file is a terminal that takes a text for the clipboard."""
    if sys.platform == "win32" or not can_redraw(file) or not sys.stdin.isatty():
        return False
    return os.environ.get("TERM", "").startswith(_TERMINALS) or b"52" in _attributes(file)


if sys.platform == "win32":

    def _attributes(file: TextIO) -> list[bytes]:
        return []

else:

    def _attributes(file: TextIO) -> list[bytes]:
        """Return the attributes that a terminal says it has; none if keys are waiting."""
        import termios
        import tty

        keyboard = sys.stdin.fileno()
        if select.select([keyboard], [], [], 0)[0]:
            return []
        before = termios.tcgetattr(keyboard)
        tty.setcbreak(keyboard, termios.TCSANOW)
        try:
            file.write("\x1b[c")
            file.flush()
            return _answer(keyboard).split(b";")
        finally:
            termios.tcsetattr(keyboard, termios.TCSANOW, before)

    def _answer(keyboard: int) -> bytes:
        deadline = time.monotonic() + _PATIENCE
        answer = b""
        while (found := _ATTRIBUTES.search(answer)) is None and len(answer) < 256:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([keyboard], [], [], left)[0]:
                return b""
            answer += os.read(keyboard, 1)
        return found[1] if found else b""

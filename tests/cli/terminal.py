"""A program in a real pseudo-terminal, and what a person would see there."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pyte
import pytest
from pyte.screens import Char

from tests.processes import wait_until

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import termios

if TYPE_CHECKING:
    from typing_extensions import Self

# The terminal becomes the one that Ctrl-C comes from.
START = (
    "import fcntl, sys, termios\n"
    "fcntl.ioctl(int(sys.argv.pop(1)), termios.TIOCSCTTY, 0)\n"
    "from spacechat.__main__ import main\n"
    "main()"
)
START_SHELL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(int(sys.argv.pop(1)), termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
HANG = 120.0
"""Seconds that nothing may take, however slow the machine."""


class Screen(pyte.HistoryScreen):
    """A screen that answers when it is asked where the cursor is, and keeps what scrolls away."""

    answer: Callable[[str], None]
    attributes = "\x1b[?6c"
    """What it says it can do."""

    def report_device_attributes(self, mode: int = 0, **_: object) -> None:
        if not mode:
            self.answer(self.attributes)

    def write_process_input(self, data: str) -> None:
        self.answer(data)

    def draw(self, data: str) -> None:
        """Draw a text, with marks that pyte does not combine, and what follows them."""
        for are_marks, run in itertools.groupby(data, _is_mark):
            text = "".join(run)
            if not are_marks:
                super().draw(text)
            elif self.cursor.x:
                line = self.buffer[self.cursor.y]
                last = line[self.cursor.x - 1]
                line[self.cursor.x - 1] = last._replace(data=last.data + text)

    def rows(self) -> Sequence[Mapping[int, Char]]:
        """What scrolled away and what is there, row by row."""
        written = range(max(self.buffer, default=-1) + 1)  # Of a screen of any height.
        return [*self.history.top, *(self.buffer[row] for row in written)]

    def everything(self) -> list[str]:
        """The same as text, without blank lines at the end."""
        lines = ["".join(row[x].data for x in range(self.columns)).rstrip() for row in self.rows()]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def _is_mark(character: str) -> bool:
    """Tell whether pyte would leave out this character, and all that is drawn with it."""
    is_mark = unicodedata.category(character) in ("Mn", "Me", "Cf")
    return is_mark and not unicodedata.combining(character)


def feeder(screen: Screen) -> Callable[[bytes], None]:
    """Return what takes the bytes that a program writes to a screen."""
    stream = pyte.ByteStream(screen)
    return stream.feed


class Terminal:
    """Runs `spacechat` with some arguments, or a shell, in a pseudo-terminal.

    Args:
        arguments: What follows `spacechat`, or a whole command if `program` says so.
        home: The user's folder, in which it runs, unless the environment names another.
        program: Python that runs it: `START` or `START_SHELL`.
        columns: The terminal's width.
        lines: Its height.
        term: What it says it is.
        environment: What the program's environment has besides.
        piped: The files that are no terminal: `stdin` (which ends at once) or `stdout`.
        changed: Called with the screen whenever something was written to it.
    """

    def __init__(
        self,
        *arguments: str,
        home: Path,
        program: str = START,
        columns: int = 80,
        lines: int = 24,
        term: str = "xterm-256color",
        environment: dict[str, str] | None = None,
        piped: str = "",
        changed: Callable[[Screen], None] | None = None,
    ) -> None:
        self.screen = Screen(columns, lines, history=10_000, ratio=0.001)
        self.screen.answer = self.press
        self.raw = b""
        self.out = b""
        self._feed = feeder(self.screen)
        self._on_change = changed
        self._changed = threading.Condition()
        self._master, slave = pty.openpty()
        self._path = os.ttyname(slave)
        self._resize(columns, lines)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")
            and not name.startswith("XDG_")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "2", *arguments],
            stdin=slave,
            stdout=subprocess.PIPE if piped == "stdout" else slave,
            stderr=slave,
            start_new_session=True,
            cwd=home,
            env={**inherited, "HOME": str(home), "TERM": term, **(environment or {})},
        )
        os.close(slave)
        self._threads = [threading.Thread(target=self._read)]
        if piped:
            self._threads.append(threading.Thread(target=self._read_out))
        for thread in self._threads:
            thread.start()

    def press(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def press_unread(self, text: str) -> None:
        """Press keys, the last of them Enter, that the program doesn't read.

        The system takes them in the background: only then it has decided whether to show them.
        """
        self.press(text)
        slave = os.open(self._path, os.O_RDWR | os.O_NOCTTY)
        try:
            wait_until(lambda: fcntl.ioctl(slave, termios.FIONREAD, bytes(4)) != bytes(4), HANG)
        finally:
            os.close(slave)

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size, as dragging its corner does."""
        with self._changed:
            self._resize(columns, lines)
            self.screen.resize(lines, columns)

    def shown(self) -> list[str]:
        """Return all that was shown and not drawn over, line by line."""
        with self._changed:
            return self.screen.everything()

    def wait_for(self, text: str, *, times: int = 1) -> list[str]:
        """Wait until a text is shown, so many times, and return all lines."""
        return self.wait_until(lambda lines: "\n".join(lines).count(text) >= times, text)

    def wait_until(self, holds: Callable[[list[str]], object], what: str = "it") -> list[str]:
        """Wait until something holds for the lines, and return them."""
        deadline = time.monotonic() + HANG
        with self._changed:
            while not holds(lines := self.screen.everything()):
                left = deadline - time.monotonic()
                ended = not any(thread.is_alive() for thread in self._threads)
                if ended and holds(lines := self.screen.everything()):
                    break
                if ended or left <= 0:
                    why = "ended" if ended else "hangs"
                    raise AssertionError(
                        f"{what!r} is not shown, and it {why}:\n" + "\n".join(lines)
                    )
                self._changed.wait(min(left, 0.5))
            return lines

    def wait(self) -> int:
        """Wait for the end, and return the exit status."""
        status = self.process.wait(HANG)
        for thread in self._threads:
            thread.join(HANG)
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()
        os.close(self._master)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # how Linux says that nobody has the terminal any more
                data = b""
            with self._changed:
                self.raw += data
                if data:
                    self._feed(data)
                    if self._on_change is not None:
                        self._on_change(self.screen)
                self._changed.notify_all()
            if not data:
                return

    def _read_out(self) -> None:
        out = self.process.stdout
        while out is not None and (data := os.read(out.fileno(), 65536)):
            with self._changed:
                self.out += data
                self._changed.notify_all()

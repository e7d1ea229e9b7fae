"""Scripts in processes of their own, as a user would run them."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests import waiting

LIMIT = 280.0
"""Seconds after which a process counts as hanging and is killed."""


def wait_until(condition: Callable[[], bool], seconds: float = math.inf) -> None:
    """Wait for something that another thread or process does."""
    deadline = time.monotonic() + min(seconds, waiting.LONGEST)
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


@dataclass(frozen=True)
class Ended:
    """What is left of a process.

    Attributes:
        code: Its exit status.
        out: What it printed.
        err: What it printed to standard error.
        at: When its end was noticed, as `time.monotonic` counts in every process.
    """

    code: int
    out: str
    err: str
    at: float

    def stamp(self, name: str) -> float:
        """The time that a printed line `name time` tells."""
        (found,) = [line for line in self.out.splitlines() if line.startswith(f"{name} ")]
        return float(found.split()[1])


class Script:
    """A running script.

    Args:
        folder: Where to write it, so that tracebacks show its lines.
        source: What it does.
        arguments: Its `sys.argv[1:]`.
        flags: For the interpreter.
    """

    def __init__(self, folder: Path, source: str, *arguments: str, flags: tuple[str, ...] = ()):
        path = folder / "script.py"
        path.write_text(source, encoding="utf-8")
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}
        environment.pop("HF_TOKEN", None)
        environment["HF_TOKEN_PATH"] = os.devnull
        self.process = subprocess.Popen(
            [sys.executable, *flags, str(path), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        # One that hangs shows what each of its threads is at, in its standard error.
        self._watchdog = threading.Timer(LIMIT, self.process.send_signal, [signal.SIGABRT])
        self._watchdog.start()

    def __enter__(self) -> Script:
        return self

    def __exit__(self, *exc: object) -> None:
        self._watchdog.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def read(self, start: str) -> str:
        """Read lines until one starts so, and return the rest of it."""
        for line in _there(self.process.stdout):
            if line.startswith(start):
                return line.removeprefix(start).strip()
        raise AssertionError(f"no {start!r}; {_there(self.process.stderr).read()}")

    def tell(self, line: str) -> None:
        """Write a line to the script's standard input."""
        stdin = _there(self.process.stdin)
        stdin.write(f"{line}\n")
        stdin.flush()

    def end(self) -> Ended:
        """Wait for the end, and read what has not been read."""
        _there(self.process.stdin).close()
        out = _there(self.process.stdout).read()
        err = _there(self.process.stderr).read()
        code = self.process.wait()
        return Ended(code, out, err, time.monotonic())


def run(folder: Path, source: str, *arguments: str, flags: tuple[str, ...] = ()) -> Ended:
    """Run a script to its end."""
    with Script(folder, source, *arguments, flags=flags) as script:
        return script.end()


def _there(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream

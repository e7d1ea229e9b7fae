"""A program of a user's, in the environment of a package: it runs the blocks that it is sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.blocks import ROOT

_INSIDE = Path(__file__).with_name("inside.py")
_PATIENCE = 200.0


@dataclass(frozen=True)
class Outcome:
    """What came of a block.

    Attributes:
        printed: What it printed, all of it.
        error: The name of the error that ended it; None where it ended by itself.
        message: The error's text.
    """

    printed: str
    error: str | None
    message: str | None


class Program:
    """Runs blocks of code, one after the other.

    Attributes:
        strangers: Addresses beyond this machine that the package wanted so far.
    """

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.strangers: list[str] = []
        self._process = process
        self._log = log

    def run(
        self,
        code: str,
        *,
        fresh: bool = False,
        on_print: Callable[[str], object] = lambda _: None,
    ) -> Outcome:
        """Run a block.

        Args:
            code: The block.
            fresh: Whether it is the first of its script, without the names of those before it.
            on_print: Called with all that the block has printed, each time it prints.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"code": code, "fresh": fresh}) + "\n")
        self._process.stdin.flush()
        printed = ""
        for said in self._told():
            if "printed" not in said:
                return Outcome(printed, said["error"], said["message"])
            printed += said["printed"]
            on_print(printed)
        raise AssertionError(f"The program ended.\n{self._log.read_text()[-4000:]}")

    def end(self) -> None:
        """Let the program end by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        for _ in self._told():
            pass

    def _told(self) -> Iterator[dict[str, Any]]:
        """Yield what the program tells; if that takes too long, it logs where it is, and ends."""
        assert self._process.stdout is not None
        watchdog = threading.Timer(_PATIENCE, self._process.send_signal, [signal.SIGABRT])
        watchdog.start()
        try:
            for line in self._process.stdout:
                said = json.loads(line)
                self.strangers += said.pop("strangers", ())
                if said:
                    yield said
        finally:
            watchdog.cancel()


@contextmanager
def program(python: Path, folder: Path, settings: Mapping[str, str]) -> Iterator[Program]:
    """Start a program in an environment.

    Args:
        python: The environment's Python.
        folder: A folder that is its home.
        settings: Variables of the environment that its user has set.
    """
    environ = {
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT / "src"),
        **settings,
    }
    log = folder / "log.txt"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [str(python), str(_INSIDE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            env=environ,
            cwd=folder,
        ) as process,
    ):
        try:
            yield Program(process, log)
        finally:
            process.kill()

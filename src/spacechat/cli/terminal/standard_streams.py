"""Standard input, output and error, in whatever state a process is started with."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def open_closed() -> None:
    """Open the standard streams that the process was started without.

    Otherwise a connection would get their numbers. Reading finds nothing, writing to standard
    output fails, and what goes to standard error is lost.
    """
    # Each call takes the lowest number that is free, so the order matters.
    for name, mode in (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, mode)
            kind = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, kind, encoding="utf-8", closefd=False))  # noqa: SIM115


def forgive() -> None:
    """Let standard output and error take every character."""
    for file in (sys.stdout, sys.stderr):
        if isinstance(file, io.TextIOWrapper):
            file.reconfigure(errors="replace")  # Not every terminal has every character.


def settle(file: TextIO) -> bool:
    """Write out what is left, or give the file up; tell whether that went well."""
    try:
        file.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):  # Python would try once more at its end.
            number = os.open(os.devnull, os.O_WRONLY)
            os.dup2(number, file.fileno())
            os.close(number)
        return False
    return True

"""Standard input, output and error, in whatever state a process is started with."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def open_closed() -> None:
    """Open the standard streams that the process was started without.

    Otherwise a connection would get their file descriptors. Standard input is empty, writing to
    standard output fails, and standard error goes nowhere.
    """
    # Each call takes the lowest free descriptor, so the order matters.
    for name, mode in (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, mode)
            kind = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, kind, encoding="utf-8", closefd=False))  # noqa: SIM115


def forgive() -> None:
    """Make standard output and error accept every character."""
    for file in (sys.stdout, sys.stderr):
        if isinstance(file, io.TextIOWrapper):
            file.reconfigure(errors="replace")  # Not every encoding has every character.


def settle(file: TextIO) -> bool:
    """Flush a file, or give it up; return whether it could be flushed."""
    try:
        file.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):  # Python would try again at exit.
            number = os.open(os.devnull, os.O_WRONLY)
            os.dup2(number, file.fileno())
            os.close(number)
        return False
    return True

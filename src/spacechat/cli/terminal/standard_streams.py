"""Standard input, output and error, in whatever state a process is started with."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import queue
import select
import sys
import textwrap
import threading
from typing import TextIO

import click

LARGEST = 16 << 20
"""Bytes that standard input may have, or a line of it where each is a question."""

PATIENCE = 5.0
"""Seconds in which something must come on standard input where a question is there already."""

_PIECE = 1 << 16


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


def say(text: str = "") -> None:
    """Write a text to standard error; a terminal's lines end between words."""
    click.echo(fitted(text, sys.stderr), err=True)


def fitted(text: str, file: TextIO) -> str:
    """Return a text with its lines broken between words, where the file is a terminal."""
    if not file.isatty():
        return text
    from .live_lines import size

    width = max(size(file)[0], 20)
    lines = [
        textwrap.wrap(
            line,
            width,
            subsequent_indent=_indent(line),
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
        for line in text.split("\n")
    ]
    return "\n".join(part for parts in lines for part in parts)


def _indent(line: str) -> str:
    """Return the indent of what goes on with a line: a little, or its second column's."""
    begun = len(line) - len(line.lstrip())
    _, _, rest = line[begun:].partition("  ")
    return " " * (len(line) - len(rest.lstrip()) if rest.strip() else begun + 2 if begun else 0)


def read_piped(*, wait: bool) -> str:
    """Return what is piped into standard input, without the newline at its end.

    Args:
        wait: Whether to wait for it as long as it takes. Otherwise nothing is there where nothing
            comes in `PATIENCE` seconds: an open pipe of which nobody knows looks like one that
            will be written to.

    Raises:
        UsageError: It is no text in UTF-8, or too long.
        OSError: It can't be read.
    """
    data = _read_all(wait=wait)
    if len(data) > LARGEST:
        raise click.UsageError(f"Standard input is longer than {LARGEST >> 20} MiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"Standard input is not text in UTF-8: {exc}.") from exc
    if "\0" in text:
        raise click.UsageError(
            "Standard input is not text in UTF-8: it holds NUL characters, as UTF-16 and binary "
            "files do."
        )
    return text.removesuffix("\n").removesuffix("\r")


def _read_all(*, wait: bool) -> bytes:
    """Read standard input to its end, or a little more than it may have."""
    try:
        number = sys.stdin.fileno()
    except OSError:  # It is no file, as where a program calls this one.
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        piece = _read(number) if wait else _read_soon(number)
    except OSError as exc:
        if exc.errno == errno.EBADF and not wait:  # nohup's: one that can't be read.
            return b""
        raise
    data = bytearray()
    while piece and len(data) <= LARGEST:
        data += piece
        piece = _read(number)
    return bytes(data)


def _read_soon(number: int) -> bytes:
    """Read the first piece of a file; nothing where it doesn't come in time, which is told."""
    found: queue.SimpleQueue[bytes | OSError] = queue.SimpleQueue()

    def read() -> None:
        try:
            found.put(_read(number))
        except OSError as exc:
            found.put(exc)

    # A thread, since Windows can't wait for a pipe with a limit. It may wait to the program's end.
    threading.Thread(target=read, daemon=True).start()
    try:
        first = found.get(timeout=PATIENCE)
    except queue.Empty:
        say(
            f"spacechat: nothing came on standard input in {PATIENCE:.0f} s, so the question goes "
            "without it; < /dev/null says that nothing will come, a last - waits for it"
        )
        return b""
    if isinstance(first, OSError):
        raise first
    return first


def _read(number: int) -> bytes:
    while True:
        with contextlib.suppress(BlockingIOError):
            return os.read(number, _PIECE)
        select.select([number], [], [])  # Who started this program made it so.

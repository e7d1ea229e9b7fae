"""Text that is piped into standard input, for as long as it may take."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import select
import sys
import threading

import click

from .output import say

LARGEST = 16 << 20
"""Bytes that standard input may have, or a line of it where each is a question."""

PATIENCE = 5.0
"""Seconds in which something must come on standard input where a question is there already."""

_PIECE = 1 << 16


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

"""Reading text that is piped into standard input.

A pipe of the shell (`|`) is waited for without limit: what comes late belongs to the question all
the same, and nothing shows that it won't come. Any other input that stays open and silent, such as
the socket of an ssh session, is probably nobody's, and counts as nothing after a while.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import select
import stat
import sys
import threading

import click

from .output import say

PIPE = "-"
"""The word that stands for standard input."""

LARGEST = 16 << 20
"""The longest input in bytes: of standard input, or of a line if each is a question."""

PATIENCE = 5.0
"""Seconds without a byte of standard input after which a line says so, if there is a question."""

_TYPED = "Type what - stands for, then Ctrl-D on a line of its own."
_WAITING = (
    "spacechat: waiting for what is piped in, which is part of the question; Ctrl-C ends this, and "
    "< /dev/null asks without it"
)
_GIVEN_UP = (
    f"spacechat: nothing came on standard input in {PATIENCE:.0f} s, so the question goes without "
    "it; < /dev/null says that nothing will come, a last - waits for it"
)

_PIECE = 1 << 16


class NotTextError(click.UsageError):
    """Standard input is not text in UTF-8."""


def read_piped(*, wait: bool) -> str:
    """Return the text that is piped into standard input, without a newline at its end.

    Args:
        wait: Whether it is needed, so that any input is waited for as long as it takes. Otherwise
            only a pipe is, and the text is empty if no byte of anything else comes within
            `PATIENCE` seconds.

    Raises:
        NotTextError: It is not text in UTF-8.
        UsageError: It is too long.
        OSError: It can't be read.
    """
    data = _read_some(wait=wait)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise NotTextError(f"Standard input is not text in UTF-8: {exc}.") from exc
    if "\0" in text:
        raise NotTextError(
            "Standard input is not text in UTF-8: it holds NUL characters, as UTF-16 and binary "
            "files do."
        )
    return text.removesuffix("\n").removesuffix("\r")


def read_piped_file() -> bytes:
    """Return what is piped into standard input, byte by byte.

    Raises:
        UsageError: It is too long.
        OSError: It can't be read.
    """
    return _read_some(wait=True)


def _read_some(*, wait: bool) -> bytes:
    """Read standard input to its end, if that comes before `LARGEST`; a person may type it."""
    if sys.stdin.isatty():
        say(_TYPED)
    data = _read_all(wait=wait)
    if len(data) > LARGEST:
        raise click.UsageError(f"Standard input is longer than {LARGEST >> 20} MiB.")
    return data


def _read_all(*, wait: bool) -> bytes:
    """Read standard input to its end, or to a little more than `LARGEST`."""
    try:
        number = sys.stdin.fileno()
    except OSError:  # Not a real file, as in a program that calls this one.
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        piece = _read(number) if wait else _read_soon(number)
    except OSError as exc:
        if exc.errno == errno.EBADF and not wait:  # nohup leaves one that can't be read.
            return b""
        raise
    data = bytearray()
    while piece and len(data) <= LARGEST:
        data += piece
        piece = _read(number)
    return bytes(data)


def _read_soon(number: int) -> bytes:
    """Read the first piece of a file; if none comes in time, say so, and wait for a pipe only."""
    pieces: queue.SimpleQueue[bytes | OSError] = queue.SimpleQueue()

    def read() -> None:
        try:
            pieces.put(_read(number))
        except OSError as exc:
            pieces.put(exc)

    # In a thread, since Windows can't wait for a pipe with a timeout; it may outlive the wait.
    threading.Thread(target=read, daemon=True).start()
    first = _next(pieces)
    if first is None:
        is_pipe = stat.S_ISFIFO(os.fstat(number).st_mode)
        say(_WAITING if is_pipe else _GIVEN_UP)
        while is_pipe and first is None:
            first = _next(pieces)
    if isinstance(first, OSError):
        raise first
    return first or b""


def _next(pieces: queue.SimpleQueue[bytes | OSError]) -> bytes | OSError | None:
    """Return the next piece, or None if none comes in time; on Windows, Ctrl-C counts after it."""
    with contextlib.suppress(queue.Empty):
        return pieces.get(timeout=PATIENCE)
    return None


def _read(number: int) -> bytes:
    while True:
        with contextlib.suppress(BlockingIOError):
            return os.read(number, _PIECE)
        select.select([number], [], [])  # The parent process has made it non-blocking.

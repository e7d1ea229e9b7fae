"""Writing to standard output and error, where a person or a program reads."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from typing import TYPE_CHECKING, TextIO

import click

from ...sanitize import harmless, one_line
from ..option_words import error_in_options

if TYPE_CHECKING:
    from ...streaming.reply import Reply


_WIDEST = 100
"""Columns beyond which lines are hard to read."""

_NARROW = 36
"""Columns in which a text of several lines is hard to read."""

_COMMAND_LINE = "  spacechat "
"""The beginning of a line that is a command."""
_COMMAND = re.compile(r"`[^`]+`")
_NO_BREAK = "\0"
"""Stands for a space at which no line is broken; a text that is shown has no such character."""


def say(text: str = "") -> None:
    """Write a text to standard error; on a terminal, break lines between words."""
    click.echo(fitted(text, sys.stderr), err=True)


def say_whole(text: str) -> None:
    """Write a line with a URL or a path to standard error, which a terminal wraps by itself."""
    click.echo(one_line(text), err=True)


def part_from_answer() -> None:
    """Write an empty line after an answer on a terminal, before what is said of it."""
    if sys.stdout.isatty():
        click.echo(err=True)


def fitted(text: str, file: TextIO) -> str:
    """Return a text as the file should get it: for a terminal, with lines broken between words.

    No line is broken in a command, which is to be copied: one with a line of its own, or in
    backticks.
    """
    if not file.isatty():
        return text
    from .live_lines import size

    width = max(size(file)[0], 20)
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    if line.startswith(_COMMAND_LINE):
        return [line]
    whole = _COMMAND.sub(lambda command: command[0].replace(" ", _NO_BREAK), line)
    parts = textwrap.wrap(
        whole,
        width,
        subsequent_indent=_indent(line),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [part.replace(_NO_BREAK, " ") for part in parts] or [""]


def beside(head: str, text: str, width: int) -> list[str]:
    """Return the lines of a text that stands beside a head, and is broken between words.

    Where there is not much room beside the head, a text that doesn't fit there stands below it.

    Args:
        head: The head, with the gap after it.
        text: The text.
        width: The columns of a line.
    """
    room = width - len(head)
    is_below = len(text) > room < _NARROW
    indent = "   " if is_below else " " * len(head)
    lines = textwrap.wrap(
        text, max(width - len(indent), 20), break_long_words=False, break_on_hyphens=False
    )
    if is_below:
        return [head.rstrip(), *(indent + line for line in lines)]
    first, *rest = lines or [""]
    return [f"{head}{first}".rstrip(), *(indent + line for line in rest)]


def columns(file: TextIO) -> int:
    """Return the width of lines that are read: 80, or what a terminal has, but not too many."""
    from .live_lines import size

    return min(max(size(file)[0], 40), _WIDEST) if file.isatty() else 80


def shortened(text: str, width: int) -> str:
    """Return a harmless text on one line that is no wider than so many columns."""
    from rich.cells import cell_len, set_cell_size

    line = one_line(text[: 4 * width])
    return line if cell_len(line) <= width else f"{set_cell_size(line, width - 1).rstrip()}…"


def _indent(line: str) -> str:
    """Return the indent of continuation lines: a little, or that of the second column."""
    begun = len(line) - len(line.lstrip())
    _, _, rest = line[begun:].partition("  ")
    return " " * (len(line) - len(rest.lstrip()) if rest.strip() else begun + 2 if begun else 0)


def report(error: object) -> None:
    """Write an error to standard error, in one line and in the words of the command line."""
    text = why(error) if isinstance(error, OSError) else str(error)
    say(f"spacechat: {one_line(error_in_options(text))}")


def why(error: OSError) -> str:
    """Return what the system says of an error, and of which file, without the error's number."""
    said = error.strerror or str(error)
    return f"{said}: {error.filename}" if error.filename else said


def list_files(reply: Reply) -> None:
    """List the files of an answer on standard error, one a line."""
    for file in reply.files:
        say_whole(f"file: {file.name}: {file.url}")


def can_redraw(file: TextIO) -> bool:
    """Return whether a file is a terminal on which lines can be drawn again."""
    if not file.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        from rich.console import Console

        return not Console(file=file).legacy_windows
    return True


def write_exactly(text: str) -> None:
    """Write a text to standard output byte by byte as it is."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()


def write_harmless(text: str) -> None:
    """Write a text to standard output without what a terminal would obey."""
    sys.stdout.write(harmless(text))
    sys.stdout.flush()

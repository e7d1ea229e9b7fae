"""Reading lines from the keyboard, with history, completion and multi-line pasting."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import (
    CompleteEvent,
    Completer,
    Completion,
    PathCompleter,
    WordCompleter,
)
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output

from ...folders import state_folder
from ...private_files import make_private

Words: TypeAlias = list[str] | Callable[[], list[str]] | None
"""The completions of a second word, or what returns them when needed; None: names of files."""


def history_file() -> Path | None:
    """Return the path of the question history, in the user's directory for program state."""
    state = state_folder()
    return None if state is None else state / "history"


def line_reader(words: Mapping[str, Words], history: Path | None) -> Callable[[], str]:
    """Return a function that reads the next line from the keyboard.

    It raises EOFError for Ctrl-D and KeyboardInterrupt for Ctrl-C.

    Args:
        words: Completions for the first word of a line, each with those for the second.
        history: A file for the lines, readable by the user only; None keeps none.
    """
    if os.environ.get("TERM") == "dumb":
        return _plain_line
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    session: PromptSession[str] = PromptSession(
        "› ",
        multiline=True,
        prompt_continuation="  ",
        key_bindings=keys,
        completer=_LineCompleter(words),
        complete_while_typing=False,
        history=open_history(history),
        output=create_output(stdout=sys.stdout if sys.stdout.isatty() else sys.stderr),
    )
    return session.prompt


def _plain_line() -> str:
    """Read a line from a terminal without cursor control, sending no escape sequences."""
    click.echo("› ", nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


class _LineCompleter(Completer):
    """Completes the first word of a line, or what follows it.

    Args:
        words: Completions for the first word of a line, each with those for the second.
    """

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._first = WordCompleter(list(words), sentence=True)
        self._after = {word: _second_word(after) for word, after in words.items()}

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """Yield what may follow the text before the cursor."""
        first, space, rest = document.text_before_cursor.partition(" ")
        if not space:
            yield from self._first.get_completions(document, complete_event)
        elif first in self._after:
            yield from self._after[first].get_completions(Document(rest), complete_event)


def _second_word(after: Words) -> Completer:
    if after is None:
        return PathCompleter(expanduser=True)
    return WordCompleter(after, ignore_case=True, sentence=True)


def open_history(path: Path | None) -> History:
    """Return the history in a file of the user's own, or one in memory where that can't be.

    Args:
        path: The file; None for one in memory.
    """
    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(path)
    except (OSError, ValueError):  # The conversation works without a history, too.
        return InMemoryHistory()
    return _OwnHistory(path)


class _OwnHistory(FileHistory):
    """A history in a file, whose lines are in memory, too: the arrow keys work without the file."""

    def store_string(self, string: str) -> None:
        """Add a line to the file, if that can be done; no password of an address gets there."""
        if string.startswith("/") and "@" in string:
            return
        with contextlib.suppress(OSError):  # As on a full disk.
            super().store_string(string)

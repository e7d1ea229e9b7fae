"""Lines that a person types, with history, completion and pasting of several lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, NestedCompleter, PathCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output


def history_file() -> Path:
    """Return where the questions are kept: among the user's files that hold a program's state."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "spacechat" / "history"
    state = os.environ.get("XDG_STATE_HOME")
    return Path(state or Path.home() / ".local" / "state") / "spacechat" / "history"


def line_reader(
    words: Mapping[str, Sequence[str] | None], history: Path | None
) -> Callable[[], str]:
    """Return a function that reads what a person types next.

    It raises EOFError for Ctrl-D and KeyboardInterrupt for Ctrl-C.

    Args:
        words: What a line may begin with, and what may follow it; None for the name of a file.
        history: Where to keep the lines, readable by the user only; None keeps none.
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
        completer=_completer(words),
        complete_while_typing=False,
        history=_history(history),
        output=create_output(stdout=sys.stdout if sys.stdout.isatty() else sys.stderr),
    )
    return session.prompt


def _plain_line() -> str:
    """Read a line at a terminal that can do nothing, and is sent no escape sequences."""
    click.echo("› ", nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


def _completer(words: Mapping[str, Sequence[str] | None]) -> Completer:
    return NestedCompleter(
        {
            word: PathCompleter(expanduser=True)
            if after is None
            else NestedCompleter.from_nested_dict(dict.fromkeys(after))
            for word, after in words.items()
        }
    )


def _history(path: Path | None) -> History:
    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError:  # No history is no reason not to talk.
        return InMemoryHistory()
    return FileHistory(path)

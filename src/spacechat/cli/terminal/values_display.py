"""The values of a function, as text for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...event_descriptions import describe
from ...events import File, Log
from .output import can_redraw, say, write_exactly, write_harmless
from .progress_bars import ProgressBars
from .sanitize import json_line, one_line

if TYPE_CHECKING:
    from ...events import Event

Saved = Mapping[str, Path]
"""Where files were saved, by their URLs."""


class ValuesDisplay:
    """Writes each value as it comes, and what the app is doing to standard error.

    A text that goes on is written on, any other value stands on lines of its own.

    Args:
        name: The name of the app.
        labels: The labels of the outputs.
        as_json: Whether each value is a line of JSON, an object with the outputs by their labels.
    """

    def __init__(self, name: str, labels: Sequence[str], *, as_json: bool) -> None:
        self._labels = distinct(labels)
        self._as_json = as_json
        self._bars = ProgressBars(name) if can_redraw(sys.stderr) else None
        self._write = _writer()
        self._text: str | None = None  # The text whose line is open.

    def feed(self, event: Event) -> None:
        """Take an event that brings no value."""
        if isinstance(event, Log):
            self._clear()
            say(one_line(describe(event, short=True)))
        elif self._bars is not None:
            self._bars.feed(event)

    def show(self, values: Sequence[Any], saved: Saved | None = None) -> None:
        """Write the values of the outputs.

        Args:
            values: The values.
            saved: Where their files were saved.
        """
        plain = [as_plain(value, saved or {}) for value in values]
        self._clear()
        if self._as_json:
            self._write(json_line(dict(zip(self._labels, plain, strict=False))) + "\n")
        elif len(plain) == 1 and isinstance(plain[0], str):
            self._show_text(plain[0])
        else:
            self._end_text()
            for label, value in zip(self._labels, plain, strict=False):
                name = f"{one_line(label)}: " if len(plain) > 1 else ""
                self._write(f"{name}{_shown(value)}\n")

    def draw(self) -> None:
        """Show what has changed."""
        if self._bars is not None and not (self._text is not None and sys.stdout.isatty()):
            self._bars.draw()

    def close(self) -> None:
        """End what is written."""
        self._clear()
        self._end_text()

    def _show_text(self, text: str) -> None:
        if self._text is None or not text.startswith(self._text):
            self._end_text()
            self._write(text)
        else:
            self._write(text[len(self._text) :])
        self._text = text

    def _end_text(self) -> None:
        if self._text is not None:
            self._write("\n")
        self._text = None

    def _clear(self) -> None:
        if self._bars is not None:
            self._bars.clear()


def distinct(labels: Sequence[str]) -> list[str]:
    """Return labels of which no two are the same; each has some text."""
    found: list[str] = []
    for index, label in enumerate(labels):
        name = label or f"output {index + 1}"
        while name in found:
            name += "'"
        found.append(name)
    return found


def as_plain(value: Any, saved: Saved) -> Any:
    """Return a value as JSON has it; a file is its path where it was saved, else its address.

    Args:
        value: The value.
        saved: Where files were saved.
    """
    if isinstance(value, File):
        return str(saved[value.url]) if value.url in saved else value.url
    if isinstance(value, list | tuple):
        return [as_plain(each, saved) for each in value]
    if isinstance(value, dict):
        return {name: as_plain(each, saved) for name, each in value.items()}
    return value


def has_files(value: Any) -> bool:
    """Return whether there is a file anywhere in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(has_files(each) for each in value)
    return isinstance(value, File)


def _shown(value: Any) -> str:
    """Return a value for people: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _writer() -> Callable[[str], None]:
    return write_harmless if sys.stdout.isatty() else write_exactly

"""The values of a function, as text for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...event_descriptions import describe
from ...events import File, Log
from ...sanitize import json_line, one_line
from .live_lines import size
from .output import can_redraw, say, write_exactly, write_harmless
from .progress_bars import MOST_BARS, ProgressBars
from .value_layout import outputs, preview

if TYPE_CHECKING:
    from ...events import Event, Values

Form = Literal["text", "json", "lines"]
"""Values as text for people; the result as JSON; each value as JSON, on a line of its own."""
Saved = Mapping[str, Path]
"""Where files were saved, by their URLs."""


class ValuesDisplay:
    """Writes values as they come, and what the app is doing to standard error.

    A text that goes on is written on, any other value stands on lines of its own. On a terminal,
    what is more than a text or a number is shown below, where the next value replaces it; only the
    result stays. A value with files that will be saved waits for the next one, since only those of
    the result are saved.

    Args:
        name: The name of the app.
        labels: The labels of the outputs.
        form: How values are written.
        saves: Whether the files of the result will be saved.
    """

    def __init__(self, name: str, labels: Sequence[str], *, form: Form, saves: bool) -> None:
        self._labels = distinct(labels)
        self._form = form
        self._saves = saves
        self._bars = ProgressBars(name) if can_redraw(sys.stderr) else None
        self._is_live = form == "text" and sys.stdout.isatty() and self._bars is not None
        self._write = write_harmless if sys.stdout.isatty() else write_exactly
        self._text: str | None = None  # The text whose line is open.
        self._waiting: Values | None = None  # The newest value, if it is not written.
        self._replaces = self._is_live and len(labels) > 1

    def feed(self, event: Event) -> None:
        """Take an event that brings no value."""
        if isinstance(event, Log):
            self._clear()
            say(one_line(describe(event, short=True)))
        elif self._bars is not None:
            self._bars.feed(event)

    def take(self, event: Values) -> None:
        """Take values, which may be the last ones or not."""
        if self._bars is not None:
            self._bars.feed(event)
        if not self._replaces and self._form != "json":
            self.flush()
            self._replaces = self._is_live and any(map(_is_large, event.values))
        if self._replaces or self._form == "json" or (self._saves and has_files(event.values)):
            self._waiting = event
        else:
            self._show(event.values, {})

    def finish(self, values: Sequence[Any], saved: Saved) -> None:
        """Write the result, if it is not written.

        Args:
            values: The values.
            saved: Where their files were saved.
        """
        if self._waiting is not None or self._form == "json":
            self._waiting = None
            self._show(values, saved)

    def flush(self) -> None:
        """Write the newest values, if they are not written: no later ones will replace them."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and self._form != "json":
            self._show(waiting.values, {})

    def draw(self) -> None:
        """Show what has changed."""
        if self._bars is None or (self._text is not None and sys.stdout.isatty()):
            return
        shown: Sequence[str] = ()
        if self._replaces and self._waiting is not None:
            columns, rows = size(sys.stderr)
            height = max(min(rows // 2, rows - MOST_BARS - 2), 1)
            shown = preview(self._by_label(self._waiting.values, {}), columns - 1, height)
        self._bars.draw(shown)

    def close(self) -> None:
        """End what is written."""
        self.flush()
        self._clear()
        self._end_text()

    def _show(self, values: Sequence[Any], saved: Saved) -> None:
        plain = self._by_label(values, saved)
        self._clear()
        if self._form != "text":
            self._write(json_line(plain) + "\n")
        elif len(values) == 1 and isinstance(values[0], str):
            self._show_text(values[0])
        elif self._is_live:
            self._end_text()
            self._write("".join(f"{line}\n" for line in outputs(plain, size(sys.stdout)[0])))
        else:
            self._end_text()
            for label, value in plain.items():
                self._write(f"{one_line(label)}: " * (len(plain) > 1) + f"{_shown(value)}\n")

    def _by_label(self, values: Sequence[Any], saved: Saved) -> dict[str, Any]:
        """Return the values as JSON has them, by the labels of their outputs."""
        unsaved: Callable[[File], Any] = _url if self._form == "text" else File.to_dict
        plain = [as_plain(each, saved, unsaved) for each in values]
        return dict(zip(self._labels, plain, strict=False))

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
        first = label or f"output_{index + 1}"
        name, number = first, 1
        while name in found:
            name, number = f"{first}_{number}", number + 1
        found.append(name)
    return found


def as_plain(value: Any, saved: Saved, unsaved: Callable[[File], Any]) -> Any:
    """Return a value as JSON has it; a file that was saved is its path.

    Args:
        value: The value.
        saved: Where files were saved.
        unsaved: Returns what stands for any other file.
    """
    if isinstance(value, File):
        return str(saved[value.url]) if value.url in saved else unsaved(value)
    if isinstance(value, list | tuple):
        return [as_plain(each, saved, unsaved) for each in value]
    if isinstance(value, dict):
        return {name: as_plain(each, saved, unsaved) for name, each in value.items()}
    return value


def has_files(value: Any) -> bool:
    """Return whether there is a file anywhere in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(has_files(each) for each in value)
    return isinstance(value, File)


def _is_large(value: Any) -> bool:
    return isinstance(value, dict | list | tuple)


def _url(file: File) -> str:
    return file.url


def _shown(value: Any) -> str:
    """Return a value on a line: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

"""The inputs of an app that `/set` sets, such as a temperature, and their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ..sanitize import one_line
from .option_words import as_word, in_options

if TYPE_CHECKING:
    from ..apps.inspection import InputInfo, Inspection

    Inspect = Callable[[Mapping[str, object]], Inspection]

_LONGEST = 60
"""Characters of a value that a line shows."""
_SHOWN = 100
"""Inputs that are listed."""


class AppSettings:
    """The inputs of an app, with the values that a person gives them.

    Args:
        inspect: Inspects the app, and checks values of its inputs.
        named: Inputs that are set from the beginning, each with its word.
    """

    def __init__(self, inspect: Inspect, named: Sequence[tuple[str, str]]) -> None:
        self._inspect = inspect
        self._named = named
        self._known: Sequence[InputInfo] | None = None
        self._values: dict[str, object] = {}

    def values(self) -> dict[str, object]:
        """Return what is set, by the inputs' names.

        Raises:
            InputsError: A word is broken JSON, or given twice.
            SpaceChatError: The app can't be inspected, which says what its inputs are.
        """
        if self._named:
            _ = self.inputs
        return self._values

    @property
    def are_given(self) -> bool:
        """Whether a person has given any input a value."""
        return bool(self._named if self._known is None else self._values)

    @property
    def inputs(self) -> Sequence[InputInfo]:
        """The inputs that can be set.

        Raises:
            InputsError: A word is broken JSON, or given twice.
            SpaceChatError: The app can't be inspected.
        """
        if self._known is None:
            known = self._inspect({}).inputs
            self._values = _read(known, self._named)
            self._known = known
        return self._known

    @property
    def names(self) -> list[str]:
        """The names of the inputs, if they are known by now."""
        return [one_line(each.name) for each in self._known or ()]

    def lines(self) -> list[str]:
        """Return a line for each input."""
        lines = [self.line(each) for each in self.inputs[:_SHOWN]]
        more = len(self.inputs) - len(lines)
        return [*lines, *([f"and {more} more"] if more > 0 else [])]

    def find(self, words: str) -> tuple[InputInfo, str]:
        """Return the input that a text begins with, and the rest of the text.

        Raises:
            InputsError: There is no such input.
            UsageError: There is none, though the app says otherwise by now.
            SpaceChatError: The app can't be inspected.
        """
        if words[:1] in ('"', "'") and words.find(words[0], 1) > 0:
            name, _, rest = words[1:].partition(words[0])
        else:
            name, rest = self._longest_name(words)
        found = self._by_name().get(name.strip().lower())
        if found is None:
            unknown = words.rpartition(" ")[0] or words
            self._inspect({unknown: None})  # The library's error says what there is.
            raise click.UsageError(f"The app has no input {one_line(unknown)!r}.")
        return found, rest.strip()

    def set(self, each: InputInfo, word: str) -> None:
        """Set an input.

        Raises:
            UsageError: The word stands for a file.
            InputsError: The word is broken JSON, or the input doesn't take the value.
            SpaceChatError: The app can't be inspected.
        """
        from ..apps.value_types import takes_files

        if takes_files(each.value_type):
            raise click.UsageError(f"{one_line(each.name)!r} takes a file: /file attaches one.")
        value = _read(self.inputs, [(each.name, word)])
        self._inspect(value)
        self.reset(each)
        self._values.update(value)

    def reset(self, each: InputInfo) -> None:
        """Leave an input to the app again."""
        names = _names(each)
        self._values = {
            name: value for name, value in self._values.items() if name.strip().lower() not in names
        }

    def line(self, each: InputInfo) -> str:
        """Return an input's name, its value, and which values it takes."""
        names, own = _names(each), _shown(each.default)
        value = next((v for name, v in self._values.items() if name.strip().lower() in names), None)
        shown = own if value is None else f"{_shown(value)} (the app's own: {own})"
        return one_line(f"{each.name} = {shown}: {in_options(each.takes)}")

    def _longest_name(self, words: str) -> tuple[str, str]:
        """Split a text after the longest name that it begins with, which may have spaces in it."""
        low = words.lower()
        fitting = [name for name in self._by_name() if f"{low} ".startswith(f"{name} ")]
        length = max(map(len, fitting), default=0)
        return words[:length], words[length:]

    def _by_name(self) -> dict[str, InputInfo]:
        found: dict[str, InputInfo] = {}
        for each in self.inputs:
            for name in _names(each):
                found.setdefault(one_line(name), each)
        return found


def _names(each: InputInfo) -> list[str]:
    return [name.strip().lower() for name in (each.name, *each.other_names)]


def _read(inputs: Sequence[InputInfo], named: Sequence[tuple[str, str]]) -> dict[str, object]:
    from .words import chat_inputs

    return chat_inputs(inputs, named)


def _shown(value: object) -> str:
    text = as_word(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

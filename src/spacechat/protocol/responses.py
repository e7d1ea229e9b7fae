"""The text of what a chat function said, before it is in a chatbot.

A chat function says a text, a message, or a list of both. A chatbot of messages tidies each text:
a page shows no blank lines at either end, and no indentation that all lines but the first share.
So does this, while the answer is written; what the page shows in the end, its server says. Gradio
uses a function of Python for it, and which white space that takes for indentation depends on the
server's Python: up to 3.12 all that `str.isspace` names, as here, and from then on only spaces.

Of a component that is said in a message or a list, only what Python calls it arrives
(`_COMPONENT`). That is no text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .reading import Reading, is_update, read

_COMPONENT = re.compile(r"<[\w.]+ object at 0x[0-9a-fA-F]+>")
"""What arrives of a component that is said in a message or a list."""

_UNINDENTED = re.compile(r"\n\S")
"""The beginning of a line, but the first, that has no indentation: then all keep theirs."""

_INDENTATION = re.compile(r"\n([^\S\n]*)(?=\S)")
"""The indentation of a line that is not empty."""

_PER_PART = 512
"""Characters that are tidied in the time that it takes to read one part of a value."""
_PER_TAB = 32
"""Characters that are tidied in the time that it takes for a tab."""


@dataclass(frozen=True)
class Response:
    """Reads what a chat function said.

    Attributes:
        is_tidied: Whether the chatbot tidies texts.
    """

    is_tidied: bool = True

    def read(self, value: Any, start: int = 0, *, final: bool = False) -> Reading:
        """Read the text of what was said; see `reading.read`."""
        if is_update(value):  # A component, which only the server can show.
            return Reading()
        if isinstance(value, str):
            reading = Reading(self._shown(value), path=[], parts=self._cost(value))
            return self._growing(reading, value)
        said: list[Any] = value if isinstance(value, list) else [value]
        reading = read([self._message(each) for each in said], 0, final=final)
        reading = reading._replace(parts=reading.parts + sum(map(self._cost_of, said)))
        if reading.path is None:
            return reading
        index, *place = reading.path
        text = said[index]
        for key in [] if isinstance(text, str) else place:
            text = text[key]
        path = [
            *([index] if said is value else []),
            *([] if isinstance(said[index], str) else place),
        ]
        return self._growing(reading._replace(path=path), text)

    def _shown(self, text: str) -> str:
        return tidied(text) if self.is_tidied else text

    def _message(self, said: Any) -> Any:
        """Return the message that a page shows, whoever it says has written it."""
        message: dict[str, Any] = said if isinstance(said, dict) else {}
        content = said if isinstance(said, str) else message.get("content")
        if isinstance(content, str):
            content = None if _COMPONENT.fullmatch(content) else self._shown(content)
        return {**message, "role": "assistant", "content": content}

    def _growing(self, reading: Reading, newest: str) -> Reading:
        """Return a reading that says what a text appended to the newest one may do."""
        return _growing(reading, newest) if self.is_tidied else reading

    def _cost_of(self, said: Any) -> int:
        content = said.get("content") if isinstance(said, dict) else said
        return self._cost(content) if isinstance(content, str) else 1

    def _cost(self, text: str) -> int:
        return _cost(text) if self.is_tidied else 1


def tidied(text: str) -> str:
    """Return a text as a chatbot of messages shows it."""
    if "\t" in text:
        text = text.expandtabs()
    first, end, rest = text.partition("\n")
    if not _UNINDENTED.search(text):
        lines = rest.split("\n")
        margin = min(map(len, _INDENTATION.findall(f"\n{rest}")), default=0)
        rest = "\n".join([each[margin:] for each in lines]) if margin else rest
    return f"{first.lstrip()}{end}{rest}".strip("\n")


def _growing(reading: Reading, newest: str) -> Reading:
    """Return a reading that says what a text appended to the newest one may do.

    In a line that is not blank it changes neither the margin nor the beginning. Once there is no
    margin, it does so nowhere.
    """
    said = newest.rstrip("\n")
    if _UNINDENTED.search(said):
        return reading._replace(breaks="wait", waiting=newest[len(said) :])
    if not newest.rpartition("\n")[2].strip():
        return reading._replace(path=None)
    return reading._replace(breaks="change")


def _cost(text: str) -> int:
    """Return the parts of a value that are read in the time that it takes to tidy a text."""
    lines = 0 if _UNINDENTED.search(text) else text.count("\n") // 4
    return 1 + lines + (len(text) + _PER_TAB * text.count("\t")) // _PER_PART

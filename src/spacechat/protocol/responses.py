"""The text of what a chat function said, before it is in a chatbot.

A chat function says a text, a message, or a list of both. Gradio tidies each text when it puts it
into a chatbot, and so does this: a page shows no blank lines at either end, and no indentation that
all lines but the first share.

Of a component that is said in a message or a list, only what Python calls it arrives
(`_COMPONENT`). That is no text.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from .reading import Reading, is_update, read

_COMPONENT = re.compile(r"<[\w.]+ object at 0x[0-9a-fA-F]+>")
"""What arrives of a component that is said in a message or a list."""

_UNINDENTED = re.compile(r"\n\S")
"""The beginning of a line, but the first, that has no indentation: then all keep theirs."""

_PER_PART = 256
"""Characters that are tidied in the time that it takes to read one part of a value."""
_PER_PART_AT_WORST = 16


def tidied(text: str) -> str:
    """Return a text as a chatbot of Gradio shows it."""
    if not _UNINDENTED.search(text):
        return inspect.cleandoc(text)
    if "\t" in text:
        text = text.expandtabs()
    first, end, rest = text.partition("\n")
    return f"{first.lstrip()}{end}{rest}".strip("\n")


def read_response(value: Any, start: int = 0, *, final: bool = False) -> Reading:
    """Read the text of what a chat function said; see `reading.read`."""
    if isinstance(value, str):
        return _growing(Reading(tidied(value), path=[], parts=_cost(value)), value)
    if is_update(value):  # A component, which only the server can show.
        return Reading()
    said: list[Any] = value if isinstance(value, list) else [value]
    messages = [_message(each) for each in said]
    reading = read(messages, 0, final=final)
    reading = reading._replace(parts=reading.parts + sum(map(_cost_of, said)))
    if reading.path is None:
        return reading
    index, *place = reading.path
    text = said[index]
    for key in [] if isinstance(text, str) else place:
        text = text[key]
    path = [*([index] if said is value else []), *([] if isinstance(said[index], str) else place)]
    return _growing(reading._replace(path=path), text)


def _message(said: Any) -> Any:
    """Return the message that a page shows, whoever it says has written it."""
    message: dict[str, Any] = said if isinstance(said, dict) else {}
    content = said if isinstance(said, str) else message.get("content")
    if isinstance(content, str):
        content = None if _COMPONENT.fullmatch(content) else tidied(content)
    return {**message, "role": "assistant", "content": content}


def _growing(reading: Reading, newest: str) -> Reading:
    """Return a reading that says what a text appended to the newest one may do."""
    shown = newest.rstrip("\n")
    if tidied(f"{newest}x") != f"{newest}x" or not shown:
        return reading._replace(path=None)
    if _UNINDENTED.search(shown):
        return reading._replace(breaks="wait", waiting=newest[len(shown) :])
    return reading._replace(breaks="change", path=reading.path if shown == newest else None)


def _cost_of(said: Any) -> int:
    content = said.get("content") if isinstance(said, dict) else said
    return _cost(content) if isinstance(content, str) else 1


def _cost(text: str) -> int:
    is_slow = "\n" in text and not _UNINDENTED.search(text)
    return 1 + len(text) // (_PER_PART_AT_WORST if is_slow else _PER_PART)

"""The texts in a message of a chat, which of them are thoughts, and whose messages are answer.

A message's content is a text, a part, or a list of parts. A part's text is at `text` (Gradio 6, and
the pairs of the multimodal chatbot), at `content` (the chatbots of others, whose parts may be
thoughts or the use of tools), or at `value` (a component). Other parts have no text.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .hypertext import text_of

Path = list[Any]
"""The keys and indices that lead to a place in a value, as edits name it."""

_PEOPLE = frozenset({"user", "human", "local", "me", "system", "developer", "placeholder"})
"""The roles of messages that are no answer. An app may call its answers' role anything else."""

_THOUGHTS = frozenset({"tool", "thinking", "reasoning", "thought"})
"""The types of parts that are thoughts or the use of tools."""

_TOOLS = frozenset({"tool", "function"})
"""The roles of messages that are the use of a tool."""

_TEXT_COMPONENTS = frozenset({"code", "markdown", "textbox"})
_HTML_PER_PART = 16
"""Characters of HTML that take as long to read as one part."""


class Piece(NamedTuple):
    """The text of a part of a message.

    Attributes:
        text: The text.
        place: The place where it ends, or None if text can't be appended to it there.
        cost: The cost of reading it.
        is_thought: Whether it is a thought or the use of a tool.
        title: The app's title for that, if it is a text.
        is_titled: Whether the title of its message is all that says so. Some apps give each of
            their messages one.
    """

    text: str = ""
    place: Path | None = None
    cost: int = 1
    is_thought: bool = False
    title: object = None
    is_titled: bool = False


def role(message: Any) -> Any:
    """Return who wrote a message, or None if it is no message."""
    return message.get("role") if isinstance(message, dict) else None


def is_answer(message: Any) -> bool:
    """Tell whether a message is the app's."""
    author = role(message)
    return isinstance(author, str) and author not in _PEOPLE


def read_message(message: dict[str, Any], index: int) -> list[Piece]:
    """Read each part of a message that the page shows as a message of its own.

    Args:
        message: The message.
        index: Its index in the chat.
    """
    pieces = _read_content(message.get("content"), [index, "content"])
    title = _title(message)
    if not title and role(message) not in _TOOLS:
        return pieces
    is_used = role(message) in _TOOLS or "thought_metadata" in message
    return [
        piece._replace(is_thought=True, title=title, is_titled=not (is_used or piece.is_thought))
        for piece in pieces
    ]


def _title(message: dict[str, Any]) -> Any:
    """Return the title of a message that is a thought or the use of a tool, or None."""
    for key, name in (("metadata", "title"), ("thought_metadata", "tool_name")):
        told = message.get(key)
        title = told.get(name) if isinstance(told, dict) else None
        if title:
            return title
    return None


def _read_content(content: Any, path: Path) -> list[Piece]:
    if not isinstance(content, list):
        return [read_part(content, path)]
    return [read_part(part, [*path, index]) for index, part in enumerate(content)] or [Piece()]


def text_in(content: Any) -> str:
    """Return the text of a message's content, or of one side of a pair."""
    return "".join(piece.text for piece in _read_content(content, []))


def read_part(part: Any, path: Path) -> Piece:
    """Read a part of a message.

    Args:
        part: The part.
        path: Its place.
    """
    if isinstance(part, str):
        return Piece(part, path)
    if not isinstance(part, dict):
        return Piece()
    for key in ("text", "content"):
        text = part.get(key)
        if isinstance(text, str):
            kind = part.get("type")
            if isinstance(kind, str) and kind in _THOUGHTS:
                title = _option(part, "title")
                return Piece(text, [*path, key], is_thought=True, title=title)
            return Piece(text, [*path, key])
    value = part.get("value")
    if not isinstance(value, str):
        return Piece()
    kind = _kind(part)
    if kind == "html":
        return Piece(text_of(value), None, 1 + len(value) // _HTML_PER_PART)
    return Piece(value, [*path, "value"]) if kind in _TEXT_COMPONENTS else Piece()


def _option(part: dict[str, Any], name: str) -> Any:
    options = part.get("options")
    return options.get(name) if isinstance(options, dict) else None


def _kind(component: dict[str, Any]) -> str:
    """Return the kind of a component in a message: a `TextArea`, a template, is a text box."""
    props = component.get("props")
    named = (props.get("name") if isinstance(props, dict) else None, component.get("component"))
    return next((name for name in named if isinstance(name, str)), "")

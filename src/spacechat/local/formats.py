"""Formats of the values of chats: questions out of inputs, outputs out of answers.

There is a group of functions for each format: ``read_…`` takes the question out of the inputs,
``write_…`` makes the whole outputs, ``path_…`` says where in the chat's output the text sits.
"""

from __future__ import annotations

from typing import NamedTuple

from .values import Json


class ChatInputs(NamedTuple):
    """The prompt, the system text and the earlier turns in the inputs of an event."""

    prompt: str
    system: str | None
    history: list[dict[str, str]]


def _text(value: Json) -> str:
    """Return the text of an input that is a string or a ``{"text": …}``."""
    if isinstance(value, dict):
        value = value["text"]
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value


def _list(value: Json) -> list[Json]:
    """Return a list, which an input may also have as null."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"a list expected, not {type(value).__name__}")
    return value


def _bot_text(value: Json) -> str:
    """Return the assistant's side of a pair: a string, a ``{"text": …}``, or a list of these."""
    return "".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _pairs_history(value: Json) -> list[dict[str, str]]:
    history: list[dict[str, str]] = []
    for pair in _list(value):
        user, bot = _list(pair)
        if user is not None:
            history.append({"role": "user", "content": _text(user)})
        if bot is not None:
            history.append({"role": "assistant", "content": _bot_text(bot)})
    return history


def read_pairs(data: list[Json]) -> ChatInputs:
    """Read a prompt, a chat of pairs and a system text."""
    return ChatInputs(_text(data[0]), _text(data[2]), _pairs_history(data[1]))


def write_pairs(data: list[Json], text: str, _more: bool) -> list[Json]:
    """Write an empty prompt, a chat of pairs of strings and the system text."""
    return ["", [*_list(data[1]), [_text(data[0]), text]], data[2]]


def path_pairs(data: list[Json]) -> list[Json]:
    """Return the path of the assistant's side of the last pair."""
    return [len(_list(data[1])), 1]


def write_text_pairs(data: list[Json], text: str, _more: bool) -> list[Json]:
    """Write an empty message, a chat of pairs of ``{"text": …}`` and the system text."""
    chat: list[Json] = [*_list(data[1]), [{"text": _text(data[0])}, {"text": text}]]
    return [{"text": "", "files": []}, chat, data[2]]


def read_million(data: list[Json]) -> ChatInputs:
    """Read a chat of pairs, the last of which has no answer yet."""
    *earlier, (asked, _) = [_list(pair) for pair in _list(data[0])]
    return ChatInputs(_text(asked), None, _pairs_history([*earlier]))


def write_million(data: list[Json], text: str, more: bool) -> list[Json]:
    """Write the chat with the last pair answered, and a state."""
    *earlier, last = _list(data[0])
    answer: Json = [{"text": text, "flushing": more}]
    return [[*earlier, [_list(last)[0], answer]], None]


def read_plain(data: list[Json]) -> ChatInputs:
    """Read a text."""
    return ChatInputs(_text(data[0]), None, [])


def write_plain(_data: list[Json], text: str, _more: bool) -> list[Json]:
    """Write a text."""
    return [text]


def path_plain(_data: list[Json]) -> list[Json]:
    """Return the path of the text, which is the output itself."""
    return []


def read_messages(data: list[Json]) -> ChatInputs:
    """Read a prompt and a chat of messages with roles."""
    system: list[str] = []
    history: list[dict[str, str]] = []
    for message in _list(data[1]):
        if not isinstance(message, dict):
            raise TypeError(f"a message expected, not {type(message).__name__}")
        role, content = _text(message["role"]), _text(message["content"])
        if role == "system":
            system.append(content)
        else:
            history.append({"role": role, "content": content})
    return ChatInputs(_text(data[0]), "\n".join(system) if system else None, history)


def write_messages(data: list[Json], text: str, _more: bool) -> list[Json]:
    """Write a chat of messages with roles."""
    turn: list[Json] = [
        {"role": role, "metadata": None, "content": content, "options": None}
        for role, content in (("user", _text(data[0])), ("assistant", text))
    ]
    return [[*_list(data[1]), *turn]]


def path_messages(data: list[Json]) -> list[Json]:
    """Return the path of the content of the last message."""
    return [len(_list(data[1])) + 1, "content"]


def predict_output(data: list[Json]) -> list[Json]:
    """Return the outputs of the 1M Space's ``/run/predict``, which moves a message into the chat.

    The outputs are the chat, the state and the emptied message box.

    Args:
        data: The inputs: the message, the chat, the state.

    Raises:
        TypeError: The inputs are not of that shape.
        KeyError: The message has no text or no files.
    """
    message = data[0]
    if not isinstance(message, dict):
        raise TypeError(f"a message expected, not {type(message).__name__}")
    asked: Json = {"text": _text(message), "files": message["files"]}
    return [[*_list(data[1]), [asked, None]], None, None]

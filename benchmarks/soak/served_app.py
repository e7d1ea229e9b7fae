"""The apps of the soak's server: their descriptions and their functions.

The first word of a question says how it is answered (`_stream`); the answers are in `answers`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, TypeAlias

from .answers import BROKEN_AFTER, is_told, pieces

PREFIX = "/gradio_api"
SLOW = 0.02
"""Seconds between two pieces of a slow answer."""


class End(Enum):
    """The end of a stream that is not complete."""

    CLOSE = "close"
    RESET = "reset"
    SILENCE = "silence"


Part: TypeAlias = "bytes | float | End"
"""A message, seconds until the next one, or an end."""
Edits: TypeAlias = "Callable[[str], list[Any]]"

_TEXT, _CHAT, _NUMBER, _OTHER, _STATE, _JSON, _FILE = range(1, 8)
_LABELS = {
    _TEXT: ("textbox", "Message"),
    _CHAT: ("chatbot", "Chat"),
    _NUMBER: ("number", "n"),
    _OTHER: ("number", "m"),
    _STATE: ("state", "State"),
    _JSON: ("json", "Words"),
    _FILE: ("file", "File"),
}
_FUNCTIONS: dict[str, tuple[list[int], list[int], dict[str, Any]]] = {
    "chat": ([_TEXT, _CHAT], [_CHAT], {"targets": [[_TEXT, "submit"]]}),
    "add": ([_NUMBER, _OTHER], [_NUMBER], {"queue": False}),
    "count": ([_NUMBER], [_NUMBER], {"types": {"generator": True}}),
    "remember": ([_TEXT, _STATE], [_JSON, _STATE], {}),
    "shout": ([_FILE], [_FILE], {}),
    "fail": ([_TEXT], [_TEXT], {}),
}
NAMES = list(_FUNCTIONS)


def config(identity: str) -> dict[str, Any]:
    """Return the app's `/config`."""
    components = [
        {"id": id_, "type": kind, "props": {"label": label, "type": "messages"}}
        for id_, (kind, label) in _LABELS.items()
    ]
    components += [{"id": 100 + i, "type": "button", "props": {}} for i in range(len(NAMES))]
    functions = [
        {
            "id": index,
            "api_name": name,
            "targets": [[100 + index, "click"]],
            "inputs": inputs,
            "outputs": outputs,
            "backend_fn": True,
            "queue": True,
            "types": {"generator": name == "chat"},
            "api_visibility": "public",
            **more,
        }
        for index, (name, (inputs, outputs, more)) in enumerate(_FUNCTIONS.items())
    ]
    return {
        "version": "5.50.0",
        "app_id": identity,
        "protocol": "sse_v3",
        "api_prefix": PREFIX,
        "connect_heartbeat": True,
        "components": components,
        "dependencies": functions,
    }


def info() -> dict[str, Any]:
    """Return the app's `/info`."""

    def value(id_: int) -> dict[str, Any]:
        kind, label = _LABELS[id_]
        python = {"number": "float", "textbox": "str", "file": "filepath"}.get(kind, "Any")
        return {
            "label": label,
            "parameter_name": label.lower(),
            "parameter_has_default": False,
            "type": {"type": "number" if kind == "number" else "string"},
            "python_type": {"type": python, "description": ""},
            "component": kind.title(),
        }

    return {
        "named_endpoints": {
            f"/{name}": {
                "parameters": [value(each) for each in inputs if each != _STATE],
                "returns": [value(each) for each in outputs if each != _STATE],
            }
            for name, (inputs, outputs, _) in _FUNCTIONS.items()
        },
        "unnamed_endpoints": {},
    }


class Sessions:
    """The words that the newest sessions remember."""

    def __init__(self) -> None:
        self._words: OrderedDict[str, list[str]] = OrderedDict()

    def remember(self, session: str, word: str) -> list[str]:
        """Return the words of a session, one more now."""
        words = [*self._words.pop(session, []), word]
        self._words[session] = words
        if len(self._words) > 1000:
            self._words.popitem(last=False)
        return words


def call(name: str, data: list[Any], session: str, sessions: Sessions) -> Iterator[Part]:
    """Return the parts of the stream of a function."""
    yield _message("process_starts", eta=None)
    if name == "chat":
        yield from _chat(data)
    elif name == "count":
        for number in range(int(data[0])):
            yield _generating(number if number == 0 else [["replace", [], number]])
        yield _completed(int(data[0]) - 1)
    elif name == "remember":
        yield _completed(sessions.remember(session, data[0]), None)
    elif name == "shout":
        path = data[0]["path"]
        yield _completed({**data[0], "path": f"{path}.loud", "url": None, "orig_name": "loud.txt"})
    else:
        yield _message("process_completed", output={"error": f"{data[0]} failed"}, success=False)


def _chat(data: list[Any]) -> Iterator[Part]:
    """The chat of an app that says of itself what it takes."""
    prompt, history = data
    texts = [each["content"] for each in history or ()]
    turns = list(zip(texts[::2], texts[1::2], strict=True))
    place = len(texts) + 1

    def whole(text: str) -> list[Any]:
        said = [("user", prompt), ("assistant", text)]
        return [*(history or ()), *({"role": role, "content": each} for role, each in said)]

    yield from _stream(prompt, turns, whole, lambda piece: [["append", [place, "content"], piece]])


def known_chat(data: list[Any]) -> Iterator[Part]:
    """The chat of a Space that is known by name, which takes pairs of texts."""
    prompt, pairs, _ = data
    place = len(pairs or ())
    yield _message("process_starts", eta=None)
    yield from _stream(
        prompt,
        [(asked, said) for asked, said in pairs or ()],
        lambda text: [*(pairs or ()), [prompt, text]],
        lambda piece: [["append", [place, 1], piece]],
        around=("", ""),
    )


def _stream(
    prompt: str,
    turns: list[tuple[str, str]],
    whole: Callable[[str], Any],
    edits: Edits,
    *,
    around: tuple[Any, ...] = (),
) -> Iterator[Part]:
    """Return an answer piece by piece, or what comes in its place."""
    how = prompt.split(" ", 1)[0]
    if not is_told(turns):
        yield _message("process_completed", output={"error": "wrong history"}, success=False)
        return
    first = True
    for number, piece in enumerate(pieces(prompt)):
        if number == BROKEN_AFTER:
            yield from _broken(how, edits, around)
        said = whole(piece) if first else edits(piece)
        yield _generating(*_beside(said, around, first=first))
        first = False
        if how == "slow":
            yield SLOW
    yield _completed(*_beside(whole("".join(pieces(prompt))), around, first=True))


def _broken(how: str, edits: Edits, around: tuple[Any, ...]) -> Iterator[Part]:
    """Return what comes in the middle of an answer that does not go well."""
    if how == "cut":
        yield End.CLOSE
    elif how == "reset":
        yield End.RESET
    elif how == "stuck":
        yield End.SILENCE
    elif how == "garbage":
        yield b"data: no json\n\n"
    elif how in ("error", "hidden"):
        error = "boom" if how == "error" else None
        yield _message("process_completed", output={"error": error}, success=False)
    while how == "endless":
        yield _generating(*_beside(edits("ha "), around, first=False))
        yield SLOW


def _beside(value: Any, around: tuple[Any, ...], *, first: bool) -> list[Any]:
    """Return the values of all outputs; those beside the chat stay as they are."""
    if not around:
        return [value]
    before, after = around if first else ([], [])
    return [before, value, after]


def _generating(*outputs: Any) -> bytes:
    return _message("process_generating", output={"data": outputs, "is_generating": True})


def _completed(*outputs: Any) -> bytes:
    return _message("process_completed", output={"data": outputs, "is_generating": False})


def _message(msg: str, **fields: Any) -> bytes:
    data = json.dumps({"msg": msg, "event_id": "e", "success": True, **fields})
    return f"data: {data}\n\n".encode()


CLOSE_STREAM = _message("close_stream")
NOT_FOUND = _message("unexpected_error", message="404: Session not found.")

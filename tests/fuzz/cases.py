"""From bytes to what a server could send.

The first byte holds the machine's settings, and says which of two languages the rest is in:
payloads as they are, with a zero byte between them; or short codes for messages, values and edits,
so that nearly every mutation of an input is again a stream that gets past the JSON parser, with
edits that fit the value they are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from spacechat.protocol import PROTOCOLS, StreamMachine
from tests.fuzz.codes import Codes

RAW: Final = 0x80
AS_TEXT: Final = 0x40

WORDS: Final = (
    "",
    "a",
    "ha",
    "[1]",
    "\n",
    "<",
    "\n<summary>",
    "</summary>",
    "\n<sum",
    "mary>",
    "Qwen is thinking...",
    "Qwen is ",
    "thinking...",
    "你好",
    "🌍",
    "\u2028",
    "\x00",
    " ",
    '"\\',
    "x" * 3000,
)
KEYS: Final = ("text", "content", "role", "metadata", "title", "value", "__type__", "files")
ROLES: Final = ("assistant", "assistant", "assistant", "user", "system", None)
ACTIONS: Final = ("append", "append", "append", "replace", "add", "delete", "move", None)
ERRORS: Final = (
    None,
    "",
    "boom",
    "'boom'",
    "<b>You have exceeded your GPU quota</b>. Try again in 1 day, 2:03:04",
    "Queue is full.",
    "404: Session not found.",
    "<!" * 50 + "<a href='",
    "<![<![",
    "&#" + "9" * 5000 + ";&amp;&lt;",
    "quota: try again in " + "9" * 400 + " days, 1:00:00",
    "<script>x<!--</script>y<!--z-->",
    7,
    ["x"],
)
MODES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"since": [["a", "ha"]]},
    {"since": [{"role": "assistant", "content": "a"}]},
    *({"protocol": protocol} for protocol in PROTOCOLS),
    {"only_chat": True},
)
"""What else a machine may be told."""
NUMBERS: Final = (None, 0, 1, -1, 2.5, 1e300, 10**15, "1", True)
MOST_BYTES: Final = 1 << 20
"""Bytes of payloads that one input may become: some codes stand for long texts."""


@dataclass(frozen=True)
class Case:
    """A machine's settings and what it is to take."""

    output: int | None
    event_id: str | None
    mode: dict[str, Any]
    rest: bytes
    in_codes: bool
    as_text: bool

    def payloads(self) -> Iterator[str | bytes]:
        """Make the payloads, one by one: most streams end before the input does."""
        found = _Codes(self.rest).payloads() if self.in_codes else iter(self.rest.split(b"\0"))
        return map(_text, found) if self.as_text else found

    def machine(self, kind: type[StreamMachine] = StreamMachine) -> StreamMachine:
        return kind(output=self.output, event_id=self.event_id, **self.mode)


def parse(data: bytes) -> Case:
    """Read an input; every sequence of bytes is one."""
    head, rest = (data[0], data[1:]) if data else (0, b"")
    settings = (
        (None, 0, 1, 2)[head & 3],
        "e" if head & 4 else None,
        MODES[head >> 3 & 7],
    )
    return Case(*settings, rest, not head & RAW, bool(head & AS_TEXT))


def raw(payloads: list[str], settings: int = 0) -> bytes:
    """Return the input whose payloads are these."""
    return bytes([RAW | settings]) + "\0".join(payloads).encode()


def _text(payload: bytes) -> str:
    return payload.decode("utf-8", "surrogateescape")


def _copy(data: list[Any]) -> list[Any]:
    """Copy values that may be too deep for Python's own way."""
    try:
        copied: list[Any] = msgspec.json.decode(msgspec.json.encode(data))
    except (RecursionError, msgspec.DecodeError):
        return []
    return copied


class _Codes(Codes):
    """Reads the codes of messages."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._values: list[Any] = []

    def payloads(self) -> Iterator[bytes]:
        size = 0
        while not self.is_over and size < MOST_BYTES:
            try:
                payload = msgspec.json.encode(self._message())
            except RecursionError:
                payload = b"too deep to be made"
            size += len(payload)
            yield payload

    def _message(self) -> Any:
        code = self.byte()
        message: dict[str, Any] = {"event_id": ("e", "e", "e", "x", None, 7)[(code >> 5) % 6]}
        kind = code & 31
        if kind < 14:
            data = [self._edits(value) for value in self._values] or self._snapshot()
            message |= {"msg": "process_generating", "output": {"data": data}}
        elif kind < 19:
            message |= {"msg": "process_generating", "output": {"data": self._snapshot()}}
        elif kind < 21:
            message |= {"msg": "process_completed", "output": {"data": self._snapshot()}}
        elif kind == 21:
            message |= {"msg": "process_completed", "output": {"data": _copy(self._values)}}
        elif kind == 22:
            output = {"error": self.one(ERRORS), "title": self.one(ERRORS)}
            message |= {"msg": "process_completed", "success": False, "output": output}
        elif kind == 23:
            message |= {"msg": "process_completed", "output": self.one(({}, None, {"data": 1}))}
        elif kind == 24:
            rank = {"rank": self.one(NUMBERS), "queue_size": self.one(NUMBERS)}
            message |= {"msg": "estimation", **rank}
        elif kind == 25:
            message |= {"msg": "process_starts", "eta": self.one(NUMBERS)}
        elif kind == 26:
            unit = {"index": self.one(NUMBERS), "desc": self.one(WORDS)}
            message |= {"msg": "progress", "progress_data": [unit] * (self.byte() % 4)}
        elif kind == 27:
            message |= {"msg": "log", "log": self.one(ERRORS), "level": self.one(WORDS)}
        elif kind == 28:
            message |= {"msg": "unexpected_error", "message": self.one(ERRORS)}
        elif kind == 29:
            message |= {"msg": self.one(("queue_full", "heartbeat", "new", "close_stream", 1))}
        elif kind == 30:
            message |= {"msg": "process_generating", "output": {"data": self._value(4)}}
        else:
            return self._value(4)
        return message

    def _snapshot(self) -> list[Any]:
        data = [self._value(4) for _ in range(self.byte() % 4)]
        self._values = _copy(data)
        return data

    def _value(self, depth: int) -> Any:
        code = self.byte() & 15
        if code < 4 or depth == 0:
            return (self.text(WORDS), self.text(WORDS), None, self.one(NUMBERS))[code & 3]
        below = depth - 1
        if code < 6:
            return [[self.text(WORDS), self._value(below)] for _ in range(1 + self.byte() % 3)]
        if code < 9:
            return [self._said(below) for _ in range(1 + self.byte() % 4)]
        if code == 9:
            kind = self.byte()
            if kind & 1:
                component = ("html", "markdown", "code", "image")[kind >> 1 & 3]
                return {"component": component, "value": self.text(WORDS)}
            return {"type": "text", "text": self.text(WORDS)}
        if code == 10:
            part = {"text": self.text(WORDS), "flushing": False}
            return [[{"text": "Q", "files": []}, [part] * (1 + self.byte() % 2)]]
        if code == 11:
            update: dict[str, Any] = {"__type__": "update"}
            return update | {"value": self._value(below)} if self.byte() & 3 else update
        if code == 12:
            return {self.one(KEYS): self._value(below) for _ in range(self.byte() % 4)}
        if code == 13:
            return [[self.one(ACTIONS), [], self._value(below)]]
        if code == 14:
            return self._nested()
        return [self._value(below) for _ in range(self.byte() % 5)]

    def _nested(self) -> Any:
        """A value that is deep: JSON's parser and Python have limits on that, not the same."""
        value: Any = self.text(WORDS)
        kind, depth = self.byte(), self.byte()
        for _ in range(depth * (1 + (kind >> 4))):
            value = {"__type__": "update", "value": value} if kind & 1 else [value]
        return value

    def _said(self, depth: int) -> Any:
        role = self.byte()
        said: dict[str, Any] = {"role": ROLES[role % len(ROLES)], "content": self.text(WORDS)}
        if role & 0x80:
            said["content"] = self._value(depth)
        if role & 0x40:
            said["metadata"] = {"title": self.one((None, "", "Thinking", 1))}
        return said

    def _edits(self, value: Any) -> list[Any]:
        """Edits that mostly fit the value, which they are applied to as they are made."""
        return [self._edit(value) for _ in range(self.byte() % 4)]

    def _edit(self, value: Any) -> Any:
        action = self.one(ACTIONS)
        path: list[Any] = []
        place = value
        for _ in range(self.byte() & 7):
            if isinstance(place, list) and place:
                # Counted from the end, where the newest is.
                path.append(len(place) - 1 - self.byte() % len(place))
                place = place[path[-1]]
            elif isinstance(place, dict) and place:
                path.append(sorted(place)[self.byte() % len(place)])
                place = place[path[-1]]
            else:
                break
        odd = self.byte()
        if odd > 247:
            path.append(self.one((0, 1, -1, 99, True, None, 1.0, "text", "title", [])))
        elif action == "add" and isinstance(place, list):
            path.append(odd % (len(place) + 1))
        elif action == "add" and isinstance(place, dict):
            path.append(KEYS[odd % len(KEYS)])
        new = self.text(WORDS) if action == "append" or odd & 1 else self._value(2)
        return [action, path, new] if odd != 247 else [action, path]

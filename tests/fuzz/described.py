"""From bytes to what an app could say of itself: its `/config`, its `/info`, and what it answers.

An input's first byte says where its descriptions come from: they stand in it as they are, or one of
the recorded ones is changed, or a small page is made of codes. Whatever is made of codes may hold
anything anywhere, and is changed further: parts are left out, replaced, repeated, put into
themselves.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.fuzz.codes import Codes

RAW: Final = 0x80
RECORDED: Final = 0x40

CONFIGS: Final = Path(__file__).parents[1] / "configs"
INFO: Final = b'{"named_endpoints":{"/predict":{"parameters":[{"parameter_name":"text"}]}}}'

KINDS: Final = (
    *("textbox", "chatbot", "button", "textbox", "chatbot", "multimodaltextbox", "state"),
    *("markdown", "html", "dropdown", "slider", "number", "checkbox", "checkboxgroup", "radio"),
    *("image", "file", "tabs", "tabitem", "accordion", "column", "timer", "browserstate", "json"),
    *("dataset", "own", "prochatbot", "antdinput", "video", "label", "code"),
)
EVENTS: Final = ("submit", "click", "change", "load", "input", "then", "tick", "select", "mount")
WORDS: Final = (
    *("", "Ask", "Message", "Send", "System prompt", "Clear", "Upload a video", "History"),
    *("__i18n__x", "predict", "chat", "a_1", "a", "x" * 400, "你好", "\u2028", "<b>&", "timeout"),
    *("class", "primary", "hidden", "password", "multiple", "messages", "submit"),
)
NAMES: Final = (
    *("label", "value", "visible", "interactive", "placeholder", "info", "elem_id", "type"),
    *("choices", "minimum", "maximum", "multiselect", "allow_custom_value", "file_count"),
    *("max_length", "id", "selected", "open", "title", "items", "key", "active_key", "read_only"),
    *("lines", "active", "variant", "disabled", "reasoning_tags", "default_value"),
)
SCRIPTS: Final = (
    "() => {}",
    "(x) => x",
    "(a, b) => [b, a]",
    "(x) => { return [x, '']; }",
    "x => ({a: x})",
    "(" * 200,
)
VERSIONS: Final = ("5.50.0", "6.31.0", "4.44.1", "4.0.2", "5.46.0", "6.1.0", "", "3.50.2", "x" * 50)
PROTOCOLS: Final = ("sse_v3", "sse", "sse_v1", "sse_v2", "sse_v2.1", "", "ws")
PREFIXES: Final = (
    "/gradio_api",
    "",
    "/",
    "//evil.test",
    "@evil.test",
    "/../x",
    "/a b",
    ".evil.test",
)
TYPES: Final = (
    *("str", "float", "bool", "filepath", "list[filepath]", "Literal['a', 'b']", "Any | None"),
    *("dict(text: str, files: list[filepath])", "list[" * 50, "Literal['", "str (a remark)"),
    "dict(path: str, url: str, meta: dict(_type: Literal['x']))",
)
NUMBERS: Final = (0, 1, -1, 2.5, 1e300, 2**31, 2**53, 2**64, -(2**63), 10**30)
CIRCLE: Final = {
    "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"anyOf": [{"$ref": "#/$defs/A"}] * 3}},
    "anyOf": [{"$ref": "#/$defs/A"}, {"type": "array", "items": {"$ref": "#/$defs/B"}}],
}
SCHEMAS: Final[tuple[Any, ...]] = (
    CIRCLE,
    {"$ref": "#"},
    {"type": "string"},
    {"type": "object", "properties": {"text": {}, "files": {"anyOf": [{"type": "null"}]}}},
    {"type": "array", "items": {"type": "object", "properties": {"role": {}, "content": {}}}},
    {"type": "array", "items": {"prefixItems": [{"type": "null"}, {"type": "null"}]}},
    {"type": ["string"], "items": True, "$defs": []},
)
TOKENS: Final = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b'"\\ud800"',
    b'"\xff\xfe"',
    b"[" * 3000 + b"]" * 3000,
    b'{"children":[' * 300 + b"]}" * 300,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'"\\u0000"',
    b'"',
    b"tru",
)
"""What no value of Python's becomes in JSON; a text `@` and a letter stands for each."""
_PLACES = re.compile(rb'"@([a-l])"')
_REPEATS = (2, 2, 3, 20, 20, 300)
_LARGEST: Final = 1 << 20
"""Bytes that a description made of codes may have."""


@dataclass(frozen=True)
class Described:
    """What an app says of itself, and codes for what it answers and what is asked."""

    config: bytes
    info: bytes
    more: Maker


def parse(data: bytes) -> Described:
    """Read an input; every sequence of bytes is one."""
    head, rest = (data[0], data[1:]) if data else (0, b"")
    if head & RAW:
        config, _, more = rest.partition(b"\0")
        info, _, more = more.partition(b"\0")
        return Described(config, info, Maker(more))
    maker = Maker(rest)
    page = _recorded(maker) if head & RECORDED else maker.page(head)
    said = maker.info() if head & 0x20 else None
    for _ in range(maker.byte() % 6):
        maker.change(page)
    return Described(encoded(page), INFO if said is None else encoded(said), maker)


def encoded(value: Any) -> bytes:
    """Return a value as JSON, with what stands for tokens replaced."""
    data = msgspec.json.encode(value)
    if len(data) > _LARGEST:
        return b"{}"
    return (
        _PLACES.sub(lambda place: TOKENS[place[1][0] - ord("a")], data) if b'"@' in data else data
    )


@functools.cache
def recorded() -> Sequence[bytes]:
    """Return descriptions of every kind of app, as several versions of Gradio have them."""
    return [path.read_bytes() for path in sorted(CONFIGS.glob("*/*.json"))]


def _recorded(codes: Codes) -> Any:
    configs = recorded()
    return json.loads(configs[(codes.byte() << 8 | codes.byte()) % len(configs)])


class Maker(Codes):
    """Makes pages and values of codes."""

    def page(self, settings: int) -> dict[str, Any]:
        """Return a small page: most events, components and places are ones that there are."""
        count = 2 + self.byte() % 7
        page: dict[str, Any] = {
            "version": VERSIONS[settings & 7],
            "app_id": 1,
            "components": [self.component(id_) for id_ in range(1, count + 1)],
            "dependencies": [self.function(count) for _ in range(1 + self.byte() % 4)],
        }
        shape = self.byte()
        if shape & 1:
            page["layout"] = self.layout(count, 4)
        if shape & 2:
            page["protocol"], page["api_prefix"] = self.one(PROTOCOLS), self.one(PREFIXES)
        if shape & 4:
            page |= {"connect_heartbeat": True, "enable_queue": self.byte() < 128}
        if shape & 8:
            page["mode"] = self.one(("server", "blocks", 1))
        if shape & 16:
            part = {"components": [1, self.byte() % 9], "dependencies": [0, self.byte() % 4]}
            page |= {"pages": [["", ""], ["a", "A"]], "page": {"": part, "a": part}}
        return page

    def component(self, id_: int) -> Any:
        """Return a component, which is rarely something else."""
        kind = self.byte()
        made: dict[str, Any] = {"id": id_, "type": KINDS[kind % len(KINDS)]}
        if kind > 250:
            return self.anything(2)
        made["props"] = {self.one(NAMES): self.anything(2) for _ in range(self.byte() % 4)}
        if kind & 1:
            made["props"]["label"] = self.text(WORDS)
        if kind & 128:
            made["api_info"] = self.schema()
        return made

    def function(self, count: int) -> dict[str, Any]:
        """Return a function, which an event calls or another function."""

        def ids() -> list[int]:
            return [self.byte() % (count + 2) for _ in range(self.byte() % 5)]

        made: dict[str, Any] = {
            "targets": [
                [self.byte() % (count + 1), self.one(EVENTS)] for _ in range(self.byte() % 3)
            ],
            "inputs": ids(),
            "outputs": ids(),
        }
        more = self.byte()
        if more & 1:
            made["trigger_after"] = self.byte() % 5
        if more & 2:
            made["api_name"] = self.one((*WORDS, True, False, None, "false_1"))
        if more & 4:
            made |= {"queue": self.one((False, True, None)), "js": self.one(SCRIPTS)}
        if more & 8:
            made |= {"backend_fn": self.byte() < 128, "id": self.byte() % 6}
        if more & 16:
            made["types"] = {"generator": True, "continuous": self.byte() > 200}
        if more & 32:
            made |= {"api_visibility": self.one(("public", "private", "undocumented", 1))}
        if more & 64:
            made |= {"component_prop_inputs": [0, 1, 99], "collects_event_data": True}
        if more & 128:
            made |= {self.one(("trigger_only_on_success", "trigger_only_on_failure")): True}
        return made

    def layout(self, count: int, depth: int) -> dict[str, Any]:
        """Return a place in the layout; a component may be in several, and in itself."""
        inner = self.byte() % 4 if depth else 0
        place: dict[str, Any] = {"id": self.byte() % (count + 2)}
        if inner or place["id"] % 2:
            place["children"] = [self.layout(count, depth - 1) for _ in range(inner)]
        return place

    def info(self) -> dict[str, Any]:
        """Return an `/info`."""
        endpoints = {
            self.one(("/predict", "0", "1", "/chat", "/a", "")): {
                "parameters": [self.parameter() for _ in range(self.byte() % 4)],
                "returns": [self.parameter() for _ in range(self.byte() % 3)],
                "description": self.text(WORDS),
            }
            for _ in range(self.byte() % 4)
        }
        return {self.one(("named_endpoints", "unnamed_endpoints")): endpoints}

    def parameter(self) -> dict[str, Any]:
        """Return a parameter or a returned value of an `/info`."""
        made: dict[str, Any] = {"parameter_name": self.text(WORDS), "label": self.text(WORDS)}
        more = self.byte()
        if more & 1:
            made["python_type"] = {"type": self.one(TYPES), "description": ""}
        if more & 2:
            made |= {
                "parameter_has_default": self.one((True, False, None)),
                "parameter_default": self.anything(2),
            }
        if more & 4:
            made["type"] = self.schema()
        if more & 8:
            made["component"] = self.one((*KINDS, None, 1))
        return made

    def schema(self) -> Any:
        """Return a JSON schema, which may lead in a circle."""
        return self.anything(2) if self.byte() > 200 else self.one(SCHEMAS)

    def anything(self, depth: int) -> Any:
        """Return a value of any type."""
        code = self.byte() % 20
        if code < 4:
            return self.text(WORDS)
        if code < 7:
            return self.one((True, False, None))
        if code < 9 or depth == 0:
            return self.one(NUMBERS)
        if code == 9:
            return f"@{self.one('abcdefghijkl')}"
        if code == 10:
            return {"path": self.text(WORDS), "meta": {}, "url": self.one(("http://x/", None, 1))}
        if code == 11:
            return {"__type__": "update", self.one(NAMES): self.anything(depth - 1)}
        if code == 12:
            return [["Hi", self.text(WORDS)]]
        if code == 13:
            return [{"role": "assistant", "content": self.anything(depth - 1)}]
        if code < 17:
            return [self.anything(depth - 1) for _ in range(self.byte() % 4)]
        return {self.text(WORDS): self.anything(depth - 1) for _ in range(self.byte() % 4)}

    def change(self, value: Any) -> None:
        """Change a part of a value in place."""
        container, key = value, None
        for _ in range(1 + self.byte() % 5):
            inner = value if key is None else container[key]
            if not isinstance(inner, dict | list) or not inner:
                break
            container, keys = inner, [*inner] if isinstance(inner, dict) else range(len(inner))
            key = keys[(self.byte() << 8 | self.byte()) % len(keys)]
        if key is None:
            return
        how = self.byte() % 6
        if how == 0:
            del container[key]
        elif how < 3:
            container[key] = self.anything(2)
        elif how == 3:
            container[key] = [container[key]]
        elif how == 4 and isinstance(container, list):
            container[key:key] = [container[key]] * self.one(_REPEATS)
        else:
            container[key] = self.part(value)

    def part(self, value: Any) -> Any:
        """Return a part of a value, a copy of which may be put anywhere in it."""
        for _ in range(self.byte() % 5):
            if not isinstance(value, dict | list) or not value:
                break
            inner = [*value.values()] if isinstance(value, dict) else value
            value = inner[self.byte() % len(inner)]
        return msgspec.json.decode(msgspec.json.encode(value))


def inputs() -> list[bytes]:
    """Return inputs to start from: a recorded description of each kind of app, and some pages."""
    kinds = {path.stem: path.read_bytes() for path in sorted(CONFIGS.glob("*/*.json"))}
    found = [bytes([RAW]) + config + b"\0" + INFO for config in kinds.values()]
    found += [bytes([RECORDED]) + number.to_bytes(2, "big") for number in range(len(recorded()))]
    # Two or three components, of which one takes a message and another shows the answer.
    page = [0, 0, 0, 1, 0, 0, 0]
    asks = [1, 1, 0, 1, 1, 1, 2]
    for settings in range(0x40):
        for more in (0, 1, 2, 4, 8, 16, 32, 64, 128):
            found.append(bytes([settings, *page, *asks, more, 0, *range(more)]))
    return found

"""What a component's value is, from the JSON schema that the app declares for it.

Anyone can make a component, and its schema is what it says for certain: a text, a text with files,
a chat. A schema may refer to parts of itself, in circles too, and list any number of alternatives.
So only the first few levels are looked at, and of each list only its beginning: no more than
`_MOST_STEPS` schemas in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, TypeVar

import msgspec

from .decoding import NOTHING, decoded, size

_T = TypeVar("_T")

_LARGEST = 1 << 16
"""Bytes of a schema or a value that is read."""
_LARGEST_ALL = 1 << 20
"""Bytes of all of an app's."""
_MOST_STEPS = 60
"""Schemas that are looked at, within one."""
_MOST_ALTERNATIVES = 12
_REFERENCES = 4
"""References that follow on one another."""
_BEFORE_NAME = "#/$defs/"


class Form(Enum):
    """The form of a component's value.

    Attributes:
        TEXT: A text that may be anything.
        MESSAGE: A text with files: `{"text": …, "files": …}`.
        LOOSE_MESSAGE: The same, whose files are null if there are none.
        MESSAGES: A chat: `[{"role": …, "content": …}, …]`.
        PAIRS: A chat: `[[user, bot], …]`, each of them a text.
        RICH_PAIRS: The same, each of them `{"text": …, …}`.
        FILE: A file.
        FILES: A list of files.
        OTHER: Something else.
    """

    TEXT = auto()
    MESSAGE = auto()
    LOOSE_MESSAGE = auto()
    MESSAGES = auto()
    PAIRS = auto()
    RICH_PAIRS = auto()
    FILE = auto()
    FILES = auto()
    OTHER = auto()


WITH_FILES = frozenset({Form.MESSAGE, Form.LOOSE_MESSAGE})
"""Forms of a text with files."""

_NAMES = {"ref": "$ref", "defs": "$defs", "any_of": "anyOf", "prefix_items": "prefixItems"}


class _Schema(msgspec.Struct, rename=_NAMES):
    type: Any = None
    ref: str | None = None
    defs: dict[str, _Schema] = msgspec.field(default_factory=dict[str, "_Schema"])
    enum: msgspec.Raw = NOTHING
    format: str | None = None
    any_of: list[_Schema] = msgspec.field(default_factory=list["_Schema"])
    items: _Schema | bool | None = None
    prefix_items: list[_Schema] = msgspec.field(default_factory=list["_Schema"])
    properties: dict[str, _Schema] = msgspec.field(default_factory=dict[str, "_Schema"])


_SCHEMA = msgspec.json.Decoder(_Schema)
_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class FormReader:
    """Reads the forms of the values of an app's components, within bounds.

    Attributes:
        bytes_left: Bytes of schemas and values that may still be read.
    """

    def __init__(self) -> None:
        self.bytes_left: int = _LARGEST_ALL

    def read(self, schema: msgspec.Raw, other: msgspec.Raw, value: msgspec.Raw) -> Form | None:
        """Return the form that one of two schemas, or else the first value, has, or None."""
        for raw in (schema, other):
            found = self._decoded(raw, _SCHEMA)
            form = None if found is None else _SchemaReader(found).form(found)
            if form is not None:
                return form
        return form_of_value(self._decoded(value, _ANYTHING))

    def _decoded(self, raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T | None:
        taken = size(raw)
        if taken > min(self.bytes_left, _LARGEST):
            return None
        self.bytes_left -= taken
        return decoded(raw, decoder)


def form_of_value(value: Any) -> Form | None:
    """Return the form of a value, or None if it could have several."""
    if isinstance(value, str):
        return Form.TEXT
    if isinstance(value, dict) and "text" in value and "files" in value:
        return Form.MESSAGE
    last = value[-1] if isinstance(value, list) and value else None
    is_message = isinstance(last, dict) and "role" in last and "content" in last
    return Form.MESSAGES if is_message else None


class _SchemaReader:
    def __init__(self, whole: _Schema) -> None:
        self._defs = whole.defs
        self._left = _MOST_STEPS

    def form(self, schema: _Schema) -> Form | None:
        """Return the form that all alternatives of a schema have, but for null."""
        forms = {self._form(each) for each in self._alternatives(schema) if each.type != "null"}
        for chat in (Form.MESSAGES, Form.RICH_PAIRS, Form.PAIRS):
            if chat in forms:
                return chat
        if not forms.isdisjoint(WITH_FILES):
            forms.discard(Form.TEXT)
        return forms.pop() if len(forms) == 1 else Form.OTHER if forms else None

    def _alternatives(self, schema: _Schema) -> Iterator[_Schema]:
        for each in schema.any_of[:_MOST_ALTERNATIVES] or [schema]:
            self._left -= 1
            if self._left < 0:
                return
            yield self._referred(each)

    def _referred(self, schema: _Schema) -> _Schema:
        for _ in range(_REFERENCES):
            if schema.ref is None:
                break
            schema = self._defs.get(schema.ref.removeprefix(_BEFORE_NAME), _Schema())
        return schema

    def _form(self, schema: _Schema) -> Form | None:
        if schema.type == "string":
            is_free = schema.enum == NOTHING and schema.format is None
            return Form.TEXT if is_free else Form.OTHER
        if schema.type == "array":
            return self._form_of_list(schema)
        if schema.type == "object":
            return _form_of_object(schema)
        return Form.OTHER if isinstance(schema.type, str) else None

    def _form_of_list(self, schema: _Schema) -> Form:
        if not isinstance(schema.items, _Schema):
            return Form.OTHER
        entries = list(self._alternatives(self._referred(schema.items)))
        if any({"role", "content"} <= each.properties.keys() for each in entries):
            return Form.MESSAGES
        if any("path" in each.properties for each in entries):
            return Form.FILES
        pairs = [each.prefix_items for each in entries if len(each.prefix_items) == 2]
        return self._form_of_pair(pairs[0]) if pairs else Form.OTHER

    def _form_of_pair(self, pair: list[_Schema]) -> Form:
        """Return the form of a list of pairs: in a chat, there may be only one of the two."""
        for side in pair:
            kinds = list(self._alternatives(self._referred(side)))
            if not any(each.type == "null" for each in kinds):
                return Form.OTHER
            if any("text" in each.properties for each in kinds):
                return Form.RICH_PAIRS
            if not any(each.type == "string" for each in kinds):
                return Form.OTHER
        return Form.PAIRS


def _form_of_object(schema: _Schema) -> Form:
    if {"text", "files"} <= schema.properties.keys():
        files = schema.properties["files"].any_of
        is_loose = any(each.type == "null" for each in files)
        return Form.LOOSE_MESSAGE if is_loose else Form.MESSAGE
    return Form.FILE if "path" in schema.properties else Form.OTHER

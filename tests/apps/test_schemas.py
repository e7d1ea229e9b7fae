"""The form of a component's value, by the JSON schemas of it and by its first value."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from spacechat.apps.schemas import Form, FormReader, form_of_value

TEXT, NUMBER, NONE = {"type": "string"}, {"type": "number"}, {"type": "null"}
FILE = {"type": "object", "properties": {"path": TEXT}}
LETTER = {"type": "object", "properties": {"text": TEXT, "files": {"type": "array"}}}
LOOSE = {"type": "object", "properties": {"text": TEXT, "files": {"anyOf": [FILE, NONE]}}}
ENTRY = {"type": "object", "properties": {"role": TEXT, "content": TEXT}}
RICH = {"type": "object", "properties": {"text": TEXT}}


def any_of(*schemas: Any) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


def list_of(*schemas: Any) -> dict[str, Any]:
    return {"type": "array", "items": any_of(*schemas)}


def pair(*sides: Any) -> dict[str, Any]:
    return {"type": "array", "prefixItems": [any_of(each, NONE) for each in sides]}


def read(schema: Any, other: Any = None, value: Any = None) -> Form | None:
    raws = [msgspec.Raw(json.dumps(each).encode()) for each in (schema, other, value)]
    return FormReader().read(*raws)


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        (NONE, None),
        ({}, None),
        (TEXT, Form.TEXT),
        (any_of(TEXT, NONE), Form.TEXT),
        (any_of(TEXT, NUMBER), Form.OTHER),
        (LETTER, Form.MESSAGE),
        ({**LETTER, "properties": {"text": TEXT, "files": any_of(FILE)}}, Form.MESSAGE),
        (LOOSE, Form.LOOSE_MESSAGE),
        (any_of(TEXT, LETTER), Form.MESSAGE),
        (any_of(LOOSE, TEXT), Form.LOOSE_MESSAGE),
        (any_of(LETTER, NUMBER), Form.OTHER),
        (any_of(TEXT, LETTER, NUMBER), Form.OTHER),
        (FILE, Form.FILE),
        (any_of(TEXT, FILE), Form.OTHER),
        (list_of(FILE), Form.FILES),
        (list_of(NUMBER), Form.OTHER),
        (list_of(ENTRY), Form.MESSAGES),
        (list_of(FILE, ENTRY), Form.MESSAGES),
        (any_of(TEXT, list_of(ENTRY), NUMBER), Form.MESSAGES),
        (any_of(TEXT, list_of(pair(TEXT, TEXT))), Form.PAIRS),
        (any_of(list_of(pair(RICH, RICH)), list_of(pair(TEXT, TEXT))), Form.RICH_PAIRS),
        (list_of(pair(TEXT, NUMBER)), Form.OTHER),
        (list_of(pair(NUMBER, NUMBER)), Form.OTHER),
        (list_of(pair(TEXT, TEXT), pair(RICH, RICH)), Form.PAIRS),
        (list_of(pair(RICH, RICH), pair(TEXT, TEXT)), Form.RICH_PAIRS),
        (list_of(pair(TEXT, TEXT, TEXT)), Form.OTHER),
        ({"type": "array", "items": {"type": "array", "prefixItems": [TEXT, TEXT]}}, Form.OTHER),
    ],
)
def test_a_schema(schema: Any, form: Form | None) -> None:
    assert read(schema) is form


def test_which_of_them_counts() -> None:
    """The first that says anything: the component's schema, the other one, the first value."""
    assert read(NONE, NONE, "") is Form.TEXT
    assert read(NONE, LETTER, "") is Form.MESSAGE
    assert read(TEXT, LETTER, [{"role": "user", "content": "Hi"}]) is Form.TEXT


def test_a_chat_that_comes_late_in_a_schema() -> None:
    """Only a number of schemas is looked at within one."""
    filler = [list_of(*[NUMBER] * 11) for _ in range(11)]
    assert read(any_of(*filler[:2], list_of(ENTRY))) is Form.MESSAGES
    assert read(any_of(*filler, list_of(ENTRY))) is Form.OTHER


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("", Form.TEXT),
        ({"text": "", "files": []}, Form.MESSAGE),
        ({"text": ""}, None),
        ({"files": []}, None),
        ([{"role": "user", "content": "Hi"}], Form.MESSAGES),
        ([None, {"role": "user", "content": "Hi"}], Form.MESSAGES),
        ([{"role": "user", "content": "Hi"}, None], None),
        ([{"role": "user"}], None),
        ([{"content": "Hi"}], None),
        ([], None),
        (5, None),
        (None, None),
    ],
)
def test_a_first_value(value: Any, form: Form | None) -> None:
    assert form_of_value(value) is form


def test_schemas_are_read_until_there_are_too_many_bytes_of_them() -> None:
    reader, nothing = FormReader(), msgspec.Raw(b"null")
    schema = msgspec.Raw(json.dumps({**TEXT, "title": "x" * 60_000}).encode())
    found = [reader.read(schema, nothing, nothing) for _ in range(20)]
    assert found == [Form.TEXT] * 17 + [None] * 3
    assert reader.read(msgspec.Raw(json.dumps(TEXT).encode()), nothing, nothing) is Form.TEXT

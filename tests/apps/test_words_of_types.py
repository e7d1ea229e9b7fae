"""Types in words: what they are made of, and how they are said in fewer words."""

from __future__ import annotations

import pytest

from spacechat.apps.value_types import (
    alternatives,
    brief,
    fields,
    is_list,
    items,
    literal,
    simplified,
    takes_files,
    with_literal,
)

LONG = "a_name_that_is_longer_than_what_a_line_has_room_for_" * 2
CHOICES = ", ".join(f"'choice {number}'" for number in range(20))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("str", "str"),
        ("str | float | bool | list | dict", "Any"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
        (LONG, LONG[:60] + "…"),
        (f"{LONG} | None", f"{LONG[:60]}… | None"),
        (f"{'x' * 60} | None", f"{'x' * 60} | None"),
        (f"{LONG} | dict(a: b)", f"{LONG[:60]}… | dict(a: b)"),
        (f"dict(a: {LONG}, b: int)", "dict"),
        (f"Dict(a: {LONG}, b: int) | None", "Dict | None"),
        (f"list[dict(a: {LONG})]", "list[dict]"),
        (f"list[dict(a: {LONG}) | dict(b: {LONG})]", "list[dict]"),
        (f"tuple[str, dict(a: {LONG}), int]", "tuple[str, dict, int]"),
        (
            f"list[str | float | bool | list | dict | {LONG}]",
            f"list[str | float | bool | list | dict | {LONG[:60]}…]",
        ),
        (
            f"Literal[{CHOICES}]",
            "Literal['choice 0', 'choice 1', 'choice 2', 'choice 3', 'choice 4', …]",
        ),
        (f"Literal['{LONG}', 'b']", "Literal[…]"),
        (f"Literal['{'x' * 58}', 'b']", f"Literal['{'x' * 58}', …]"),
        (
            f"list[Literal[{CHOICES}]] | None",
            "list[Literal['choice 0', 'choice 1', 'choice 2', 'choice 3', 'choice 4', …]] | None",
        ),
        ("list[" * 4 + LONG + "]" * 4, "list[" * 4 + LONG[:60] + "…" + "]" * 4),
        ("list[" * 5 + LONG + "]" * 5, "list[" * 5 + LONG[:60] + "…" + "]" * 5),
        (
            "list[" * 6 + LONG + "]" * 6,
            "list[" * 5 + ("list[" + LONG)[:60] + "…" + "]" * 5,
        ),
    ],
)
def test_brief(said: str, shown: str) -> None:
    assert brief(said) == shown


def file_in(brackets: int) -> str:
    return "list[" * brackets + "dict(path: str, meta: dict(a: b))" + "]" * brackets


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("str (a path)", "str"),
        ("Literal[dict(path: str, meta: str)]", "Literal[dict(path: str, meta: str)]"),
        (
            "dict(a: " * 5 + "dict(path: str, meta: str)" + ")" * 5,
            "dict(a: " * 5 + "dict(path: str, meta: str)" + ")" * 5,
        ),
        (
            "dict(a: " * 4 + "dict(path: str, meta: str)" + ")" * 4,
            "dict(a: " * 4 + "filepath" + ")" * 4,
        ),
        ("list[str] (some)", "list[str]"),
        ("dict(a: b) (one)", "dict(a: b)"),
        ("Literal['a (b)'] (c)", "Literal['a (b)']"),
        ("(path: meta:", "(path: meta:"),
        ("dict(path: str)", "dict(path: str)"),
        (
            "dict(path: str, size: int) | dict(meta: str)",
            "dict(path: str, size: int) | dict(meta: str)",
        ),
        ("Literal['path:', 'meta:']", "Literal['path:', 'meta:']"),
        (
            "tuple[dict(path: str, meta: str), Literal['a, b'], int]",
            "tuple[filepath, Literal['a, b'], int]",
        ),
        ("dict(a: dict(path: str, meta: str), b: int)", "dict(a: filepath, b: int)"),
        (file_in(5), "list[" * 5 + "dict(path: str, meta: dict(a: b))" + "]" * 5),
        (file_in(4), "list[" * 4 + "filepath" + "]" * 4),
        ("x" * 3000, "x" * 3000),
        ("(" + "x" * 3000, "(" + "x" * 1999),
    ],
)
def test_simplified(said: str, is_: str) -> None:
    assert simplified(said) == is_


@pytest.mark.parametrize(
    ("choices", "is_"),
    [
        (["a", 1, 0.5, True, None], "Literal['a', 1, 0.5, True, None]"),
        (["it's"], 'Literal["it\'s"]'),
        ([], None),
        ([["a"]], None),
        (["a", {}], None),
        (["x" * 1989], f"Literal['{'x' * 1989}']"),
        (["x" * 1990], None),
    ],
)
def test_literal(choices: list[object], is_: str | None) -> None:
    assert literal(choices) == is_


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("Literal['a']", "Literal['b']"),
        ("Literal['a'] | None", "Literal['b'] | None"),
        ("list[Literal['a']]", "list[Literal['b']]"),
        ("None | List[Literal['a']]", "None | list[Literal['b']]"),
        ("str", "str"),
        ("list[str] | Literal['a']", "list[str] | Literal['b']"),
        ("dict(a: Literal['a'])", "dict(a: Literal['a'])"),
    ],
)
def test_with_other_choices(said: str, is_: str) -> None:
    assert with_literal(said, "Literal['b']") == is_


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("", []),
        ("a", ["a"]),
        (" a|b ", ["a", "b"]),
        ("a |", ["a"]),
        ("a | | b", ["a", "", "b"]),
        ("tuple[a | b] | c", ["tuple[a | b]", "c"]),
        ("dict(a: b | c) | d", ["dict(a: b | c)", "d"]),
        ("a[b(c | d) | e] | f", ["a[b(c | d) | e]", "f"]),
        ("'a | b' | \"c | d\"", ["'a | b'", '"c | d"']),
        ("a, b", ["a, b"]),
    ],
)
def test_alternatives(said: str, parts: list[str]) -> None:
    assert list(alternatives(said)) == parts


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("list[str]", ["str"]),
        ("List[a, b[c, d]]", ["a", "b[c, d]"]),
        ("Tuple[int, str]", ["int", "str"]),
        ("list[a\nb]", ["a\nb"]),
        ("list(str)", []),
        ("dict[str, int]", []),
        ("list", []),
        ("list[str] | None", []),
    ],
)
def test_items(said: str, types: list[str]) -> None:
    assert list(items(said)) == types


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("dict(a: int, b: list[c, d])", {"a": "int", "b": "list[c, d]"}),
        ("Dict( a :int )", {"a": "int"}),
        ("dict(a: b\nc)", {"a": "b\nc"}),
        ("dict(str, a: int)", {"a": "int"}),
        ("dict[a: int]", {}),
        ("list(a: int)", {}),
        ("dict", {}),
    ],
)
def test_fields(said: str, types: dict[str, str]) -> None:
    assert fields(said) == types


def test_lists_and_files() -> None:
    assert is_list("list[str] | None")
    assert is_list("List[")
    assert not is_list("listing")
    assert not is_list("None | list[str]")
    assert takes_files("dict(a: filepath)")
    assert takes_files("filepath")
    assert not takes_files("filepaths")
    assert not takes_files("a_filepath")

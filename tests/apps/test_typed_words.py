"""The inputs of a chat as a person types them: names, each with a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacechat.apps.endpoints import Parameter
from spacechat.apps.inspection import InputInfo
from spacechat.apps.typed_words import chat_inputs, file_at, leaf, value
from spacechat.errors import InputsError


def info(
    name: str, kind: str, choices: list[object] | None = None, others: list[str] | None = None
) -> InputInfo:
    return InputInfo(
        name=name,
        type="textbox",
        takes="",
        value_type=kind,
        default=None,
        choices=choices or [],
        other_names=others or [],
    )


INPUTS = [
    info("Size", "float"),
    info("Steps", "str"),
    info("Stream", "bool"),
    info("Kind", "Literal['1', 'b']", ["1", "b"]),
    info("Image", "filepath", others=["Picture"]),
    info("size", "str", others=["Other"]),
]


def test_words_for_inputs() -> None:
    given = [("size", "5"), ("Steps", "5"), (" STREAM ", "on"), ("Kind", "1"), ("what", "[1]")]
    assert chat_inputs(INPUTS, given) == {
        "size": 5,
        "Steps": "5",
        " STREAM ": True,
        "Kind": "1",
        "what": [1],
    }
    assert chat_inputs(INPUTS, [("Other", "5")]) == {"Other": "5"}
    assert chat_inputs([], []) == {}


def test_a_reader_of_words() -> None:
    asked: list[tuple[str, str, bool]] = []

    def read(word: str, parameter: Parameter | None) -> object:
        assert parameter is not None
        asked.append((word, parameter.name, parameter.required))
        return word.upper()

    assert chat_inputs(INPUTS, [("size", "a")], read) == {"size": "A"}
    assert asked == [("a", "Size", False)]


def test_a_name_that_is_given_twice() -> None:
    with pytest.raises(InputsError, match=r"^'size' is given twice"):
        chat_inputs(INPUTS, [("Steps", "1"), ("Size", "1"), ("size", "2")])


@pytest.mark.parametrize("word", ["a.png", "https://a/b.png"])
@pytest.mark.parametrize("name", ["Image", "picture"])
def test_an_input_that_is_a_file(name: str, word: str) -> None:
    if word == "a.png":
        with pytest.raises(InputsError, match=f"^'{name}' takes a file: .* by -a"):
            chat_inputs(INPUTS, [(name, word)])
    else:
        assert chat_inputs(INPUTS, [(name, word)]) == {name: file_at(word)}


@pytest.mark.parametrize("given", [b"a", [1, Path("a")], {"a": {"b": [Path("a")]}}])
def test_a_file_anywhere_in_an_input(given: object) -> None:
    with pytest.raises(InputsError, match="takes a file"):
        chat_inputs(INPUTS, [("size", "a")], lambda _word, _parameter: given)
    assert chat_inputs(INPUTS, [("size", "a")], lambda _word, _parameter: [[1], "a"]) == {
        "size": [[1], "a"]
    }


def parameter(kind: str, choices: list[object] | None = None) -> Parameter:
    return Parameter("name", "Name", kind, "Component", True, None, choices or [])


@pytest.mark.parametrize(
    ("word", "is_"),
    [
        *(("yes", True), ("No", False), ("ON", True), ("off", False), ("true", True)),
        *(("False", False), ("None", None), ("null", None), ("1", 1), ("maybe", "maybe")),
    ],
)
def test_words_for_a_switch(word: str, is_: object) -> None:
    assert value(word, parameter("bool")) is is_ or is_ == value(word, parameter("bool")) == word


@pytest.mark.parametrize(
    ("kind", "word", "is_"),
    [
        ("float", "yes", "yes"),
        ("None | str", "5", "5"),
        ("Str", "5", "5"),
        ("str | float", "5", 5),
        ("None", "5", 5),
        ("filepath", "[1]", [1]),
        ("filepath", '"a"', Path("a")),
        ("filepath", '{"a": 1}', {"a": 1}),
        ("filepath", "None", None),
        ("str | filepath", "a", "a"),
        ("list[list[filepath]]", "a", [[Path("a")]]),
        ("list[dict(a: int)]", '{"a": 1}', [{"a": 1}]),
        ("list[float]", "[5]", [5]),
        ("list[float]", "null", None),
        ("dict(a: str, b: filepath)", "null", None),
        ("list[float]", "5", [5]),
        ("tuple[filepath]", '["a", "b"]', [Path("a"), Path("b")]),
        ("tuple[str, filepath]", '["a", "b", "c"]', ["a", Path("b"), Path("c")]),
        ("None | list[filepath]", '["a"]', [Path("a")]),
        ("list[filepath] | None", "a", [Path("a")]),
        ("dict(a: str, b: filepath)", "x", {"a": "x"}),
        ("dict(a: str, b: str)", "x", "x"),
        ("dict(a: str)", "x", "x"),
        ("dict(a: filepath, b: str)", "x", {"a": Path("x")}),
        ("dict(a: str, b: filepath, c: int)", "x", "x"),
        ("dict(a: filepath)", '{"a": "x"}', {"a": Path("x")}),
        ("dict(a: filepath) | dict(b: str)", '{"b": "x"}', {"b": "x"}),
        ("dict(a: filepath)", '{"a": "x", "b": "y"}', {"a": "x", "b": "y"}),
        (
            "dict",
            '{"path": "a", "url": "http://b", "meta": {"_type": "gradio.FileData"}}',
            {"path": "a", "url": "http://b", "meta": {"_type": "gradio.FileData"}},
        ),
        ("dict", '{"path": "a", "meta": {"_type": "b"}}', {"path": "a", "meta": {"_type": "b"}}),
    ],
)
def test_a_word_for_a_type(kind: str, word: str, is_: object) -> None:
    found = value(word, parameter(kind))
    assert found == is_
    assert type(found) is type(is_)


def test_a_way_to_files() -> None:
    assert value("a", parameter("list[filepath]"), str.upper) == ["A"]
    assert value('{"a": ["b"]}', parameter("dict(a: list[filepath])"), str.upper) == {"a": ["B"]}


@pytest.mark.parametrize(
    ("kind", "choices", "word", "is_"),
    [
        ("Literal[1, 2]", [1, 2], "2", 2),
        ("Literal[1, 2]", [1, 2], "3", "3"),
        ("bool", [True], "yes", True),
        ("list[int]", [1, 2], "3", [3]),
        ("float", [], "3", 3),
        ("Literal['a.png']", ["a.png"], "a.png", "a.png"),
    ],
)
def test_a_word_for_a_choice(kind: str, choices: list[object], word: str, is_: object) -> None:
    assert value(word, parameter(kind, choices)) == is_


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("[1, x]", r"at character 5, near '\[1, x\]'\. Texts"),
        ("[" + "1, " * 20 + "x]" + " " * 60, r"at character 62, near ', (1, ){6}x\] {18}'"),
        ("[1, " + "'" * 50 + "]", r"near \"\[1, '{36}\"\."),
    ],
)
def test_where_json_is_broken(word: str, says: str) -> None:
    with pytest.raises(InputsError, match=says):
        value(word, parameter("list[int]"))


@pytest.mark.parametrize(
    ("kind", "is_"),
    [
        ("list[list[filepath | None]] | None", "filepath"),
        ("dict(a: list[filepath], b: int)", "filepath"),
        ("float | None", "float"),
        ("", ""),
        ("list[", ""),
    ],
)
def test_what_a_value_begins_with(kind: str, is_: str) -> None:
    assert leaf(kind) == is_


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://a/b%20c.png?d=e", "b c.png"), ("http://a/", "file"), ("http://a", "file")],
)
def test_a_file_at_an_address(url: str, name: str) -> None:
    meta = {"_type": "gradio.FileData"}
    assert file_at(url) == {"path": url, "url": url, "orig_name": name, "meta": meta}
    assert file_at("https") == Path("https")

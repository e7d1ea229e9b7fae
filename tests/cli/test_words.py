"""Words of the command line as values for parameters, by the parameters' types."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from spacechat.apps.endpoints import Endpoint, Parameter
from spacechat.apps.typed_words import value
from spacechat.cli.words import call_line
from spacechat.errors import InputsError

GALLERY = "list[dict(image: filepath, caption: str | None) | dict(video: filepath)]"
BOX = "dict(text: str, files: list[filepath])"
CHAT = "list[dict(role: str, content: str | dict(file: filepath, alt_text: str | None))]"
JSON = "str | float | bool | list | dict"
URL = "https://example.com/a%20cat.png?size=2"
BY_URL = {
    "path": URL,
    "url": URL,
    "orig_name": "a cat.png",
    "meta": {"_type": "gradio.FileData"},
}


def parameter(type_: str, choices: Sequence[object] = ()) -> Parameter:
    return Parameter("name", "Name", type_, "Component", True, None, choices)


@pytest.mark.parametrize(
    ("type_", "word", "is_"),
    [
        ("str", "5", "5"),
        ("str | None", "null", "null"),
        ("float", "-1.5", -1.5),
        ("bool", "true", True),
        ("bool", "True", True),  # As its signature has it.
        ("Any", "None", None),
        ("float", "five", "five"),
        ("filepath", "a.png", Path("a.png")),
        ("filepath", "5", Path("5")),
        ("filepath", "null", None),
        ("filepath", URL, BY_URL),
        ("filepath | None", "a.png", Path("a.png")),
        ("list[filepath]", "a.png", [Path("a.png")]),
        ("List[filepath]", '["a.png", "b.png"]', [Path("a.png"), Path("b.png")]),
        ("tuple[filepath | None, filepath | None] | None", '["a", null]', [Path("a"), None]),
        ("Dict(video: filepath, subtitles: filepath | None)", "a.mp4", {"video": Path("a.mp4")}),
        (GALLERY, "a.png", [{"image": Path("a.png")}]),
        (GALLERY, '[{"video": "a", "x": 1}]', [{"video": "a", "x": 1}]),
        (GALLERY, '[{"video": "a"}]', [{"video": Path("a")}]),
        (BOX, "Hi", {"text": "Hi"}),
        (BOX, '{"text": "a.png", "files": ["a.png"]}', {"text": "a.png", "files": [Path("a.png")]}),
        (CHAT, '[{"role": "user", "content": "a"}]', [{"role": "user", "content": "a"}]),
        (CHAT, '[{"content": {"file": "a"}}]', [{"content": {"file": Path("a")}}]),
        ("list[str]", "a", ["a"]),
        ("list[float]", "5", [5]),
        (JSON, '{"a": [1]}', {"a": [1]}),
        (JSON, "a.png", "a.png"),
        (JSON, '{"path": "a", "meta": {"_type": "gradio.FileData"}}', Path("a")),
        (JSON, f'{{"path": "{URL}", "meta": {{"_type": "gradio.FileData"}}}}', BY_URL),
        ("", "[1]", [1]),
    ],
)
def test_a_word(type_: str, word: str, is_: object) -> None:
    assert value(word, parameter(type_)) == is_


@pytest.mark.parametrize(
    ("type_", "choices", "word", "is_"),
    [
        ("Literal['1', '2']", ["1", "2"], "1", "1"),
        ("Literal['1', '2']", [1, 2], "1", 1),
        ("Literal['1', '2']", ["1", "2"], "5", "5"),  # Some take others, too.
        ("list[Literal['a', 'b']]", ["a", "b"], "a", ["a"]),
        ("list[Literal['a', 'b']]", ["a", "b"], '["a", "b"]', ["a", "b"]),
    ],
)
def test_a_choice(type_: str, choices: Sequence[object], word: str, is_: object) -> None:
    assert value(word, parameter(type_, choices)) == is_


@pytest.mark.parametrize(
    ("type_", "word", "says"),
    [
        (JSON, '{"a": 1,, "b": 2}', r"broken JSON: .* at character 9, near '.*1,, "),
        (BOX, "{text: Hi}", "double quotes"),
        ("list[float]", "[1, 2", "at character 6"),
        ("float", "{", "broken JSON"),
        ("Any", "[" * 100_000, "can't be read|broken JSON"),
    ],
)
def test_broken_json(type_: str, word: str, says: str) -> None:
    with pytest.raises(InputsError, match=says) as caught:
        value(word, parameter(type_))
    assert len(str(caught.value)) < 300


def test_a_text_that_begins_as_json() -> None:
    assert value("{draft", parameter("str")) == "{draft"
    assert value("[a", parameter("Literal['[a', 'b']", ["[a", "b"])) == "[a"


def test_a_word_for_no_parameter() -> None:
    """The app's error says that there is none."""
    assert value("a", None) == "a"


def test_an_example_of_each() -> None:
    types = ["str", "float", "bool", "filepath", GALLERY, BOX, CHAT, "dict", "list[str]", "Any"]
    taken = [parameter(each) for each in types]
    endpoint = Endpoint(
        "/f", 0, [*taken, parameter("", ["a b"])], (), "", streams=False, queued=True
    )
    words = call_line("owner/name", endpoint, needs_login=True)
    assert words == (
        "spacechat call owner/name /f NAME 1 true FILE FILE NAME '[]' '{}' NAME null 'a b' "
        "--auth USER:PASSWORD"
    )


def test_an_example_that_would_be_an_option() -> None:
    parameters = [parameter("", ["--to=/tmp/own"]), parameter("str")]
    endpoint = Endpoint("/f", 0, parameters, (), "", streams=False, queued=True)
    words = call_line("owner/name", endpoint, needs_login=True)
    assert words == ("spacechat call owner/name /f --auth USER:PASSWORD -- --to=/tmp/own NAME")


@pytest.mark.parametrize(
    "type_",
    [
        "dict(a: " * 120,
        "dict(a: " * 110 + ")" * 110,
        "list[" * 160 + "]" * 160,
        "list[" * 50 + "dict(a: " * 50 + "filepath" + ")" * 50 + "]" * 50,
    ],
)
def test_whatever_a_type_is(type_: str) -> None:
    start = time.process_time()
    for word in ("a.png", '[[{"a": [[]]}]]', "5"):
        value(word, parameter(type_))
    call_line("url", Endpoint("/f", 0, [parameter(type_)], (), "", streams=False, queued=True))
    assert time.process_time() - start < 1

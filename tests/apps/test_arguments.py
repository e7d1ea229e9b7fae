"""The arguments of a call: what is sent for them, and what is refused before any request."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from spacechat import errors, events
from spacechat.apps import parse_config
from spacechat.apps.arguments import Arguments, OpenArguments
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.endpoints import Endpoint, Parameter
from spacechat.apps.info import parse_info
from spacechat.apps.page import Page
from tests.servers.functions import INFO, calculator, parameter
from tests.servers.page import Page as Described

URL = "http://app"
NUMBER = Parameter("first", "First", "float", "Number", required=True)


def inputs(endpoint: str, *args: object, **kwargs: object) -> list[object]:
    """What is sent for the arguments, with a number for each file."""
    app = parse_config(calculator())
    function, said = EndpointReader(app, parse_info(INFO)).find(endpoint)
    arguments = OpenArguments(args, kwargs)
    make = arguments.inputs(Page(app), function, said, URL)
    return make([f"file {index}" for index, _ in enumerate(arguments.files)])


def test_arguments_may_stand_for_those_of_a_call() -> None:
    given = Arguments(1, second=2)
    assert Arguments.of_call([given], {}) is given
    assert given == Arguments(1, second=2)
    assert given != Arguments(1)
    for args, kwargs in (
        ([1], {"x": 2}),
        ([given], {"x": 2}),
        ([given, 1], {}),
        ([], {"x": given}),
    ):
        found = Arguments.of_call(args, kwargs)
        assert (list(found.by_position), found.by_name) == (args, kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs", "sent"),
    [
        ((1,), {}, [1, "add", 100]),
        ((1, "subtract", 2), {}, [1, "subtract", 2]),
        ((), {"num1": 1}, [1, "add", 100]),
        ((1,), {"num2": 3}, [1, "add", 3]),
        ((1,), {"num2": None}, [1, "add", None]),
        ((None,), {"operation": "subtract"}, [None, "subtract", 100]),
    ],
)
def test_arguments(args: tuple[Any, ...], kwargs: dict[str, Any], sent: list[object]) -> None:
    assert inputs("/calc", *args, **kwargs) == sent


@pytest.mark.parametrize(
    ("args", "kwargs", "says"),
    [
        ((), {}, r"needs 'num1' \(First: float\): /calc\(num1: float, operation"),
        ((1, "add", 2, 3), {}, "takes 3 arguments, not 4"),
        ((1,), {"num": 2}, r"no parameter 'num'. Did you mean 'num\d' or 'num\d'\?"),
        ((1,), {"api_name": "/calc"}, r"The function's name or number comes first"),
        ((1,), {"fn_index": 0}, r"The function's name or number comes first"),
        ((1,), {"timeout": 5}, r"Beside the Arguments, timeout= limits the wait\. It"),
        ((1,), {"timout": 5}, r"no parameter 'timout'\. Did you mean 'timeout'\? It takes"),
        ((1,), {"num1": 2}, "'num1' both by position and by name"),
        ((1, "ad"), {}, r"it takes one of 'add', 'subtract'. Did you mean 'add'\?"),
        ((1, "Less"), {}, "one of 'add', 'subtract'"),
        (("1",), {}, "takes a number"),
        ((1, "add", 2000), {}, "a number from 0 to 1000"),
        (({1, 2},), {}, "takes a number"),
    ],
)
def test_what_is_refused(args: tuple[Any, ...], kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(errors.InputsError, match=says):
        inputs("/calc", *args, **kwargs)


def test_one_argument() -> None:
    with pytest.raises(errors.InputsError, match="/one takes 1 argument, not 2: "):
        one = Endpoint("/one", 0, [NUMBER], (), "", streams=False, queued=True)
        OpenArguments((1, 2), {}).bind(one)


def test_states_and_layout_are_filled_in() -> None:
    assert inputs("/count") == [None, "Go"]


def test_files_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"png")
    with path.open("rb") as file:
        gallery = [{"image": path, "caption": "one"}, (b"bytes", "two"), [[file]]]
        assert inputs("/caption", gallery, "a.png") == [
            [{"image": "file 0", "caption": "one"}, ["file 1", "two"], [["file 2"]]],
            "a.png",
        ]
        arguments = OpenArguments((gallery,), {})
    assert [each.name for each in arguments.files if not isinstance(each, str)] == [
        "a.png",
        "file-2",
        "a.png",
    ]
    assert gallery[0] == {"image": path, "caption": "one"}  # It is the caller's.


def test_a_text_stays_a_text() -> None:
    assert inputs("/caption", None, __file__) == [None, __file__]
    assert not OpenArguments(("https://example.com/a.png",), {}).files


@pytest.mark.parametrize(
    ("app", "path", "taken"),
    [
        ("http://app", "file=/x/a%20b.png", "/x/a b.png"),
        ("http://app", "gradio_api/file=/x/file=a.png", "/x/file=a.png"),
        ("http://app", "static/a.png", None),
        ("http://other", "file=/x/a.png", None),
        ("", "file=/x/a.png", None),
    ],
)
def test_a_file_of_an_answer(app: str, path: str, taken: str | None) -> None:
    """An app takes its own by their paths, and fetches those of others."""
    url = f"{app or 'http://other'}/{path}"
    (sent, _) = inputs("/caption", events.File(url, "a.png", "image/png", app), "")
    assert sent == {
        "path": url if taken is None else taken,
        "url": url,
        "orig_name": "a.png",
        "mime_type": "image/png",
        "meta": {"_type": "gradio.FileData"},
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Path("missing.png"), "argument 1: there is no file 'missing.png'"),
        (Path(), r"argument 1: '\.' is a folder"),
        ([{"deep": io.StringIO("text")}], "opened with 'rb'"),
    ],
)
def test_no_file(given: object, says: str) -> None:
    with pytest.raises(errors.InputsError, match=says):
        OpenArguments((given,), {})


def test_bytes_of_any_kind_and_files_in_a_set() -> None:
    assert inputs("/caption", [bytearray(b"a"), memoryview(b"b")], "") == [["file 0", "file 1"], ""]
    (sent, _) = inputs("/caption", {Path(__file__)}, "")
    assert sent == ["file 0"]
    assert [each.content for each in OpenArguments((bytearray(b"a"),), {}).files] == [b"a"]  # type: ignore[union-attr]


class Table:
    """Like a data frame."""

    def to_dict(self) -> dict[str, object]:
        return {}


class Array:
    """Like an array of numpy's."""

    def tolist(self) -> list[object]:
        return []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Table(), r"'x': a Table can't be sent as JSON\. A table is given as \{\"headers\": "),
        ([{"deep": Array()}], r"'x': a Array can't be sent as JSON\. Give its tolist\(\)\."),
        (object(), r"'x': a object can't be sent as JSON\.$"),
    ],
)
def test_what_json_can_not_have(given: object, says: str) -> None:
    with pytest.raises(errors.InputsError, match=says):
        OpenArguments((), {"x": given})


def file_inputs(type_: str, given: object) -> object:
    """What is sent to a function that takes a value of a type."""
    described = Described()
    described.on(described.add("button", "Go"), "click", [described.add("file", "F")], [], "f")
    said = {"parameters": [parameter("file", "F", "File", type_)], "returns": []}
    info = json.dumps({"named_endpoints": {"/f": said}, "unnamed_endpoints": {}}).encode()
    app = parse_config(described.config())
    function, endpoint = EndpointReader(app, parse_info(info)).find("/f")
    make = OpenArguments((given,), {}).inputs(Page(app), function, endpoint, URL)
    return make(["file 0"])[0]


@pytest.mark.parametrize("type_", ["filepath", "filepath | None"])
def test_a_text_is_no_file(type_: str) -> None:
    with pytest.raises(errors.InputsError, match=r"a text is no file: give Path\('a.png'\)"):
        file_inputs(type_, "a.png")
    assert file_inputs(type_, b"png") == "file 0"
    assert file_inputs(type_, "https://example.com/a.png") == "https://example.com/a.png"
    assert file_inputs("str | filepath", "a.png") == "a.png"


def test_one_file_is_no_list_of_files() -> None:
    with pytest.raises(errors.InputsError, match=r"takes a list of files: put the file in \[\]"):
        file_inputs("list[filepath]", b"png")
    assert file_inputs("list[filepath]", [b"png"]) == ["file 0"]


def test_a_file_where_there_should_be_none() -> None:
    with pytest.raises(errors.InputsError, match=r"^a file is no value for "):
        inputs("/caption", [], b"text")


def test_an_argument_that_holds_itself() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(errors.InputsError, match="'x' holds itself"):
        OpenArguments((), {"x": loop})


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_an_argument_of_many_levels(wrap: Any) -> None:
    """As many as an error tells are taken."""
    value: Any = "end"
    for _ in range(100):
        value = wrap(value)
    OpenArguments([value], {})
    with pytest.raises(errors.InputsError, match="or is deeper than 100 lists and dicts"):
        OpenArguments([wrap(value)], {})


@pytest.mark.parametrize("version", ["4.44.1", "5.50.0", "6.31.0"])
def test_a_film(version: str) -> None:
    """It stands beside its subtitles before Gradio 6."""
    described = Described()
    film = described.add("video", "Film")
    described.on(described.add("button", "Go"), "click", [film], [], "f")
    app = parse_config(described.config(version))
    function, said = EndpointReader(app, parse_info(b"")).find("/f")

    def sent(given: object) -> object:
        make = OpenArguments([given], {}).inputs(Page(app), function, said, URL)
        return make(["the file"])[0]

    alone = version.startswith("6")
    assert sent(b"film") == ("the file" if alone else {"video": "the file", "subtitles": None})
    known = {"path": "/tmp/film.mp4"}
    assert sent(known) == (known if alone else {"video": known, "subtitles": None})
    parts = {"video": b"film", "subtitles": None}
    assert sent(parts) == {"video": "the file", "subtitles": None}
    assert sent(None) is None

"""What an app says of its functions to programs: by `/info`, by `/config`, or by one alone."""

from __future__ import annotations

import inspect
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.endpoints import Endpoint
from spacechat.apps.info import Info, parse_info
from tests.servers.functions import CALC, INFO, calculator, parameter
from tests.servers.page import Page


def listed(config: bytes | None = None, info: bytes = INFO) -> dict[str, Endpoint]:
    app = parse_config(calculator() if config is None else config)
    return {each.key: each for each in EndpointReader(app, parse_info(info)).all()}


def one(parameters: list[dict[str, Any]]) -> Endpoint:
    """The endpoint of a function with these parameters."""
    page = Page()
    inputs = [page.add("number", each["label"]) for each in parameters]
    page.on(page.add("button", "Go"), "click", inputs, [], "f")
    said = {"named_endpoints": {"/f": {"parameters": parameters, "returns": []}}}
    return listed(page.config(), json.dumps(said).encode())["/f"]


def test_private_functions_are_none() -> None:
    assert list(listed()) == ["/calc", "/caption", "/count", "/hid", "/now"]
    assert [each.documented for each in listed().values()] == [True, True, True, False, True]


def test_what_is_known_of_an_endpoint() -> None:
    calc = listed()["/calc"]
    assert (calc.name, calc.id, calc.description) == ("/calc", 0, "Calculates.")
    assert (calc.streams, calc.queued) == (False, True)
    assert not listed()["/now"].queued
    assert listed()["/count"].streams
    first, operation, second = calc.parameters
    assert (first.name, first.label, first.required) == ("num1", "First", True)
    assert (operation.default, operation.choices) == ("add", ["add", "subtract"])
    assert (second.type, second.component, second.default) == ("float", "Number", 100)
    assert str(calc) == "/calc(num1: float, operation: str = 'add', num2: float = 100) -> float"


@pytest.mark.parametrize(
    "more",
    [
        {"python_type": {"type": "list[filepath]", "description": None}},
        {"python_type": {"type": None}},
        {"python_type": None},
        {"component": None},
        {"label": None},
    ],
    ids=str,
)
def test_what_is_null(more: dict[str, Any]) -> None:
    """The rest is known: Gradio's own lists of files have no description."""
    first, second = one(
        [{**parameter("first", "First", "File", "str"), **more}, CALC["parameters"][2]]
    ).parameters
    assert (first.name, first.required) == ("first", True)
    assert (second.required, second.default) == (False, 100)


def test_what_a_browser_keeps() -> None:
    """A new browser has the app's first value, which no `/info` tells."""
    page = Page()
    kept = page.add("browserstate", default_value=["first"])
    page.on(page.add("button", "Go"), "click", [kept], [], "f")
    said = parameter("kept", "Kept", "Browserstate", "list")
    info = {"named_endpoints": {"/f": {"parameters": [said], "returns": []}}}
    (found,) = listed(page.config(), json.dumps(info).encode())["/f"].parameters
    assert (found.required, found.default) == (False, ["first"])


@pytest.mark.parametrize(
    "info", [b"", b"[]", b"{" * 10_000, b'{"named_endpoints":{"/calc":{"parameters":7}}}']
)
def test_without_an_info(info: bytes) -> None:
    """The components say what they can."""
    calc = listed(info=info)["/calc"]
    assert str(calc) == (
        "/calc(first: float, operation: Literal['add', 'subtract'] = 'add', second: float = 100) "
        "-> float"
    )
    assert calc.parameters[1].choices == ["add", "subtract"]
    assert calc.description == ""


def test_a_broken_endpoint_breaks_no_other() -> None:
    said = json.loads(INFO)
    said["named_endpoints"]["/caption"] = {"parameters": [{"label": 3}]}
    assert listed(info=json.dumps(said).encode())["/calc"].parameters[0].name == "num1"


@pytest.mark.parametrize(
    ("props", "said", "type_"),
    [
        ({}, "Literal['1', '2']", "Literal[1, 2]"),
        ({}, "Literal['1', '2'] | None", "Literal[1, 2] | None"),
        ({"multiselect": True}, "list[Literal['1', '2']]", "list[Literal[1, 2]]"),
        ({}, "float", "float"),
        ({}, "", "Literal[1, 2]"),
        ({"multiselect": True}, "", "list[Literal[1, 2]]"),
        ({"allow_custom_value": True}, "", "Any"),
        ({"choices": [["One", [1]]]}, "Literal['1']", "Literal['1']"),
        ({"choices": [["x" * 3000, "x" * 3000]]}, "Literal['x']", "Literal['x']"),
    ],
)
def test_a_type_of_choices(props: dict[str, Any], said: str, type_: str) -> None:
    """An `/info` has the texts of the choices, which may be numbers."""
    page = Page()
    taken = page.add("dropdown", "Many", **{"choices": [["One", 1], ["Two", 2]], **props})
    page.on(page.add("button", "Go"), "click", [taken], [], "f")
    parameters = [parameter("many", "Many", "Dropdown", said)]
    info = {"named_endpoints": {"/f": {"parameters": parameters, "returns": []}}} if said else {}
    found = listed(page.config(), json.dumps(info).encode())["/f"]
    assert found.parameters[0].type == type_


def test_states_and_buttons_are_left_out() -> None:
    count = listed()["/count"]
    assert (count.parameters, [each.label for each in count.returns]) == ((), ["Result"])


def test_components_that_do_not_say_whether_they_are_left_out() -> None:
    config = json.loads(calculator())
    for component in config["components"]:
        del component["skip_api"]
    count = listed(json.dumps(config).encode())["/count"]
    assert (count.parameters, len(count.returns)) == ((), 1)


def test_a_signature_that_python_takes() -> None:
    """A required parameter after one with a default is keyword-only, and so are those after it."""
    endpoint = one(
        [
            parameter("a", "A", "Number", "float"),
            parameter("b", "B", "Number", "float", 1),
            parameter("c", "C", "Number", "float"),
            parameter("d", "D", "Number", "float", 2),
        ]
    )
    kinds = [each.kind for each in endpoint.signature.parameters.values()]
    either, by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    assert kinds == [either, either, by_name, by_name]
    assert str(endpoint.signature).startswith("(a: float, b: float = 1, *, c: float, d: float = 2)")


def test_names_that_python_takes() -> None:
    names = ["class", "two words", "two words", "", "äö", "1st"]
    said = [parameter(name, name or "Label!", "Number", "float") for name in names]
    got = [each.name for each in one(said).parameters]
    assert got == ["class_", "two_words", "two_words_1", "label", "äö", "param_5"]


def test_a_function_with_that_signature() -> None:
    def function(*_: object) -> None: ...

    calc = listed()["/calc"]
    dressed = calc.dress(function)
    assert dressed.__name__ == "calc"
    assert repr(dressed).startswith("<function calc of a Gradio app at ")
    assert inspect.signature(dressed) == calc.signature
    doc = inspect.getdoc(dressed) or ""
    assert doc.startswith("Calculates.")
    assert "operation (str): Operation (Radio). One of 'add', 'subtract'. Default: 'add'." in doc


@pytest.mark.parametrize("name", ["/calc", "calc", 0])
def test_a_function_by_name_or_number(name: str | int) -> None:
    app = parse_config(calculator())
    function, endpoint = EndpointReader(app, Info()).find(name)
    assert (function.id, endpoint.key) == (0, "/calc")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "/clac",
            r"no such function. Did you mean '/calc'\? It has: /calc, /caption, /count, /now.$",
        ),
        ("/hidd", r"Did you mean '/hid'\? It has: /calc, /caption, /count, /now.$"),
        ("/own", "keeps this function to its own page"),
        (5, "no such function"),
        (4, "no such function"),
        ("4", "no such function"),
        ("/script", "keeps this function"),
        ("", "no such function"),
    ],
)
def test_no_such_function(name: str | int, says: str) -> None:
    with pytest.raises(errors.InputsError, match=says):
        EndpointReader(parse_config(calculator()), Info()).find(name)


def test_a_function_without_a_name() -> None:
    config = json.loads(calculator())
    config["dependencies"][0]["api_name"] = None
    found = listed(json.dumps(config).encode())
    assert found["0"].name is None
    assert EndpointReader(parse_config(json.dumps(config).encode()), Info()).find("0")[1].id == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(CALC["parameters"][0])), JSON))
def test_whatever_an_info_says(fields: dict[str, Any]) -> None:
    said = {"named_endpoints": {"/calc": {"parameters": [fields] * 3, "returns": [fields]}}}
    calc = listed(info=json.dumps(said).encode())["/calc"]
    assert len(calc.parameters) == 3
    assert str(calc)
    assert calc.doc


def test_what_is_kept_of_an_info_is_bounded() -> None:
    big = {"label": "x" * 10**6, "parameter_name": "y" * 10**6, "parameter_default": ["z" * 10**6]}
    said = {"named_endpoints": {"/calc": {"parameters": [big] * 3, "description": "d" * 10**6}}}
    info = parse_info(json.dumps(said).encode())
    endpoint = info.endpoints["/calc"]
    kept = [
        len(each.label or "") + len(bytes(each.parameter_default)) for each in endpoint.parameters
    ]
    assert sum(kept) < 2 << 20
    assert len(endpoint.description or "") <= 10_000
    assert endpoint.parameters[0].parameter_name is None


def test_many_functions_that_take_much() -> None:
    """What is listed of an app takes no more time than the app is large."""
    page = Page()
    choices = [["x" * 90, index] for index in range(8000)]
    taken = page.add("dropdown", "Much", value="y" * 1_000_000, choices=choices)
    button = page.add("button", "Go")
    for index in range(3000):
        page.on(button, "click", [taken], [], f"f{index}")
    app = parse_config(page.config())
    start = time.process_time()
    found = list(EndpointReader(app, Info()).all())
    length = sum(len(str(each)) + len(each.doc) for each in found)
    assert time.process_time() - start < 5
    assert len(found) == 3000
    assert length < 10_000_000

"""A function's parameters and returned values: what an `/info` says of them, or a component."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.component_reader import LONGEST_TEXT
from spacechat.apps.endpoint_reader import EndpointReader, shown_outputs
from spacechat.apps.endpoints import Endpoint, Parameter, Return
from spacechat.apps.info import EndpointInfo, Info, parse_info
from tests.servers.page import Page


def read(page: Page, said: Any = None, name: str = "/f") -> Endpoint:
    """Return an endpoint, of which an `/info` says something."""
    info = {} if said is None else {"named_endpoints": {name: said}}
    reader = EndpointReader(parse_config(page.config()), parse_info(json.dumps(info).encode()))
    return next(iter(reader.all()))


def takes(kind: str, label: str | None = None, **props: Any) -> Page:
    page = Page()
    page.on(99, "click", [page.add(kind, label, **props)], [], "f")
    return page


def gives(kind: str, label: str | None = None) -> Page:
    page = Page()
    page.on(99, "click", [], [page.add(kind, label)], "f")
    return page


def parameter(page: Page, said: dict[str, Any] | None = None) -> Parameter:
    endpoint = read(page, None if said is None else {"parameters": [said]})
    (only,) = endpoint.parameters
    return replace(only, choices=tuple(only.choices))


@pytest.mark.parametrize(
    ("page", "said", "expected"),
    [
        (takes("textbox"), None, Parameter("param_0", "param_0", "str", "Textbox", True)),
        (takes("textbox"), {}, Parameter("param_0", "param_0", "str", "Textbox", True)),
        (
            takes("number", "How many"),
            None,
            Parameter("how_many", "How many", "float", "Number", True),
        ),
        (
            takes("number", "How many", value=3),
            {},
            Parameter("how_many", "How many", "float", "Number", False, 3),
        ),
        (
            takes("gallery", "Seen", value=[1]),
            {"label": "Said", "parameter_name": "named", "component": "Other"},
            Parameter("named", "Said", "Any", "Other", False, [1]),
        ),
        (
            takes("checkbox", "It", value=True),
            {"parameter_has_default": True, "parameter_default": 5},
            Parameter("it", "It", "bool", "Checkbox", False, 5),
        ),
        (
            takes("checkbox", "It", value=True),
            {"parameter_has_default": False, "parameter_default": 5},
            Parameter("it", "It", "bool", "Checkbox", True),
        ),
        (
            takes("file", "It"),
            {"parameter_has_default": True, "python_type": {"type": "filepath"}},
            Parameter("it", "It", "filepath", "File", False, None),
        ),
        (
            takes("radio", "It", choices=[["A", "a"]]),
            {},
            Parameter("it", "It", "Literal['a']", "Radio", True, None, ("a",)),
        ),
        (
            takes("checkboxgroup", "It", choices=("a",)),
            {},
            Parameter("it", "It", "list[Literal['a']]", "Checkboxgroup", True, None, ("a",)),
        ),
        (
            takes("radio", "It", choices=["a"], allow_custom_value=True),
            {"python_type": {"type": "str"}},
            Parameter("it", "It", "str", "Radio", True, None, ("a",)),
        ),
        (
            takes("radio", "It", choices=[1, 2], allow_custom_value=True),
            {"python_type": {"type": "Literal['1', '2']"}},
            Parameter("it", "It", "Literal[1, 2]", "Radio", True, None, (1, 2)),
        ),
    ],
)
def test_a_parameter(page: Page, said: dict[str, Any] | None, expected: Parameter) -> None:
    assert parameter(page, said) == expected


@pytest.mark.parametrize(
    ("page", "said", "expected"),
    [
        (gives("markdown"), {}, Return("markdown", "str", "Markdown")),
        (gives("plot", "Seen"), {}, Return("Seen", "Any", "Plot")),
        (
            gives("plot", "Seen"),
            {"label": "Said", "python_type": {"type": "dict"}, "component": "Other"},
            Return("Said", "dict", "Other"),
        ),
    ],
)
def test_a_returned_value(page: Page, said: dict[str, Any], expected: Return) -> None:
    assert read(page, {"returns": [said]}).returns == (expected,)


def test_an_info_of_other_parameters_is_ignored() -> None:
    """If it has more or fewer of them, nobody knows which is which."""
    for count in (0, 2):
        said = [{"parameter_name": "other", "label": "Other"}] * count
        assert parameter(takes("textbox", "Mine"), None).name == "mine"
        endpoint = read(takes("textbox", "Mine"), {"parameters": said})
        assert [(each.name, each.label) for each in endpoint.parameters] == [("mine", "Mine")]


def test_names_that_are_there_already() -> None:
    page = Page()
    page.on(99, "click", [page.add("number", label) for label in "AAAa"], [], "f")
    assert [each.name for each in read(page).parameters] == ["a", "a_1", "a_2", "a_3"]


def test_states_are_left_out() -> None:
    """Also of what a call gives back, where an id that no component has still counts."""
    page = Page()
    text, state, button = page.add("textbox"), page.add("state"), page.add("button")
    page.on(button, "click", [state, text, button], [state, text, 99], "f")
    app = parse_config(page.config())
    endpoint = read(page)
    assert [each.component for each in endpoint.parameters] == ["Textbox"]
    assert [each.component for each in endpoint.returns] == ["Textbox"]
    assert shown_outputs(app, app.functions[0]) == [1, 2]


def test_what_an_app_says_of_what_is_left_out() -> None:
    page = Page()
    page.add("textbox"), page.add("state")
    page.components[0]["skip_api"], page.components[1]["skip_api"] = True, False
    page.on(99, "click", [1, 2], [], "f")
    assert [each.component for each in read(page).parameters] == ["State"]


def test_choices_too_many_to_be_named() -> None:
    """A thousand are listed."""
    for count in (1000, 1001):
        found = parameter(takes("radio", choices=list(range(count))))
        assert found.choices == tuple(range(1000))
        assert found.type == "Any"


def test_a_first_value_too_large_to_be_kept() -> None:
    found = parameter(takes("textbox", value="x" * 5_000_000))
    assert (found.required, found.default) == (True, None)


def test_what_many_functions_take() -> None:
    page = Page()
    ids = [page.add("radio", "It", choices=["a"], value="a"), page.add("number", "Count", value=2)]
    for number in range(3):
        page.on(99, "click", ids, [], f"f{number}")
    found = [*EndpointReader(parse_config(page.config()), Info()).all()]
    assert [each.name for each in found] == ["/f0", "/f1", "/f2"]
    for each in found:
        assert [(one.type, one.default) for one in each.parameters] == [
            ("Literal['a']", "a"),
            ("float", 2),
        ]


def functions(*names: tuple[str | None, str]) -> EndpointReader:
    """Return the reader of functions, each with a name and who may call it."""
    page = Page()
    for name, visibility in names:
        page.on(99, "click", [], [], name, api_visibility=visibility)
    return EndpointReader(parse_config(page.config()), Info())


def misses(reader: EndpointReader, name: str | int) -> str:
    with pytest.raises(errors.InputsError) as caught:
        reader.find(name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("listed", "says"),
    [
        ([], "none"),
        ([("a", "public"), (None, "public"), ("b", "undocumented"), ("c", "private")], "/a, 1"),
        ([("a", "undocumented"), (None, "undocumented"), ("c", "private")], "/a, 1"),
        ([(f"f{n}", "public") for n in range(30)], ", ".join(f"/f{n}" for n in range(30))),
        (
            [(f"f{n}", "public") for n in range(31)],
            ", ".join(f"/f{n}" for n in range(30)) + ", ...",
        ),
    ],
)
def test_a_name_that_there_is_not(listed: list[tuple[str | None, str]], says: str) -> None:
    assert misses(functions(*listed), "/x-y") == (
        f"'/x-y': the app has no such function. It has: {says}."
    )


def test_a_long_name_is_cut() -> None:
    assert misses(functions(), "x" * 101).startswith(f"'{'x' * 100}': the app has no such")


def test_a_function_that_the_page_keeps() -> None:
    """Also where another one has the same name."""
    reader = functions(("mine", "private"), ("other", "public"), ("mine", "public"))
    told = "'/mine': the app keeps this function to its own page."
    assert misses(reader, "/mine").startswith(told)
    assert misses(reader, "min").startswith("'min': the app has no such function. Did you mean '/")


@pytest.mark.parametrize(
    ("name", "id_"), [("a", 0), ("/a", 0), (0, 0), (1, 1), ("1", 1), ("/1", 1), ("2", 2), (2, 2)]
)
def test_a_function_by_its_name_or_number(name: str | int, id_: int) -> None:
    """A number in words is that of a function without a name; one may have a number as its name."""
    reader = functions(("a", "public"), (None, "public"), ("2", "public"))
    function, endpoint = reader.find(name)
    assert (function.id, endpoint.id) == (id_, id_)


def test_a_number_in_words_is_not_that_of_a_function_with_a_name() -> None:
    assert "no such function" in misses(functions(("a", "public")), "0")


def test_who_is_listed() -> None:
    reader = functions(("a", "public"), ("b", "undocumented"), ("c", "private"))
    assert [(each.key, each.documented) for each in reader.all()] == [("/a", True), ("/b", False)]


def test_an_info_by_number() -> None:
    """The name goes before it; a function that isn't named there has its number."""
    page = Page()
    page.on(99, "click", [], [], "f")
    page.on(99, "click", [], [], api_name=None)
    said = {
        "named_endpoints": {"/f": {"description": "named"}},
        "unnamed_endpoints": {"0": {"description": "0"}, "1": {"description": "1"}, "/f": {}},
    }
    info = parse_info(json.dumps(said).encode())
    found = EndpointReader(parse_config(page.config()), info).all()
    assert [each.description for each in found] == ["named", "1"]


def said(**fields: Any) -> EndpointInfo:
    """Return what is kept of a function."""
    info = parse_info(json.dumps({"named_endpoints": {"/f": fields}}).encode())
    return info.endpoints["/f"]


def test_the_texts_of_an_info_are_cut() -> None:
    long = dict.fromkeys(("label", "component", "parameter_name"), "x" * 301)
    kept = said(parameters=[long], returns=[long], description="x" * 10_001)
    assert len(kept.description or "") == 10_000
    for each in (*kept.parameters, *kept.returns):
        assert each.label == each.component == "x" * LONGEST_TEXT
        assert each.parameter_name is None
    short = said(parameters=[{"parameter_name": "x" * 300}, {"python_type": {"type": "y" * 1001}}])
    assert short.parameters[0].parameter_name == "x" * LONGEST_TEXT
    assert short.parameters[1].python_words == "y" * 1000
    assert (short.description, short.parameters[0].label) == ("", "")


def test_defaults_for_which_there_is_no_room() -> None:
    """Those before them are kept, and so are the labels of all; components may have the others."""
    value = {"parameter_has_default": True, "parameter_default": "x" * 600_000, "label": "It"}
    types = {"type": {"type": "string"}, "python_type": {"type": "str"}}
    kept = said(parameters=[{**value, **types}] * 2 + [{**types, "parameter_has_default": False}])
    first, second, third = kept.parameters
    assert (first.parameter_has_default, len(bytes(first.parameter_default))) == (True, 600_002)
    assert (bytes(first.type), first.python_words) == (b'{"type": "string"}', "str")
    for each in (second, third):
        assert (bytes(each.parameter_default), bytes(each.type)) == (b"null", b"null")
        assert each.python_words == ""
    assert (second.label, second.parameter_has_default) == ("It", None)
    assert third.parameter_has_default is False


@pytest.mark.parametrize(
    "large",
    [{"type": "x" * 600_000}, {"python_type": {"type": "x" * 120_000}}],
    ids=["schemas", "types"],
)
def test_schemas_and_types_take_room_as_well(large: dict[str, Any]) -> None:
    kept = said(parameters=[large, large, {"parameter_default": 5}])
    assert [bytes(each.parameter_default) for each in kept.parameters] == [b"null"] * 3
    kept = said(parameters=[large, {"parameter_default": 5}])
    assert bytes(kept.parameters[1].parameter_default) == b"5"


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{" * 300_001, b'{"named_endpoints":[]}'],
    ids=["empty", "null", "a list", "braces", "no object"],
)
def test_an_info_that_says_nothing(data: bytes) -> None:
    assert parse_info(data) == Info()


def test_what_is_malformed_hides_no_other() -> None:
    info = parse_info(b'{"named_endpoints":{"/f":{"parameters":5},"/g":5,"/h":{}}}')
    assert list(info.endpoints) == ["/h"]

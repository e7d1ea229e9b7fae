"""Values that a caller sets: which input a name means, and which values it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat.apps import App, parse_config
from spacechat.apps.app import Function
from spacechat.apps.components import Component
from spacechat.apps.info import Info, parse_info
from spacechat.apps.inputs import check_value, describe, find_inputs, parameter_names
from spacechat.errors import InputsError
from tests.servers.page import Page


def taken(*components: tuple[str, str | None, dict[str, Any]]) -> list[Component]:
    """Return components that a function takes."""
    page = Page()
    ids = [page.add(kind, label, **props) for kind, label, props in components]
    page.on(page.add("button"), "click", ids, [])
    return parse_config(page.config()).named(ids)


def one(kind: str, **props: Any) -> Component:
    return taken((kind, "It", props))[0]


CHOICES = {"choices": [["One", 1], ["Two", "two"], ["List", [3]]]}
VALUES: list[tuple[str, dict[str, Any], list[object], list[object], str]] = [
    ("number", {}, [1, -1.5], [True, "1", None], "a number"),
    ("slider", {"minimum": 0, "maximum": 2}, [0, 1.5, 2], [-1, 2.1], "a number from 0 to 2"),
    ("number", {"minimum": 0}, [0, 9], [-1], "a number from 0"),
    ("number", {"maximum": 0}, [0, -9], [1], "a number to 0"),
    ("checkbox", {}, [True, False], [1, 0, None, "True"], "True or False"),
    ("dropdown", CHOICES, [1, "two", [3]], ["One", 2, [1]], "one of 1, 'two', [3]"),
    ("radio", CHOICES, [1], ["One"], "one of 1, 'two', [3]"),
    (
        "checkboxgroup",
        CHOICES,
        [[], [1], [1, "two"], 1],
        [["One"], [1, 2], 2],
        "some of 1, 'two', [3]",
    ),
    (
        "dropdown",
        {**CHOICES, "multiselect": True},
        [[], [1, [3]], "two"],
        [[3], [[1]]],
        "some of 1, 'two', [3]",
    ),
    (
        "dropdown",
        {**CHOICES, "allow_custom_value": True},
        [1, "other", {}],
        [],
        "one of 1, 'two', [3]",
    ),
    ("dropdown", {}, [1, "any"], [], "what a dropdown holds"),
    ("textbox", {}, ["a" * 999, 1, 1.5], [None, []], "a text"),
    ("code", {}, ["a"], [{}], "a text"),
    ("textarea", {"max_length": 3}, ["abc", "", 12345], ["abcd"], "a text of up to 3 characters"),
    ("file", {}, [None, "x", {}], [], "what a file holds"),
]


@pytest.mark.parametrize(("kind", "props", "right", "wrong", "takes"), VALUES)
def test_what_an_input_takes(
    kind: str, props: dict[str, Any], right: list[object], wrong: list[object], takes: str
) -> None:
    component = one(kind, **props)
    assert describe(component) == takes
    for value in right:
        check_value(component, value)
    for value in wrong:
        with pytest.raises(InputsError) as caught:
            check_value(component, value)
        told = f"{value!r} is no value for {kind} 'It' (1): it takes {takes}."
        assert str(caught.value) == told


def test_the_nearest_choice_is_named() -> None:
    for value in ("twoo", [1, "twoo"]):
        with pytest.raises(InputsError, match=r"\[3\]\. Did you mean 'two'\?$"):
            check_value(one("checkboxgroup", **CHOICES), value)


@pytest.mark.parametrize(("count", "rest"), [(12, ""), (13, ", ...")])
def test_many_choices(count: int, rest: str) -> None:
    choices = list(range(count))
    shown = ", ".join(map(str, range(12)))
    assert describe(one("radio", choices=choices)) == f"one of {shown}{rest}"


THREE = [
    ("textbox", "First", {"elem_id": "a-box"}),
    ("number", None, {"elem_id": "a-number"}),
    ("checkbox", None, {}),
]


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("First", 1),
        (" first ", 1),
        ("A-BOX", 1),
        ("1", 1),
        ("message", 1),
        ("a-number", 2),
        ("2", 2),
        ("3", 3),
    ],
)
def test_the_names_of_an_input(name: str, id_: int) -> None:
    value: object = {1: "text", 2: 5, 3: True}[id_]
    assert find_inputs(taken(*THREE), {name: value}, {1: "message"}) == {id_: value}


def test_of_equal_names_the_first_is_meant() -> None:
    two = taken(("textbox", "Same", {}), ("textbox", "same", {}))
    assert find_inputs(two, {"SAME": "x", "2": "y"}, {}) == {1: "x", 2: "y"}


def test_a_name_that_there_is_not() -> None:
    """Each is listed by its best name, with what it takes."""
    with pytest.raises(InputsError) as caught:
        find_inputs(taken(*THREE), {"Fist": 1}, {3: "really"})
    assert str(caught.value) == (
        "The app has no input 'Fist'. Did you mean 'First'? It has: 'First' (a text); "
        "'a-number' (a number); 'really' (True or False)."
    )
    with pytest.raises(InputsError, match=r"^The app has no input 'x'\. It has none\.$"):
        find_inputs([], {"x": 1}, {})


@pytest.mark.parametrize(("count", "rest"), [(30, ""), (31, "; and 1 more")])
def test_many_inputs(count: int, rest: str) -> None:
    many = taken(*[("checkbox", f"Box {n}", {}) for n in range(count)])
    with pytest.raises(InputsError) as caught:
        find_inputs(many, {"None of them": 1}, {})
    shown = "; ".join(f"'Box {n}' (True or False)" for n in range(30))
    assert str(caught.value).endswith(f"It has: {shown}{rest}.")


def app_with(*functions: list[int]) -> tuple[App, list[Function]]:
    page = Page()
    page.add("textbox"), page.add("state"), page.add("number"), page.add("button")
    for number, inputs in enumerate(functions):
        page.on(4, "click", inputs, [], f"f{number}")
    app = parse_config(page.config())
    return app, list(app.functions.values())


def info_of(*names: list[str | None] | None) -> Info:
    said: dict[str, Any] = {
        f"/f{number}": {"parameters": [{"parameter_name": each} for each in listed]}
        for number, listed in enumerate(names)
        if listed is not None
    }
    return parse_info(json.dumps({"named_endpoints": said}).encode())


@pytest.mark.parametrize(
    ("functions", "said", "names"),
    [
        ([[1, 2, 3]], [["text", "count"]], {1: "text", 3: "count"}),
        ([[1], [1]], [["text"], ["other"]], {1: "text"}),
        ([[1], [3]], [None, ["count"]], {3: "count"}),
        ([[1, 3]], [[None, "count"]], {3: "count"}),
        ([[1, 3]], [["text"]], {1: "text"}),
    ],
)
def test_the_parameters_of_an_info(
    functions: list[list[int]], said: list[Any], names: dict[int, str]
) -> None:
    """States are none of them."""
    app, _ = app_with(*functions)
    assert parameter_names(app, info_of(*said)) == names

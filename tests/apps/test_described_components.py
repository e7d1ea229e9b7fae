"""What is kept of a component that an app describes, and what that makes of it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from spacechat.apps import parse_config
from spacechat.apps.components import Component
from spacechat.errors import ProtocolError
from tests.servers.page import Page

LARGE = ["x" * 5000]
"""A property that makes a description of a component a large one."""


def component(
    kind: str, label: str | None = None, *, is_taken: bool = True, event: str = "click", **more: Any
) -> Component:
    """Return a component that a function takes, or only fills."""
    page = Page()
    id_ = page.add(kind, label, **more)
    page.on(id_, event, [id_] if is_taken else [], [id_])
    return parse_config(page.config()).components[id_]


@pytest.mark.parametrize("rest", [{}, {"other": LARGE}], ids=["small", "large"])
def test_what_is_declared(rest: dict[str, Any]) -> None:
    """However large a description is; what is of another type counts as not declared."""
    read = component(
        "dropdown",
        "Label",
        placeholder="Placeholder",
        info="Info",
        elem_id="id",
        value=["a", 1],
        choices=[["A", "a"], ["B", 1], ["c"], "de", ["e", "f", "g"]],
        interactive=False,
        lines=3,
        minimum=1.5,
        **rest,
    )
    assert list(read.texts) == ["Label", "Placeholder", "Info", "id"]
    assert read.value == ["a", 1]
    assert read.choices == ["a", 1, ["c"], "de", ["e", "f", "g"]]
    assert (read.props.is_fixed, read.props.lines, read.props.minimum) == (True, 3, 1.5)
    assert (read.shown, read.properties) == (True, {})
    assert str(read) == "dropdown 'Label' (1)"


def test_what_is_of_another_type() -> None:
    read = component("dropdown", "Label", value="a", lines="many", choices={}, info=[5])
    assert (read.label, read.value, read.props.lines, read.choices) == ("Label", "a", None, [])
    assert list(read.texts) == ["Label"]


def test_long_texts_are_cut() -> None:
    names = ("placeholder", "info", "elem_id")
    for length in (300, 301, 5000):
        props: dict[str, Any] = dict.fromkeys(names, "x" * length)
        read = component("textbox", "x" * length, **props)
        kept = [] if length > 4096 else ["x" * 300] * 4
        assert list(read.texts) == kept
    read = component("y" * 301)
    assert read.type == "y" * 300


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, ""), ("", ""), ("Sky", "Sky"), ("__i18n__{}", ""), ("a __i18n__", "a __i18n__")],
)
def test_a_text_in_the_visitors_language(text: str | None, words: str) -> None:
    read = component("textbox", text, placeholder=text)
    assert (read.label, read.placeholder) == (words, words)
    assert str(read) == (f"textbox {words!r} (1)" if words else "textbox (1)")


@pytest.mark.parametrize(
    ("kind", "props", "label"),
    [
        ("button", {"value": "Send"}, "Send"),
        ("button", {"value": ["Send"]}, ""),
        ("antdbutton", {"value": "Send"}, "Send"),
        ("textbox", {"value": "Send"}, ""),
        ("antddrawer", {"open": False, "title": "More"}, "More"),
        ("antddrawer", {"open": True, "title": "More"}, "More"),
        ("antddrawer", {"title": "More"}, ""),
        ("antddrawer", {"open": True, "title": "More", "label": "Mine"}, "Mine"),
    ],
)
def test_what_a_person_reads_on_it(kind: str, props: dict[str, Any], label: str) -> None:
    page = Page()
    id_ = page.add(kind)
    page.components[0]["props"] = props
    page.on(id_, "click", [id_], [id_])
    assert parse_config(page.config()).components[id_].label == label


def test_a_buttons_own_label_counts() -> None:
    page = Page()
    page.components.append(
        {"id": 1, "type": "button", "props": {"value": "Value", "label": "Label"}}
    )
    page.on(1, "click", [1], [])
    assert parse_config(page.config()).components[1].label == "Label"


@pytest.mark.parametrize(
    ("value", "has_text"),
    [
        (None, False),
        ("", False),
        ([], False),
        ({}, False),
        ("x", True),
        ("xy", True),
        ([0], True),
        (True, True),
        (False, True),
        (0, True),
    ],
)
@pytest.mark.parametrize("is_taken", [True, False])
def test_what_is_there_before_any_question(value: object, has_text: bool, is_taken: bool) -> None:
    assert component("markdown", is_taken=is_taken, value=value).has_text is has_text


@pytest.mark.parametrize(
    ("kind", "is_taken", "is_kept"),
    [
        ("markdown", True, True),
        ("markdown", False, False),
        ("chatbot", False, True),
        ("timer", False, True),
        ("number", False, False),
    ],
)
def test_which_values_are_kept(kind: str, is_taken: bool, is_kept: bool) -> None:
    """Those that a function takes, of chats and of timers."""
    read = component(kind, is_taken=is_taken, value=[7], choices=["a"])
    assert (read.value, read.choices) == (([7], ["a"]) if is_kept else (None, []))


@pytest.mark.parametrize(
    ("kind", "props", "value"),
    [
        ("antdxbubblelist", {"items": [1]}, [1]),
        ("chatbot", {"items": [1], "value": [2]}, [2]),
        ("textbox", {"items": [1]}, None),
        ("browserstate", {"default_value": [1], "value": [2]}, [1]),
        ("textbox", {"default_value": [1], "value": [2]}, [2]),
    ],
)
@pytest.mark.parametrize("rest", [{}, {"other": LARGE}], ids=["small", "large"])
def test_where_a_first_value_stands(
    kind: str, props: dict[str, Any], value: object, rest: dict[str, Any]
) -> None:
    page = Page()
    page.components.append({"id": 1, "type": kind, "props": {**props, **rest}})
    page.on(1, "change", [1], [1])
    read = parse_config(page.config()).components[1]
    assert read.value == value
    # What is undecoded would keep the whole description in memory.
    assert bytes(read.props.items) == bytes(read.props.default_value) == b"null"


MIB = 1 << 20


def sized(*sizes: int, name: str = "value") -> list[Component]:
    """Return components whose values, or choices, have so many bytes."""
    page = Page()
    ids: list[int] = []
    for size in sizes:
        empty = json.dumps("" if name == "value" else [""])
        text = "x" * (size - len(empty))
        props: dict[str, Any] = {name: text if name == "value" else [text]}
        ids.append(page.add("dropdown", **props))
    page.on(99, "click", ids, [])
    return parse_config(page.config()).named(ids)


@pytest.mark.parametrize(
    ("sizes", "left_out"),
    [
        ([4 * MIB], [0]),
        ([4 * MIB + 1], [4 * MIB + 1]),
        ([2 * MIB, 2 * MIB, 3], [0, 0, 3]),
        ([3 * MIB, 2 * MIB, MIB], [0, 2 * MIB, 0]),
    ],
)
def test_values_are_kept_while_there_is_room(sizes: list[int], left_out: list[int]) -> None:
    """One that is too large says so, where it is wanted."""
    for read, size in zip(sized(*sizes), left_out, strict=True):
        assert read.left_out == size
        if size:
            with pytest.raises(ProtocolError, match=rf"^dropdown \(\d\) holds {size} bytes when "):
                _ = read.value
        else:
            assert set(read.value) == {"x"}


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ([MIB], [1]),
        ([MIB + 1], [0]),
        ([MIB // 2, MIB // 2, 6], [1, 1, 0]),
        ([MIB - 100, MIB, 100], [1, 0, 1]),
        ([MIB - 100, MIB, 101], [1, 0, 0]),
    ],
)
def test_choices_are_kept_while_there_is_room(sizes: list[int], kept: list[int]) -> None:
    assert [len(read.choices) for read in sized(*sizes, name="choices")] == kept


def whole(*sizes: int, more: int | None = None) -> list[Component]:
    """Return components of which a function takes all properties, and one taken as usual."""
    page = Page()
    ids: list[int] = []
    for size in sizes:
        ids.append(page.add("textbox", visible=True))
        used = len(json.dumps({**page.components[-1]["props"], "text": ""}))
        page.components[-1]["props"]["text"] = "x" * (size - used)
    if more is not None:
        ids.append(page.add("textbox", value="x" * (more - 2)))
    page.on(99, "click", ids, [], component_prop_inputs=list(range(len(sizes))))
    return parse_config(page.config()).named(ids)


def test_all_properties() -> None:
    """They take room as values do."""
    (read,) = whole(4 * MIB)
    assert set(read.properties) == {"label", "visible", "text"}
    assert [bool(read.properties) for read in whole(4 * MIB + 1)] == [False]
    assert [bool(read.properties) for read in whole(3 * MIB, 2 * MIB, MIB)] == [True, False, True]
    *_, plain = whole(4 * MIB - 100, more=100)
    assert (plain.properties, plain.left_out) == ({}, 0)
    *_, plain = whole(4 * MIB - 100, more=101)
    assert plain.left_out == 101


@pytest.mark.parametrize(
    ("kind", "said", "is_left_out"),
    [
        ("state", None, True),
        ("dataset", None, True),
        ("button", None, True),
        ("tabitem", None, True),
        ("textbox", None, False),
        ("state", False, False),
        ("tabitem", False, False),
        ("textbox", True, True),
    ],
)
def test_what_programs_neither_give_nor_get(
    kind: str, said: bool | None, is_left_out: bool
) -> None:
    page = Page()
    id_ = page.add(kind)
    page.components[0]["skip_api"] = said
    page.on(id_, "click", [id_], [])
    assert parse_config(page.config()).components[id_].is_left_out is is_left_out


@pytest.mark.parametrize(
    ("props", "is_fixed", "takes", "could"),
    [
        ({}, False, True, True),
        ({"interactive": True, "disabled": False, "read_only": False}, False, True, True),
        ({"interactive": False}, True, False, True),
        ({"disabled": True}, True, False, True),
        ({"interactive": False, "disabled": True}, True, False, True),
        ({"read_only": True}, False, False, False),
        ({"type": "password"}, False, False, False),
        ({"type": "email", "interactive": False}, True, False, False),
    ],
)
def test_what_a_person_can_type_into(
    props: dict[str, Any], is_fixed: bool, takes: bool, could: bool
) -> None:
    read = component("textbox", **props)
    found = (read.props.is_fixed, read.takes_text, read.could_take_text)
    assert found == (is_fixed, takes, could)


@pytest.mark.parametrize(
    ("visible", "shown"),
    [(True, True), (None, True), ("visible", True), (False, False), ("hidden", False)],
)
def test_what_is_shown(visible: object, shown: bool) -> None:
    assert component("textbox", visible=visible).shown is shown


TRAITS = {
    "chatbot": {"is_chatbot", "may_hold_chat"},
    "state": {"is_state"},
    "timer": {"is_timer", "may_hold_chat"},
    "textbox": {"takes_text", "could_take_text", "gives_text"},
    "multimodaltextbox": {"takes_text", "could_take_text", "takes_files"},
    "file": {"picks_files"},
    "markdown": {"gives_text"},
    "json": {"gives_text", "may_hold_chat"},
}


@pytest.mark.parametrize("kind", TRAITS)
def test_what_a_kind_makes_of_it(kind: str) -> None:
    read = component(kind)
    names = {name for traits in TRAITS.values() for name in traits}
    assert {name for name in names if getattr(read, name)} == TRAITS[kind]


@pytest.mark.parametrize(
    ("kind", "props", "several"),
    [
        ("file", {}, False),
        ("file", {"file_count": "single"}, False),
        ("file", {"file_count": "multiple"}, True),
    ],
)
def test_how_many_files(kind: str, props: dict[str, Any], several: bool) -> None:
    assert component(kind, **props).holds_several_files is several


def test_several_files_by_a_schema() -> None:
    page = Page()
    id_ = page.add("ownfiles")
    path = {"type": "object", "properties": {"path": {"type": "string"}}}
    page.components[0]["api_info"] = {"type": "array", "items": path}
    page.on(id_, "click", [id_], [])
    assert parse_config(page.config()).components[id_].holds_several_files


def test_what_is_kept_does_not_hold_the_description() -> None:
    """It may have fifteen megabytes, of which a few values are wanted."""
    page = Page()
    box = page.add("textbox", "Message", value="Hello")
    choice = page.add("dropdown", value="a", choices=[["A", "a"], ["B", "b"]])
    page.on(box, "submit", [box, choice], [box])
    config = page.config()
    before = sys.getrefcount(config)
    app = parse_config(config)
    assert (app.components[box].value, app.components[choice].choices) == ("Hello", ["a", "b"])
    assert sys.getrefcount(config) == before

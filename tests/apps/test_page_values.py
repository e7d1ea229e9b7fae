"""The values of a page's components: at first, as functions change them, and as they are sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import App, parse_config
from spacechat.apps.components import Component
from spacechat.apps.page import Page, Session, chat_value, current_page
from spacechat.apps.schemas import Form
from spacechat.messages import Conversation
from spacechat.protocol import Budget, Outputs
from tests.servers.page import Page as Description

OLD, NEW = "5.50.0", "6.1.0"


def update(**properties: object) -> dict[str, object]:
    return {"__type__": "update", **properties}


def opened(description: Description, version: str = OLD) -> Page:
    return Page(parse_config(description.config(version)))


def with_one(kind: str, version: str = OLD, **props: Any) -> tuple[Page, int]:
    """Return the page of an app whose function takes and fills a component, and its id."""
    description = Description()
    id_ = description.add(kind, **props)
    description.on(id_, "change", [id_], [id_])
    return opened(description, version), id_


def fill(page: Page, *values: object, states: frozenset[int] | None = None) -> list[int]:
    """Show what the first function returned; return what that changed."""
    outputs = Outputs(values)
    outputs.changed_states = None if states is None else list(states)
    return list(page.take(page.app.functions[0], outputs, Budget()))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("textbox", ""),
        ("code", ""),
        ("html", ""),
        ("markdown", ""),
        ("number", 0),
        ("slider", 0),
        ("checkbox", False),
        ("checkboxgroup", []),
        ("chatbot", []),
        ("multimodaltextbox", {"text": "", "files": []}),
        ("dropdown", None),
        ("state", None),
    ],
)
def test_what_is_there_without_a_value(kind: str, value: object) -> None:
    page, id_ = with_one(kind)
    assert repr(page.value(id_)) == repr(value)
    assert page.inputs(page.app.functions[0]) == [value]


def test_declared_values() -> None:
    page, id_ = with_one("textbox", value="Hi")
    assert page.value(id_) == "Hi"
    page, id_ = with_one("checkbox", value=False)
    assert page.value(id_) is False
    page, id_ = with_one("state", value=5)
    assert page.value(id_) is None
    assert page.value(99) is None


@pytest.mark.parametrize(
    ("kind", "version", "props", "value"),
    [
        ("markdown", NEW, {}, None),
        ("textbox", NEW, {}, ""),
        ("textbox", OLD, {"visible": False}, None),
        ("textbox", "5.45.0", {"visible": False}, ""),
        ("textbox", "5.46.0", {"visible": False}, None),
        ("textbox", OLD, {"visible": "hidden"}, ""),
    ],
)
def test_which_parts_a_page_makes(
    kind: str, version: str, props: dict[str, Any], value: object
) -> None:
    """From 5.46 on, a page leaves out what is not visible."""
    page, id_ = with_one(kind, version, **props)
    assert page.value(id_) == value


@pytest.mark.parametrize(
    ("kind", "version", "props", "value"),
    [
        ("textbox", OLD, {}, ""),
        ("textbox", NEW, {}, ""),
        ("textbox", OLD, {"visible": False}, None),
        ("multimodaltextbox", OLD, {}, None),
        ("multimodaltextbox", NEW, {}, {"text": "", "files": []}),
        ("number", OLD, {}, None),
        ("chatbot", NEW, {}, None),
    ],
)
def test_a_function_that_returns_none(
    kind: str, version: str, props: dict[str, Any], value: object
) -> None:
    page, id_ = with_one(kind, version, value="a", **props)
    fill(page, None)
    assert page.value(id_) == value


@pytest.mark.parametrize(("version", "value"), [("6.0.0", ""), ("6.1.0", None)])
def test_what_is_in_a_closed_accordion(version: str, value: str | None) -> None:
    """From 6.1 on, a page makes what is in an accordion when it is opened."""
    description = Description()
    description.open("accordion", "More", open=False)
    box = description.add("textbox", "Name")
    description.close()
    description.on(box, "change", [box], [])
    page = opened(description, version)
    assert page.value(box) == value
    page.reach(page.app.components[box])
    assert page.value(box) == ""
    assert page.copy().value(box) == ""
    opened_before = page.opened
    page.reach(page.app.components[box])
    assert page.opened is opened_before


def test_values_that_are_sent() -> None:
    description = Description()
    box, other = description.add("textbox", value=["a"]), description.add("textbox", info="b")
    state = description.add("state", value=1)
    description.on(box, "submit", [box, other, box, state], [], component_prop_inputs=[1, 3, 4, -1])
    page = opened(description)
    first, whole, again, kept = page.inputs(page.app.functions[0])
    assert first == ["a"]
    assert again is first
    assert whole["value"] == ""
    assert whole["info"] == "b"
    assert kept is None


def test_a_whole_component_that_there_is_not() -> None:
    description = Description()
    box = description.add("textbox")
    description.on(box, "submit", [box, 99], [], component_prop_inputs=[1])
    page = opened(description)
    assert page.inputs(page.app.functions[0]) == ["", None]


def test_a_value_that_is_too_large_to_be_kept() -> None:
    page, _ = with_one("textbox", value="a" * (5 << 20))
    with pytest.raises(errors.ProtocolError, match="holds 5242882 bytes"):
        page.inputs(page.app.functions[0])
    assert fill(page, "b") == [1]
    assert page.inputs(page.app.functions[0]) == ["b"]


def test_what_a_function_changes() -> None:
    page, id_ = with_one("textbox", value="a")
    assert fill(page, "a") == []
    assert page.filled == {id_}
    assert fill(page, "b") == [id_]
    assert fill(page, "b") == []
    assert fill(page, update(value="c")) == [id_]
    assert page.value(id_) == "c"
    assert fill(page, update(label="d")) == []
    assert page.value(id_) == "c"


def test_an_output_that_is_left_as_it_is() -> None:
    page, id_ = with_one("textbox", value="a")
    assert fill(page, update(visible=True)) == []
    assert page.filled == set()
    page, id_ = with_one("dropdown", value="a")
    assert fill(page, update(choices=["b"])) == []
    assert page.value(id_) == "a"
    assert fill(page, update(choices=["b"], value="b")) == [id_]
    assert page.value(id_) == "b"
    assert fill(page) == []


def test_states() -> None:
    page, id_ = with_one("state")
    assert fill(page, 5) == [id_]
    assert page.value(id_) is None
    assert fill(page, 5, states=frozenset()) == []
    assert fill(page, 5, states=frozenset({id_})) == [id_]
    assert page.held == 0


def test_an_output_that_is_no_component() -> None:
    description = Description()
    box = description.add("textbox")
    description.on(box, "submit", [box], [77, box])
    page = opened(description)
    assert fill(page, "a", "b") == [77, box]
    assert fill(page, "a", "c") == [box]
    assert fill(page, None, "c") == [77]
    assert page.value(77) is None


@pytest.mark.parametrize("kind", ["html", "chatbot"])
def test_what_shows_an_answer_may_say_it_in_other_properties(kind: str) -> None:
    page, id_ = with_one(kind, value="a")
    assert fill(page, update(content="b")) == [id_]
    assert page.value(id_) == "b"
    assert fill(page, update(visible=True)) == []
    page, id_ = with_one("dropdown", value="a")
    assert fill(page, update(content="b")) == []


def test_memory_that_values_take() -> None:
    page, _ = with_one("textbox")
    fill(page, "a" * 1000)
    once = page.held
    assert 1000 <= once < 5000
    fill(page, "b" * 1000)
    assert page.held == once
    kept = page.copy()
    fill(kept, "")
    assert page.held == once > kept.held
    fill(page, "c" * 1000)
    assert page.held == once


def test_a_page_takes_no_more_memory_than_it_may() -> None:
    page, _ = with_one("textbox")
    page.held = 1 << 40
    with pytest.raises(errors.ProtocolError):
        fill(page, "a")
    page, _ = with_one("textbox")
    page.held = 1 << 40
    with pytest.raises(errors.ProtocolError):
        page.change(page.app.functions[0], Outputs(["a"]), Budget())


def test_the_parts_that_functions_make_take_memory() -> None:
    description = Description()
    part = description.open("column")
    makes = description.on(99, "load", [], [part])
    page = opened(description)
    made = {"layout": {"id": part}, "components": [], "dependencies": [], "css": "a" * 1000}
    outputs = Outputs([None], json.dumps(made).encode())
    page.change(page.app.functions[makes], outputs, Budget())
    assert page.held >= 1000


def test_a_copy_is_a_page_of_its_own() -> None:
    page, id_ = with_one("timer")
    fill(page, update(active=True))
    copy = page.copy()
    assert copy.filled == set()
    assert copy.session is page.session
    fill(copy, update(active=False, value=2))
    assert page.running == {id_}
    assert copy.running == set()
    assert page.value(id_) is None
    assert copy.value(id_) == 2


def test_timers() -> None:
    page, id_ = with_one("timer", value=1)
    assert fill(page, update(active=True)) == [id_]
    assert fill(page, update(active=True)) == []  # It runs already.
    assert fill(page, update(value=3)) == []
    assert page.running == {id_}
    assert fill(page, update(active=False)) == []
    assert page.running == set()
    assert fill(page, update(active=False)) == []
    assert fill(page, update(active=1)) == []
    assert fill(page, 5) == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(1, 1), (0.2, 0.2), (60, 60), (0.1, 0.2), (61, 0.2), (-1, 0.2), ("5", 0.2), (None, 0.2)],
)
def test_intervals(value: object, seconds: float) -> None:
    page, id_ = with_one("timer", value=value)
    assert page.interval(id_) == seconds


def test_no_timer_at_all() -> None:
    page, _ = with_one("textbox", value=5)
    assert page.interval(None) == 0.2


def test_changed_properties() -> None:
    page, id_ = with_one("textbox", label="Name")
    before = page.app
    page.change(page.app.functions[0], Outputs([update(value="a")]), Budget())
    page.change(page.app.functions[0], Outputs([update()]), Budget())
    page.change(page.app.functions[0], Outputs(["a"]), Budget())
    page.change(page.app.functions[0], Outputs([{"label": "Age", "info": "b"}]), Budget())
    assert page.app is before
    assert page.held == 0
    page.change(page.app.functions[0], Outputs([update(label="Age")]), Budget())
    assert page.app.components[id_].label == "Age"
    assert before.components[id_].label == "Name"
    assert page.held > 0
    held = page.held
    page.change(page.app.functions[0], Outputs([update(label="Town", value="b")]), Budget())
    assert page.app.components[id_].label == "Town"
    assert page.held > held
    page.change(page.app.functions[0], Outputs(), Budget())


def test_files_of_rich_pairs() -> None:
    """A page shows an empty list where a message has no files."""
    page, id_ = with_one("pro", value=None)
    page.app.components[id_].form = Form.RICH_PAIRS
    bare, full = {"text": "a", "files": None}, {"text": "b", "files": ["c"]}
    fill(page, [[bare, [bare, full]], [None, "d"]])
    shown = {"text": "a", "files": []}
    assert page.value(id_) == [[shown, [shown, full]], [None, "d"]]
    fill(page, [[[[bare]]], {"files": None}, {"text": "a"}])
    assert page.value(id_) == [[[[bare]]], {"files": []}, {"text": "a"}]
    page.app.components[id_].form = Form.PAIRS
    assert page.value(id_) == [[[[bare]]], {"files": None}, {"text": "a"}]


def test_whether_a_page_is_current() -> None:
    page, _ = with_one("textbox")
    assert page.is_current
    page.session.turns = 1
    assert not page.is_current
    page.turns = 1
    assert page.is_current
    page.session.end()
    assert not page.is_current
    assert not Page(page.app, Session(turns=1)).is_current
    assert Page(page.app).session.hash != Page(page.app).session.hash


def test_the_page_of_a_conversation() -> None:
    page, _ = with_one("textbox")
    conversation = Conversation(session_hash="a")
    assert current_page(None) is None
    assert current_page(conversation) is None
    conversation.page = page
    assert current_page(conversation) is page
    page.session.end()
    assert current_page(conversation) is None


def chatbot(version: str, **props: Any) -> tuple[App, Component]:
    page, id_ = with_one("chatbot", version, **props)
    return page.app, page.app.components[id_]


def test_what_a_chatbot_shows() -> None:
    asked: Any = {"role": "user", "content": "a"}
    app, component = chatbot(OLD)
    assert chat_value(app, component, [asked]) == [["a", None]]
    app, component = chatbot(OLD, type="messages")
    assert chat_value(app, component, [asked]) == [{**asked, "metadata": {}}]
    parts = {**asked, "content": [{"type": "text", "text": "a"}], "metadata": {}}
    app, component = chatbot(NEW)
    assert chat_value(app, component, [asked]) == [parts]
    component.form = Form.MESSAGES
    assert chat_value(app, component, [asked]) == [asked]
    component.form = Form.PAIRS
    assert chat_value(app, component, [asked]) == [["a", None]]
    component.form = Form.RICH_PAIRS
    assert chat_value(app, component, [asked]) == [[{"text": "a", "files": []}, None]]

"""What functions change of a page: properties of components, and whole parts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat.apps import App, parse_config
from spacechat.apps.app import (
    SET_BY_FUNCTION,
    SET_BY_PERSON,
    followers_in,
    listeners_in,
    version_numbers,
)
from spacechat.apps.description import Description
from spacechat.apps.layout import places
from spacechat.apps.updates import changed, rendered
from tests.servers.page import Page


def app(page: Page, version: str = "5.50.0") -> App:
    return parse_config(page.config(version))


def two_boxes() -> App:
    page = Page()
    page.open("row")
    for label in ("One", "Two"):
        page.add("dropdown", label, value="a", choices=["a", "b"], lines=3)
    page.on(1, "click", [2, 3], [1])
    return app(page)


def test_properties_of_a_component() -> None:
    """Of a wrong type, or none of those that are known, they count as not set."""
    before = two_boxes()
    after = changed(
        before,
        {
            2: {
                "label": "x" * 301,
                "choices": ["c"],
                "lines": "many",
                "value": "c",
                "interactive": False,
                "unknown": 5,
            },
            99: {"label": "x"},
        },
    )
    read, other = after.components[2], after.components[3]
    assert read.label == "x" * 300
    assert (read.choices, read.value, read.props.lines) == (["c"], "a", 3)
    assert read.props.is_fixed
    assert (other.label, other.choices) == ("Two", ["a", "b"])
    assert before.components[2].label == "One"
    assert after.functions is before.functions


def test_what_becomes_visible() -> None:
    before = two_boxes()
    hidden = changed(before, {1: {"visible": False}})
    assert [each.shown for each in hidden.named([2, 3])] == [False, False]
    assert [each.shown for each in before.named([2, 3])] == [True, True]
    shown = changed(hidden, {1: {"visible": True}})
    assert [each.shown for each in shown.named([2, 3])] == [True, True]


def with_a_part() -> App:
    """Return an app with a group, in which a function makes a part, and a box beside it."""
    page = Page()
    page.open("row")
    page.open("group", "Part")
    page.close()
    page.add("textbox", "Beside")
    page.on(3, "change", [3], [2])
    return app(page)


def part(*boxes: int, function: int = 10) -> bytes:
    """Return a part that was made within the group."""
    components = [
        {"id": 2, "type": "group", "props": {"label": "Made"}},
        *({"id": each, "type": "textbox", "props": {"label": f"Box {each}"}} for each in boxes),
    ]
    functions = [
        {"id": function, "targets": [[boxes[0], "change"]], "inputs": [*boxes], "outputs": [3]},
        {"id": function + 1, "inputs": [], "outputs": [], "trigger_after": function},
    ]
    layout = {"id": 2, "children": [{"id": each} for each in boxes]}
    return json.dumps(
        {
            "version": "5.50.0",
            "components": components,
            "dependencies": functions,
            "layout": layout,
        }
    ).encode()


def ids(app: App) -> list[int | None]:
    return [each.id for each in places(app.layout)]


def test_a_part_that_a_function_makes() -> None:
    before = with_a_part()
    after = rendered(before, part(20, 21))
    assert ids(after) == [0, 1, 2, 20, 21, 3]
    assert set(after.components) == {1, 2, 3, 20, 21}
    assert after.components[20].around is after.components[2]
    assert after.components[2].label == "Made"
    assert {id_: each.part for id_, each in after.functions.items()} == {0: None, 10: 2, 11: 2}
    assert [each.id for each in after.followers[10]] == [11]
    assert [each.id for each in after.listening(20, "change")] == [10]
    assert (ids(before), set(before.components)) == ([0, 1, 2, 3], {1, 2, 3})


def test_what_was_made_before_is_gone() -> None:
    first = rendered(with_a_part(), part(20, 21))
    second = rendered(first, part(30, function=12))
    assert ids(second) == [0, 1, 2, 30, 3]
    assert set(second.components) == {1, 2, 3, 30}
    assert set(second.functions) == {0, 12, 13}
    assert list(second.listening(20, "change")) == []


def test_a_part_that_does_not_describe_its_place() -> None:
    """That stays as it is."""
    said = json.loads(part(20))
    del said["components"][0]
    after = rendered(with_a_part(), json.dumps(said).encode())
    assert (after.components[2].label, ids(after)) == ("Part", [0, 1, 2, 20, 3])


def test_a_part_that_has_no_place() -> None:
    said = json.loads(part(20))
    said["layout"]["id"] = 77
    after = rendered(with_a_part(), json.dumps(said).encode())
    assert ids(after) == [0, 1, 2, 3]
    assert {1, 2, 3, 20} <= set(after.components)
    assert after.functions[10].part == 77


def test_a_part_that_is_the_whole_page() -> None:
    said = json.loads(part(20))
    said["layout"]["id"] = 0
    assert ids(rendered(with_a_part(), json.dumps(said).encode())) == [0, 20]


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("5.50.0", (5, 50)),
        ("6.0.0.dev1", (6, 0)),
        ("4", (4, 0)),
        ("", (0, 0)),
        ("x.1", (0, 1)),
        ("5.x", (5, 0)),
        ("1" * 8, (11111111, 0)),
        ("1" * 9, (0, 0)),
        ("٣.1", (0, 1)),
        ("²", (0, 0)),
        ("-1", (0, 0)),
    ],
)
def test_the_numbers_of_a_version(version: str, numbers: tuple[int, int]) -> None:
    assert version_numbers(version) == numbers


@pytest.mark.parametrize(
    ("version", "major", "is_since"),
    [
        ("5.50.0", 5, True),
        ("5.45.9", 5, False),
        ("6.0", 6, True),
        ("5.46", 5, True),
        ("", 0, False),
    ],
)
def test_whether_an_app_runs_on_a_version(version: str, major: int, is_since: bool) -> None:
    read = app(Page(), version)
    assert (read.major, read.is_since(5, 46)) == (major, is_since)


def events() -> App:
    page = Page()
    page.add("textbox"), page.add("textbox"), page.add("textbox")
    first = page.on(1, "change", [1], [2])
    page.then(first, [2], [3])
    page.on(2, "change", [2], [1, 3])
    page.on(2, "select", [2], [], collects_event_data=True)
    page.on(2, "select", [2], [])
    page.on(3, "input", [3], [], collects_event_data=True)
    page.on(3, "tick", [3], [])
    page.on(3, "click", [3], [])
    page.functions.append({"id": 8, "targets": [[None, "change"]], "inputs": [1]})
    page.functions.append({"id": 9, "targets": [[3, "input"], [3, "tick"]], "inputs": [3]})
    return app(page)


def test_who_listens() -> None:
    """What takes what a selection says is not called, since nobody knows that."""
    read = events()
    found = {key: [each.id for each in listed] for key, listed in read.listeners.items()}
    assert found == {
        (1, "change"): [0],
        (2, "change"): [2],
        (2, "select"): [4],
        (3, "input"): [5, 9],
        (3, "tick"): [6, 9],
    }
    assert listeners_in(read.functions) == read.listeners
    assert [each.id for each in read.listening(3, *SET_BY_PERSON)] == [5, 9]
    assert [each.id for each in read.listening(3, *SET_BY_FUNCTION)] == [6, 9]
    assert [each.id for each in read.listening(3, "input", "tick")] == [5, 9, 6]


def test_what_follows() -> None:
    """Each once: those chained after it, then those that listen to what it fills."""
    read = events()
    assert {key: [each.id for each in listed] for key, listed in read.followers.items()} == {0: [1]}
    assert followers_in(read.functions) == read.followers
    assert [each.id for each in read.following([read.functions[0]])] == [0, 1, 2, 6, 9]
    assert [each.id for each in read.following([])] == []
    twice = [read.functions[id_] for id_ in (5, 5, 1)]
    assert [each.id for each in read.following(twice)] == [5, 1, 6, 9]


def test_no_chain_is_a_circle() -> None:
    """A function that is said to follow itself, or a later one, follows none."""
    page = Page()
    page.add("textbox")
    itself, earlier, later = [page.on(1, "change", [1], []) for _ in range(3)]
    for function, after in ((itself, itself), (earlier, later), (later, earlier)):
        page.functions[function]["trigger_after"] = after
    followers = parse_config(page.config()).followers
    assert {key: [each.id for each in listed] for key, listed in followers.items()} == {
        earlier: [later]
    }


def test_what_is_called_directly() -> None:
    page = Page()
    page.add("textbox")
    first = page.on(1, "change", [1], [])
    page.then(first, [1], [])
    page.on(1, "input", [1], [], backend_fn=False)
    page.on(1, "input", [1], [], queue=False)
    read = app(page)
    assert [each.id for each in read.endpoints()] == [0, 3]
    assert [read.is_queued(each) for each in read.endpoints()] == [True, False]
    assert [str(each) for each in read.functions.values()] == [f"function {n}" for n in range(4)]


@pytest.mark.parametrize("page", ["", "two", None])
def test_components_of_other_pages(page: str | None) -> None:
    """Seen from one page, those of another are none; else, only the first one is open."""
    made = Page()
    made.add("textbox"), made.add("textbox"), made.add("textbox", visible=False)
    made.on(1, "change", [1, 2, 3], [])
    said = {
        **json.loads(made.config()),
        "pages": [["", "One"], ["two", "Two"]],
        "page": {"": {"components": [1]}, "two": {"components": [2, 3]}},
    }
    read = parse_config(json.dumps(said).encode(), page)
    here, there = (2, 1) if page == "two" else (1, 2)
    assert (read.components[here].shown, read.components[here].is_open) == (True, True)
    assert (read.components[there].shown, read.components[there].is_open) == (page is None, False)
    assert read.components[there].closed_by is None
    assert not read.components[3].shown


def test_ids_that_there_are_not() -> None:
    read = events()
    assert read.component(None) is None
    assert read.component(99) is None
    assert [each.id for each in read.named([3, 99, 1, 3])] == [3, 1, 3]


STRING, LIST = {"type": "string"}, {"type": "array"}


def served(name: str | None, *parameters: dict[str, Any], returns: int = 1) -> App:
    """Return an app with endpoints only, one of which its `/info` describes."""
    page = Page()
    ids = [page.add("api") for _ in range(len(parameters) + returns)]
    functions = [
        {"id": 0, "inputs": [], "outputs": [], "api_name": "other"},
        {
            "id": 1,
            "inputs": ids[: len(parameters)],
            "outputs": ids[len(parameters) :],
            "api_name": name,
        },
    ]
    page.functions[:] = functions
    config = json.dumps({**json.loads(page.config()), "mode": "server"}).encode()
    said = {"parameters": [*parameters], "returns": [{"type": STRING}] * returns}
    key = "unnamed_endpoints" if name is None else "named_endpoints"
    info = json.dumps({key: {"1" if name is None else f"/{name}": said}}).encode()
    return Description("http://app", None, config, info).app()


def named(name: str, type_: Any = STRING, **more: Any) -> dict[str, Any]:
    return {"parameter_name": name, "type": type_, **more}


@pytest.mark.parametrize(
    ("name", "parameters", "box"),
    [
        ("chat", [named("message")], 1),
        ("chat", [named("name"), named("message")], 2),
        ("chat", [named("message", {"type": "number"})], None),
        ("chat", [named("folder")], None),
        ("delete", [named("message")], None),
        ("generate", [named("message")], None),
        ("generate", [named("message"), named("history", LIST)], 1),
        ("generate", [named("message"), named("history")], None),
        ("generate", [named("message"), named("names", LIST)], None),
        ("delete", [named("message"), named("history", LIST)], None),
        (None, [named("message"), named("history", LIST)], None),
    ],
)
def test_which_endpoints_are_chats(
    name: str | None, parameters: list[dict[str, Any]], box: int | None
) -> None:
    read = served(name, *parameters)
    assert list(read.functions[1].targets) == ([] if box is None else [(box, "submit")])
    assert list(read.functions[0].targets) == []


@pytest.mark.parametrize(
    ("parameter", "kind", "value"),
    [
        (named("a"), "textbox", None),
        (named("a", {"type": "number"}), "number", None),
        (named("a", {"type": "boolean"}, parameter_default=True), "checkbox", True),
        (named("a", {"type": "object"}), "json", None),
        (named("a", None), "json", None),
        (named("history"), "textbox", None),
        (named("history", LIST), "history", []),
        (named("messages", LIST, parameter_default=None), "history", []),
        (named("history", LIST, parameter_default=[1]), "history", [1]),
        (named("history", {**LIST, "items": {"type": "object"}}), "history", []),
        (named("history", {**LIST, "items": LIST}), "pairs", []),
        (named("a", LIST), "json", None),
        (named("a", STRING, parameter_default="x"), "textbox", "x"),
    ],
)
def test_what_a_parameter_would_be_on_a_page(
    parameter: dict[str, Any], kind: str, value: object
) -> None:
    read = served("chat", parameter).components[1]
    assert (read.type, read.kin, read.value) == (kind, kind, value)
    assert read.label == parameter["parameter_name"]


def test_an_info_of_another_length() -> None:
    """What has no words stays as it is."""
    read = served("chat", named("message"), returns=2)
    assert [each.type for each in read.components.values()] == ["textbox"] * 3
    assert read.components[2].label == ""

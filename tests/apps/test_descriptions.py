"""What an app's `/config` says, and what is too much or too old."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat.apps import App, parse_config
from spacechat.apps.app import Function
from spacechat.apps.config import check_page, parse_identity
from spacechat.errors import ProtocolError


def read(at: str | None = None, /, **config: Any) -> App:
    return parse_config(json.dumps({"version": "5.50.0", **config}).encode(), at)


def function(**declared: Any) -> Function:
    return read(dependencies=[{"id": 7, **declared}], components=[]).functions[7]


def test_an_app_that_says_nothing() -> None:
    app = read(components=[], dependencies=[])
    assert app.queued
    assert not app.heartbeat
    assert not app.has_sign_in
    assert not app.has_own_pages
    assert app.protocol == "sse"
    assert app.api_prefix == ""
    assert app.identity == ""
    assert app.components == {}


def test_an_app_that_says_all() -> None:
    app = read(
        components=[{"id": 1, "type": "html", "props": {"value": "/login/huggingface"}}],
        dependencies=[],
        protocol="sse_v3",
        api_prefix="/gradio_api/",
        app_id=123,
        enable_queue=False,
        connect_heartbeat=True,
        mode="server",
    )
    assert not app.queued
    assert app.heartbeat
    assert app.has_sign_in
    assert app.has_own_pages
    assert (app.protocol, app.api_prefix, app.identity) == ("sse_v3", "/gradio_api", "123")
    assert read(components=[], dependencies=[], enable_queue=None).queued
    assert parse_identity(b'{"app_id": "a"}') == '"a"'


def test_a_function_that_says_nothing() -> None:
    plain = function()
    assert (plain.id, plain.api_name, plain.queue, plain.after) == (7, None, None, None)
    assert (plain.inputs, plain.outputs, plain.targets) == ([], [], [])
    assert not plain.streams
    assert not plain.takes_event
    assert not plain.only_on_success
    assert not plain.only_on_failure
    assert plain.on_server
    assert read(dependencies=[{}, {}], components=[]).functions.keys() == {0, 1}


def test_a_function_that_says_all() -> None:
    whole = function(
        targets=[[1, "click"], [1, "click"], [None, "load"], ["2", "a"], [3], [4, 5], "ab", 6],
        inputs=[1, 2],
        outputs=[3],
        queue=False,
        api_name="ask",
        trigger_after=5,
        trigger_only_on_success=True,
        trigger_only_on_failure=True,
        backend_fn=False,
        types={"generator": True},
        js="() => 1",
        collects_event_data=True,
        component_prop_inputs=[-1, 0, 1, 2],
    )
    assert whole.targets == [(1, "click"), (None, "load"), (None, "a"), (None, "")]
    assert (whole.inputs, whole.outputs, whole.queue) == ([1, 2], [3], False)
    assert (whole.api_name, whole.after) == ("ask", 5)
    assert whole.only_on_success
    assert whole.only_on_failure
    assert not whole.on_server
    assert whole.streams
    assert whole.takes_event
    assert whole.script == "() => 1"
    assert whole.takes_whole == [0, 1]


def test_a_function_that_is_called_for_ever_is_called_by_nothing() -> None:
    assert function(targets=[[1, "click"]], types={"continuous": True}).targets == []
    assert function(targets=[[1, "click"]], types={"continuous": False}).targets == [(1, "click")]


@pytest.mark.parametrize(
    ("declared", "visibility"),
    [
        ({}, "public"),
        ({"api_name": False}, "private"),
        ({"api_name": False, "api_visibility": "public"}, "public"),
        ({"api_visibility": "private"}, "private"),
        ({"api_visibility": "undocumented"}, "undocumented"),
        ({"show_api": False}, "undocumented"),
        ({"show_api": None}, "public"),
        ({"show_api": False, "api_visibility": "public"}, "public"),
        ({"backend_fn": False}, "private"),
    ],
)
def test_who_may_call_a_function(declared: dict[str, Any], visibility: str) -> None:
    assert function(**declared).visibility == visibility


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ({"api_name": "false"}, "false"),
        ({"api_name": "false", "api_visibility": "private"}, None),
        ({"api_name": "false_2", "api_visibility": "private"}, None),
        ({"api_name": "falsely", "api_visibility": "private"}, "falsely"),
        ({"api_name": "ask", "api_visibility": "private"}, "ask"),
        ({"api_name": True}, None),
    ],
)
def test_names_of_functions(declared: dict[str, Any], name: str | None) -> None:
    assert function(**declared).api_name == name


@pytest.mark.parametrize(("js", "script"), [(None, ""), (False, ""), ("a", "a"), (True, "?")])
def test_scripts(js: object, script: str) -> None:
    assert function(js=js).script == script


def test_scripts_that_are_too_long_together() -> None:
    functions = [{"js": "a" * 4000}] * 66
    made = read(dependencies=[*functions, {"js": "b"}], components=[]).functions
    assert "".join(each.script[0] for each in made.values()) == "a" * 65 + "??"


@pytest.mark.parametrize("version", ["1.0", "2.9.4", "3.50.2"])
def test_an_old_gradio(version: str) -> None:
    with pytest.raises(ProtocolError, match=f"runs on Gradio {version}; spacechat wants 4 or"):
        read(version=version)
    with pytest.raises(ProtocolError, match=f"runs on Gradio {version};"):
        check_page(f'<script>window.gradio_config = {{"version": "{version}"'.encode())


def test_other_versions() -> None:
    assert read(version="4.0.0", components=[], dependencies=[]).major == 4
    assert read(version="dev", components=[], dependencies=[]).version == "dev"
    check_page(b'window.gradio_config = {"version": "4.0.0"')
    check_page(b"<html>")


@pytest.mark.parametrize(
    "prefix",
    ["gradio", "//host", "/a/../b", "/..", "/a?b", "/a#b", "http://host/", "/a b", "/\u00e4"],
)
def test_a_prefix_that_leads_elsewhere(prefix: str) -> None:
    with pytest.raises(ProtocolError, match="for api_prefix, which is no path"):
        read(components=[], dependencies=[], api_prefix=prefix)


def components(count: int) -> list[dict[str, Any]]:
    return [{"id": number, "type": "textbox", "props": {}} for number in range(count)]


def test_which_components_are_kept() -> None:
    app = read(
        components=[*components(6), {"id": 6, "type": "tabitem"}],
        dependencies=[{"inputs": [0], "outputs": [1], "targets": [[2, "click"]]}],
        layout={"id": 9, "children": [{"id": 3, "children": [{"id": 4}]}, {"id": 5}]},
    )
    assert sorted(app.components) == [0, 1, 2, 3, 6]


def test_a_function_that_makes_parts_of_the_page() -> None:
    layout = {"id": 9, "children": [{"id": 0, "children": []}, {"id": 1}, {"id": 2}]}

    def renders(outputs: list[int]) -> App:
        return read(components=components(4), dependencies=[{"outputs": outputs}], layout=layout)

    made = renders([0])
    assert made.functions[0].renders
    assert sorted(made.components) == [0, 1, 2]  # What is made may use any.
    for outputs in ([1], [0, 1], [1, 0], []):
        other = renders(outputs)
        assert not other.functions[0].renders
        assert sorted(other.components) == sorted(outputs)


def test_one_page_of_several() -> None:
    config: dict[str, Any] = {
        "components": components(3),
        "dependencies": [{"inputs": [0]}, {"inputs": [1]}, {"inputs": [2]}],
        "pages": [["", "Home"], ["other", "Other"]],
        "page": {
            "": {"components": [0], "dependencies": [0]},
            "other": {"components": [1, 2], "dependencies": [1, 2]},
        },
    }
    home, other = read("", **config), read("other", **config)
    assert home.elsewhere == {1, 2}
    assert other.elsewhere == {0}
    assert read(**config).elsewhere == {1, 2}
    assert [each.page for each in home.functions.values()] == ["", "other", "other"]
    with pytest.raises(ProtocolError, match="no page 'third'"):
        read("third", **config)
    alone = {**config, "pages": [["", "Home"]]}
    assert read(**alone).elsewhere == set()
    assert [each.page for each in read(**alone).functions.values()] == ["", "", ""]


@pytest.mark.parametrize("of", ["inputs", "outputs", "targets", "component_prop_inputs"])
def test_a_function_of_too_many_components(of: str) -> None:
    entry: Any = [0, "click"] if of == "targets" else 0
    assert read(dependencies=[{of: [entry] * 4096}], components=[]).functions
    with pytest.raises(ProtocolError, match="function 0 takes, fills or is called by more than"):
        read(dependencies=[{of: [entry] * 4097}], components=[])


@pytest.mark.parametrize(
    "config",
    [
        {"components": [], "dependencies": [{"inputs": [0] * 4000}] * 25},
        {"components": [], "dependencies": [{}] * 10_001},
        {
            "components": components(20_001),
            "dependencies": [
                {"inputs": list(range(at, at + 4000))} for at in range(0, 20_001, 4000)
            ],
        },
        {"components": [], "dependencies": [], "layout": {"children": [{}] * 100_000}},
    ],
)
def test_an_app_of_too_many_parts(config: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="more than 100000 parts"):
        read(**config)


def test_pages_of_too_many_parts() -> None:
    pages = [["", "Home"], ["other", "Other"]]
    config: dict[str, Any] = {"components": [], "dependencies": [], "pages": pages}
    ids = list(range(60_000))
    assert read(**config, page={"": {"components": ids}, "other": {}})
    with pytest.raises(ProtocolError, match="more than 100000 parts"):
        read(**config, page={"": {"components": ids}, "other": {"dependencies": ids}})


@pytest.mark.parametrize("field", ["components", "dependencies"])
def test_lists_that_hold_too_much_are_not_decoded(field: str) -> None:
    """What a page has no use for counts too: decoding it would take as long."""
    unused: dict[str, Any] = {"unused": [{}] * 300_001}
    config: dict[str, Any] = {"components": [], "dependencies": [], field: [unused]}
    with pytest.raises(ProtocolError, match="more than 300000 objects or numbers"):
        read(**config)


def test_functions_that_hold_too_many_numbers() -> None:
    with pytest.raises(ProtocolError, match="more than 300000 objects or numbers"):
        read(components=[], dependencies=[{"unused": [0] * 300_002}])


def test_no_app_at_all() -> None:
    for data in (b"", b"[]", b"{}", b'{"components": 5, "dependencies": []}'):
        with pytest.raises(ProtocolError, match="not a Gradio app's"):
            parse_config(data)

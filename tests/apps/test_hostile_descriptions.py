"""Descriptions of apps that are made to be costly, or to be anything: bounded, and typed errors."""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest

import spacechat
from spacechat import errors
from spacechat.apps import App, Page, find_way, inspect, parse_config
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.info import Info, parse_info
from spacechat.apps.inputs import describe, find_inputs, parameter_names
from tests.apps.hostile import (
    HOSTILE,
    ONE,
    TWO,
    box,
    config,
    long_chain,
    many,
    raw,
    shared_chain,
)
from tests.servers import Part, Received, ReplayServer, page, response


def look(data: bytes) -> App | None:
    try:
        app = parse_config(data)
    except errors.ProtocolError:
        return None
    try:
        find_way(app)
        str(inspect("http://app", app, {}))
        for endpoint in EndpointReader(app, Info()).all():
            str(endpoint)
    except errors.SpaceChatError:
        pass
    return app


@pytest.mark.parametrize("case", HOSTILE)
def test_no_description_costs_much(case: str) -> None:
    """The limits are generous, since others work on the same machine; these took many seconds."""
    data = HOSTILE[case]()
    costs: list[float] = []
    for _ in range(3):
        began = time.process_time()
        look(data)
        costs.append(time.process_time() - began)
        if costs[-1] < 0.5:
            break
    assert min(costs) < 0.5
    tracemalloc.start()
    app = look(data)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 6e6, app
    assert peak - len(data) < 30e6


LEGITIMATE = ["choices", "values", "examples", "a label"]


@pytest.mark.parametrize("case", LEGITIMATE)
def test_a_large_description_is_understood(case: str) -> None:
    data = HOSTILE[case]()
    assert len(data) > 14_000_000
    app = parse_config(data)
    chat = find_way(app)
    assert (chat.message.id, chat.answer.id) == (1, 2)
    if case == "choices":  # Too many to be kept, so the server has to say whether it is one.
        assert find_inputs(chat.inputs, {"3": "b"}, {}) == {3: "b"}


def test_the_work_grows_as_the_description_does() -> None:
    def cost(data: bytes) -> float:
        costs: list[float] = []
        for _ in range(7):
            began = time.process_time()
            find_way(parse_config(data)).chain()
            costs.append(time.process_time() - began)
        return min(costs)

    short, long = cost(long_chain(400)), cost(long_chain(1600))
    assert long < 10 * short  # Sixteen times as long, and more, where it is not linear.


@pytest.mark.parametrize("part", ["inputs", "outputs", "targets"])
def test_a_function_has_bounded_parts(part: str) -> None:
    values: list[Any] = [[1, "click"]] if part == "targets" else [1]
    assert parse_config(config([box(1)], [{part: values * 4096}])).functions
    with pytest.raises(errors.ProtocolError, match="too large to be understood: its function 0"):
        parse_config(config([box(1)], [{part: values * 4097}]))


def test_too_many_ways() -> None:
    with pytest.raises(errors.ProtocolError, match="too large to be understood"):
        find_way(parse_config(shared_chain(2000)))


def test_a_value_that_is_taken_often_is_there_once() -> None:
    value = ["x" * 1000] * 1000
    app = parse_config(
        config(
            [box(1), box(2), {"id": 3, "type": "json", "props": {"value": value}}],
            [{"targets": [[1, "submit"]], "inputs": [1, *[3] * 4000], "outputs": [2]}],
        )
    )
    sent = Page(app).inputs(app.functions[0])
    assert len(sent) == 4001
    assert all(each is sent[1] for each in sent[1:])
    assert sent[1] == value
    assert len(find_way(app).inputs) == 1


def test_a_value_too_large_to_be_kept() -> None:
    app = parse_config(
        config(
            [box(1), box(2), {"id": 3, "type": "code", "props": {"value": "x" * 5_000_000}}],
            [{"targets": [[1, "submit"]], "inputs": [1, 3], "outputs": [2]}],
        )
    )
    chat = find_way(app)
    assert "5000002 bytes" in str(inspect("http://app", app, {}))
    page = Page(app)
    with pytest.raises(errors.ProtocolError, match="holds 5000002 bytes when the app's page"):
        page.inputs(chat.first[0])
    page.values[3] = "less"
    assert page.inputs(chat.first[0]) == ["", "less"]


DEEP = b"[" * 100_000 + b"]" * 100_000
DEEPEST = b'{"children":[' * 300 + b"]}" * 300


@pytest.mark.parametrize(
    "data",
    [
        raw(TWO, ONE, b'{"children":[' * 100_000 + b"]}" * 100_000),
        raw(TWO + b',{"id":3,"props":{"value":%s}}' % DEEP, ONE),
        raw(TWO + b',{"id":3,"props":%s}' % DEEP, ONE),
        raw(TWO, b'{"targets":%s}' % DEEP),
        DEEP,
    ],
)
def test_a_deep_description(data: bytes) -> None:
    with pytest.raises(errors.ProtocolError, match="not a Gradio app's"):
        parse_config(data)


def test_a_deep_layout() -> None:
    assert find_way(parse_config(raw(TWO, ONE, DEEPEST))).message.id == 1


PROPS: list[tuple[str, Any]] = [
    ("file_count", {"a": 1}),
    ("choices", [[], {}, [{}, {}], None]),
    ("choices", {"a": "b"}),
    ("minimum", "low"),
    ("minimum", 10**400),
    ("maximum", []),
    ("max_length", 1.5),
    ("max_length", -(10**30)),
    ("label", {"__type__": "translation"}),
    ("label", 5),
    ("visible", []),
    ("visible", None),
    ("interactive", "yes"),
    ("type", ["password"]),
    ("elem_id", 7),
    ("selected", {}),
    ("value", {"__type__": "update"}),
    ("open", "no"),
]


@pytest.mark.parametrize(("name", "value"), PROPS)
@pytest.mark.parametrize("kind", ["textbox", "dropdown", "slider", "checkbox", "tabs", "chatbot"])
def test_a_property_of_another_type(kind: str, name: str, value: Any) -> None:
    other = {"id": 3, "type": kind, "props": {name: value, "info": "Other"}}
    functions = [{"targets": [[1, "submit"]], "inputs": [1, 3], "outputs": [2]}]
    layout = {"id": 0, "children": [{"id": 3, "children": [{"id": 1}, {"id": 2}]}]}
    app = parse_config(config([box(1, label="Ask"), box(2), other], functions, layout=layout))
    assert find_way(app, endpoint=0).message.id == 1
    describe(app.components[3])
    str(inspect("http://app", app, {}, endpoint=0))
    values: list[Any] = ["a", 1, True, [1], [{}], ([],), {"a": []}]
    for each in values:
        with contextlib.suppress(errors.InputsError):
            find_inputs([app.components[3]], {"3": each}, {})


def test_ids_that_do_not_exist() -> None:
    functions = [
        {
            "targets": [[99, "click"], [None, "x"], [-1, "submit"]],
            "inputs": [7, -1],
            "outputs": [8],
        },
        {"id": 5, "inputs": [1, 77], "outputs": [2], "targets": [[1, "submit"]]},
        {"id": 6, "trigger_after": 6, "inputs": [1], "outputs": [2]},
        {"id": 7, "trigger_after": 8},
        {"id": 8, "trigger_after": 7},
        {"id": 9, "trigger_after": 1234},
        {"id": 5, "inputs": [1, 77], "outputs": [2, -5], "targets": [[1, "submit"]]},
    ]
    app = parse_config(config([box(1), box(1, label="Ask"), box(2)], functions))
    chat = find_way(app)
    assert chat.message.label == "Ask"
    assert Page(app).inputs(chat.first[0]) == ["", None]
    str(inspect("http://app", app, {}))
    info = {
        "named_endpoints": {},
        "unnamed_endpoints": {"5": {"parameters": [{"parameter_name": "q"}]}},
    }
    assert parameter_names(app, parse_info(json.dumps(info).encode())) == {1: "q"}


MALFORMED_TARGETS = [None, 7, "submit", [], [1], [1, "submit", 2], [1, 2], [1, None], {"id": 1}]


@pytest.mark.parametrize("target", MALFORMED_TARGETS, ids=str)
def test_a_malformed_target_is_no_event(target: Any) -> None:
    """It makes nothing of the app's other events, and its function is still there by name."""
    it = page.Page()
    box, chat = it.add("textbox"), it.add("chatbot")
    asks = it.on(box, "submit", [box], [chat], "asks")
    other = it.on(box, "submit", [box], [chat], "other")
    it.functions[other]["targets"] = [target]
    app = parse_config(it.config())
    assert list(app.functions[asks].targets) == [(box, "submit")]
    assert list(app.functions[other].targets) == [(None, "")]
    way = find_way(app)
    assert [each.id for each in way.closure] == [asks]
    assert [each.id for each in find_way(app, endpoint="/other").closure] == [other]


@pytest.mark.parametrize("used", [None, "1", 1.5, True, [1]], ids=str)
def test_an_event_of_no_component(used: Any) -> None:
    it = page.Page()
    box, chat = it.add("textbox"), it.add("chatbot")
    function = it.on(box, "submit", [box], [chat])
    it.functions[function]["targets"] = [[used, "submit"]]
    app = parse_config(it.config())
    assert list(app.functions[function].targets) == [(None, "submit")]
    with pytest.raises(errors.ChatNotFoundError):
        find_way(app)


def test_large_parameters() -> None:
    app = parse_config(raw(TWO, ONE))
    endpoint = b'{"unnamed_endpoints":{"0":{"parameters":[%s]}}}'
    assert parameter_names(app, parse_info(endpoint % b'{"parameter_name":"q"}')) == {1: "q"}
    assert parameter_names(app, parse_info(endpoint % many(b'{"parameter_name":"q"}', 15))) == {}
    assert (
        parameter_names(app, parse_info(endpoint % (b'{"parameter_name":"%s"}' % (b"q" * 10**6))))
        == {}
    )


def test_many_choices_are_checked_at_once() -> None:
    choices = [str(each) for each in range(50_000)]
    other = {"id": 3, "type": "checkboxgroup", "props": {"choices": choices}}
    app = parse_config(config([box(1), other], [{"inputs": [1, 3]}]))
    began = time.process_time()
    find_inputs([app.components[3]], {"3": choices}, {})
    assert time.process_time() - began < 2
    with pytest.raises(errors.InputsError):
        find_inputs([app.components[3]], {"3": [*choices, "x"]}, {})


OLD = config(
    [box(1, label="Question"), {"id": 2, "type": "chatbot", "props": {}}],
    [{"targets": [1], "trigger": "submit", "inputs": [1], "outputs": [2], "status_tracker": None}],
    version="3.50.2",
    enable_queue=True,
)


@pytest.mark.parametrize("version", ["3.50.2", "3.0", "2.9.4", "1.0"])
def test_an_old_gradio(version: str) -> None:
    with pytest.raises(errors.ProtocolError) as caught:
        parse_config(OLD.replace(b"3.50.2", version.encode()))
    assert f"Gradio {version}; spacechat wants 4 or later" in str(caught.value)


@pytest.mark.anyio
async def test_an_old_gradio_is_told_everywhere() -> None:
    with ReplayServer(lambda _: [response(OLD)]) as server:
        async with spacechat.AsyncClient() as client:
            with pytest.raises(errors.ProtocolError, match="wants 4 or later"):
                await client.ask("Hi", model=server.url)
            with pytest.raises(errors.ProtocolError, match="wants 4 or later"):
                await client.inspect(server.url)
            health = await client.check(server.url)
    assert health.state == "changed"
    assert "Gradio 3.50.2; spacechat wants 4 or later" in health.detail


PAGE = b'<!doctype html><script>window.gradio_config = {"version":"VERSION","mode":1};</script>'


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("page", "kind", "says"),
    [
        (PAGE.replace(b"VERSION", b"3.50.2"), errors.ProtocolError, "Gradio 3.50.2; spacechat"),
        (PAGE.replace(b"VERSION", b"5.50.0"), errors.SpaceUnavailableError, "404"),
        (PAGE.replace(b"VERSION", b"3" * 99), errors.SpaceUnavailableError, "404"),
        (b"<h1>Welcome</h1>", errors.SpaceUnavailableError, "404"),
        (b"window.gradio_config = {" * 40_000, errors.SpaceUnavailableError, "404"),
    ],
)
async def test_an_old_gradio_by_its_page(
    page: bytes, kind: type[errors.SpaceChatError], says: str
) -> None:
    """An app behind another server may have a page and no `/config`."""

    def answer(request: Received) -> Iterable[Part]:
        return [response(page) if request.path == "/" else response(b"", "404 Not Found")]

    with ReplayServer(answer) as server:
        async with spacechat.AsyncClient() as client:
            with pytest.raises(kind, match=says):
                await client.ask("Hi", model=server.url)

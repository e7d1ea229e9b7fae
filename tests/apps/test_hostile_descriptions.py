"""Descriptions of apps that are made to be costly, or to be anything: bounded, and typed errors."""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spacechat
from spacechat import errors
from spacechat.apps import App, Page, find_way, inspect, parse_config
from spacechat.apps.info import parse_info
from spacechat.apps.inputs import describe, find_inputs, parameter_names
from spacechat.protocol import Budget, Outputs
from tests.servers import Part, Received, ReplayServer, page, response


def config(
    components: list[Any], dependencies: list[Any], *, version: str = "5.50.0", **more: Any
) -> bytes:
    told = {"version": version, "components": components, "dependencies": dependencies, **more}
    return json.dumps(told, separators=(",", ":")).encode()


def box(id_: int, **props: Any) -> dict[str, Any]:
    return {"id": id_, "type": "textbox", "props": props}


def everything(count: int) -> bytes:
    """Each of many events takes all and fills all."""
    ids = list(range(2 * count))
    targets = [[id_, "click"] for id_ in range(count)]
    function = {"targets": targets, "inputs": ids[:count], "outputs": ids[count:]}
    return config([box(id_) for id_ in ids], [function])


def long_chain(count: int) -> bytes:
    """Each function takes what the one after it gives."""
    chain: list[Any] = [{"targets": [[0, "submit"]], "inputs": [0, 2], "outputs": [1]}]
    chain += [
        {"inputs": [each + 2], "outputs": [each + 1], "trigger_after": each - 1}
        for each in range(1, count)
    ]
    return config([box(id_) for id_ in range(count + 2)], chain)


def shared_chain(count: int) -> bytes:
    """Each event calls a function of its own, and one that a long chain follows."""
    functions: list[Any] = [
        {"id": 0, "targets": [[id_, "click"] for id_ in range(count)], "inputs": [0]}
    ]
    functions += [
        {"id": each, "inputs": [each], "outputs": [0], "trigger_after": each - 1}
        for each in range(1, count)
    ]
    functions += [
        {"id": count + each, "targets": [[each, "click"]], "inputs": [each]}
        for each in range(count)
    ]
    return config([box(id_) for id_ in range(count)], functions)


def raw(components: bytes = b"", dependencies: bytes = b"", layout: bytes = b"{}") -> bytes:
    return (b'{"version":"5.50.0","components":[%s],"dependencies":[%s],"layout":%s}') % (
        components,
        dependencies,
        layout,
    )


def many(part: bytes, megabytes: float) -> bytes:
    return b",".join([part] * int(megabytes * 1e6 / (len(part) + 1)))


ONE = b'{"inputs":[1],"outputs":[2],"targets":[[1,"submit"]]}'
TWO = b'{"id":1,"type":"textbox"},{"id":2,"type":"textbox"}'

STEEP: Any = {
    "$defs": {
        "A": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/B"}] * 12}},
        "B": {"type": "array", "prefixItems": [{"anyOf": [{"$ref": "#/$defs/A"}] * 12}] * 2},
    },
    "anyOf": [{"$ref": "#/$defs/A"}] * 12,
}
"""A schema of which a small part leads to many others."""

HOSTILE: dict[str, Callable[[], bytes]] = {
    "events, messages and answers": lambda: everything(150),
    "a chain backwards": lambda: long_chain(150),
    "a longer chain backwards": lambda: long_chain(2000),
    "a chain that many events share": lambda: shared_chain(150),
    "a longer chain that many events share": lambda: shared_chain(2000),
    "components": lambda: raw(many(b'{"id":1}', 15)),
    "components that are used": lambda: config(
        [box(id_, label="Ask") for id_ in range(40_000)],
        [{"inputs": list(range(each, each + 4000))} for each in range(0, 40_000, 4000)],
    ),
    "functions": lambda: raw(dependencies=many(b"{}", 15)),
    "some functions": lambda: raw(dependencies=many(b"{}", 0.25)),
    "inputs": lambda: raw(dependencies=b'{"inputs":[%s]}' % many(b"1", 15)),
    "targets": lambda: raw(TWO, b'{"targets":[%s]}' % many(b"[]", 15)),
    "the same target": lambda: raw(TWO, b'{"targets":[%s]}' % many(b'[1,"click"]', 0.04)),
    "the layout": lambda: raw(layout=b'{"children":[%s]}' % many(b"{}", 15)),
    "a label": lambda: raw(TWO + b',{"id":3,"props":{"label":"%s"}}' % (b"send " * 3_000_000), ONE),
    "a label of another type": lambda: raw(
        b'{"id":1,"props":{"label":[%s]}}' % many(b"[]", 15), ONE
    ),
    "choices": lambda: raw(
        TWO + b',{"id":3,"type":"dropdown","props":{"choices":[%s]}}' % many(b'["a","a"]', 15),
        b'{"inputs":[1,3],"outputs":[2],"targets":[[1,"submit"]]}',
    ),
    "values": lambda: raw(
        TWO + b',{"id":3,"type":"html","props":{"value":"%s"}}' % (b"x" * 15_000_000),
        ONE + b',{"inputs":[],"outputs":[3]}',
    ),
    "examples": lambda: raw(
        TWO + b',{"id":3,"type":"dataset","props":{"samples":[%s]}}' % many(b'["hello"]', 15), ONE
    ),
    "schemas": lambda: config(
        [{**box(id_), "type": "own", "api_info": STEEP} for id_ in range(4_000)],
        [{"inputs": list(range(4_000))}],
    ),
    "schemas of another type": lambda: config(
        [{**box(id_), "type": "own", "api_info": [[{}]] * 50} for id_ in range(15_000)],
        [{"inputs": list(range(each, each + 3000))} for each in range(0, 15_000, 3000)],
    ),
    "a schema": lambda: raw(
        b'{"id":1,"type":"own","api_info":{"anyOf":[%s]}},{"id":2,"type":"textbox"}'
        % many(b"{}", 15),
        ONE,
    ),
    "names": lambda: raw(
        many(b'{"id":1,"type":"%s"}' % (b"x" * 300), 15) + b',{"id":2,"type":"textbox"}', ONE
    ),
    "braces": lambda: raw(TWO + b',{"id":3,"props":{"value":[%s]}}' % many(b"{}", 15), ONE),
}


def look(data: bytes) -> App | None:
    try:
        app = parse_config(data)
    except errors.ProtocolError:
        return None
    try:
        find_way(app)
        str(inspect("http://app", app, {}))
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


IDS = st.integers(-2, 6) | st.just(2**70) | st.none()
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
WORDS = st.sampled_from(
    ["Ask", "Message", "Clone", "Settings", "", "__i18n__x", "Send", "\ud7ff\0"]
)
KINDS = st.sampled_from(
    [
        "textbox",
        "multimodaltextbox",
        "chatbot",
        "markdown",
        "state",
        "button",
        "dropdown",
        "slider",
        "number",
        "checkbox",
        "image",
        "checkboxgroup",
        "tabs",
        "tabitem",
        "accordion",
        "html",
    ]
)
NAMES = [
    "value",
    "visible",
    "interactive",
    "placeholder",
    "info",
    "elem_id",
    "type",
    "choices",
    "minimum",
    "maximum",
    "multiselect",
    "allow_custom_value",
    "file_count",
    "max_length",
    "id",
    "selected",
    "open",
]
PROPERTIES = st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=3).flatmap(
    lambda props: st.builds(lambda label: {**props, "label": label}, WORDS | JUNK)
)
COMPONENTS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(-1, 6)}, optional={"type": KINDS, "props": PROPERTIES | JUNK}
    ),
    max_size=8,
)
TARGETS = st.lists(
    st.tuples(IDS, st.sampled_from(["click", "submit", "load", "then"])) | JUNK, max_size=3
)
FUNCTIONS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.integers(-1, 6),
            "targets": TARGETS,
            "inputs": st.lists(st.integers(-2, 7), max_size=4),
            "outputs": st.lists(st.integers(-2, 7), max_size=4),
            "queue": st.none() | st.booleans(),
            "api_name": st.booleans() | WORDS,
            "trigger_after": IDS,
            "backend_fn": st.booleans(),
        },
    ),
    max_size=6,
)
LAYOUTS = st.recursive(
    st.fixed_dictionaries({}, optional={"id": IDS}),
    lambda inner: st.fixed_dictionaries(
        {"children": st.lists(inner, max_size=4)}, optional={"id": IDS}
    ),
    max_leaves=8,
)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(COMPONENTS, FUNCTIONS, LAYOUTS | JUNK, st.none() | st.integers(0, 6), JUNK)
def test_nearly_a_description(
    components: list[Any], functions: list[Any], layout: Any, endpoint: int | None, given_: Any
) -> None:
    data = config(components, functions, layout=layout, app_id=given_)
    info: Any = {"unnamed_endpoints": {str(each): {"parameters": [{}, {}]} for each in range(7)}}
    try:
        app = parse_config(data)
        parameter_names(app, parse_info(json.dumps(info).encode()))
        str(inspect("http://app", app, {}, endpoint=endpoint))
        inspect("http://app", app, {}, endpoint=endpoint)._repr_html_()
        chat = find_way(app, endpoint=endpoint)
        page = Page(app)
        for each in chat.chain():
            outputs = Outputs([given_] * len(page.inputs(each)))
            page.change(each, outputs, Budget())
            page.take(each, outputs, Budget())
        page.value(chat.answer.id)
        for component in chat.inputs:
            find_inputs(chat.inputs, {str(component.id): given_}, {})
    except errors.SpaceChatError:
        return


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

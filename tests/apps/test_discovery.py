"""Finding the way to chat in what real apps say of themselves, without their servers."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from benchmarks.discovery import cost, enlarged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacechat import errors
from spacechat.apps import find_way, inspect, parse_config
from spacechat.apps.info import parse_info
from spacechat.apps.inputs import find_inputs, parameter_names
from spacechat.apps.options import Options
from spacechat.protocol import Budget
from spacechat.providers import ChatOptions, GradioChat
from spacechat.steps import Fetch, Generate, Response
from tests.real.environments import REQUIREMENTS
from tests.real.record_configs import FOLDER
from tests.real.zoo import ZOO, App

CASES = [
    pytest.param(version, app, id=f"{version}-{app.name}")
    for version in REQUIREMENTS
    for app in ZOO
    if (FOLDER / version / f"{app.name}.json").exists()
]
CHATS = [case for case in CASES if case.values[1].chat]  # type: ignore[union-attr]
OTHERS = [case for case in CASES if not case.values[1].chat]  # type: ignore[union-attr]


def recorded(version: str, name: str) -> bytes:
    return (FOLDER / version / f"{name}.json").read_bytes()


def test_there_are_configurations() -> None:
    assert len(CASES) == len(list(FOLDER.glob("*/*.json"))) > 250


@pytest.mark.parametrize(("version", "app"), CHATS)
def test_the_way_to_chat(version: str, app: App) -> None:
    described = parse_config(recorded(version, app.name))
    assert described.version == version
    chat = find_way(described)
    kind, label = app.box
    assert chat.message.type == kind
    assert label in (None, chat.message.label)
    kind, label = app.shown
    assert chat.answer.type == kind
    assert label in (None, chat.answer.label)
    labels = {component.label for component in chat.inputs}
    assert labels >= {extra.label for extra in app.extras}
    assert any(chat.writes_answer(dependency) for dependency in chat.chain())
    has_system = any(extra.name == "system" for extra in app.extras)
    assert (chat.system is not None) == has_system
    shown = str(inspect("http://app", described, {}))
    assert str(chat.message) in shown
    assert str(chat.answer) in shown


@pytest.mark.parametrize(("version", "app"), OTHERS)
def test_no_chat(version: str, app: App) -> None:
    described = parse_config(recorded(version, app.name))
    with pytest.raises(errors.ChatNotFoundError, match="No way to chat was found") as caught:
        find_way(described)
    for endpoint in list(described.endpoints())[:12]:
        assert str(endpoint) in str(caught.value)
    assert not inspect("http://app", described, {}).is_chat


def test_a_large_app_costs_little() -> None:
    """Loosely; `benchmarks` measures it."""
    data = enlarged(json.loads(recorded("6.31.0", "ci_system_prompt")), 500_000)
    assert len(data) >= 500_000
    assert find_way(parse_config(data)).answer.is_chatbot
    assert cost(data) < 1.0


NAMES = ["arena", "ci_model_choice", "ci_plain", "qwen_state"]
CONFIGS = [json.loads(recorded("5.0.2", name)) for name in NAMES]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
"""On a busy machine, to draw what a description is made of takes its time."""


def mutilated(data: st.DataObject, value: Any) -> Any:
    """The value with one thing in it, at any depth, missing or another."""
    if not isinstance(value, list | dict) or not value or data.draw(st.integers(0, 7)) == 0:
        return data.draw(JUNK)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = data.draw(st.sampled_from(keys))
    value = value.copy()
    if data.draw(st.integers(0, 5)) == 0:
        del value[key]
    else:
        value[key] = mutilated(data, value[key])
    return value


@unhurried
@given(st.data())
def test_a_mutilated_description(data: st.DataObject) -> None:
    config = data.draw(st.sampled_from(CONFIGS))
    for _ in range(data.draw(st.integers(1, 6))):
        config = mutilated(data, config)
    try:
        app = parse_config(json.dumps(config).encode())
        str(inspect("http://app", app, {}))
        chat = find_way(app)
        find_inputs(chat.inputs, {"temperature": 1}, {})
    except errors.SpaceChatError:
        return


@given(st.binary(max_size=60) | JUNK.map(lambda junk: json.dumps(junk).encode()))
def test_no_description_at_all(data: bytes) -> None:
    with pytest.raises(errors.ProtocolError, match="not a Gradio app's"):
        parse_config(data)


def drive(data: st.DataObject, config: Any) -> None:
    """Ask an app that says this of itself and answers anything."""
    asking: ChatOptions = {"inputs": {"temperature": 1}} if data.draw(st.booleans()) else {}
    earlier = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    messages: Any = [{"role": "system", "content": "Be kind."}, *earlier]
    messages += [{"role": "user", "content": "Why?"}]
    exchange = GradioChat.at("http://app").exchange(messages, options=Options(**asking))
    steps = exchange.steps(Budget())
    outcome: Any = None
    for _ in range(200):
        try:
            step = steps.send(outcome)
        except StopIteration:
            return
        if isinstance(step, Fetch):
            what: Any = config if step.request.url.endswith("/config") else None
            if what is None:
                what = data.draw(st.builds(lambda found: {"data": found}, st.lists(JUNK)))
            outcome = Response(json.dumps(what).encode())
        elif isinstance(step, Generate):
            outcome = data.draw(st.lists(JUNK, max_size=4))
        else:
            outcome = None
    raise AssertionError("it never ends")


@unhurried
@given(st.data())
def test_an_app_that_answers_anything(data: st.DataObject) -> None:
    config = data.draw(st.sampled_from(CONFIGS))
    if data.draw(st.booleans()):
        config = mutilated(data, config)
    with contextlib.suppress(errors.SpaceChatError):
        drive(data, config)


@unhurried
@given(st.data())
def test_mutilated_parameters(data: st.DataObject) -> None:
    app = parse_config(json.dumps(CONFIGS[0]).encode())
    info = {"named_endpoints": {"/add_text": {"parameters": [{"parameter_name": "text"}]}}}
    names = parameter_names(app, parse_info(json.dumps(mutilated(data, info)).encode()))
    assert all(isinstance(name, str) for name in names.values())

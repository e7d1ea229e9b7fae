"""Settings of a request: those that an app has, and those that are said to be ignored."""

from __future__ import annotations

import json
from typing import Any

import pytest

import openai
from spacechat.openai.completion_request import parse
from spacechat.openai.refusals import Refusal
from tests.openai.conftest import Scripted, Way
from tests.samples import HI
from tests.servers import completed, gradio, pairs
from tests.servers.chat_form import SETTINGS, ChatForm

APP = {
    **SETTINGS,
    "Max new tokens": ("slider", {"value": 100, "minimum": 1, "maximum": 500}),
    "Seed": ("textbox", {"value": "none"}),
    "API key": ("textbox", {"value": "", "type": "password"}),
}


def answered(found: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the app was asked with, and what the response says beyond the API."""
    return json.loads(found.choices[0].message.content), found.model_extra


def test_settings_that_an_app_has(way: Way) -> None:
    with ChatForm(settings=APP) as app, way.client() as client:
        found = client.chat.completions.create(
            model=app.url,
            messages=HI,
            temperature=0.25,
            max_completion_tokens=9000,
            seed=7,
            top_p=0.5,
            presence_penalty=None,
            reasoning_effort="low",
            extra_body={"inputs": {"Notes": "n"}, "top_k": 3},
        )
    said, extra = answered(found)
    assert (said["Temperature"], said["Max new tokens"], said["Notes"]) == (0.25, 500, "n")
    assert (said["Seed"], said["API key"], said["Web search"]) == ("none", "", False)
    assert extra == {
        "ignored": ["top_p", "top_k", "seed", "reasoning_effort"],
        "clamped": {"max_completion_tokens": 500},
    }


def test_inputs_come_first(way: Way) -> None:
    with ChatForm(settings=APP) as app, way.client() as client:
        found = client.chat.completions.create(
            model=app.url,
            messages=HI,
            temperature=0.25,
            extra_body={"inputs": {"Temperature": 1.5}},
        )
    said, extra = answered(found)
    assert (said["Temperature"], extra) == (1.5, {"ignored": ["temperature"]})


def test_nothing_is_said_where_nothing_was_ignored(way: Way) -> None:
    with ChatForm(settings=APP) as app, way.client() as client:
        for settings in ({}, {"temperature": 1}):
            found = client.chat.completions.create(model=app.url, messages=HI, **settings)  # type: ignore[call-overload]
            assert answered(found)[1] == {}


def test_streams_say_it_in_the_first_chunk(way: Way) -> None:
    with ChatForm(settings=APP) as app, way.client() as client:
        first, *rest = client.chat.completions.create(
            model=app.url, messages=HI, stream=True, temperature=99, top_p=1, n=1
        )
    assert first.model_extra == {"ignored": ["top_p"], "clamped": {"temperature": 2}}
    assert not any(chunk.model_extra for chunk in rest)


def test_a_header_says_it(way: Way, scripted: Scripted) -> None:
    with scripted(gradio(completed(*pairs("Hi")))), way.http() as http:
        body = {"model": "qwen-2.5", "messages": HI, "seed": 1, "temperature": 0.5}
        found = http.post("/chat/completions", json=body)
        assert found.headers["x-spacechat-ignored"] == "temperature, seed"
        assert found.json()["ignored"] == ["temperature", "seed"]
        found = http.post("/chat/completions", json={"model": "qwen-2.5", "messages": HI})
        assert "x-spacechat-ignored" not in found.headers


@pytest.mark.anyio
async def test_async(way: Way) -> None:
    with ChatForm(settings=APP) as app:
        async with way.async_client() as client:
            found = await client.chat.completions.create(
                model=app.url, messages=HI, temperature=1.25, frequency_penalty=1
            )
    said, extra = answered(found)
    assert (said["Temperature"], extra) == (1.25, {"ignored": ["frequency_penalty"]})


@pytest.mark.parametrize(
    "value", ["0.5", True, [0.5], {}, "x" * 200, int("9" * 99), [1] * 1000], ids=str
)
def test_settings_that_are_no_numbers(value: object) -> None:
    body = json.dumps({"model": "x", "messages": HI, "temperature": value}).encode()
    if isinstance(value, int) and not isinstance(value, bool):
        assert parse(body).options.get("wishes") == {"temperature": value}
        return
    with pytest.raises(Refusal) as caught:
        parse(body)
    assert (caught.value.status, caught.value.error.param) == (400, "temperature")
    assert caught.value.error.code == "invalid_type"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tool_choice": "required", "tools": [{"type": "function"}]}, "tools"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"function_call": {"name": "f"}, "functions": [{}]}, "functions"),
    ],
)
def test_the_cause_is_named_first(fields: dict[str, Any], param: str, way: Way) -> None:
    with way.http() as http:
        found = http.post("/chat/completions", json={"model": "x/y", "messages": HI, **fields})
    assert (found.status_code, found.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize("role", ["tool", "function"])
def test_results_of_tools(role: str, way: Way) -> None:
    message: Any = {"role": role, "content": "5", "tool_call_id": "1", "name": "f"}
    with way.client() as client:
        with pytest.raises(openai.BadRequestError, match="calls no tools") as caught:
            client.chat.completions.create(model="x/y", messages=[*HI, message])
        assert caught.value.param == f"messages[{len(HI)}].role"

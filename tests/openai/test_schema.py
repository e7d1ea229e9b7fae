"""Every kind of response, checked against the schema of the `openai` package's own types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.shared import ErrorObject
from pydantic import BaseModel, TypeAdapter

from spacechat.local import LocalSpace
from spacechat.openai import Server
from tests.openai.conftest import Scripted, Way
from tests.openai.test_package import REFUSED
from tests.samples import HI
from tests.servers import appended, completed, failed, generating, gradio, pairs

_SAID = {"ignored": {"type": "array"}, "clamped": {"type": "object"}}
OURS = {
    "ChatCompletion": _SAID,
    "ChatCompletionChunk": _SAID,
    "ChatCompletionMessage": {"reasoning_content": {"type": "string"}, "files": {"type": "array"}},
    "ChoiceDelta": {"reasoning_content": {"type": "string"}, "files": {"type": "array"}},
    "ErrorObject": {"partial_text": {"type": "string"}},
}
"""What is in a response beyond the schema."""


@cache
def validator(kind: type[BaseModel]) -> Any:
    """Checks values against the schema of a type, with nothing in them that it doesn't name."""
    found: dict[str, Any] = TypeAdapter(kind).json_schema()
    for name, each in [(kind.__name__, found), *found.get("$defs", {}).items()]:
        if each.get("type") == "object":
            each["additionalProperties"] = False
            each["properties"].update(OURS.get(name, {}))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def check(value: object, kind: type[BaseModel]) -> None:
    validator(kind).validate(value)
    kind.model_validate(value, strict=True)


def check_error(value: Any) -> None:
    assert set(value) == {"error"}
    check(value["error"], ErrorObject)


def chunks(text: str) -> Iterator[Any]:
    for event in text.removesuffix("\n\n").split("\n\n"):
        data = event.removeprefix("data: ")
        if data != "[DONE]":
            yield json.loads(data)


def test_the_schema_is_strict() -> None:
    model = {"id": "x", "object": "model", "created": 0, "owned_by": "y"}
    check(model, Model)
    for wrong in ({**model, "created": "0"}, {**model, "other": 1}, {"id": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            check(wrong, Model)


def test_answers(way: Way, scripted: Scripted) -> None:
    thought = [{"role": "assistant", "content": "Hm", "metadata": {"title": "Thinking"}}]
    told = [*thought, {"role": "assistant", "content": "Hi"}]
    scripts = [
        gradio(generating("", thought, ""), completed("", told, "")),
        gradio(generating(*pairs("a")), generating(*appended("b")), completed(*pairs("ab"))),
    ]
    asked = {"model": "qwen-2.5", "messages": HI, "seed": 1}
    counted = {"stream": True, "stream_options": {"include_usage": True}}
    for script in scripts:
        with scripted(script), way.http() as http:
            whole = http.post("/chat/completions", json=asked)
            assert whole.headers["content-type"] == "application/json"
            check(whole.json(), ChatCompletion)
            for more in ({"stream": True}, counted):
                streamed = http.post("/chat/completions", json={**asked, **more})
                assert streamed.headers["content-type"].startswith("text/event-stream")
                assert streamed.text.endswith("data: [DONE]\n\n")
                found = list(chunks(streamed.text))
                assert len(found) >= 4
                for chunk in found:
                    check(chunk, ChatCompletionChunk)


def test_models(way: Way) -> None:
    with way.http() as http:
        listed = http.get("/models").json()
        assert (set(listed), listed["object"]) == ({"object", "data"}, "list")
        for model in listed["data"]:
            check(model, Model)
            check(http.get(f"/models/{model['id']}").json(), Model)


def test_errors(way: Way, scripted: Scripted) -> None:
    with LocalSpace("plain") as space, way.http() as http:
        for fields, *_ in REFUSED:
            asked = {"model": space.url, "messages": HI, **fields, **fields.get("extra_body", {})}
            found = http.post("/chat/completions", json=asked)
            assert 400 <= found.status_code < 500
            check_error(found.json())
        for method, path in (("GET", "/nothing"), ("PUT", "/models"), ("GET", "/models/nonsense")):
            check_error(http.request(method, path).json())
    failing = gradio(generating(*pairs("So far")), failed("Not today"))
    with scripted(failing), way.http() as http:
        asked = {"model": "qwen-2.5", "messages": HI}
        check_error(http.post("/chat/completions", json=asked).json())
        streamed = http.post("/chat/completions", json={**asked, "stream": True})
        *_, error = chunks(streamed.text)
        check_error(error)
        assert "[DONE]" not in streamed.text


def test_errors_of_the_server() -> None:
    with Server(api_key="right") as server:
        from httpx import Client

        with Client(base_url=server.url, trust_env=False) as http:
            for headers in ({}, {"authorization": "Bearer wrong"}):
                found = http.get("/models", headers=headers)
                assert found.status_code == 401
                check_error(found.json())

"""Every response and event of the Responses API, against the package's own types.

Their JSON schema is not used, as in `test_schema`: it describes each tool there is, and takes
seconds for each type of event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from openai.types.responses import (
    Response,
    ResponseItemList,
    ResponseOutputMessage,
    ResponseStreamEvent,
)
from pydantic import BaseModel, ValidationError

from spacechat.local import LocalSpace
from tests.openai.conftest import Scripted, Way
from tests.openai.test_responses import REFUSED
from tests.openai.test_schema import check_error
from tests.servers import appended, completed, failed, generating, gradio, pairs

EVENTS: dict[str, type[BaseModel]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind
    for kind in get_args(get_args(ResponseStreamEvent)[0])
}
"""The package's types of events, by their names."""

THOUGHT = [{"role": "assistant", "content": "Hm", "metadata": {"title": "Thinking"}}]
ASKED = {"model": "qwen-2.5", "input": "Hi"}
SCRIPTS = {
    "thoughts": gradio(
        generating("", THOUGHT, ""),
        completed("", [*THOUGHT, {"role": "assistant", "content": "Hi"}], ""),
    ),
    "text": gradio(generating(*pairs("a")), generating(*appended("b")), completed(*pairs("ab"))),
    "nothing": gradio(completed(*pairs(""))),
    "failure": gradio(generating(*pairs("So far")), failed("Not today")),
    "failure in thought": gradio(generating("", THOUGHT, ""), failed("Not today")),
}

OURS = {
    "Response": {"ignored", "clamped"},
    "ResponseOutputMessage": {"files"},
    "ResponseError": {"type", "param"},  # Which later versions of the package name.
}
"""What is in a response beyond the types."""


def check(value: object, kind: type[BaseModel]) -> None:
    """Check that a value is of a type, and has nothing that the type doesn't name."""
    check_names(kind.model_validate(value, strict=True))


def check_names(value: object) -> None:
    if isinstance(value, BaseModel):
        assert set(value.model_extra or ()) <= OURS.get(type(value).__name__, set()), value
        for name in type(value).model_fields:
            check_names(getattr(value, name))
    elif isinstance(value, list):
        for each in value:
            check_names(each)


def test_the_check_is_strict() -> None:
    part = {"type": "output_text", "text": "x", "annotations": []}
    message = {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }
    check(message, ResponseOutputMessage)
    check({**message, "files": []}, ResponseOutputMessage)
    for wrong in (
        {**message, "status": "x"},
        {**message, "other": 1},
        {**message, "content": [{**part, "text": 1}]},
        {**message, "content": [{**part, "other": 1}]},
        {**message, "content": [{"type": "output_text"}]},
        {"id": "x"},
    ):
        with pytest.raises((AssertionError, ValidationError)):
            check(wrong, ResponseOutputMessage)


def events(text: str) -> Iterator[tuple[str, Any]]:
    for event in text.removesuffix("\n\n").split("\n\n"):
        name, data = event.split("\n")
        yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize("script", SCRIPTS)
def test_events(way: Way, scripted: Scripted, script: str) -> None:
    with scripted(SCRIPTS[script]), way.http() as http:
        asked = {**ASKED, "stream": True, "temperature": 1, "metadata": {"x": "y"}}
        streamed = http.post("/responses", json=asked)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.headers["x-spacechat-ignored"] == "temperature"
    found = list(events(streamed.text))
    assert len(found) >= 3
    for number, (name, event) in enumerate(found):
        assert (event["type"], event["sequence_number"]) == (name, number)
        check(event, EVENTS[name])
    last = "failed" if "failure" in script else "completed"
    assert found[-1][0] == f"response.{last}"
    assert found[-1][1]["response"]["status"] == last


def test_responses(way: Way, scripted: Scripted) -> None:
    for script in ("thoughts", "text"):
        with scripted(SCRIPTS[script]), way.http() as http:
            whole = http.post("/responses", json={**ASKED, "temperature": 1})
            assert whole.headers["content-type"] == "application/json"
            check(whole.json(), Response)
            place = f"/responses/{whole.json()['id']}"
            assert http.get(place).json() == whole.json()
            given = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "?"}]
            asked = {**ASKED, "input": given, "previous_response_id": whole.json()["id"]}
            follow_up = http.post("/responses", json=asked)
            check(follow_up.json(), Response)
            items = http.get(f"/responses/{follow_up.json()['id']}/input_items")
            assert len(items.json()["data"]) == 4
            check(items.json(), ResponseItemList)
            assert http.delete(place).json() == {
                "id": whole.json()["id"],
                "object": "response",
                "deleted": True,
            }
            check_error(http.delete(place).json())


def test_errors(way: Way, scripted: Scripted) -> None:
    with LocalSpace("plain") as space, way.http() as http:
        for fields, *_ in REFUSED:
            asked = {"model": space.url, "input": "Hi", **fields, **fields.get("extra_body", {})}
            found = http.post("/responses", json=asked)
            assert 400 <= found.status_code < 500
            check_error(found.json())
        for method, path, status in (
            ("GET", "/responses", 405),
            ("PUT", "/responses/resp_1", 405),
            ("POST", "/responses/resp_1", 405),
            ("DELETE", "/responses/resp_1/input_items", 405),
            ("POST", "/responses/resp_1/cancel", 404),
            ("GET", "/responses/resp_1", 404),
            ("GET", "/responses/%ff%00", 404),
            ("GET", f"/responses/{'x' * 5000}", 404),
            ("GET", "/responses/resp_1/input_items?limit=x", 404),
        ):
            found = http.request(method, path)
            assert found.status_code == status, path
            assert len(found.content) < 600
            check_error(found.json())
    with scripted(SCRIPTS["failure"]), way.http() as http:
        check_error(http.post("/responses", json=ASKED).json())

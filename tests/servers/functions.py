"""An app with functions that are no chat: what it says of itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.servers import Answer, response
from tests.servers.page import Page


def calculator(version: str = "5.50.0", protocol: str = "sse_v3", **more: Any) -> bytes:
    """The `/config` of an app with functions of each kind.

    `/calc` takes two numbers and an operation, `/caption` a gallery, `/count` keeps a state, `/hid`
    is not listed, `/own` is for its page only, `/now` does not go through the queue.
    """
    page = Page()
    first = page.add("number", "First")
    operation = page.add(
        "radio", "Operation", value="add", choices=[["add", "add"], ["Less", "subtract"]]
    )
    second = page.add("number", "Second", value=100, minimum=0, maximum=1000)
    button = page.add("button", "Go")
    result = page.add("number", "Result")
    gallery = page.add("gallery", "Pictures")
    state = page.add("state")
    text = page.add("textbox", "Text")
    inputs = [first, operation, second]
    page.on(button, "click", inputs, [result], "calc", queue=True)
    page.on(button, "click", [gallery, text], [gallery, text], "caption")
    page.on(button, "click", [state, button], [result, state], "count", types={"generator": True})
    page.on(button, "click", [], [], "hid", show_api=False)
    page.on(button, "click", [text], [text])
    page.on(button, "click", [text], [text], "own", api_visibility="private")
    page.on(button, "click", inputs, [result], "now", queue=False)
    page.on(button, "click", [], [text], "script", backend_fn=False)
    for component in page.components:
        component["skip_api"] = component["type"] in ("state", "button")
    config = json.loads(page.config(version))
    return json.dumps({**config, "protocol": protocol, **more}).encode()


def parameter(name: str, label: str, kind: str, type_: str, *default: Any) -> dict[str, Any]:
    return {
        "label": label,
        "parameter_name": name,
        "parameter_has_default": bool(default),
        "parameter_default": default[0] if default else None,
        "type": {"type": type_},
        "python_type": {"type": type_, "description": ""},
        "component": kind,
        "example_input": 3,
    }


CALC: dict[str, Any] = {
    "parameters": [
        parameter("num1", "First", "Number", "float"),
        parameter("operation", "Operation", "Radio", "str", "add"),
        parameter("num2", "Second", "Number", "float", 100),
    ],
    "returns": [parameter("", "Result", "Number", "float")],
    "description": "Calculates.",
}
INFO = json.dumps(
    {
        "named_endpoints": {"/calc": CALC, "/now": CALC, "/hid": {"parameters": [], "returns": []}},
        "unnamed_endpoints": {},
    }
).encode()


def told(
    config: bytes | None = None, info: bytes | None = INFO, *, calls: Answer | None = None
) -> dict[str, Answer]:
    """Answers to the requests for what an app says of itself.

    Args:
        config: Its `/config`.
        info: Its `/info`; None: it gives none.
        calls: Answers to calls of functions that don't go through the queue.
    """
    said = calculator() if config is None else config
    there = response(b"no", "404 Not Found") if info is None else response(info)
    answers: dict[str, Answer] = {"config": lambda _: [response(said)], "info": lambda _: [there]}
    return answers if calls is None else {**answers, "predict": calls}


def returned(*data: Any) -> Answer:
    """The answer of a function that does not go through the queue."""
    body = json.dumps({"data": list(data)}).encode()
    return lambda _: [response(body)]


def file_data(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "orig_name": path.rpartition("/")[2], "meta": {}, **more}


def values_of(found: Sequence[Any]) -> list[Any]:
    return [event.values for event in found if type(event).__name__ == "Values"]

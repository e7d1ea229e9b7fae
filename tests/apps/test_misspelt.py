"""Names that there are not: each error lists those that there are, and the nearest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from spacechat import Client, errors
from spacechat.local import LocalSpace
from spacechat.spelling import did_you_mean
from tests.servers import Part, Received, ReplayServer, response

WITH_INPUTS = {
    "version": "5.50.0",
    "mode": "blocks",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "app_id": 1,
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Message"}},
        {"id": 2, "type": "chatbot", "props": {}},
        {"id": 3, "type": "slider", "props": {"label": "Temperature", "minimum": 0, "maximum": 2}},
    ],
    "dependencies": [
        {"id": 0, "targets": [[1, "submit"]], "inputs": [1, 2, 3], "outputs": [2]},
    ],
}


@pytest.mark.parametrize(
    ("given", "known", "hint"),
    [
        ("temprature", ["Temperature", "Top p"], " Did you mean 'Temperature'?"),
        ("temp", ["System", "Temperature"], " Did you mean 'Temperature'?"),
        ("Max", ["a", "max tokens", "Max steps"], " Did you mean 'max tokens' or 'Max steps'?"),
        ("te", ["Temperature"], ""),
        ("QWEN-2.5", ["qwen-2.5"], " Did you mean 'qwen-2.5'?"),
        ("nothing like it", ["Temperature"], ""),
        ("x", [], ""),
        (5, ["5"], ""),
        ("text", [None, 5, "texts"], " Did you mean 'texts'?"),
        ("a" * 1_000_000, ["a" * 1_000_000] * 100_000, f" Did you mean {'a' * 200!r}?"),
    ],
)
def test_hints(given: object, known: list[object], hint: str) -> None:
    assert did_you_mean(given, known) == hint


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (
            lambda client, url: client.ask("Hi", model=url, endpoint="/chatt"),
            r"no endpoint '/chatt'\. Did you mean 'chat'\? It has: /chat \(",
        ),
        (
            lambda client, url: client.ask("Hi", model=url, output="Chatbt"),
            r"no output 'Chatbt'\. Did you mean 'Chatbot'\? It has: 'Chatbot'\. output= takes",
        ),
        (
            lambda client, url: client.call(url, "/chatt"),
            r"'/chatt': .* Did you mean '/chat'\? It has: /chat",
        ),
        (
            lambda client, url: client.call(url, "/chat", mesage=1),
            r"no parameter 'mesage'\. Did you mean 'message'\? It takes: /chat\(message",
        ),
    ],
)
def test_of_an_app(ask: Callable[[Client, str], object], says: str) -> None:
    with (
        LocalSpace("messages") as space,
        Client() as client,
        pytest.raises(errors.SpaceChatError, match=says),
    ):
        ask(client, space.url)


def test_an_input() -> None:
    def config(request: Received) -> Iterable[Part]:
        body = json.dumps(WITH_INPUTS if request.path == "/config" else {})
        return [response(body.encode())]

    says = r"no input 'temprature'\. Did you mean 'Temperature'\? It has: 'Temperature' \(a number"
    with ReplayServer(config) as server, Client() as client:
        with pytest.raises(errors.InputsError, match=says):
            client.ask("Hi", model=server.url, inputs={"temprature": 1})
        assert not server.to("/gradio_api/queue/join")


def test_of_the_local_space() -> None:
    with pytest.raises(ValueError, match=r"unknown shape 'qwen-2-72'; there are: .*'qwen-2-72b'"):
        LocalSpace("qwen-2-72")
    with pytest.raises(ValueError, match=r"unknown protocol 'sse_v4'; .* Did you mean 'sse_v\d'"):
        LocalSpace(protocol="sse_v4")


def test_names_of_other_lengths() -> None:
    """One letter of a name is not nearly the name, however little likeness is asked for."""
    assert did_you_mean("fast", ["a", "s"], likeness=0.4) == ""
    assert did_you_mean("a", ["fast"], likeness=0.4) == ""
    hint = did_you_mean("qwen2.5-72b-instruct", ["a", "qwen-2.5"], likeness=0.4)
    assert hint == " Did you mean 'qwen-2.5'?"

"""When a known Space is asked by what it says of itself, and when not: faults by script."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

import spacechat
from spacechat import errors, events
from spacechat.providers import Qwen_Qwen_2_72B
from tests.servers import (
    CLOSE_STREAM,
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    completed,
    failed,
    generating,
    gradio,
    message,
    pairs,
    response,
)

pytestmark = pytest.mark.anyio

MOVED: dict[str, Any] = {
    "version": "4.44.1",
    "protocol": "sse_v3",
    "app_id": 1,
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Question"}},
        {"id": 2, "type": "chatbot", "props": {"value": []}},
    ],
    "dependencies": [
        {"id": 7, "targets": [[1, "submit"]], "inputs": [1, 2], "outputs": [1, 2], "queue": True}
    ],
}
SAME: dict[str, Any] = {
    **MOVED,
    "components": [*MOVED["components"], {"id": 3, "type": "textbox"}],
    "dependencies": [
        {
            "id": 0,
            "targets": [[1, "submit"]],
            "inputs": [1, 2, 3],
            "outputs": [1, 2, 3],
            "queue": True,
        }
    ],
}
QUOTA = "You have exceeded your GPU quota (60s requested vs. 0s left)."


def space(config: Any, *first: Part, **others: Answer) -> Answer:
    """A Space that says `config` of itself; its function 0 gives `first`, all others answer."""
    old = gradio(*first, **others)
    new = gradio(completed("", [["Hi", "Hello!"]]), CLOSE_STREAM)
    asked: list[int] = []

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            if not isinstance(config, dict):
                return [config]
            return [response(json.dumps(config).encode())]
        if request.path.endswith("/join"):
            asked.append(request.json["fn_index"])
        return (old if not asked or asked[-1] == 0 else new)(request)

    return answer


def refuse(status: str, body: bytes = b"{}") -> Answer:
    return lambda _: [response(body, status)]


REPAIRED: dict[str, Answer] = {
    "join fails": space(MOVED, join=refuse("500 Internal Server Error")),
    "no such path": space(MOVED, join=refuse("404 Not Found")),
    "not allowed": space(MOVED, join=refuse("405 Method Not Allowed")),
    "not understood": space(MOVED, join=refuse("422 Unprocessable Entity")),
    "the function fails": space(MOVED, failed(None), CLOSE_STREAM),
    "no chat": space(MOVED, completed("", "text", ""), CLOSE_STREAM),
    "too few outputs": space(MOVED, completed("text"), CLOSE_STREAM),
    "an empty chat": space(MOVED, completed("", [], ""), CLOSE_STREAM),
    "nothing": space(MOVED, completed(), CLOSE_STREAM),
}


@pytest.mark.parametrize("case", REPAIRED)
async def test_repaired(case: str) -> None:
    with ReplayServer(REPAIRED[case]) as server:
        provider = Qwen_Qwen_2_72B.at(server.url)
        async with spacechat.AsyncClient() as client:
            stream = client.stream("Hi", provider=provider)
            found = [event async for event in stream.events()]
            assert stream.text == "Hello!"
            assert sum(isinstance(event, events.Log) for event in found) == 1
            assert not any(isinstance(event, events.Retrying) for event in found)
            assert (await client.ask("Hi", provider=provider)).text == "Hello!"
            assert len(server.to("/config")) == 1
        indices = [request.json["fn_index"] for request in server.to("/queue/join")]
        assert indices == [0, 7, 7]
        assert server.to("/queue/join")[-1].json["data"] == ["Hi", []]


async def test_a_description_that_is_known_is_read_again() -> None:
    """It may be older than the change."""
    config = dict(SAME)
    with ReplayServer(space(config, failed(None), CLOSE_STREAM)) as server:
        async with spacechat.AsyncClient() as client:
            await client.inspect(server.url)
            config.update(MOVED)
            reply = await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url))
    assert reply.text == "Hello!"


async def test_the_options_of_a_generator() -> None:
    """By default it is repaired, and asks three times where asking has no effect."""
    with ReplayServer(REPAIRED["the function fails"]) as server:
        generator = Qwen_Qwen_2_72B.at(server.url).create_async_generator("Hi")
        assert [piece async for piece in generator] == ["Hello!"]
    with ReplayServer(LEFT["overloaded"][0]) as server:
        generator = Qwen_Qwen_2_72B.at(server.url).create_async_generator("Hi")
        with pytest.raises(errors.SpaceUnavailableError, match="503"):
            await generator.__anext__()
        assert len(server.to("/queue/join")) == 3


FULL = b'{"detail":"Queue is full. Max size is 1 and size is 1."}'

LEFT: dict[str, tuple[Answer, type[errors.SpaceChatError]]] = {
    "overloaded": (
        space(MOVED, join=refuse("503 Service Unavailable")),
        errors.SpaceUnavailableError,
    ),
    "queue full": (space(MOVED, join=refuse("503 x", FULL)), errors.QueueFullError),
    "rate limit": (space(MOVED, join=refuse("429 Too Many Requests")), errors.RateLimitError),
    "private": (space(MOVED, join=refuse("401 Unauthorized")), errors.AuthenticationError),
    "quota": (space(MOVED, failed(QUOTA), CLOSE_STREAM), errors.QuotaExceededError),
    "after text": (
        space(MOVED, generating(*pairs("Hel")), failed(None), CLOSE_STREAM),
        errors.GenerationError,
    ),
    "cut": (space(MOVED, message("process_starts"), Then.CLOSE), errors.StreamInterruptedError),
    "cut after text": (
        space(MOVED, generating(*pairs("Hel")), Then.CLOSE),
        errors.StreamInterruptedError,
    ),
}


@pytest.mark.parametrize("case", LEFT)
async def test_left_alone(case: str) -> None:
    """What has nothing to do with numbers, and what would give a text twice."""
    answer, kind = LEFT[case]
    with ReplayServer(answer) as server:
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(kind):
                await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url))
        assert not server.to("/config")


OWN: dict[str, tuple[Any, str]] = {
    "it fits": (SAME, "It broke"),
    "no description": (response(b"{}", "404 Not Found"), "It broke"),
    "garbage": (response(b"<h1>Hi</h1>"), "It broke"),
    "asleep by now": (response(b"", "503 Service Unavailable"), "It broke"),
}


@pytest.mark.parametrize("case", OWN)
async def test_its_own_error(case: str) -> None:
    config, said = OWN[case]
    with ReplayServer(space(config, failed("It broke"), CLOSE_STREAM)) as server:
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(errors.GenerationError, match=said):
                await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url))
        assert len(server.to("/queue/join")) == 1


async def test_switched_off() -> None:
    with ReplayServer(REPAIRED["the function fails"]) as server:
        async with spacechat.AsyncClient() as client:
            with pytest.raises(errors.GenerationError):
                await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url), repair=False)
            assert not server.to("/config")
            # Also where an earlier question has found that the Space has changed.
            await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url))
            with pytest.raises(errors.GenerationError):
                await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url), repair=False)
        indices = [request.json["fn_index"] for request in server.to("/queue/join")]
        assert indices == [0, 0, 7, 0]


async def test_the_new_way_fails() -> None:
    """Its error is told, once."""
    answer = space(MOVED, join=refuse("500 Internal Server Error"))
    with ReplayServer(answer) as server:

        def broken(request: Received) -> Iterable[Part]:
            if request.path.endswith("/join") and request.json["fn_index"] == 7:
                return [response(b'{"detail":"Not today"}', "500 Internal Server Error")]
            return answer(request)

        server._answer = broken
        async with spacechat.AsyncClient() as client:
            with pytest.raises(errors.SpaceUnavailableError, match="Not today"):
                await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(server.url))


def test_blocking() -> None:
    with ReplayServer(REPAIRED["the function fails"]) as server, spacechat.Client() as client:
        space = spacechat.sync.Qwen_Qwen_2_72B.at(server.url)
        assert client.ask("Hi", provider=space).text == "Hello!"
        assert client.ask("Hi", provider=space).text == "Hello!"
        assert len(server.to("/config")) == 1

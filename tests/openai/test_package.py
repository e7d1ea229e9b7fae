"""The `openai` package, over both ways."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

import openai
import spacechat
from spacechat.local import ChatRequest, LocalSpace
from spacechat.openai import AsyncTransport, Bounds, Server, Transport
from tests.openai.conftest import PIECES, Gate, Scripted, Way, in_process
from tests.processes import wait_until
from tests.samples import HI
from tests.servers import (
    Answer,
    ReplayServer,
    Then,
    always,
    appended,
    completed,
    failed,
    generating,
    gradio,
    pairs,
    response,
    until,
)

# The package and its HTTP library leave generators behind; trio complains where asyncio doesn't.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <async_generator object:pytest.PytestUnraisableExceptionWarning"
)


def test_whole(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        found = client.chat.completions.create(model=space.url, messages=HI)
    (choice,) = found.choices
    assert choice.message.content == "".join(PIECES)
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert found.model == space.url
    assert found.usage is not None
    assert found.usage.total_tokens == 0


def test_streamed(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        stream = client.chat.completions.create(
            model=space.url, messages=HI, stream=True, stream_options={"include_usage": True}
        )
        first, *chunks, end, usage = list(stream)
    assert first.choices[0].delta.role == "assistant"
    assert [chunk.choices[0].delta.content for chunk in chunks] == PIECES
    assert end.choices[0].finish_reason == "stop"
    assert (usage.choices, usage.usage and usage.usage.total_tokens) == ([], 0)
    assert len({each.id for each in (first, *chunks, end, usage)}) == 1


def test_the_package_s_helper_for_streams(way: Way) -> None:
    with (
        LocalSpace("plain", PIECES) as space,
        way.client() as client,
        client.chat.completions.stream(model=space.url, messages=HI) as stream,
    ):
        texts = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert "".join(texts) == final.choices[0].message.content == "".join(PIECES)


@pytest.mark.anyio
async def test_async(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space:
        async with way.async_client() as client:
            found = await client.chat.completions.create(model=space.url, messages=HI)
            assert found.choices[0].message.content == "".join(PIECES)
            stream = await client.chat.completions.create(model=space.url, messages=HI, stream=True)
            texts = [chunk.choices[0].delta.content async for chunk in stream]
            assert texts == ["", *PIECES, None]
            assert [model.id async for model in client.models.list()] == spacechat.models()
            with pytest.raises(openai.NotFoundError):
                await client.models.retrieve("nonsense")
    assert space.cancelled == 0


def test_pieces_come_as_they_are_made(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    gate, space = gated
    with way.client() as client:
        stream = client.chat.completions.create(model=space.url, messages=HI, stream=True)
        texts = (chunk.choices[0].delta.content for chunk in stream)
        assert [next(texts), next(texts)] == ["", "one "]
        gate.opened.set()
        assert list(texts) == ["two", None]


def test_leaving_early(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    with way.client() as client:
        stream = client.chat.completions.create(model=space.url, messages=HI, stream=True)
        next(stream)
        assert space.active == 1
        stream.close()
        wait_until(lambda: space.cancelled == 1)


@pytest.mark.anyio
async def test_leaving_early_async(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    async with way.async_client() as client:
        stream = await client.chat.completions.create(model=space.url, messages=HI, stream=True)
        await stream.__anext__()
        assert space.active == 1
        await stream.close()
        await until(lambda: space.cancelled == 1)


def is_read(space: LocalSpace | ReplayServer) -> bool:
    """Whether the answer's stream was asked for: before that, nobody can say what to stop."""
    return any("/queue/data" in request.path for request in space.requests)


async def given_up(way: Way, space: LocalSpace) -> None:
    async with way.async_client() as client:
        asking = asyncio.ensure_future(client.chat.completions.create(model=space.url, messages=HI))
        await until(lambda: is_read(space))
        asking.cancel()
        await asyncio.wait([asking])
        await until(lambda: space.cancelled == 1)


def test_giving_up_an_answer_that_is_not_streamed(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    asyncio.run(given_up(way, gated[1]))


def test_what_the_space_is_asked(way: Way) -> None:
    def reply(request: ChatRequest) -> list[str]:
        return [f"{request.system}|{request.prompt}|{len(request.history)}"]

    messages: Any = [
        {"role": "developer", "content": [{"type": "text", "text": "Be "}]},
        {"role": "system", "content": "brief."},
        {"role": "user", "content": "One", "name": "Ada"},
        {"role": "assistant", "content": None, "refusal": "No", "tool_calls": None},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Tw"}, {"type": "text", "text": "o"}],
        },
    ]
    with LocalSpace("qwen-2.5", reply) as space, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spacechat.providers.Qwen_Qwen_2_5, "url", space.url)
        with way.client() as client:
            found = client.chat.completions.create(
                model="qwen-2.5",
                messages=messages,
                temperature=0.1,
                max_completion_tokens=5,
                seed=1,
                user="me",
                n=1,
                tools=[],
                response_format={"type": "text"},
                extra_body={"something": "else"},
            )
    told = "User: One\nAssistant: No\nAssistant: No.\nUser: Tw\no\nAssistant:"
    assert found.choices[0].message.content == f"Be \nbrief.|{told}|0"


def test_rewritten_and_thought(way: Way, scripted: Scripted) -> None:
    """A stream takes nothing back; an answer that isn't streamed is the final text."""
    rewritten = gradio(
        generating(*pairs("abc")),
        generating([], [["replace", [0, 1], "abX"]], []),
        completed(*pairs("abX")),
    )
    with scripted(rewritten), way.client() as client:
        found = client.chat.completions.create(model="qwen-2.5", messages=HI)
        assert found.choices[0].message.content == "abX"
        stream = client.chat.completions.create(model="qwen-2.5", messages=HI, stream=True)
        assert [chunk.choices[0].delta.content for chunk in stream] == ["", "abc", "X", None]
    thought = [{"role": "assistant", "content": "Hm", "metadata": {"title": "Thinking"}}]
    told = [*thought, {"role": "assistant", "content": "Hi"}]
    thoughtful = gradio(generating("", thought, ""), completed("", told, ""))
    with scripted(thoughtful), way.client() as client:
        found = client.chat.completions.create(model="qwen-2.5", messages=HI)
        (whole,) = found.choices
        assert whole.message.content == "Hi"
        assert whole.message.to_dict()["reasoning_content"] == "Thinking\nHm"
        stream = client.chat.completions.create(model="qwen-2.5", messages=HI, stream=True)
        deltas = [chunk.choices[0].delta.to_dict() for chunk in stream]
        assert {"reasoning_content": "Thinking\nHm"} in deltas
        assert {"content": "Hi"} in deltas


def test_a_stop_ends_the_answer(way: Way) -> None:
    with LocalSpace("plain", ["a", "b<", "/e", "nd>c"]) as space, way.client() as client:
        for stop in ("</end>", ["nothing", "</end>", ">"]):
            whole = client.chat.completions.create(model=space.url, messages=HI, stop=stop)
            assert whole.choices[0].message.content == "ab"
            stream = client.chat.completions.create(
                model=space.url, messages=HI, stop=stop, stream=True
            )
            texts = [chunk.choices[0].delta.content for chunk in stream]
            assert texts == ["", "a", "b", None]
        whole = client.chat.completions.create(model=space.url, messages=HI, stop="<x")
        assert whole.choices[0].message.content == "ab</end>c"


def test_a_stop_stops_the_space(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    with way.client() as client:
        stream = client.chat.completions.create(model=space.url, messages=HI, stop=" ", stream=True)
        assert [chunk.choices[0].delta.content for chunk in stream] == ["", "one", None]
        wait_until(lambda: space.cancelled == 1)


def test_models(way: Way) -> None:
    with way.client() as client:
        assert [model.id for model in client.models.list()] == spacechat.models()
        for name in ("qwen-2.5", "owner/name", "https://name.hf.space/path", "http://[::1]:1"):
            assert client.models.retrieve(name).id == name
        for name in ("nonsense", "http://", "ftp://host"):
            with pytest.raises(openai.NotFoundError) as caught:
                client.models.retrieve(name)
            assert caught.value.code == "model_not_found"


REFUSED: list[tuple[dict[str, Any], type[openai.APIStatusError], str | None, str | None]] = [
    ({"model": "nonsense"}, openai.NotFoundError, "model_not_found", "model"),
    ({"messages": []}, openai.BadRequestError, "invalid_value", "messages"),
    ({"messages": "Hi"}, openai.BadRequestError, "invalid_type", "messages"),
    (
        {"messages": [{"role": "tool", "content": "x", "tool_call_id": "y"}]},
        openai.BadRequestError,
        "invalid_value",
        "messages[0].role",
    ),
    (
        {"messages": [{"role": "assistant", "tool_calls": [{}]}]},
        openai.BadRequestError,
        "unsupported_parameter",
        "messages[0].tool_calls",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
        openai.BadRequestError,
        "missing_required_parameter",
        "messages[0].content[0].image_url.url",
    ),
    ({"n": 2}, openai.BadRequestError, "unsupported_parameter", "n"),
    ({"tools": [{"type": "function"}]}, openai.BadRequestError, "unsupported_parameter", "tools"),
    (
        {"response_format": {"type": "json_object"}},
        openai.BadRequestError,
        "unsupported_parameter",
        "response_format",
    ),
    ({"logprobs": True}, openai.BadRequestError, "unsupported_parameter", "logprobs"),
    ({"stop": ["", "x"]}, openai.BadRequestError, "invalid_value", "stop"),
    ({"stream_options": {}}, openai.BadRequestError, None, "stream_options"),
    ({"stream": "yes"}, openai.BadRequestError, "invalid_type", "stream"),
    (
        {"model": "qwen-2.5", "extra_body": {"inputs": {"Temperature": 1}}},
        openai.BadRequestError,
        "unsupported_parameter",
        "inputs",
    ),
    (
        {"extra_body": {"inputs": {"No such": 1}}},
        openai.BadRequestError,
        "invalid_value",
        "inputs",
    ),
]


def test_refused(way: Way) -> None:
    with LocalSpace("plain") as space, way.client() as client:
        for asked, kind, code, param in REFUSED:
            with pytest.raises(kind) as caught:
                client.chat.completions.create(**{"model": space.url, "messages": HI, **asked})
            assert (caught.value.code, caught.value.param) == (code, param), asked
            assert caught.value.type == "invalid_request_error"


FAILURES: dict[str, tuple[Answer, type[openai.APIStatusError], int, str]] = {
    "the Space fails": (
        gradio(failed("Not today")),
        openai.InternalServerError,
        502,
        "space_failed",
    ),
    "no quota": (
        gradio(failed("You have exceeded your GPU quota. Try again in 1:02:03")),
        openai.RateLimitError,
        429,
        "insufficient_quota",
    ),
    "asked too often": (
        always(response(b"slow down", "429 Too Many Requests", retry_after="90")),
        openai.RateLimitError,
        429,
        "rate_limit_exceeded",
    ),
    "private": (
        always(response(b"", "401 Unauthorized")),
        openai.PermissionDeniedError,
        403,
        "space_forbidden",
    ),
    "not there": (
        always(response(b"", "404 Not Found")),
        openai.NotFoundError,
        404,
        "model_not_found",
    ),
    "asleep": (
        always(response(b"", "503 Service Unavailable")),
        openai.InternalServerError,
        503,
        "space_unavailable",
    ),
    "queue full": (
        gradio(failed("The queue is full.")),
        openai.InternalServerError,
        503,
        "queue_full",
    ),
    "cut short": (
        gradio(generating(*pairs("So far")), Then.CLOSE),
        openai.InternalServerError,
        502,
        "space_failed",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failures(way: Way, scripted: Scripted, name: str) -> None:
    answer, kind, status, code = FAILURES[name]
    with scripted(answer), way.client() as client:
        with pytest.raises(kind) as caught:
            client.chat.completions.create(model="qwen-2.5", messages=HI)
        error = caught.value
        assert (error.status_code, error.code) == (status, code)
        retry_after = {"no quota": "3723", "asked too often": "90"}.get(name)
        assert error.response.headers.get("retry-after") == retry_after
        assert isinstance(error.body, dict)
        assert error.body.get("partial_text") == ("So far" if name == "cut short" else None)


def test_a_failure_in_the_middle(way: Way, scripted: Scripted) -> None:
    answer = gradio(generating(*pairs("So")), generating(*appended(" far")), failed("Not today"))
    with scripted(answer), way.client() as client:
        stream = client.chat.completions.create(model="qwen-2.5", messages=HI, stream=True)
        texts: list[str | None] = []
        with pytest.raises(openai.APIError, match="Not today") as caught:
            texts.extend(chunk.choices[0].delta.content for chunk in stream)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["partial_text"] == "So far"
    assert caught.value.code == "space_failed"


@pytest.mark.parametrize("streamed", [False, True])
def test_time_outs(way: Way, scripted: Scripted, streamed: bool) -> None:
    with scripted(gradio(Then.HANG)) as space, way.client(timeout=0.2) as client:
        with pytest.raises(openai.APITimeoutError):
            client.chat.completions.create(model="qwen-2.5", messages=HI, stream=streamed)
        wait_until(lambda: space.open == 0)


@pytest.mark.anyio
async def test_time_outs_async(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    async with way.async_client(timeout=0.2) as client:
        with pytest.raises(openai.APITimeoutError):
            await client.chat.completions.create(model=space.url, messages=HI)
        await until(lambda: space.cancelled == 1 or not is_read(space))


def test_the_space_s_time_outs(scripted: Scripted) -> None:
    with scripted(gradio(Then.HANG)):
        http = in_process(spacechat.Client(timeout=spacechat.Timeout(idle=0.3)))
        with openai.OpenAI(api_key="-", max_retries=0, http_client=http) as client:
            with pytest.raises(openai.InternalServerError) as caught:
                client.chat.completions.create(model="qwen-2.5", messages=HI)
            assert (caught.value.status_code, caught.value.code) == (504, "space_timeout")


def test_retries(gated: tuple[Gate, LocalSpace]) -> None:
    """What a busy server refuses, the package asks for again when it was told to."""
    gate, space = gated
    refused: list[int] = []

    def watch(answer: httpx.Response) -> None:
        if answer.status_code == 429:
            refused.append(int(answer.headers["retry-after"]))
            gate.opened.set()

    http: Any = httpx.Client(event_hooks={"response": [watch]}, trust_env=False)
    with (
        Server(bounds=Bounds(at_once=1, waiting=0)) as server,
        openai.OpenAI(api_key="-", base_url=server.url, http_client=http, max_retries=20) as client,
    ):
        asked = client.chat.completions.create(model=space.url, messages=HI, stream=True)
        next(asked)
        again = client.chat.completions.create(model=space.url, messages=HI)
        list(asked)
    assert again.choices[0].message.content == "one two"
    assert refused
    assert set(refused) == {1}


def test_a_quota_is_not_asked_for_again(way: Way, scripted: Scripted) -> None:
    answer = gradio(failed("You have exceeded your GPU quota."))
    with scripted(answer) as space, way.client(max_retries=3) as client:
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="qwen-2.5", messages=HI)
        assert len(space.to("/queue/join")) == 1


def test_models_that_may_be_asked_for() -> None:
    with LocalSpace("plain", PIECES) as space:
        http = in_process(models=[space.url])
        with openai.OpenAI(api_key="-", http_client=http) as client:
            assert [model.id for model in client.models.list()] == [space.url]
            assert client.chat.completions.create(model=space.url, messages=HI)
            with pytest.raises(openai.NotFoundError, match="There are http"):
                client.chat.completions.create(model="qwen-2.5", messages=HI)
    with pytest.raises(spacechat.ModelNotFoundError):
        Transport(models=["nonsense"])


def test_a_client_of_your_own_stays_open() -> None:
    with LocalSpace("plain", PIECES) as space, spacechat.Client() as own:
        with httpx.Client(transport=Transport(own)) as http:
            body = {"model": space.url, "messages": HI}
            assert http.post("http://any/chat/completions", json=body).status_code == 200
        assert own.ask("Hi", model=space.url).text == "".join(PIECES)


@pytest.mark.anyio
async def test_an_async_client_of_your_own_stays_open() -> None:
    with LocalSpace("plain", PIECES) as space:
        async with spacechat.AsyncClient() as own:
            async with httpx.AsyncClient(transport=AsyncTransport(own)) as http:
                body = {"model": space.url, "messages": HI}
                found = await http.post("http://any/chat/completions", json=body)
                assert found.status_code == 200
            assert (await own.ask("Hi", model=space.url)).text == "".join(PIECES)


def test_closing_the_client_ends_its_answers(gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    client = openai.OpenAI(api_key="-", http_client=in_process())
    stream = client.chat.completions.create(model=space.url, messages=HI, stream=True)
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "one "]
    client.close()
    wait_until(lambda: space.cancelled == 1, 5)
    with pytest.raises(openai.APIError, match="closed before the answer was complete"):
        next(stream)

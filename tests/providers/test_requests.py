"""What goes over the socket for each Space, to the letter."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

import spacechat
from spacechat import Conversation, providers
from tests.samples import DEFAULT_25, DEFAULT_MAX, TURNS
from tests.servers import (
    Received,
    ReplayServer,
    completed,
    pairs,
)
from tests.servers.apps import MILLION, answering
from tests.servers.memory import mock

pytestmark = pytest.mark.anyio

Provider = type[providers.AsyncProvider]

P72B = providers.Qwen_Qwen_2_72B
P25 = providers.Qwen_Qwen_2_5
PMAX = providers.Qwen_Qwen_2_5_Max
PM = providers.Qwen_Qwen_2_5M
ALL: list[Provider] = [P72B, P25, PMAX, PM]


WITH_SYSTEM = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "system", "content": "Be kind."},
]

QUESTIONS: dict[str, Any] = {
    "a string": "Hi",
    "one message": [{"role": "user", "content": "Hi"}],
    "text parts": [
        {
            "role": "user",
            "content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "🌍"}],
        }
    ],
    "white space stays": " Hi\n",
    "system and user": WITH_SYSTEM,
    "a conversation": TURNS,
    "a conversation with a system text": [{"role": "system", "content": "Be brief."}, *TURNS],
    "quotes": 'a "b" \\ \u2028 \x00',
}

PROMPTS = {
    "a string": "Hi",
    "one message": "Hi",
    "text parts": "Hi 🌍",
    "white space stays": " Hi\n",
    "system and user": "Hi",
    "a conversation": (
        "User: Hi\nAssistant: Hello! 你好\nUser: Why is the sky blue?\nTell me.\nAssistant:"
    ),
    "a conversation with a system text": (
        "User: Hi\nAssistant: Hello! 你好\nUser: Why is the sky blue?\nTell me.\nAssistant:"
    ),
    "quotes": 'a "b" \\ \u2028 \x00',
}
SYSTEMS = {
    "system and user": "Be brief.\nBe kind.",
    "a conversation with a system text": "Be brief.",
}
PROMPTS_1M = {
    **PROMPTS,
    "system and user": "System: Be brief.\nUser: Hi\nSystem: Be kind.\nAssistant:",
    "a conversation with a system text": (
        "System: Be brief.\nUser: Hi\nAssistant: Hello! 你好\n"
        "User: Why is the sky blue?\nTell me.\nAssistant:"
    ),
}


def hash_of(requests: Sequence[Received]) -> str:
    """The one session hash that all of the requests carry."""
    found = {request.json["session_hash"] for request in requests if request.body}
    found |= {request.target.partition("session_hash=")[2] for request in requests[-1:]}
    (session_hash,) = found
    assert isinstance(session_hash, str)
    return session_hash


def in_order(body: Any) -> str:
    """A body as a text in which the order of keys shows."""
    return json.dumps(body, indent=1)


async def ask(
    server: ReplayServer,
    provider: Provider,
    question: Any,
    conversation: Conversation | None = None,
) -> list[Received]:
    """Asks, and returns the requests that this took."""
    before = len(server.requests)
    async with spacechat.AsyncClient() as client:
        reply = await client.ask(
            question, provider=provider.at(server.url), conversation=conversation
        )
    assert reply.text == "Hello!"
    return server.requests[before:]


@pytest.mark.parametrize("case", QUESTIONS)
async def test_qwen_2_72b(case: str) -> None:
    with ReplayServer(answering()) as server:
        join, stream = await ask(server, P72B, QUESTIONS[case])
    session = hash_of([join, stream])
    assert join.line == "POST /queue/join? HTTP/1.1"
    assert in_order(join.json) == in_order(
        {
            "data": [PROMPTS[case], [], SYSTEMS.get(case, "")],
            "event_data": None,
            "fn_index": 0,
            "trigger_id": 11,
            "session_hash": session,
        }
    )
    assert stream.line == f"GET /queue/data?session_hash={session} HTTP/1.1"
    assert re.fullmatch("[0-9a-f]{12}", session)


@pytest.mark.parametrize("case", QUESTIONS)
async def test_qwen_2_5(case: str) -> None:
    with ReplayServer(answering()) as server:
        join, stream = await ask(server, P25, QUESTIONS[case])
    session = hash_of([join, stream])
    assert join.line == "POST /queue/join HTTP/1.1"
    assert in_order(join.json) == in_order(
        {
            "data": [PROMPTS[case], [], SYSTEMS.get(case, DEFAULT_25), "72B"],
            "event_data": None,
            "fn_index": 3,
            "trigger_id": 25,
            "session_hash": session,
        }
    )
    assert stream.line == f"GET /queue/data?session_hash={session} HTTP/1.1"
    assert re.fullmatch("[0-9a-f]{10}", session)


@pytest.mark.parametrize("case", QUESTIONS)
async def test_qwen_2_5_max(case: str) -> None:
    with ReplayServer(answering()) as server:
        join, stream = await ask(server, PMAX, QUESTIONS[case])
    session = hash_of([join, stream])
    assert join.line == "POST /gradio_api/queue/join? HTTP/1.1"
    assert in_order(join.json) == in_order(
        {
            "data": [PROMPTS[case], [], SYSTEMS.get(case, DEFAULT_MAX)],
            "event_data": None,
            "fn_index": 0,
            "trigger_id": 11,
            "session_hash": session,
        }
    )
    assert stream.line == f"GET /gradio_api/queue/data?session_hash={session} HTTP/1.1"
    assert re.fullmatch("[0-9a-f]{12}", session)


def assert_million(requests: Sequence[Received], prompt: str) -> str:
    """Checks the three requests of the 1M Space; returns the session hash."""
    predict, join, stream = requests
    session = hash_of(requests)
    assert predict.line == "POST /run/predict?__theme=light HTTP/1.1"
    assert in_order(predict.json) == in_order(
        {
            "data": [{"files": [], "text": prompt}, [], []],
            "event_data": None,
            "fn_index": 1,
            "trigger_id": 5,
            "session_hash": session,
        }
    )
    assert join.line == "POST /queue/join?__theme=light HTTP/1.1"
    assert in_order(join.json) == in_order(
        {
            "data": [
                [
                    [
                        {
                            "id": None,
                            "elem_id": None,
                            "elem_classes": None,
                            "name": None,
                            "text": prompt,
                            "flushing": None,
                            "avatar": "",
                            "files": [],
                        },
                        None,
                    ]
                ],
                None,
                0,
            ],
            "event_data": None,
            "fn_index": 2,
            "trigger_id": 5,
            "session_hash": session,
        }
    )
    assert stream.line == f"GET /queue/data?session_hash={session} HTTP/1.1"
    assert re.fullmatch("[0-9a-f]{12}", session)
    return session


@pytest.mark.parametrize("case", QUESTIONS)
async def test_qwen_2_5_1m(case: str) -> None:
    with ReplayServer(answering()) as server:
        requests = await ask(server, PM, QUESTIONS[case])
    assert_million(requests, PROMPTS_1M[case])


@pytest.mark.parametrize(
    ("provider", "referer"),
    [
        (P72B, "/"),
        (P25, "/?__theme=system"),
        (PMAX, "/?__theme=system"),
        (PM, "/?__theme=light"),
    ],
)
async def test_headers(provider: Provider, referer: str) -> None:
    with ReplayServer(answering()) as server:
        requests = await ask(server, provider, "Hi")
    *posts, stream = requests
    for request in requests:
        assert request.header("origin") == server.url
        assert request.header("referer") == server.url + referer
        assert request.header("user-agent") == f"spacechat/{spacechat.__version__}"
        assert request.header("host") == server.url.removeprefix("http://")
        assert request.header("authorization") is None
        assert request.header("cookie") is None
    for post in posts:
        assert post.header("content-type") == "application/json"
        assert post.header("accept") == "*/*"
    assert stream.header("accept") == "text/event-stream"
    assert stream.body == b""


@pytest.mark.parametrize("provider", ALL)
async def test_one_connection_carries_all_of_a_stream(provider: Provider) -> None:
    with ReplayServer(answering()) as server:
        requests = await ask(server, provider, "Hi")
        assert server.accepted == 1
        assert len(requests) == (3 if provider is PM else 2)


@pytest.mark.parametrize("provider", ALL)
async def test_the_session_hash_is_fresh_each_time(provider: Provider) -> None:
    with ReplayServer(answering()) as server:
        hashes = {hash_of(await ask(server, provider, "Hi")) for _ in range(5)}
    assert len(hashes) == 5


@pytest.mark.parametrize(
    ("provider", "system"), [(P72B, ""), (P25, DEFAULT_25), (PMAX, DEFAULT_MAX)]
)
async def test_follow_up_tells_what_was_said(provider: Provider, system: str) -> None:
    """These Spaces remember nothing: the prompt holds it all, in a session of its own."""
    with ReplayServer(answering()) as server:
        space = provider.at(server.url)
        async with spacechat.AsyncClient() as client:
            first = await client.ask("Hi", provider=space)
            first_hash = first.conversation.session_hash
            second = await client.ask("Why?", provider=space, conversation=first.conversation)
            said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "So?"}]
            await client.ask(said, provider=space, conversation=second.conversation)
        joins = [request for request in server.requests if request.body]
    prompts = [join.json["data"][0] for join in joins]
    assert prompts == [
        "Hi",
        "User: Hi\nAssistant: Hello!\nUser: Why?\nAssistant:",
        "User: Hi\nAssistant: Hello!\nUser: Why?\nAssistant: Hello!\nUser: So?\nAssistant:",
    ]
    assert [join.json["data"][2] for join in joins] == [system, system, "Be brief."]
    assert joins[0].json["session_hash"] == first_hash
    assert len({join.json["session_hash"] for join in joins}) == 3
    assert second.conversation.messages == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "Hello!"},
    ]


@pytest.mark.parametrize("provider", [P72B, P25, PMAX])
async def test_follow_up_with_the_whole_list_says_nothing_twice(provider: Provider) -> None:
    with ReplayServer(answering()) as server:
        space = provider.at(server.url)
        async with spacechat.AsyncClient() as client:
            first = await client.ask("Hi", provider=space)
            whole = [*first.conversation.messages, {"role": "user", "content": "Why?"}]
            await client.ask(whole, provider=space, conversation=first.conversation)
        join = server.requests[-2]
    assert join.json["data"][0] == "User: Hi\nAssistant: Hello!\nUser: Why?\nAssistant:"


@pytest.mark.parametrize(
    ("question", "prompt"),
    [
        ("Why?", "Why?"),
        ([{"role": "user", "content": "Why?"}], "Why?"),
        (
            [
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Hello!"},
                {"role": "user", "content": "Why?"},
                {"role": "user", "content": "Tell me."},
            ],
            "Why?\nTell me.",
        ),
        (
            [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
            "Why?",
        ),
    ],
)
async def test_million_follow_up(question: Any, prompt: str) -> None:
    """The 1M Space remembers the session: its hash again, and the user's last message only."""
    with ReplayServer(answering()) as server:
        async with spacechat.AsyncClient() as client:
            first = await client.ask("Hi", provider=PM.at(server.url))
        assert hash_of(server.requests) == first.conversation.session_hash
        requests = await ask(server, PM, question, first.conversation)
    assert assert_million(requests, prompt) == first.conversation.session_hash


async def test_million_follow_up_from_a_saved_conversation() -> None:
    saved = '{"session_hash":"0123456789ab","messages":[{"role":"user","content":"Hi"}]}'
    with ReplayServer(answering()) as server:
        requests = await ask(server, PM, "Why?", Conversation.from_json(saved))
    assert assert_million(requests, "Why?") == "0123456789ab"


@pytest.mark.parametrize("provider", ALL)
async def test_return_conversation_comes_first(provider: Provider) -> None:
    with ReplayServer(answering()) as server:
        space = provider.at(server.url)
        generator = space.create_async_generator(
            model=provider.default_model,
            messages=[{"role": "user", "content": "Hi"}],
            return_conversation=True,
        )
        found = [piece async for piece in generator]
        conversation, *texts = found
        assert isinstance(conversation, providers.JsonConversation)
        assert conversation.session_hash == hash_of(server.requests)
        assert texts == ["Hello!"]
        assert conversation.messages[-1] == {"role": "assistant", "content": "Hello!"}
        again = space.create_async_generator(
            messages=[{"role": "user", "content": "Why?"}], conversation=conversation
        )
        assert [piece async for piece in again] == ["Hello!"]
        if provider is PM:
            assert_million(server.requests[3:], "Why?")
            assert hash_of(server.requests[3:]) == conversation.session_hash


async def test_the_conversation_comes_before_any_request() -> None:
    with ReplayServer(answering()) as server:
        generator = PM.at(server.url).create_async_generator("Hi", return_conversation=True)
        conversation = await generator.__anext__()
        assert isinstance(conversation, providers.JsonConversation)
        assert server.accepted == 0
        await generator.aclose()
        assert server.accepted == 0


@pytest.mark.parametrize("url", ["/base", "/base/"])
async def test_at_an_address_with_a_path(url: str) -> None:
    with ReplayServer(answering()) as server:
        space = P72B.at(server.url + url)
        assert space.url == server.url + "/base"
        assert space.api_endpoint == server.url + "/base/queue/join?"
        async with spacechat.AsyncClient() as client:
            await client.ask("Hi", provider=space)
        join, stream = server.requests
    assert join.line == "POST /base/queue/join? HTTP/1.1"
    assert stream.target.startswith("/base/queue/data?session_hash=")
    assert join.header("origin") == server.url
    assert join.header("referer") == server.url + "/base/"


@pytest.mark.parametrize("provider", ALL)
async def test_the_public_addresses(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes out where nobody gave another address."""
    asked: list[httpx.Request] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.method == "POST":
            return httpx.Response(200, json={"event_id": "e"})
        body = completed(MILLION, pairs("Hello!")[1])
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    mock(monkeypatch, answer)
    async with spacechat.AsyncClient() as asking:
        reply = await asking.ask("Hi", model=provider.models[0])
    session = reply.conversation.session_hash
    assert [f"{request.method} {request.url}" for request in asked] == {
        P72B: [
            "POST https://qwen-qwen2-72b-instruct.hf.space/queue/join?",
            f"GET https://qwen-qwen2-72b-instruct.hf.space/queue/data?session_hash={session}",
        ],
        P25: [
            "POST https://qwen-qwen2-5.hf.space/queue/join",
            f"GET https://qwen-qwen2-5.hf.space/queue/data?session_hash={session}",
        ],
        PMAX: [
            "POST https://qwen-qwen2-5-max-demo.hf.space/gradio_api/queue/join?",
            "GET https://qwen-qwen2-5-max-demo.hf.space/gradio_api/queue/data"
            f"?session_hash={session}",
        ],
        PM: [
            "POST https://qwen-qwen2-5-1m-demo.hf.space/run/predict?__theme=light",
            "POST https://qwen-qwen2-5-1m-demo.hf.space/queue/join?__theme=light",
            f"GET https://qwen-qwen2-5-1m-demo.hf.space/queue/data?session_hash={session}",
        ],
    }[provider]
    assert {request.headers["origin"] for request in asked} == {provider.url}


ATTRIBUTES: dict[Provider, dict[str, object]] = {
    P72B: {
        "__name__": "Qwen_Qwen_2_72B",
        "label": "Qwen Qwen-2.72B",
        "url": "https://qwen-qwen2-72b-instruct.hf.space",
        "api_endpoint": "https://qwen-qwen2-72b-instruct.hf.space/queue/join?",
        "default_model": "qwen-qwen2-72b-instruct",
        "model_aliases": {"qwen-2-72b": "qwen-qwen2-72b-instruct"},
        "models": ["qwen-2-72b"],
    },
    P25: {
        "__name__": "Qwen_Qwen_2_5",
        "label": "Qwen Qwen-2.5",
        "url": "https://qwen-qwen2-5.hf.space",
        "api_endpoint": "https://qwen-qwen2-5.hf.space/queue/join",
        "default_model": "qwen-qwen2-5",
        "model_aliases": {"qwen-2.5": "qwen-qwen2-5"},
        "models": ["qwen-2.5"],
    },
    PMAX: {
        "__name__": "Qwen_Qwen_2_5_Max",
        "label": "Qwen Qwen-2.5-Max",
        "url": "https://qwen-qwen2-5-max-demo.hf.space",
        "api_endpoint": "https://qwen-qwen2-5-max-demo.hf.space/gradio_api/queue/join?",
        "default_model": "qwen-qwen2-5-max",
        "model_aliases": {"qwen-2-5-max": "qwen-qwen2-5-max"},
        "models": ["qwen-2-5-max"],
    },
    PM: {
        "__name__": "Qwen_Qwen_2_5M",
        "label": "Qwen Qwen-2.5M",
        "url": "https://qwen-qwen2-5-1m-demo.hf.space",
        "api_endpoint": "https://qwen-qwen2-5-1m-demo.hf.space/run/predict?__theme=light",
        "default_model": "qwen-2.5-1m-demo",
        "model_aliases": {"qwen-2.5-1m": "qwen-2.5-1m-demo"},
        "models": ["qwen-2.5-1m"],
    },
}
FLAGS = {
    "working": True,
    "supports_stream": True,
    "supports_system_message": True,
    "supports_message_history": False,
}


@pytest.mark.parametrize("provider", ALL)
def test_attributes(provider: Provider) -> None:
    expected = {**ATTRIBUTES[provider], **FLAGS}
    assert {name: getattr(provider, name) for name in expected} == expected
    # They are there on an instance as well, since `P().create_async_generator(...)` is a way.
    made = provider()
    assert {name: getattr(made, name) for name in expected if name != "__name__"} == {
        name: value for name, value in expected.items() if name != "__name__"
    }


def test_an_app_of_any_kind_may_keep_a_history() -> None:
    assert providers.GradioChat.supports_message_history


def test_who_is_the_same() -> None:
    """The same model, at the same address, asked as the same user."""
    here, there = (providers.Qwen_Qwen_2_5.at(f"http://127.0.0.1:{port}") for port in (1, 2))
    other = providers.Qwen_Qwen_2_72B.at("http://127.0.0.1:1")
    user = providers.Qwen_Qwen_2_5.at("http://ada:x@127.0.0.1:1")
    assert here.is_same_as(providers.Qwen_Qwen_2_5.at("http://127.0.0.1:1"))
    assert not any(here.is_same_as(each) for each in (there, other, user))


@pytest.mark.parametrize("provider", ALL)
def test_attributes_of_a_copy(provider: Provider) -> None:
    copy = provider.at("http://127.0.0.1:7860/")
    endpoint = str(ATTRIBUTES[provider]["api_endpoint"])
    expected = {
        **ATTRIBUTES[provider],
        **FLAGS,
        "url": "http://127.0.0.1:7860",
        "api_endpoint": endpoint.replace(provider.url, "http://127.0.0.1:7860"),
    }
    assert {name: getattr(copy, name) for name in expected} == expected
    assert provider.url == ATTRIBUTES[provider]["url"], "the original stays as it is"


def test_models() -> None:
    assert spacechat.models() == ["qwen-2-72b", "qwen-2.5", "qwen-2-5-max", "qwen-2.5-1m"]

"""Where no model is named: the known Spaces in turn, and then the name of a Space that is up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

import spacechat
from spacechat import errors
from spacechat.local import LocalSpace
from spacechat.providers import DEFAULT, PROVIDERS, Qwen_Qwen_2_5_Max
from tests.conftest import BOTH_APIS
from tests.servers import Answer, ReplayServer, Then, always, response
from tests.servers.local_hub import CHAT_WITH_SIGN_IN, PASSWORD, HubSpace, LocalHub, app

pytestmark = pytest.mark.anyio

GONE = always(response(b"<h1>404</h1>", "404 Not Found", "text/html"))


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ReplayServer]]:
    """The known Spaces, all of which are gone; in the order in which they are asked."""
    servers = [ReplayServer(GONE) for _ in PROVIDERS]
    order = [DEFAULT, *(each for each in PROVIDERS if each is not DEFAULT)]
    for provider, server in zip(order, servers, strict=True):
        monkeypatch.setattr(provider, "url", server.url)
    for server in servers:
        server.__enter__()
    yield servers
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def a_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """A Hub whose third Space is one that anybody can chat with."""
    spaces = [
        HubSpace("a/signs-in", app(CHAT_WITH_SIGN_IN), 900),
        HubSpace("a/login", app(PASSWORD), 800),
        HubSpace("a/up", app(), 5),
        HubSpace("a/hangs", lambda _: [Then.HANG], 99),
        HubSpace("a/sleeps", app(), 5000, "SLEEPING"),
    ]
    with LocalHub(spaces) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@BOTH_APIS
async def test_the_error_names_a_space_that_is_up(
    client: Any, pinned: list[ReplayServer], a_hub: LocalHub
) -> None:
    began = time.monotonic()
    async with client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.ask("Hi")
    assert time.monotonic() - began < 20
    said = str(caught.value)
    assert said.startswith("None of 4 Spaces gave an answer: ")
    assert "The Space a/up is up: ask it with model='a/up', or `spacechat -m a/up" in said
    assert "Nothing was sent to it." in said
    assert len(caught.value.errors) == 4
    assert all(each.accepted for each in pinned)
    # It was only looked at.
    assert {each.path for each in a_hub.apps["a/up"].requests} <= {
        "/config",
        "/gradio_api/queue/status",
    }
    assert "a/sleeps" not in a_hub.apps


@BOTH_APIS
async def test_a_stream_says_so_too(
    client: Any, pinned: list[ReplayServer], a_hub: LocalHub
) -> None:
    async with client:
        with pytest.raises(errors.SpaceUnavailableError, match="a/up is up"):
            async for _ in client.stream("Hi"):
                pass
        chat = client.conversation()
        with pytest.raises(errors.SpaceUnavailableError, match="a/up is up"):
            await chat.ask("Hi")


@BOTH_APIS
async def test_the_first_that_answers_is_enough(
    client: Any,
    pinned: list[ReplayServer],
    a_hub: LocalHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with LocalSpace("qwen-2-5-max", ["Hello"]) as space:
        monkeypatch.setattr(Qwen_Qwen_2_5_Max, "url", space.url)
        async with client:
            reply = await client.ask("Hi")
            again = await client.ask("Bye", conversation=reply.conversation)
    assert (reply.text, reply.provider.label, again.provider.label) == (
        "Hello",
        Qwen_Qwen_2_5_Max.label,
        Qwen_Qwen_2_5_Max.label,
    )
    assert a_hub.accepted == 0
    assert len(pinned[0].to("/config")) == 1  # A conversation stays with the Space that answered.


@pytest.mark.parametrize(
    "named", [{"model": "qwen-2.5"}, {"provider": Qwen_Qwen_2_5_Max}, {"model": ["qwen-2.5"]}]
)
async def test_who_names_a_model_gets_no_other(
    named: dict[str, Any], pinned: list[ReplayServer], a_hub: LocalHub
) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.ask("Hi", **named)
    assert "spacechat find" not in str(caught.value)
    assert a_hub.accepted == 0
    assert sum(each.accepted > 0 for each in pinned) == 1


@pytest.mark.parametrize("fault", ["gone", "silent", "nobody", "empty"])
async def test_where_the_hub_does_not_help(
    fault: str,
    pinned: list[ReplayServer],
    a_hub: LocalHub,
    nobody: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.client.finder._ADVICE", 0.5)
    answers: dict[str, Answer] = {
        "gone": always(response(b"", "500 Internal Server Error")),
        "silent": always(Then.HANG),
        "empty": always(response(b"[]")),
    }
    if fault == "nobody":
        monkeypatch.setenv("HF_ENDPOINT", nobody)
    else:
        a_hub.faults = dict.fromkeys(("/api/spaces/semantic-search", "/api/spaces"), answers[fault])
    began = time.monotonic()
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.ask("Hi")
    assert time.monotonic() - began < 10
    assert str(caught.value).endswith(
        'To find a Space that is up: client.find("chat"), or `spacechat find chat`.'
    )


async def test_a_busy_space_is_no_reason(
    pinned: list[ReplayServer], a_hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is there, and refuses for now, is not gone."""
    busy = always(response(b"{}", "429 Too Many Requests", retry_after="100"))
    with ReplayServer(busy) as server:
        monkeypatch.setattr(Qwen_Qwen_2_5_Max, "url", server.url)
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError) as caught:
                await client.ask("Hi")
    assert "spacechat find" not in str(caught.value)
    assert a_hub.accepted == 0


async def test_a_default_model_is_named(
    pinned: list[ReplayServer], a_hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACECHAT_MODEL", "qwen-2-72b")
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.ask("Hi")
    assert caught.value.errors == ()
    assert a_hub.accepted == 0

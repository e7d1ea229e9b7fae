"""Spaces by their ids, against a stand-in of the Hub's API."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import pytest

import spacechat
from spacechat import errors, events
from spacechat.apps import hub
from tests.servers import (
    Received,
    response,
    until,
)
from tests.servers.hub import PRIVATE, Hub

pytestmark = pytest.mark.anyio

TOKEN = "hf_0123456789"


@pytest.fixture
def a_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The Hub that `HF_ENDPOINT` names; nobody waits long for it."""
    with Hub() as server, server.space:
        monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
        monkeypatch.setattr("spacechat.apps.hub.POLLING", 0.001)
        yield server


async def test_an_id_is_resolved(a_hub: Hub) -> None:
    async with spacechat.AsyncClient() as client:
        reply = await client.ask("Hi", model="owner/name")
        assert reply.text == "Hello!"
        assert reply.model == "owner/name"
        again = await client.ask("Hi", conversation=reply.conversation)
    assert again.text == "Hello!"
    assert a_hub.lines == ["GET /api/spaces/owner/name/host HTTP/1.1"]
    assert len(a_hub.space.to("/config")) == 1
    assert {request.header("origin") for request in a_hub.space.requests} == {a_hub.space.url}
    assert {request.header("referer") for request in a_hub.space.requests} == {
        a_hub.space.url + "/"
    }


@pytest.mark.parametrize("page", ["{}/spaces/owner/name", "{}/spaces/owner/name/tree/main?x=1"])
async def test_the_address_of_its_page(page: str, a_hub: Hub) -> None:
    async with spacechat.AsyncClient() as client:
        reply = await client.ask("Hi", model=page.format(a_hub.url))
    assert (reply.text, reply.model) == ("Hello!", "owner/name")


def test_the_public_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for endpoint in ("", "/"):
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        assert hub.space_url("a/b") == "https://huggingface.co/spaces/a/b"
    for name in ("qwen", "a/b/c", "a b/c", "/b", "../x", "a/", "https://example.org/spaces/a/b"):
        assert hub.space_id(name) is None
    assert hub.space_id("https://huggingface.co/spaces/Qwen/Qwen2.5") == "Qwen/Qwen2.5"


@pytest.mark.parametrize("source", ["argument", "environment", "none"])
async def test_the_token(source: str, a_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to the Hub and the Space, and a private Space can't be had without."""

    def host(request: Received) -> bytes:
        known = request.header("authorization") == f"Bearer {TOKEN}"
        return a_hub.the_host(request) if known else PRIVATE

    a_hub.host = host
    if source == "environment":
        monkeypatch.setenv("HF_TOKEN", TOKEN)
    token = TOKEN if source == "argument" else None
    async with spacechat.AsyncClient(token=token) as client:
        if source == "none":
            with pytest.raises(errors.AuthenticationError, match="owner/name is private") as caught:
                await client.ask("Hi", model="owner/name")
            assert "HF_TOKEN" in str(caught.value)
            assert a_hub.space.accepted == 0
            return
        assert (await client.ask("Hi", model="owner/name")).text == "Hello!"
    for server in (a_hub, a_hub.space):
        sent = [request.header("authorization") for request in server.requests]
        assert sent == [f"Bearer {TOKEN}"] * len(sent)
        assert not any(TOKEN in request.target for request in server.requests)
        assert not any(TOKEN.encode() in request.body for request in server.requests)


async def test_another_hub_gets_no_token_of_the_environment(
    a_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Space elsewhere is no business of the Hub's, and gets none either."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    a_hub.host = lambda _: response(b'{"host":"http://198.51.100.7:9"}')
    async with spacechat.AsyncClient(timeout=0.2, retries=0) as client:
        with pytest.raises(errors.SpaceChatError) as caught:
            await client.ask("Hi", model="owner/name")
    assert TOKEN not in str(caught.value)


async def test_there_is_no_such_space(a_hub: Hub) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ModelNotFoundError, match="no Space owner/other"):
            await client.ask("Hi", model="owner/other")
        health = await client.check("owner/other")
    assert (health.state, health.latency is not None) == ("gone", True)
    assert len(a_hub.requests) == 2  # Each of them once: it is not worth repeating.


@pytest.mark.parametrize("first", ["SLEEPING", "STOPPED"])
async def test_asleep(first: str, a_hub: Hub) -> None:
    a_hub.stages = [first, first, "BUILDING", "APP_STARTING", "APP_STARTING", "RUNNING"]
    async with spacechat.AsyncClient() as client:
        stream = client.stream("Hi", model="owner/name")
        found = [event async for event in stream.events()]
    assert stream.text == "Hello!"
    assert [event.text for event in found if isinstance(event, events.Status)] == [
        "The Space owner/name is asleep and is being woken.",
        "The Space owner/name is being built.",
        "The Space owner/name is starting.",
    ]
    assert a_hub.seen == a_hub.stages
    assert not any(isinstance(event, events.Retrying) for event in found)
    # It was asked for its description, which wakes it, and again when it ran.
    assert len(a_hub.space.to("/config")) == 2


async def test_it_never_wakes(a_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.apps.reach.WAKING", 0.005)
    a_hub.stages = ["SLEEPING", "BUILDING"]
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError, match="is being built: ask again") as why:
            await client.ask("Hi", model="owner/name")
    assert not why.value.temporary  # So that it is not waited for once more.
    assert 2 <= len(a_hub.seen) <= 10


async def test_the_total_timeout_ends_the_wait(a_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.apps.hub.POLLING", 60.0)
    a_hub.stages = ["SLEEPING"]
    async with spacechat.AsyncClient(timeout=spacechat.Timeout(total=0.5)) as client:
        with pytest.raises(errors.StreamTimeoutError, match="total timeout"):
            await client.ask("Hi", model="owner/name")


async def test_the_wait_can_be_left(a_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.apps.hub.POLLING", 600.0)
    a_hub.stages = ["SLEEPING"]
    async with spacechat.AsyncClient() as client:
        stream = client.stream("Hi", model="owner/name")
        async for event in stream.events():
            assert isinstance(event, events.Status)
            with anyio.move_on_after(0.05):
                await stream.next_event()
            await stream.aclose()
    await until(lambda: a_hub.open == 0)


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("PAUSED", "is paused by its owner"),
        ("RUNTIME_ERROR", "has crashed"),
        ("BUILD_ERROR", "could not be built"),
        ("CONFIG_ERROR", "wrong configuration"),
        ("NO_APP_FILE", "has no app"),
        ("DELETING", "is being deleted"),
    ],
)
async def test_broken(stage: str, said: str, a_hub: Hub) -> None:
    a_hub.stages = [stage]
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError, match=said) as caught:
            await client.ask("Hi", model="owner/name")
        assert not caught.value.temporary
        health = await client.check("owner/name")
    assert health.state == "gone"
    assert said in health.detail


async def test_it_breaks_while_it_is_woken(a_hub: Hub) -> None:
    a_hub.stages = ["SLEEPING", "BUILDING", "BUILD_ERROR"]
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError, match="could not be built"):
            await client.ask("Hi", model="owner/name")


@pytest.mark.parametrize("stage", ["SLEEPING", "BUILDING", "APP_STARTING"])
async def test_a_check_does_not_wait(stage: str, a_hub: Hub) -> None:
    a_hub.stages = [stage]
    async with spacechat.AsyncClient() as client:
        health = await client.check("owner/name")
    assert health.state == "asleep"
    assert len(a_hub.seen) == 1


async def test_a_check_of_one_that_is_up(a_hub: Hub) -> None:
    async with spacechat.AsyncClient() as client:
        health = await client.check("owner/name")
    assert (health.model, health.state, health.detail) == ("owner/name", "up", "")
    assert health.latency is not None


GARBAGE = [
    response(b"<html>Welcome to this Wi-Fi</html>", kind="text/html"),
    response(b"[]"),
    response(b"{}"),
    response(b'{"host":5}'),
    response(b'{"host":""}'),
    response(b'{"host":"ftp://x"}'),
    response(b'{"host":"//x"}'),
    response(b'{"host":"http://"}'),
    response(b'{"host":"http://[x"}'),
    response(b"\xff\xfe"),
    response(b"[" * 20_000),
]


@pytest.mark.parametrize("answer", GARBAGE)
async def test_garbage(answer: bytes, a_hub: Hub) -> None:
    a_hub.host = lambda _: answer
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ProtocolError):
            await client.ask("Hi", model="owner/name")
    assert a_hub.space.accepted == 0


@pytest.mark.parametrize("answer", [*GARBAGE[:3], response(b"", "500 Internal Server Error")])
async def test_garbage_for_a_state(answer: bytes, a_hub: Hub) -> None:
    """Then what the Space itself said is the error."""
    a_hub.stages = [answer.decode()]
    async with spacechat.AsyncClient(retries=0) as client:
        with pytest.raises(errors.SpaceUnavailableError, match="503") as caught:
            await client.ask("Hi", model="owner/name")
    assert caught.value.temporary


async def test_a_look_that_fails_is_repeated(a_hub: Hub) -> None:
    a_hub.stages = ["SLEEPING", GARBAGE[0].decode(), "BUILDING", "RUNNING"]
    async with spacechat.AsyncClient() as client:
        assert (await client.ask("Hi", model="owner/name")).text == "Hello!"


def test_blocking(a_hub: Hub) -> None:
    a_hub.stages = ["SLEEPING", "RUNNING"]
    with spacechat.Client() as client:
        assert client.ask("Hi", model="owner/name").text == "Hello!"
        assert client.check("owner/name").state == "up"

"""A Space's usual address is tried while the Hub is asked where the Space is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from benchmarks.far import Far

import spacechat
from spacechat.apps import hub
from spacechat.apps.place import Place
from spacechat.apps.reach import reach_space
from spacechat.steps import Beside, Connect, Fetch, Response, Steps
from tests.conftest import BOTH_APIS
from tests.servers import Part, Received, ReplayServer, Then, response
from tests.servers.apps import AnApp, app
from tests.servers.hub import MISSING, Hub

pytestmark = [pytest.mark.anyio, BOTH_APIS]

TOKEN = "hf_0123456789"


@pytest.fixture
def a_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The public Hub, at whose usual address the Space is."""
    with Hub() as server, server.space:
        be_the_hub(server.url, server.space.url, monkeypatch)
        yield server


def be_the_hub(url: str, usual: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HUB", url)
    monkeypatch.setattr(hub, "USUAL", usual)
    monkeypatch.setattr(hub, "POLLING", 0.001)


class HubAndSpace(AnApp):
    """The Hub and a Space on one server, so that both are as far."""

    def __init__(self) -> None:
        super().__init__()
        self.host = ""

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/api/spaces/owner/name/host":
            return [response(json.dumps({"host": self.host}).encode())]
        return super().tell(request)


async def test_it_costs_what_an_address_does(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection, the description, the queue, the answer."""
    with HubAndSpace() as server, Far(server.url, 0.04) as far:
        server.host = far.url
        be_the_hub(far.url, far.url, monkeypatch)
        async with client, client.stream("Hi", model="owner/name") as stream:
            await stream.__anext__()
            assert far.clock == 4
    assert len(server.to("/config")) == 1


async def test_no_credentials_go_there_unconfirmed(
    client_of: Callable[..., Any], a_hub: Hub
) -> None:
    async with client_of(token=TOKEN, headers={"x-key": TOKEN}) as client:
        await client.ask("Hi", model="owner/name")
    sent = [(each.path, TOKEN in str(each.headers)) for each in a_hub.space.requests]
    assert sent[0] == ("/config", False)
    assert [path for path, has_token in sent if not has_token] == ["/config"]
    assert all(TOKEN in str(each.headers) for each in a_hub.requests)


@pytest.mark.parametrize("answers", [True, False])
async def test_a_space_of_somebody_else_is_there(
    client_of: Callable[..., Any], a_hub: Hub, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent no question and no token, and can't hold one up either."""
    asked, tried = a_hub.host, threading.Event()

    def tell(request: Received) -> Iterable[Part]:
        tried.set()
        return [app(app_id=7)] if answers else [Then.HANG]

    def host(request: Received) -> bytes:
        assert tried.wait(10)
        return asked(request)

    a_hub.host = host
    with ReplayServer(tell) as other:
        monkeypatch.setattr(hub, "USUAL", other.url)
        async with client_of(token=TOKEN) as client:
            assert (await client.ask("Hi", model="owner/name")).text == "Hello!"
    assert {each.path for each in other.requests} == {"/config"}
    assert TOKEN not in str([each.headers for each in other.requests])


async def test_a_space_that_is_not_there(client: Any, a_hub: Hub) -> None:
    """What is at its usual address then belongs to another one."""
    a_hub.host = lambda _request: MISSING
    async with client:
        with pytest.raises(spacechat.ModelNotFoundError, match="no Space owner/name"):
            await client.ask("Hi", model="owner/name")
    assert {each.path for each in a_hub.space.requests} <= {"/config"}


async def test_a_private_space(client_of: Callable[..., Any], a_hub: Hub) -> None:
    asked = a_hub.ask
    refused = response(b"<h1>404</h1>", "404 Not Found", "text/html")

    def ask(request: Received) -> Iterable[Part]:
        return asked(request) if request.header("authorization") else [refused]

    a_hub.space._answer = ask
    async with client_of(token=TOKEN) as client:
        assert (await client.ask("Hi", model="owner/name")).text == "Hello!"
    assert len(a_hub.lines) == 1


async def test_a_space_that_is_asleep(client: Any, a_hub: Hub) -> None:
    a_hub.stages = ["SLEEPING", "APP_STARTING", "RUNNING"]
    async with client:
        assert (await client.ask("Hi", model="owner/name")).text == "Hello!"


@pytest.mark.runs_on("asyncio")
async def test_what_keeps_the_hub_from_being_asked_is_the_error() -> None:
    """If one thing fails that is asked beside the description, the others are cut short."""
    place = Place("https://huggingface.co/spaces/owner/name", {})
    script = reach_space("owner/name", place, wait=False, with_info=True)
    steps = [next(script), *(script.send(None) for _ in range(3))]
    assert isinstance(steps[-1], Fetch)
    failure = spacechat.SpaceUnavailableError("The proxy's URL can't be used.")
    with pytest.raises(spacechat.SpaceUnavailableError) as raised:
        script.throw(failure)
    assert raised.value is failure


@pytest.mark.runs_on("asyncio")
async def test_what_was_left_out_has_no_value() -> None:
    asking = Beside(nothing())
    assert not asking.has_ended
    with pytest.raises(spacechat.StreamInterruptedError, match="did not come to its end"):
        _ = asking.value


def nothing() -> Steps[None]:
    yield Connect("http://h", {})


WITH_CREDENTIALS = {
    "a user": Place("https://huggingface.co/spaces/owner/name", {"authorization": "Basic x"}),
    "a login": Place("https://huggingface.co/spaces/owner/name", {}, ("user", "password")),
}


@pytest.mark.runs_on("asyncio")
@pytest.mark.parametrize("kind", WITH_CREDENTIALS)
async def test_no_address_is_tried_with_credentials(kind: str) -> None:
    """The Hub is asked first where a place brings a user."""
    script = reach_space("owner/name", WITH_CREDENTIALS[kind], wait=False, with_info=False)
    connect, asking = next(script), script.send(None)
    assert isinstance(connect, Connect)
    assert isinstance(asking, Fetch)
    assert connect.url == hub.HUB
    assert asking.request.url == f"{hub.HUB}/api/spaces/owner/name/host"
    connect = script.send(Response(b'{"host": "https://other.hf.space"}'))
    assert isinstance(connect, Connect)
    assert connect.url == "https://other.hf.space"


@pytest.mark.runs_on("asyncio")
async def test_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub.usual_address("Owner.x/a_Name") == "https://owner-x-a-name.hf.space"
    for odd in ("_owner/name", "owner/name_", f"owner/{'x' * 60}"):
        assert hub.usual_address(odd) is None
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    assert hub.usual_address("owner/name") is None

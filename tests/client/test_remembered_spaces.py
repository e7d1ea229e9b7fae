"""The address of a Space is remembered, but gets credentials only soon after the Hub named it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from spacechat.apps import hub, known
from spacechat.apps.description import Description
from spacechat.apps.memory import Memory, Name
from spacechat.apps.place import Place
from spacechat.hidden import digest
from spacechat.steps import Connect
from tests.conftest import BOTH_APIS
from tests.servers import Part, Received, ReplayServer, response
from tests.servers.apps import AnApp

pytestmark = [pytest.mark.anyio, BOTH_APIS]

Clients = Callable[..., Any]

TOKEN = "hf_0123456789"
SPACE = "owner/name"

CREDENTIALS: dict[str, dict[str, Any]] = {
    "a token": {"token": TOKEN},
    "a header": {"headers": {"x-key": TOKEN}},
    "none": {},
}
"""What a client has."""


class Named(ReplayServer):
    """A Hub that gives out an app's address.

    Attributes:
        app: The app.
    """

    def __init__(self, app: AnApp) -> None:
        super().__init__(self.tell)
        self.app = app

    def tell(self, _request: Received) -> Iterable[Part]:
        return [response(json.dumps({"host": self.app.url}).encode())]


@pytest.fixture
def before() -> Iterator[AnApp]:
    """The app that is the Space's at first."""
    with AnApp() as app:
        yield app


@pytest.fixture
def after() -> Iterator[AnApp]:
    """The app that is the Space's later, when the other one is somebody else's."""
    with AnApp() as app:
        yield app


@pytest.fixture
def named(before: AnApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[Named]:
    """The public Hub, for which the addresses of this machine count as those of the internet do."""
    with Named(before) as server:
        monkeypatch.setattr(hub, "HUB", server.url)
        monkeypatch.setattr(hub, "USUAL", before.url)
        monkeypatch.setattr(known, "keeps_its_app", lambda _url: True)
        yield server


async def ask(client: Any, **more: Any) -> None:
    async with client:
        await client.ask("Hi", model=SPACE, **more)


@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_soon_the_address_is_used(
    client_of: Clients, named: Named, before: AnApp, kind: str
) -> None:
    for _ in range(3):
        await ask(client_of(**CREDENTIALS[kind]))
    assert len(named.requests) == 1
    assert before.described == 1


@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_later_credentials_go_there_only_if_the_hub_says_so_again(
    client_of: Clients,
    named: Named,
    before: AnApp,
    after: AnApp,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has it now could tell the same identity. Without credentials, nothing is lost."""
    await ask(client_of(**CREDENTIALS[kind]))
    monkeypatch.setattr(known, "_CONFIRMED", 0.0)
    named.app = after
    told = len(before.requests)
    await ask(client_of(**CREDENTIALS[kind]))
    assert len(named.requests) == (1 if kind == "none" else 2)
    assert TOKEN not in str([each.headers for each in before.requests[told:]])
    assert len(after.to("/queue/join")) == (0 if kind == "none" else 1)


async def test_a_token_of_the_environment_is_one_of_these(
    client_of: Clients,
    named: Named,
    before: AnApp,
    after: AnApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ask(client_of())
    monkeypatch.setattr(known, "_CONFIRMED", 0.0)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    named.app = after
    await ask(client_of())
    assert TOKEN not in str([each.headers for each in before.requests])
    assert TOKEN in str([each.headers for each in after.to("/queue/join")])


async def test_a_sign_in_is_one(
    client_of: Clients, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sends the token in a call, whether or not the headers have it."""
    await ask(client_of())
    monkeypatch.setattr(known, "_CONFIRMED", 0.0)
    await ask(client_of(), sign_in=True)
    assert len(named.requests) == 2


@pytest.mark.runs_on("asyncio")
@pytest.mark.parametrize("auth", [("user", "password"), None])
async def test_a_login_is_one(before: AnApp, auth: tuple[str, str] | None) -> None:
    """The Hub is asked before anybody is logged in."""
    place = Place(f"{hub.HUB}/spaces/{SPACE}", {}, auth)
    config = json.dumps(before.config).encode()
    earlier = time.time() - 1800
    old = Description("https://old.hf.space", None, config, public=True, confirmed=earlier)
    memory = Memory()
    memory.keep(Name(place.url, digest(b"", None, auth)), old)
    script = known.Apps(memory).open(place)
    connect = next(script)
    assert isinstance(connect, Connect)
    assert connect.url == "https://old.hf.space"  # Which sends nothing yet.
    connect = script.send(b"")
    assert isinstance(connect, Connect)
    assert connect.url == ("https://old.hf.space" if auth is None else hub.HUB)


@pytest.mark.usefixtures("before")
async def test_no_address_is_remembered_for_more_than_a_day(
    client_of: Clients, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(client_of())
    monkeypatch.setattr(known, "_LONGEST", 0.0)
    await ask(client_of())
    assert len(named.requests) == 2


LATER = ["a sign-in", "a token of the environment", "nothing more"]
"""What a client has when it asks again."""


@pytest.mark.parametrize("later", LATER)
async def test_a_question_without_credentials_confirms_nothing(
    client_of: Clients,
    named: Named,
    before: AnApp,
    after: AnApp,
    later: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The client knows the app by then, but from another one, and the Hub did not say so again."""
    await ask(client_of())
    monkeypatch.setattr(known, "_CONFIRMED", 0.0)
    named.app = after
    async with client_of() as client:
        for _ in range(2):
            await client.ask("Hi", model=SPACE)
        assert len(named.requests) == 1
        told = len(before.requests)
        if later == "a token of the environment":
            monkeypatch.setenv("HF_TOKEN", TOKEN)
        for _ in range(2):
            await client.ask("Hi", model=SPACE, sign_in=later == "a sign-in")
    same = later == "nothing more"
    assert len(named.requests) == (1 if same else 2)
    assert len(after.to("/queue/join")) == (0 if same else 2)
    assert TOKEN not in str([(each.headers, each.body) for each in before.requests])
    if not same:
        assert {each.path for each in before.requests[told:]} <= {"/config"}


async def test_a_client_stays_with_the_host_that_the_hub_named_to_it(
    client_of: Clients, named: Named, after: AnApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of() as client:
        await client.ask("Hi", model=SPACE)
        monkeypatch.setattr(known, "_CONFIRMED", 0.0)
        named.app = after
        await client.ask("Hi", model=SPACE, sign_in=True)
    assert len(named.requests) == 1

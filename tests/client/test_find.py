"""Spaces that can be chatted with, found on a Hub of this machine."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import anyio
import huggingface_hub
import pytest

import spacechat
from spacechat import errors
from spacechat.apps import hub_search
from spacechat.apps.found import FoundSpace, best_first
from spacechat.apps.hub_search import ListedSpace
from spacechat.apps.look import REQUESTS, look_at, unreachable
from spacechat.steps import Fetch, Response
from tests.conftest import BOTH_APIS
from tests.scripts import run_script
from tests.servers import Part, Received, ReplayServer, Then, always, response, until
from tests.servers.local_hub import (
    CALCULATOR,
    CHAT_WITH_SIGN_IN,
    PASSWORD,
    HubSpace,
    LocalHub,
    app,
    crowd,
    dripping,
    endless,
    hostile,
)

pytestmark = pytest.mark.anyio

TOKEN = "hf_0123456789"
MEANING = "/api/spaces/semantic-search"
NAMES = "/api/spaces"

Answer = Callable[[Received], Iterable[Part]]
Hubs = Callable[..., LocalHub]


@pytest.fixture(params=["package", "alone"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With `huggingface_hub`, and as if it were not installed."""
    name: str = request.param
    if name == "alone":
        monkeypatch.setattr("spacechat.transport.connection.has_hub_package", lambda: False)
    return name


@pytest.fixture
def a_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hubs]:
    """Starts a Hub with some Spaces, which `HF_ENDPOINT` then names."""
    running: list[LocalHub] = []

    def start(*spaces: HubSpace, **settings: Any) -> LocalHub:
        hub = LocalHub(spaces, **settings)
        running.append(hub.__enter__())
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        return hub

    yield start
    for hub in running:
        hub.__exit__(None, None, None)


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    """Set when slow servers should end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def elsewhere() -> Iterator[ReplayServer]:
    """A server to which nobody must be led."""
    with ReplayServer(always(response(b"{}"))) as server:
        yield server
        assert server.accepted == 0


@BOTH_APIS
async def test_two_hundred_spaces(
    client: Any,
    a_hub: Hubs,
    way: str,
    elsewhere: ReplayServer,
    stopping: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.client.finder._EACH", 4.0)
    spaces = crowd(elsewhere.url, stopping)
    hub = a_hub(*spaces)
    looked_at: list[FoundSpace] = []
    began = time.monotonic()
    async with client:
        found = await client.find("qwen chat", watch=looked_at.append, timeout=60)
    assert time.monotonic() - began < 60
    assert len(found) == 10
    assert all(each.chat and each.state == "running" for each in found)
    assert found == best_first(found)
    assert found == best_first(each for each in looked_at if each.chat)[:10]
    # The best of all two hundred is the first, wherever the Hub has it.
    good = [each for each in spaces if each.id.startswith("good/")]
    short = [each for number, each in enumerate(good) if number // 3 % 5 in (0, 2)]
    assert found[0].id == max(short, key=lambda each: each.likes).id
    assert len(looked_at) == 40
    assert len(hub.requests) <= 1 + 40
    assert hub.asked <= 2 + 40 * REQUESTS
    # Nobody was woken, and what only others may see was not even found.
    assert not {name.partition("/")[0] for name in hub.apps} & {"asleep", "broken", "secret"}


@BOTH_APIS
async def test_what_is_known_of_each(client: Any, a_hub: Hubs, way: str) -> None:
    hub = a_hub(
        HubSpace("a/sleeps", app(), 5000, "SLEEPING"),
        HubSpace("a/long-queue", app(queue=40), 900),
        HubSpace("a/signs-in", app(CHAT_WITH_SIGN_IN), 800),
        HubSpace("a/has-a-login", app(PASSWORD), 700),
        HubSpace("a/no-queue", app(queue=None), 60),
        HubSpace("a/zero", app(queue=1), 50, title="Zero  GPU\n", hardware="zero-a10g"),
        HubSpace("a/free", app(), 5),
        HubSpace("a/built", app(), 4, "BUILDING"),
        HubSpace("a/paused", app(), 3, "PAUSED"),
        HubSpace("a/crashed", app(), 2, "RUNTIME_ERROR"),
        HubSpace("a/rebuilt", app(), 1, "RUNNING_BUILDING"),
        HubSpace("a/docker", app(), 9, sdk="docker"),
    )
    hub.has_meaning = False
    async with client:
        found = await client.find("a", all=True)
        few = await client.find("a", limit=2)
    assert [each.id for each in few] == ["a/zero", "a/free"]
    assert [each.id for each in found] == [
        "a/zero",
        "a/free",
        "a/rebuilt",
        "a/no-queue",
        "a/long-queue",
        "a/signs-in",
        "a/has-a-login",
        "a/sleeps",
        "a/built",
        "a/paused",
        "a/crashed",
    ]
    by_id = {each.id.partition("/")[2]: each for each in found}
    zero = by_id["zero"]
    assert zero.title == "Zero GPU"
    assert (zero.likes, zero.state, zero.chat, zero.queue) == (50, "running", True, 1)
    assert (zero.gpu_quota, zero.hardware, zero.gradio) == (True, "zero-a10g", "5.50.0")
    assert zero.url == f"{hub.url}/spaces/a/zero"
    assert zero.how.startswith("You type into the box 'Question'; pressing Enter calls")
    assert by_id["signs-in"].sign_in
    assert by_id["signs-in"].chat
    assert by_id["has-a-login"].login
    assert "auth=(user, password)" in by_id["has-a-login"].problem
    assert by_id["no-queue"].queue is None
    states = {name: each.state for name, each in by_id.items() if not each.chat}
    assert states == {
        "has-a-login": "running",
        "sleeps": "asleep",
        "built": "starting",
        "paused": "paused",
        "crashed": "broken",
    }
    assert "wakes it" in by_id["sleeps"].problem


async def test_with_and_without_the_package_it_is_the_same(
    a_hub: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = a_hub(
        *(HubSpace(f"a/b{number}", app(queue=number % 4), number * 7 % 5) for number in range(12))
    )
    found = []
    for package in (True, False):
        monkeypatch.setattr(
            "spacechat.transport.connection.has_hub_package", lambda has=package: has
        )
        async with spacechat.AsyncClient() as client:
            found.append(await client.find("b", all=True))
    assert found[0] == found[1]
    with_package, alone = hub.to(MEANING)
    assert with_package.target == alone.target
    assert "; hf_hub/" in (with_package.header("user-agent") or "")
    assert "hf_hub" not in (alone.header("user-agent") or "")


def test_the_hub_of_the_tests_answers_what_the_package_asks(a_hub: Hubs) -> None:
    pytest.importorskip("huggingface_hub", "1.14", reason="It does not search by meaning.")
    hub = a_hub(
        HubSpace("a/one-chat", app(), 3, title="One", hardware="zero-a10g"),
        HubSpace("a/asleep-chat", app(), 9, "SLEEPING"),
        HubSpace("a/secret-chat", app(), private=True),
    )
    api = huggingface_hub.HfApi(endpoint=hub.url, token=False)
    (one,) = api.search_spaces("one chat", sdk="gradio")
    assert (one.id, one.title, one.likes, one.sdk) == ("a/one-chat", "One", 3, "gradio")
    assert one.runtime is not None
    assert (one.runtime.stage, one.runtime.hardware) == ("RUNNING", "zero-a10g")
    every = list(api.search_spaces("chat", sdk="gradio", include_non_running=True))
    assert [each.id for each in every] == ["a/one-chat", "a/asleep-chat"]
    expand: Any = [*hub_search._EXPAND]
    listed = list(
        api.list_spaces(
            filter="gradio", search="chat", sort="likes", limit=hub_search._LISTED, expand=expand
        )
    )
    assert [each.id for each in listed] == ["a/asleep-chat", "a/one-chat"]
    first = listed[1]
    assert first.runtime is not None
    assert first.runtime.raw["hardware"]["current"] == "zero-a10g"
    assert first.card_data is not None
    assert first.card_data.title == "One"
    assert api.get_space_runtime("a/one-chat").stage == "RUNNING"
    assert api.space_info("a/one-chat").likes == 3
    with_token = huggingface_hub.HfApi(endpoint=hub.url, token="hf_owner")
    assert len(list(with_token.list_spaces(search="chat"))) == 3
    # What spacechat asks is what the package asks.
    asked = [request.target for request in hub.requests if request.path in (MEANING, NAMES)]
    assert hub_search._by_meaning("one chat", any_state=False) == hub.url + asked[0]
    assert hub_search._by_meaning("chat", any_state=True) == hub.url + asked[1]
    assert hub_search._by_name("chat") == hub.url + asked[2]


@BOTH_APIS
async def test_the_token_goes_to_the_hub_and_to_private_spaces_only(
    client_of: Any, a_hub: Hubs, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = a_hub(
        HubSpace("a/open", app(), 2), HubSpace("a/mine", app(), 1, private=True), token=TOKEN
    )
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    async with client_of(headers={"x-mine": "canary"}) as client:
        found = await client.find("a")
    assert [(each.id, each.private) for each in found] == [("a/open", False), ("a/mine", True)]
    assert {each.header("authorization") for each in hub.requests} == {f"Bearer {TOKEN}"}
    for name, secrets in (("a/open", {None}), ("a/mine", {f"Bearer {TOKEN}"})):
        sent = hub.apps[name].requests
        assert {each.header("authorization") for each in sent} == secrets
        assert {each.header("x-mine") for each in sent} == (
            {"canary"} if "mine" in name else {None}
        )


async def test_the_login_of_the_package(a_hub: Hubs, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows more than a file does; a token of the caller's comes before it."""
    hub = a_hub(HubSpace("a/b", app()))
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "hf_of_the_package")
    async with spacechat.AsyncClient() as client:
        await client.find("b")
    async with spacechat.AsyncClient(token=TOKEN) as client:
        await client.find("b")
    sent = [each.header("authorization") for each in hub.to(MEANING)]
    assert sent == ["Bearer hf_of_the_package", f"Bearer {TOKEN}"]


@pytest.mark.parametrize("withheld", ["token", "environment"])
async def test_a_login_that_is_withheld(
    a_hub: Hubs, way: str, withheld: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package's `get_token` doesn't heed either."""
    hub = a_hub(HubSpace("a/b", app()))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: TOKEN)
    if withheld == "environment":
        monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    async with spacechat.AsyncClient(token="" if withheld == "token" else None) as client:
        await client.find("b")
    assert [each.header("authorization") for each in hub.to(MEANING)] == [None]


async def test_the_package_is_offline(a_hub: Hubs, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = a_hub(HubSpace("a/b", app()))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError, match="HF_HUB_OFFLINE"):
            await client.find("b")
    assert hub.accepted == 0


@pytest.mark.parametrize("what", hostile("http://127.0.0.1:9", threading.Event()))
async def test_one_spaces_trouble_is_not_the_others(
    what: str,
    a_hub: Hubs,
    elsewhere: ReplayServer,
    stopping: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.client.finder._EACH", 1.0)
    hub = a_hub(
        HubSpace("a/harm", hostile(elsewhere.url, stopping)[what], 999), HubSpace("a/good", app())
    )
    async with spacechat.AsyncClient() as client:
        found = await client.find("a", all=True)
    by_id = {each.id: each for each in found}
    assert by_id["a/good"].chat
    harm = by_id["a/harm"]
    assert harm.chat == what.startswith("queue-")
    assert harm.queue is None
    assert harm.state == ("running" if harm.chat else "unreachable")
    assert bool(harm.problem) != harm.chat
    assert len(harm.problem) < 600
    assert len(hub.apps["a/harm"].requests) <= REQUESTS


def hub_faults(stopping: threading.Event) -> dict[str, tuple[Answer, type[Exception], str]]:
    """What the Hub does in the place of searching, and the error that comes of it."""
    unavailable, protocol = errors.SpaceUnavailableError, errors.ProtocolError
    return {
        "busy": (
            always(response(b"{}", "429 Too Many Requests", retry_after="7200")),
            errors.RateLimitError,
            "429",
        ),
        "failing": (
            always(response(b"Oops", "500 Internal Server Error")),
            unavailable,
            r"can't search for Spaces now \(status 500\)",
        ),
        "away": (always(response(b"", "503 Service Unavailable")), unavailable, "status 503"),
        "forbidden": (
            always(response(b"{}", "401 Unauthorized")),
            errors.AuthenticationError,
            "check the token",
        ),
        "redirect": (
            always(response(b"", "302 Found", location="http://127.0.0.1:9/")),
            unavailable,
            "status 302",
        ),
        "html": (always(response(b"<p>Welcome</p>", kind="text/html")), protocol, "HF_ENDPOINT"),
        "object": (always(response(b'{"error":"no"}')), protocol, "HF_ENDPOINT"),
        "nested": (always(response(b"[" * 100_000)), protocol, "HF_ENDPOINT"),
        "endless": (lambda _: endless(b'{"id":"a/b"},' * 20_000), protocol, "bytes"),
        "compressed": (
            always(response(b"\x1f\x8b", content_encoding="gzip")),
            protocol,
            "compressed",
        ),
        "silent": (always(Then.HANG), errors.StreamTimeoutError, "timeout"),
        "dripping": (lambda _: dripping(stopping), errors.StreamTimeoutError, "timeout"),
        "reset": (always(Then.RESET), unavailable, "broke the connection"),
    }


@pytest.mark.parametrize("fault", hub_faults(threading.Event()))
@BOTH_APIS
async def test_faults_of_the_hub(
    fault: str, client_of: Any, a_hub: Hubs, way: str, stopping: threading.Event
) -> None:
    answer, kind, says = hub_faults(stopping)[fault]
    hub = a_hub(HubSpace("a/b", app()))
    hub.faults = {MEANING: answer, NAMES: answer}
    seconds = 1.5 if kind is errors.StreamTimeoutError else 60.0
    began = time.monotonic()
    async with client_of(retries=1) as client:
        with pytest.raises(kind, match=says) as caught:
            await client.find("b", timeout=seconds)
    assert time.monotonic() - began < seconds + 10
    assert len(hub.requests) <= 4
    if isinstance(caught.value, errors.RateLimitError):
        assert caught.value.retry_after == 7200
        assert len(hub.requests) == 1  # So long nobody waits, and the other search is refused, too.


async def test_a_hub_that_is_not_there(
    nobody: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", nobody)
    async with spacechat.AsyncClient(retries=0) as client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.find("b")
        assert str(caught.value).startswith(f"{nobody} can't be reached: Connection refused. ")
        monkeypatch.setenv("HF_ENDPOINT", "no address")
        with pytest.raises(errors.SpaceUnavailableError, match="HF_ENDPOINT"):
            await client.find("b")


async def test_a_busy_hub_is_asked_again(a_hub: Hubs, way: str) -> None:
    hub = a_hub(HubSpace("a/b", app()))
    answers = iter([response(b"{}", "429 Too Many Requests", retry_after="0")])

    def once(request: Received) -> Iterable[Part]:
        hub.faults.clear()
        return [next(answers)]

    hub.faults = {MEANING: once}
    async with spacechat.AsyncClient() as client:
        assert [each.id for each in await client.find("b")] == ["a/b"]
    assert len(hub.to(MEANING)) == 2


@pytest.mark.parametrize("fault", ["missing", "failing", "garbage", "nothing"])
async def test_the_list_of_spaces_in_the_place_of_the_search(
    fault: str, a_hub: Hubs, way: str
) -> None:
    hub = a_hub(
        HubSpace("a/chat", app(), 1), HubSpace("a/other", app()), HubSpace("b/CHAT-2", app(), 5)
    )
    hub.has_meaning = fault != "missing"
    answers = {
        "failing": response(b"", "500 Internal Server Error"),
        "garbage": response(b"<p>Hello</p>"),
        "nothing": response(b"[]"),
    }
    if fault in answers:
        hub.faults = {MEANING: always(answers[fault])}
    async with spacechat.AsyncClient() as client:
        found = await client.find("chat")
    assert [each.id for each in found] == ["b/CHAT-2", "a/chat"]
    assert len(hub.to(MEANING)) == len(hub.to(NAMES)) == 1


async def test_odd_entries_hide_no_others(a_hub: Hubs) -> None:
    hub = a_hub(HubSpace("a/b", app()))
    entries: list[Any] = [
        None,
        5,
        [],
        {},
        {"id": 5},
        {"id": "no-owner"},
        {"id": "../../etc"},
        {"id": "a/" + "b" * 500},
        {"id": "a/docker", "sdk": "docker"},
        {"id": "a/odd", "likes": "many", "runtime": "RUNNING", "title": ["x"], "private": "yes"},
        {"id": "a/disabled", "disabled": True, "runtime": {"stage": "RUNNING"}},
        {"id": "a/new", "runtime": {"stage": "DREAMING", "hardware": None}},
        {"id": "a/host", "host": "http://169.254.1.1/path", "runtime": {"stage": "SLEEPING"}},
        {"id": "a/long", "title": "\x1b" + "x" * 9999, "runtime": {"stage": "PAUSED"}, "likes": -1},
        {"id": "a/b", "runtime": {"stage": "RUNNING", "replicas": {"requested": "auto"}}},
        {"id": "a/b", "likes": 7},
        {"id": "a/liked", "likes": 10**300, "runtime": {"stage": "PAUSED"}},
    ]
    hub.faults = {MEANING: always(response(json.dumps(entries).encode()))}
    async with spacechat.AsyncClient() as client:
        found = await client.find("b", all=True)
    states = {each.id: each.state for each in found}
    assert states == {
        "a/b": "running",
        "a/host": "asleep",
        "a/long": "paused",
        "a/liked": "paused",
        "a/odd": "unreachable",
        "a/new": "broken",
        "a/disabled": "broken",
    }
    assert max(len(each.title) for each in found) <= 120
    assert all(0 <= each.likes <= 10**9 for each in found)


def test_where_a_space_of_the_public_hub_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    ready = {"domain": "old-name.hf.space", "stage": "READY"}
    custom = {"domain": "chat.example.org", "stage": "READY"}
    expired = {"domain": "gone.hf.space", "stage": "EXPIRED_CHALLENGE"}
    said: list[tuple[dict[str, Any], str | None]] = [
        ({"subdomain": "a-b"}, "https://a-b.hf.space"),
        ({"subdomain": "a-b.evil.example/"}, None),
        ({"host": "https://x.hf.space/"}, "https://x.hf.space"),
        ({"host": "https://x.hf.space/path"}, None),
        ({"runtime": {"domains": [custom, expired, ready]}}, "https://old-name.hf.space"),
        ({"runtime": {"domains": [custom, expired, 5, None]}}, None),
        ({}, None),
    ]
    for more, host in said:
        body = json.dumps([{"id": "a/b", **more}]).encode()
        (space,) = hub_search._listed(body)
        assert space.host == host
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
    (space,) = hub_search._listed(b'[{"id":"a/b","subdomain":"a-b"}]')
    assert space.host is None


WORDS = 'find takes a few words to look for, such as "qwen chat": one line of 1 to 500 characters.'


@pytest.mark.runs_on("asyncio")
@pytest.mark.parametrize(
    ("arguments", "options", "kind", "says"),
    [
        ((5,), {}, TypeError, "find takes a text to look for, not int."),
        (("",), {}, ValueError, WORDS),
        ((" ",), {}, ValueError, WORDS),
        (("x" * 501,), {}, ValueError, WORDS),
        (("a\nb",), {}, ValueError, WORDS),
        (("a", 0), {}, ValueError, "limit must be from 1 to 60, not 0."),
        (("a", 61), {}, ValueError, "limit must be from 1 to 60, not 61."),
        (("a", True), {}, TypeError, "limit takes a whole number, not bool."),
        (("a", 2.0), {}, TypeError, "limit takes a whole number, not float."),
        (("a",), {"timeout": 0}, ValueError, "timeout must be more than 0 seconds, not 0."),
        (("a",), {"timeout": float("nan")}, ValueError, "timeout must be more than 0 .*, not nan."),
        (("a",), {"timeout": "1"}, TypeError, "timeout takes a number of seconds, not str."),
        (("a",), {"timeout": True}, TypeError, "timeout takes a number of seconds, not bool."),
    ],
)
async def test_what_find_takes(
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    kind: type[Exception],
    says: str,
    nobody: str,
) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(kind, match=f"^{says}$"):
            await client.find(*arguments, **options)
    with pytest.raises(errors.SpaceChatError, match="closed"):
        await client.find("a")


@pytest.mark.runs_on("asyncio")
async def test_the_most_that_find_takes(a_hub: Hubs) -> None:
    hub = a_hub(HubSpace("a/b", app()))
    hub.faults = {MEANING: always(response(b'[{"id": "a/b", "runtime": {"stage": "PAUSED"}}]'))}
    async with spacechat.AsyncClient() as client:
        for limit in (1, 60):
            assert len(await client.find("x" * 500, limit, all=True)) == 1


@pytest.mark.runs_on("asyncio")
@pytest.mark.parametrize(("limit", "looked_at"), [(1, 3), (2, 4), (3, 6), (6, 6)])
async def test_how_many_spaces_are_looked_at(
    a_hub: Hubs, monkeypatch: pytest.MonkeyPatch, limit: int, looked_at: int
) -> None:
    """Some for each that is wanted, within bounds; of the others it isn't known what they do."""
    for name, number in {"_FOR_EACH": 2, "_LEAST": 3, "_MOST": 6}.items():
        monkeypatch.setattr(f"spacechat.client.finder.{name}", number)
    hub = a_hub(*(HubSpace(f"a/b{number}", app(CALCULATOR), number) for number in range(8)))
    async with spacechat.AsyncClient() as client:
        found = await client.find("b", limit, all=True)
    assert len(found) == len(hub.apps) == looked_at


@pytest.mark.runs_on("asyncio")
async def test_the_best_matches_and_the_most_liked_are_looked_at(
    a_hub: Hubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacechat.client.finder._LEAST", 4)
    likes = [2, 3, 1, 5, 9, 4]
    hub = a_hub(*(HubSpace(f"a/b{number}", app(), each) for number, each in enumerate(likes)))
    async with spacechat.AsyncClient() as client:
        await client.find("b", 1)
    assert {*hub.apps} == {"a/b0", "a/b4", "a/b1", "a/b3"}


@pytest.mark.runs_on("asyncio")
async def test_a_space_that_fails_is_looked_at_once(a_hub: Hubs) -> None:
    hub = a_hub(HubSpace("a/b", always(Then.RESET)))
    async with spacechat.AsyncClient(retries=2) as client:
        (found,) = await client.find("b", all=True)
    assert found.state == "unreachable"
    assert len(hub.apps["a/b"].requests) == 1


@pytest.mark.runs_on("asyncio")
async def test_no_time_is_left_to_look(a_hub: Hubs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.client.finder._SHORTEST", 60.0)
    hub = a_hub(HubSpace("a/b", app()))
    async with spacechat.AsyncClient() as client:
        (found,) = await client.find("b", all=True, timeout=60)
    assert found.problem == "There was no time left to look at it: timeout= sets it."
    assert not hub.apps


async def test_a_client_that_waits_for_ever(a_hub: Hubs) -> None:
    """A search has limits of its own."""
    hub = a_hub(HubSpace("a/b", always(Then.HANG)))
    async with spacechat.AsyncClient(timeout=None) as client:
        (found,) = await client.find("b", all=True, timeout=0.5)
        assert found.problem.startswith("It did not answer within 0.")
        hub.faults = {MEANING: always(Then.HANG)}
        with pytest.raises(errors.StreamTimeoutError):
            await client.find("b", timeout=0.1)


async def test_it_can_be_left(a_hub: Hubs, way: str) -> None:
    hub = a_hub(*(HubSpace(f"a/b{number}", lambda _: [Then.HANG]) for number in range(20)))
    async with spacechat.AsyncClient() as client:
        with anyio.move_on_after(0.5) as scope:
            await client.find("b")
        assert scope.cancelled_caught
        await until(lambda: not any(each.open for each in hub.apps.values()))
    await until(lambda: hub.open == 0 or way == "package")


async def test_the_time_is_over(a_hub: Hubs) -> None:
    """What has answered by then is found."""
    hub = a_hub(
        HubSpace("a/good", app()),
        *(HubSpace(f"a/b{number:02}", lambda _: [Then.HANG], 9) for number in range(30)),
    )
    began = time.monotonic()
    async with spacechat.AsyncClient() as client:
        found = await client.find("a", all=True, timeout=8)
    assert time.monotonic() - began < 30
    assert [each.id for each in found if each.chat] == ["a/good"]
    assert len(found) == 31
    said = re.compile(
        r"It did not answer within [\d.]+ s\.|There was no time left to look at it: .*"
    )
    assert all(said.fullmatch(each.problem) for each in found[1:])
    assert hub.asked <= 1 + 31 * 2


def test_a_terminal_obeys_nothing_of_what_is_found() -> None:
    """Python's `print` shows a text as it is."""
    odd = "\x1b[31m\x9b31m\u202e\u2066x\x07 y"
    entry = {"id": "a/b", "title": odd, "runtime": {"stage": "RUNNING", "hardware": odd}}
    (listed,) = hub_search._listed(json.dumps([entry]).encode())
    assert listed.title == listed.hardware == "x y"
    look = unreachable(listed, odd)
    assert str(look).replace("\n", "").isprintable()


def test_an_answer_of_many_values() -> None:
    """They would take forty times the memory of the answer."""
    with pytest.raises(errors.ProtocolError, match="too many values"):
        list(hub_search._listed(b"[" + b"0," * 200_001 + b"0]"))


def test_a_space_as_a_text() -> None:
    space = FoundSpace(
        "owner/name",
        "A Name",
        1234,
        "https://huggingface.co/spaces/owner/name",
        "running",
        chat=True,
        how="You type.",
        gpu_quota=True,
        queue=0,
    )
    assert str(space).splitlines() == [
        "owner/name: A Name, 1,234 likes, GPU quota, nobody waits",
        "  You type.",
        '  spacechat -m owner/name "Hi"',
    ]
    asleep = dataclasses.replace(space, title="name", state="asleep", chat=False, queue=None)
    assert str(asleep).splitlines()[0] == "owner/name: 1,234 likes, asleep, GPU quota"
    assert str(asleep).endswith("\n  https://huggingface.co/spaces/owner/name")
    waits = dataclasses.replace(space, queue=3, wait=12.4, login=True)
    assert waits.waiting == "3 waiting, about 12 s"
    assert "--auth USER:PASSWORD" in waits.command
    assert ">1,234</td>" in space._repr_html_()
    assert space.to_dict()["command"] == space.command
    with pytest.raises(dataclasses.FrozenInstanceError):
        space.likes = 5  # type: ignore[misc]
    both = best_first([asleep, space])
    assert both == [space, asleep]
    assert both._repr_html_().count("<tr>") == 3
    assert str(both) == f"{space}\n\n{asleep}"


def a_space(id_: str, **fields: Any) -> FoundSpace:
    given: dict[str, Any] = {"title": "", "likes": 0, "url": "", "state": "running", **fields}
    return FoundSpace(id_, **given)


def test_the_order_of_spaces() -> None:
    """What can be asked goes before what can't, a short queue before a long one, then likes."""
    spaces = [
        a_space("liked", chat=True, queue=0, likes=2),
        a_space("short", chat=True, queue=2, likes=1),
        a_space("longer", chat=True, queue=3, likes=9),
        a_space("unknown", chat=True, likes=8),
        a_space("ten", chat=True, queue=10, likes=7),
        a_space("long", chat=True, queue=11, likes=99),
        a_space("button", chat=True, sign_in=True),
        a_space("login", login=True, likes=1),
        a_space("asleep", state="asleep", likes=2),
        a_space("starting", state="starting", likes=3),
        a_space("no chat", likes=4),
        a_space("paused", state="paused", likes=5),
        a_space("unreachable", state="unreachable", likes=6),
        a_space("broken", state="broken", likes=7),
    ]
    assert best_first(reversed(spaces)) == spaces


def test_what_is_said_of_a_space_that_is_no_chat() -> None:
    login, other = a_space("a/b", login=True), a_space("a/b", problem="It has no box.")
    assert login.notes == ("a login",)
    assert str(login).endswith('\n  spacechat -m a/b --auth USER:PASSWORD "Hi"')
    assert other.notes == ("no chat",)
    assert ">no chat, It has no box.</td>" in other._repr_html_()
    assert ">a login</td>" in login._repr_html_()


def looked_at(config: bytes, status: object) -> tuple[FoundSpace, list[str]]:
    """What a look finds, and what it asks for."""
    asked: list[str] = []

    def outcome(step: object) -> object:
        if not isinstance(step, Fetch):
            return b""
        asked.append(step.request.url)
        if asked[-1].endswith("/config"):
            return Response(config.partition(b"\r\n\r\n")[2])
        return Response(json.dumps(status).encode())

    listed = ListedSpace("a/b", "B", 1, "RUNNING", "", False, "https://b.example")
    return run_script(look_at(listed), outcome), asked


def test_a_look_at_one() -> None:
    """Where its app is, is asked only if the list doesn't say so; the queue, only of a chat."""
    found, asked = looked_at(CALCULATOR, {})
    assert found.problem.startswith("No way to chat was found in this app: none of its functions")
    assert asked == ["https://b.example/config"]
    found, asked = looked_at(CHAT_WITH_SIGN_IN, {})
    assert (found.chat, found.problem, found.sign_in) == (True, "", True)
    assert asked == ["https://b.example/config", "https://b.example/gradio_api/queue/status"]


@pytest.mark.parametrize(
    ("size", "wait", "known"),
    [
        (0, 0.0, (0, 0.0)),
        (1, 0.5, (1, 0.5)),
        (999_999, 999_999.5, (999_999, 999_999.5)),
        (2, None, (2, None)),
        (2, -0.5, (2, None)),
        (2, 1e6, (2, None)),
        (None, 1.0, (None, None)),
        (-1, 1.0, (None, None)),
        (1_000_000, 1.0, (None, None)),
        ("2", 1.0, (None, None)),
    ],
)
def test_a_queue_of_impossible_length_is_of_none(size: Any, wait: Any, known: object) -> None:
    found, _ = looked_at(CHAT_WITH_SIGN_IN, {"queue_size": size, "rank_eta": wait})
    assert (found.queue, found.wait) == known

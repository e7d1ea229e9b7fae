"""Where no model is named: the known Spaces in turn, and then the name of a Space that is up."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

import spacechat
from spacechat import errors
from spacechat.apps.found import FoundSpace
from spacechat.client import advice
from spacechat.client.finder import AsyncFinder
from spacechat.local import LocalSpace
from spacechat.providers import DEFAULT, PROVIDERS, Qwen_Qwen_2_5_Max
from spacechat.settings import Settings
from spacechat.transport.kept import Kept
from tests import waiting
from tests.conftest import BOTH_APIS
from tests.servers import Answer, ReplayServer, Then, always, response
from tests.servers.local_hub import (
    CALCULATOR,
    CHAT,
    CHAT_WITH_SIGN_IN,
    PASSWORD,
    HubSpace,
    LocalHub,
    app,
)

pytestmark = pytest.mark.anyio

MEANING = "/api/spaces/semantic-search"
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


@pytest.fixture(autouse=True)
def has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a search comes to its end; nothing is known from another one."""
    monkeypatch.setattr("spacechat.client.finder.PATIENCE", 60.0)
    monkeypatch.setattr(advice, "PATIENCE", 60.0)
    monkeypatch.setattr(advice, "LAST", advice._Memory())


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
    assert time.monotonic() - began < 60
    said = str(caught.value)
    assert said.startswith(
        'The Space a/up is up: client.ask("Hi", model="a/up"). Nothing was sent to it; '
        'client.find("chat") lists others. None of 4 Spaces gave an answer: '
    )
    # Each is named, but what they have in common is said once.
    assert all(said.count(each.url) == 1 for each in pinned)
    assert said.count(" | ") == 0
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
    assert str(caught.value).endswith('To find a Space that is up: client.find("chat").')
    assert a_hub.accepted == 0
    assert sum(each.accepted > 0 for each in pinned) == 1


async def test_an_app_of_ones_own_has_no_substitute(nobody: str, a_hub: LocalHub) -> None:
    async with spacechat.AsyncClient(model=nobody) as client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.ask("Hi")
    assert "client.find" not in str(caught.value)


@BOTH_APIS
async def test_many_questions_go_to_the_next_while_the_first_fail(
    client: Any,
    pinned: list[ReplayServer],
    a_hub: LocalHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", 60.0)  # It rests until the end.
    with LocalSpace("qwen-2-5-max", ["Hello"]) as space:
        monkeypatch.setattr(Qwen_Qwen_2_5_Max, "url", space.url)
        async with client:
            found = [each async for each in client.map(["Hi"] * 6, concurrency=2)]
    assert [each.reply.text for each in found] == ["Hello"] * 6
    # No question was the last one's, and the first rests after it has failed.
    assert not pinned[-1].accepted
    assert len(pinned[0].to("/config")) <= 2
    assert a_hub.accepted == 0


@BOTH_APIS
async def test_the_errors_of_many_questions_name_a_space_that_is_up(
    client: Any, pinned: list[ReplayServer], a_hub: LocalHub
) -> None:
    async with client:
        found = [each async for each in client.map(["Hi", "Bye"])]
        named = [each async for each in client.map(["Hi"], model="qwen-2.5")]
    assert all(str(each.error).startswith("The Space a/up is up: ") for each in found)
    assert all(len(each.error.errors) == len(PROVIDERS) for each in found)
    assert str(named[0].error).endswith('client.find("chat").')
    assert len(a_hub.to(MEANING)) == 1


async def test_many_failures_cost_one_search(pinned: list[ReplayServer], a_hub: LocalHub) -> None:
    async with spacechat.AsyncClient(retries=0) as client, anyio.create_task_group() as tasks:

        async def ask() -> None:
            with pytest.raises(errors.SpaceUnavailableError, match="a/up is up"):
                await client.ask("Hi")

        for _ in range(5):
            tasks.start_soon(ask)
    async with spacechat.AsyncClient(retries=0) as client:
        with pytest.raises(errors.SpaceUnavailableError, match="a/up is up"):
            await client.ask("Hi")
    assert len(a_hub.to(MEANING)) == 1
    assert len(a_hub.apps["a/up"].to("/config")) == 1


async def test_that_nothing_was_found_is_remembered(
    pinned: list[ReplayServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers' Spaces are looked at once, and not many of them."""
    spaces = [HubSpace(f"a/s{number}", app(CALCULATOR), number) for number in range(30)]
    with LocalHub(spaces) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        async with spacechat.AsyncClient(retries=0) as client:
            for _ in range(3):
                with pytest.raises(errors.SpaceUnavailableError, match="To find a Space"):
                    await client.ask("Hi")
        assert len(hub.to(MEANING)) == 1
        assert sum(len(each.to("/config")) for each in hub.apps.values()) == 12


async def test_it_is_searched_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some minutes; at another Hub; and where the last search was cancelled."""
    count = 0

    async def search() -> None:
        nonlocal count
        count += 1
        if count == 1:
            await anyio.sleep_forever()

    memory = advice._Memory()
    with anyio.move_on_after(0.01):
        await memory.recall(search)
    with anyio.fail_after(waiting.LONGEST):
        await memory.recall(search)
        await memory.recall(search)
        assert count == 2
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        await memory.recall(search)
        assert count == 3
        memory.known = dataclasses.replace(memory.known, until=0.0)
        await memory.recall(search)
        assert count == 4


async def test_who_asks_meanwhile_waits_for_the_search_that_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(advice, "PATIENCE", 2.0)  # Then another search begins.
    count = 0

    async def search() -> None:
        nonlocal count
        count += 1
        await anyio.lowlevel.checkpoint()

    memory = advice._Memory()
    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(memory.recall, search)
    assert count == 1


@pytest.mark.parametrize(
    ("kind", "known", "is_gone"),
    [
        (errors.SpaceUnavailableError, {}, True),
        (errors.ModelNotFoundError, {}, True),
        (errors.AuthenticationError, {"status": 403}, True),
        (errors.AuthenticationError, {}, False),  # The user's own token is none.
        (errors.ProtocolError, {}, True),
        (errors.GenerationError, {}, False),
        (errors.StreamTimeoutError, {"reached": False}, True),
        (errors.StreamTimeoutError, {"reached": True}, False),
    ],
)
def test_what_says_that_a_space_can_not_be_asked(
    kind: type[errors.SpaceChatError], known: dict[str, Any], is_gone: bool
) -> None:
    error, gone = kind("No."), errors.SpaceUnavailableError("Gone.")
    for name, value in known.items():
        setattr(error, name, value)
    assert advice.is_gone(error) == is_gone
    for several in ((gone, error), (error, gone)):
        none = errors.SpaceUnavailableError("None answered.")
        none.errors = several
        assert advice.is_gone(none) == is_gone


def test_what_has_begun_is_not_gone() -> None:
    """Part of an answer came, or a function may have run: nobody else is named."""
    begun = errors.SpaceUnavailableError("Gone.", partial_text="Hel")
    may_have_run = errors.SpaceUnavailableError("Gone.")
    may_have_run.may_have_run = True
    assert not advice.is_gone(begun)
    assert not advice.is_gone(may_have_run)


async def test_a_search_that_failed_is_soon_tried_again() -> None:
    """It says nothing about the next client's, whose network or limits may be others."""
    count = 0

    async def search() -> None:
        nonlocal count
        count += 1
        raise errors.SpaceUnavailableError("The Hub is busy.")

    memory = advice._Memory()
    with anyio.fail_after(waiting.LONGEST):
        for _ in range(2):
            assert await memory.recall(search) is None
    assert count == 1
    assert memory.known.until < time.monotonic() + 60


async def test_where_the_search_is_cut_short() -> None:
    """The error says how to find a Space, and the next one may search again."""
    error = errors.SpaceUnavailableError("Gone.")
    with anyio.move_on_after(0.01):
        await advice.name_one(error, anyio.sleep_forever)
    assert str(error) == 'Gone. To find a Space that is up: client.find("chat").'
    assert advice.LAST.searching_until == 0.0


@BOTH_APIS
async def test_a_token_that_is_none(
    client: Any, a_hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the user's own mistake: it is said once, and no other Space is named."""
    monkeypatch.setenv("HF_TOKEN", "hf_\u4f60")
    async with client:
        with pytest.raises(errors.AuthenticationError, match="The environment's HF_TOKEN") as told:
            await client.ask("Hi")
    assert str(told.value).count("HF_TOKEN") == 1
    assert "client.find" not in str(told.value)
    assert a_hub.accepted == 0


@pytest.mark.parametrize("fault", ["gone", "silent", "nobody", "empty"])
async def test_where_the_hub_does_not_help(
    fault: str,
    pinned: list[ReplayServer],
    a_hub: LocalHub,
    nobody: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.client.finder.PATIENCE", 0.5)
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
    assert time.monotonic() - began < 30
    assert str(caught.value).endswith('To find a Space that is up: client.find("chat").')


@pytest.mark.runs_on("asyncio")
class TestTheOneThatIsUp:
    """The Space that is named: anybody can chat with it, and it was the first to answer."""

    @pytest.fixture(autouse=True)
    def in_turn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One Space is looked at at a time."""
        monkeypatch.setattr("spacechat.client.finder._AT_ONCE", 1)

    @pytest.mark.parametrize(
        ("config", "private", "up"),
        [
            (CHAT, False, "a/b"),
            (CHAT, True, None),
            (CHAT_WITH_SIGN_IN, False, None),
            (PASSWORD, False, None),
            (CALCULATOR, False, None),
        ],
        ids=["a chat", "private", "signs in", "login", "no chat"],
    )
    async def test_anybody_can_chat_with_it(
        self, monkeypatch: pytest.MonkeyPatch, config: Any, private: bool, up: str | None
    ) -> None:
        token = "hf_0123456789"
        with LocalHub([HubSpace("a/b", app(config), private=private)], token=token) as hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
            monkeypatch.setenv("HF_TOKEN", token)
            found = await AsyncFinder(Settings(), Kept()).one_that_is_up()
        assert (found and found.id) == up

    async def test_the_first_of_those_that_answer_at_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        no_chat = FoundSpace("a/b", "", 0, "", "running")
        chat = dataclasses.replace(no_chat, id="a/c", chat=True)
        seen = [
            no_chat,
            dataclasses.replace(chat, login=True),
            dataclasses.replace(chat, sign_in=True),
            dataclasses.replace(chat, private=True),
            chat,
            dataclasses.replace(chat, id="a/d"),
        ]

        async def find(*_: object, watch: Callable[[FoundSpace], None], **__: object) -> None:
            for each in seen:
                watch(each)
            await anyio.sleep_forever()

        monkeypatch.setattr(AsyncFinder, "_find", staticmethod(find))
        assert await AsyncFinder(Settings(), Kept()).one_that_is_up() is chat

    async def test_no_further_one_is_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spacechat.client.finder._AT_ONCE", 2)
        monkeypatch.setattr("spacechat.client.finder.run_together", in_one_task)
        spaces = [HubSpace("a/b", app(), 2), HubSpace("a/c", app(), 1)]
        with LocalHub(spaces) as hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
            found = await AsyncFinder(Settings(), Kept()).one_that_is_up()
            assert found is not None
            assert [*hub.apps] == [found.id]
            assert "includeNonRunning" not in hub.to(MEANING)[0].target

    async def test_a_hub_that_fails_is_asked_once(self, a_hub: LocalHub) -> None:
        """The error is told at once, and not when the Hub is there again."""
        a_hub.faults = {MEANING: always(Then.RESET)}
        error = errors.SpaceUnavailableError("Gone.")
        await AsyncFinder(Settings(retries=2), Kept()).advise(error)
        assert str(error) == 'Gone. To find a Space that is up: client.find("chat").'
        assert len(a_hub.requests) == 1


async def in_one_task(work: Callable[[], Awaitable[None]], _: object) -> None:
    await work()


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
    assert "client.find" not in str(caught.value)
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

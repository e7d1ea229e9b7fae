"""What is known of an app is known to all clients of a process, and checked by each."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest

import spacechat
from spacechat.apps import memory
from spacechat.apps.app import App
from spacechat.apps.config import parse_config
from spacechat.apps.description import Description
from spacechat.apps.memory import SHARED, Memory, Name
from tests import waiting
from tests.conftest import BOTH_APIS
from tests.servers import Part, Received, Then, response
from tests.servers.apps import AnApp, Replicas
from tests.stores import MemoryStore

pytestmark = [pytest.mark.anyio, BOTH_APIS]

Clients = Callable[..., Any]

FAR = pytest.mark.usefixtures("addresses_of_one_app")
"""For tests of an app on the internet, which is checked beside the question."""


class Restarting(AnApp):
    """An app that notes what was asked of which of its starts.

    Attributes:
        asked: The start and the function of each question that joined the queue.
        hides: Whether it doesn't tell its identity alone.
        name: What programs call its function.
        holds: Whether it never answers when it is asked for that.
        joins_first: Set once a question has joined the queue since the newest start, for which the
            answer with the identity waits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, int]] = []
        self.hides = False
        self.name = "chat"
        self.holds = False
        self.joins_first = threading.Event()

    @property
    def config(self) -> dict[str, Any]:
        config = super().config
        config["dependencies"][0]["api_name"] = self.name
        return config

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/queue/join":
            self.asked.append((self.starts, request.json["fn_index"]))
            self.joins_first.set()
        if request.path == "/app_id":
            if self.holds:
                return [Then.HANG]
            if self.starts > 1:
                self.joins_first.wait(10)
            if self.hides:
                return super().tell(Received("GET /nothing HTTP/1.1", [], b""))
        return super().tell(request)

    def restart(self, number: int) -> None:
        super().restart(number)
        self.joins_first.clear()


@pytest.fixture
def app() -> Iterator[Restarting]:
    with Restarting() as server:
        yield server


async def ask(client: Any, app: AnApp, **more: Any) -> str:
    async with client:
        reply = await client.ask("Hi", model=app.url, **more)
    text: str = reply.text
    return text


@pytest.mark.parametrize("is_far", [False, True])
async def test_a_description_is_read_once(
    client_of: Clients, app: Restarting, is_far: bool, request: pytest.FixtureRequest
) -> None:
    if is_far:
        request.getfixturevalue("addresses_of_one_app")
    for _ in range(3):
        assert await ask(client_of(), app) == "Hello from 0"
    assert app.described == 1
    assert len(app.to("/app_id")) == 2


async def test_a_client_checks_once(client_of: Clients, app: Restarting) -> None:
    await ask(client_of(), app)
    async with client_of() as client:
        for _ in range(3):
            await client.ask("Hi", model=app.url)
    assert len(app.to("/app_id")) == 1


@FAR
async def test_an_app_that_was_started_again_is_read_anew(
    client_of: Clients, app: Restarting
) -> None:
    """What was begun by the old description is taken back, and none of its answer is read."""
    await ask(client_of(), app)
    app.restart(0)
    assert await ask(client_of(), app) == "Hello from 0"
    assert app.asked == [(1, 0), (2, 0), (2, 0)]
    assert len(app.to("/cancel")) == 1
    assert app.described == 2


@FAR
async def test_an_app_with_other_functions_is_read_anew(
    client_of: Clients, app: Restarting
) -> None:
    await ask(client_of(), app)
    app.restart(3)
    assert await ask(client_of(), app) == "Hello from 3"
    assert app.described == 2


@FAR
async def test_a_question_that_fails_before_any_request_is_asked_by_the_new_description(
    client_of: Clients, app: Restarting
) -> None:
    """The check was for the attempt that failed, and is gone with it."""
    await ask(client_of(), app)
    app.restart(0)
    app.name = "other"
    assert await ask(client_of(), app, endpoint="/other") == "Hello from 0"
    assert app.asked == [(1, 0), (2, 0)]
    assert not app.to("/app_id")


@FAR
async def test_a_question_that_fails_before_any_request_fails_as_ever(
    client_of: Clients, app: Restarting
) -> None:
    await ask(client_of(), app)
    with pytest.raises(spacechat.SpaceChatError, match="/other"):
        await ask(client_of(), app, endpoint="/other")


@FAR
async def test_a_reader_sees_nothing_of_it(client_of: Clients, app: Restarting) -> None:
    await ask(client_of(), app)
    app.restart(0)
    async with client_of() as client, client.stream("Hi", model=app.url) as stream:
        text = [piece async for piece in stream]
    assert text == ["Hello from 0"]


@FAR
async def test_a_check_that_hangs_does_not_hold_a_stream_that_is_closed(
    client_of: Clients, app: Restarting
) -> None:
    await ask(client_of(), app)
    app.restart(0)
    app.holds = True
    with anyio.fail_after(waiting.LONGEST):
        await close_meanwhile(client_of(), app)


async def close_meanwhile(client: Any, app: Restarting) -> None:
    async with client, anyio.create_task_group() as tasks:
        stream = client.stream("Hi", model=app.url)

        async def read() -> None:
            with contextlib.suppress(spacechat.SpaceChatError):
                async for _ in stream:
                    raise AssertionError("Nothing may be read before the check.")

        tasks.start_soon(read)
        assert await anyio.to_thread.run_sync(app.joins_first.wait, 10)
        await stream.aclose()


@FAR
@pytest.mark.runs_on("asyncio", "uvloop", "trio")
async def test_a_check_does_not_outlive_a_cancelled_question(
    client_of: Clients, app: Restarting
) -> None:
    await ask(client_of(), app)
    app.restart(0)
    app.holds = True
    async with client_of() as client:
        with anyio.move_on_after(0.2) as scope:
            await client.ask("Hi", model=app.url)
    assert scope.cancelled_caught


async def test_nothing_reaches_another_app_of_this_machine(
    client_of: Clients, app: Restarting
) -> None:
    await ask(client_of(), app)
    app.restart(3)
    app.joins_first.set()
    assert await ask(client_of(), app) == "Hello from 3"
    assert app.asked == [(1, 0), (2, 3)]


@pytest.mark.parametrize("is_far", [False, True])
async def test_an_app_that_does_not_tell_its_identity_is_read_anew(
    client_of: Clients, app: Restarting, is_far: bool, request: pytest.FixtureRequest
) -> None:
    if is_far:
        request.getfixturevalue("addresses_of_one_app")
    app.hides = True
    for _ in range(2):
        assert await ask(client_of(), app) == "Hello from 0"
    assert app.described == 2


@FAR
async def test_an_app_that_does_not_tell_its_identity_is_asked_once(
    client_of: Clients, app: Restarting
) -> None:
    """Its description tells it, too, so that no question runs twice."""
    app.hides = True
    for _ in range(4):
        assert await ask(client_of(), app) == "Hello from 0"
    assert app.asked == [(1, 0)] * 4
    assert not app.to("/cancel")
    app.restart(0)
    assert await ask(client_of(), app) == "Hello from 0"
    assert app.asked[4:] == [(2, 0)] * 2
    assert len(app.to("/cancel")) == 1


@FAR
async def test_an_app_that_several_processes_serve_is_asked_twice_but_once(
    client_of: Clients,
) -> None:
    """Each has an identity of its own, so that the check may fail for every client."""
    with Replicas() as app:
        counts = []
        for _ in range(4):
            before = len(app.joined)
            assert await ask(client_of(), app) == "Hello from 0"
            counts.append(len(app.joined) - before)
        assert counts == [1, 2, 1, 1]
        assert len(app.to("/cancel")) == 1
        await ask(client_of(token="hf_one"), app)
        await ask(client_of(token="hf_one"), app)
        assert len(app.joined) == 7


async def test_a_question_that_fails_where_several_processes_answer_is_not_asked_again(
    client_of: Clients,
) -> None:
    """But for the first time, when the app could have been started again."""
    with Replicas() as app:
        counts = []
        async with client_of() as client:
            await client.ask("Hi", model=app.url)
            app.fails = True
            for _ in range(3):
                before = len(app.joined)
                with pytest.raises(spacechat.SpaceChatError):
                    await client.ask("Hi", model=app.url)
                counts.append(len(app.joined) - before)
            assert counts == [2, 1, 1]
            app.fails = False
            app.restart(3)
            assert (await client.ask("Hi", model=app.url)).text == "Hello from 3"


async def test_a_description_is_parsed_once(
    client_of: Clients, app: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []

    def count(config: bytes, page: str | None) -> App:
        parsed.append(config)
        return parse_config(config, page)

    monkeypatch.setattr("spacechat.apps.description.parse_config", count)
    await ask(client_of(), app)
    assert len(parsed) == 1


REFUSALS = {
    "404 Not Found": True,
    "401 Unauthorized": False,
    "403 Forbidden": False,
    "429 Too Many Requests": False,
    "500 Internal Server Error": False,
    "503 Service Unavailable": False,
}


@pytest.mark.parametrize("status", REFUSALS)
async def test_only_an_app_without_info_is_not_asked_for_it_again(
    client_of: Clients, status: str
) -> None:
    """Any other refusal may be one of a moment."""

    class Refusing(AnApp):
        def tell(self, request: Received) -> Iterable[Part]:
            if request.path == "/info":
                return [response(b"{}", status)]
            return super().tell(request)

    with Refusing() as app:
        for _ in range(2):
            async with client_of(retries=0) as client:
                await client.inspect(app.url)
        assert app.described == 1
        assert len(app.to("/info")) == (1 if REFUSALS[status] else 2)


async def test_credentials_keep_what_they_were_given_to_themselves(
    client_of: Clients, app: Restarting
) -> None:
    for more in ({"token": "hf_one"}, {"token": "hf_two"}, {"headers": {"x-key": "1"}}, {}):
        await ask(client_of(**more), app)
    assert app.described == 4
    await ask(client_of(token="hf_one"), app)
    assert app.described == 4


async def test_the_environments_token_is_one_of_these(
    client_of: Clients, app: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client's settings don't have it, nor the token that is saved."""
    for count, token in enumerate(("hf_one", "hf_two", ""), 1):
        monkeypatch.setenv("HF_TOKEN", token)
        for _ in range(2):
            await ask(client_of(), app)
        assert app.described == count


async def test_info_stays_with_the_credentials_that_it_was_given_to(
    client_of: Clients, app: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One client reads the description, another one with another token reads it anew."""
    monkeypatch.setenv("HF_TOKEN", "hf_one")
    async with client_of() as client:
        await client.ask("Hi", model=app.url)
        monkeypatch.setenv("HF_TOKEN", "")
        await ask(client_of(), app)
        monkeypatch.setenv("HF_TOKEN", "hf_one")
        await client.inspect(app.url)
    assert [each.info for each in SHARED._known.values()] == [None]


async def test_what_is_remembered_holds_no_secret(client_of: Clients, app: Restarting) -> None:
    url = app.url.replace("//", "//user:hush@")
    async with client_of(token="hf_hush") as client:
        await client.ask("Hi", model=url)
    assert app.described == 1
    kept = [*SHARED._known.items()]
    assert len(kept) == 1
    assert b"hush" not in repr(kept).encode() + b"".join(each.config for _, each in kept)


async def test_a_call_is_made_after_the_check(client_of: Clients, app: Restarting) -> None:
    """A function by its name may do anything, so that nothing is risked."""
    await ask(client_of(), app)
    app.restart(3)
    app.joins_first.set()
    async with client_of() as client:
        with pytest.raises(spacechat.InputsError):
            await client.call(app.url, "/nothing")
    assert app.asked == [(1, 0)]
    assert app.described == 2


@pytest.mark.runs_on("asyncio")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
async def test_a_forked_child_waits_for_no_thread_of_its_parent() -> None:
    """The parent's lock is held by a thread that is not there in the child."""
    code = """
import os
from spacechat.apps.memory import SHARED, Name
SHARED._lock.acquire()
child = os.fork()
if child == 0:
    SHARED.find(Name("https://app.example"))
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""
    with anyio.fail_after(waiting.LONGEST):
        process = await anyio.run_process([sys.executable, "-c", code])
    assert process.stdout == b"0\n"


def description(size: int) -> Description:
    return Description("https://a.example", None, b"x" * size, public=True)


@pytest.mark.runs_on("asyncio")
async def test_that_an_identity_varies_outlives_the_description(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "_MOST_VARYING", 2)
    store, name = MemoryStore(), Name("https://a.example")
    for _ in range(2):  # The second time, as a new process.
        remembered = Memory()
        remembered.store = store
        found = remembered.find(name)
        assert found is None or found.varies
        if found is None:
            remembered.vary(name.address)
        remembered.forget(name)
        remembered.keep(name, description(10))
        assert store.kept[name.address].varies
    for number in range(2):
        remembered.vary(f"https://{number}.example")
    assert [remembered.varies(f"https://{each}.example") for each in "a01"] == [False, True, True]


@pytest.mark.runs_on("asyncio")
async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 3)
    monkeypatch.setattr(memory, "_LARGEST", 100)
    names = [Name(f"https://{number}.example") for number in range(5)]
    remembered = Memory()
    for name in names:
        remembered.keep(name, description(10))
    assert [remembered.find(name) is not None for name in names] == [False] * 2 + [True] * 3
    remembered.keep(names[0], description(85))
    assert [remembered.find(name) is not None for name in names] == [True, *[False] * 3, True]
    remembered.keep(names[1], description(101))
    assert not any(remembered.find(name) for name in names)
    remembered.keep(names[1], description(99))
    assert remembered.find(names[1])

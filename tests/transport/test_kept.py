"""Connections that wait for their client's next request."""

from __future__ import annotations

import contextlib
import gc
import math
import os
import pickle
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest
import trustme
from anyio.streams.tls import TLSStream

import spacechat
from spacechat import errors
from spacechat.protocol import Budget
from spacechat.settings import Settings, Timeout
from spacechat.steps import Fetch, Request
from spacechat.transport import http_client, line
from spacechat.transport import kept as waiting
from spacechat.transport.connection import Connection
from spacechat.transport.deadline import Deadline
from spacechat.transport.idle import Idle
from spacechat.transport.kept import Kept
from tests.conftest import BOTH_APIS, EITHER_TRANSPORT
from tests.processes import wait_until
from tests.samples import SPACE
from tests.servers import (
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    completed,
    function_app,
    gradio,
    pairs,
    response,
    until,
)
from tests.servers.function_app import FunctionApp
from tests.servers.gradio import ENDING, HELLO

pytestmark = [pytest.mark.anyio, EITHER_TRANSPORT]


async def ask(client: Any, server: ReplayServer) -> None:
    reply = await client.ask("Hi", provider=SPACE.at(server.url))
    assert reply.text == "Hello"


@BOTH_APIS
async def test_the_next_question_finds_the_connection(client: Any, hello: ReplayServer) -> None:
    async with client:
        for _ in range(3):
            await ask(client, hello)
        assert (hello.accepted, hello.open) == (1, 1)
    await until(lambda: hello.open == 0)


@BOTH_APIS
async def test_so_do_those_of_a_conversation_and_of_a_map(client: Any, hello: ReplayServer) -> None:
    async with client:
        async with client.conversation(provider=SPACE.at(hello.url)) as chat:
            for _ in range(3):
                assert (await chat.ask("Hi")).text == "Hello"
        results = client.map(["Hi"] * 5, provider=SPACE.at(hello.url), concurrency=1)
        assert [each.reply.text async for each in results] == ["Hello"] * 5
        assert hello.accepted == 1


async def test_questions_at_once_have_one_each(hello: ReplayServer) -> None:
    async with spacechat.AsyncClient() as client:
        for _ in range(2):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(ask, client, hello)
        assert hello.accepted == hello.open == 5
    await until(lambda: hello.open == 0)


class TestWhatIsNotKept:
    @pytest.mark.parametrize(
        "last",
        [
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: x, Close\r\n\r\n{}",
            b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        ],
    )
    async def test_what_the_server_closes(self, last: bytes) -> None:
        with ReplayServer(lambda _: [last]) as server:
            found = Kept()
            for _ in range(2):
                await fetch(server, found)
            assert server.accepted == 2
            await until(lambda: server.open == 0)
            assert found.is_empty

    async def test_a_body_that_ends_with_the_connection(self) -> None:
        with ReplayServer(lambda _: [b"HTTP/1.1 200 OK\r\n\r\n{}", Then.CLOSE]) as server:
            found = Kept()
            await fetch(server, found)
            assert found.is_empty

    async def test_a_stream_that_was_left(self) -> None:
        answer = gradio(*ENDING[:3], Then.HANG)
        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient() as client:
                async with client.stream("Hi", provider=SPACE.at(server.url)) as stream:
                    assert await stream.__anext__() == "Hel"
                await until(lambda: server.open == 0)

    async def test_a_stream_that_does_not_end(self) -> None:
        """A question waits for that for a moment only."""
        answer = gradio(*ENDING, completed(*pairs("Hello")), Then.HANG)
        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient() as client:
                await ask(client, server)
                await until(lambda: server.open == 0)
                await ask(client, server)
                assert server.accepted == 2


class TestLooking:
    """Before a connection is used again, whatever came on it closes it."""

    @pytest.mark.parametrize("last", [Then.CLOSE, Then.RESET])
    async def test_the_server_closed_it(self, last: Then) -> None:
        def answer(request: Received) -> Iterator[Part]:
            yield from HELLO(request)
            if request.path.endswith("data"):
                yield last

        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                for number in range(3):
                    await ask(client, server)
                    await until(lambda: server.open == 0)
                    await anyio.sleep(0.05)  # Its end is on the way.
                    assert server.accepted == number + 1

    async def test_the_server_said_something_unasked(self) -> None:
        said = iter([True, False])

        def answer(request: Received) -> Iterator[Part]:
            yield from HELLO(request)
            if request.path.endswith("data") and next(said):
                yield Then.ONCE_READ
                yield response(b'{"event_id":"of somebody else"}')

        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                await ask(client, server)
                server.is_read.set()
                await until(lambda: server.busy == 0)
                await ask(client, server)
                assert server.accepted == 2


@contextlib.contextmanager
def calculator(
    monkeypatch: pytest.MonkeyPatch, *second: Part
) -> Iterator[tuple[FunctionApp, Iterator[int]]]:
    """The app of functions, which sends something else when a queue is joined for the second time.

    The next number is how often one was joined.
    """
    numbers = iter(range(100))

    def tell(request: Received) -> Iterable[Part]:
        if request.path.endswith("join") and next(numbers) == 1:
            return second
        return server.tell(request)

    with function_app.app() as server:
        monkeypatch.setattr(server, "_answer", tell)
        yield server, numbers


def at_the_second(*parts: Part, word: str = "join") -> Answer:
    """A good server, but for what it does at the second request of a kind."""
    numbers = iter(range(100))

    def answer(request: Received) -> Iterable[Part]:
        if request.path.endswith(word) and next(numbers) == 1:
            return parts
        return HELLO(request)

    return answer


class TestReplacing:
    """A connection that ends just as a request is on its way."""

    @pytest.mark.parametrize("fault", [Then.CLOSE, Then.RESET])
    async def test_no_retry_is_spent(self, fault: Then) -> None:
        with ReplayServer(at_the_second(fault)) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                for _ in range(3):
                    await ask(client, server)
                assert server.accepted == 2
            assert len(server.to("/queue/join")) == 4

    async def test_what_is_read_is_read_again(self) -> None:
        """As the description of an app."""
        numbers = iter(range(100))

        def answer(_: Received) -> Iterable[Part]:
            return [Then.CLOSE] if next(numbers) == 1 else [response(b"{}")]

        with ReplayServer(answer) as server:
            kept = Kept()
            for _ in range(2):
                await fetch(server, kept)
            assert (len(server.requests), server.accepted) == (3, 2)
            await kept.aclose()

    async def test_only_once(self) -> None:
        ends = iter([False, True, True, False])

        def answer(request: Received) -> Iterable[Part]:
            if request.path.endswith("join") and next(ends):
                return [Then.CLOSE]
            return HELLO(request)

        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                await ask(client, server)
                with pytest.raises(errors.SpaceUnavailableError, match="before it answered"):
                    await ask(client, server)
                await ask(client, server)

    @pytest.mark.parametrize("extra", [{"connection": "close"}, {"connection": "Close, x"}])
    async def test_the_server_says_that_it_waited_for_too_long(self, extra: dict[str, str]) -> None:
        """Some say so (408) in place of just closing it."""
        said = response(b"", "408 Request Time-out", **extra)
        with ReplayServer(at_the_second(said, Then.CLOSE)) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                for _ in range(3):
                    await ask(client, server)
                assert server.accepted == 2
            assert len(server.to("/queue/join")) == 4

    async def test_it_says_so_to_a_call_of_a_function(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That might have reached the function, whatever the server says."""
        late = response(b"", "408 Request Time-out", connection="close")
        with calculator(monkeypatch, late, Then.CLOSE) as (server, numbers):
            async with spacechat.AsyncClient() as client, client.app(server.url) as app:
                assert await app.call("/calc", 1) == 3
                with pytest.raises(errors.ProtocolError, match="408"):
                    await app.call("/calc", 1)
                assert next(numbers) == 2

    @pytest.mark.parametrize("number", [0, 1])
    async def test_it_says_so_of_the_request_itself(self, number: int) -> None:
        """On a new connection, or on one that stays open, that is the answer."""
        said = response(b"", "408 Request Time-out", **({} if number else {"connection": "close"}))
        asked = iter(range(100))

        def answer(request: Received) -> Iterable[Part]:
            is_wrong = request.path.endswith("join") and next(asked) == number
            return [said] if is_wrong else HELLO(request)

        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                for _ in range(number):
                    await ask(client, server)
                with pytest.raises(errors.ProtocolError, match="408"):
                    await ask(client, server)
            assert len(server.to("/queue/join")) == number + 1

    async def test_not_after_an_answer_that_is_no_http(self) -> None:
        with ReplayServer(at_the_second(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Then.CLOSE)) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                await ask(client, server)
                with pytest.raises(errors.ProtocolError, match="no HTTP"):
                    await ask(client, server)
            assert len(server.to("/queue/join")) == 2

    @pytest.mark.parametrize("fault", [Then.CLOSE, Then.RESET])
    @pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 200 OK\r\ncontent-le"])
    async def test_not_after_the_beginning_of_an_answer(self, begun: bytes, fault: Then) -> None:
        """The server had the request, and may have done what it asks."""
        with ReplayServer(at_the_second(begun, fault)) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                await ask(client, server)
                with pytest.raises(errors.SpaceUnavailableError, match="before it answered"):
                    await ask(client, server)
            assert len(server.to("/queue/join")) == 2

    async def test_not_on_a_new_connection(self) -> None:
        with ReplayServer(lambda _: [Then.CLOSE]) as server:
            async with spacechat.AsyncClient(retries=0) as client:
                with pytest.raises(errors.SpaceUnavailableError, match="before it answered"):
                    await ask(client, server)
            assert server.accepted == 1

    async def test_a_function_is_not_called_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with calculator(monkeypatch, Then.CLOSE) as (server, numbers):
            async with spacechat.AsyncClient() as client, client.app(server.url) as app:
                assert await app.call("/calc", 1) == 3
                with pytest.raises(errors.SpaceUnavailableError, match="before it answered"):
                    await app.call("/calc", 1)
                assert next(numbers) == 2

    async def test_a_function_is_called_over_a_connection_that_is_surely_open(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("spacechat.transport.line._SURE", 0.0)
        with function_app.app() as server:
            async with spacechat.AsyncClient() as client, client.app(server.url) as app:
                for _ in range(3):
                    before = server.accepted
                    assert await app.call("/calc", 1) == 3
                    assert server.accepted == before + 1

    async def test_with_the_cookies_of_the_old_connection(self) -> None:
        """By a cookie, a load balancer knows which of its servers a session is on."""
        numbers = iter(range(100))

        def answer(_: Received) -> Iterable[Part]:
            number = next(numbers)
            cookie = {"set_cookie": "server=2"} if number == 0 else {}
            return [Then.CLOSE] if number == 1 else [response(b"ok", **cookie)]

        with ReplayServer(answer) as server:
            url = httpx.URL(server.url)
            used = line.Line(url, Settings(), {}, None, Deadline(math.inf, None), anonymous=False)
            for _ in range(3):
                request = used.client.build_request("GET", server.url)
                answered = await used.send(request, may_repeat=True)
                await answered.aread()
                used.response_ended()
            await used.aclose()
            cookies = [request.header("cookie") for request in server.requests]
            assert cookies == [None, *["server=2"] * 3]
            assert server.accepted == 2


async def fetch(server: ReplayServer, kept: Kept | None, **headers: str) -> None:
    await fetch_at(server.url, kept, Settings(), **headers)


async def fetch_at(url: str, kept: Kept | None, settings: Settings, **headers: str) -> None:
    connection = Connection(url, settings, headers, math.inf, Budget(), kept=kept)
    try:
        await connection.fetch(Fetch(Request(url + "/run/predict")))
    finally:
        await connection.aclose()


class TestTimeouts:
    """A connection has the timeouts of whoever uses it, not of whoever opened it."""

    async def test_a_longer_one(self, hello: ReplayServer) -> None:
        kept = Kept()
        await fetch_at(hello.url, kept, Settings(timeout=Timeout.of(0.5)))
        found = Connection(
            hello.url, Settings(timeout=Timeout.of(60.0)), {}, math.inf, Budget(), kept=kept
        )
        assert hello.accepted == 1
        timeout = found._line.client.timeout
        assert (timeout.connect, timeout.read, timeout.write) == (60, 60, 60)
        await found.aclose()
        await kept.aclose()

    async def test_a_shorter_one(self) -> None:
        numbers = iter(range(100))

        def answer(_: Received) -> Iterable[Part]:
            return [response(b"{}")] if next(numbers) == 0 else [Then.HANG]

        with ReplayServer(answer) as server:
            kept = Kept()
            await fetch_at(server.url, kept, Settings(timeout=Timeout.of(60.0)))
            with pytest.raises(errors.StreamTimeoutError, match=r"silent for 0\.1"):
                await fetch_at(server.url, kept, Settings(timeout=Timeout.of(0.1)))
            assert server.accepted == 1
            await kept.aclose()


class TestCredentials:
    """A connection never carries the requests of two logins."""

    async def test_each_login_has_its_own(self, hello: ReplayServer) -> None:
        kept = Kept()
        for _ in range(2):
            for headers in ({}, {"cookie": "a=1"}, {"cookie": "a=2"}, {"authorization": "b"}):
                await fetch(hello, kept, **headers)
        assert hello.accepted == hello.open == 4
        await kept.aclose()

    async def test_each_page_of_a_login_has_the_same(self, hello: ReplayServer) -> None:
        kept = Kept()
        for page in ("a", "b"):
            await fetch(hello, kept, cookie="a=1", referer=f"{hello.url}/{page}")
        assert hello.accepted == 1
        await kept.aclose()

    async def test_each_user_in_an_address_has_its_own(self, hello: ReplayServer) -> None:
        kept = Kept()
        for user in ("a:b", "a:c", "a:b"):
            await fetch_at(hello.url.replace("//", f"//{user}@"), kept, Settings())
        assert hello.accepted == 2
        await kept.aclose()

    async def test_each_proxy_has_its_own(self, hello: ReplayServer) -> None:
        kept = Kept()
        with ReplayServer(HELLO) as proxy, ReplayServer(HELLO) as other:
            for _ in range(2):
                for url in (None, proxy.url, other.url, proxy.url.replace("//", "//a:b@")):
                    await fetch_at(hello.url, kept, Settings(proxy=url))
            assert (hello.accepted, proxy.accepted, other.accepted) == (1, 2, 1)
            await kept.aclose()

    async def test_each_origin_has_its_own(self) -> None:
        """They differ in scheme, host or port; the rest of an address is no part of it."""
        keys = {}
        for url in ("http://a.test", "http://b.test", "http://a.test:81", "https://a.test"):
            for path in ("", "/app", "/other"):
                space = httpx.URL(url + path)
                keys[line._key(space, Settings(), [], proxied=False)] = url
        assert len(keys) == len(set(keys.values())) == 4

    async def test_a_request_goes_to_its_own_origin(self) -> None:
        """Also if the transport has a connection to another that waits."""
        with (
            ReplayServer(always(response(b"one"))) as one,
            ReplayServer(always(response(b"other"))) as other,
        ):
            async with http_client.open_client(Settings(), {}, proxied=False) as client:
                for _ in range(2):
                    bodies = [(await client.get(each.url)).text for each in (one, other)]
                    assert bodies == ["one", "other"]

    async def test_no_part_of_a_key_runs_into_the_next(self) -> None:
        keys = set()
        for proxy, user in (("http://p:1/", "ab"), ("http://p:1/a", "b")):
            space = httpx.URL(f"http://{user}@localhost")
            given = line._credentials(space, {})
            keys.add(line._key(space, Settings(proxy=proxy), given, proxied=True))
        space = httpx.URL("http://localhost")
        for headers in ({"a": "1", "b": "2"}, {"a": "1\nb: 2"}):
            given = line._credentials(space, headers)
            keys.add(line._key(space, Settings(), given, proxied=False))
        assert len(keys) == 4

    async def test_cookies_stay_with_who_got_them(self) -> None:
        with ReplayServer(lambda _: [response(b"{}", set_cookie="a=secret")]) as server:
            kept = Kept()
            for _ in range(2):
                await fetch(server, kept)
            assert server.accepted == 1
            assert [each.header("cookie") for each in server.requests] == [None, None]
            await kept.aclose()

    async def test_a_key_shows_no_secret(self, hello: ReplayServer) -> None:
        kept = Kept()
        await fetch_at(hello.url.replace("//", "//a:secret@"), kept, Settings(), cookie="a=secret")
        (found,) = kept._waiting.values()
        assert "secret" not in repr(found._stacks)
        await kept.aclose()


class TestBounds:
    async def test_how_many(self, hello: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(waiting, "MOST", 3)
        kept = Kept()
        for number in range(5):
            await fetch(hello, kept, cookie=str(number))
        await until(lambda: hello.open == 3)
        for number in (4, 3, 2):
            await fetch(hello, kept, cookie=str(number))
        assert hello.accepted == 5, "the oldest ones were closed"
        await kept.aclose()
        await until(lambda: hello.open == 0)

    async def test_how_long(self, hello: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = Kept()
        await fetch(hello, kept)
        monkeypatch.setattr(waiting, "LONGEST", 0.0)
        await fetch(hello, kept)
        assert hello.accepted == 2
        await until(lambda: hello.open == 0)
        await kept.aclose()

    async def test_it_costs_the_same_however_many_there_are(self) -> None:
        few, many = [await calls_with(count) for count in (10, 1000)]
        assert few == many


@pytest.mark.skipif(sys.platform == "win32", reason="a socket is no file there")
def test_only_its_own_socket_is_given_up() -> None:
    """Not another file that has its number by now."""
    near, far = socket.socketpair()
    number = near.detach()

    class Stream:
        def get_extra_info(self, info: str) -> Any:
            return SimpleNamespace(fileno=lambda: number) if info == "socket" else None

    def idle() -> Idle:
        return Idle(httpx.AsyncClient(), {}, "key", Stream(), 0.0, timeout=Timeout())

    with far, socket.socket() as other:
        before = idle()
        os.dup2(other.fileno(), number)
        before.give_up()
        assert os.fstat(number).st_ino == os.fstat(other.fileno()).st_ino
        idle().give_up()
        assert os.fstat(number).st_ino != os.fstat(other.fileno()).st_ino
        os.close(number)


@pytest.mark.parametrize("number", [1 << 40, -1, None])
def test_a_number_that_is_no_files(number: int | None) -> None:
    """As a socket's is on Windows: there is nothing to give up."""
    stream = SimpleNamespace(get_extra_info=lambda _: SimpleNamespace(fileno=lambda: number))
    Idle(httpx.AsyncClient(), {}, "key", stream, 0.0, timeout=Timeout()).give_up()


class Silent:
    """A connection on which nothing comes."""

    def get_extra_info(self, info: str) -> Any:
        return None


async def calls_with(count: int) -> int:
    """The calls that it takes to use a connection again while so many others wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "MOST", count)
        kept = Kept()
        client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
        for number in range(count):
            await kept.keep(
                Idle(client, {}, number % 7, Silent(), time.monotonic(), timeout=Timeout())
            )
        found = 0

        def profile(frame: Any, event: str, argument: Any) -> None:
            nonlocal found
            found += event == "call"

        gc.disable()
        sys.setprofile(profile)
        idle = kept.take(3)
        assert idle is not None
        await kept.keep(idle)
        sys.setprofile(None)
        gc.enable()
        await kept.aclose()
    return found


class TestEnds:
    """No connection outlives its client, or the event loop."""

    async def test_a_client_that_is_dropped(self, hello: ReplayServer) -> None:
        client = spacechat.AsyncClient()
        await ask(client, hello)
        circle = [client]
        circle.append(circle)  # type: ignore[arg-type]
        assert hello.open == 1
        del client, circle
        gc.collect()
        await until(lambda: hello.open == 0)

    async def test_after_the_client_is_closed(self, hello: ReplayServer) -> None:
        client = spacechat.AsyncClient()
        stream = client.stream("Hi", provider=SPACE.at(hello.url))
        await client.aclose()
        assert client._kept.is_empty
        kept = Kept()
        await kept.aclose()
        await fetch(hello, kept)
        await until(lambda: hello.open == 0)
        await stream.aclose()

    async def test_one_that_is_pickled(self, hello: ReplayServer) -> None:
        async with spacechat.AsyncClient() as client:
            await ask(client, hello)
            async with pickle.loads(pickle.dumps(client)) as other:
                await ask(other, hello)
            assert hello.accepted == 2
            await until(lambda: hello.open == 1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_that_is_used_in_two_loops_in_turn(backend: str, hello: ReplayServer) -> None:
    client = spacechat.AsyncClient()

    async def main() -> None:
        before = hello.accepted
        for _ in range(2):
            await ask(client, hello)
        assert hello.accepted == before + 1

    for _ in range(3):
        anyio.run(main, backend=backend)
        wait_until(lambda: hello.open == 0)
        gc.collect()
    assert len(client._kept._waiting) == 1


def test_a_blocking_client_that_is_dropped(hello: ReplayServer) -> None:
    client = spacechat.Client()
    client.ask("Hi", provider=SPACE.at(hello.url))
    assert hello.open == 1
    del client
    gc.collect()
    wait_until(lambda: hello.open == 0)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_blocking_client_that_is_dropped_in_an_event_loop(
    backend: str, hello: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        client = spacechat.Client()
        client.ask("Hi", provider=SPACE.at(hello.url))
        del client
        gc.collect()
        await until(lambda: hello.open == 0)

    anyio.run(main, backend=backend)
    assert not [one for one in caplog.records if one.name == "asyncio" and one.exc_info]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("asks", [True, False])
def test_a_fork(asks: bool) -> None:
    """The child has a connection of its own, and does not hold the parent's open."""
    code = f"""
import os, sys, spacechat
from tests.samples import SPACE
space = SPACE.at(sys.argv[1])
client = spacechat.Client()
client.ask("Hi", provider=space)
if os.fork() == 0:
    if {asks}:
        client.ask("Hi", provider=space)
        client.ask("Hi", provider=space)
        client.close()
    sys.stdin.read()
else:
    client.ask("Hi", provider=space)
    client.close()
    print("closed", flush=True)
    os.wait()
"""
    with ReplayServer(HELLO) as server:
        with started(code, server) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "closed\n"
            questions = 4 if asks else 2
            wait_until(lambda: len(server.to("/queue/join")) == questions and server.open == 0)
            assert server.accepted == (2 if asks else 1)
            out, err = process.communicate("")
        assert (out, err, process.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    "use",
    [
        "spacechat.ask('Hi', provider=space)",
        "spacechat.Client().ask('Hi', provider=space)",
        "anyio.run(spacechat.AsyncClient().ask, [{'role': 'user', 'content': 'Hi'}])",
    ],
)
def test_the_end_of_the_process(use: str) -> None:
    """It says nothing of connections that are still open."""
    code = f"""
import functools, sys, anyio, spacechat
from tests.samples import SPACE
space = SPACE.at(sys.argv[1])
spacechat.AsyncClient.ask = functools.partialmethod(spacechat.AsyncClient.ask, provider=space)
{use}
"""
    with ReplayServer(HELLO) as server:
        with started(code, server) as process:
            out, err = process.communicate("")
        assert (out, err, process.returncode) == ("", "", 0)
        assert server.accepted == 1


def started(code: str, server: ReplayServer) -> subprocess.Popen[str]:
    """A process in which a warning is an error, and what is left open is told."""
    command = [sys.executable, "-W", "error", "-c", code, server.url]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


async def test_over_tls(hello: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    monkeypatch.setattr("spacechat.transport.http_client.tls_context", lambda: ours)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    accepted: list[int] = []

    async def serve(raw: anyio.abc.SocketStream) -> None:
        accepted.append(1)
        async with raw:
            try:
                stream = await TLSStream.wrap(
                    raw, server_side=True, ssl_context=server_side, standard_compatible=False
                )
                plain = await anyio.connect_tcp("127.0.0.1", hello._address[1])
                async with plain, anyio.create_task_group() as both:
                    both.start_soon(pump, plain, stream)
                    await pump(stream, plain)
                    both.cancel_scope.cancel()
            except (anyio.BrokenResourceError, anyio.EndOfStream, ssl.SSLError):
                return

    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with spacechat.AsyncClient(retries=0) as client:
            for _ in range(3):
                space = SPACE.at(f"https://127.0.0.1:{port}")
                assert (await client.ask("Hi", provider=space)).text == "Hello"
        tasks.cancel_scope.cancel()
    assert len(accepted) == 1


async def pump(source: anyio.abc.ByteStream, sink: anyio.abc.ByteStream) -> None:
    try:
        async for data in source:
            await sink.send(data)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return

"""What is the fast transport's own; the tests of streams run with it, too."""

from __future__ import annotations

import gc
import socket
import ssl
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import anyio
import httpx
import pytest
import trustme

import spacechat
from spacechat import errors
from spacechat.protocol import StreamMachine
from spacechat.transport.fast import FastTransport, _Wire
from tests.conftest import LOOPS
from tests.faults.test_cut import ended, framed, texts, wanted
from tests.servers import Part, Received, ReplayServer, Then, always, chunk, gradio, response, until
from tests.servers.gradio import HELLO
from tests.servers.memory import NO_TLS, SPACE, event_id, named, responses, shortened

pytestmark = pytest.mark.anyio


class Pieces:
    """A connection that brings each response in the pieces given, and then ends."""

    def __init__(self, *responses: Iterable[bytes]) -> None:
        self.responses = deque(responses)
        self._pieces: Iterator[bytes] = iter(())
        self.sent: list[bytes] = []

    @property
    def raw_socket(self) -> socket.socket:
        raise NotImplementedError

    def has_more(self) -> bool:
        return not self.responses

    async def send(self, data: bytes) -> None:
        self.sent.append(data)
        self._pieces = iter(self.responses.popleft())

    async def receive(self, _: float) -> bytes:
        return next(self._pieces, b"")

    async def aclose(self) -> None:
        self._pieces = iter(())


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> list[Pieces]:
    """The connections that are made next."""
    found: list[Pieces] = []

    async def connect(*_: Any) -> Pieces:
        if not found:
            raise OSError("nobody is there")
        return found.pop(0)

    monkeypatch.setattr("spacechat.transport.streams.connect", connect)
    monkeypatch.setattr(_Wire, "has_ended", lambda wire: wire.stream.has_more())
    return found


RECORDING = shortened(named("4.44.1-pairs"))


def share(count: int, runs_on: str) -> range:
    """Every third place, which is one event loop's to cut: together, they cut at all places."""
    return range([*LOOPS].index(runs_on), count, len(LOOPS))


async def test_in_two_at_every_place(wires: list[Pieces], runs_on: str) -> None:
    join, stream = responses(RECORDING)
    text = texts(RECORDING)[-1]
    async with spacechat.AsyncClient(retries=0) as client:
        for place in share(len(stream), runs_on):
            wires.append(Pieces([join], [stream[:place] or stream, stream[place:]]))
            assert await ended(client, SPACE) == (None, text)


async def test_byte_by_byte(wires: list[Pieces]) -> None:
    found = [[bytes([byte]) for byte in part] for part in responses(RECORDING)]
    wires.append(Pieces(*found))
    async with spacechat.AsyncClient(retries=0) as client:
        assert await ended(client, SPACE) == (None, texts(RECORDING)[-1])


@pytest.mark.parametrize("framing", ["chunked", "content-length", "until the end", "CRLF"])
async def test_cut_at_every_byte(framing: str, wires: list[Pieces], runs_on: str) -> None:
    join, _ = responses(RECORDING)
    stream, said = framed(RECORDING, framing), texts(RECORDING)
    async with spacechat.AsyncClient(retries=0) as client:
        # uvloop would take the places of asyncio once more.
        for place in share(len(stream.data) + 1, runs_on)[:: 5 if runs_on == "uvloop" else 1]:
            wires.append(Pieces([join], [stream.data[:place]]))
            assert await ended(client, SPACE) == wanted(stream, said, place), f"after {place}"


async def test_cut_over_a_real_socket() -> None:
    stream, said = framed(RECORDING, "chunked"), texts(RECORDING)
    join, _ = responses(RECORDING)
    place = 0

    def data(_: object) -> Iterator[Part]:
        yield stream.data[:place]
        yield Then.CLOSE

    with ReplayServer(gradio(data=data, join=lambda _: [join])) as server:
        space = SPACE.at(server.url)
        async with spacechat.AsyncClient(retries=0) as client:
            for place in range(0, len(stream.data) + 1, 101):
                assert await ended(client, space) == wanted(stream, said, place), f"after {place}"
        await until(lambda: server.open == 0)


class TestResponses:
    """Single requests, through httpx's client."""

    async def get(self, *parts: Part, method: str = "GET", **settings: Any) -> httpx.Response:
        with ReplayServer(always(*parts)) as server:
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS), **settings) as client:
                return await client.request(method, server.url)

    async def test_interim_responses(self) -> None:
        early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
        found = await self.get(early * 2 + response(b"{}", x="y"))
        assert (found.status_code, found.reason_phrase, found.text) == (200, "OK", "{}")
        assert (found.headers["x"], "link" in found.headers) == ("y", False)

    @pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
    async def test_without_a_body(self, status: str) -> None:
        found = await self.get(f"HTTP/1.1 {status}\r\n\r\n".encode(), timeout=60)
        assert (found.status_code, found.content) == (int(status[:3]), b"")

    async def test_head(self) -> None:
        found = await self.get(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", method="HEAD")
        assert (found.headers["content-length"], found.content) == ("5", b"")

    async def test_until_the_end(self) -> None:
        found = await self.get(b"HTTP/1.1 200 OK\r\n\r\nab", b"cd", Then.CLOSE)
        assert found.text == "abcd"

    async def test_trailers(self) -> None:
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        found = await self.get(head + chunk(b"ab") + b"0\r\nx: y\r\n\r\n")
        assert (found.text, "x" in found.headers) == ("ab", False)

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            (b"", "Server disconnected without sending a response."),
            (b"HTTP/1.1 200", "Server disconnected without sending a response."),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
                "peer closed connection without sending complete message body "
                "(incomplete chunked read)",
            ),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", "peer closed connection"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "xpected HTTP"),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", "chunk size"),
            (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, "without any of a body"),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: " + b"y" * 200_000,
                "without any of a body",
            ),
            (b"HTTP/1.1 100 Continue\r\n\r\n" * 9000, "without any of a body"),
        ],
    )
    async def test_broken(self, sent: bytes, words: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError) as caught:
            await self.get(sent, Then.CLOSE)
        assert words in str(caught.value)

    async def test_what_came_before_the_fault_is_given_first(self) -> None:
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        found = b""
        with ReplayServer(always(head + chunk(b"ab") + b"no chunk")) as server:
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
                request = client.build_request("GET", server.url)
                answer = await client.send(request, stream=True)
                parts = answer.aiter_raw()
                with pytest.raises(httpx.RemoteProtocolError):
                    while True:
                        found += await parts.__anext__()
                await answer.aclose()
        assert found == b"ab"

    @pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"])
    async def test_silence(self, sent: bytes) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await self.get(sent, Then.HANG, timeout=httpx.Timeout(60, read=0.2))

    async def test_line_breaks_in_headers(self) -> None:
        with ReplayServer(HELLO) as server:
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
                with pytest.raises(httpx.LocalProtocolError):
                    await client.get(server.url, headers={"x": "a\r\ny: b"})
                assert server.requests == []

    async def test_nobody_there(self, nobody: str) -> None:
        async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(nobody)


class TestConnections:
    @pytest.mark.parametrize(
        ("extra", "connections"),
        [({}, 1), ({"connection": "close"}, 2)],
    )
    async def test_reuse(self, extra: dict[str, str], connections: int) -> None:
        with ReplayServer(always(response(b"{}", **extra))) as server:
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
                for _ in range(2):
                    assert (await client.get(server.url)).text == "{}"
            assert server.accepted == connections
            await until(lambda: server.open == 0)

    async def test_what_follows_a_response_unasked(self) -> None:
        """It is no answer to the next request."""
        with ReplayServer(always(response(b"{}") + response(b"[1]"))) as server:
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
                for _ in range(2):
                    assert (await client.get(server.url)).text == "{}"
            assert server.accepted == 2

    async def test_an_idle_connection_that_the_server_closed(self) -> None:
        with ReplayServer(always(response(b"{}"), Then.CLOSE)) as server:
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
                for _ in range(2):
                    assert (await client.get(server.url)).text == "{}"
                    await until(lambda: server.open == 0)
                    await anyio.sleep(0.05)
            assert server.accepted == 2

    async def test_leaves_nothing_behind(self) -> None:
        with ReplayServer(HELLO) as server:
            async with spacechat.AsyncClient() as client:
                for _ in range(20):
                    assert str(await client.ask("Hi", provider=SPACE.at(server.url))) == "Hello"
            await until(lambda: server.open == 0)
        gc.collect()
        # The last one may still be held by a frame that the event loop keeps.
        assert len([one for one in gc.get_objects() if isinstance(one, FastTransport)]) <= 1

    async def test_a_refusal_before_the_whole_request_was_read(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def refuse() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(response(b"{}", "413 Too Large"))
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(1 << 16):
                        pass

            thread = threading.Thread(target=refuse)
            thread.start()
            async with httpx.AsyncClient(transport=FastTransport(NO_TLS)) as client:
                url = f"http://127.0.0.1:{listener.getsockname()[1]}"
                found = await client.post(url, content=b"x" * 5_000_000)
            thread.join()
        assert found.status_code == 413


class TestChoice:
    async def test_a_proxy_gets_the_ordinary_transport(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Received] = []

        def answer(request: Received) -> Iterable[Part]:
            asked.append(request)
            return HELLO(request)

        with ReplayServer(answer) as proxy:
            for given in (proxy.url, None):
                asked.clear()
                if given is None:
                    monkeypatch.setenv("http_proxy", proxy.url)
                async with spacechat.AsyncClient(proxy=given) as client:
                    found = await client.ask("Hi", provider=SPACE.at("http://space.invalid"))
                assert str(found) == "Hello"
                assert asked[0].target.startswith("http://space.invalid/")

    @pytest.mark.parametrize("installed", [True, False])
    async def test_where_there_is_httptools(
        self, installed: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("spacechat.transport.http_client._has_httptools", lambda: installed)
        requests: list[httpx.Request] = []
        handle = FastTransport.handle_async_request

        async def record(self: FastTransport, request: httpx.Request) -> httpx.Response:
            requests.append(request)
            return await handle(self, request)

        monkeypatch.setattr(FastTransport, "handle_async_request", record)
        with ReplayServer(HELLO) as server:
            async with spacechat.AsyncClient() as client:
                assert str(await client.ask("Hi", provider=SPACE.at(server.url))) == "Hello"
        assert bool(requests) == installed


class TestTls:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    async def ask(self, authority: trustme.CA, name: str) -> tuple[str, Any]:
        """An answer from a server with a certificate for a name, and what it found out."""
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_side.set_alpn_protocols(["h2", "http/1.1"])
        authority.issue_cert(name).configure_cert(server_side)
        join, stream = responses(RECORDING)
        found: list[Any] = []

        def serve(listener: socket.socket) -> None:
            raw, _ = listener.accept()
            try:
                with server_side.wrap_socket(raw, server_side=True) as connection:
                    found.append(connection.selected_alpn_protocol())
                    for answer in (join, stream):
                        connection.recv(1 << 16)
                        connection.sendall(answer)
            except OSError:
                raw.close()

        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=serve, args=[listener])
            thread.start()
            space = SPACE.at(f"https://localhost:{listener.getsockname()[1]}")
            try:
                async with spacechat.AsyncClient(retries=0) as client:
                    return (await client.ask("Hi", provider=space)).text, found[0]
            finally:
                thread.join()

    async def test_answer(self, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
        ours = ssl.create_default_context()
        authority.configure_trust(ours)
        monkeypatch.setattr("spacechat.transport.http_client.tls_context", lambda: ours)
        machine = StreamMachine(event_id=event_id(RECORDING))
        for payload in RECORDING.messages:
            machine.receive(payload)
        assert await self.ask(authority, "localhost") == (machine.text, "http/1.1")
        with pytest.raises(errors.SpaceUnavailableError, match="ostname"):
            await self.ask(authority, "elsewhere.example")

    async def test_unknown_authority(
        self, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours = ssl.create_default_context()
        monkeypatch.setattr("spacechat.transport.http_client.tls_context", lambda: ours)
        with pytest.raises(errors.SpaceUnavailableError, match="certificate"):
            await self.ask(authority, "localhost")


@pytest.mark.parametrize("way", ["Client().ask", "AsyncClient().ask"])
def test_where_nobody_has_built_the_parser(way: str) -> None:
    """The ordinary transport reads there: a processor without wheels, PyPy."""
    code = f"""
import functools, sys
sys.modules["httptools"] = None  # As if it were not installed.
import anyio, spacechat
from tests.samples import SPACE
ask = functools.partial(spacechat.{way}, "Hi", provider=SPACE.at(sys.argv[1]))
print((anyio.run(ask) if "Async" in "{way}" else ask()).text)
print([name for name in sys.modules if name in ("spacechat.transport.fast", "h11")])
"""
    with ReplayServer(HELLO) as server:
        command = [sys.executable, "-W", "error", "-c", code, server.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.stdout, done.stderr) == ("Hello\n['h11']\n", "")
        assert server.accepted == 1

"""Bytes that nobody asked for are no answer to the next request, wherever they lie meanwhile."""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import anyio
import httpx
import pytest
import trustme

from spacechat import errors
from spacechat.protocol import Budget
from spacechat.settings import Settings
from spacechat.steps import Fetch, Request
from spacechat.transport.connection import Connection
from spacechat.transport.kept import Kept
from tests.conftest import EITHER_TRANSPORT
from tests.servers import Received, ReplayServer, response

pytestmark = pytest.mark.anyio

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("localhost")
UNASKED = response(b"unasked")

Send = Callable[[socket.socket, list[bytes]], None]


def at_once(raw: socket.socket, records: list[bytes]) -> None:
    raw.sendall(b"".join(records))


def later(raw: socket.socket, records: list[bytes]) -> None:
    """The second record comes while the connection is idle."""
    raw.sendall(records[0])
    time.sleep(0.05)
    raw.sendall(records[1])


class TlsServer:
    """Answers each request with its path, and sends a second response, in a record of its own.

    Args:
        send: Sends the two records.

    Attributes:
        url: Its address.
        paths: The paths of the requests, for each connection.
    """

    def __init__(self, send: Send) -> None:
        self.paths: list[list[str]] = []
        self._send = send
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CERTIFICATE.configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._accept)
        thread.start()
        try:
            yield
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join()

    def _accept(self) -> None:
        handlers: list[threading.Thread] = []
        with contextlib.suppress(OSError):
            while True:
                raw, _ = self._listener.accept()
                raw.settimeout(60)
                handlers.append(threading.Thread(target=self._serve, args=[raw]))
                handlers[-1].start()
        for each in handlers:
            each.join()

    def _serve(self, raw: socket.socket) -> None:
        came, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(came, out, server_side=True)
        paths: list[str] = []
        self.paths.append(paths)
        with raw, contextlib.suppress(OSError, EOFError):
            pump(raw, came, out, tls.do_handshake)
            raw.sendall(out.read())
            while True:
                request = pump(raw, came, out, lambda: tls.read(1 << 14))
                paths.append(request.split()[1].decode())
                records = []
                for each in (response(paths[-1].encode()), UNASKED):
                    tls.write(each)
                    records.append(out.read())
                self._send(raw, records)


def pump(
    raw: socket.socket, came: ssl.MemoryBIO, out: ssl.MemoryBIO, work: Callable[[], bytes | None]
) -> bytes:
    while True:
        try:
            return work() or b""
        except ssl.SSLWantReadError:
            raw.sendall(out.read())
        data = raw.recv(1 << 16)
        if not data:
            raise EOFError
        came.write(data)


@pytest.fixture
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ssl.create_default_context()
    AUTHORITY.configure_trust(ours)
    monkeypatch.setattr("spacechat.transport.http_client.tls_context", lambda: ours)


async def ask(connection: Connection, url: str, path: str, *, may_repeat: bool = True) -> str:
    fetch = Fetch(Request(url + path))
    return (await connection.fetch(fetch, may_repeat=may_repeat)).body.decode()


def connect(url: str, kept: Kept | None = None) -> Connection:
    return Connection(url, Settings(), {}, math.inf, Budget(), kept=kept)


@EITHER_TRANSPORT
@pytest.mark.usefixtures("_trusting")
@pytest.mark.parametrize("send", [at_once, later])
class TestOverTls:
    async def test_on_one_line(self, send: Send) -> None:
        server = TlsServer(send)
        with server.running():
            connection = connect(server.url)
            for path in ("/a", "/b", "/c"):
                assert await ask(connection, server.url, path) == path
                await anyio.sleep(0.1)
            await connection.aclose()
        assert server.paths == [["/a"], ["/b"], ["/c"]]

    async def test_on_a_connection_that_was_kept(self, send: Send) -> None:
        server = TlsServer(send)
        with server.running():
            kept = Kept()
            for path in ("/a", "/b", "/c"):
                connection = connect(server.url, kept)
                assert await ask(connection, server.url, path) == path
                await connection.aclose()
                await anyio.sleep(0.1)
            await kept.aclose()
        assert server.paths == [["/a"], ["/b"], ["/c"]]


def answer(request: Received) -> list[bytes]:
    return [response(request.path.encode()) + UNASKED]


@EITHER_TRANSPORT
class TestInTheReadOfTheResponse:
    """httpx's own transport keeps it, where nobody sees it, for the next request."""

    async def test_on_one_line(self) -> None:
        with ReplayServer(answer) as server:
            connection = connect(server.url)
            for path in ("/a", "/b", "/c"):
                assert await ask(connection, server.url, path) == path
            await connection.aclose()
            assert server.accepted == 3

    async def test_on_a_connection_that_was_kept(self) -> None:
        with ReplayServer(answer) as server:
            kept = Kept()
            for path in ("/a", "/b", "/c"):
                connection = connect(server.url, kept)
                assert await ask(connection, server.url, path) == path
                await connection.aclose()
            await kept.aclose()
            assert server.accepted == 3


@pytest.mark.usefixtures("ordinary_transport")
async def test_a_request_that_may_not_be_repeated_fails() -> None:
    with ReplayServer(answer) as server:
        connection = connect(server.url)
        assert await ask(connection, server.url, "/a") == "/a"
        with pytest.raises(errors.ProtocolError, match="it had come before"):
            await ask(connection, server.url, "/b", may_repeat=False)
        await connection.aclose()
        assert server.accepted == 1


@pytest.mark.usefixtures("_trusting")
async def test_a_refusal_over_tls_before_the_whole_request_was_read() -> None:
    """It is still read, though sending fails."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(context)

    def refuse() -> None:
        raw, _ = listener.accept()
        with context.wrap_socket(raw, server_side=True) as secured:
            secured.recv(1000)
            secured.sendall(response(b"{}", "413 Too Large"))
            socket.socket.shutdown(secured, socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while secured.recv(1 << 16):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse)
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}"
        connection = connect(url)
        client = connection._line.client
        request = client.build_request("POST", url, content=b"x" * 5_000_000)
        found: httpx.Response = await client.send(request)
        await connection.aclose()
        thread.join()
    assert found.status_code == 413

"""Connections over TLS, on every event loop."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import pytest
import trustme

from spacechat.transport import streams
from spacechat.transport.streams import Stream
from tests import waiting

pytestmark = pytest.mark.anyio

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("localhost")

Serve = Callable[[ssl.SSLSocket], object]


def context() -> ssl.SSLContext:
    """What trusts the server."""
    found = ssl.create_default_context()
    AUTHORITY.configure_trust(found)
    return found


@contextlib.contextmanager
def server(serve: Serve, newest: ssl.TLSVersion) -> Iterator[int]:
    """The port of a server of one connection, which is closed without a word of TLS."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(ours)
    ours.maximum_version = newest

    def run() -> None:
        accepted, _ = listener.accept()
        accepted.settimeout(waiting.LONGEST)
        with contextlib.suppress(OSError), ours.wrap_socket(accepted, server_side=True) as secured:
            serve(secured)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


@contextlib.asynccontextmanager
async def connection(
    serve: Serve, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> AsyncIterator[Stream]:
    """A connection to such a server."""
    with server(serve, newest) as port:
        stream = await streams.connect("localhost", port, context())
        try:
            with anyio.fail_after(waiting.LONGEST):  # Nothing here waits for ever.
                yield stream
        finally:
            await stream.aclose()


async def received(stream: Stream) -> int:
    """How many bytes come until the end, to one who takes his time."""
    count = 0
    while data := await stream.receive(time.monotonic() + waiting.LONGEST):
        count += len(data)
        await anyio.sleep(0.01)
    return count


@pytest.mark.parametrize("size", [100_000, 500_000])
async def test_all_of_it_comes_before_the_end(size: int) -> None:
    """Few servers say in TLS that they are about to close a connection."""

    def serve(secured: ssl.SSLSocket) -> None:
        secured.recv(1)
        secured.sendall(bytes(size))

    async with connection(serve) as stream:
        await stream.send(b"x")
        assert await received(stream) == size


async def test_what_was_read_comes_before_a_reset() -> None:
    read = threading.Event()

    def serve(secured: ssl.SSLSocket) -> None:
        secured.recv(1)
        secured.sendall(bytes(10_000))
        read.wait(waiting.LONGEST)
        secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    async with connection(serve) as stream:
        await stream.send(b"x")
        count = len(await stream.receive(time.monotonic() + waiting.LONGEST))
        read.set()
        with contextlib.suppress(anyio.BrokenResourceError, OSError):
            count += await received(stream)
        assert count == 10_000


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_sending_waits_for_no_answer(newest: ssl.TLSVersion) -> None:
    sent = threading.Semaphore(0)

    def serve(secured: ssl.SSLSocket) -> None:
        for _ in range(2):
            secured.recv(1)
            sent.acquire(timeout=waiting.LONGEST)
            secured.sendall(b"answer")

    async with connection(serve, newest) as stream:
        for _ in range(2):
            with anyio.fail_after(waiting.LONGEST):
                await stream.send(b"x")
            sent.release()
            assert await stream.receive(time.monotonic() + waiting.LONGEST) == b"answer"


async def test_a_server_that_speaks_before_tls() -> None:
    """It speaks no TLS, which is found out at once."""

    def greet() -> None:
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(b"220 ready\r\n")
            accepted.settimeout(waiting.LONGEST)
            with contextlib.suppress(OSError):
                while accepted.recv(1 << 16):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet)
        thread.start()
        with (
            pytest.raises((ssl.SSLError, anyio.BrokenResourceError)),
            anyio.fail_after(waiting.LONGEST),
        ):
            await streams.connect("localhost", listener.getsockname()[1], context())
        thread.join()

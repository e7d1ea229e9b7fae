"""The connections that the fast transport sends requests over, on every event loop.

Plain ones on asyncio are `watched`, on other event loops anyio's. TLS is anyio's, over one of
these. It is not left to anyio to connect for it: asyncio reads ahead, and what anyio has of that
nobody else can see. Here it can be said of every connection whether anything came on it
(`has_more`), be it in the loop's buffer, in TLS, or in the socket.
"""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import time
from typing import Protocol

import anyio
from anyio.abc import ObjectStream, SocketAttribute, SocketStream
from anyio.streams.tls import TLSAttribute, TLSStream

from . import watched
from .bodies import LARGEST_READ
from .records import holds_more


class Stream(Protocol):
    """A TCP connection, plain or with TLS, for one task that sends and one that receives."""

    @property
    def raw_socket(self) -> socket.socket:
        """The socket, to look at it."""
        ...

    def has_more(self) -> bool:
        """Return whether bytes or the end have left the socket and were not received.

        It may be asked while nobody reads. A connection that has more is only to be closed.
        """
        ...

    async def send(self, data: bytes, /) -> None:
        """Send bytes.

        Raises:
            OSError: The connection has ended; or one of anyio's errors for that.
        """
        ...

    async def receive(self, until: float, /) -> bytes:
        """Return the next bytes, or nothing at the end of the connection.

        Args:
            until: When waiting ends, by `time.monotonic`.

        Raises:
            TimeoutError: Nothing came in time.
            OSError: The connection broke or was closed; or one of anyio's errors for that.
        """
        ...

    async def aclose(self) -> None:
        """Close the connection, whatever is under way on it."""
        ...


class AnyioStream:
    """A plain connection of anyio's, which any event loop has.

    Attributes:
        raw_socket: The socket, to look at it.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        # Each response looks at it several times, and anyio takes long to find it.
        self.raw_socket: socket.socket = stream.extra(SocketAttribute.raw_socket)  # noqa: S610

    def has_more(self) -> bool:
        """Return False: but on asyncio, nothing leaves the socket before it is received."""
        return False

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        await self._stream.send(data)

    async def receive(self, until: float) -> bytes:
        """Return the next bytes, or nothing at the end of the connection."""
        return await _receive(self._stream, until)

    async def aclose(self) -> None:
        """Close the connection, whatever is under way on it."""
        await anyio.aclose_forcefully(self._stream)


class TlsStream:
    """TLS over a plain connection.

    Attributes:
        raw_socket: The socket, to look at it.

    Args:
        plain: The connection.
        secured: The same with TLS, after the handshake.
    """

    def __init__(self, plain: Stream, secured: TLSStream) -> None:
        self.raw_socket: socket.socket = plain.raw_socket
        self._plain = plain
        self._secured = secured
        self._tls: ssl.SSLObject = secured.extra(TLSAttribute.ssl_object)  # noqa: S610

    def has_more(self) -> bool:
        """Return whether bytes or the end have left the socket and were not received."""
        return self._plain.has_more() or holds_more(self._tls)

    async def send(self, data: bytes) -> None:
        """Send bytes. Whether they arrive, reading shows: see `_Below`."""
        await self._secured.send(data)

    async def receive(self, until: float) -> bytes:
        """Return the next bytes, or nothing at the end of the connection."""
        return await _receive(self._secured, until)

    async def aclose(self) -> None:
        """Close the connection, whatever is under way on it."""
        await self._plain.aclose()


class _Below(ObjectStream[bytes]):
    """A plain connection as anyio's TLS takes it. The limit on time is set above.

    TLS reads nothing any more once sending has failed. But a server may refuse a request before it
    has read all of it, and its response is still to be read. So no failure to send is told: reading
    finds out what became of the connection.
    """

    def __init__(self, plain: Stream) -> None:
        self._plain = plain

    async def send(self, item: bytes) -> None:
        with contextlib.suppress(OSError, anyio.BrokenResourceError):
            await self._plain.send(item)

    async def receive(self) -> bytes:
        data = await self._plain.receive(math.inf)
        if not data:
            raise anyio.EndOfStream
        return data

    async def send_eof(self) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        await self._plain.aclose()


async def _receive(stream: SocketStream | TLSStream, until: float) -> bytes:
    deadline = anyio.current_time() + until - time.monotonic()
    try:
        # `fail_after` would run two generators more for each token that is waited for.
        with anyio.CancelScope(deadline=deadline):
            return await stream.receive(LARGEST_READ)
    except anyio.EndOfStream:
        return b""
    raise TimeoutError


async def connect(host: str, port: int, tls: ssl.SSLContext | None) -> Stream:
    """Return a new connection.

    Args:
        host: The name or the address of the host.
        port: Its port.
        tls: The context for TLS, or None for a plain connection.

    Raises:
        OSError: There is none to be had; or one of anyio's errors for that.
    """
    plain: Stream
    if watched.runs_here():
        plain = await watched.connect(host, port)
    else:
        plain = AnyioStream(await anyio.connect_tcp(host, port))
    return plain if tls is None else await _secured(plain, host, tls)


async def _secured(plain: Stream, host: str, tls: ssl.SSLContext) -> Stream:
    """Return TLS over a connection, which is closed if it can't be had."""
    try:
        # Few servers send a TLS closing alert; HTTP itself marks a body's end.
        secured = await TLSStream.wrap(
            _Below(plain), hostname=host, ssl_context=tls, standard_compatible=False
        )
    except BaseException:
        await plain.aclose()
        raise
    return TlsStream(plain, secured)

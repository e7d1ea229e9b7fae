"""The connections that the fast transport sends requests over, on every event loop.

Plain ones on asyncio are `watched`, all others anyio's.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Protocol

import anyio
from anyio.abc import ByteStream, SocketAttribute

from . import watched
from .bodies import LARGEST_READ


class Stream(Protocol):
    """A TCP connection, plain or with TLS, for one task that sends and one that receives."""

    @property
    def raw_socket(self) -> socket.socket:
        """The socket, to look at it."""
        ...

    def has_more(self) -> bool:
        """Return whether bytes or the end have left the socket and were not received."""
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
    """A connection of anyio's, which any event loop has.

    Attributes:
        raw_socket: The socket, to look at it.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        # Each response looks at it several times, and anyio takes long to find it.
        self.raw_socket: socket.socket = stream.extra(SocketAttribute.raw_socket)  # noqa: S610

    def has_more(self) -> bool:
        """Return False: nothing leaves the socket before it is received."""
        return False

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        await self._stream.send(data)

    async def receive(self, until: float) -> bytes:
        """Return the next bytes, or nothing at the end of the connection."""
        deadline = anyio.current_time() + until - time.monotonic()
        try:
            # `fail_after` would run two generators more for each token that is waited for.
            with anyio.CancelScope(deadline=deadline):
                return await self._stream.receive(LARGEST_READ)
        except anyio.EndOfStream:
            return b""
        raise TimeoutError

    async def aclose(self) -> None:
        """Close the connection, whatever is under way on it."""
        await anyio.aclose_forcefully(self._stream)


async def connect(host: str, port: int, tls: ssl.SSLContext | None) -> Stream:
    """Return a new connection.

    Args:
        host: The name or the address of the host.
        port: Its port.
        tls: The context for TLS, or None for a plain connection.

    Raises:
        OSError: There is none to be had; or one of anyio's errors for that.
    """
    if tls is None:
        if watched.runs_here():
            return await watched.connect(host, port)
        return AnyioStream(await anyio.connect_tcp(host, port))
    # Few servers send a TLS closing alert; HTTP itself marks a body's end.
    stream = await anyio.connect_tcp(
        host, port, ssl_context=tls, tls_hostname=host, tls_standard_compatible=False
    )
    return AnyioStream(stream)

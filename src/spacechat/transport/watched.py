"""A connection on asyncio whose socket the event loop watches all the time.

anyio has the loop watch a socket only while somebody reads, and a limit on the time of a read is a
cancel scope with a timer. For a token that comes alone, these take more than reading it does: two
system calls, a scope, a timer and an event for each. This is the same by asyncio's own means, and
the only place that knows them. TLS over it is anyio's (`streams.TlsStream`): asyncio's own loses
what it has not decrypted when a connection ends, and may have who sends wait for an answer. These
hold:

- **Little is held.** What comes while nobody reads is kept: at most what one read brings, and one
  of `_UNREAD` bytes more. From that many on the loop no longer watches the socket, until all have
  been taken.
- **Nothing is lost.** What was read from the socket stays here until `receive` returns it, which
  can thus be cancelled at any moment. It comes before the connection's end, whatever end that is.
- **One timer.** It is due at the earliest moment at which a read may have to end. When it finds
  that another read has begun meanwhile, it moves on to the end of that one.
- **The end wakes everyone.** asyncio calls `connection_lost` once for every connection, whoever
  closes it; from then on nothing waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import threading
import time
from ipaddress import ip_address
from itertools import zip_longest
from typing import cast

import anyio
import anyio.lowlevel
from anyio.lowlevel import EventLoopToken, current_token

from .bodies import LARGEST_READ

_UNREAD = 16 << 10
"""Bytes that come while nobody reads, from which on the socket is not watched."""

_STAGGER = 0.25
"""Seconds after which another address of a host is tried as well (RFC 8305)."""


class _Room(threading.local):
    """Where the loop that a thread runs puts what it reads; it is copied before the next read."""

    def __init__(self) -> None:
        self.view: memoryview = memoryview(bytearray(LARGEST_READ))


_room = _Room()


class WatchedStream(asyncio.BufferedProtocol):
    """A plain TCP connection, for one task that sends and one that receives.

    Attributes:
        raw_socket: The socket, to look at it.
    """

    raw_socket: socket.socket
    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = _room.view  # For the newest read: a loop may go on in another thread.
        self._held = b""  # What came and was not received.
        self._is_paused = False
        self._is_closed = False  # By `aclose`.
        self._is_over = False  # Nothing more will come.
        self._is_lost = False  # asyncio has let go of the socket, and of its own transport.
        self._error: Exception | None = None  # What broke the connection.
        self._reading: asyncio.Future[None] | None = None  # Is done when there is something new.
        self._writing: asyncio.Future[None] | None = None  # Is done when all was sent.
        self._until = math.inf  # When the newest read ends.
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    def has_more(self) -> bool:
        """Return whether there is something to receive: bytes, or the end."""
        return bool(self._held) or self._is_over

    async def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            anyio.BrokenResourceError: The connection has ended, or the server sends no more.
        """
        await anyio.lowlevel.checkpoint_if_cancelled()
        if not self._is_over:
            self._transport.write(data)
            if self._writing is not None:
                await self._writing
        if self._is_over:
            raise anyio.BrokenResourceError from self._error

    async def receive(self, until: float) -> bytes:
        """Return the next bytes, or nothing at the end of the connection.

        Args:
            until: When waiting ends, by `time.monotonic`.

        Raises:
            TimeoutError: Nothing came in time.
            anyio.BrokenResourceError: The connection broke.
            anyio.ClosedResourceError: It was closed here.
        """
        if not self._held and not self._is_over:
            self._until = until
            if until < self._timer_at:
                self._set_timer()
            if self._is_paused:
                self._is_paused = False
                self._transport.resume_reading()
            self._reading = self._loop.create_future()
            try:
                await self._reading
            finally:
                self._reading = None
        if len(self._held) >= _UNREAD:
            # A read that finds something each time is never cancelled: anyio cancels who waits.
            await anyio.lowlevel.checkpoint_if_cancelled()
        if self._held:
            data, self._held = self._held[:LARGEST_READ], self._held[LARGEST_READ:]
            return data
        if self._is_closed:
            raise anyio.ClosedResourceError
        if self._error is not None:
            raise anyio.BrokenResourceError from self._error
        return b""

    async def aclose(self) -> None:
        """Close the connection, whatever is under way on it."""
        self._is_closed = self._is_over = True
        if not self._is_lost:
            self._transport.abort()
        await anyio.lowlevel.cancel_shielded_checkpoint()  # In which the loop closes the socket.

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; what is written is to be sent before anything more is."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(0)
        self.raw_socket = transport.get_extra_info("socket")

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to put what comes: a reader who waits takes more."""
        self._room = room = _room.view
        return room[:_UNREAD] if self._reading is None else room

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came."""
        self._held += self._room[:nbytes]
        if self._reading is not None:
            self._wake()
        elif len(self._held) >= _UNREAD and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """Take the end of what comes; asyncio then closes the connection."""
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._is_over = self._is_lost = True
        self._error = exc
        self._wake()
        self.resume_writing()
        if self._timer is not None:
            self._timer.cancel()

    def pause_writing(self) -> None:
        """Have `send` wait."""
        self._writing = self._loop.create_future()

    def resume_writing(self) -> None:
        """Have `send` go on."""
        writing, self._writing = self._writing, None
        if writing is not None and not writing.done():
            writing.set_result(None)

    def _wake(self) -> None:
        """Wake the reader, if one waits."""
        reading, self._reading = self._reading, None
        if reading is not None and not reading.done():
            reading.set_result(None)

    def _set_timer(self) -> None:
        """Have the timer ring when the newest read ends."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = self._until
        self._timer = self._loop.call_later(self._until - time.monotonic(), self._ring)

    def _ring(self) -> None:
        """End the read that waits if its time is over; otherwise see again when it will be."""
        self._timer, self._timer_at = None, math.inf
        if self._reading is None or self._reading.done():
            return
        if time.monotonic() < self._until:
            self._set_timer()
        else:
            self._reading.set_exception(TimeoutError())


def runs_here() -> bool:
    """Return whether the event loop that runs is asyncio's, or another that is like it."""
    return isinstance(current_token().native_token, asyncio.AbstractEventLoop)


def is_closed(token: EventLoopToken) -> bool:
    """Return whether an event loop is one of asyncio's that was closed."""
    loop = token.native_token
    return isinstance(loop, asyncio.AbstractEventLoop) and loop.is_closed()


async def connect(host: str, port: int) -> WatchedStream:
    """Return a new connection.

    Args:
        host: The name or the address of the host.
        port: Its port.

    Raises:
        OSError: There is none to be had.
    """
    loop = asyncio.get_running_loop()
    made: list[socket.socket] = []
    try:
        await _race(made, await _addresses(host, port), port)
        _, stream = await loop.create_connection(WatchedStream, sock=made[0])
        del made[0]  # It is the stream's.
        return stream
    finally:
        for each in made:
            each.close()


async def _addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host in the order in which they should be tried."""
    with contextlib.suppress(ValueError):
        return [str(ip_address(host))]
    families: dict[int, list[str]] = {}  # IPv4 and IPv6 take turns, since one may lead nowhere.
    for family, *_, address in await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        families.setdefault(family, []).append(str(address[0]))
    return [each for turn in zip_longest(*families.values()) for each in turn if each is not None]


async def _race(made: list[socket.socket], addresses: list[str], port: int) -> None:
    """Connect to the address that is quickest; each has a head start on the next.

    Args:
        made: The sockets that were connected are added to it, the first of them first.
        addresses: The addresses.
        port: The port.
    """
    failed: list[OSError] = []

    async def attempt(address: str, ended: anyio.Event) -> None:
        try:
            made.append(await _connected(address, port))
        except OSError as exc:
            failed.append(exc)
        else:
            group.cancel_scope.cancel()
        finally:
            ended.set()

    async with anyio.create_task_group() as group:
        for address in addresses:
            ended = anyio.Event()
            group.start_soon(attempt, address, ended)
            with anyio.move_on_after(_STAGGER):
                await ended.wait()
    if not made:
        raise OSError("No address of the host took the connection.") from next(iter(failed), None)


async def _connected(address: str, port: int) -> socket.socket:
    """Return a socket that is connected."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio has what is sent wait for nothing (TCP_NODELAY) if the protocol is named.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setblocking(False)
        await asyncio.get_running_loop().sock_connect(found, (address, port))
    except BaseException:
        found.close()
        raise
    return found

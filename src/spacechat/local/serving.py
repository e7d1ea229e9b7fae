"""A server's thread: uvicorn, quiet, without signal handlers, and quick to stop.

A shutdown ends within its patience, whatever clients and applications do, and loses no connection:

- ``ServerThread.stop`` may be called from any thread, and more than once. It sets an event of the
  server's loop, then joins the thread. If the loop has ended already, there is nothing to set.
- ``_Server.main_loop`` waits for that event, and uvicorn calls ``shutdown``. It stops accepting
  first and closes the listening sockets a turn later, since asyncio would lose the socket of a
  connection that it accepted in between.
- All connections are aborted, in each of the next turns, until those that were accepted last have
  shown up. The applications learn that their clients are gone and end their tasks.
- Tasks that are still there are waited for, no longer than ``patience``; ``asyncio.run`` cancels
  the rest.
- ``start`` waits for ``settled``, which is set when the server accepts connections or when the
  thread ends, so it returns or raises in any case.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_LOGGERS: Final = ("uvicorn.error", "uvicorn.access")

_CHUNK: Final = 16 << 10
"""Bytes that are read from a connection in one step."""

_UNSENT: Final = 128 << 10
"""Bytes that the system keeps for a connection until they can be sent. With more, it may take none
for a minute although a slow client reads all the time."""

_STALLED: Final = 30.0
"""Seconds that a connection may take to send the head of a request, however slowly it drips, and to
read anything of what is sent."""

_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"retry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, opened in the caller's thread so that failures are raised there.

    Args:
        host: The address to listen on.
        port: The port; 0 for any free one.

    Raises:
        OSError: The address can't be listened on, as when the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small chunks at once (TCP_NODELAY) only on sockets
    # that say they are TCP; without it, each piece may wait some 40 ms for an acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows, the option lets two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":  # by itself, it keeps megabytes for a client that reads slowly
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        sock.bind((host, port))
        sock.listen(2048)
    except (OSError, OverflowError, TypeError, UnicodeError) as error:  # No such host, or port.
        sock.close()
        number = getattr(error, "errno", errno.EINVAL)
        hint = "; port=0 takes any free one" if number == errno.EADDRINUSE else ""
        why = getattr(error, "strerror", error)
        raise OSError(number, f"cannot listen on {host}:{port}: {why}{hint}") from error
    return sock


def address(host: str, sock: socket.socket) -> str:
    """Return the address of a socket that listens on a host, as in ``http://127.0.0.1:43121``."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{sock.getsockname()[1]}"


class ServerThread:
    """Serves an application on a socket, in a thread, until it is stopped.

    Args:
        app: The application.
        sock: The bound socket; the server closes it in the end.
        name: The thread's name.
        on_stop: Called on the event loop when the server stops.
        patience: Seconds that requests may take to end when the server stops.
        connections: How many may be open; further ones get a 503.
    """

    def __init__(
        self,
        app: ASGIApp,
        sock: socket.socket,
        name: str,
        *,
        on_stop: Callable[[], None] = lambda: None,
        patience: float = 0.5,
        connections: int = 10_000,
    ) -> None:
        self._sock = sock
        self._server = _Server(app, on_stop, patience, connections)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread and wait until the server accepts connections.

        Raises:
            RuntimeError: The server failed to start.
        """
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            self._thread.join()
            raise RuntimeError("the server failed to start") from self._failure

    def stop(self) -> None:
        """Stop the server and wait for its thread. Further calls do nothing."""
        self._server.stop()
        self._thread.join()

    def _run(self) -> None:
        # uvicorn logs to loggers that the whole program shares. Only the records of this thread are
        # filtered out; loggers and levels that the program has set stay as they are.
        mine = threading.get_ident()

        def from_others(record: logging.LogRecord) -> bool:
            return record.thread != mine

        loggers = [logging.getLogger(name) for name in _LOGGERS]
        for logger in loggers:
            logger.addFilter(from_others)
        try:
            asyncio.run(self._server.serve(sockets=[self._sock]))
        except BaseException as error:  # noqa: BLE001 - start() raises it in the caller's thread
            self._failure = error
        finally:
            for logger in loggers:
                logger.removeFilter(from_others)
            self._sock.close()
            self._server.settled.set()


class _Connection(H11Protocol):
    """A connection that takes little memory until its application asks for the body.

    h11 bounds the head of a request, which uvicorn's other parser does not. By itself, uvicorn
    reads the beginning of a body, 64 KiB and more, before anybody asks for it, which adds up if
    many requests wait for their turn. Here reading stops at the head, and what the same read brings
    of the body is at most ``_CHUNK`` bytes.
    """

    most: int
    """How many connections may be open; a class for each server sets it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Bytes that a selector's loop reads at once; uvloop, which a program may run, has no such
        # attribute.
        with contextlib.suppress(AttributeError):
            cast("Any", transport).max_size = _CHUNK
        super().connection_made(cast("asyncio.Transport", transport))
        if len(self.connections) > self.most:
            self.transport.write(_BUSY)
            self.transport.close()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and self.cycle.more_body:
            self.flow.pause_reading()  # the application's receive() goes on


class _Progress(NamedTuple):
    """How far a connection has come: its last request, and the bytes that its client hasn't read.

    Attributes:
        request: The request, or None before the first.
        unsent: Bytes of responses that wait until the client reads.
    """

    request: object
    unsent: int


class _Server(uvicorn.Server):
    """A uvicorn server that signals when it is ready, and that any thread can stop at once."""

    def __init__(
        self, app: ASGIApp, on_stop: Callable[[], None], patience: float, connections: int
    ) -> None:
        # log_config None: no handlers are installed. Signals are left alone because uvicorn
        # handles them in the main thread only.
        protocol = type("_Connection", (_Connection,), {"most": connections})
        settings = uvicorn.Config(app, http=protocol, lifespan="off", ws="none", log_config=None)
        super().__init__(settings)
        self._waiting: dict[_Connection, tuple[_Progress, float]] = {}
        self.settled = threading.Event()
        self._on_stop = on_stop
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def stop(self) -> None:
        """Stop the server, from any thread."""
        if self._loop and self._stopping:
            with contextlib.suppress(RuntimeError):  # it has stopped, and its loop is closed
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Run until stopped, without uvicorn's ten wake-ups a second."""
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await self.on_tick(0)
        self.settled.set()
        while not self._stopping.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1.0)
            await self.on_tick(0)  # keeps the date header right
            self._close_stalled()

    def _close_stalled(self) -> None:
        """Close connections that have waited for their clients for too long, without any progress.

        One waits for the head of a request, or for its client to read. uvicorn closes it if it is
        silent after a request, but not if a head drips, if nothing ever came, or if nothing is
        read. The last request changes where a head has come, the unsent bytes where some are read.
        """
        now = time.monotonic()
        waiting: dict[_Connection, tuple[_Progress, float]] = {}
        for connection in cast("set[_Connection]", self.server_state.connections):
            request, unsent = connection.cycle, connection.transport.get_write_buffer_size()
            if unsent or request is None or request.response_complete:
                progress = _Progress(request, unsent)
                last, since = self._waiting.get(connection, (progress, now))
                waiting[connection] = (progress, since if last == progress else now)
        self._waiting = waiting
        for connection, (_, since) in waiting.items():
            if now - since > _STALLED:
                connection.transport.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop at once; uvicorn's own method waits for every reader, and some may never read."""
        # asyncio makes a connection one turn after it accepted it, and loses its socket if the
        # server is closed in between. So accepting ends a turn before the server does.
        loop = asyncio.get_running_loop()
        for sock in sockets or ():
            with contextlib.suppress(NotImplementedError):  # Windows, which has no such gap
                loop.remove_reader(sock)
        await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        self._on_stop()
        # A connection that has just been accepted appears two turns of the loop later. After the
        # last turn, all applications know that their connections are lost, and their tasks end.
        for _ in range(4):
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=self._patience)

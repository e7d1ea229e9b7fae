"""A link with a long round trip: a proxy that delays, and counts round trips.

`Far` forwards the bytes of each connection to a server nearby. What a client sends takes half a
round trip, and so does what it gets; a connection is there after a whole one, as in TCP.

Beside the real delay there is a clock in round trips, which no busy machine can disturb: an answer
arrives one round trip after the request was sent, and a request is sent when what the client knew
had arrived. Of requests that are made at the same time, each is on its way before an answer to any
other arrives, as long as the real delay is long enough for that.

With TLS, its handshake goes over the long link as well: what the server has to say is encrypted at
the far end. Of TLS 1.3, that is one round trip more.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType

from typing_extensions import Self

from .secure import unwrap

_Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Far:
    """The way to a server that is far away.

    Attributes:
        url: Its address at this end.
        connections: How many were made.
        clock: The time, in round trips.

    Args:
        url: Address of the server.
        round_trip: Seconds.
        tls: What the far end speaks TLS with; None: none.
    """

    def __init__(self, url: str, round_trip: float, tls: ssl.SSLContext | None = None) -> None:
        host, _, port = url.rpartition("/")[2].partition(":")
        self._server = self._next = host, int(port)  # The next is where the long link ends.
        self._tls = tls
        self._half = round_trip / 2
        self.connections = 0
        self.clock = 0.0
        # The protocol is named because asyncio sends small chunks at once (TCP_NODELAY) only on
        # sockets that name it.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        port = self._listener.getsockname()[1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        servers = loop.run_until_complete(self._listen())
        loop.run_forever()
        for server in servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        for _ in range(3):  # What is closed is gone a turn or two later.
            loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    async def _listen(self) -> list[asyncio.Server]:
        servers = []
        if self._tls is not None:
            servers.append(await asyncio.start_server(self._decrypt, "127.0.0.1", 0, ssl=self._tls))
            self._next = servers[0].sockets[0].getsockname()
        return [*servers, await asyncio.start_server(self._accept, sock=self._listener)]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        way = _Way(self, self._half)
        await self._join((reader, writer), self._next, way.carry)

    async def _decrypt(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._join((reader, writer), self._server, unwrap)

    async def _join(
        self,
        near: _Ends,
        address: tuple[str, int],
        carry: Callable[[_Ends, _Ends], Awaitable[None]],
    ) -> None:
        """Connect one who connected with an address, until one end is closed."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with _aborting(near[1]), contextlib.suppress(OSError):
                there, back = await asyncio.open_connection(*address)
                with _aborting(back):
                    await carry(near, (there, back))
        except asyncio.CancelledError:
            return
        finally:
            self._tasks.discard(task)


@contextlib.contextmanager
def _aborting(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Close a connection at the end of the block."""
    try:
        yield
    finally:
        writer.transport.abort()


class _Way:
    """One connection."""

    def __init__(self, far: Far, half: float) -> None:
        self._far = far
        self._half = half
        self._opened = far.clock + 1  # When the connection is there.
        self._sent = self._opened  # When what is being answered was sent.
        self._is_new = True

    async def carry(self, near: _Ends, far: _Ends) -> None:
        """Carry both ways, until one end is closed and what is on its way has arrived."""
        both = [
            asyncio.ensure_future(self.there(near[0], far[1])),
            asyncio.ensure_future(self.back(far[0], near[1])),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(both, timeout=4 * self._half)
        finally:
            for each in both:
                each.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what the client sends."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        carrying = loop.create_task(self._carry(queue, writer))
        try:
            while data := await reader.read(1 << 16):
                self._sent = max(self._far.clock, self._opened)
                # The client did not wait for the connection, which the system made at once.
                late = 2 * self._half if self._is_new else 0.0
                self._is_new = False
                queue.put_nowait((loop.time() + self._half + late, data))
            queue.put_nowait((loop.time() + self._half, b""))
            await carrying
        finally:
            carrying.cancel()

    async def back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what the client gets."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        carrying = loop.create_task(self._carry(queue, writer, arrives=True))
        try:
            while data := await reader.read(1 << 16):
                queue.put_nowait((loop.time() + self._half, data))
            queue.put_nowait((loop.time() + self._half, b""))
            await carrying
        finally:
            carrying.cancel()

    async def _carry(
        self,
        queue: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
        *,
        arrives: bool = False,
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                due, data = await queue.get()
                await asyncio.sleep(due - loop.time())
                if not data:
                    if writer.can_write_eof():
                        writer.write_eof()
                    return
                if arrives:
                    self._far.clock = max(self._far.clock, self._sent + 1)
                writer.write(data)
                await writer.drain()

"""A server that answers with scripted bytes and keeps every request as it came over the socket."""

from __future__ import annotations

import contextlib
import enum
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO

import anyio
from typing_extensions import Self

from tests import waiting

EVENTS_HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"content-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"
RESET = struct.pack("ii", 1, 0)
"""For `SO_LINGER`: closing sends a reset."""


class Then(enum.Enum):
    """What a server does in the place of sending bytes."""

    CLOSE = "close the connection"
    RESET = "reset the connection"
    END = "send nothing more, but go on reading"
    STOP = "close every connection, and take no more"
    ONCE_READ = "send nothing more until the test says that the client has read what was sent"
    HANG = "send nothing more; wait until the client closes the connection"


@dataclass(frozen=True)
class Received:
    """A request, as it came."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The value of a header that came once; None where it did not come."""
        values = [value for key, value in self.headers if key.lower() == name]
        assert len(values) <= 1, f"{name} came more than once"
        return values[0] if values else None


Part = bytes | Then
Answer = Callable[[Received], Iterable[Part]]


class ReplayServer:
    """Listens on loopback, with a thread for every connection; `answer` scripts the responses.

    Attributes:
        requests: Every request, in the order in which they came.
        accepted: How many connections were made.
        is_read: Set by a test when the client has read what was sent; see `Then.ONCE_READ`.
    """

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Received] = []
        self.accepted = 0
        self.stopping = threading.Event()
        self.is_read = threading.Event()
        self._answer = answer
        self._connections: set[socket.socket] = set()
        self._answering: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}"

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._connections)

    @property
    def busy(self) -> int:
        """How many requests are being answered now."""
        return len(self._answering)

    @property
    def lines(self) -> list[str]:
        """The request lines."""
        return [request.line for request in self.requests]

    def to(self, path: str) -> list[Received]:
        """The requests to a path, whatever their query."""
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()
        for thread in self._threads:
            thread.join()

    def _stop(self) -> None:
        self.is_read.set()
        if not self.stopping.is_set():
            self.stopping.set()
            # Wakes the thread that accepts, unless a client just did.
            with contextlib.suppress(ConnectionError):
                socket.create_connection(self._address).close()
        self._threads[0].join()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):  # The client may have closed it.
                connection.shutdown(socket.SHUT_RDWR)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                if self.stopping.is_set():
                    connection.close()
                    return
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.accepted += 1
                self._connections.add(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as reader:
                while (request := _read_request(reader)) is not None:
                    self.requests.append(request)
                    self._answering.add(connection)
                    for part in self._answer(request):
                        if part is Then.CLOSE:
                            return
                        if part is Then.RESET:
                            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                            return
                        if part is Then.END:
                            connection.shutdown(socket.SHUT_WR)
                            continue
                        if part is Then.STOP:
                            self._stop()
                            return
                        if part is Then.ONCE_READ:
                            self.is_read.wait()
                            continue
                        if part is Then.HANG:
                            while reader.read(1):
                                pass
                            return
                        connection.sendall(part)
                    self._answering.discard(connection)
        except OSError:
            return  # The client went away.
        finally:
            self._answering.discard(connection)
            self._connections.discard(connection)


@contextlib.contextmanager
def refused() -> Iterator[str]:
    """An address where nobody listens, and nobody else comes to."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


def _read_request(reader: BinaryIO) -> Received | None:
    line = reader.readline()
    if not line:
        return None
    headers: list[tuple[str, str]] = []
    length = 0
    while (header := reader.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = header.partition(":")
        headers.append((name, value.strip()))
        if name.lower() == "content-length":
            length = int(value)
    body = reader.read(length)
    if not line.endswith(b"\n") or len(body) < length:
        return None  # The client went away in the middle of it.
    return Received(line.decode("latin-1").rstrip("\r\n"), headers, body)


def response(
    body: bytes, status: str = "200 OK", kind: str = "application/json", **headers: str
) -> bytes:
    """A whole response; in names of headers, `_` stands for `-`."""
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def always(*parts: Part) -> Answer:
    """The same answer to every request."""
    return lambda _: parts


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that another thread does."""
    deadline = time.monotonic() + waiting.LONGEST
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await anyio.sleep(0.002)

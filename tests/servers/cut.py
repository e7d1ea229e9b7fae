"""A way to a server on which some responses are cut short."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit

from typing_extensions import Self


class CutWay:
    """Passes everything on between clients and a server, but cuts some connections.

    Args:
        url: The server's address.
        wanted: What the requests hold whose connection is cut.
        after: Bytes of the response that come through.
        times: How many connections are cut.

    Attributes:
        url: The address for clients.
        requests: The first bytes of each connection that held `wanted`.
    """

    def __init__(self, url: str, wanted: bytes, *, after: int, times: int = 1) -> None:
        to = urlsplit(url)
        self._to = to.hostname or "", to.port or 80
        self._wanted = wanted
        self._after = after
        self._left = times
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for each in self._sockets:
            _end(each)
        for thread in self._threads:
            thread.join()

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                self._sockets += client, server
                cut = threading.Event()
                self._start(self._requests, client, server, cut)
                self._start(self._responses, client, server, cut)

    def _requests(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                if self._wanted in data:
                    self.requests.append(data)
                    if self._left:
                        self._left -= 1
                        cut.set()
                server.sendall(data)
        _end(server)

    def _responses(
        self, client: socket.socket, server: socket.socket, cut: threading.Event
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if cut.is_set():
                    data = data[: self._after - passed]
                    passed += len(data)
                client.sendall(data)
                if passed == self._after:
                    break
        _end(client)
        _end(server)


def _end(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()

"""An HTTP client whose connection waits for the next request (see `kept`)."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Mapping
from typing import Any

import httpx

from ..settings import Timeout

_CLOSED = -1
"""The number of a socket that was closed."""


class Idle:
    """An HTTP client whose connection waits.

    Attributes:
        client: The HTTP client, with one connection at the most.
        headers: The headers of all its requests.
        timeout: The limits on their time.
        key: Where the connection leads, and with which credentials.
        stream: The connection, as the HTTP library's extension `network_stream` gives it.
        since: When its last response ended, by `time.monotonic`.

    Args:
        client: See above.
        headers: See above.
        timeout: See above.
        key: See above.
        stream: See above.
        since: See above.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        headers: Mapping[str, str],
        key: Hashable,
        stream: Any,
        since: float,
        *,
        timeout: Timeout,
    ) -> None:
        self.client: httpx.AsyncClient = client
        self.headers: Mapping[str, str] = headers
        self.timeout: Timeout = timeout
        self.key: Hashable = key
        self.stream: Any = stream
        self.since: float = since
        self._socket = _socket_at(self._number())

    def has_ended(self) -> bool:
        """Return whether anything came since the last response: at best the connection's end.

        What came with that response is for others to see (see `kept`).
        """
        if self._number() == _CLOSED:
            return True
        return bool(self.stream.get_extra_info("is_readable"))

    def give_up(self) -> None:
        """Let go of this process's copy of the socket, and leave everything else as it is."""
        number = self._number()
        if number is None or self._socket is None or self._socket != _socket_at(number):
            return  # An event loop that was closed may still name a number that is another's now.
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            os.dup2(nothing, number)  # Whoever closes that number later closes nothing else.
        finally:
            os.close(nothing)

    def _number(self) -> int | None:
        """Return the number of the socket's file; None for a connection that has no socket."""
        raw = self.stream.get_extra_info("socket")
        number: int | None = None if raw is None else raw.fileno()
        return number


def _socket_at(number: int | None) -> tuple[int, int] | None:
    """Return what tells a socket from all others, or None if there is none with that number.

    On Windows, where a socket is no file, there never is one.
    """
    try:
        found = None if number is None else os.fstat(number)
    except (OSError, OverflowError):  # A handle of Windows may be larger than any file's number.
        return None
    is_socket = found is not None and stat.S_ISSOCK(found.st_mode)
    return (found.st_dev, found.st_ino) if found is not None and is_socket else None

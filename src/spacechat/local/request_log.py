"""The log of the requests that a local Space received."""

from __future__ import annotations

from collections import deque
from typing import Final

from .values import ReceivedRequest

_MOST: Final = 1000
_BYTES: Final = 32 << 20
"""Bytes that the bodies of all kept requests may have together; the last is kept in any case."""


class RequestLog:
    """The newest requests of a local Space, as many as take little memory."""

    def __init__(self) -> None:
        self._kept: deque[tuple[ReceivedRequest, int]] = deque()
        self._bytes = 0

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests, oldest first."""
        return [request for request, _ in list(self._kept)]

    def add(self, request: ReceivedRequest, size: int) -> None:
        """Keep a request, and drop the oldest if there are too many.

        Args:
            request: The request.
            size: Bytes of its body.
        """
        self._kept.append((request, size))
        self._bytes += size
        while len(self._kept) > _MOST or (self._bytes > _BYTES and len(self._kept) > 1):
            self._bytes -= self._kept.popleft()[1]

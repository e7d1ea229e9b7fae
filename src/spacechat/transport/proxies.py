"""Sending a request by way of a proxy that may never answer.

The HTTP library has timeouts for connecting to a proxy, and for what an HTTP proxy says. For the
handshake with a SOCKS proxy it has none, so one that takes the connection and says nothing would
be waited for without end. It calls a `trace` as that handshake begins and ends, which is where the
timeout is set and lifted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import anyio
import httpx

_HANDSHAKE = "setup_socks5_connection"


async def send_by_proxy(
    client: httpx.AsyncClient, request: httpx.Request, seconds: float | None
) -> httpx.Response:
    """Send a request, and return the response once its head is there.

    Args:
        client: Sends it.
        request: The request.
        seconds: How long the handshake with a SOCKS proxy may take; None: without end.

    Raises:
        httpx.ConnectTimeout: The handshake took longer.
    """
    handshake = _Handshake(seconds)
    request.extensions["trace"] = handshake.trace
    try:
        with handshake.scope:
            return await client.send(request, stream=True)
    finally:
        await handshake.aclose()
    raise httpx.ConnectTimeout("The proxy is silent.", request=request)


class _Handshake:
    """The handshake with a SOCKS proxy.

    Attributes:
        scope: Is cancelled when the handshake takes too long.
    """

    def __init__(self, seconds: float | None) -> None:
        self.scope = anyio.CancelScope()
        self._seconds = math.inf if seconds is None else seconds
        self._stream: Any = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Set the timeout as the handshake begins, and lift it afterwards."""
        name, _, moment = event.rpartition(".")
        if name.endswith(_HANDSHAKE):
            begins = moment == "started"
            self.scope.deadline = anyio.current_time() + self._seconds if begins else math.inf
            if moment != "failed":
                self._stream = info["stream"] if begins else None

    async def aclose(self) -> None:
        """Close a connection whose handshake failed: the HTTP library leaves it open."""
        if self._stream is not None:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()

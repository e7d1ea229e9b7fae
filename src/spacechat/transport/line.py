"""The line to a Space: what a connection sends its requests over.

A line has one connection at a time: one that waited for it (see `kept`), or a new one. It puts its
connection back there at the end, if the last response was read to its exact end.

A server may close a connection that it has kept just as the next request is on its way. Then the
connection ends without anything of a response (`FirstRead`), and the line sends the request once
more, over a new one. So it does if the server says that it closes the connection because no request
came on it (408, RFC 9110 section 15.5.9), or if what comes is no response to the request: bytes
that were read before it was sent. That costs none of the client's retries, and happens to a request
once, since nothing came on the new connection before. It is done only where it can do no harm:

- A plain request, or a question. Whoever asks has a question asked again for the same reason.
- Never a call of a function that must not run twice: it might have reached the function. So that it
  hardly ever fails for this reason, it is not sent over a connection that was idle for longer than
  `_SURE` seconds.
"""

from __future__ import annotations

import hashlib
import os
import time
import urllib.request
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import httpx

from ..log import log
from ..settings import Settings
from .bodies import SentBytes
from .credentials import is_proxied
from .deadline import Deadline
from .first_read import FirstRead
from .http_client import line_headers, open_client, timeouts
from .http_log import without_secrets
from .idle import Idle
from .kept import Kept
from .proxies import send_by_proxy
from .records import holds_more

_SURE = 4.0
"""Seconds for which every server in use keeps an idle connection; uvicorn does for 5."""

_TOO_LATE = 408
"""The status with which a server closes a connection on which no request came in time."""

_UNASKED = "What came is no response to the request: it had come before."

_NO_CREDENTIALS = frozenset({"accept", "accept-encoding", "origin", "referer", "user-agent"})
"""Headers in which lines may differ and yet use the same connection."""

_SALT = os.urandom(16)


class Line:
    """Sends requests to one origin, over one connection at a time.

    Args:
        space: Address of the Space.
        settings: The client's settings.
        headers: Headers of every request.
        kept: The connections that wait; None: one is made, and closed in the end.
        deadline: When the total timeout is over.
        anonymous: Whether requests go without the client's token and headers.

    Raises:
        SpaceUnavailableError: The proxy's URL can't be used.
        AuthenticationError: The environment's token is none.

    Attributes:
        reader: A digest of the credentials that its requests carry, which tells equal ones in this
            process; empty if there are none.
    """

    def __init__(
        self,
        space: httpx.URL,
        settings: Settings,
        headers: Mapping[str, str],
        kept: Kept | None,
        deadline: Deadline,
        *,
        anonymous: bool,
    ) -> None:
        self._settings = settings
        self._kept = kept
        self._deadline = deadline
        self._is_secured = space.scheme == "https"
        self._is_proxied = is_proxied(space, settings.proxy)
        self._headers = line_headers(
            space, settings, headers, proxied=self._is_proxied, anonymous=anonymous
        )
        credentials = _credentials(space, self._headers)
        self.reader: bytes = _digest(credentials) if any(credentials) else b""
        self._key = _key(space, settings, credentials, proxied=self._is_proxied)
        idle = None if kept is None else kept.take(self._key)
        self._is_idle = idle is not None  # Whether the last response has ended and left it open.
        self._idle_since = 0.0 if idle is None else idle.since
        self._stream: Any = None if idle is None else idle.stream
        self._keeps_alive = False  # Whether the server keeps it after the newest response.
        self._unfinished = 0  # Requests whose responses were not read to their ends.
        self._sent: SentBytes | None = None  # The newest request's body.
        self._is_closed = False
        if idle is None:
            self._client = self._open()
        else:
            self._client = idle.client
            if idle.headers != self._headers:  # To set them takes long.
                self._client.headers = self._headers
            if idle.timeout is not settings.timeout:
                self._client.timeout = timeouts(settings)
            self._client.cookies.clear()  # They are another line's.

    @property
    def client(self) -> httpx.AsyncClient:
        """The HTTP client that builds the requests, with the headers of all of them."""
        return self._client

    @property
    def is_sent(self) -> bool:
        """Whether a part of the newest request has been sent."""
        return self._sent is not None and self._sent.is_sent

    async def send(self, request: httpx.Request, *, may_repeat: bool) -> httpx.Response:
        """Send a request, and return the response as soon as its head is there.

        Args:
            request: The request.
            may_repeat: Whether no harm is done if it reaches the server twice.

        Raises:
            httpx.TransportError: No connection can be made, or it breaks, or brings no HTTP.
        """
        was_idle, self._is_idle = self._is_idle, False
        self._sent = None
        self._unfinished += 1
        is_too_old = not may_repeat and time.monotonic() - self._idle_since > _SURE
        if was_idle and (is_too_old or (self._is_secured and self._holds_more())):
            await self._renew()
            was_idle = False
        if not was_idle:
            return await self._send(request)
        before = self._stream
        with FirstRead(before) as first:
            try:
                response = await self._send(request)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                if not (may_repeat and first.is_end):
                    raise
            else:
                is_unasked = self._stream is before and not first.is_made
                is_late = response.status_code == _TOO_LATE and not _keeps_alive(response)
                if not (is_unasked or (is_late and may_repeat)):
                    return response
                await response.aclose()
        if not may_repeat:
            raise httpx.RemoteProtocolError(_UNASKED, request=request)
        log.debug("an idle connection had ended: the request goes over a new one")
        await self._renew()
        return await self._send(request)

    def response_ended(self) -> None:
        """Note that the response was read to its exact end."""
        self._unfinished -= 1
        self._is_idle = self._keeps_alive and not self._unfinished
        self._idle_since = time.monotonic()

    async def aclose(self) -> None:
        """Have the connection wait for the client's next request, if it is idle; else close it.

        It is none that was used for anything that did not come to its end.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._kept is None or not self._is_idle:
            await self._client.aclose()
        else:
            idle = Idle(
                self._client,
                self._headers,
                self._key,
                self._stream,
                self._idle_since,
                timeout=self._settings.timeout,
            )
            await self._kept.keep(idle)

    def _holds_more(self) -> bool:
        """Return whether TLS holds anything that came and was not read.

        That of the fast transport can't be had, and need not be: it looks by itself.
        """
        tls = self._stream.get_extra_info("ssl_object")
        return tls is not None and holds_more(tls)

    async def _renew(self) -> None:
        """Go on with a new connection, and with the cookies, unless the line is closed."""
        ended = self._client
        if not self._is_closed:
            self._client = self._open(ended.cookies)
        await ended.aclose()

    def _open(self, cookies: httpx.Cookies | None = None) -> httpx.AsyncClient:
        return open_client(self._settings, self._headers, proxied=self._is_proxied, cookies=cookies)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        if self._is_closed:
            raise httpx.CloseError("The connection was closed.", request=request)
        before, self._sent = self._sent, SentBytes(request.content)
        self._sent.is_sent = before is not None and before.is_sent  # Where it is sent again.
        request.stream = self._sent
        request.extensions["deadline"] = self._deadline.at
        with without_secrets():
            if self._is_proxied:
                connect = self._settings.timeout.connect
                response = await send_by_proxy(self._client, request, connect)
            else:
                response = await self._client.send(request, stream=True)
        self._stream = response.extensions.get("network_stream")
        self._keeps_alive = self._stream is not None and _keeps_alive(response)
        return response


def _keeps_alive(response: httpx.Response) -> bool:
    """Return whether a server says that the connection stays open after a response."""
    headers = response.headers
    options = headers.get("connection", "").lower().split(",")
    if "close" in {option.strip() for option in options}:
        return False
    has_end = "content-length" in headers or "transfer-encoding" in headers
    return has_end and response.extensions.get("http_version") == b"HTTP/1.1"


def _credentials(space: httpx.URL, headers: Mapping[str, str]) -> list[bytes]:
    """Return all that may be a credential; each part is empty if there is none."""
    parts = [space.userinfo]
    for name, value in headers.items():
        if name not in _NO_CREDENTIALS:
            parts += [_encoded(name), _encoded(value)]
    return parts


def _key(
    space: httpx.URL, settings: Settings, credentials: Sequence[bytes], *, proxied: bool
) -> Hashable:
    """Return a value that is equal for lines that may use the same connections.

    They lead to the same origin, by way of the same proxy, and agree in every header that may be a
    credential. The value holds a digest of these.
    """
    proxy = b""
    if proxied:
        proxy = _encoded(settings.proxy or sorted(urllib.request.getproxies().items()))
    return space.scheme, space.raw_host, space.port, _digest([proxy, *credentials])


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.blake2b(key=_SALT)
    for part in parts:
        digest.update(b"%d:%b" % (len(part), part))  # So that no part runs into the next.
    return digest.digest()


def _encoded(value: object) -> bytes:
    return str(value).encode(errors="surrogatepass")

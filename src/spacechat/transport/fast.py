"""A leaner way to send requests: plain connections (see `streams`), read with llhttp's parser.

It is used instead of httpx's own transport, but where a proxy may be in use, or where there is no
`httptools`. It does one thing: it carries the few requests of one stream, one after another on one
connection, at little cost. Two things make it cheap: llhttp, by way of `httptools`, parses in C;
and what one read brings of a body is handed on as one piece, so that a hundred small chunks pass
through the layers above it once.

It knows HTTP/1.1 alone, no proxies, and requests whose body is in memory. Errors are httpx's, with
the words that httpx's own transport has for them. These hold:

- **A connection is idle, in use or closed.** `_wires` has all that are open. `_idle` is one of
  them at the most, which no response uses. A response gives its connection back (`keep`) only if it
  is complete, nothing failed and nothing followed it; else the connection is closed (`drop`). So no
  byte of one response is ever read as part of the next.
- **An idle connection is used again only if nothing came on it meanwhile.** Whatever came is the
  server's end of it, or bytes that were not asked for. It may have come with the response's end,
  and still lie in TLS or in the loop's buffer, so the stream is asked (`has_more`), and the socket.
- **Every wait ends**, unless the caller sets no limit. Connecting, sending and each read have
  httpx's timeouts. One piece of a body may take many reads, each in time for the read timeout, so
  reads end at the request's extension `deadline` as well (by `time.monotonic`).
- **Little is buffered.** A piece is what one read brings. Reads that bring nothing of a body (a
  head, sizes of chunks, trailers) may add up to `_OVERHEAD` bytes.
"""

from __future__ import annotations

import math
import re
import select
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import anyio
import httptools
import httpx

from . import streams
from .llhttp import ParsedResponse

_OVERHEAD = 100 << 10
"""Bytes that may be read in a row without any of a body: a head, trailers."""

_NO_FIELD = re.compile(rb"[\0\r\n]")
"""Characters that would end a field of a request's head early."""

_BROKEN = (OSError, EOFError, anyio.BrokenResourceError, anyio.ClosedResourceError)

_Origin = tuple[str, bytes, int | None]


class FastTransport(httpx.AsyncBaseTransport):
    """A transport that keeps the connection of the last complete response for the next request.

    Another connection is made if that one is in use, has ended or is to another origin.

    Args:
        tls: The context of every https connection; it is set to offer HTTP/1.1 alone.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self._tls = tls
        self._idle: _Wire | None = None
        self._wires: set[_Wire] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response as soon as its head is there.

        Of a request with the extension `unread`, the response is returned as if it were there.
        The response's extension `pieces` is its body, which httpx wraps in a generator as `stream`.

        Raises:
            httpx.TransportError: No connection can be made, or it breaks, or brings no HTTP.
        """
        timeout = request.extensions.get("timeout", {})
        wire = await self._connect(request.url, timeout.get("connect"))
        try:
            await wire.send(request, timeout.get("write"))
            deadline = request.extensions.get("deadline", math.inf)
            body = _Body(self, wire, timeout.get("read"), deadline)
            if request.extensions.get("unread"):
                return httpx.Response(200, stream=body)
            message = await body.read_head(bodiless=request.method == "HEAD")
        except BaseException:
            await self.drop(wire)
            raise
        return httpx.Response(
            message.status,
            headers=message.headers,
            stream=body,
            extensions={
                "http_version": b"HTTP/" + message.parser.get_http_version().encode(),
                "reason_phrase": message.reason,
                "network_stream": wire,
                "pieces": body,
            },
        )

    async def aclose(self) -> None:
        """Close all connections; what waits on them elsewhere ends with an error."""
        for wire in list(self._wires):
            await self.drop(wire)

    async def drop(self, wire: _Wire) -> None:
        """Close a connection."""
        self._wires.discard(wire)
        if self._idle is wire:
            self._idle = None
        await wire.stream.aclose()

    async def keep(self, wire: _Wire) -> None:
        """Keep a connection whose response is complete for the next request."""
        if self._idle is None and wire in self._wires:
            self._idle = wire
        else:
            await self.drop(wire)

    async def _connect(self, url: httpx.URL, timeout: float | None) -> _Wire:
        origin = (url.scheme, url.raw_host, url.port)
        wire, self._idle = self._idle, None
        if wire is not None:
            if wire.origin == origin and not wire.has_ended():
                return wire
            await self.drop(wire)
        host = url.raw_host.decode("ascii")
        is_https = url.scheme == "https"
        port = url.port or (443 if is_https else 80)
        try:
            with anyio.fail_after(timeout):
                stream = await streams.connect(host, port, self._tls if is_https else None)
        except TimeoutError as exc:
            raise httpx.ConnectTimeout(str(exc)) from exc
        except (*_BROKEN, anyio.EndOfStream) as exc:
            raise httpx.ConnectError(str(exc)) from exc
        wire = _Wire(origin, stream)
        self._wires.add(wire)
        return wire


class _Wire:
    """A connection, and the origin that it is to."""

    def __init__(self, origin: _Origin, stream: streams.Stream) -> None:
        self.origin = origin
        self.stream = stream

    def get_extra_info(self, info: str) -> Any:
        """Return what a stream of httpx's own transport would: `socket` or `is_readable`."""
        if info == "socket":
            return self.stream.raw_socket
        return self.has_ended() if info == "is_readable" else None

    def has_ended(self) -> bool:
        """Return whether anything came since the last response: at best the connection's end."""
        if self.stream.has_more():
            return True
        raw = self.stream.raw_socket
        if raw.fileno() < 0:
            return True
        if not hasattr(select, "poll"):  # Windows, whose `select` takes any socket.
            return bool(select.select([raw], [], [], 0)[0])
        poll = select.poll()
        poll.register(raw, select.POLLIN)
        return bool(poll.poll(0))

    async def send(self, request: httpx.Request, timeout: float | None) -> None:
        try:
            with anyio.fail_after(timeout):
                # The bytes are no local variable: a traceback would show it, token included.
                await self.stream.send(_head(request) + await _body_of(request))
        except TimeoutError as exc:
            raise httpx.WriteTimeout(str(exc)) from exc
        except _BROKEN:
            # A server may refuse before it has read everything. Its response is still to be read;
            # if there is none, reading finds that out.
            return

    async def read(self, timeout: float | None, deadline: float) -> bytes:
        """Return the next bytes, or nothing at the end of the connection.

        Args:
            timeout: Seconds to wait at most, or None.
            deadline: When waiting ends in any case, by `time.monotonic`.

        Raises:
            httpx.ReadTimeout: Nothing came in time.
            httpx.ReadError: The connection broke.
        """
        if timeout is not None:
            deadline = min(deadline, time.monotonic() + timeout)
        try:
            return await self.stream.receive(deadline)
        except TimeoutError as exc:
            raise httpx.ReadTimeout("") from exc
        except _BROKEN as exc:
            raise httpx.ReadError(str(exc)) from exc


class _Body(httpx.AsyncByteStream):
    """A response as it comes: its head first, then its body piece by piece.

    A class and not a generator, so that reading can stop anywhere.
    """

    def __init__(
        self, transport: FastTransport, wire: _Wire, timeout: float | None, deadline: float
    ) -> None:
        self._transport = transport
        self._wire = wire
        self._timeout = timeout
        self._deadline = deadline
        self._message = ParsedResponse()
        self._failure: httpx.RemoteProtocolError | None = None
        self._overhead = 0

    async def read_head(self, *, bodiless: bool) -> ParsedResponse:
        """Read until the head is complete.

        Args:
            bodiless: Whether no body follows, whatever the head says.
        """
        message = self._message
        while not message.headed:
            await self._read()
        message.complete = message.complete or bodiless
        return message

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        message = self._message
        while not message.parts:
            if message.complete:
                raise StopAsyncIteration
            await self._read()
        data = b"".join(message.parts)
        message.parts.clear()
        return data

    async def aclose(self) -> None:
        """Give the connection back if this response is complete; else close it."""
        self._message.release()
        if self._message.reusable and self._failure is None:
            await self._transport.keep(self._wire)
        else:
            await self._transport.drop(self._wire)

    async def _read(self) -> None:
        """Read once, which may bring nothing of the body.

        Raises:
            httpx.ReadTimeout: Nothing came in time.
            httpx.ReadError: The connection broke.
            httpx.RemoteProtocolError: It brought no HTTP, or ended early.
        """
        message = self._message
        if self._failure is not None:
            raise self._failure
        data = await self._wire.read(self._timeout, self._deadline)
        if not data:
            self._end()
            return
        try:
            message.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            # The bytes before the error are good, and are handed on first.
            self._failure = httpx.RemoteProtocolError(str(exc))
        self._overhead = 0 if message.parts else self._overhead + len(data)
        if self._overhead > _OVERHEAD:
            raise httpx.RemoteProtocolError("Too much came without any of a body.")

    def _end(self) -> None:
        message = self._message
        if not message.headed:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        if not message.ends_with_connection():
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"({'incomplete chunked read' if message.is_chunked() else 'too few bytes'})"
            )
        message.complete = True


class _Field(bytes):
    """A line of a request's head. It may hold a token, so no repr shows it."""

    def __repr__(self) -> str:
        return "<hidden>"


async def _body_of(request: httpx.Request) -> bytes:
    """Return a request's body, which its stream then knows to be sent."""
    return b"".join([part async for part in cast("httpx.AsyncByteStream", request.stream)])


def _head(request: httpx.Request) -> bytes:
    """Return a request's head as it is sent.

    Raises:
        httpx.LocalProtocolError: A field holds a line break.
    """
    fields = [_Field(b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path))]
    fields += [_Field(b"%b: %b" % field) for field in request.headers.raw]
    for field in fields:
        if _NO_FIELD.search(field):
            raise httpx.LocalProtocolError("A header has a line break in it.")
    return b"\r\n".join([*fields, b"", b""])

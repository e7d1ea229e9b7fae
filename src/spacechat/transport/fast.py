"""A leaner way to send requests: plain anyio connections, read with llhttp's parser.

`AsyncClient` takes it in place of httpx's own transport where `httptools` is installed. It has one
thing to do: to carry the few requests of one stream, one after another on one connection, at little
cost. Two things make it cheap: llhttp, by way of `httptools`, parses in C; and what one read
brought of a body is handed on as one piece, so that a hundred small chunks pass once through what
lies between here and the reader.

A request's extension `deadline` says, by `time.monotonic`, until when its response is waited for:
one piece may take many reads, each of which is in time for the read timeout.

It knows HTTP/1.1 alone, no proxies, and requests whose body is in memory. Errors are httpx's, with
the words that httpx's own transport has for them.
"""

from __future__ import annotations

import math
import re
import select
import socket
import ssl
import time
from collections.abc import AsyncIterator

import anyio
import httptools
import httpx
from anyio.abc import ByteStream, SocketAttribute

_READ = 120 << 10
"""Bytes that are read at once; from 128 KiB on, malloc would map memory anew for each read."""

_OVERHEAD = 100 << 10
"""Bytes that may come in a row without any of a body: a head, trailers."""

_NO_FIELD = re.compile(rb"[\0\r\n]")
"""What would end a field of a request's head before its time."""

_BROKEN = (OSError, EOFError, anyio.BrokenResourceError, anyio.ClosedResourceError)

_Origin = tuple[str, bytes, int | None]


class FastTransport(httpx.AsyncBaseTransport):
    """Keeps the connection of the last complete response, and makes another when that is in use.

    Args:
        tls: What every https connection uses; it is made to offer HTTP/1.1.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self._tls = tls
        self._idle: _Wire | None = None
        self._wires: set[_Wire] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response as soon as its head is there.

        Raises:
            httpx.TransportError: There is no connection, or it breaks, or brings no HTTP.
        """
        timeout = request.extensions.get("timeout", {})
        wire = await self._connect(request.url, timeout.get("connect"))
        try:
            await wire.send(request, timeout.get("write"))
            left = request.extensions.get("deadline", math.inf) - time.monotonic()
            body = _Body(self, wire, timeout.get("read"), anyio.current_time() + left)
            message = await body.read_head(bodiless=request.method == "HEAD")
        except BaseException:
            await self.drop(wire)
            raise
        return httpx.Response(
            message.status,
            headers=message.headers,
            stream=body,
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": message.reason},
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
        await anyio.aclose_forcefully(wire.stream)

    async def keep(self, wire: _Wire) -> None:
        """Take back a connection whose response is complete, for the next request."""
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
        stream: ByteStream
        try:
            with anyio.fail_after(timeout):
                if url.scheme == "https":
                    stream = await anyio.connect_tcp(
                        host,
                        url.port or 443,
                        ssl_context=self._tls,
                        tls_hostname=host,
                        # Few servers say that they end: the end of a body is told by HTTP.
                        tls_standard_compatible=False,
                    )
                else:
                    stream = await anyio.connect_tcp(host, url.port or 80)
        except TimeoutError as exc:
            raise httpx.ConnectTimeout(str(exc)) from exc
        except (*_BROKEN, anyio.EndOfStream) as exc:
            raise httpx.ConnectError(str(exc)) from exc
        wire = _Wire(origin, stream)
        self._wires.add(wire)
        return wire


class _Wire:
    """A connection."""

    def __init__(self, origin: _Origin, stream: ByteStream) -> None:
        self.origin = origin
        self.stream = stream

    def has_ended(self) -> bool:
        """Tell whether something came that nobody asked for: at best it is the end."""
        raw: socket.socket = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610
        if not hasattr(select, "poll"):  # Windows, whose `select` takes any socket.
            return bool(select.select([raw], [], [], 0)[0])
        poll = select.poll()
        poll.register(raw, select.POLLIN)
        return bool(poll.poll(0))

    async def send(self, request: httpx.Request, timeout: float | None) -> None:
        try:
            with anyio.fail_after(timeout):
                # What is sent is no local of ours, which a traceback would show with its token.
                await self.stream.send(_head(request) + await request.aread())
        except TimeoutError as exc:
            raise httpx.WriteTimeout(str(exc)) from exc
        except _BROKEN:
            # A server may refuse before it has read everything. What it said is still to be read;
            # where it said nothing, reading finds that out.
            return

    async def receive(self, timeout: float | None, deadline: float) -> bytes:
        """Return what comes next, which is nothing at the end.

        Args:
            timeout: Seconds to wait at the most, or None.
            deadline: Until when to wait at the most, by the event loop's clock.
        """
        if timeout is not None:
            deadline = min(deadline, anyio.current_time() + timeout)
        try:
            # `fail_after` makes two generators more, for each token of a stream that waits for it.
            with anyio.CancelScope(deadline=deadline):
                return await self.stream.receive(_READ)
        except anyio.EndOfStream:
            return b""
        except _BROKEN as exc:
            raise httpx.ReadError(str(exc)) from exc
        raise httpx.ReadTimeout("")


class _Message:
    """What the parser has found of one response, and of interim ones before it.

    The parser calls the methods whose names begin with `on_`.
    """

    def __init__(self) -> None:
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.on_body = self.parts.append
        self.headed = False
        self.complete = False
        self.reusable = False
        self.parser = httptools.HttpResponseParser(self)

    def release(self) -> None:
        """Let go of the parser: the two hold each other, for the garbage collector to find."""
        self.__dict__.pop("parser", None)

    def on_message_begin(self) -> None:
        self.reusable = False  # Nor is it where something follows the response unasked.

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:  # Trailers are of no use here.
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()
        if self.status >= 200:
            self.headed = True
        else:  # Interim: the response is still to come.
            self.headers.clear()
            self.reason = b""

    def on_message_complete(self) -> None:
        if self.headed and not self.complete:
            self.complete = True
            self.reusable = self.parser.should_keep_alive()
            self.parts = self.parts.copy()  # What follows goes to the other, and nowhere.

    def is_chunked(self) -> bool:
        """Tell whether the body comes in chunks."""
        return self._last(b"transfer-encoding").endswith(b"chunked")

    def ends_with_connection(self) -> bool:
        """Tell whether nothing but the end of the connection ends the body."""
        if self._last(b"transfer-encoding"):
            return not self.is_chunked()
        return not self._last(b"content-length")

    def _last(self, wanted: bytes) -> bytes:
        """Return the last value of a header, or nothing."""
        found = [value for name, value in self.headers if name.lower() == wanted]
        return found[-1].strip().lower() if found else b""


class _Body(httpx.AsyncByteStream):
    """A response as it comes, its head first.

    A class and not a generator, so that it can be left at any place.
    """

    def __init__(
        self, transport: FastTransport, wire: _Wire, timeout: float | None, deadline: float
    ) -> None:
        self._transport = transport
        self._wire = wire
        self._timeout = timeout
        self._deadline = deadline
        self._message = _Message()
        self._failure: httpx.RemoteProtocolError | None = None
        self._overhead = 0

    async def read_head(self, *, bodiless: bool) -> _Message:
        """Read until the head is complete.

        Args:
            bodiless: No body follows, whatever the head says.
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
        """Free the connection: for the next request if this response is complete."""
        self._message.release()
        if self._message.reusable and self._failure is None:
            await self._transport.keep(self._wire)
        else:
            await self._transport.drop(self._wire)

    async def _read(self) -> None:
        """Read once, which may bring nothing that can be handed on."""
        message = self._message
        if self._failure is not None:
            raise self._failure
        data = await self._wire.receive(self._timeout, self._deadline)
        if not data:
            self._end()
            return
        try:
            message.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            # What came before it is good, and comes first.
            self._failure = httpx.RemoteProtocolError(str(exc))
            self._failure.__cause__ = exc
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
    """A line of a request's head; it may hold a token, and shows in no repr."""

    def __repr__(self) -> str:
        return "<hidden>"


def _head(request: httpx.Request) -> bytes:
    """Return a request's head as it is sent.

    Raises:
        httpx.LocalProtocolError: It has what can't be sent.
    """
    fields = [_Field(b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path))]
    fields += [_Field(b"%b: %b" % field) for field in request.headers.raw]
    for field in fields:
        if _NO_FIELD.search(field):
            raise httpx.LocalProtocolError("A header has a line break in it.")
    return b"\r\n".join([*fields, b"", b""])

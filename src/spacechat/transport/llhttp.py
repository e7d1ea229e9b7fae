"""A response as llhttp, by way of `httptools`, reads it from the bytes of a connection."""

from __future__ import annotations

from collections.abc import Callable

import httptools


class ParsedResponse:
    """A response as far as the parser has read it; interim responses before it are dropped.

    The parser calls the methods whose names begin with `on_`.

    Attributes:
        status: The HTTP status.
        reason: The phrase that goes with it.
        headers: Names and values, in their order.
        parts: The parts of the body that were received and not yet handed on.
        headed: Whether the head is complete.
        complete: Whether the whole response is.
        reusable: Whether the connection may carry another response after this one.
        parser: Takes the bytes of the connection.
    """

    def __init__(self) -> None:
        self.status: int = 0
        self.reason: bytes = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.on_body: Callable[[bytes], None] = self.parts.append
        self.headed: bool = False
        self.complete: bool = False
        self.reusable: bool = False
        self.parser: httptools.HttpResponseParser = httptools.HttpResponseParser(self)

    def release(self) -> None:
        """Let go of the parser: the two hold each other, which only the garbage collector ends."""
        self.__dict__.pop("parser", None)

    def on_message_begin(self) -> None:
        """Begin a message: an interim response, the response, or bytes that follow it unasked."""
        self.reusable = False  # Unasked bytes would be taken for the next response.

    def on_status(self, reason: bytes) -> None:
        """Take a part of the reason phrase."""
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers, which come after the head, are dropped."""
        if not self.headed:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """End the head; that of an interim response is dropped, since the response still comes."""
        self.status = self.parser.get_status_code()
        if self.status >= 200:
            self.headed = True
        else:
            self.headers.clear()
            self.reason = b""

    def on_message_complete(self) -> None:
        """End the response. `on_body` goes on filling the old list, so later bytes go nowhere."""
        if self.headed and not self.complete:
            self.complete = True
            self.reusable = self.parser.should_keep_alive()
            self.parts = self.parts.copy()

    def is_chunked(self) -> bool:
        """Return whether the body comes in chunks."""
        return self._last(b"transfer-encoding").endswith(b"chunked")

    def ends_with_connection(self) -> bool:
        """Return whether nothing but the end of the connection ends the body."""
        if self._last(b"transfer-encoding"):
            return not self.is_chunked()
        return not self._last(b"content-length")

    def _last(self, wanted: bytes) -> bytes:
        """Return the last value of a header, or nothing."""
        values = [value for name, value in self.headers if name.lower() == wanted]
        return values[-1].strip().lower() if values else b""

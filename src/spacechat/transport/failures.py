"""Failures of HTTP in our words: which of our errors stands for which of the HTTP library's.

`refusals` has the errors for a response whose status is no success.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Iterator, Sequence

import httpx

from ..errors import (
    ProtocolError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamInterruptedError,
    StreamTimeoutError,
    without_frames,
)
from ..protocol.failures import plain_text
from ..settings import Settings
from .credentials import place_of
from .deadline import Deadline


class Failures:
    """Makes the errors of one connection.

    Args:
        space: Address of the Space.
        settings: The client's settings; messages name its limits.
        deadline: When the total timeout is over.
    """

    def __init__(self, space: httpx.URL, settings: Settings, deadline: Deadline) -> None:
        self._space = space
        self._timeout = settings.timeout
        self._limit = settings.limits.message
        self._deadline = deadline

    @property
    def place(self) -> str:
        """The Space's address, as messages name it."""
        return place_of(self._space)

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the HTTP library's errors into ours."""
        try:
            yield
        except Exception as exc:
            error = self._translation(exc)
            if error is None:
                raise
            without_frames(exc)  # They hold what was sent.
            raise error from None

    def _translation(self, exc: Exception) -> SpaceChatError | None:
        """Return our error for one of the HTTP library's; None for any other."""
        error = self._translated(exc)
        if error is not None and isinstance(exc, httpx.ConnectTimeout | httpx.ConnectError):
            error.reached = False
        return error

    def _translated(self, exc: Exception) -> SpaceChatError | None:
        if isinstance(exc, httpx.ConnectTimeout):
            return StreamTimeoutError(
                f"No connection to {self.place} within {_seconds(self._timeout.connect)}. "
                "Is it up? timeout= sets the limit.",
                temporary=True,
            )
        if isinstance(exc, httpx.TimeoutException):
            return self._silent()
        if isinstance(exc, httpx.ProxyError):
            return SpaceUnavailableError(
                f"The proxy on the way to {self.place} refused: {_reason(exc)}. Check proxy= and "
                "the proxy variables of the environment."
            )
        if isinstance(exc, httpx.ConnectError):
            return self._unreached(exc)
        if isinstance(exc, httpx.HTTPError | httpx.InvalidURL):
            if _is_no_http(exc):
                return self._no_http(exc)
            return SpaceUnavailableError(
                f"{self.place} broke the connection before it answered: {_reason(exc)}.",
                temporary=True,
            )
        if _is_bad_address(exc):
            return SpaceUnavailableError(
                f"{self.place} can't be reached: {_reason(exc)}. "
                "Check the address, and the proxy if there is one."
            )
        return None

    def _unreached(self, exc: httpx.ConnectError) -> SpaceUnavailableError:
        trouble = _tls_error(exc)
        check = "Check the address, the network and the proxy if there is one."
        no_tls = trouble is not None and not isinstance(trouble, ssl.SSLCertVerificationError)
        if no_tls and self._space.port is not None:  # A site of the internet has TLS, and no port.
            plain = place_of(self._space.copy_with(scheme="http"))
            check = f"If it speaks plain http, name it so: {plain}."
        return SpaceUnavailableError(
            f"{self.place} can't be reached: {_reason(exc)}. {check}", temporary=trouble is None
        )

    def interrupted(self, exc: httpx.HTTPError, unfinished: str) -> SpaceChatError:
        """Return the error for one that ended a stream of events.

        Args:
            exc: The HTTP library's error.
            unfinished: See `EventMachine.unfinished`.
        """
        if isinstance(exc, httpx.TimeoutException):
            return self._silent()
        if _is_no_http(exc):
            return self._no_http(exc)
        return StreamInterruptedError(
            f"The connection to {self.place} broke ({_reason(exc)}) {unfinished}.",
            temporary=True,
        )

    def cut_short(self) -> StreamInterruptedError:
        """Return the error for a file of which a part is missing."""
        return StreamInterruptedError(
            f"{self.place} sent less of the file than it said.", temporary=True
        )

    def too_long(self) -> StreamTimeoutError:
        """Return the error for an answer that outlasts the total timeout."""
        return StreamTimeoutError(
            f"The answer of {self.place} took more than {_seconds(self._timeout.total)} "
            "(the total timeout)."
        )

    def too_large(self, exempt: int = 0) -> ProtocolError:
        """Return the error for a message that is longer than the limits allow.

        Args:
            exempt: Bytes that it might have had whatever the limits are; 0 for as many as these
                say.
        """
        if exempt > self._limit:
            return ProtocolError(f"{self.place} sent an answer of more than {exempt:,} bytes.")
        return ProtocolError(
            f"{self.place} sent a message of more than {self._limit} bytes. "
            "limits=Limits(message=...) sets how long one may be."
        )

    def _silent(self) -> StreamTimeoutError:
        if self._deadline.is_over():
            return self.too_long()
        return StreamTimeoutError(
            f"{self.place} was silent for {_seconds(self._timeout.idle)} (the idle timeout)."
        )

    def _no_http(self, exc: BaseException) -> ProtocolError:
        return ProtocolError(
            f"{self.place} sent what is no HTTP ({_reason(exc)}). Is it a Gradio app?"
        )


def os_reason(exc: BaseException) -> str:
    """Return what an error says, in one line; the system's words for an error of the system."""
    text = str(exc)
    if isinstance(exc, socket.gaierror):  # Its numbers are the resolver's own.
        text = exc.strerror or text
    elif isinstance(exc, OSError) and not isinstance(exc, ssl.SSLError):
        text = os.strerror(exc.errno) if exc.errno else text
    return plain_text(text).rstrip(".")


def _seconds(limit: float | None) -> str:
    return f"{limit} {'second' if limit == 1 else 'seconds'}"


def _reason(exc: BaseException) -> str:
    """Return what lies at the bottom of an error of the HTTP library, in one line."""
    cause: BaseException | None = exc
    text = ""
    while cause is not None:
        group = getattr(cause, "exceptions", None)  # Of an exception group, the first will do.
        if not group:
            text = os_reason(cause) or text
        cause = group[0] if group else cause.__cause__ or cause.__context__
    return text or type(exc).__name__


def _is_no_http(exc: Exception) -> bool:
    """Return whether the other side broke the rules of HTTP, rather than going away."""
    went_away = str(exc).startswith(("peer ", "Server disconnected"))
    return isinstance(exc, httpx.RemoteProtocolError) and not went_away


def _is_bad_address(exc: BaseException) -> bool:
    """Return whether the resolver or a socket refused an address, such as `http://a..b`.

    They raise what they like, even in a group when several addresses were tried.
    """
    group: Sequence[BaseException] = getattr(exc, "exceptions", ())
    return isinstance(exc, UnicodeError | OverflowError) or (
        bool(group) and all(map(_is_bad_address, group))
    )


def _tls_error(exc: BaseException | None) -> ssl.SSLError | None:
    """Return the error of TLS at the bottom of an error, or None."""
    while exc is not None:
        if isinstance(exc, ssl.SSLError):
            return exc
        exc = exc.__cause__ or exc.__context__
    return None

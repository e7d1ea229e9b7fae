"""Connections to a Space: the only place that knows the HTTP library.

Every stream has a connection of its own, used by one request after another, and all share one
TLS context. A shared pool would look at every open connection for each request, which costs more
than a new connection as soon as some hundred streams are open.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import math
import os
import re
import socket
import ssl
import time
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from typing import cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx
import msgspec

from ..addresses import host_of, without_user
from ..errors import (
    AuthenticationError,
    GenerationError,
    InputsError,
    ProtocolError,
    QueueFullError,
    RateLimitError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamInterruptedError,
    StreamTimeoutError,
    without_frames,
)
from ..hidden import Hidden
from ..log import log
from ..protocol import Budget
from ..protocol.failures import failure, plain_text
from ..settings import Settings, is_fast_installed, is_header_value, is_loopback
from ..steps import Fetch, OutgoingFile, Response, Save, Upload
from ..version import __version__
from .sse import EventReader

USER_AGENT = f"spacechat/{__version__}"

CLOSING = 2.0
"""Seconds that leaving early may take to tell the Space."""

_ENDING = 1.0
"""Seconds that a server has to end a stream in which nothing more is due."""

_WORK_BETWEEN_RESTS = 1 << 22
"""Characters that may be copied and compared before other tasks have their turn."""

_CHUNKS_BETWEEN_RESTS = 128
"""Chunks that may be taken before other tasks have their turn, however short they are."""

_EARLY = 0.05
"""Seconds by which an event loop's clock may be before the system's."""

_READ = 120 << 10
"""Bytes that may come at once: a whole message, and with it others or the first part of one."""


class Connection:
    """The way of one stream to its Space.

    Args:
        url: Base URL of the Space.
        settings: What the client brings.
        headers: Headers for every request.
        deadline: When the total timeout is over, by `time.monotonic`.
        budget: What the question that is asked over it may cost.
    """

    def __init__(
        self,
        url: str,
        settings: Settings,
        headers: Mapping[str, str],
        deadline: float,
        budget: Budget,
    ) -> None:
        self._space = _parsed(url)
        timeout = settings.timeout
        self._timeout = timeout
        self._deadline = deadline
        # Until then, a single wait for bytes is ended by the idle timeout, if at all, and needs no
        # scope of its own for the deadline, which would cost as much as reading a message.
        self.calm_until: float = deadline - (math.inf if timeout.idle is None else timeout.idle)
        self._limit = settings.limits.message
        self._budget = budget
        self._rest_at = 0  # The work after which others run.
        self._exempt = 0
        self._undelivered = 0
        self._messages = 0
        proxied = _is_proxied(self._space, settings.proxy)
        client: httpx.AsyncClient | None = None
        missing = ""
        try:
            client = httpx.AsyncClient(
                verify=_tls_context(),
                transport=None if proxied else _fast_transport(settings),
                proxy=settings.proxy,
                headers=_headers(self._space, settings, headers, proxied=proxied),
                timeout=httpx.Timeout(timeout.idle, connect=timeout.connect, pool=None),
                limits=httpx.Limits(max_connections=2, max_keepalive_connections=1),
            )
        except ImportError as exc:
            missing = f" {exc}"
        except (ValueError, httpx.InvalidURL):
            pass
        if client is None:  # Out here, the HTTP library's error is no context: it has the password.
            raise SpaceUnavailableError(
                "The proxy's URL can't be used: it should be like http://user:password@host:port."
                f"{missing} Check proxy= and the proxy variables of the environment."
            )
        self._client = client
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None  # Of the stream of events.
        self._events = EventReader()
        self._data: deque[bytes] = deque()  # Of events that have come and were not asked for.

    async def fetch(self, step: Fetch | Upload) -> Response:
        """Make a plain request.

        Raises:
            SpaceChatError: The Space can't be reached or refuses; the kind says why.
        """
        request = await self._request(step)
        if isinstance(step, Fetch):
            self._exempt = step.largest
        with self._translated():
            try:
                response = await self._send(request, runs=isinstance(step, Fetch) and step.runs)
                body = await _read_body(response)
            finally:
                self._exempt = 0
        return Response(body, _cookies(response))

    async def save(self, step: Save) -> None:
        """Make a plain request, and hand on its answer as it comes.

        Raises:
            SpaceChatError: The Space can't be reached or refuses; the kind says why.
        """
        request = await self._request(step)
        with self._translated():
            response = await self._send(request)
            chunks = response.aiter_bytes()
            try:
                async for chunk in chunks:
                    self._undelivered = 0
                    await anyio.to_thread.run_sync(step.sink.write, chunk)
            finally:
                await _finish(response, chunks)

    async def _request(self, step: Fetch | Upload | Save) -> httpx.Request:
        accept = {"accept": "*/*"}
        if isinstance(step, Upload):
            files = [
                ("files", (file.name, await _content(file), file.mime_type)) for file in step.files
            ]
            address = self._address(step.url)
            request = self._client.build_request("POST", address, files=files, headers=accept)
            request.read()
            return request
        asked = step.request
        address = self._address(asked.url)
        if asked.form is not None:
            return self._client.build_request("POST", address, data=asked.form, headers=accept)
        if asked.body is None:
            return self._client.build_request("GET", address, headers=accept)
        return self._client.build_request(
            "POST",
            address,
            content=msgspec.json.encode(asked.body),
            headers={"content-type": "application/json", **accept},
        )

    def _address(self, url: str) -> httpx.URL:
        """Return where a request goes: no step leaves the origin of the connection.

        What comes after that in an address may be a server's choice. The HTTP library goes by
        the very object that is compared here, so that nobody reads it another way.

        Raises:
            ProtocolError: It is an address on another origin, or none.
        """
        found: httpx.URL | None = None
        with contextlib.suppress(ValueError, httpx.InvalidURL):
            found = httpx.URL(url)
        if found is None or _origin(found) != _origin(self._space):
            raise ProtocolError(
                f"{self._place} names {without_user(url)[:200]!r} as an address of its own, which "
                "is not on it: nothing was sent there."
            )
        return found

    async def open_events(self, url: str) -> None:
        """Ask for a stream of server-sent events, which `next_data` then gives.

        Raises:
            SpaceChatError: The Space can't be reached, refuses, or answers with something else.
        """
        accept = {"accept": "text/event-stream"}
        request = self._client.build_request("GET", self._address(url), headers=accept)
        with self._translated():
            response = await self._send(request)
            kind = response.headers.get("content-type", "").partition(";")[0].strip()
            if kind != "text/event-stream":
                excerpt = plain_text((await _read_body(response)).decode(errors="replace"))
                raise ProtocolError(
                    f"{self._place} answered with {kind or 'an unnamed type'} where a stream of "
                    f"events was expected: {excerpt!r}. Is it a Gradio app?"
                )
            self._response = response
            self._chunks = cast("httpx.AsyncByteStream", response.stream).__aiter__()
            self._events = EventReader()

    async def next_data(self) -> bytes | None:
        """Return the data of the next event, or None at the end of the stream.

        Raises:
            StreamTimeoutError: The Space was silent for too long.
            StreamInterruptedError: The connection broke.
            ProtocolError: What came is no event stream, or has a line too long to be one, or too
                many of them.
        """
        if self._budget.spent > self._rest_at:
            await self._rest()
        while not self._data:
            if self._chunks is None:
                return None
            try:
                chunk = await self._chunks.__anext__()
            except StopAsyncIteration:
                return None
            except httpx.HTTPError as exc:
                raise self._interrupted(exc) from without_frames(exc)
            self._data.extend(self._events.feed(chunk))
        data = self._data.popleft()
        self._undelivered = 0
        if len(data) > self._budget.message:
            raise self._too_large()
        self._messages += 1
        if self._messages > self._budget.messages:
            raise ProtocolError(
                f"{self._place} sent more than {self._budget.messages} messages in one stream. "
                "limits= sets how many may come."
            )
        return data

    async def _rest(self) -> None:
        """Let other tasks run, after work that took some milliseconds.

        Messages that came together are taken without waiting for anything in between, so without
        this neither another task nor the deadline would have its turn before the last of them.
        """
        with self.fail_at_deadline():
            await anyio.lowlevel.checkpoint()
        self._rest_at = self._budget.spent + _WORK_BETWEEN_RESTS

    async def end_events(self) -> None:
        """Read the rest of a stream of events, of which nothing is wanted any more.

        A server that has told the last output ends the stream at once; one that does not has its
        stream cut.
        """
        with anyio.move_on_after(_ENDING), contextlib.suppress(SpaceChatError):
            while await self.next_data() is not None:
                pass
        await self.close_events()

    async def aclose(self) -> None:
        """Close the connection; what waits on it elsewhere ends with an error."""
        await self.close_events()
        await self._client.aclose()

    async def close_events(self) -> None:
        """Cut the stream of events, if one is open."""
        response, self._response = self._response, None
        chunks, self._chunks = self._chunks, None
        self._data.clear()
        if response is not None and chunks is not None:
            await _finish(response, chunks)

    @property
    def _place(self) -> str:
        """The Space's address, fit for a message."""
        return str(self._space.copy_with(userinfo=b""))

    async def _send(self, request: httpx.Request, *, runs: bool = False) -> httpx.Response:
        self._undelivered = 0
        request.stream = _SentBytes(request.content)
        request.extensions["deadline"] = self._deadline
        with self.fail_at_deadline(), _unlogged():
            response = await self._client.send(request, stream=True)
        response.stream = _GuardedBytes(cast("httpx.AsyncByteStream", response.stream), self)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise ProtocolError(
                f"{self._place} compressed its answer, which was not asked for and may hide any "
                "amount of data."
            )
        if response.is_success:
            return response
        raise _refusal(self._place, response, await _read_body(response), runs=runs)

    def extend(self, seconds: float) -> None:
        """Allow so many seconds from now, whatever the total timeout says."""
        self._deadline = time.monotonic() + seconds
        self.calm_until = -math.inf

    def count(self, received: int) -> None:
        """Take note of bytes received.

        Raises:
            ProtocolError: They are too many for one message.
        """
        self._undelivered += received
        if self._undelivered > max(self._budget.message, self._exempt) + _READ:
            raise self._too_large()

    def _too_large(self) -> ProtocolError:
        return ProtocolError(
            f"{self._place} sent a message of more than {self._limit} bytes. limits= sets how "
            "long one may be."
        )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the HTTP library's errors into ours."""
        try:
            yield
        except Exception as exc:
            error = self._told(exc)
            if error is None:
                raise
            raise error from without_frames(exc)  # Its frames hold what was sent.

    def _told(self, exc: Exception) -> SpaceChatError | None:
        """Return our error for one of the HTTP library's; None for any other."""
        if isinstance(exc, httpx.ConnectTimeout):
            return StreamTimeoutError(
                f"No connection to {self._place} within {self._timeout.connect} seconds. "
                "Is it up? timeout= sets the limit.",
                temporary=True,
            )
        if isinstance(exc, httpx.TimeoutException):
            return self._silent()
        if isinstance(exc, httpx.ProxyError):
            return SpaceUnavailableError(
                f"The proxy on the way to {self._place} refused: {_reason(exc)}. Check proxy= and "
                "the proxy variables of the environment."
            )
        if isinstance(exc, httpx.ConnectError):
            return SpaceUnavailableError(
                f"{self._place} can't be reached: {_reason(exc)}. "
                "Check the address, the network and the proxy if there is one.",
                temporary=not _is_ssl(exc),
            )
        if isinstance(exc, httpx.HTTPError | httpx.InvalidURL):
            if _is_no_http(exc):
                return self._no_http(exc)
            return SpaceUnavailableError(
                f"{self._place} broke the connection before it answered: {_reason(exc)}.",
                temporary=True,
            )
        if _is_bad_address(exc):
            return SpaceUnavailableError(
                f"{self._place} can't be reached: {_reason(exc)}. "
                "Check the address, and the proxy if there is one."
            )
        return None

    def _interrupted(self, exc: httpx.HTTPError) -> SpaceChatError:
        if isinstance(exc, httpx.TimeoutException):
            return self._silent()
        if _is_no_http(exc):
            return self._no_http(exc)
        return StreamInterruptedError(
            f"The connection to {self._place} broke before the answer was complete "
            f"({_reason(exc)}); what had come is in partial_text.",
            temporary=True,
        )

    def _no_http(self, exc: BaseException) -> ProtocolError:
        return ProtocolError(
            f"{self._place} sent what is no HTTP ({_reason(exc)}). Is it a Gradio app?"
        )

    def _silent(self) -> StreamTimeoutError:
        if self._deadline - time.monotonic() < _EARLY:
            return self._too_long()
        return StreamTimeoutError(
            f"{self._place} was silent for {self._timeout.idle} seconds (the idle timeout)."
        )

    @contextlib.contextmanager
    def fail_at_deadline(self) -> Iterator[None]:
        """Raise `StreamTimeoutError` if the body of the `with` outlasts the total timeout."""
        left = self._deadline - time.monotonic()
        with anyio.CancelScope(deadline=anyio.current_time() + left) as scope:
            yield
        if scope.cancelled_caught:
            raise self._too_long()

    def _too_long(self) -> StreamTimeoutError:
        return StreamTimeoutError(
            f"The answer of {self._place} took more than {self._timeout.total} seconds "
            "(the total timeout)."
        )


class _SentBytes(httpx.AsyncByteStream):
    """A request's body.

    The HTTP library's own is an async generator, which is left to the garbage collector where
    sending it fails; trio rightly complains of that.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._left = [self._data]
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


class _GuardedBytes(httpx.AsyncByteStream):
    """A response's bytes, with the limits that the HTTP library doesn't have.

    A class and not a generator: a deadline's scope must not stay open while the bytes are used.
    """

    def __init__(self, stream: httpx.AsyncByteStream, connection: Connection) -> None:
        self._stream = stream
        self._chunks = stream.__aiter__()
        self._taken = 0
        self._connection = connection

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if time.monotonic() < self._connection.calm_until:
            chunk = await self._chunks.__anext__()
        else:
            with self._connection.fail_at_deadline():
                chunk = await self._chunks.__anext__()
        self._connection.count(len(chunk))
        self._taken += 1
        if not self._taken % _CHUNKS_BETWEEN_RESTS:
            await anyio.lowlevel.checkpoint()  # The HTTP library has none for what came together.
        return chunk

    async def aclose(self) -> None:
        """Close the response, and let the generators that read it run to their end.

        The HTTP library nests async generators, and closing the outermost leaves the inner ones to
        the garbage collector, which trio rightly complains of. Once the connection is closed, the
        next step fails at once, in the innermost, and that ends them all.
        """
        await self._stream.aclose()
        with contextlib.suppress(Exception):
            async for _ in self._chunks:
                pass


async def _read_body(response: httpx.Response) -> bytes:
    body = bytearray()
    chunks = response.aiter_bytes()
    try:
        async for chunk in chunks:
            body += chunk
    finally:
        await _finish(response, chunks)
    return bytes(body)


async def _finish(response: httpx.Response, parts: AsyncIterator[object]) -> None:
    """Close a response, and let what reads it run to its end."""
    await response.aclose()
    with contextlib.suppress(Exception):
        async for _ in parts:
            pass
    # A response and its stream hold each other: without this, the garbage collector would have to
    # find them, and the whole connection with them.
    response.stream = httpx.ByteStream(b"")


@functools.lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _fast_transport(settings: Settings) -> httpx.AsyncBaseTransport | None:
    """Return the transport to use in place of the HTTP library's own, or None for that."""
    if settings.fast is False or not is_fast_installed():
        return None
    from .fast import FastTransport

    return FastTransport(_tls_context())


def _headers(
    space: httpx.URL, settings: Settings, headers: Mapping[str, str], *, proxied: bool
) -> httpx.Headers:
    token = _token_for(space, settings, proxied=proxied)
    found = httpx.Headers({"user-agent": USER_AGENT, "accept-encoding": "identity"})
    # The page's address may have an internationalized name, which HTTP wants in ASCII.
    found.update({name: v if v.isascii() else str(httpx.URL(v)) for name, v in headers.items()})
    found.update(settings.headers)
    if token and "authorization" not in found:
        found["authorization"] = f"Bearer {token}"
    return found


def _token_for(space: httpx.URL, settings: Settings, *, proxied: bool) -> str | None:
    """Return the token to send: over TLS or on this machine only.

    One from the environment was not given for this Space in particular: it goes to Hugging Face's
    hosts only.
    """
    token = settings.token
    local = is_loopback(space.host) and not proxied
    if not (space.scheme == "https" or local):
        if token:
            log.warning("The token is not sent to %s: plain http is read on the way.", space.host)
        return None
    if token is not None:
        return token
    if local or space.host in _hub_hosts() or space.host.endswith((".hf.space", ".huggingface.co")):
        token = Hidden.of(os.environ.get("HF_TOKEN"))
        if token and not is_header_value(token):
            raise AuthenticationError(
                "The environment's HF_TOKEN has characters that no token has."
            )
    return token


def _hub_hosts() -> tuple[str, str]:
    return "huggingface.co", host_of(os.environ.get("HF_ENDPOINT", ""))


def _parsed(url: str) -> httpx.URL:
    """Return the address of a Space.

    Raises:
        SpaceUnavailableError: It is none that can be asked.
    """
    with contextlib.suppress(ValueError, httpx.InvalidURL):
        found = httpx.URL(url)
        if found.scheme in ("http", "https") and found.host:  # Which may be no name in ASCII.
            return found
    raise SpaceUnavailableError(
        f"{without_user(url)[:200]!r} is not the address of a Space: check it."
    )


def _origin(url: httpx.URL) -> tuple[object, ...]:
    """Return what tells one server from another, and who asks it."""
    return url.scheme, url.raw_host, url.port, url.userinfo


def _is_proxied(space: httpx.URL, proxy: str | None) -> bool:
    """Tell whether requests to a Space may go by a proxy, on whatever machine that is."""
    if proxy is not None:
        return True
    known = urllib.request.getproxies()
    exempt = {name.strip() for name in known.get("no", "").split(",")}
    return not known.keys().isdisjoint({space.scheme, "all"}) and exempt.isdisjoint(
        {space.host, "*"}
    )


def _is_no_http(exc: Exception) -> bool:
    """Tell whether the other side broke the rules of HTTP, apart from going away."""
    went_away = str(exc).startswith(("peer ", "Server disconnected"))
    return isinstance(exc, httpx.RemoteProtocolError) and not went_away


def _reason(exc: BaseException) -> str:
    """Return what lies at the bottom of an error of the HTTP library, in one line."""
    found: BaseException | None = exc
    text = ""
    while found is not None:
        group = getattr(found, "exceptions", None)  # Of an exception group, the first will do.
        if not group:
            text = _line(found) or text
        found = group[0] if group else found.__cause__ or found.__context__
    return text or type(exc).__name__


def _line(exc: BaseException) -> str:
    said = str(exc)
    if isinstance(exc, OSError) and not isinstance(exc, socket.gaierror | ssl.SSLError):
        said = os.strerror(exc.errno) if exc.errno else said
    return plain_text(said).rstrip(".")


def _is_bad_address(exc: BaseException) -> bool:
    """Tell whether the resolver or a socket did not take an address, such as `http://a..b`.

    They raise what they like, even in a group where several addresses were tried.
    """
    group: Sequence[BaseException] = getattr(exc, "exceptions", ())
    return isinstance(exc, UnicodeError | OverflowError) or (
        bool(group) and all(map(_is_bad_address, group))
    )


def _is_ssl(exc: BaseException | None) -> bool:
    while exc is not None:
        if isinstance(exc, ssl.SSLError):
            return True
        exc = exc.__cause__ or exc.__context__
    return False


def _refusal(
    place: str, response: httpx.Response, body: bytes, *, runs: bool = False
) -> SpaceChatError:
    """Return the error for a status that is no success.

    Args:
        place: The Space's address.
        response: What it answered.
        body: What that holds.
        runs: Whether a function of the app was to run, so that the failure may be the function's.
    """
    said = _decoded(body)
    try:
        error = _refusal_of(place, response, said, runs=runs)
    except RecursionError:  # Reading it went as deep as it can; telling it goes deeper.
        error = _refusal_of(place, response, "", runs=runs)
    error.status = response.status_code
    return error


def _refusal_of(
    place: str, response: httpx.Response, body: object, *, runs: bool
) -> SpaceChatError:
    status = response.status_code
    said = _detail(body)
    told = f"{place} answered {status} {response.reason_phrase}".rstrip()
    told += f": {said}" if said else "."
    if status == 500 and runs:
        if isinstance(body, dict) and "error" in body:
            return failure(body["error"], body.get("title"), "")
        return GenerationError(f"The Space failed: {told}")
    if status == 422 and (objections := _objections(body)):
        return InputsError(f"{place} does not take what was given: {objections}")
    if status in (401, 403):
        return AuthenticationError(
            f"{told} The Space is private or gated, or the token is wrong: set token= or HF_TOKEN."
        )
    if status == 404:
        return SpaceUnavailableError(
            f"{told} There is no such Space or path: check the address, and that the Space is "
            "public and running."
        )
    if status == 429:
        return RateLimitError(
            f"{told} Ask less often.",
            retry_after=_retry_after(response.headers),
            temporary=True,
        )
    if status == 407:
        return SpaceUnavailableError(
            f"{told} The proxy on the way wants a user and a password: put them in its URL."
        )
    if status == 503 and "queue is full" in said.lower():
        return QueueFullError(f"{told} Ask again later.", temporary=True)
    if status in (502, 503, 504):
        return SpaceUnavailableError(
            f"{told} The Space is asleep, starting or overloaded: ask again in a minute.",
            temporary=True,
        )
    if 300 <= status < 400:
        return SpaceUnavailableError(
            f"{told} It points elsewhere ({plain_text(response.headers.get('location', ''))}), "
            "which is not followed: use the Space's own address, and a token if it is private."
        )
    if status >= 500:
        return SpaceUnavailableError(
            f"{told} The app failed to take the request; its functions may have changed."
        )
    return ProtocolError(f"{told} The app does not take this request; it may have changed.")


async def _content(file: OutgoingFile) -> bytes:
    content = file.content
    try:
        return content if isinstance(content, bytes) else await anyio.Path(content).read_bytes()
    except OSError as exc:
        raise InputsError(f"The file {file.name!r} can't be read: {_line(exc)}.") from exc


def _cookies(response: httpx.Response) -> str:
    cookies = [value.partition(";")[0] for value in response.headers.get_list("set-cookie")]
    return Hidden("; ".join(cookie.strip() for cookie in cookies if is_header_value(cookie)))


def _decoded(body: bytes) -> object:
    """Return what the body of a refusal holds: JSON, or else a text."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return body.decode(errors="replace")


def _detail(said: object) -> str:
    """Return what a refusal says, in words."""
    if isinstance(said, dict):
        said = said.get("detail") or said.get("error") or said
    return plain_text(said if isinstance(said, str) else str(said))


def _objections(said: object) -> str:
    """Return what the app's validators have against what was given; nothing without any."""
    detail = said.get("detail") if isinstance(said, dict) else None
    objections = [
        ": ".join(str(each[key]) for key in ("parameter_name", "message") if each.get(key))
        for each in (detail if isinstance(detail, list) else [detail])
        if isinstance(each, dict) and each.get("is_valid") is False
    ]
    return plain_text("; ".join(objections) or "its validator does not say why.") * bool(objections)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` gives, as a number or as a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


_unlogging: ContextVar[bool] = ContextVar("unlogging", default=False)


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the headers of the responses to requests made here out of the HTTP library's log."""
    token = _unlogging.set(True)
    try:
        yield
    finally:
        _unlogging.reset(token)


_TOLD = re.compile(r" (?:return_value|auth)=")
"""Where a secret may begin in a record; nothing that matters follows it."""


def _without_secrets(record: logging.LogRecord) -> bool:
    """Take what is or may be a secret out of one of our requests' records.

    That is a response's headers, with the cookie of a login, and the password of a SOCKS proxy.

    The HTTP library logs at debug level what each step takes and returned.
    """
    if _unlogging.get():
        record.msg = _TOLD.split(str(record.msg))[0]
    return True


_LOGGERS = ("httpcore.http11", "httpcore.socks", "httpcore2.http11", "httpcore2.socks")
for _name in _LOGGERS:  # The latter two are httpx2's.
    logging.getLogger(_name).addFilter(_without_secrets)

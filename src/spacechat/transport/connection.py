"""A connection to a Space: plain requests, uploads, downloads and streams of events.

Every stream has a connection of its own, used by one request after another. At the end, it waits
for the client's next stream (see `kept`). All share one TLS context. The HTTP library's pool would
look at every open connection for each request, which costs more than a new connection as soon as
some hundred streams are open.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx

from ..errors import ProtocolError, SpaceChatError, without_frames
from ..protocol import Budget
from ..protocol.failures import plain_text
from ..settings import Settings
from ..steps import Fetch, Response, Save, Upload
from .bodies import Guard, GuardedBytes, finish, read_body
from .credentials import cookies_of, own_address, space_address
from .deadline import Deadline
from .downloads import begin_anew, begin_download
from .failures import Failures
from .hub_package import fetch_by_package, has_hub_package
from .kept import Kept
from .line import Line
from .refusals import refusal_error
from .requests import build_request
from .sse import EventReader

CLOSING = 2.0
"""Seconds that cancelling at the Space may take when a stream is left early."""

_ENDING = 1.0
"""Seconds that a server has to end a stream in which nothing more is due."""

LAST_ENDING = 0.1
"""As long at the end of an answer: it is worth that, since the connection can then be kept."""

_EVENTS = {"accept": "text/event-stream"}

_NO_SUCH_RANGE = 416
"""The status for a range that a file doesn't have."""

_WORK_BETWEEN_RESTS = 1 << 22
"""Characters that may be copied and compared before other tasks have their turn."""


class Connection:
    """A connection to one Space, for one request at a time.

    Args:
        url: Base URL of the Space.
        settings: The client's settings.
        headers: Headers of every request.
        deadline: When the total timeout is over, by `time.monotonic`.
        budget: What the attempt that uses the connection may cost.
        kept: The client's connections that wait, one of which may be used; None for none.
        anonymous: Whether requests go without the client's token and headers.

    Raises:
        SpaceUnavailableError: The Space's address or the proxy's can't be used.
        AuthenticationError: The environment's token is none.
    """

    _events: EventReader  # Of the newest stream of events.
    _unfinished: str

    def __init__(
        self,
        url: str,
        settings: Settings,
        headers: Mapping[str, str],
        deadline: float,
        budget: Budget,
        *,
        kept: Kept | None = None,
        anonymous: bool = False,
    ) -> None:
        self._space = space_address(url)
        self._settings = settings
        self._deadline = Deadline(deadline, settings.timeout.idle)
        self._failures = Failures(self._space, settings, self._deadline)
        self._guard = Guard(budget, self._deadline, self._failures)
        self._budget = budget
        self._rest_at = budget.spent + _WORK_BETWEEN_RESTS  # Other tasks run at that work.
        self._messages = 0
        self._line = Line(self._space, settings, headers, kept, self._deadline, anonymous=anonymous)
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None  # Of the stream of events.
        self._data: deque[bytes] = deque()  # Of events received and not yet asked for.

    @property
    def reader(self) -> bytes:
        """A digest of the credentials that its requests carry; empty if there are none."""
        return self._line.reader

    async def fetch(self, step: Fetch | Upload, *, may_repeat: bool = True) -> Response:
        """Make a plain request.

        Args:
            step: The request.
            may_repeat: Whether no harm is done if it reaches the Space twice.

        Raises:
            SpaceChatError: The Space can't be reached or refuses; the kind says why.
        """
        request = await self._build(step)
        if isinstance(step, Fetch):
            self._guard.exempt = step.largest
            if step.by_hub_package and (answer := await self._fetch_by_package(request, step)):
                return answer
        with self._failures.translated():
            try:
                runs = isinstance(step, Fetch) and step.runs
                response = await self._send(request, runs=runs, may_repeat=may_repeat)
                body = await read_body(response)
            finally:
                self._guard.exempt = 0
        return Response(body, cookies_of(response), public=not self.reader)

    async def save(self, step: Save) -> None:
        """Make a plain request, and write the response to the step's download as it comes.

        Raises:
            SpaceChatError: The Space can't be reached or refuses; the kind says why.
        """
        download = step.download
        request = await self._build(step)
        with self._failures.translated():
            try:
                response = await self._send(request)
            except SpaceChatError as exc:
                if exc.status == _NO_SUCH_RANGE and download.received:
                    raise begin_anew(download, self._failures.place) from exc
                raise
            chunks = response.aiter_bytes()
            try:
                begin_download(download, response, self._failures.place)
                async for chunk in chunks:
                    self._guard.undelivered = 0
                    await anyio.to_thread.run_sync(download.write, chunk)
            finally:
                await finish(response, chunks)
        if download.length is not None and download.received < download.length:
            raise self._failures.cut_short()

    async def open_events(self, url: str, unfinished: str = "") -> None:
        """Request a stream of server-sent events, which `next_data` then reads.

        Args:
            url: The stream's address.
            unfinished: What an error says if the connection breaks before its end.

        Raises:
            SpaceChatError: The Space can't be reached, refuses, or answers with something else.
        """
        address = own_address(self._space, url)
        request = self._line.client.build_request("GET", address, headers=_EVENTS)
        with self._failures.translated():
            response = await self._send(request)
            kind = response.headers.get("content-type", "").partition(";")[0].strip()
            if kind != "text/event-stream":
                excerpt = plain_text((await read_body(response)).decode(errors="replace"))
                raise ProtocolError(
                    f"{self._failures.place} answered with {kind or 'an unnamed type'} where a "
                    f"stream of events was expected: {excerpt!r}. Is it a Gradio app?"
                )
            self._response = response
            self._chunks = cast("httpx.AsyncByteStream", response.stream).__aiter__()
            self._events = EventReader()
            self._unfinished = unfinished

    async def open_unread(self, url: str) -> None:
        """Make a request that stays open until `close_events`; its response is not read.

        Raises:
            SpaceChatError: The Space can't be reached, or refuses where that is known already.
        """
        address = own_address(self._space, url)
        request = self._line.client.build_request("GET", address, headers=_EVENTS)
        request.extensions["unread"] = True
        with self._failures.translated():
            self._response = response = await self._send(request)
            self._chunks = cast("httpx.AsyncByteStream", response.stream).__aiter__()

    async def next_data(self) -> bytes | None:
        """Return the data of the next event, or None at the end of the stream.

        Raises:
            StreamTimeoutError: The Space was silent for too long.
            StreamInterruptedError: The connection broke.
            ProtocolError: The response is no event stream, a message is too long, or there are too
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
                without_frames(exc)
                raise self._failures.interrupted(exc, self._unfinished) from None
            self._data.extend(self._events.feed(chunk))
        data = self._data.popleft()
        self._guard.undelivered = 0
        if len(data) > self._budget.message:
            raise self._failures.too_large()
        self._messages += 1
        if self._messages > self._budget.messages:
            raise ProtocolError(
                f"{self._failures.place} sent more than {self._budget.messages} messages in one "
                "stream. limits= sets how many may come."
            )
        return data

    async def _rest(self) -> None:
        """Let other tasks run, after work that took some milliseconds.

        Messages that came together are taken without waiting for anything in between, so without
        this neither another task nor the deadline would have its turn before the last of them.
        """
        with self._guard.fail_at_deadline():
            await anyio.lowlevel.checkpoint()
        self._rest_at = self._budget.spent + _WORK_BETWEEN_RESTS

    async def end_events(self, within: float = _ENDING) -> None:
        """Read a stream of events to its end, and drop what it brings.

        A server that has sent the last output ends the stream at once. One that does not has its
        stream cut.

        Args:
            within: Seconds that it has for that.
        """
        with anyio.move_on_after(within), contextlib.suppress(SpaceChatError):
            while await self.next_data() is not None:
                pass
        await self.close_events()

    async def close_events(self) -> None:
        """Cut the stream of events, if one is open."""
        response, self._response = self._response, None
        chunks, self._chunks = self._chunks, None
        self._data.clear()
        if response is not None and chunks is not None:
            await finish(response, chunks)

    async def aclose(self) -> None:
        """Disconnect; what waits on the connection elsewhere ends with an error."""
        await self.close_events()
        await self._line.aclose()

    def is_sent(self) -> bool:
        """Return whether a part of the newest request has been sent."""
        return self._line.is_sent

    def extend(self, seconds: float) -> None:
        """Allow so many seconds from now, whatever the total timeout says."""
        self._deadline.extend(seconds)

    async def _fetch_by_package(self, request: httpx.Request, step: Fetch) -> Response | None:
        """Make a plain request to the Hub by way of `huggingface_hub`, if that can make it."""
        if self._settings.proxy is not None or not has_hub_package():
            return None
        with self._failures.translated():
            response = await fetch_by_package(
                request, step.largest, self._settings, self._guard, self._deadline
            )
        if response is None or response.is_success:
            return None if response is None else Response(response.content)
        raise refusal_error(self._failures.place, response, response.content)

    async def _build(self, step: Fetch | Upload | Save) -> httpx.Request:
        return await build_request(self._line.client, step, self._space, self._settings)

    async def _send(
        self, request: httpx.Request, *, runs: bool = False, may_repeat: bool = True
    ) -> httpx.Response:
        """Send a request, and return the response once its head is there and says success.

        Args:
            request: The request.
            runs: Whether it runs a function of the app, so that a failure may be the function's.
            may_repeat: Whether no harm is done if it reaches the Space twice.
        """
        self._guard.undelivered = 0
        with self._guard.fail_at_deadline():
            response = await self._line.send(request, may_repeat=may_repeat)
        stream = cast("httpx.AsyncByteStream", response.stream)
        pieces = response.extensions.get("pieces", stream)
        ended = self._line.response_ended
        response.stream = GuardedBytes(stream, pieces, self._guard, self._deadline, ended)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise ProtocolError(
                f"{self._failures.place} compressed its answer, which was not asked for and may "
                "hide any amount of data."
            )
        if response.is_success:
            return response
        body = await read_body(response)
        raise refusal_error(self._failures.place, response, body, runs=runs)

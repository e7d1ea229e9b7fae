"""The ASGI application of a local Space: its routes, and what it refuses."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from spacechat.local import wire
from spacechat.local.config import config
from spacechat.local.queue import Hub, QueueFullError, Session
from spacechat.local.record import Record
from spacechat.local.settings import Settings
from spacechat.local.shapes import predict_output
from spacechat.local.values import Json, ReceivedRequest

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

_EVENT_STREAM: Final = "text/event-stream; charset=utf-8"


class _CallBody(msgspec.Struct):
    """The body of a call, queued or not."""

    data: list[Any]  # msgspec decodes no recursive alias such as Json
    fn_index: int | None = None
    session_hash: str | None = None


class _CancelBody(msgspec.Struct):
    """The body of ``/cancel``."""

    session_hash: str
    fn_index: int
    event_id: str


class _Json(JSONResponse):
    def render(self, content: Json | msgspec.Struct) -> bytes:
        return msgspec.json.encode(content)


class _EventStream(Response):
    """Streams the messages of a session until its last event ends, or the reader leaves."""

    def __init__(self, hub: Hub, session: Session, settings: Settings) -> None:
        super().__init__(media_type=_EVENT_STREAM)
        # The length is not known; with none told, the server sends chunks.
        del self.headers["content-length"]
        self._hub = hub
        self._session = session
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = self._session
        session.readers += 1
        watch = asyncio.create_task(self._watch(receive))
        heart = asyncio.create_task(self._beat())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while (chunk := await session.read()) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if session.dropped:
                return  # without completing the body: the server cuts the connection
            # Before the client can see the end: it may use its session hash again at once.
            self._hub.drop(session)
            if self._settings.protocol == "sse_v3":
                chunk = wire.frame(wire.CloseStream())
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watch.cancel()
            heart.cancel()
            self._hub.drop(session)

    async def _watch(self, receive: Receive) -> None:
        """Drops the session as soon as its reader disconnects."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._hub.drop(self._session)

    async def _beat(self) -> None:
        """Sends a heartbeat whenever the session was quiet for long enough."""
        every, quiet = self._settings.heartbeat, 0.0
        while True:
            await asyncio.sleep(every - quiet)
            quiet = time.monotonic() - self._session.last_message
            if quiet >= every:
                quiet = 0.0
                if not self._session.full:  # what waits already is sign enough
                    self._session.push(wire.Heartbeat())


class _UnknownSession(Response):
    """Says that there is no such session, then leaves the chunked body unfinished."""

    def __init__(self) -> None:
        super().__init__(media_type=_EVENT_STREAM)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = wire.UnexpectedError("404: Session not found.", session_not_found=True)
        chunk = wire.frame(message)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


class _TooLargeError(Exception):
    """The body of a request is larger than the Space takes."""


class Api:
    """The endpoints of one local Space."""

    def __init__(self, settings: Settings, hub: Hub, record: Record) -> None:
        """Takes what the endpoints work on.

        Args:
            settings: What the Space looks like.
            hub: Runs the events.
            record: Takes every request that comes in.
        """
        self._settings = settings
        self._hub = hub
        self._record = record

    def app(self) -> Starlette:
        """Makes the application."""
        prefix, predict = self._settings.shape.prefix, self._settings.shape.predict
        routes = [
            Route("/config", self._config, methods=["GET"]),
            Route(f"{prefix}/queue/join", self._join, methods=["POST"]),
            Route(f"{prefix}/queue/data", self._data, methods=["GET"]),
            Route(f"{prefix}/cancel", self._cancel, methods=["POST"]),
        ]
        if predict:
            path = f"{prefix}/run/{predict.api_name}"
            routes.append(Route(path, self._predict, methods=["POST"]))
        app = Starlette(
            routes=routes,
            exception_handlers={HTTPException: self._refuse, _TooLargeError: self._refuse_body},
        )
        app.router.redirect_slashes = False
        return app

    async def _receive(self, request: Request) -> bytes:
        """Reads a request's body, and records the request."""
        body = await self._read(request)
        try:
            content: Json = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            content = None
        query = request.url.query
        path = request.url.path + (f"?{query}" if query else "")
        headers = dict(request.headers.items())
        self._record.add(ReceivedRequest(request.method, path, headers, content), len(body))
        return body

    async def _read(self, request: Request) -> bytes:
        parts: list[bytes] = []
        left = self._settings.max_body
        async for part in request.stream():
            left -= len(part)
            if left < 0:
                raise _TooLargeError
            parts.append(part)
        return b"".join(parts)

    async def _refuse_body(self, _request: Request, _error: Exception) -> Response:
        most = self._settings.max_body
        return _Json({"detail": f"The body is larger than {most:,} bytes."}, 413)

    async def _refuse(self, request: Request, error: Exception) -> Response:
        """Answers a request that matches no route, in Gradio's way."""
        try:
            await self._receive(request)
        except _TooLargeError as too_large:
            return await self._refuse_body(request, too_large)
        if not isinstance(error, HTTPException):
            raise error
        return _Json({"detail": error.detail}, error.status_code, error.headers)

    async def _config(self, request: Request) -> Response:
        await self._receive(request)
        root = str(request.base_url).rstrip("/")
        return _Json(config(self._settings.shape, self._settings.protocol, root))

    async def _join(self, request: Request) -> Response:
        raw = await self._receive(request)
        try:
            body = msgspec.json.decode(raw, type=_CallBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _Json({"detail": str(error)}, 422)
        if not body.session_hash:
            return _Json({"detail": "Session hash not found."}, 400)
        self._check(body, self._settings.shape.chat.fn_index)
        try:
            event_id = self._hub.join(body.session_hash, body.data)
        except QueueFullError as full:
            return _Json({"detail": str(full)}, 503)
        return _Json({"event_id": event_id})

    async def _predict(self, request: Request) -> Response:
        raw = await self._receive(request)
        predict = self._settings.shape.predict
        try:
            body = msgspec.json.decode(raw, type=_CallBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _Json({"detail": str(error)}, 422)
        if predict:
            self._check(body, predict.fn_index)
            if len(body.data) != len(predict.inputs):
                return _Json({"error": None}, 500)
        started = time.perf_counter()
        try:
            data = predict_output(body.data)
        except (TypeError, LookupError):
            return _Json({"error": None}, 500)
        took = time.perf_counter() - started
        output = wire.Output(data, is_generating=False, duration=took, average_duration=took)
        return _Json(output)

    async def _cancel(self, request: Request) -> Response:
        raw = await self._receive(request)
        try:
            body = msgspec.json.decode(raw, type=_CancelBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _Json({"detail": str(error)}, 422)
        self._hub.cancel(body.session_hash, body.event_id)
        return _Json({"success": True})

    async def _data(self, request: Request) -> Response:
        await self._receive(request)
        session_hash = request.query_params.get("session_hash")
        if session_hash is None:
            return _Json({"detail": "session_hash: field required"}, 422)
        session = self._hub.sessions.get(session_hash)
        if session is None:
            return _UnknownSession()
        return _EventStream(self._hub, session, self._settings)

    def _check(self, body: _CallBody, fn_index: int) -> None:
        """Fails on a wrong function as Gradio does: by falling over, which is a bare 500."""
        if body.fn_index != fn_index:
            raise LookupError(f"no function {body.fn_index}")

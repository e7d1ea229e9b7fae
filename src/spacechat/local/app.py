"""The ASGI application of a local Space: its routes, and the requests that it refuses."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import wire
from .config import config
from .event_stream import EventStream, UnknownSession
from .formats import predict_output
from .queue import Queue, QueueFullError
from .request_log import RequestLog
from .settings import SpaceSettings
from .values import Json, ReceivedRequest

if TYPE_CHECKING:
    from starlette.requests import Request


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


class _TooLargeError(Exception):
    """The body of a request is larger than the Space takes."""


class Endpoints:
    """The endpoints of one local Space.

    Args:
        settings: The Space's settings.
        queue: Runs the events.
        log: Keeps every request that comes in.
    """

    def __init__(self, settings: SpaceSettings, queue: Queue, log: RequestLog) -> None:
        self._settings = settings
        self._queue = queue
        self._log = log
        self._identity = secrets.randbits(60)

    def app(self) -> Starlette:
        """Return the application."""
        prefix, predict = self._settings.shape.prefix, self._settings.shape.predict
        routes = [
            Route("/config", self._config, methods=["GET"]),
            Route(f"{prefix}/app_id", self._app_id, methods=["GET"]),
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
        """Return a request's body, and log the request."""
        body = await self._read(request)
        try:
            content: Json = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            content = None
        query = request.url.query
        path = request.url.path + (f"?{query}" if query else "")
        headers = dict(request.headers.items())
        self._log.add(ReceivedRequest(request.method, path, headers, content), len(body))
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
        """Answer a request that matches no route, in Gradio's way."""
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
        protocol = self._settings.protocol
        return _Json(config(self._settings.shape, protocol, root, self._identity))

    async def _app_id(self, request: Request) -> Response:
        await self._receive(request)
        return _Json({"app_id": self._identity})

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
            event_id = self._queue.join(body.session_hash, body.data)
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
        self._queue.cancel(body.session_hash, body.event_id)
        return _Json({"success": True})

    async def _data(self, request: Request) -> Response:
        await self._receive(request)
        session_hash = request.query_params.get("session_hash")
        if session_hash is None:
            return _Json({"detail": "session_hash: field required"}, 422)
        session = self._queue.sessions.get(session_hash)
        if session is None:
            return UnknownSession()
        return EventStream(self._queue, session, self._settings)

    def _check(self, body: _CallBody, fn_index: int) -> None:
        """Fail on a wrong function as Gradio does: with an error that becomes a bare 500."""
        if body.fn_index != fn_index:
            raise LookupError(f"no function {body.fn_index}")

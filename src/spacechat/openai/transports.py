"""The API in-process: transports for httpx, which answer its requests themselves.

The clients of httpx2, httpx's successor, take them as well. The two share names but no types, so
that a response is made of the types of whoever asks.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TypeVar, cast

import anyio
import httpx

from ..client.client import AsyncClient
from ..errors import StreamTimeoutError
from ..sync import Client
from .answers import Answer, AsyncAnswer
from .refusals import Refusal, Response
from .requests import Api, Question

_T = TypeVar("_T")


class AsyncTransport(httpx.AsyncBaseTransport):
    """Answers the requests of an `httpx.AsyncClient` as the OpenAI API would, from Spaces.

    Works under asyncio and trio. No request leaves for the address that it names: any will do.
    The key that comes with it is not looked at, and goes nowhere.

    Closing a response tells the Space to stop. httpx's `read` timeout is how long a piece of the
    answer may take; its other timeouts are about connections, which the client makes.

    Args:
        client: Who asks the Spaces. None: a client of its own, closed with the transport.
        models: The models that may be asked for. None: any that spacechat knows or finds.

    Raises:
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address is none.
    """

    def __init__(
        self, client: AsyncClient | None = None, *, models: Sequence[str] | None = None
    ) -> None:
        self._api = Api(models)
        self._client = AsyncClient() if client is None else client
        self._owned = client is None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; httpx calls this.

        Raises:
            httpx.ReadTimeout: The beginning of the answer didn't come in time.
        """
        try:
            asked = self._api.receive(request.method, _path(request), await request.aread())
            if isinstance(asked, Response):
                return _whole(request, asked)
            body = _kind(_AsyncBody, _library(request).AsyncByteStream)(
                self._client, asked, request
            )
            await body.begin()
        except Refusal as exc:
            return _whole(request, exc.response())
        return _response(request, 200, headers={"content-type": body.content_type}, stream=body)

    async def aclose(self) -> None:
        """Close the client, if it is the transport's own, and so what is still open."""
        if self._owned:
            await self._client.aclose()


class Transport(httpx.BaseTransport):
    """Answers the requests of an `httpx.Client` as the OpenAI API would, from Spaces.

    No request leaves for the address that it names: any will do. The key that comes with it is
    not looked at, and goes nowhere.

    Closing a response tells the Space to stop. httpx's `read` timeout is how long a piece of the
    answer may take; its other timeouts are about connections, which the client makes.

    Args:
        client: Who asks the Spaces. None: a client of its own, closed with the transport.
        models: The models that may be asked for. None: any that spacechat knows or finds.

    Raises:
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address is none.
    """

    def __init__(
        self, client: Client | None = None, *, models: Sequence[str] | None = None
    ) -> None:
        self._api = Api(models)
        self._client = Client() if client is None else client
        self._owned = client is None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; httpx calls this.

        Raises:
            httpx.ReadTimeout: The beginning of the answer didn't come in time.
        """
        try:
            asked = self._api.receive(request.method, _path(request), request.read())
            if isinstance(asked, Response):
                return _whole(request, asked)
            body = _kind(_Body, _library(request).SyncByteStream)(self._client, asked, request)
            body.begin()
        except Refusal as exc:
            return _whole(request, exc.response())
        return _response(request, 200, headers={"content-type": body.content_type}, stream=body)

    def close(self) -> None:
        """Close the client, if it is the transport's own, and so what is still open."""
        if self._owned:
            self._client.close()


class _AsyncBody(AsyncAnswer):
    def __init__(self, client: AsyncClient, question: Question, request: httpx.Request) -> None:
        super().__init__(client, question)
        self._request = request

    async def _read(self) -> bytes:
        try:
            with anyio.fail_after(_patience(self._request)):
                return await super()._read()
        except StreamTimeoutError:
            raise
        except TimeoutError as exc:
            raise _too_late(self._request) from exc


class _Body(Answer):
    def __init__(self, client: Client, question: Question, request: httpx.Request) -> None:
        super().__init__(client, question, _patience(request))
        self._request = request

    def _read(self) -> bytes:
        try:
            return super()._read()
        except StreamTimeoutError:
            raise
        except TimeoutError as exc:
            raise _too_late(self._request) from exc


def _path(request: httpx.Request) -> str:
    return request.url.raw_path.partition(b"?")[0].decode("ascii")


def _patience(request: httpx.Request) -> float | None:
    """Return the seconds that a piece may take, which httpx puts into a request."""
    return cast("dict[str, float | None]", request.extensions.get("timeout", {})).get("read")


def _library(request: httpx.Request) -> ModuleType:
    """Return the library whose client asks."""
    return sys.modules[type(request).__module__.partition(".")[0]]


@functools.cache
def _kind(body: type[_T], base: type) -> type[_T]:
    """Return a body that is a stream of the library, too."""
    return cast("type[_T]", type(body.__name__, (body, base), {}))


def _response(request: httpx.Request, status: int, **parts: object) -> httpx.Response:
    return cast("httpx.Response", _library(request).Response(status, **parts))


def _whole(request: httpx.Request, response: Response) -> httpx.Response:
    return _response(request, response.status, headers=response.headers, content=response.body)


def _too_late(request: httpx.Request) -> httpx.ReadTimeout:
    kind = _library(request).ReadTimeout
    return cast("httpx.ReadTimeout", kind("The answer took too long.", request=request))

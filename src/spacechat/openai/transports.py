"""The API in-process: a transport for httpx, which answers requests itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from ..client.client import AsyncClient
from . import httpx_messages, streams
from .answers import AsyncAnswer
from .api import Api
from .http_response import HttpResponse
from .logins import Auth
from .question import Question
from .refusals import Refusal


class AsyncTransport(httpx.AsyncBaseTransport):
    """Answers an `httpx.AsyncClient` as the OpenAI API would; works under asyncio and trio.

    The answers come from Spaces. No request leaves for the address that it names: any will do. The
    key that comes with it is not looked at, and goes nowhere. Clients of httpx2 can use it, too.

    Closing a response tells the Space to stop. httpx's `read` timeout is how long a piece of the
    answer may take; its other timeouts are about connections, which the client makes.

    Args:
        client: The client that asks the Spaces. None: one of its own, closed with the transport.
        models: The models that may be asked for, or names with the model that each stands for, as
            in `{"fast": "owner/name"}`. None: any that spacechat knows or finds.
        auth: User and password of the only app among the models, or a mapping with those of several
            apps by the models' names, as for a `Server`.

    Raises:
        InputsError: A login is no pair of texts.
        ValueError: A login is for no app among the models, or for any of several.
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address can't be used.
    """

    def __init__(
        self,
        client: AsyncClient | None = None,
        *,
        models: Sequence[str] | Mapping[str, str] | None = None,
        auth: Auth | None = None,
    ) -> None:
        self._api = Api(models, auth)
        self._client = AsyncClient() if client is None else client
        self._owned = client is None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; httpx calls this.

        Raises:
            httpx.ReadTimeout: The beginning of the answer didn't come in time.
        """
        path, query = httpx_messages.path_of(request), httpx_messages.query_of(request)
        sent = await request.aread()
        base = httpx_messages.library_of(request).AsyncByteStream
        try:
            asked = self._api.receive(request.method, path, sent, query=query)
            if isinstance(asked, HttpResponse):
                return httpx_messages.whole(request, asked)
            body = httpx_messages.stream_class(_Body, base)(self._client, asked, request)
            await body.begin()
        except Refusal as exc:
            return httpx_messages.whole(request, exc.response())
        return httpx_messages.response(request, 200, headers=body.headers, stream=body)

    async def aclose(self) -> None:
        """Close the client and its open streams, if it is the transport's own."""
        if self._owned:
            await self._client.aclose()


class _Body(AsyncAnswer):
    """The body of a response to one of httpx's requests."""

    def __init__(self, client: AsyncClient, question: Question, request: httpx.Request) -> None:
        super().__init__(client, question, httpx_messages.patience_of(request))
        self._request = request

    async def _read(self) -> bytes:
        try:
            return await super()._read()
        except streams.TooLateError as exc:
            raise httpx_messages.too_late(self._request) from exc

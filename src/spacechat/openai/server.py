"""The API as a server: an ASGI application, and uvicorn in a thread that runs it."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final

import anyio

from ..client.client import AsyncClient
from ..hidden import Hidden
from ..log import log
from ..settings import is_loopback
from ..transport.connection import CLOSING
from .admission import Head, admit, refused
from .answers import AsyncAnswer
from .refusals import Error, Refusal, Response
from .requests import HEAVIEST, TEXT_WEIGHT, Api, Question, weight
from .room import Room

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
    from typing_extensions import Self

    from ..local.serving import ServerThread

_BODY_SECONDS: Final = 30.0
"""How long the body of a request may take."""

_REFUSED: Final = 128
"""Connections on which requests are refused, or on which nothing is asked."""

_QUIET: Final = 15.0
"""Seconds after which a stream that has nothing to say gives a sign of life."""


@dataclass(frozen=True)
class Bounds:
    """What a server takes.

    Attributes:
        body: Bytes of a request's body.
        at_once: Answers that are made at the same time.
        waiting: Requests that wait for their turn, or whose body is still on its way.
        memory: Bytes that bodies and questions may take together, or what one body of the largest
            size takes, if that is more. Where they are taken, further bodies wait to be read.
    """

    body: int = 2 << 20
    at_once: int = 256
    waiting: int = 256
    memory: int = 32 << 20

    def __post_init__(self) -> None:
        for name, least in (("body", 1), ("at_once", 1), ("waiting", 0), ("memory", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, not {getattr(self, name)!r}.")


class Server:
    """A server of the OpenAI API, which takes its answers from Spaces.

    Use it in `with`, or call `start` and `close`. It runs in a thread of its own. Each object runs
    once.

    A client that goes away has its answer stopped at the Space. Where no key is set, a request
    that a page of another site makes in a browser is refused.

    Args:
        client: Who asks the Spaces. None: a client of its own.
        models: The models that may be asked for. None: any that spacechat knows or finds. Who
            may ask for any can have this machine make requests to any address, and Spaces of
            anybody get the environment's `HF_TOKEN`.
        api_key: The key that requests must bring, as `Authorization: Bearer KEY`. None: none.
        host: The address to listen on.
        port: The port; 0 for any free one.
        bounds: What it takes.

    Raises:
        ValueError: The host is not this machine's loopback, and no key is set; or the key has
            characters that no header has.
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address is none.
    """

    def __init__(
        self,
        client: AsyncClient | None = None,
        *,
        models: Sequence[str] | None = None,
        api_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        bounds: Bounds | None = None,
    ) -> None:
        key = Hidden.of(api_key) or None
        if key is None and not is_loopback(host):
            raise ValueError(f"{host} is not this machine alone: set a key that requests bring.")
        if key is not None and not key.isascii():
            raise ValueError("The API key has characters that no key has.")
        self._app = _App(client or AsyncClient(), Api(models), key, bounds or Bounds())
        self._host = host
        self._port = port
        self._url: str | None = None
        self._thread: ServerThread | None = None

    @property
    def url(self) -> str:
        """The API's address, as in `http://127.0.0.1:43121/v1`.

        Raises:
            RuntimeError: The server was not started, so it has no address yet.
        """
        if self._url is None:
            raise RuntimeError("The server has no address before it starts; use it in `with`.")
        return self._url

    def start(self) -> None:
        """Start the server; return when it takes requests.

        Raises:
            ImportError: uvicorn is not installed.
            OSError: The address can't be listened on, as when the port is in use.
            RuntimeError: This object was started before.
        """
        if self._url is not None:
            raise RuntimeError("This server was started before; make a new one for each use.")
        try:
            importlib.import_module("uvicorn")
        except ImportError as exc:
            raise ImportError(
                'The server needs uvicorn: python -m pip install "spacechat[openai]"', name=exc.name
            ) from exc
        from ..local.serving import ServerThread, address, listen

        sock = listen(self._host, self._port)
        self._url = f"{address(self._host, sock)}/v1"
        self._thread = ServerThread(
            self._app,
            sock,
            "spacechat-openai",
            patience=2 * CLOSING,
            connections=self._app.connections,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop the server and what it asks for. More calls do nothing."""
        if self._thread is not None:
            self._thread.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self._url or 'not started'}>"


class _App:
    """The ASGI application.

    A request takes memory twice: for its body while that is read and until it is understood, then
    for its question until the answer ends. Who holds a question waits for no body, so that bodies
    which wait for the memory of their questions come to their turn.
    """

    def __init__(self, client: AsyncClient, api: Api, key: str | None, bounds: Bounds) -> None:
        self._client = client
        self._api = api
        self._key = key
        self._bounds = bounds
        self._open = 0
        self._turns = anyio.Semaphore(bounds.at_once)
        self._bodies = Room(max(bounds.memory // 4, bounds.body))
        heaviest = TEXT_WEIGHT * bounds.body + HEAVIEST
        self._questions = Room(max(bounds.memory - self._bodies.size, heaviest))

    @property
    def connections(self) -> int:
        """How many connections may be open: a few more than requests, to refuse what is beyond."""
        return self._bounds.at_once + self._bounds.waiting + _REFUSED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open += 1
        try:
            await self._respond(scope, receive, send)
        except Refusal as exc:
            await _send(send, exc.response())
        except Exception:  # noqa: BLE001 - logged, and told without its text
            log.exception("A request to the server failed.")
            error = Error(message="The server failed; its log says why.", type="server_error")
            await _send(send, Refusal(500, error).response())
        finally:
            self._open -= 1

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = Head(scope["method"], scope["raw_path"], scope["headers"])
        admit(head, self._key)
        if self._open > self._bounds.at_once + self._bounds.waiting:
            raise refused(
                429,
                "The server has as many requests as it takes: ask again in a moment.",
                "rate_limit_exceeded",
                {"retry-after": "1"},
            )
        async with AsyncExitStack() as memory:
            asked = await self._receive(head, receive, memory)
            if isinstance(asked, Response):
                await _send(send, asked)
            else:
                await self._reply(asked, receive, send)

    async def _receive(
        self, head: Head, receive: Receive, memory: AsyncExitStack
    ) -> Question | Response:
        """Read what is asked, as soon as there is memory for it."""
        most = self._bounds.body
        if head.length is not None and head.length > most:
            raise self._too_large()
        async with self._bodies.take(most if head.length is None else head.length):
            body = await self._read(receive)
            await memory.enter_async_context(self._questions.take(weight(body)))
            return self._api.receive(head.method, head.path, body)

    async def _read(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        with anyio.move_on_after(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    break
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > self._bounds.body:
                    raise self._too_large()
                if not message.get("more_body", False):
                    return b"".join(parts)
        raise refused(408, "The body did not come in time.", "request_timeout")

    def _too_large(self) -> Refusal:
        most = self._bounds.body
        return refused(
            413, f"The body is larger than {most:,} bytes: send less.", "request_too_large"
        )

    async def _reply(self, asked: Question, receive: Receive, send: Send) -> None:
        """Send the answer to a question, unless the client goes away."""
        answer = AsyncAnswer(self._client, asked)
        out = _Outgoing(send, answer.content_type)
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_if_gone, receive, group.cancel_scope)
            if asked.streamed:
                group.start_soon(out.beat)
            await self._answer(answer, out)
            group.cancel_scope.cancel()

    async def _answer(self, answer: AsyncAnswer, out: _Outgoing) -> None:
        async with self._turns:
            try:
                await answer.begin()
            except Refusal as exc:
                if not out.begun:
                    await out.refuse(exc)
                    return
                await out.write(answer.fail(exc))
            else:
                async for data in answer:
                    await out.write(data)
            finally:
                await answer.aclose()
        await out.end()


class _Outgoing:
    """A response that is sent piece by piece.

    Attributes:
        begun: Whether its status is on its way.
    """

    def __init__(self, send: Send, content_type: str) -> None:
        self.begun: bool = False
        self._send = send
        self._headers = [
            (b"content-type", content_type.encode()),
            (b"cache-control", b"no-cache"),
            (b"x-accel-buffering", b"no"),  # nginx passes pieces on as they come
        ]
        self._written_at = time.monotonic()

    async def write(self, data: bytes) -> None:
        """Send a piece, after the status if that hasn't been sent."""
        self._written_at = time.monotonic()
        if not self.begun:
            self.begun = True
            start = {"type": "http.response.start", "status": 200, "headers": self._headers}
            await self._send(start)
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def beat(self) -> None:
        """Send a comment whenever nothing else was sent for a while."""
        while True:
            await anyio.sleep(self._written_at + _QUIET - time.monotonic())
            if time.monotonic() >= self._written_at + _QUIET:
                await self.write(b": the Space is at work\n\n")

    async def refuse(self, refusal: Refusal) -> None:
        """Send a refusal in the place of an answer."""
        self.begun = True
        self._written_at = time.monotonic()
        await _send(self._send, refusal.response())

    async def end(self) -> None:
        """Say that nothing more comes."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def _cancel_if_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _send(send: Send, response: Response) -> None:
    headers = {**response.headers, "content-length": str(len(response.body))}
    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": told})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})

"""`LocalSpace`: a chat Space on this machine, from start to end."""

from __future__ import annotations

import difflib
import importlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread

from .queue import Queue
from .request_log import RequestLog
from .settings import SpaceSettings
from .shapes import BY_NAME, SHAPES
from .values import PROTOCOLS, ChatRequest, ReceivedRequest, Reply

if TYPE_CHECKING:
    from typing_extensions import Self

    from .serving import ServerThread

_REPLY_SECONDS: Final = 0.5


class LocalSpace:
    """A real HTTP server on loopback that speaks Gradio's chat wire.

    Use it in ``with`` or ``async with`` (asyncio and trio), or call `start` and `close`. Each
    object runs once.

    A reply function runs in a thread of its own for each request, one step per piece, so it may
    block. If it raises, the client gets ``str(error)``, as Gradio sends it; an error without a
    text is a hidden one (``null``). Pieces that exist already need no thread.

    Examples:
        >>> with LocalSpace("plain", lambda request: request.prompt.split()) as space:
        ...     space.url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(
        self,
        shape: str = "qwen-2-72b",
        reply: Reply | None = None,
        *,
        delay: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
        protocol: str = "sse_v3",
        summary: str | None = None,
        concurrency: int | None = None,
        max_queue: int | None = None,
        heartbeat: float = 15.0,
        max_body: int = 16 << 20,
    ) -> None:
        """Describe the Space; nothing runs yet.

        Args:
            shape: Which Space it looks like: one of `spacechat.local.SHAPES`.
            reply: The pieces of every answer, or a function from the request to its pieces. None
                for a built-in answer that explains what happens.
            delay: Seconds between two pieces.
            host: The address to listen on.
            port: The port to listen on; 0 for any free one.
            protocol: Which protocol it speaks: one of `spacechat.local.PROTOCOLS`.
            summary: For the shape ``qwen-2.5-1m``: the text of a summary element after the answer.
            concurrency: How many events generate at once, the others wait; None for all.
            max_queue: How many events may wait before more are refused; None for any number.
            heartbeat: Seconds of silence before the stream sends a heartbeat.
            max_body: How many bytes the body of a request may have; larger ones get a 413.

        Raises:
            ValueError: A shape or protocol that does not exist, or a number out of its range.
            TypeError: A reply that is neither pieces of text nor a function.
        """
        if shape not in BY_NAME:
            raise ValueError(_unknown("shape", shape, SHAPES))
        if protocol not in PROTOCOLS:
            raise ValueError(_unknown("protocol", protocol, PROTOCOLS))
        if not 0 <= port <= 65535:
            raise ValueError(f"port must be between 0 and 65535, not {port}")
        if delay < 0 or heartbeat <= 0:
            raise ValueError("delay must not be negative, and heartbeat must be above 0 seconds")
        if any(number is not None and number < 1 for number in (concurrency, max_queue)):
            raise ValueError("concurrency and max_queue must be at least 1, or None for no limit")
        if max_body < 1:
            raise ValueError("max_body must be at least 1 byte")
        settings = SpaceSettings(
            shape=BY_NAME[shape],
            protocol=protocol,
            reply=_ready(reply),
            delay=delay,
            heartbeat=heartbeat,
            summary=summary,
            concurrency=concurrency,
            max_queue=max_queue,
            max_body=max_body,
        )
        self._settings = settings
        self._host = host
        self._port = port
        self._queue = Queue(settings)
        self._log = RequestLog()
        self._url: str | None = None
        self._entered = False
        self._server: ServerThread | None = None

    @property
    def shape(self) -> str:
        """Which Space it looks like."""
        return self._settings.shape.name

    @property
    def url(self) -> str:
        """The address, as in ``http://127.0.0.1:43121``.

        Raises:
            RuntimeError: The space was not started, so it has no address yet.
        """
        if self._url is None:
            raise RuntimeError("the space has no address before it starts; use it in `with`")
        return self._url

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that came in so far, oldest first.

        The newest 1,000 are kept, of those with large bodies fewer.
        """
        return self._log.requests

    @property
    def active(self) -> int:
        """How many generations run now."""
        return self._queue.active

    @property
    def cancelled(self) -> int:
        """How many events ended by ``/cancel``, or because their reader went away."""
        return self._queue.cancelled

    def start(self) -> None:
        """Start the server; return when it accepts connections.

        Raises:
            ImportError: starlette or uvicorn is not installed.
            OSError: The address cannot be listened on, as when the port is in use.
            RuntimeError: This object was started before.
        """
        if self._entered:
            raise RuntimeError("this LocalSpace was started before; make a new one for each use")
        try:
            for name in ("starlette", "uvicorn"):
                importlib.import_module(name)
        except ImportError as error:
            raise ImportError(
                f'the local Space needs {error.name}: pip install "spacechat[local]"',
                name=error.name,
            ) from error
        from .app import Endpoints
        from .serving import ServerThread, address, listen

        sock = listen(self._host, self._port)
        self._entered = True
        self._url = address(self._host, sock)
        app = Endpoints(self._settings, self._queue, self._log).app()
        self._server = ServerThread(app, sock, "spacechat-local", on_stop=self._queue.close)
        self._server.start()

    def close(self) -> None:
        """Stop the server, and cut the streams that are open. Further calls do nothing.

        A reply function that blocks gets half a second to end, then is left to its daemon thread.
        """
        if self._server is None:
            return
        self._server.stop()
        deadline = time.monotonic() + _REPLY_SECONDS
        for thread in list(self._queue.threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

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

    async def __aenter__(self) -> Self:
        await anyio.to_thread.run_sync(self.start)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.close)

    def __repr__(self) -> str:
        return f"<LocalSpace {self.shape} {self._url or 'not started'}>"


def _unknown(what: str, given: str, known: Sequence[str]) -> str:
    """Return the message for a name that is not known, with near matches."""
    near = difflib.get_close_matches(str(given), known)
    hint = f". Did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"unknown {what} {given!r}; there are: {', '.join(known)}{hint}"


def _ready(
    reply: Reply | None,
) -> tuple[str, ...] | Callable[[ChatRequest], Iterable[str]] | None:
    """Check a reply; copy pieces, since the caller might change them later."""
    if reply is None or callable(reply):
        return reply
    pieces = (reply,) if isinstance(reply, str) else reply
    if not isinstance(pieces, Sequence) or not all(isinstance(piece, str) for piece in pieces):
        raise TypeError("reply must be a list of str, or a function that takes a ChatRequest")
    return tuple(pieces)

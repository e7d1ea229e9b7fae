"""Bodies of requests and responses: bounded in size and time, and closed to the end.

The HTTP library bounds neither how much a response holds nor how long it may take in all: its read
timeout is for a single read. So every response's stream is wrapped in `GuardedBytes`, which asks
the connection's `Guard` before it hands anything on. These hold:

- **Size.** `count` adds up what was received since something was last delivered, and raises
  before more than one message and one read are held. The connection resets the count whenever it
  delivers: a complete message, or a part of a download.
- **Time.** Every read ends, unless the caller sets no limit: by the HTTP library's read timeout,
  which is the idle timeout, or at the deadline. While the deadline is further away than the idle
  timeout (until `calm_until`), the idle timeout comes first and a read needs no cancel scope. From
  then on a scope ends it. The end of a body is bounded as well: to close a response is to close
  its connection, unless it is complete, so nothing is read for the sake of leaving.
- **Fairness.** Chunks that are there already are read without waiting, so a checkpoint is made
  every so many of them. Other tasks and the deadline get their turn, however short the chunks are.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import anyio.lowlevel
import httpx

from ..protocol import Budget
from .deadline import Deadline
from .failures import Failures

LARGEST_READ = 120 << 10
"""Bytes that one read may bring: a whole message, and with it others or the first part of one.

From 128 KiB on, malloc would map memory anew for each read.
"""

_CHUNKS_BETWEEN_RESTS = 128
"""Chunks that may be taken before other tasks have their turn, however short they are."""


class Guard:
    """The bounds on what one connection receives.

    Attributes:
        exempt: Bytes that the response being read may have, if that is more than a message.
        undelivered: Bytes received since something was last delivered.

    Args:
        budget: What the attempt may cost.
        deadline: When the total timeout is over.
        failures: Makes the errors.
    """

    def __init__(self, budget: Budget, deadline: Deadline, failures: Failures) -> None:
        self.exempt: int = 0
        self.undelivered: int = 0
        self._budget = budget
        self._deadline = deadline
        self._failures = failures

    def count(self, received: int) -> None:
        """Count bytes received.

        Raises:
            ProtocolError: They are too many for one message.
        """
        self.undelivered += received
        if self.undelivered > max(self._budget.message, self.exempt) + LARGEST_READ:
            raise self._failures.too_large(self.exempt)

    @contextlib.contextmanager
    def fail_at_deadline(self) -> Iterator[None]:
        """Raise `StreamTimeoutError` if the body of the `with` outlasts the total timeout."""
        left = self._deadline.at - time.monotonic()
        if left <= 0:
            raise self._failures.too_long()  # The scope would end nothing that need not wait.
        with anyio.CancelScope(deadline=anyio.current_time() + left) as scope:
            yield
        if scope.cancelled_caught:
            raise self._failures.too_long()


class GuardedBytes(httpx.AsyncByteStream):
    """A response's bytes, within the bounds of a guard.

    A class and not a generator: a deadline's scope must not stay open while the bytes are used.

    Args:
        stream: The bytes as the HTTP library gives them; it is closed in the end.
        pieces: The same bytes, to be read.
        guard: The bounds.
        deadline: The guard's deadline.
        on_end: Called when the body has been read to its exact end.
    """

    def __init__(
        self,
        stream: httpx.AsyncByteStream,
        pieces: httpx.AsyncByteStream,
        guard: Guard,
        deadline: Deadline,
        on_end: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._on_end: Callable[[], None] | None = on_end
        self._chunks = pieces.__aiter__()
        self._taken = 0
        self._guard = guard
        self._deadline = deadline

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            if time.monotonic() < self._deadline.calm_until:
                chunk = await self._chunks.__anext__()
            else:
                with self._guard.fail_at_deadline():
                    chunk = await self._chunks.__anext__()
        except StopAsyncIteration:
            on_end, self._on_end = self._on_end, None
            if on_end is not None:
                on_end()
            raise
        self._guard.count(len(chunk))
        self._taken += 1
        if not self._taken % _CHUNKS_BETWEEN_RESTS:
            await anyio.lowlevel.checkpoint()  # The HTTP library makes none for buffered chunks.
        return chunk

    async def aclose(self) -> None:
        """Close the response, and let the generators that read it run to their end.

        The HTTP library nests async generators. Closing the outermost leaves the inner ones to the
        garbage collector, of which trio rightly complains. Once the connection is closed, the next
        step fails at once in the innermost generator, and that error ends them all.
        """
        self._on_end = None  # An end that comes now is none of the body.
        await self._stream.aclose()
        with contextlib.suppress(Exception):
            async for _ in self._chunks:
                pass


class SentBytes(httpx.AsyncByteStream):
    """A request's body.

    The HTTP library's own is an async generator, which is left to the garbage collector when
    sending fails; trio rightly complains of that.

    Attributes:
        is_sent: Whether it was taken to be sent, and with it the head before it.
    """

    def __init__(self, data: bytes) -> None:
        self.is_sent: bool = False
        self._data = data

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._left = [self._data]
        self.is_sent = True
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


async def read_body(response: httpx.Response) -> bytes:
    """Read a response to its end, close it, and return its body."""
    body = bytearray()
    chunks = response.aiter_bytes()
    try:
        async for chunk in chunks:
            body += chunk
    finally:
        await finish(response, chunks)
    return bytes(body)


async def finish(response: httpx.Response, reader: AsyncIterator[object]) -> None:
    """Close a response, and let the iterator that reads it run to its end.

    The iterator ends because the response is closed: see `GuardedBytes.aclose`.
    """
    await response.aclose()
    with contextlib.suppress(Exception):
        async for _ in reader:
            pass
    # A response and its stream hold each other: without this, the garbage collector would have to
    # free them, and the whole connection with them.
    response.stream = httpx.ByteStream(b"")

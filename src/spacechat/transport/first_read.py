"""What became of a connection that was kept, told from the first read after a request."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class FirstRead:
    """Looks at the first read of a connection's stream in the body of a `with`.

    The HTTP library's errors don't say whether a connection ended before a response or in the
    middle of its head. A server that has sent the first byte of a head had the request, and may
    have done what it asks. Nor does the library say whether a response is made of bytes that it had
    read before the request was sent: of those that came in one read with the end of the response
    before. Then there is no such read.

    Attributes:
        is_made: Whether there was one.
        is_end: Whether that read brought the connection's end, or failed. False if there was none,
            as of a connection that the HTTP library has replaced by itself.

    Args:
        stream: What the HTTP library's extension `network_stream` gives.
    """

    def __init__(self, stream: Any) -> None:
        self.is_made: bool = False
        self.is_end: bool = False
        self._stream = stream

    def __enter__(self) -> Self:
        self._stream.read = self._read
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()

    async def _read(self, *args: Any, **kwargs: Any) -> bytes:
        self._leave()
        self.is_made = self.is_end = True
        data: bytes = await self._stream.read(*args, **kwargs)
        self.is_end = not data
        return data

    def _leave(self) -> None:
        """Let the stream read by itself again."""
        self._stream.__dict__.pop("read", None)

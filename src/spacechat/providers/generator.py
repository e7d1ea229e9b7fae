"""The pieces of an answer, as `create_async_generator` returns them, in every form of use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from types import TracebackType

from ..messages import Conversation
from ..streaming.chat_stream import AsyncChatStream
from .piece import TextPiece


class AsyncTextGenerator:
    """The pieces of one answer.

    Reading to the end, an error, `aclose` and the end of an `async with` block free the
    connection; leaving early tells the Space to stop.
    """

    def __init__(self, stream: AsyncChatStream, return_conversation: bool) -> None:
        self._stream = stream
        self._conversation = stream.conversation if return_conversation else None

    @property
    def generator(self) -> AsyncTextGenerator:
        """Itself."""
        return self

    def __await__(self) -> Generator[None, None, AsyncTextGenerator]:
        return self
        yield  # Makes this a generator, so that awaiting it returns at once.

    def __aiter__(self) -> AsyncIterator[TextPiece | Conversation]:
        return self

    async def __anext__(self) -> TextPiece | Conversation:
        if self._conversation is not None:
            conversation, self._conversation = self._conversation, None
            return conversation
        return TextPiece(await self._stream.__anext__())

    async def aclose(self) -> None:
        """Stop the answer and free the connection."""
        await self._stream.aclose()

    async def __aenter__(self) -> AsyncTextGenerator:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

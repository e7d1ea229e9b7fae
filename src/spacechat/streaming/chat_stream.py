"""The stream of one answer, as a user holds it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

from .. import markup
from ..events import Event, TextDelta
from ..messages import Conversation
from ..protocol.transcript import new_text
from ..settings import Settings
from ..steps import Exchange
from ..transport.kept import Kept
from .engine import Advise, AsyncEngine
from .face import AsyncFace
from .open_page import OpenPage
from .reply import Reply


class AsyncChatStream(AsyncFace[Exchange]):
    """An answer as it comes; an async context manager and an async iterator of its text.

    Leaving the `async with` block early, `aclose`, an error and cancellation all tell the Space to
    stop and free the connection. Without the block, reading to the end does the same.

    Entering the block waits for nothing. Waking the Space, sending files and waiting in the queue
    happen while the stream is read; each is an event as it happens, and an error is raised there.

    A stream is read once, by one task.
    """

    def __init__(
        self,
        exchange: Exchange,
        settings: Settings,
        *,
        fallbacks: Sequence[Exchange] = (),
        page: OpenPage | None = None,
        kept: Kept | None = None,
        advise: Advise | None = None,
    ) -> None:
        engine = AsyncEngine(
            exchange, settings, fallbacks=fallbacks, page=page, kept=kept, advise=advise
        )
        super().__init__(engine)
        self._reply: Reply | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("A live stream can't be pickled; its reply and its conversation can.")

    def __repr__(self) -> str:
        engine = self.engine
        return f"<{type(self).__name__} model={engine.script.model!r} {engine.state}>"

    def _repr_markdown_(self) -> str:
        return markup.unfinished(repr(self), self.text)

    @property
    def text(self) -> str:
        """The answer so far."""
        return self.engine.text

    @property
    def conversation(self) -> Conversation:
        """The session and its messages; the answer is added when it is complete."""
        return self.engine.script.conversation

    async def reply(self) -> Reply:
        """Read to the end and return the whole answer.

        Raises:
            SpaceChatError: There is no complete answer; the type says why, and `partial_text`
                holds the part that arrived.
        """
        if self._reply is None:
            outcome = await self.engine.complete()
            exchange = self.engine.script
            self._reply = Reply(
                text=outcome.text,
                model=exchange.model,
                provider=exchange.provider,
                conversation=exchange.conversation,
                reasoning=outcome.reasoning,
                timings=outcome.timings,
                files=outcome.files,
            )
        return self._reply

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        engine = self.engine
        while True:
            while engine.events:
                event = engine.events.popleft()
                text = event.text if type(event) is TextDelta else self.new_text(event)
                if text:
                    return text
            if not await engine.advance():
                raise StopAsyncIteration

    def new_text(self, event: Event) -> str:
        """Return the text that an event adds to a display that can't take text back."""
        return new_text(event, self.engine.previous_text)

"""A conversation that goes on: one question after another, each with what was said before."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Protocol

from .. import markup
from ..addresses import without_user
from ..apps.options import ChatOptions, Unpack, hide_logins
from ..errors import MessagesError
from ..messages import (
    Conversation,
    Message,
    Messages,
    MessagesLike,
    check_conversation,
    roles_and_texts,
)
from ..providers.space import Space
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.open_page import OpenPage
from ..streaming.reply import Reply


class _OpenStream(Protocol):
    """Makes the stream of an answer, as a client does."""

    def __call__(
        self,
        messages: MessagesLike,
        *,
        model: str | Sequence[str] | None,
        provider: type[Space] | Sequence[type[Space]] | None,
        conversation: Conversation | None,
        page: OpenPage | None,
        **options: Unpack[ChatOptions],
    ) -> AsyncChatStream: ...


class AsyncChat:
    """A conversation with a Space; `AsyncClient.conversation` makes one.

    A question whose answer was not read to the end is no part of it.

    Some apps want to know for how long a page is open, to keep what they remember and to clean up
    afterwards. They are told until `aclose`, or the end of an `async with` block, or until the
    client is closed. A question after `aclose` opens a new page, and tells what was said.

    Args:
        open_stream: Makes the stream of an answer.
        new_page: Makes the page of a conversation.
        close_page: Closes that page.
        model: See `AsyncClient.stream`.
        provider: See `AsyncClient.stream`.
        system: What the model is told beforehand, or None.
        conversation: What was said so far, or None.
        options: For every question; see `spacechat.providers.ChatOptions`.
    """

    def __init__(
        self,
        *,
        open_stream: _OpenStream,
        new_page: Callable[[], OpenPage],
        close_page: Callable[[OpenPage], Awaitable[None]],
        model: str | None = None,
        provider: type[Space] | None = None,
        system: str | None = None,
        conversation: Conversation | None = None,
        **options: Unpack[ChatOptions],
    ) -> None:
        model = hide_logins(model, options)
        check_conversation(conversation)
        self._open_stream = open_stream
        self._new_page = new_page
        self._close_page = close_page
        self._model = model
        self._provider = provider
        self._system = system
        self._conversation = conversation
        self._asked: Conversation | None = None
        self._options = options
        self._page = new_page()

    @property
    def conversation(self) -> Conversation:
        """What was said so far, as plain data."""
        self._adopt()
        return self._conversation or Conversation(
            session_hash="",
            messages=self._told(),
            model=None if self._model is None else without_user(self._model),
        )

    @property
    def messages(self) -> Sequence[Message]:
        """What was said so far, oldest first."""
        return tuple(self.conversation.messages)

    def stream(self, message: str, **options: Unpack[ChatOptions]) -> AsyncChatStream:
        """Return the stream of the answer to the next question.

        Args:
            message: The question.
            options: For this question, beside and before those of the conversation.

        Raises:
            MessagesError: The question can't be sent.
            ModelNotFoundError: No provider has the model.
        """
        hide_logins(None, options)
        self._adopt()
        said: Messages = [{"role": "user", "content": message}]
        if self._conversation is None:
            said = [*self._told(), *said]
        given: ChatOptions = {**self._options, **options}
        stream = self._open_stream(
            said,
            model=self._model,
            provider=self._provider,
            conversation=self._conversation,
            page=self._page,
            **given,
        )
        self._asked = stream.conversation
        return stream

    async def ask(self, message: str, **options: Unpack[ChatOptions]) -> Reply:
        """Ask the next question and return the whole answer.

        Args:
            message: The question.
            options: For this question, beside and before those of the conversation.

        Raises:
            SpaceChatError: The answer can't be had; the kind says why.
        """
        hide_logins(None, options)
        return await self.stream(message, **options).reply()

    def branch(self) -> AsyncChat:
        """Return a conversation that has the same beginning and goes on by itself."""
        earlier = self.conversation
        return AsyncChat(
            open_stream=self._open_stream,
            new_page=self._new_page,
            close_page=self._close_page,
            model=self._model,
            provider=self._provider,
            system=self._system,
            conversation=earlier.untold(earlier.messages),
            **self._options,
        )

    def undo(self) -> str:
        """Take back the last question and its answer, and return the question.

        Raises:
            MessagesError: Nothing was asked yet.
        """
        earlier = self.conversation
        messages = list(earlier.messages)
        while messages and messages[-1]["role"] != "user":
            messages.pop()
        if not messages:
            raise MessagesError("There is no question to take back.")
        question = messages.pop()["content"]
        # The Space can't be made to forget: what is left is told to it anew.
        self._conversation = earlier.untold(messages)
        return question

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what was said to a JSON file; `Conversation.load` reads it."""
        self.conversation.save(path)

    async def aclose(self) -> None:
        """Close the page, where the app wants to know."""
        await self._close_page(self._page)

    async def __aenter__(self) -> AsyncChat:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        said = self.conversation
        return f"<{type(self).__name__} model={said.model!r} messages={len(said.messages)}>"

    def _repr_markdown_(self) -> str:
        return markup.dialogue(repr(self), roles_and_texts(self.messages))

    def _told(self) -> Messages:
        return [{"role": "system", "content": self._system}] if self._system else []

    def _adopt(self) -> None:
        """Go on with what was asked last, if its answer is complete."""
        asked, self._asked = self._asked, None
        if asked is None:
            return
        if asked.messages and asked.messages[-1]["role"] == "assistant":
            self._conversation = asked
        else:
            self._asked = asked

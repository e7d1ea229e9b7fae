"""A conversation: one question after another, each with what was said before.

The class is longer than most: every option stands in two signatures, and in their docstrings.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol

from .. import markup
from ..addresses import hide_user, without_user
from ..apps.files import FileLike
from ..apps.options import (
    NO_OPTIONS,
    History,
    NoOthers,
    Options,
    Unpack,
    hide_auth,
    takes_options,
    unknown_option,
)
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
from ..settings import Timeout
from ..steps import Exchange
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.engine import AsyncEngine
from ..streaming.open_page import OpenPage
from ..streaming.reply import Reply


class _OpenStream(Protocol):
    """The client's function that makes the stream of an answer."""

    def __call__(
        self,
        messages: MessagesLike,
        model: str | Sequence[str] | None,
        provider: type[Space] | Sequence[type[Space]] | None,
        conversation: Conversation | None,
        *,
        options: Options,
        page: OpenPage | None,
    ) -> AsyncChatStream: ...


class AsyncChat:
    """A conversation with a Space; `AsyncClient.conversation` makes one.

    A question whose answer was not read to the end is no part of it, unless `keep_partial` makes
    it one.

    Some apps track how long a page is open, so that they can keep a visitor's state and clean up
    afterwards. The conversation keeps its page open until `aclose`, the end of an `async with`
    block, or the end of its client. A question after `aclose` opens a new page and sends the
    messages so far along.

    Args:
        open_stream: Makes the stream of an answer.
        new_page: Makes the page of a conversation.
        close_page: Closes that page.
        model: See `AsyncClient.stream`.
        provider: See `AsyncClient.stream`.
        conversation: The messages so far, or None.
        options: For every question.
    """

    def __init__(
        self,
        *,
        open_stream: _OpenStream,
        new_page: Callable[[], OpenPage],
        close_page: Callable[[OpenPage], Awaitable[None]],
        model: str | None = None,
        provider: type[Space] | None = None,
        conversation: Conversation | None = None,
        options: Options = NO_OPTIONS,
    ) -> None:
        check_conversation(conversation)
        self._open_stream = open_stream
        self._new_page = new_page
        self._close_page = close_page
        self._model = model
        self._provider = provider
        self._conversation = conversation
        # Not its conversation: another Space may answer than the first one that is asked. Nor the
        # stream: one that nobody holds is given up.
        self._asked: AsyncEngine[Exchange] | None = None
        self._options = options
        self._page = new_page()

    @property
    def conversation(self) -> Conversation:
        """The messages so far and who answered them, as plain data."""
        self._take_answer()
        return self._conversation or Conversation(
            session_hash="",
            messages=self._system_messages(),
            model=None if self._model is None else without_user(self._model),
        )

    @property
    def messages(self) -> Sequence[Message]:
        """The messages so far, oldest first."""
        return tuple(self.conversation.messages)

    @takes_options
    def stream(
        self,
        message: str,
        *,
        system: str | None = None,
        files: Sequence[FileLike] | None = None,
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        timeout: Timeout | float | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool | None = None,
        repair: bool | None = None,
        **unknown: Unpack[NoOthers],
    ) -> AsyncChatStream:
        """Return the stream of the answer to the next question.

        An option that is left out, or None, is the conversation's.

        Args:
            message: The question.
            system: A system text; it takes the place of the conversation's.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`.
            history: The form of earlier messages: "native" for the value of the chat, "prompt" for
                a part of the question.
            endpoint: The function of the app that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Raises:
            MessagesError: The question can't be sent.
            ModelNotFoundError: No provider has the model.
        """
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(self.stream, unknown)
        options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )
        return self._stream(message, options)

    @takes_options
    async def ask(
        self,
        message: str,
        *,
        system: str | None = None,
        files: Sequence[FileLike] | None = None,
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        timeout: Timeout | float | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool | None = None,
        repair: bool | None = None,
        **unknown: Unpack[NoOthers],
    ) -> Reply:
        """Ask the next question and return the whole answer.

        An option that is left out, or None, is the conversation's.

        Args:
            message: The question.
            system: A system text; it takes the place of the conversation's.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`.
            history: The form of earlier messages: "native" for the value of the chat, "prompt" for
                a part of the question.
            endpoint: The function of the app that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Raises:
            SpaceChatError: The answer can't be had; the kind says why.
        """
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(self.ask, unknown)
        options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )
        return await self._stream(message, options).reply()

    def _stream(self, message: str, options: Options) -> AsyncChatStream:
        self._take_answer()
        stream = self._open_stream(
            [{"role": "user", "content": message}],
            self._model,
            self._provider,
            self._conversation,
            options=self._options.overridden(options),
            page=self._page,
        )
        self._asked = stream.engine
        return stream

    def branch(self) -> AsyncChat:
        """Return a conversation that has the same beginning and goes on independently."""
        earlier = self.conversation
        return AsyncChat(
            open_stream=self._open_stream,
            new_page=self._new_page,
            close_page=self._close_page,
            model=self._model,
            provider=self._provider,
            conversation=earlier.untold(earlier.messages),
            options=self._options,
        )

    def keep_partial(self, text: str) -> None:
        """Make the last question part of the conversation, with an answer that was cut short.

        The Space's session holds neither, so the next question sends all messages along.

        Args:
            text: The partial answer, such as the stream's `text` or an error's `partial_text`.

        Raises:
            MessagesError: No question is left over: nothing was asked, or the answer is complete
                and part of the conversation already.
        """
        asked, self._asked = self._asked, None
        if asked is None:
            raise MessagesError("There is no question whose answer was cut short.")
        conversation = asked.script.conversation
        messages = list(conversation.messages)
        if messages[-1]["role"] == "assistant":  # Complete, but not read to the end.
            messages.pop()
        self._conversation = conversation.untold(
            [*messages, {"role": "assistant", "content": text}]
        )

    def switch(self, model: str | None = None, *, provider: type[Space] | None = None) -> None:
        """Go on with another model; the next question sends all messages along.

        Args:
            model: See `AsyncClient.stream`. None: the conversation's, or the provider's default.
            provider: See `AsyncClient.stream`.
        """
        model = hide_user(model)
        earlier = self.conversation
        self._model, self._provider = model, provider
        if self._conversation is not None:
            self._conversation = earlier.untold(earlier.messages)

    def undo(self) -> str:
        """Take back the last question and its answer, and return the question.

        Raises:
            MessagesError: Nothing was asked yet.
        """
        earlier = self.conversation
        messages = earlier.messages
        questions = [at for at, each in enumerate(messages) if each["role"] == "user"]
        if not questions:
            raise MessagesError("There is no question to take back.")
        # No Space can be made to forget, so the next question opens a new session.
        self._conversation = earlier.untold(messages[: questions[-1]])
        return messages[questions[-1]]["content"]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the conversation to a JSON file; `Conversation.load` reads it."""
        self.conversation.save(path)

    async def aclose(self) -> None:
        """Close the page, at an app that tracks how long it is open."""
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
        now = self.conversation
        return f"<{type(self).__name__} model={now.model!r} messages={len(now.messages)}>"

    def _repr_markdown_(self) -> str:
        return markup.dialogue(repr(self), roles_and_texts(self.messages))

    def _system_messages(self) -> Messages:
        system = self._options.system
        return [{"role": "system", "content": system}] if system else []

    def _take_answer(self) -> None:
        """Make the last question part of the conversation if its answer is complete."""
        if self._asked is None:
            return
        asked = self._asked.script.conversation
        if asked.messages[-1]["role"] == "assistant":
            self._conversation, self._asked = asked, None

"""The bases of provider classes: a Space, and `create_async_generator`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..apps.files import FileLike
from ..apps.options import (
    History,
    NoOthers,
    Options,
    Unpack,
    hide_auth,
    takes_options,
    unknown_option,
)
from ..hidden import Hidden, hide
from ..messages import Conversation, MessagesLike
from ..settings import DEFAULT_TIMEOUT, Settings, Timeout
from ..streaming.chat_stream import AsyncChatStream
from .generator import AsyncTextGenerator
from .pinned import Pinned
from .space import Space


class AsyncAskable(Space):
    """A Space that can be asked."""

    @classmethod
    @takes_options
    def create_async_generator(
        cls,
        model: str | MessagesLike | None = None,
        messages: MessagesLike | None = None,
        proxy: str | None = None,
        *,
        conversation: Conversation | None = None,
        return_conversation: bool = False,
        token: str | None = None,
        timeout: Timeout | float | None = DEFAULT_TIMEOUT,
        retries: int = 2,
        headers: Mapping[str, str] | None = None,
        system: str | None = None,
        files: Sequence[FileLike] = (),
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool = False,
        repair: bool = True,
        **unknown: Unpack[NoOthers],
    ) -> AsyncTextGenerator:
        """Return the pieces of an answer, to be iterated with `async for`.

        Args:
            model: A name of the Space's model. If `messages` is left out, this is the messages.
            messages: The question, or a conversation that ends with one.
            proxy: URL of a proxy. None: the environment's.
            conversation: The conversation to go on with, as `return_conversation` gave it.
            return_conversation: Give the conversation object before the first piece.
            token: A Hugging Face token. None: the environment's.
            timeout: Limits on waiting, in seconds.
            retries: How often a request that surely had no effect is repeated.
            headers: Further headers for every request.
            system: A system text, where the messages have none.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            history: The form of earlier messages; None is what fits the Space best.
            endpoint: The function that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Returns:
            An object that can be iterated, awaited (it gives itself) and closed, whose
            `.generator` is itself.

        Raises:
            MessagesError: The messages can't be sent; nothing has been requested.
            ModelNotFoundError: The Space has no model of that name; nothing has been requested.
            TypeError: The provider doesn't take an option; the message lists those that it takes.
        """
        token, proxy, headers = Hidden.of(token), Hidden.of(proxy), hide(headers or {})
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(cls.create_async_generator, unknown)
        if messages is None and model not in (None, cls.default_model, *cls.model_aliases):
            model, messages = None, model
        exchange = cls.exchange(
            () if messages is None else messages,
            model=cast("str | None", model),
            conversation=conversation,
            options=Options(
                system,
                files,
                inputs,
                wishes,
                timeout,
                history,
                endpoint,
                output,
                auth,
                sign_in,
                repair,
            ),
        )
        settings = Settings(
            token=token,
            proxy=proxy,
            timeout=Timeout.of(timeout),
            retries=retries,
            headers=headers,
        )
        return AsyncTextGenerator(AsyncChatStream(exchange, settings), return_conversation)


class AsyncProvider(AsyncAskable, Pinned):
    """A pinned Space that can be asked: the base of a provider's declaration."""

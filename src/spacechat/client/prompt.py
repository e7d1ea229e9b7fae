"""Questions of a map that have options of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..apps.files import FileLike
from ..apps.known import Apps
from ..apps.options import (
    History,
    NoOthers,
    Options,
    Unpack,
    hide_auth,
    takes_options,
    unknown_option,
)
from ..brief import brief
from ..errors import InputsError
from ..messages import Message, MessagesLike, parse_messages
from ..providers.space import Space
from ..settings import Settings, Timeout
from ..streaming.chat_stream import AsyncChatStream
from ..transport.kept import Kept


class Prompt(list[Message]):
    """A question of `map` that has options of its own: a list of messages that carries them.

    An option that is left out, or None, is that of all questions.

    Args:
        messages: A question, or a list of `{"role": ..., "content": ...}` messages.
        system: A system text, where the messages have none.
        files: Files that go with the question: paths, bytes, open files, URLs.
        inputs: Values of the app's other inputs (temperature, model choice), by label or parameter
            name.
        wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
            has inputs of that meaning, and ignored where it has none.
        timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`.
        history: The form of earlier messages.
        endpoint: The function that answers, by name or id, if the guess is wrong.
        output: The component that shows the answer, by label or id, if the guess is wrong.
        auth: User and password of an app that has a login of its own.
        sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
            token, with which it can act as you do.
        repair: If a known Space has changed, read its description again and ask by that.
        unknown: No other option is taken: the error for one lists these, and near matches.

    Attributes:
        options: Its options.

    Raises:
        MessagesError: The messages can't be sent.
        InputsError: An option's value is of a wrong type.
        TypeError: There is no such option.
    """

    @takes_options
    def __init__(
        self,
        messages: MessagesLike,
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
    ) -> None:
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(Prompt, unknown)
        super().__init__(parse_messages(messages))
        self.options: Options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )

    def __repr__(self) -> str:
        given = [f"{name}={brief(value)}" for name, value in self.options.given.items()]
        return f"Prompt({', '.join([brief([*self]), *given])})"


def prompt_stream(
    prompt: MessagesLike,
    whom: tuple[type[Space], str | None],
    apps: Apps,
    *,
    options: Options,
    settings: Settings,
    kept: Kept | None = None,
) -> AsyncChatStream:
    """Return the stream of the answer to a question of a map.

    Args:
        prompt: The question.
        whom: The provider to ask, and a name of the Space's model, or None.
        apps: The apps that are known.
        options: The options of all questions.
        settings: The client's settings.
        kept: The connections that wait for the client's next request, or None.

    Raises:
        MessagesError: The messages can't be sent.
        InputsError: The Space doesn't take an option of this question's own.
    """
    space, model = whom
    if isinstance(prompt, Prompt):
        options = options.overridden(prompt.options)
        try:
            space.check_options(options)
        except TypeError as exc:
            raise InputsError(str(exc)) from None
    exchange = space.exchange(prompt, model=model, apps=apps, options=options)
    return AsyncChatStream(exchange, settings.with_timeout(options.timeout), kept=kept)

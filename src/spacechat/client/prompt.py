"""Questions of a map that have options of their own."""

from __future__ import annotations

from ..apps.known import Apps
from ..apps.options import ChatOptions, Unpack, hide_logins
from ..errors import InputsError
from ..messages import Message, MessagesLike, parse_messages
from ..providers.space import Space
from ..steps import Exchange


class Prompt(list[Message]):
    """A question of `map` that has options of its own: a list of messages that carries them.

    Args:
        messages: A question, or a list of `{"role": ..., "content": ...}` messages.
        options: Options of this question, which override those of all; see
            `spacechat.providers.ChatOptions`.

    Attributes:
        options: Its options.

    Raises:
        MessagesError: The messages can't be sent.
    """

    def __init__(self, messages: MessagesLike, **options: Unpack[ChatOptions]) -> None:
        hide_logins(None, options)
        super().__init__(parse_messages(messages))
        self.options: ChatOptions = options


def prompt_exchange(
    prompt: MessagesLike,
    space: type[Space],
    model: str | None,
    apps: Apps,
    options: ChatOptions,
) -> Exchange:
    """Return the exchange that asks a Space a question of a map.

    Args:
        prompt: The question.
        space: The provider to ask.
        model: A name of the Space's model, or None.
        apps: The apps that are known.
        options: The options of all questions.

    Raises:
        MessagesError: The messages can't be sent.
        InputsError: The Space doesn't take an option of this question's own.
        TypeError: The Space doesn't take an option of all questions.
    """
    if not isinstance(prompt, Prompt):
        return space.exchange(prompt, model=model, apps=apps, **options)
    given: ChatOptions = {**options, **prompt.options}
    try:
        return space.exchange(prompt, model=model, apps=apps, **given)
    except TypeError as exc:
        raise InputsError(str(exc)) from exc

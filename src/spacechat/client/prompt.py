"""A question among many, which may have options of its own."""

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
        options: For this question, before those of all; see `spacechat.providers.ChatOptions`.

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
    """Return the exchange that asks a Space a question among many.

    Args:
        prompt: The question.
        space: Who is asked.
        model: A name of the Space's model, or None.
        apps: What is known of apps.
        options: Those of all questions.

    Raises:
        MessagesError: The messages can't be sent.
        InputsError: An option of this question's own is none that the Space takes.
        TypeError: One of all questions' is none.
    """
    if not isinstance(prompt, Prompt):
        return space.exchange(prompt, model=model, apps=apps, **options)
    given: ChatOptions = {**options, **prompt.options}
    try:
        return space.exchange(prompt, model=model, apps=apps, **given)
    except TypeError as exc:
        raise InputsError(str(exc)) from exc

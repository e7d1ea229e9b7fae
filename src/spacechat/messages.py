"""Messages, conversations, and the prompts made of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict, cast

import msgspec

from . import markup
from .brief import brief
from .errors import MessagesError
from .whole_files import save_whole

Role: TypeAlias = Literal["system", "user", "assistant"]
_ROLES = ("system", "user", "assistant")


class Message(TypedDict):
    """One message of a conversation: its role and its text."""

    role: Role
    content: str


Messages: TypeAlias = list[Message]
"""A conversation as a list of messages, oldest first."""

MessagesLike: TypeAlias = str | Sequence[Mapping[str, object]]
"""What callers give as messages: a question, or message dicts whose `content` is a text or a list
of text parts (`{"type": "text", "text": ...}`)."""


class _OnPage:
    """What a conversation has besides its data.

    Each field of a `msgspec.Struct` is part of its JSON, equality and pickles. The page belongs to
    none of these, so a plain base class declares it, which makes it an ordinary attribute.

    Attributes:
        page: The app's page that the conversation was held on, which this process alone has, or
            None. `spacechat.apps.page.current_page` says whether it can be used.
    """

    page: object | None = None


class Conversation(_OnPage, msgspec.Struct, kw_only=True, omit_defaults=True):
    """A conversation: what a follow-up question needs, as plain data that can be kept as JSON.

    Attributes:
        session_hash: The Space's session that the conversation was held in.
        messages: Everything said so far, oldest first.
        model: The model that answered, used again where a follow-up names none.
        url: The address of the Space that answered, which may be a copy of the model's. A
            follow-up goes there, unless it names another model or a provider.
    """

    session_hash: str
    messages: Messages = msgspec.field(default_factory=list)
    model: str | None = None
    url: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no message but, perhaps, a system message."""
        return all(message["role"] == "system" for message in self.messages)

    @property
    def is_anywhere(self) -> bool:
        """Whether it names no Space that it was held with."""
        return self.model is None and self.url is None

    def untold(self, messages: Messages) -> Conversation:
        """Return a conversation of these messages with the same Space, in a new session.

        The next question sends all of them.

        Args:
            messages: The messages.
        """
        return Conversation(
            session_hash="", messages=list(messages), model=self.model, url=self.url
        )

    def to_json(self) -> str:
        """Return the conversation as a JSON text."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Conversation:
        """Return the conversation that `to_json` wrote.

        Raises:
            MessagesError: The text is not a conversation.
        """
        try:
            return msgspec.json.decode(text, type=Conversation)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
            raise MessagesError(f"This JSON is not a saved conversation: {exc}.") from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the conversation to a JSON file, replacing what was there, whole or not at all.

        A new file can be read by you only; an earlier one keeps its mode.

        Raises:
            OSError: The file can't be written.
        """
        save_whole(Path(path), (self.to_json() + "\n").encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Conversation:
        """Read a conversation that `save` wrote.

        Raises:
            MessagesError: The file does not hold a conversation.
            OSError: The file can't be read.
        """
        return cls.from_json(Path(path).read_bytes())

    def __repr__(self) -> str:
        last = f" last={brief(self.messages[-1]['content'])}" if self.messages else ""
        count = len(self.messages)
        return f"<Conversation model={self.model!r} url={self.url!r} messages={count}{last}>"

    def _repr_markdown_(self) -> str:
        return markup.dialogue(
            f"Conversation with {self.model or 'a Space'}", roles_and_texts(self.messages)
        )


def roles_and_texts(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """Return the role and the text of each message."""
    return [(message["role"], message["content"]) for message in messages]


def check_conversation(given: object) -> None:
    """Raise an error if what a caller gave as a conversation is none.

    Raises:
        MessagesError: It is neither a conversation nor None.
    """
    if not isinstance(given, Conversation | None):
        raise MessagesError(
            "conversation= takes a Conversation, such as reply.conversation or "
            f"Conversation.load(path), not a value of type {type(given).__name__}."
        )


def parse_messages(messages: MessagesLike) -> Messages:
    """Check the messages that a caller gave, and return them in one form.

    Args:
        messages: A question, or message dicts.

    Raises:
        MessagesError: There is nothing to send, or a message is malformed; says which and how.
    """
    if isinstance(messages, str):
        parsed: Messages = [{"role": "user", "content": _checked("The message", messages)}]
    elif isinstance(messages, Mapping) or not isinstance(cast("object", messages), Iterable):
        raise MessagesError(
            "messages must be a string or a list of {'role': ..., 'content': ...} dicts, "
            f"not {type(messages).__name__}."
        )
    else:
        parsed = [_parse_message(index, message) for index, message in enumerate(messages)]
    if not any(m["role"] != "system" and m["content"].strip() for m in parsed):
        raise MessagesError(
            "There is no text to send: give at least one message that is not blank."
        )
    return parsed


def _parse_message(index: int, message: object) -> Message:
    if not isinstance(message, Mapping):
        raise MessagesError(
            f"messages[{index}] must be a dict with 'role' and 'content', "
            f"not {type(message).__name__}."
        )
    fields = cast("Mapping[str, object]", message)
    for key in ("role", "content"):
        if key not in fields:
            raise MessagesError(f"messages[{index}] has no {key!r}.")
    role = fields["role"]
    if role not in _ROLES:
        raise MessagesError(
            f"messages[{index}] has the role {role!r}; the roles are {', '.join(_ROLES)}."
        )
    content = _parse_content(index, fields["content"])
    return {"role": cast("Role", role), "content": _checked(f"messages[{index}]", content)}


def _checked(place: str, content: str) -> str:
    try:
        content.encode()
    except UnicodeEncodeError as exc:
        raise MessagesError(
            f"{place} holds half a surrogate pair, which is no character: {exc}."
        ) from exc
    return content


def _parse_content(index: int, content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts: list[str] = []
        for part in cast("list[object]", content):
            fields = cast("Mapping[str, object]", part) if isinstance(part, Mapping) else {}
            text = fields.get("text")
            if fields.get("type") != "text" or not isinstance(text, str):
                break
            texts.append(text)
        else:
            return "".join(texts)
    raise MessagesError(
        f"messages[{index}]['content'] must be a text or a list of text parts "
        "({'type': 'text', 'text': ...})."
    )


def continued(earlier: Conversation | None, new: Messages) -> Messages:
    """Return a whole conversation, whether or not `new` repeats the earlier messages."""
    said = [] if earlier is None else earlier.messages
    return list(new) if new[: len(said)] == said else [*said, *new]


def with_system(
    system: str | None, new: Messages, earlier: Conversation | None
) -> tuple[Messages, Conversation | None]:
    """Return new messages and the earlier conversation with a system text that was given apart.

    A conversation that has it already stays as it is. In one that has another, it takes that
    one's place, and the next question sends all messages along.

    Args:
        system: The text; None changes nothing.
        new: The new messages.
        earlier: The conversation so far, or None.

    Raises:
        MessagesError: One of the new messages is a system message, too.
    """
    if system is None:
        return new, earlier
    if any(message["role"] == "system" for message in new):
        raise MessagesError(
            "system= was given, and the messages have a system message, too: give one of them."
        )
    first: Messages = [{"role": "system", "content": _checked("system=", system)}] if system else []
    if earlier is None:
        return [*first, *new], None
    said, others = split_system(earlier.messages)
    return new, earlier if said == system else earlier.untold([*first, *others])


def split_system(messages: Messages) -> tuple[str, Messages]:
    """Return the system messages, joined with newlines, and the other messages."""
    system = "\n".join(m["content"] for m in messages if m["role"] == "system")
    return system, [m for m in messages if m["role"] != "system"]


def split_last(messages: Messages) -> tuple[Messages, str]:
    """Return the messages before the last run of the user's, and the text of that run.

    Raises:
        MessagesError: The last message is not the user's, or blank.
    """
    index = len(messages)
    while index and messages[index - 1]["role"] == "user":
        index -= 1
    texts = [message["content"] for message in messages[index:]]
    if not "".join(texts).strip():
        raise MessagesError("A follow-up must end with a user message that is not blank.")
    return messages[:index], "\n".join(texts)


def pairs(messages: Sequence[Message]) -> list[list[str | None]]:
    """Return messages as pairs of a question and its answer; either may be missing."""
    found: list[list[str | None]] = []
    for message in messages:
        if message["role"] == "user":
            found.append([message["content"], None])
        elif found and found[-1][1] is None:
            found[-1][1] = message["content"]
        else:
            found.append([None, message["content"]])
    return found


def format_prompt(messages: Messages) -> str:
    """Return a whole conversation as one text, for a Space that takes no history.

    A single message stands as it is. More become lines such as `User: Hi`, blank messages left
    out, and a last line `Assistant:` that asks for the answer.
    """
    if len(messages) == 1:
        return messages[0]["content"]
    lines = [f"{m['role'].capitalize()}: {m['content']}" for m in messages if m["content"].strip()]
    return "\n".join([*lines, "Assistant:"])


def last_user_text(messages: Messages) -> str:
    """Return the trailing run of user messages, joined with newlines.

    Raises:
        MessagesError: The last message is not the user's, or blank.
    """
    return split_last(messages)[1]

"""A prompt of `llm` as a question to a Space: its messages, files and settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from llm.parts import AttachmentPart, TextPart
from llm.parts import Message as Turn

from .answer import own_text

if TYPE_CHECKING:
    from llm import Attachment, Prompt

    from ..apps.files import FileLike
    from ..apps.inspection import Inspection
    from ..apps.options import ChatOptions, InspectOptions
    from ..messages import Conversation, Messages, Role

    Earlier = tuple[Messages, Conversation]

_DIGITS = 10
"""Digits that no number of a function or an output has."""

_ROLES = ("system", "user", "assistant")


class Question:
    """A question to a Space.

    `llm` gives the whole conversation with each prompt, whether it is held in this process or read
    from its log. A Space keeps the page on which a conversation is held, so the next question goes
    there if the conversation is the one that was held there: if its messages are the same.

    Args:
        prompt: The prompt.
        earlier: The messages of the last answer's conversation as `llm` has them, and the
            conversation; or None.
        auth: The user and password of an app that has a login of its own, or None.

    Attributes:
        messages: The messages, of which the last is the question.
        conversation: The conversation to go on with, or None for a new one.
        files: The files that go with the question.
        has_options: Whether the prompt has options.
        way: How the app is asked: what is chosen of it, and the login.
        settings: The values of the app's inputs, by their names; texts are as they were typed.
    """

    def __init__(
        self, prompt: Prompt, earlier: Earlier | None, auth: tuple[str, str] | None
    ) -> None:
        self.messages: Messages = _messages(prompt.messages)
        self.conversation: Conversation | None = None
        if earlier is not None and earlier[0] == self.messages[:-1]:
            self.conversation = earlier[1]
        self.files: Sequence[FileLike] = [_file(each) for each in _attachments(prompt.messages)]
        given = {name: value for name, value in dict(prompt.options).items() if value is not None}
        self.has_options: bool = bool(given)
        self.way: InspectOptions = {
            "endpoint": _name_or_number(given.pop("endpoint", None)),
            "output": _name_or_number(given.pop("output", None)),
            "auth": auth,
        }
        self.settings: Mapping[str, object] = given

    @property
    def new_messages(self) -> Messages:
        """The messages that the conversation has not."""
        return self.messages if self.conversation is None else self.messages[-1:]

    def options(self, inspection: Inspection | None) -> ChatOptions:
        """Return the options of the question.

        Args:
            inspection: The app's inspection, which says what typed texts mean; None where there are
                no settings.

        Raises:
            InputsError: A text is broken JSON, stands for a file, or a name is given twice.
        """
        from ..apps.typed_words import chat_inputs

        options: ChatOptions = {
            "files": self.files,
            "endpoint": self.way["endpoint"],
            "output": self.way["output"],
            "auth": self.way["auth"],
        }
        if inspection is not None:
            typed = [(n, value) for n, value in self.settings.items() if isinstance(value, str)]
            options["inputs"] = {**self.settings, **chat_inputs(inspection.inputs, typed)}
        return options

    def answered(self, text: str, conversation: Conversation) -> Earlier:
        """Return what the next question's `earlier` is.

        Args:
            text: The answer as the history has it.
            conversation: The conversation with the Space.
        """
        return [*self.messages, {"role": "assistant", "content": text}], conversation


def _name_or_number(value: object) -> str | int | None:
    """Return the name or the number that a word or a program gives, if it gives one."""
    if value is None:
        return None
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < _DIGITS else text


def _messages(turns: Iterable[Turn]) -> Messages:
    """Return the texts of a conversation; what tools were told is left out, as is reasoning."""
    messages: Messages = []
    for turn in turns:
        parts = [part for part in turn.parts if isinstance(part, TextPart)]
        is_answer = turn.role == "assistant"
        text = own_text(parts) if is_answer else "\n".join(part.text for part in parts)
        if turn.role in _ROLES and (text or turn.role == "user"):
            messages.append({"role": cast("Role", turn.role), "content": text})
    return messages


def _attachments(turns: Sequence[Turn]) -> list[Attachment]:
    """Return the attachments of the question; those of earlier ones are with the Space already."""
    parts = turns[-1].parts if turns else []
    return [
        part.attachment
        for part in parts
        if isinstance(part, AttachmentPart) and part.attachment is not None
    ]


def _file(attachment: Attachment) -> FileLike:
    """Return the file to send; what `llm` has but the address of, the Space fetches itself."""
    if attachment.content:
        return attachment.content
    return Path(attachment.path) if attachment.path else attachment.url or b""

"""What goes out for a question to a pinned Space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..messages import Message, pairs


@dataclass(frozen=True)
class Question:
    """What goes out for a question.

    Attributes:
        prompt: The text.
        system: The system text.
        earlier: Messages that go out as the chatbot's value.
    """

    prompt: str
    system: str = ""
    earlier: Sequence[Message] = ()

    @property
    def pairs(self) -> list[list[str | None]]:
        """The earlier messages as a chatbot's pairs."""
        return pairs(self.earlier)

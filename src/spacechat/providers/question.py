"""The texts that are sent to a pinned Space for a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..messages import Message, pairs


@dataclass(frozen=True)
class Question:
    """The texts that are sent for a question.

    Attributes:
        prompt: The prompt.
        system: The system text.
        earlier: Earlier messages, sent as the chatbot's value.
    """

    prompt: str
    system: str = ""
    earlier: Sequence[Message] = ()

    @property
    def pairs(self) -> list[list[str | None]]:
        """The earlier messages as a chatbot's pairs."""
        return pairs(self.earlier)

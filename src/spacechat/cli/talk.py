"""A conversation as `spacechat chat` holds it: what was said, and what may be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..messages import Message, Messages
    from ..providers import Space


@dataclass
class Talk:
    """What was said so far.

    Attributes:
        system: What the model is told beforehand.
        turns: Questions and answers in turn.
    """

    system: str = ""
    turns: list[Message] = field(default_factory=list["Message"])

    def with_question(self, question: str) -> Messages:
        """Return the messages that ask a question."""
        asked: Message = {"role": "user", "content": question}
        return [*self.messages(), asked]

    def messages(self) -> Messages:
        """Return the messages so far, the system message among them."""
        if not self.system:
            return list(self.turns)
        return [{"role": "system", "content": self.system}, *self.turns]

    def add(self, question: str, answer: str) -> None:
        """Add a question and its answer."""
        self.turns.append({"role": "user", "content": question})
        self.turns.append({"role": "assistant", "content": answer})

    def undo(self) -> str | None:
        """Take back the last question and what follows it; return it, or None for none."""
        for index in range(len(self.turns) - 1, -1, -1):
            if self.turns[index]["role"] == "user":
                question = self.turns[index]["content"]
                del self.turns[index:]
                return question
        return None

    def save(self, path: str, space: type[Space]) -> None:
        """Write the conversation to a file, which `Conversation.load` reads, too.

        Args:
            path: The file.
            space: Who answers, and goes on where the file is loaded.
        """
        from ..messages import Conversation

        # No Space has seen the session: whoever goes on with it tells the whole conversation.
        Conversation(
            session_hash="", messages=self.messages(), model=space.default_model, url=space.url
        ).save(path)

    def take(self, messages: Messages) -> None:
        """Go on with other messages."""
        from ..messages import split_system

        self.system, self.turns = split_system(messages)

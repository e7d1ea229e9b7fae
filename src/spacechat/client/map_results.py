"""The results of a map: what came of each prompt, or of each call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..brief import brief
from ..errors import SpaceChatError
from ..messages import MessagesLike
from ..streaming.reply import Reply
from ..streaming.result import Result


@dataclass(frozen=True)
class MapResult:
    """The result of one prompt: a reply, or an error.

    Attributes:
        index: The prompt's number, from 0.
        prompt: The prompt.
        reply: The answer, or None.
        error: The reason why there is none, or None.
    """

    index: int
    prompt: MessagesLike
    reply: Reply | None = None
    error: SpaceChatError | None = None

    def __repr__(self) -> str:
        came = self.error if self.reply is None else self.reply.text
        return f"<MapResult {self.index} {brief(self.prompt)}: {_briefly(came)}>"


@dataclass(frozen=True)
class CallResult:
    """The result of one call of many: a value, or an error.

    Attributes:
        index: The number of the arguments, from 0.
        arguments: The arguments.
        result: What the function returned, or None.
        error: The reason why it returned nothing, or None.
    """

    index: int
    arguments: object
    result: Result | None = None
    error: SpaceChatError | None = None

    @property
    def value(self) -> Any:
        """The value of the function's output, as that of a `Result`; None if there is an error."""
        return None if self.result is None else self.result.value

    def __repr__(self) -> str:
        came = self.value if self.error is None else self.error
        return f"<CallResult {self.index} {brief(self.arguments)}: {_briefly(came)}>"


def _briefly(came: object) -> str:
    """Return what came of a prompt or of arguments: a value, or an error with its message."""
    return f"{type(came).__name__}: {came}" if isinstance(came, SpaceChatError) else brief(came)

"""Questions: what any kind of request asks a Space, and how the answer is to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import cast

import msgspec

from ..apps.options import ChatOptions
from ..errors import InputsError, SpaceChatError
from ..messages import Message
from .refusals import Refusal, refusal
from .words import without_places
from .writer import Writer


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an answer, checked and typed.

    Attributes:
        model: The model's name in the request.
        messages: The conversation, which ends with a question.
        messages_name: The parameter that they are in.
        options: Further arguments of `stream`.
        streamed: Whether the answer is wanted piece by piece.
        writer: Makes the writer of the response.
        space: The model's name for the client, which may be an address with a login; empty before
            the model is looked up.
        places: Addresses that the model's name hides, and that no error tells.
    """

    model: str
    messages: list[Message]
    messages_name: str
    options: ChatOptions
    streamed: bool
    writer: Callable[[], Writer]
    space: str = ""
    places: Sequence[str] = ()

    @property
    def characters(self) -> int:
        """How many characters the texts of its messages and inputs have."""
        said = sum(len(each["content"]) for each in self.messages)
        return said + sum(map(len, _texts(self.options.get("inputs"))))

    def refusal(self, exc: SpaceChatError) -> Refusal:
        """Return the refusal that stands for an error of the answer."""
        refused = refusal(exc, self.messages_name)
        error = refused.error
        error.message = without_places(error.message, self.places, self.model)
        if isinstance(exc, InputsError) and not self.options.get("inputs"):
            error.param = self.messages_name
        return refused


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a value of JSON."""
    values = [value]
    while values:
        each = values.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            values += chain.from_iterable(cast("dict[str, object]", each).items())
        elif isinstance(each, list):
            values += cast("list[object]", each)

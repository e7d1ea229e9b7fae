"""Questions: what any kind of request asks a Space, and how the answer is to be written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import Final, cast

import msgspec

from ..apps.options import ChatOptions
from ..errors import InputsError, SpaceChatError
from ..messages import Message
from ..providers import Space
from .refusals import Refusal, refusal
from .words import without_places
from .writer import Writer

LEAVE_OUT: Final = "leave them out"
_FROM_EARLIER: Final = "begin anew, without 'previous_response_id', since they come from it"
"""What to do about files or inputs that are not taken; the second, where no request has them."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an answer, checked and typed.

    Attributes:
        model: The model's name in the request.
        messages: The conversation, which ends with a question.
        messages_name: The parameter that they are in.
        options: Further arguments of `stream`.
        streamed: Whether the answer is wanted piece by piece.
        writer: Makes the writer of the response.
        has_earlier_files: Whether its files are those of an earlier response, which its sender
            can't leave out.
        space: The Space that the model's name stands for; None before that is looked up.
        own_name: The Space's own name for the model, if it knows its models by names.
        places: What tells the address that the model's name hides, and no error may tell.
    """

    model: str
    messages: list[Message]
    messages_name: str
    options: ChatOptions
    streamed: bool
    writer: Callable[[], Writer]
    has_earlier_files: bool = False
    space: type[Space] | None = None
    own_name: str | None = None
    places: Collection[str] = ()

    @property
    def characters(self) -> int:
        """How many characters the texts of its messages and inputs have."""
        said = sum(len(each["content"]) for each in self.messages)
        return said + sum(map(len, _texts(self.options.get("inputs"))))

    @property
    def files_name(self) -> str:
        """The parameter that its files come from."""
        return "previous_response_id" if self.has_earlier_files else self.messages_name

    @property
    def files_advice(self) -> str:
        """What its sender can do if its files are not taken."""
        return _FROM_EARLIER if self.has_earlier_files else LEAVE_OUT

    def refusal(self, exc: SpaceChatError) -> Refusal:
        """Return the refusal that stands for an error of the answer."""
        refused = refusal(exc, self.messages_name)
        error = refused.error
        told = error.message.replace(LEAVE_OUT, self.files_advice)
        error.message = without_places(told, self.places, self.model)
        if isinstance(exc, InputsError) and not self.options.get("inputs"):
            error.param = self.files_name
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

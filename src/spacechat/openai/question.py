"""Questions: what any kind of request asks a Space, and how the answer is to be written."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ..apps.options import ChatOptions
from ..messages import Message
from .writer import Writer


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an answer, checked and typed.

    Attributes:
        model: The model's name in the request.
        space: The model's name for the client: an address may have a login here.
        messages: The conversation, which ends with a question.
        messages_name: The parameter that they are in.
        options: Further arguments of `stream`.
        streamed: Whether the answer is wanted piece by piece.
        writer: Makes the writer of the response.
    """

    model: str
    space: str
    messages: list[Message]
    messages_name: str
    options: ChatOptions
    streamed: bool
    writer: Callable[[], Writer]

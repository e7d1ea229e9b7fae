"""Small values that the modules of the local Space share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

PROTOCOLS: Final = ("sse_v1", "sse_v2", "sse_v2.1", "sse_v3")
"""The protocols that a local Space can speak, oldest first."""


@dataclass(frozen=True)
class ChatRequest:
    """The request that a reply answers.

    Attributes:
        prompt: The user's text.
        system: The system text, or None where the shape has no place for one.
        history: The turns before this one, oldest first, as ``{"role", "content"}``.
        data: The inputs as they came in, one per input component.
        session_hash: The session that the request belongs to.
    """

    prompt: str
    system: str | None
    history: list[dict[str, str]]
    data: list[Json]
    session_hash: str


@dataclass(frozen=True)
class ReceivedRequest:
    """An HTTP request as the server received it.

    Attributes:
        method: The HTTP method, in capitals.
        path: The path, with ``?`` and the query if there is one.
        headers: The headers, their names in lower case.
        json: The decoded body; None if there was none, or none that is JSON.
    """

    method: str
    path: str
    headers: dict[str, str]
    json: Json


Reply: TypeAlias = "str | Sequence[str] | Callable[[ChatRequest], Iterable[str]]"
"""The answer of a local Space: one piece, pieces, or a function from the request to pieces."""

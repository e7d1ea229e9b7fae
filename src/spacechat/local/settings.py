"""The settings of a local Space, after they were checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .shapes import Shape
from .values import ChatRequest


@dataclass(frozen=True)
class SpaceSettings:
    """The settings of a local Space.

    Attributes:
        shape: The shape of the Space.
        protocol: The protocol that it speaks.
        reply: Ready pieces, a function that gives pieces, or None for the built-in answer.
        delay: Seconds between two pieces.
        heartbeat: Seconds of silence before a heartbeat is sent.
        summary: The summary after the answer, for the shape that has one.
        concurrency: How many events generate at once; None for all.
        max_queue: How many events may wait; None for any number.
        max_body: How many bytes the body of a request may have.
    """

    shape: Shape
    protocol: str
    reply: tuple[str, ...] | Callable[[ChatRequest], Iterable[str]] | None
    delay: float
    heartbeat: float
    summary: str | None
    concurrency: int | None
    max_queue: int | None
    max_body: int

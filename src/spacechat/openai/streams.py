"""Streams of answers: how one begins, and how its next event is awaited.

The two kinds of stream differ in how a wait ends in time: a cancel scope ends the asynchronous one,
the blocking one is a wait with a timeout.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable
from typing import TypeVar

import anyio

from ..errors import SpaceChatError, StreamInterruptedError
from ..events import Event
from ..streaming.chat_stream import AsyncChatStream
from ..sync import ChatStream
from .question import Question

_S = TypeVar("_S")


class TooLateError(Exception):
    """A piece of the answer did not come in time."""


def begin(stream: Callable[..., _S], question: Question) -> _S:
    """Return a client's stream of the answer to a question.

    Args:
        stream: The client's method.
        question: The request for it.

    Raises:
        Refusal: The Space doesn't take the request.
    """
    try:
        return stream(
            question.messages,
            model=question.own_name,
            provider=question.space,
            **question.options,
        )
    except SpaceChatError as exc:
        raise question.refusal(exc) from exc


async def next_event(stream: AsyncChatStream, until: float) -> Event:
    """Return the next event of a stream.

    Args:
        stream: The stream.
        until: When waiting ends, by `time.monotonic`.

    Raises:
        TooLateError: It didn't come in time.
        SpaceChatError: The answer can't be had, or the stream was closed before its end.
    """
    try:
        if until == math.inf:
            return await stream.next_event()
        with anyio.move_on_after(max(0.0, until - time.monotonic())):
            return await stream.next_event()
    except StopAsyncIteration:
        raise _closed() from None
    raise TooLateError


def next_event_blocking(stream: ChatStream, until: float) -> Event:
    """Return the next event of a blocking stream; see `next_event`."""
    left = None if until == math.inf else max(0.0, until - time.monotonic())
    try:
        if not stream.engine.advance(left):
            raise _closed()
    except queue.Empty:
        raise TooLateError from None
    return stream.next_event()


def _closed() -> StreamInterruptedError:
    return StreamInterruptedError("The stream was closed before the answer was complete.")

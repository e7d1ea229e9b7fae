"""How long the next event of an answer is waited for."""

from __future__ import annotations

import math
import queue
import time
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from spacechat.errors import StreamInterruptedError
from spacechat.events import TextDelta
from spacechat.openai.streams import TooLateError, next_event, next_event_blocking

HELLO = TextDelta("Hello")


class Slow:
    """A stream whose next event takes a moment."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def next_event(self) -> TextDelta:
        await anyio.sleep(self._seconds)
        return HELLO


@pytest.mark.anyio
@pytest.mark.runs_on("asyncio")
async def test_an_event_that_comes_too_late() -> None:
    slow: Any = Slow(0.3)
    for until in (time.monotonic() - 1, time.monotonic() + 0.01):
        with pytest.raises(TooLateError):
            await next_event(slow, until)
    soon: Any = Slow(0)
    for until in (time.monotonic() + 60, math.inf):
        assert await next_event(soon, until) is HELLO


def test_how_long_a_blocking_stream_is_waited_for() -> None:
    waited: list[float | None] = []

    def advance(left: float | None) -> bool:
        waited.append(left)
        if left == 0:
            raise queue.Empty
        return left is None or left < 1000

    engine = SimpleNamespace(advance=advance)
    stream: Any = SimpleNamespace(engine=engine, next_event=lambda: HELLO)
    with pytest.raises(TooLateError):
        next_event_blocking(stream, time.monotonic() - 5)
    assert next_event_blocking(stream, time.monotonic() + 100) is HELLO
    assert next_event_blocking(stream, math.inf) is HELLO
    with pytest.raises(StreamInterruptedError, match="closed before the answer was complete"):
        next_event_blocking(stream, time.monotonic() + 2000)
    over, left, ever, _ = waited
    assert (over, ever) == (0, None)
    assert left is not None
    assert 0 < left <= 100

"""A line on standard error that says how far some work is, while it goes on."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ...events import Status
from ...terminal.live_lines import LiveLines, can_redraw, size
from ...terminal.waiting_line import WaitingLine

_T = TypeVar("_T")

_FRAME = 0.08
"""Seconds between two drawings."""


async def with_progress(work: Callable[[], Awaitable[_T]], says: Callable[[], str]) -> _T:
    """Do some work and return its result; a terminal shows how far it is, and forgets it then.

    Args:
        work: The work.
        says: Returns how far it is, in words.

    Raises:
        BaseException: What the work raises.
    """
    import anyio

    from ...streaming.tasks import run_together

    if not can_redraw(sys.stderr):
        return await work()
    done: list[_T] = []
    ended = anyio.Event()
    lines, waiting = LiveLines(sys.stderr), WaitingLine("")

    async def show() -> None:
        while not ended.is_set():
            waiting.feed(Status(says()))
            lines.draw(live=[waiting.line(size(sys.stderr)[0] - 1)])
            with anyio.move_on_after(_FRAME):
                await ended.wait()

    async def run() -> None:
        try:
            done.append(await work())
        finally:
            ended.set()

    try:
        await run_together(run, [show])
    finally:
        lines.draw()
    return done[0]

"""An engine in memory that does what it is given, a turn at a time, and its reader."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Any

from spacechat.events import Event
from spacechat.portal.loop import get_portal
from spacechat.portal.read_ahead import ReadAhead
from tests.portal.in_time import SOON


class Engine:
    """An engine whose turns are given; after the last it waits for more, or ends.

    Attributes:
        events: What happened and has not been read.
        turns: What each turn brings: events, or an error.
        closed: How often it was closed.
        fails: What closing it raises, or None.
        task: The id of the task that reads it.
    """

    def __init__(self, *turns: list[Event] | BaseException, ends: bool = True) -> None:
        self.events: deque[Event] = deque()
        self.turns = [*turns]
        self.closed = 0
        self.fails: Exception | None = None
        self.more = asyncio.Event()
        self.task = 0
        self._ends = ends

    async def advance(self) -> bool:
        self.task = id(asyncio.current_task())
        while not self.turns:
            if self._ends:
                return False
            await self.more.wait()
            self.more.clear()
        turn = self.turns.pop(0)
        if isinstance(turn, BaseException):
            raise turn
        self.events.extend(turn)
        return True

    async def aclose(self) -> None:
        self.closed += 1
        if self.fails is not None:
            raise self.fails

    def bring(self, *events: Event) -> None:
        """Bring events from another thread."""
        self.turns.append([*events])
        get_portal().soon(self.more.set)


@dataclass
class Page:
    """The page of a session.

    Attributes:
        holder: The id of the task whose turn it is, or None.
    """

    holder: int | None


def reading(engine: Any, page: Any = None) -> ReadAhead:
    return ReadAhead(engine, get_portal(), page)


def taken(buffer: ReadAhead) -> list[Event]:
    """Everything until the end."""
    found: list[Event] = []
    with contextlib.suppress(StopIteration):
        while True:
            found += buffer.take(SOON)
    return found

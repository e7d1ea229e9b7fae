"""A script that asks nobody, for engines in memory."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, NoReturn

from spacechat.events import Event, TextDelta
from spacechat.portal.engine import Engine
from spacechat.settings import Settings
from spacechat.steps import Pause, Script, Steps, Tell
from tests.portal.in_time import SOON

A, B = TextDelta("a"), TextDelta("b")


class Source:
    """A script that gives events; then it ends, fails, or waits until it is let go.

    Attributes:
        given: Set when it has given all of its events.
        stopped: Set when it is stopped before its end.
        go_on: To be set to let it go.
    """

    def __init__(self, *events: Event, waits: bool = False, fails: Exception | None = None) -> None:
        self.given = threading.Event()
        self.stopped = threading.Event()
        self.go_on = threading.Event()
        self._events = events
        self._waits = waits
        self._fails = fails

    def steps(self, _: object) -> Steps[str]:
        try:
            for event in self._events:
                yield Tell(event)
            self.given.set()
            while self._waits and not self.go_on.is_set():
                yield Pause(0.002)
        except GeneratorExit:
            self.stopped.set()
            raise
        if self._fails is not None:
            raise self._fails
        return "value"

    def engine(self) -> Engine[Script[str]]:
        return Engine(Script(steps=self.steps), Settings())


def at_work(*events: Event) -> tuple[Source, Engine[Script[str]]]:
    """Return a source that has given its events and waits, and its engine, which reads it."""
    source = Source(*events, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    return source, engine


def rest(engine: Engine[Any]) -> list[Event]:
    """Return the events that are left; at most ten, since there are never more."""
    found: list[Event] = []
    while len(found) < 10 and engine.advance(SOON):
        found += engine.events
        engine.events.clear()
    return found


async def others() -> set[asyncio.Task[Any]]:
    """Return what else runs in the loop."""
    current = asyncio.current_task()
    return {each for each in asyncio.all_tasks() if each is not current}


def interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt

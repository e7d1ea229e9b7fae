"""Generations: the messages that bring the answer of one event, piece by piece."""

from __future__ import annotations

import asyncio
import threading
import time

from msgspec import UNSET

from . import wire
from .builtin_answer import builtin_answer
from .growth import Growth
from .pieces import PulledPieces, ReadyPieces
from .sessions import Event
from .settings import SpaceSettings
from .shapes import GRADIO_4
from .turns import Turns
from .values import ChatRequest, Json


class Generations:
    """Generates the answers of a local Space.

    Args:
        settings: The Space's settings.

    Attributes:
        threads: The threads that run the user's own reply function.
    """

    def __init__(self, settings: SpaceSettings) -> None:
        self.threads: set[threading.Thread] = set()
        self._settings = settings
        self._turns = Turns()

    async def run(self, event: Event) -> wire.Output:
        """Send the answer of an event piece by piece; return its final output.

        Args:
            event: The event; messages go to its session, which they wait for if it has no room.

        Raises:
            ValueError: The inputs are not those of the Space's function.
            Exception: The reply function raised it.
        """
        settings, shape, session = self._settings, self._settings.shape, event.session
        request = self._request(event)
        growth = Growth(shape, event.data, edits=settings.protocol != "sse_v1")
        clock = _Clock()

        async def send(data: list[Json]) -> None:
            await session.room()
            time_limit = UNSET if shape.version == GRADIO_4 else None
            output = clock.output(data, generating=True)
            session.push(wire.ProcessGenerating(event.id, output, time_limit=time_limit))

        pieces = self._pieces(request)
        try:
            if shape.opening:
                await send(growth.show(shape.opening))
            first = True
            while (piece := await pieces.next()) is not None:
                if settings.delay and not first:
                    await asyncio.sleep(settings.delay)
                first = False
                await send(growth.extend(piece))
        finally:
            pieces.stop()
        ending = ""
        if shape.opening:
            if settings.summary is not None:
                ending = f"\n<summary>{settings.summary}</summary>"
            await send(growth.show(growth.text + ending, more=False))
        if shape.remembers:
            self._turns.add(request, growth.text)
        return clock.output(growth.finish(ending), generating=False)

    def _request(self, event: Event) -> ChatRequest:
        shape = self._settings.shape
        wanted, given = len(shape.chat.inputs), len(event.data)
        if given != wanted:
            raise ValueError(f"This function takes {wanted} inputs, but {given} were given.")
        try:
            prompt, system, history = shape.read(event.data)
        except (TypeError, ValueError, LookupError) as error:
            raise ValueError(f"The inputs are not as this function takes them: {error}") from error
        session_hash = event.session.hash
        earlier = self._turns.of(session_hash)
        return ChatRequest(prompt, system, [*earlier, *history], event.data, session_hash)

    def _pieces(self, request: ChatRequest) -> ReadyPieces | PulledPieces:
        reply = self._settings.reply
        if reply is None:
            return ReadyPieces(builtin_answer(request))
        if callable(reply):
            return PulledPieces(lambda: reply(request), self.threads)
        return ReadyPieces(reply)


class _Clock:
    """Measures how long each step of a generation takes."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._steps = 0

    def output(self, data: list[Json], *, generating: bool) -> wire.Output:
        """Return the output with a step's data and the time that the step took."""
        now = time.perf_counter()
        self._steps += 1
        duration, self._last = now - self._last, now
        average = (now - self._started) / self._steps
        return wire.Output(data, generating, duration, average)

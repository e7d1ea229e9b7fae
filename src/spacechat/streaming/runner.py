"""One attempt at a script: its steps, one after another, and the event whose stream is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

import anyio

from ..errors import InputsError, SpaceChatError, StreamInterruptedError
from ..events import Event
from ..log import log
from ..protocol import Budget, EventMachine, ReadAnswer, Reads
from ..settings import Settings
from ..steps import (
    Beside,
    CloseKept,
    ClosePage,
    Connect,
    Fetch,
    Generate,
    KeepPageOpen,
    Pause,
    Request,
    Response,
    Save,
    Script,
    Show,
    Step,
    TakeTurn,
    Tell,
    Upload,
)
from ..transport.connection import CLOSING, LAST_ENDING, Connection
from ..transport.kept import Kept
from .asides import Asides
from .clock import Clock
from .job import Job, event_id
from .joining import Joining
from .open_page import OpenPage
from .together import together
from .unexpected import as_ours
from .visit import Visit

_T = TypeVar("_T")

_ID_LENGTH = 64
"""Characters of an event's id that a log record holds; Gradio's have 32."""

_REFUSED = (429, 503)
"""Statuses with which a request is refused before any function runs."""


class Runner(Generic[_T]):
    """Runs one attempt at a script.

    A step `Generate` leaves a `job` behind: its messages are for the engine to read, which calls
    `end_job` after the last one. (It is long, as outcome, connection and event share its state.)

    Args:
        script: The script.
        settings: The client's settings.
        page: The page of the conversation that the question is part of, or None.
        clock: The times of the question.
        events: The queue of what happens, which the engine's reader empties.
        kept: The connections that wait for the client's next request, or None.

    Attributes:
        machine: Reads the messages of the newest event. What it has read of the answer passes from
            each event's machine to the next one's.
        job: The event whose stream is being read, or None while the next step is due.
        is_running: Whether the attempt may go on; False once it was stopped.
        may_have_run: Whether the Space may have begun to run a function.
        value: What the script returned, once `step`, `end_job` or `recover` has returned True.
    """

    value: _T

    def __init__(
        self,
        script: Script[_T],
        settings: Settings,
        page: OpenPage | None,
        clock: Clock,
        events: deque[Event],
        *,
        kept: Kept | None,
    ) -> None:
        self._model = script.model
        self._settings = settings
        self._kept = kept
        self._once = script.once
        self._clock = clock
        self._events = events
        self._event_id = ""
        self._budget = Budget(settings.limits, brought=script.brought)
        self._place: Connect | None = None
        self._connection: Connection | None = None
        self._joining: Joining | None = None  # While the queue is asked to take an event.
        self._visit = Visit(page, clock)
        self._asides = Asides(self._begin_aside)
        self._next: Step | None = None
        self._outcome: object = None  # Of the last step, for the script.
        self._given_up: Job | None = None  # It failed, and the Space may be at work on it.
        self.machine: EventMachine = ReadAnswer().machine(event_id=None, budget=self._budget)
        self.job: Job | None = None
        self.is_running: bool = True
        self.may_have_run: bool = False
        self._steps = script.steps(self._budget)

    @property
    def subject(self) -> str:
        """The subject of a log record. An event's id is the server's, and may hold anything."""
        if self._event_id:
            return f"event {ascii(self._event_id[:_ID_LENGTH])[1:-1]}"
        return f"question to {self._model}" if self._model else "request"

    @property
    def is_connected(self) -> bool:
        """Whether a connection is open that has to be closed."""
        return self._connection is not None

    async def step(self) -> bool:
        """Take the next step of the script; True at its end."""
        step = self._next or self._find_next()
        if step is None:
            return True
        given_up, self._given_up = self._given_up, None
        if given_up is not None:
            await self._cancel(given_up)
        self._next = None
        await self._take(step)
        return False

    def end_job(self) -> bool:
        """Give the script the final outputs of the event; True if that was its end."""
        self.job = None
        self._outcome = self.machine.outputs
        # The next step is taken when the events so far have been read.
        return self._find_next() is None

    def recover(self, error: SpaceChatError) -> bool:
        """Give the script an error; True if that was its end, in success.

        Raises:
            SpaceChatError: The script has no other way.
        """
        step = self._resume(partial(self._steps.throw, error))
        job, self.job = self.job, None
        if job is not None and job.is_under_way and not self.machine.finished:
            self._given_up = job
        return step is None

    async def send_inputs(self, job: Job, request: Request, event_id: str) -> None:
        """Send the inputs of a job when the server asks for them, as the protocol `sse` has it.

        Args:
            job: The job.
            request: Its unsent request.
            event_id: The id that the server gave its event.
        """
        job.unsent = None
        self._event_id = event_id
        job.at_work = True
        body = {**(request.body or {}), "event_id": event_id}
        await self._have_run(job.connection, Fetch(Request(request.url, body)))

    async def stop(self) -> None:
        """End the script, tell the Space to cancel what it is at work on, and disconnect.

        It is not itself cut short by cancellation.
        """
        self.is_running = False
        try:
            await self._asides.stop()
        finally:
            try:  # Whatever asyncio's own cancel() cuts short, the rest is done.
                await self._disconnect()
            finally:
                self._visit.end()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        job = self.job or self._given_up
        self.job = self._given_up = None
        self._next = None
        self._steps.close()
        if connection is None:
            return
        with anyio.CancelScope(shield=True):
            try:
                if self._joining is not None:
                    await self._joining.end()
                if job is not None and job.is_under_way and not self.machine.finished:
                    await self._cancel(job)
                elif self.machine.finished:
                    await connection.end_events(LAST_ENDING)
            finally:  # asyncio's own cancel() goes through shields.
                with anyio.move_on_after(CLOSING):
                    await connection.aclose()

    async def _drop_job(self, job: Job) -> None:
        """Stop an event of which nothing was read, since the script goes on another way."""
        self.job = None
        if job.is_under_way:
            await self._cancel(job)

    async def _cancel(self, job: Job) -> None:
        log.debug("%s: cancelling", self.subject)
        with anyio.move_on_after(CLOSING, shield=True):
            await job.cancel(self._event_id, CLOSING)

    def _find_next(self) -> Step | None:
        """Send the outcome of the last step into the script; return the next step, or None."""
        outcome, self._outcome = self._outcome, None
        return self._resume(partial(self._steps.send, outcome))

    def _resume(self, script: Callable[[], Step]) -> Step | None:
        """Let the script run to its next step, and return that; None at its end."""
        try:
            self._next = script()
        except StopIteration as end:
            self.value = end.value
        except Exception as exc:  # noqa: BLE001 - raised again
            raise as_ours(exc)  # noqa: B904 - its cause is set
        return self._next

    async def _take(self, step: Step) -> None:
        """Take a step, and keep its outcome for the script."""
        if isinstance(step, Tell):
            self._events.append(step.event)
        elif isinstance(step, Pause):
            await self._clock.sleep(step.seconds)
        elif isinstance(step, Connect):
            await self._connect(step)
        elif isinstance(step, TakeTurn | KeepPageOpen | ClosePage):
            await self._visit.take(step, self._place, lambda: self.is_running)
        elif isinstance(step, CloseKept):
            if self._kept is not None:
                await self._kept.aclose()
        elif isinstance(step, Show):
            self._show(step)
        elif isinstance(step, Beside):
            self._asides.add(step)
        else:
            await self._ask(step)

    async def _ask(self, step: Generate | Save | Fetch | Upload) -> None:
        """Make a request, and do at the same time what is due."""
        asides = self._asides.due()
        if asides and isinstance(step, Fetch) and step.runs:
            await together(asides.pop(), asides)
            asides = []
        opening = self._visit.due()
        make = together if opening is None else opening.beside
        try:
            await make(partial(self._request, step), asides)
        except SpaceChatError:
            if asides and self.job is not None:
                await self._drop_job(self.job)
            raise

    def _begin_aside(self, script: Script[object]) -> Runner[object]:
        return Runner(script, self._settings, None, self._clock, self._events, kept=self._kept)

    async def _request(self, step: Generate | Save | Fetch | Upload) -> None:
        connection = await self._free_connection()
        if isinstance(step, Generate):
            await self._join(connection, step)
        elif isinstance(step, Save):
            await connection.save(step)
        elif isinstance(step, Fetch) and step.runs:
            self._outcome = await self._have_run(connection, step)
        else:
            self._outcome = await connection.fetch(step)

    async def _have_run(self, connection: Connection, step: Fetch) -> Response:
        """Make a request that has a function run."""
        before, self.may_have_run = self.may_have_run, True
        try:
            return await connection.fetch(step, may_repeat=not self._once)
        except SpaceChatError as exc:
            # What the app takes for a wrong input, it refuses before any function runs.
            if not exc.reached or exc.status in _REFUSED or isinstance(exc, InputsError):
                self.may_have_run = before
            raise

    def _show(self, step: Show) -> None:
        self.machine = self._new_machine(step.reads)
        try:
            self._events.extend(self.machine.show(step.value))
        except Exception as exc:  # noqa: BLE001 - raised again
            raise as_ours(exc)  # noqa: B904 - its cause is set

    async def _free_connection(self) -> Connection:
        """Return the connection, on which no stream is read any more."""
        connection = self._connection
        if connection is None:
            raise StreamInterruptedError("The stream was closed.", partial_text=self.machine.text)
        # A server that sees the reader of a stream go would drop the session's next event.
        await connection.end_events()
        return connection

    async def _connect(self, step: Connect) -> None:
        before = self._connection
        self._place = step
        self._asides.leave_out()
        self._connection = Connection(
            step.url,
            self._settings,
            step.headers,
            self._clock.deadline,
            self._budget,
            kept=self._kept,
            anonymous=step.anonymous,
        )
        self._outcome = self._connection.reader
        if before is not None:
            await before.aclose()

    async def _join(self, connection: Connection, step: Generate) -> None:
        """Join the queue, and open the stream of the event's messages."""
        self._event_id = ""
        job = self.job = Job(step, connection)
        if step.asks_for_data:
            job.unsent = step.join
            self.machine = self._new_machine(step.reads)
        else:
            self._joining = Joining(partial(self._ask_to_join, job), connection.is_sent)
            try:
                await self._joining.run()
            except SpaceChatError:
                self.job = None  # Without an event's id, there is nothing to cancel.
                raise
            finally:
                self._joining = None
        if not self.is_running:
            return
        await connection.open_events(step.events_url, self.machine.unfinished)
        job.is_read = True
        log.debug("%s: reading its stream", self.subject)

    async def _ask_to_join(self, job: Job) -> None:
        """Make the request that joins the queue."""
        job.at_work = True
        try:
            answer = await self._have_run(job.connection, Fetch(job.step.join))
        except SpaceChatError:
            job.at_work = False
            raise
        self._event_id = event_id(answer.body)
        self.machine = self._new_machine(job.step.reads)
        log.debug("%s: joined the queue of %s", self.subject, self._model)

    def _new_machine(self, reads: Reads) -> EventMachine:
        """Return the machine of the next event, which may go on with what the last one read."""
        return reads.machine(
            event_id=self._event_id or None, budget=self._budget, after=self.machine
        )

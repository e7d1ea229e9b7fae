"""The one loop that runs a script of steps: attempts, deadline, cancellation, recovery, closing.

It knows nothing of chats: `AsyncChatStream` is a thin face over it, and the client's other requests
use it, too. `portal.engine` has an engine of the same names for the blocking faces.
"""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeAlias, TypeVar, cast

from ..errors import SpaceChatError, StreamInterruptedError
from ..events import Event, File, Reasoning, Started, TextDelta, TextReset, Values
from ..log import log
from ..protocol import State
from ..settings import Settings
from ..steps import Script
from ..transport.kept import Kept
from .attempts import Attempts
from .clock import Clock
from .open_page import OpenPage
from .reply import Timings
from .runner import Runner
from .unexpected import as_ours, comes_from_server

_T = TypeVar("_T")
_ScriptT_co = TypeVar("_ScriptT_co", bound=Script[object], covariant=True)

Advise: TypeAlias = Callable[[SpaceChatError], Awaitable[None]]
"""Adds to an error what a person may do about it; may take a few seconds to find out."""


@dataclass(frozen=True)
class Outcome(Generic[_T]):
    """The result of a script that ran to its end.

    Attributes:
        value: What the script returned.
        text: The answer that the outputs gave; empty where they gave none.
        reasoning: The model's thoughts, without their titles.
        files: The files that came with it.
        timings: How long it took.
    """

    value: _T
    text: str
    reasoning: str
    files: tuple[File, ...]
    timings: Timings


class AsyncEngine(Generic[_ScriptT_co]):
    """Runs a script of steps for one task that reads its events.

    The class is long, since attempts, recovery and closing share its state; a third is docstrings.

    Args:
        script: The script.
        settings: The client's settings.
        fallbacks: Scripts to run where that one fails before it gives anything out.
        page: The page of the conversation that the question is part of, or None.
        kept: The connections that wait for the client's next request, or None.
        advise: Adds advice to the error that ends it, or None.

    Attributes:
        events: What happened and has not been read. The reader takes from it, and calls `advance`
            for more.
        outcome: The result, once the script has come to its end.
    """

    def __init__(
        self,
        script: _ScriptT_co,
        settings: Settings,
        *,
        fallbacks: Iterable[_ScriptT_co] = (),
        page: OpenPage | None = None,
        kept: Kept | None = None,
        advise: Advise | None = None,
    ) -> None:
        self.events: deque[Event] = deque()
        self.outcome: Outcome[object] | None = None
        self._settings = settings
        self._page = page
        self._kept = kept
        self._advise = advise
        self._clock = Clock()
        self._attempts = Attempts(script, fallbacks, settings.retries)
        self._resume_at = 0.0  # When the next attempt is made, by `time.monotonic`.
        self._runner: Runner[object] | None = None  # Of the newest attempt.
        self._files: list[File] = []
        self._closed = False

    @property
    def text(self) -> str:
        """The answer so far."""
        return "" if self._runner is None else self._runner.machine.text

    @property
    def previous_text(self) -> str:
        """The answer before the newest `TextReset`."""
        return "" if self._runner is None else self._runner.machine.previous_text

    @property
    def script(self) -> _ScriptT_co:
        """The script of the current attempt."""
        return self._attempts.script

    @property
    def state(self) -> str:
        """The state of the stream, in a word."""
        if self._closed:
            return "closed"
        return (State.WAITING if self._runner is None else self._runner.machine.state).value

    @property
    def is_connected(self) -> bool:
        """Whether a connection is open that has to be closed."""
        return self._runner is not None and self._runner.is_connected

    def open(self) -> None:
        """Check that there is something to read; nothing is requested before it is read.

        Raises:
            SpaceChatError: The stream was closed before its end.
        """
        if self._closed and self.outcome is None:
            raise SpaceChatError("This stream is closed: ask again.", partial_text=self.text)

    async def complete(self: AsyncEngine[Script[_T]]) -> Outcome[_T]:
        """Run the script to its end, drop its events, and return the result.

        Raises:
            SpaceChatError: It failed; the kind says why.
        """
        __tracebackhide__ = True
        while await self.advance():
            self.events.clear()
        if self.outcome is None:
            raise StreamInterruptedError(
                "The stream was closed before its end.", partial_text=self.text
            )
        return cast("Outcome[_T]", self.outcome)

    async def advance(self) -> bool:
        """Take one message from the Space, or one step towards it; False at the end.

        Raises:
            SpaceChatError: The script failed, and there is no other attempt.
        """
        __tracebackhide__ = True
        if self._closed:
            return False
        runner = self._runner
        job = None if runner is None else runner.job
        failure: BaseException | None = None
        if runner is None or job is None:
            failure = await self._guard(self._step())
            if failure is not None:
                raise failure
            return not self._closed or bool(self.events)
        machine = runner.machine
        data: bytes | None = None
        new: list[Event] = []
        error: BaseException | None = None
        try:
            data = await job.connection.next_data()
            new = machine.receive_eof() if data is None else machine.receive(data)
        except BaseException as exc:  # noqa: BLE001 - raised again, unless it may go on
            error = exc if data is None else as_ours(exc)
        if error is not None:
            if self._closed and isinstance(error, Exception):
                return False  # Closed by another task while this one waited.
            failure = await self._recover(error)
        elif new:
            self.events.extend(new)
            if self._clock.first_text is None:
                self._note(new)
        elif job.unsent is not None and machine.wants_inputs is not None:
            failure = await self._guard(runner.send_inputs(job, job.unsent, machine.wants_inputs))
        if error is None and failure is None and machine.finished:
            failure = await self._guard(self._end_job(runner))
        if failure is not None:
            raise failure
        return True

    async def aclose(self) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection.

        Takes no more than a few seconds, and is not itself cut short by cancellation.
        """
        self._clock.wake()  # It may wait for advice, after it has closed by itself.
        if self._closed:
            return
        self._closed = True
        await self._stop_attempt()

    async def leave(self, exc: BaseException | None) -> None:
        """Close at the end of a block.

        Args:
            exc: The error that ends the block, or None.
        """
        await self.aclose()

    def abandon(self, owner: object) -> None:
        """Complain, as the standard library does of a file, if a dropped face is still connected.

        Args:
            owner: The face.
        """
        if self.is_connected:
            warnings.warn(
                f"{owner!r} was dropped before its end; use it in an async with block, or "
                "aclose() it.",
                ResourceWarning,
                stacklevel=3,
                source=owner,
            )

    def forget_unread(self, read: str) -> None:
        """Be an engine that was closed early, if its end came before its reader was there.

        Args:
            read: The part of the answer that a reader in another thread has read.
        """
        if self.outcome is not None and self.outcome.text != read:
            self.outcome = None
            self.script.take_back()

    async def _guard(self, work: Awaitable[None]) -> BaseException | None:
        """Do some work; return the error that ends the stream, if one does."""
        error: BaseException | None = None
        try:
            await work
        except BaseException as exc:  # noqa: BLE001 - raised again, unless it may go on
            error = exc
        # Out here, an error on another way does not name this one as its context.
        if error is None or (self._closed and isinstance(error, Exception)):
            return None
        return await self._recover(error)

    async def _step(self) -> None:
        """Take the next step of the script, after the pause before another attempt."""
        self._clock.start(self._settings.timeout.total)
        pause, self._resume_at = self._resume_at - time.monotonic(), 0.0
        if pause > 0:
            await self._clock.sleep(pause)
            if self._closed:
                return
        runner = self._runner
        if runner is None or not runner.is_running:
            runner = self._begin_attempt()
        known = len(self.events)
        ended = await runner.step()
        self._note(islice(self.events, known, None))
        if ended:
            await self._end(runner)

    def _begin_attempt(self) -> Runner[object]:
        if self.script.model:
            log.debug("asking %s", self.script.model)
        self._files.clear()
        self._runner = Runner(
            self.script, self._settings, self._page, self._clock, self.events, kept=self._kept
        )
        return self._runner

    async def _end_job(self, runner: Runner[object]) -> None:
        """Go on with the script after the final output of an event."""
        if not runner.is_running:
            return  # Closed by another task in the very turn in which the last message came.
        log.debug("%s: complete", runner.subject)
        if runner.end_job():
            await self._end(runner)

    async def _end(self, runner: Runner[object]) -> None:
        machine = runner.machine
        last = machine.finish()
        self.script.complete(machine.text)
        self.events.extend(last)
        if self._clock.first_text is None:
            self._note(last)
        self.outcome = Outcome(
            runner.value,
            machine.text,
            machine.reasoning,
            tuple(self._files),
            self._clock.timings(),
        )
        await self.aclose()

    async def _recover(self, exc: BaseException) -> BaseException | None:
        """Prepare another way after an error, or close and return the error to raise.

        There are two other ways: the script may have one, which begins with the step that it
        yields for the error, and another attempt begins a script anew. Neither is gone here. The
        next `advance` does that, so that a failure on the other way is another turn of the
        reader's loop and no call within this one, however many failures follow each other.

        The loop ends. A script has finitely many steps, since it calls each function of an app
        once. An attempt is counted, up to the client's retries, or takes one of the fallbacks,
        which are finitely many and begin that count anew.
        """
        if comes_from_server(exc):
            exc = as_ours(exc)
        runner = self._runner
        retrying = None
        if isinstance(exc, SpaceChatError):
            exc.partial_text = exc.partial_text or self.text
            if runner is not None and runner.is_running:
                try:
                    ended = runner.recover(exc)
                except SpaceChatError as raised:
                    exc = raised
                else:
                    return await self._guard(self._end(runner)) if ended else None
            if runner is not None and runner.may_have_run and self.script.once:
                exc.may_have_run = True
            retrying = self._attempts.after(exc, self._clock.left)
        kind = type(exc).__name__
        subject = "request" if runner is None else runner.subject
        if retrying is None:
            log.debug("%s: ended by %s", subject, kind)
            await self.aclose()
            return await self._final_error(exc)
        whom = retrying.model or "again"
        log.info("%s: %s; asking %s in %.1f s", subject, kind, whom, retrying.delay)
        self.events.append(retrying)
        self._resume_at = time.monotonic() + retrying.delay
        await self._stop_attempt()
        return None

    async def _final_error(self, exc: BaseException) -> BaseException:
        """Return the error to raise for the one that has ended the last attempt."""
        if not isinstance(exc, SpaceChatError):
            return exc
        error = self._attempts.final_error(exc)
        if self._advise is not None:
            await self._clock.spend_on(self._advise(error))
        return error

    async def _stop_attempt(self) -> None:
        if self._runner is not None:
            await self._runner.stop()

    def _note(self, new: Iterable[Event]) -> None:
        """Note when the work and the answer begin, and the files that come with it."""
        for event in new:
            if isinstance(event, Started):
                self._log("started")
                self._attempts.begun = True
                self._clock.queued = self._clock.elapsed
            elif isinstance(event, TextDelta | TextReset | Reasoning | Values):
                self._attempts.begun = self._attempts.answered = True
                if not isinstance(event, Reasoning):
                    self._log("first value" if isinstance(event, Values) else "first text")
                    self._clock.first_text = self._clock.elapsed
            elif isinstance(event, File):
                self._files.append(event)

    def _log(self, what: str) -> None:
        if self._runner is not None:
            log.debug("%s: %s", self._runner.subject, what)

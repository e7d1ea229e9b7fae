"""The stream of one answer: connection in, state machine, events out.

There is one stream loop, `AsyncChatStream._advance`; providers only say what to request.
"""

from __future__ import annotations

import contextlib
import math
import time
import traceback
import warnings
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import anyio
import msgspec

from .. import markup
from ..errors import (
    ProtocolError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamInterruptedError,
    StreamTimeoutError,
    without_frames,
)
from ..events import (
    Event,
    File,
    Reasoning,
    Retrying,
    Started,
    TextDelta,
    TextReset,
    names_and_urls,
)
from ..log import log
from ..messages import Conversation
from ..protocol import Budget, StreamMachine
from ..protocol.failures import plain_text
from ..protocol.transcript import new_text
from ..settings import Settings
from ..steps import (
    ClosePage,
    Connect,
    Exchange,
    Fetch,
    Generate,
    KeepPageOpen,
    Pause,
    ProviderInfo,
    Request,
    Save,
    Show,
    Step,
    Steps,
    Tell,
)
from ..transport.connection import CLOSING, Connection
from .attempts import delay_before
from .open_page import OpenPage

_ID = 64
"""Characters of an event's id that a log record holds; Gradio's have 32."""


@dataclass(frozen=True)
class Timings:
    """How long the parts of an answer took, in seconds since it was asked for.

    Attributes:
        queued: Until the Space began to work, or None where it doesn't tell.
        first_text: Until the first text came, or None where none did.
        total: Until the answer was complete.
    """

    queued: float | None
    first_text: float | None
    total: float


@dataclass(frozen=True)
class Reply:
    """A complete answer.

    Attributes:
        text: The answer.
        model: The resolved name of the model.
        provider: The provider class that asked for it.
        conversation: What a follow-up needs.
        reasoning: The model's thoughts, without their titles; empty where it gave none.
        timings: How long it took.
        files: The files that came with it; nothing of them has been downloaded.
    """

    text: str
    model: str
    provider: type[ProviderInfo]
    conversation: Conversation
    reasoning: str
    timings: Timings
    files: tuple[File, ...] = ()

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return markup.answer(self.text, self.reasoning, files=names_and_urls(self.files))


class _Joined(msgspec.Struct):
    event_id: str


class AsyncChatStream:
    """An answer as it comes; an async context manager and an async iterator of its text.

    Leaving the `async with` block early, `aclose`, an error and cancellation all tell the Space to
    stop and free the connection. Without the block, reading to the end does the same.

    Entering the block waits for nothing. Waking the Space, sending files and waiting in the queue
    happen while the stream is read; each is an event as it happens, and an error is raised there.

    A stream is read once, by one task.
    """

    def __init__(
        self,
        exchange: Exchange,
        settings: Settings,
        *,
        fallbacks: Sequence[Exchange] = (),
        page: OpenPage | None = None,
    ) -> None:
        self._exchange = exchange
        self._fallbacks = deque(fallbacks)
        self._settings = settings
        self._page = page
        self._place: Connect | None = None
        self._event_id = ""
        self._budget = Budget()
        self._machine = StreamMachine()
        self._connection: Connection | None = None
        self._steps: Steps[None] | None = None
        self._next: Step | None = None
        self._outcome: object = None  # What came of the last step, for the next.
        self._generate: Generate | None = None  # The event whose stream is being read.
        self._unsent: Request | None = None  # What the stream will ask for.
        self._events: deque[Event] = deque()
        self._at_work = False  # The Space may be working, and wants to be told if it is in vain.
        self._begun = False  # The Space says that it works, or has given something out.
        self._answered = False  # It has given out some of the answer.
        self._attempt = 0
        self._errors: list[SpaceChatError] = []
        self._deadline = math.inf
        self._closed = False
        self._resume_at = 0.0  # When another attempt is made, and the wait for that.
        self._pause: anyio.CancelScope | None = None
        self._asked_at = 0.0
        self._queued: float | None = None
        self._first_text: float | None = None
        self._files: list[File] = []
        self._reply: Reply | None = None

    def __del__(self) -> None:
        if self._connection is not None:
            warnings.warn(
                f"{self!r} was dropped before its end; use it in an async with block, or "
                "aclose() it.",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )

    def __reduce__(self) -> NoReturn:
        raise TypeError("A live stream can't be pickled; its reply and its conversation can.")

    def __repr__(self) -> str:
        state = "closed" if self._closed else self._machine.state.value
        return f"<{type(self).__name__} model={self._exchange.model!r} {state}>"

    def _repr_markdown_(self) -> str:
        return markup.unfinished(repr(self), self.text)

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._machine.text

    @property
    def conversation(self) -> Conversation:
        """The session and its messages; the answer is added when it is complete."""
        return self._exchange.conversation

    def events(self) -> AsyncIterator[Event]:
        """Return an iterator over everything that happens, as typed events.

        Raises:
            SpaceChatError: While iterating: the answer can't be had; the kind says why.
        """
        return _Events(self)

    async def reply(self) -> Reply:
        """Read to the end and return the whole answer.

        Raises:
            SpaceChatError: The answer can't be had; the kind says why, and `partial_text` holds
                what had come.
        """
        while await self._advance():
            self._events.clear()
        if self._reply is None:
            raise StreamInterruptedError(
                "The stream was closed before the answer was complete.", partial_text=self.text
            )
        return self._reply

    async def aclose(self) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection.

        Takes no more than two seconds, and is not itself cut short by cancellation.
        """
        if self._closed:
            return
        self._closed = True
        if self._pause is not None:
            self._pause.cancel()
        await self._disconnect()

    @property
    def _subject(self) -> str:
        """What a log record is about. An event's id is the server's, and may hold anything."""
        if self._event_id:
            return f"event {ascii(self._event_id[:_ID])[1:-1]}"
        return f"question to {self._exchange.model}" if self._exchange.model else "request"

    def _forget_unread(self, read: str) -> None:
        """Be a stream that was left early, where its end came but its reader was not there yet.

        Args:
            read: What a reader in another thread has read of the answer.
        """
        if self._reply is not None and self._reply.text != read:
            self._reply = None
            self._exchange.conversation.messages.pop()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        at_work, self._at_work = self._at_work, False
        generate, self._generate = self._generate, None
        steps, self._steps, self._next = self._steps, None, None
        if steps is not None:
            steps.close()
        if connection is None:
            return
        with anyio.CancelScope(shield=True):
            try:
                if at_work and generate is not None and not self._machine.finished:
                    log.debug("%s: cancelling", self._subject)
                    with anyio.move_on_after(CLOSING):
                        # Gradio before 6 takes an event out of its queue only when it sees the
                        # reader go. Told to cancel while there is one, it ends the stream instead,
                        # and does the work later, for nobody.
                        await connection.close_events()
                        await self._cancel(connection, generate.cancel)
            finally:  # asyncio's own cancel() goes through shields.
                with anyio.move_on_after(CLOSING):
                    await connection.aclose()

    async def __aenter__(self) -> AsyncChatStream:
        if self._closed and self._reply is None:
            raise SpaceChatError("This stream is closed: ask again.", partial_text=self.text)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        while True:
            while self._events:
                event = self._events.popleft()
                text = event.text if type(event) is TextDelta else self.new_text(event)
                if text:
                    return text
            if not await self._advance():
                raise StopAsyncIteration

    async def next_event(self) -> Event:
        """Return the next event.

        Raises:
            StopAsyncIteration: There is none.
            SpaceChatError: The answer can't be had; the kind says why.
        """
        while not self._events:
            if not await self._advance():
                raise StopAsyncIteration
        return self._events.popleft()

    def new_text(self, event: Event) -> str:
        """Return the text that an event adds for somebody who can't take back what was shown."""
        return new_text(event, self._machine.transcript.previous_text)

    async def _advance(self) -> bool:
        """Take one message from the Space, or one step towards it; False at the end."""
        if self._closed:
            return False
        connection = self._connection
        failure: BaseException | None = None
        if connection is None or self._generate is None:
            failure = await self._guard(self._step())
            if failure is not None:
                raise failure
            return not self._closed or bool(self._events)
        machine = self._machine
        data: bytes | None = None
        found: list[Event] = []
        error: BaseException | None = None
        try:
            data = await connection.next_data()
            found = machine.receive_eof() if data is None else machine.receive(data)
        except BaseException as exc:  # noqa: BLE001 - raised again, unless it may go on
            error = exc if data is None else _typed(exc)
        if error is not None:
            if self._closed and isinstance(error, Exception):
                return False  # Closed by another task while this one waited.
            failure = await self._recover(error)
        elif found:
            self._events.extend(found)
            if self._first_text is None:
                self._take_note(found)
        elif self._unsent is not None and machine.wants_inputs is not None:
            failure = await self._guard(self._send_inputs(connection, machine.wants_inputs))
        if error is None and failure is None and machine.finished:
            failure = await self._guard(self._end_event())
        if failure is not None:
            raise failure
        return True

    async def _guard(self, work: Awaitable[None]) -> BaseException | None:
        """Do some work; return the error that ends the stream, if one does."""
        error: BaseException | None = None
        try:
            await work
        except BaseException as exc:  # noqa: BLE001 - raised again, unless it may go on
            error = exc
        # Out here, what goes wrong on another way is not told as a consequence of this.
        if error is None or (self._closed and isinstance(error, Exception)):
            return None
        return await self._recover(error)

    async def _step(self) -> None:
        """Take the next step of the exchange, after the pause before another attempt."""
        now = time.monotonic()
        if not self._asked_at:
            self._asked_at = now
            total = self._settings.timeout.total
            self._deadline = math.inf if total is None else now + total
        pause, self._resume_at = self._resume_at - now, 0.0
        if pause > 0:
            await self._sleep(pause)
            if self._closed:
                return
        if self._steps is None:
            self._event_id = ""
            self._budget = Budget(self._settings.limits, brought=self._exchange.brought)
            log.debug("asking %s", self._exchange.model or "no model")
            self._machine = self._new_machine(None)
            self._files.clear()
            self._steps = self._exchange.steps(self._budget)
            self._outcome = None
        if self._next is None:
            await self._find_next(self._steps)
        step, self._next = self._next, None
        if step is not None:
            await self._take(step)

    async def _find_next(self, steps: Steps[None]) -> None:
        """Tell the exchange what came of the last step, and find out what is next."""
        outcome, self._outcome = self._outcome, None
        if not self._resume(lambda: steps.send(outcome)):
            await self._complete()

    def _resume(self, script: Callable[[], Step]) -> bool:
        """Let the exchange's script run to its next step; False at its end."""
        try:
            self._next = script()
        except StopIteration:
            return False
        except Exception as exc:  # noqa: BLE001 - raised again
            raise _typed(exc)  # noqa: B904 - its cause is set
        return True

    async def _take(self, step: Step) -> None:
        """Do what a step says, and keep its outcome for the next."""
        if isinstance(step, Tell):
            self._events.append(step.event)
            if isinstance(step.event, File):
                self._files.append(step.event)
        elif isinstance(step, Pause):
            await self._sleep(step.seconds)
        elif isinstance(step, Connect):
            await self._connect(step)
        elif isinstance(step, KeepPageOpen):
            if self._page is not None and self._place is not None:
                await self._page.stay(self._place, step, self._deadline)
        elif isinstance(step, ClosePage):
            if self._page is not None:
                await self._page.aclose()
        elif isinstance(step, Show):
            self._show(step)
        elif isinstance(step, Generate):
            await self._join(await self._free_connection(), step)
        elif isinstance(step, Save):
            await (await self._free_connection()).save(step)
        else:
            self._outcome = await (await self._free_connection()).fetch(step)

    def _show(self, step: Show) -> None:
        self._machine = self._new_machine(step, self._machine)
        try:
            found = self._machine.show(step.value)
        except Exception as exc:  # noqa: BLE001 - raised again
            raise _typed(exc)  # noqa: B904 - its cause is set
        self._events.extend(found)
        self._take_note(found)

    async def _free_connection(self) -> Connection:
        connection = self._connection
        if connection is None:
            raise StreamInterruptedError("The stream was closed.", partial_text=self.text)
        # A server that sees the reader of a stream go would drop the session's next event.
        await connection.end_events()
        return connection

    async def _sleep(self, seconds: float) -> None:
        if time.monotonic() + seconds > self._deadline:
            seconds = max(0.0, self._deadline - time.monotonic())
        with anyio.CancelScope() as self._pause:
            await anyio.sleep(seconds)

    async def _connect(self, step: Connect) -> None:
        before = self._connection
        self._place = step
        self._connection = Connection(
            step.url, self._settings, step.headers, self._deadline, self._budget
        )
        if before is not None:
            await before.aclose()

    async def _join(self, connection: Connection, step: Generate) -> None:
        self._event_id = ""
        self._unsent = None
        if step.asks_for_data:
            self._unsent = step.join
        else:
            self._at_work = True
            self._generate = step
            try:
                answer = await connection.fetch(Fetch(step.join))
            except SpaceChatError as exc:
                self._generate = None
                # Unless it was only slow, the Space refused the question or never got it.
                self._at_work = isinstance(exc, StreamTimeoutError) and not exc.temporary
                raise
            self._event_id = _event_id(answer.body)
            log.debug("%s: joined the queue of %s", self._subject, self._exchange.model)
        self._machine = self._new_machine(step, self._machine)
        if self._closed:
            return
        await connection.open_events(step.events_url)
        self._generate = step
        log.debug("%s: reading its stream", self._subject)

    async def _send_inputs(self, connection: Connection, event_id: str) -> None:
        """Send the inputs when the server asks for them, as the protocol `sse` has it."""
        if self._unsent is None:
            return
        request, self._unsent = self._unsent, None
        self._event_id = event_id
        self._at_work = True
        body = {**(request.body or {}), "event_id": event_id}
        await connection.fetch(Fetch(Request(request.url, body)))

    async def _end_event(self) -> None:
        """Go on after an event's final output, which is the outcome of its step."""
        log.debug("%s: complete", self._subject)
        self._generate = None
        self._at_work = False
        self._outcome = self._machine.outputs
        if self._steps is not None:
            # What follows is done when the events so far have been handed on.
            await self._find_next(self._steps)

    def _new_machine(
        self, step: Generate | Show | None, after: StreamMachine | None = None
    ) -> StreamMachine:
        return StreamMachine(
            output=step.output if isinstance(step, Generate) else None,
            event_id=self._event_id or None,
            since=() if step is None else step.since,
            after=after,
            answers=not isinstance(step, Generate) or step.answers,
            whole=False,
            only_chat=isinstance(step, Generate) and step.only_chat,
            budget=self._budget,
        )

    async def _recover(self, exc: BaseException) -> BaseException | None:
        """Prepare another way after an error, or close the stream and return the error to raise.

        There are two: the exchange's script may have one, which begins with the step that it
        yields for the error, and another attempt begins the script anew. Neither is gone here.
        The next `_advance` does that, so a failure on the other way is a turn of the reader's loop
        and no call within this one, however many follow each other.

        The loop ends. A script has finitely many steps, since it calls each function of an app
        once. An attempt is counted, up to the client's retries, or takes one of the fallbacks,
        which are finitely many and begin that count anew.
        """
        if _is_of_the_server(exc):
            exc = _typed(exc)
        retrying = None
        if isinstance(exc, SpaceChatError):
            exc.partial_text = exc.partial_text or self.text
            steps, failure = self._steps, exc
            if steps is not None:
                try:
                    has_next = self._resume(lambda: steps.throw(failure))
                except SpaceChatError as raised:
                    exc = raised
                else:
                    self._generate = None
                    self._at_work = False
                    return None if has_next else await self._guard(self._complete())
            retrying = self._retrying(exc)
        kind = type(exc).__name__
        if retrying is None:
            log.debug("%s: ended by %s", self._subject, kind)
            await self.aclose()
            return self._final(exc)
        whom = retrying.model or "again"
        log.info("%s: %s; asking %s in %.1f s", self._subject, kind, whom, retrying.delay)
        self._events.append(retrying)
        self._resume_at = time.monotonic() + retrying.delay
        await self._disconnect()
        return None

    def _retrying(self, exc: SpaceChatError) -> Retrying | None:
        """Return the next attempt, or None where there is none."""
        if self._answered:
            return None
        left = self._deadline - time.monotonic()
        delay = None
        if not self._begun and self._attempt < self._settings.retries:
            delay = delay_before(self._attempt + 1, exc)
        if delay is not None and delay < left:
            self._attempt += 1
        elif self._fallbacks and left > 0:
            self._errors.append(exc)
            self._exchange = self._fallbacks.popleft()
            self._attempt = 0
            delay = 0.0
        else:
            return None
        self._begun = False
        return Retrying(self._exchange.model, self._attempt, delay, str(exc))

    def _final(self, exc: BaseException) -> BaseException:
        """Return the error to raise: where several models were asked, one that names them all."""
        if not isinstance(exc, SpaceChatError):
            return exc
        if not self._errors or self._answered:
            return without_frames(exc)
        errors = (*self._errors, exc)
        told = SpaceUnavailableError(
            f"None of {len(errors)} models gave an answer: " + " | ".join(map(str, errors))
        )
        told.errors = errors
        told.__cause__ = exc
        return without_frames(told)

    async def _complete(self) -> None:
        machine = self._machine
        conversation = self._exchange.conversation
        conversation.messages.append({"role": "assistant", "content": machine.text})
        self._events.append(machine.completed())
        self._reply = Reply(
            text=machine.text,
            model=self._exchange.model,
            provider=self._exchange.provider,
            conversation=conversation,
            reasoning=machine.reasoning,
            timings=Timings(self._queued, self._first_text, time.monotonic() - self._asked_at),
            files=tuple(self._files),
        )
        await self.aclose()

    async def _cancel(self, connection: Connection, cancel: Request) -> None:
        body = {**(cancel.body or {}), "event_id": self._event_id}
        connection.extend(CLOSING)
        # Where it fails, closing the connection is the other way to say it.
        with contextlib.suppress(SpaceChatError):
            await connection.fetch(Fetch(Request(cancel.url, body)))

    def _take_note(self, found: list[Event]) -> None:
        """Note when the work and the answer begin."""
        now = time.monotonic() - self._asked_at
        for event in found:
            if isinstance(event, Started):
                log.debug("%s: started", self._subject)
                self._begun = True
                self._queued = now
            elif isinstance(event, TextDelta | TextReset | Reasoning):
                self._begun = self._answered = True
                if not isinstance(event, Reasoning):
                    log.debug("%s: first text", self._subject)
                    self._first_text = now


class _Events:
    """Iterates over a stream's events."""

    def __init__(self, stream: AsyncChatStream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._stream.next_event()

    async def aclose(self) -> None:
        await self._stream.aclose()


def _event_id(answer: bytes) -> str:
    try:
        return msgspec.json.decode(answer, type=_Joined).event_id
    except (msgspec.DecodeError, RecursionError) as exc:
        raise ProtocolError(
            f"The Space took the question with an answer that names no event ({exc}). "
            "It may be starting, or not be a Gradio app."
        ) from exc


def _is_of_the_server(exc: BaseException) -> bool:
    """Tell whether an error of no type of ours may come of what a server sent.

    What a caller does wrong shows at the connection as one of two others: an input that is no JSON
    as a `TypeError`, two tasks that read one stream as a `RuntimeError`.
    """
    if isinstance(exc, RecursionError):
        return True
    return isinstance(exc, Exception) and not isinstance(exc, TypeError | RuntimeError)


def _typed(exc: BaseException) -> BaseException:
    """Return the error for what nobody expected while a server's words were read."""
    if isinstance(exc, SpaceChatError) or not isinstance(exc, Exception):
        return exc
    place = "".join(
        f" at {Path(frame.f_code.co_filename).name}:{line}"
        for frame, line in deque(traceback.walk_tb(exc.__traceback__), maxlen=1)
    )
    said = plain_text(str(exc)) or "no reason given"
    error = ProtocolError(
        f"What the Space sent could not be read: {type(exc).__name__}{place} ({said}). Either it "
        "is not what a Gradio server sends, or spacechat has an error, which its authors would "
        "like to know of."
    )
    error.__cause__ = exc
    return error

"""The state machine: which message means what for an event, and when.

Theory of operation
===================

A Gradio server answers a request with a stream of messages about one *event*, which its `event_id`
tells apart from the other events of the session. Each message is a JSON text, the data of one
server-sent event. The machine takes these texts one by one and returns the events that each causes
for the reader of the answer. It does no I/O and knows no clock, so every order of messages that a
server could send can be tested without a server.

A message goes through this package in one direction:

    bytes -> decoding -> machine -> view (answer) -> transcript -> events
              (wire)             |   (edits, reading)               ^
                                 +-> view (values) -----------------+

- `decoding` turns the data into one of the typed messages of `wire`.
- `machine` decides whether the message is about this event and means anything in the present
  state, and hands the entries of the outputs to the view.
- A view keeps what it needs of the outputs' values and says what is new. `answer` reads a chat's
  text out of one of them, `values` gives out the values of all; the theory of each is at the top
  of its file. `stream` and `values` have the machines that put control and view together.

**States.** `TRANSITIONS` is the whole control flow: for each state, the messages that mean
something in it, and the state that each leads to. The machine ignores a message that is in no row
of its state: it is late, or repeated. A message of a kind that `wire` does not know is no error
either, since every Gradio release adds some. Three states are final, and no row leads out of them.
So an answer is completed once and a failure is raised once, whatever follows.

**Failures.** A failed message, a broken one and an early end of the stream raise an error, which
carries the text so far. After any error the state is final. A message is handled before the state
changes, so a completion that can't be read leaves the machine interrupted, and not completed.

**Bounds.** The decoder keeps one message at the most, and the view one value. `budget` bounds their
size and the work that messages make.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from .. import events
from ..errors import QueueFullError, SpaceChatError, StreamInterruptedError
from . import wire
from .budget import Budget
from .decoding import Decoder
from .failures import failure, plain_text
from .outputs import Outputs, completed


class State(enum.Enum):
    """The machine's states."""

    WAITING = "waiting"
    """No message has arrived yet."""
    QUEUED = "queued"
    """The event has a place in the queue."""
    RUNNING = "running"
    """The Space works on the event and has sent no output."""
    STREAMING = "streaming"
    """The Space has sent output."""
    COMPLETED = "completed"
    """The Space has sent the final output: the text is the whole answer."""
    FAILED = "failed"
    """The Space reported a failure."""
    INTERRUPTED = "interrupted"
    """The stream ended, or broke the protocol, before either."""


# Enum's own hash is a Python function, which takes a tenth of the machine's time.
setattr(State, "__hash__", object.__hash__)  # noqa: B010 - type checkers mind an assignment


class Failure:
    """The table's entry for a message whose `success` is false."""


class EndOfStream:
    """The table's entry for the end of the connection."""


_UNTIL_OUTPUT = {
    wire.SendData: None,
    wire.ProgressMessage: None,
    wire.LogMessage: None,
    wire.ProcessGenerating: State.STREAMING,
    wire.ProcessCompleted: State.COMPLETED,
    Failure: State.FAILED,
    wire.UnexpectedError: State.FAILED,
    wire.QueueFull: State.FAILED,
    wire.CloseStream: State.INTERRUPTED,
    EndOfStream: State.INTERRUPTED,
}

TRANSITIONS: Mapping[State, Mapping[type, State | None]] = MappingProxyType(
    {
        State.WAITING: {
            wire.Estimation: State.QUEUED,
            wire.ProcessStarts: State.RUNNING,
            **_UNTIL_OUTPUT,
        },
        State.QUEUED: {
            wire.Estimation: None,
            wire.ProcessStarts: State.RUNNING,
            **_UNTIL_OUTPUT,
        },
        State.RUNNING: _UNTIL_OUTPUT,
        State.STREAMING: _UNTIL_OUTPUT | {wire.ProcessGenerating: None},
        State.COMPLETED: {},
        State.FAILED: {},
        State.INTERRUPTED: {},
    }
)
"""For each state, the messages that mean something in it and the next state (None: the same)."""


class View(Protocol):
    """Reads events out of a function's outputs.

    A message has one entry for each output: its value (a snapshot), or the edits that lead to its
    value from the one before.

    Attributes:
        place: The output and the place in it where the newest text sits, if the newest message is
            a snapshot and the next one may add to that text. The machine passes it on to the
            decoder and sets it back to None.
    """

    place: tuple[int, list[Any]] | None

    @property
    def text(self) -> str:
        """The answer so far, which an error carries as `partial_text`."""
        ...

    def update(self, data: list[Any], /) -> list[events.Event]:
        """Apply the entries of an intermediate message; return the events that they cause."""
        ...

    def complete(self, data: list[Any], /) -> list[events.Event]:
        """Apply the final value of each output; return the events that it causes."""
        ...


class EventMachine:
    """Turns the SSE data of one event into typed events.

    Args:
        view: Reads the outputs.
        event_id: The event to listen to; messages about others are ignored. None: the first event
            that a message names.
        budget: Bounds what the event may cost.

    Attributes:
        state: The present state.
        outputs: What the function returned; empty before the machine has completed.
        wants_inputs: The event id with which the server asks for the inputs, or None if it hasn't
            asked.
        unfinished: What an error in the middle says of when it came, and of where the rest is.
        advice: What to do about a failure that says nothing of its reason.
    """

    unfinished: ClassVar[str] = (
        "before the answer was complete; the partial answer is in partial_text"
    )
    advice: ClassVar[str] = "Ask again, or try another model."

    def __init__(self, view: View, *, event_id: str | None, budget: Budget) -> None:
        self.state: State = State.WAITING
        self.outputs: Outputs = Outputs()
        self.wants_inputs: str | None = None
        self._view = view
        self._event_id = event_id
        self._budget = budget
        self._decoder = Decoder()

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._view.text

    @property
    def reasoning(self) -> str:
        """The thoughts so far; empty where the view reads none."""
        return ""

    @property
    def previous_text(self) -> str:
        """The answer as it was before the newest `TextReset`; empty where none is read."""
        return ""

    def finish(self) -> list[events.Event]:
        """End the answer, which may be made by several events; return the last events."""
        return [events.Completed(self.text)]

    def show(self, value: Any) -> list[events.Event]:
        """Apply a final value that no event's stream brought; return the events that it causes."""
        raise NotImplementedError

    @property
    def finished(self) -> bool:
        """Whether the state is final: nothing that follows changes anything."""
        return not TRANSITIONS[self.state]

    def receive(self, data: str | bytes) -> list[events.Event]:
        """Read the data of one server-sent event; return the events that it causes.

        Args:
            data: A JSON text.

        Raises:
            GenerationError: The Space says that it failed.
            QuotaExceededError: The Space says that a GPU quota is used up.
            QueueFullError: The Space says that its queue is full.
            StreamInterruptedError: The Space ends the stream, or lost the session, before the
                answer is complete.
            ProtocolError: The data is not what a Gradio server sends.

        Every error carries the answer so far as `partial_text`.
        """
        row = TRANSITIONS[self.state]
        if not row:
            return []
        try:
            message = self._decoder.decode(data)
            if message is None:
                return []
            event_id = message.event_id
            if event_id != self._event_id and not self._is_ours(event_id):
                return []
            kind: type = type(message)
            if getattr(message, "success", True) is False:
                kind = Failure
            if kind not in row:
                return []
            self._budget.received += len(data)
            caused = _HANDLERS[kind](self, message)
            if isinstance(message, wire.ProcessCompleted):
                self.outputs = completed(message.output.data or (), data)
            place = self._view.place
            if place is not None:
                self._view.place = None
                self._decoder.expect_more(data, *place)
        except SpaceChatError as exc:
            exc.partial_text = self.text
            if not self.finished:
                self.state = State.INTERRUPTED
            raise
        self.state = row[kind] or self.state
        return caused

    def receive_eof(self) -> list[events.Event]:
        """Handle the end of the stream; return the events that it causes, which are none.

        Raises:
            StreamInterruptedError: The answer is not complete.
        """
        if EndOfStream in TRANSITIONS[self.state]:
            self.state = State.INTERRUPTED
            raise StreamInterruptedError(
                f"The stream ended {self.unfinished}. A cut stream can't be resumed. {self.advice}",
                partial_text=self.text,
                temporary=True,
            )
        return []

    def _is_ours(self, event_id: str | None) -> bool:
        """Return whether a message is about this event; adopt the first event that is named."""
        if self._event_id is None:
            self._event_id = event_id
        return event_id is None or event_id == self._event_id

    def _at_end(self) -> list[events.Event]:
        """Return the events that follow those of the final outputs."""
        return []

    # The handlers, one for each kind of message. Each returns the events that the message causes.

    def _on_estimation(self, message: wire.Estimation) -> list[events.Event]:
        return [events.Queued(message.rank or 0, message.queue_size or 0, message.rank_eta)]

    def _on_send_data(self, message: wire.SendData) -> list[events.Event]:
        self.wants_inputs = message.event_id
        return []

    def _on_process_starts(self, message: wire.ProcessStarts) -> list[events.Event]:
        return [events.Started(message.eta)]

    def _on_progress(self, message: wire.ProgressMessage) -> list[events.Event]:
        return [
            events.Progress(bar.index, bar.length, bar.unit, bar.progress, bar.desc, depth)
            for depth, bar in enumerate(message.progress_data or ())
        ]

    def _on_log(self, message: wire.LogMessage) -> list[events.Event]:
        return [events.Log(message.level, plain_text(message.log), message.title)]

    def _on_generating(self, message: wire.ProcessGenerating) -> list[events.Event]:
        data = message.output.data
        return [] if data is None else self._view.update(data)

    def _on_completed(self, message: wire.ProcessCompleted) -> list[events.Event]:
        data = message.output.data
        if data is None:
            raise StreamInterruptedError(f"The event was cancelled at the Space {self.unfinished}.")
        return self._view.complete(data) + self._at_end()

    def _on_failure(
        self, message: wire.ProcessGenerating | wire.ProcessCompleted
    ) -> list[events.Event]:
        self.state = State.FAILED
        output = message.output
        title = output.title or getattr(message, "title", None)
        raise failure(output.error, title, self.advice)

    def _on_unexpected_error(self, message: wire.UnexpectedError) -> list[events.Event]:
        self.state = State.FAILED
        text = message.message or ""
        if message.session_not_found or "session not found" in text.lower():
            raise StreamInterruptedError(
                f"The Space no longer knows this session ({plain_text(text)}); it may have been "
                "restarted. Ask again.",
                temporary=True,
            )
        raise failure(text, None, self.advice)

    def _on_queue_full(self, _: wire.QueueFull) -> list[events.Event]:
        self.state = State.FAILED
        raise QueueFullError("The Space's queue is full. Ask again later.", temporary=True)

    def _on_end(self, _: wire.CloseStream) -> list[events.Event]:
        return self.receive_eof()


_HANDLERS: Mapping[type, Callable[[EventMachine, Any], list[events.Event]]] = MappingProxyType(
    {
        wire.Estimation: EventMachine._on_estimation,
        wire.SendData: EventMachine._on_send_data,
        wire.ProcessStarts: EventMachine._on_process_starts,
        wire.ProcessGenerating: EventMachine._on_generating,
        wire.ProcessCompleted: EventMachine._on_completed,
        wire.ProgressMessage: EventMachine._on_progress,
        wire.LogMessage: EventMachine._on_log,
        wire.UnexpectedError: EventMachine._on_unexpected_error,
        wire.QueueFull: EventMachine._on_queue_full,
        wire.CloseStream: EventMachine._on_end,
        Failure: EventMachine._on_failure,
    }
)

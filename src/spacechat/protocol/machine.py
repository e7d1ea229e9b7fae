"""The state machine that turns a Space's messages into events.

Theory of operation
===================

A Gradio server answers a request with a stream of messages about one *event* (told apart from
other events of the session by its `event_id`). Each message is a JSON text, the data of one
server-sent event. The machine takes these texts one by one and returns what each means to
somebody who waits for an answer. It does no I/O and knows no clock, so every order of messages
that a server could send can be tested without one.

**States.** `TRANSITIONS` is the whole of the control flow: for each state, the messages that mean
something in it and the state that each leads to. A message that stands in no row of its state is
late, repeated or of a kind that came later than this file: it is passed over. Three states are
final; nothing leads out of them, so an answer is completed once, whatever follows.

**The value.** While it generates, the server tells the value of each output component. In `sse_v1`
every message holds whole values (snapshots). From `sse_v2` on only the first does, and the later
ones hold edits. The machine keeps the value of one output, the one in which the answer is. It
tells snapshots and edits by their form: no chatbot's value and no text looks like a list of edits,
except the empty list, which it takes as "no change" unless the protocol is known to be `sse_v1`.
The last message, `process_completed`, always holds the whole final value.

**The text.** The events are derived from *values*, not from messages: what a value says is read
(`shapes.read`), and compared with what has been given out. Longer by a suffix: the suffix is a
`TextDelta`. Different: a `TextReset`. The same: nothing. So a snapshot that comes twice gives
nothing twice, the final value gives exactly the rest, a rewrite is told as one, and the sum of
the events is what the final value says, whatever came before. No rule looks at what a piece is:
"ha" after "ha" is one more "ha", and "[1]" is a text, since only an edit's place in the message
says which part of it is path and which is text. The blank line between two messages belongs to the
text of the later one, and comes with its first character: until there is one, nothing has to be
taken back where the message goes away again.

**The short cut.** Reading the value anew for every message would make a long answer cost the
square of its length. Nearly every message appends to the place where the newest text sits, which
`Reading.path` names. Such an edit is its own delta: it is kept with others (`_tail`), which
are joined into the value only when some other edit comes. The first of them in a message that was
empty brings the blank line before it, which is no part of the value. A snapshot that only adds to
the newest text is told as such an edit (`snapshots`). Everything else takes the long way. Since
that costs as much as the text is long, a server could send short edits that are dear to apply;
`budget` bounds the work, and what is kept.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from .. import events
from ..errors import QueueFullError, SpaceChatError, StreamInterruptedError
from . import wire
from .budget import Budget
from .decoding import Decoder
from .failures import failure, plain_text


class State(enum.Enum):
    """Where a machine is."""

    WAITING = "waiting"
    """Nothing has come yet."""
    QUEUED = "queued"
    """The event has a place in the queue."""
    RUNNING = "running"
    """The Space works on the event; no output has come."""
    STREAMING = "streaming"
    """Output has come."""
    COMPLETED = "completed"
    """The final output has come: the text is the whole answer."""
    FAILED = "failed"
    """The Space told a failure."""
    INTERRUPTED = "interrupted"
    """The stream ended, or broke the protocol, before either."""


# Enum's own is a Python function, and a tenth of what a message costs the machine.
setattr(State, "__hash__", object.__hash__)  # noqa: B010 - type checkers mind an assignment


class Failure:
    """Stands in the table for a message whose `success` is false."""


class EndOfStream:
    """Stands in the table for the end of the connection."""


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
"""For each state, the messages that it heeds and the state that each leads to (None: the same)."""


class View(Protocol):
    """What reads events out of a function's outputs.

    An entry of a message is an output's value, or the edits that lead to it from the one before.

    Attributes:
        place: After a snapshot, the output in which the newest text sits and the place there, if
            the next message may just add to that text. The machine sets it back to None.
    """

    place: tuple[int, list[Any]] | None

    @property
    def text(self) -> str:
        """The part of the answer that an error carries."""
        ...

    def update(self, data: list[Any], /) -> list[events.Event]:
        """Take the entries of a message that comes before the end; return the events."""
        ...

    def complete(self, data: list[Any], /) -> list[events.Event]:
        """Take the final value of each output; return the events."""
        ...


class EventMachine:
    """Turns the SSE data of one event into typed events.

    Args:
        view: What reads the outputs.
        event_id: The event to listen to; messages of others are passed over. None: the first
            event that a message names.
        budget: What the event may cost.

    Attributes:
        state: The state.
        outputs: The final value of each output, once the machine has completed.
        wants_inputs: The event id with which the server wants the inputs to be sent, or None where
            it hasn't asked for them.
    """

    def __init__(self, view: View, *, event_id: str | None, budget: Budget) -> None:
        self.state: State = State.WAITING
        self.outputs: Sequence[object] = ()
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
    def finished(self) -> bool:
        """Whether the state is final: nothing that follows changes anything."""
        return not TRANSITIONS[self.state]

    def receive(self, data: str | bytes) -> list[events.Event]:
        """Take the data of one server-sent event and return the events that it causes.

        Args:
            data: A JSON text.

        Raises:
            GenerationError: The Space says that it failed.
            QuotaExceededError: The Space says that a GPU quota is used up.
            QueueFullError: The Space says that its queue is full.
            StreamInterruptedError: The Space ends the stream, or lost the session, before the
                answer is complete.
            ProtocolError: The data is not what a Gradio server sends.

        Every error carries what had come of the answer as `partial_text`.
        """
        heeded = TRANSITIONS[self.state]
        if not heeded:
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
            if kind not in heeded:
                return []
            self._budget.received += len(data)
            caused = _HANDLERS[kind](self, message)
            place = self._view.place
            if place is not None:
                self._view.place = None
                self._decoder.expect_more(data, *place)
        except SpaceChatError as exc:
            exc.partial_text = self.text
            if not self.finished:
                self.state = State.INTERRUPTED
            raise
        self.state = heeded[kind] or self.state
        return caused

    def receive_eof(self) -> list[events.Event]:
        """Take note that the stream ended; return the events that this causes, which are none.

        Raises:
            StreamInterruptedError: The answer was not complete.
        """
        if EndOfStream in TRANSITIONS[self.state]:
            self.state = State.INTERRUPTED
            raise StreamInterruptedError(
                "The stream ended before the answer was complete; what had come is in "
                "partial_text. A cut stream can't be resumed: ask again.",
                partial_text=self.text,
                temporary=True,
            )
        return []

    def _is_ours(self, event_id: str | None) -> bool:
        """Tell whether a message is about this event, though it doesn't name it."""
        if self._event_id is None:
            self._event_id = event_id
        return event_id is None or event_id == self._event_id

    def _at_end(self) -> list[events.Event]:
        """Return the events that the end causes, after those of the final outputs."""
        return []

    # One handler per message, named in `_HANDLERS`. Each returns the events that it causes.

    def _on_estimation(self, message: wire.Estimation) -> list[events.Event]:
        return [events.Queued(message.rank or 0, message.queue_size or 0, message.rank_eta)]

    def _on_send_data(self, message: wire.SendData) -> list[events.Event]:
        self.wants_inputs = message.event_id
        return []

    def _on_process_starts(self, message: wire.ProcessStarts) -> list[events.Event]:
        return [events.Started(message.eta)]

    def _on_progress(self, message: wire.ProgressMessage) -> list[events.Event]:
        return [
            events.Progress(bar.index, bar.length, bar.unit, bar.progress, bar.desc)
            for bar in message.progress_data or ()
        ]

    def _on_log(self, message: wire.LogMessage) -> list[events.Event]:
        return [events.Log(message.level, plain_text(message.log), message.title)]

    def _on_generating(self, message: wire.ProcessGenerating) -> list[events.Event]:
        data = message.output.data
        return [] if data is None else self._view.update(data)

    def _on_completed(self, message: wire.ProcessCompleted) -> list[events.Event]:
        data = message.output.data
        if data is None:
            raise StreamInterruptedError(
                "The event was cancelled at the Space before the answer was complete; what had "
                "come is in partial_text."
            )
        self.outputs = data
        return self._view.complete(data) + self._at_end()

    def _on_failure(
        self, message: wire.ProcessGenerating | wire.ProcessCompleted
    ) -> list[events.Event]:
        self.state = State.FAILED
        output = message.output
        title = output.title or getattr(message, "title", None)
        raise failure(output.error, title, "")

    def _on_unexpected_error(self, message: wire.UnexpectedError) -> list[events.Event]:
        self.state = State.FAILED
        text = message.message or ""
        if message.session_not_found or "session not found" in text.lower():
            raise StreamInterruptedError(
                f"The Space no longer knows this session ({plain_text(text)}); it may have been "
                "restarted. Ask again.",
                temporary=True,
            )
        raise failure(text, None, "")

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

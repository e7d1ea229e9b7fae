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
from typing import Any

from .. import events
from ..errors import ProtocolError, QueueFullError, SpaceChatError, StreamInterruptedError
from . import edits, wire
from . import reading as shapes
from .budget import WORK_PER_PART, Budget
from .failures import failure, plain_text
from .snapshots import Snapshot
from .text import GrowingText, common_prefix


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

PROTOCOLS = ("sse_v1", "sse_v2", "sse_v2.1", "sse_v3")
"""The values of `config.protocol` whose streams the machine reads."""


class StreamMachine:
    """Turns the SSE data of one event into typed events.

    Args:
        output: Index of the output in which the answer is. None: the one that looks most like a
            chat, looked for in every snapshot.
        event_id: The event to listen to; messages of others are passed over. None: the first
            event that a message names.
        protocol: One of `PROTOCOLS`, or None where it isn't known; see the theory above.
        since: Entries at the beginning of a chat's value that had been there before the question;
            nothing in them is answer.
        after: The machine of an event that was before this one in a chain that makes one answer.
            Its texts are what has been given out so far.
        answers: Whether the outputs hold the answer. Where they don't, they are only kept.
        only_chat: Whether an output that is a text, and no chat, is an error.
        budget: What the event may cost: its texts, memory and work. None: what `Limits` allows.

    Attributes:
        state: Where the machine is.
        outputs: The final value of each output, once the machine has completed.
        previous_text: What `text` was before the newest `TextReset`.

    Raises:
        ValueError: `protocol` is none of `PROTOCOLS`.
    """

    def __init__(
        self,
        *,
        output: int | None = None,
        event_id: str | None = None,
        protocol: str | None = None,
        since: Sequence[object] = (),
        after: StreamMachine | None = None,
        answers: bool = True,
        only_chat: bool = False,
        budget: Budget | None = None,
    ) -> None:
        if protocol is not None and protocol not in PROTOCOLS:
            raise ValueError(
                f"The protocol {protocol!r} is unknown; there are {', '.join(PROTOCOLS)}."
            )
        self.state: State = State.WAITING
        self.outputs: Sequence[object] = ()
        self.previous_text: str = ""
        self._answers = answers
        self._only_chat = only_chat
        self._since = since
        self._start = 0
        self._output = output
        self._find_output = output is None
        self._event_id = event_id
        self._only_snapshots = protocol == "sse_v1"
        self._budget = budget = Budget() if budget is None else budget
        self._left = budget.answer
        self._rewritten_left = budget.answer
        self._value: Any = None
        self._has_value = False
        # The place of the newest text, and what was appended there since the value was joined.
        self._path: shapes.Path | None = None
        self._tail = GrowingText()
        self._took_snapshot = False
        self._snapshot: Snapshot | None = None  # The last message, if it was one.
        self._gap = ""  # What comes before the first text that is appended there.
        self._title: str | None = None  # Of the thought that this place is in.
        self._in_reasoning = False
        self._notes = False
        self._status: str | None = None
        self._answer: GrowingText = GrowingText() if after is None else after._answer
        self._thoughts: GrowingText = GrowingText() if after is None else after._thoughts
        self._titles: list[str | None] = [] if after is None else after._titles

    @property
    def text(self) -> str:
        """The answer so far."""
        return str(self._answer)

    @property
    def reasoning(self) -> str:
        """The thoughts so far."""
        return str(self._thoughts)

    @property
    def finished(self) -> bool:
        """Whether the machine is in a final state: nothing that follows will matter."""
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
            snapshot = self._snapshot
            message = wire.decode(data) if snapshot is None else self._after(snapshot, data)
            if message is None or not self._is_ours(message):
                return []
            kind: type = type(message)
            if getattr(message, "success", True) is False:
                kind = Failure
            if kind not in heeded:
                return []
            self._budget.received += len(data)
            found = _HANDLERS[kind](self, message)
            if self._took_snapshot:
                self._remember(data)
        except SpaceChatError as exc:
            exc.partial_text = self.text
            if not self.finished:
                self.state = State.INTERRUPTED
            raise
        self.state = heeded[kind] or self.state
        return found

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

    def show(self, value: object) -> list[events.Event]:
        """Take the value that the answer's output has got otherwise than by this event.

        Returns:
            The events that this causes.

        Raises:
            ProtocolError: The answer is too long.
        """
        self._budget.begin_message()
        self._value = value
        self._has_value = True
        self._tail.replace("")
        self._start = shapes.common_entries(self._since, value)
        return self._changes(final=True)

    def _is_ours(self, message: wire.Message) -> bool:
        event_id = message.event_id
        if event_id == self._event_id or event_id is None:
            return True
        if self._event_id is None:
            self._event_id = event_id
            return True
        return False

    def _after(self, snapshot: Snapshot, data: str | bytes) -> wire.Message | None:
        """Decode the message that follows a snapshot."""
        message = snapshot.extended(data) if isinstance(data, bytes) else None
        if message is not None:
            return message
        self._snapshot = None
        return wire.decode(data)

    def _remember(self, data: str | bytes) -> None:
        """Keep a snapshot in whose value the place of the newest text is known."""
        self._took_snapshot = False
        if self._path is not None and self._output is not None and isinstance(data, bytes):
            self._snapshot = Snapshot(data, self._output, self._path)

    # One handler per message, named in `_HANDLERS`. Each returns the events that it causes.

    def _on_estimation(self, message: wire.Estimation) -> list[events.Event]:
        return [events.Queued(message.rank or 0, message.queue_size or 0, message.rank_eta)]

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
        if data is None or not self._answers:
            return []
        piece = self._appended(data)
        if piece is None:
            self._budget.begin_message()
            self._take(data)
            return self._changes(final=False)
        if not piece:
            return []
        self._tail.append(piece)
        if self._gap:
            piece, self._gap = self._gap + piece, ""
        self._left -= len(piece)
        if self._left < 0:
            raise self._too_long()
        if self._in_reasoning:
            self._thoughts.append(piece)
            return [events.Reasoning(piece, self._title)]
        self._answer.append(piece)
        return [events.TextDelta(piece)]

    def _on_completed(self, message: wire.ProcessCompleted) -> list[events.Event]:
        data = message.output.data
        if data is None:
            raise StreamInterruptedError(
                "The event was cancelled at the Space before the answer was complete; what had "
                "come is in partial_text."
            )
        self.outputs = data
        found: list[events.Event] = []
        if self._answers:
            self._budget.begin_message()
            self._take_snapshot(data)
            found += self._changes(final=True)
        found.append(events.Completed(self.text, self.reasoning))
        return found

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

    # The value of the output, and what it says.

    def _appended(self, data: list[Any]) -> str | None:
        """Return the text that the message appends to the newest text if it does just that."""
        if self._path is None or self._output is None or self._output >= len(data):
            return None
        entry = data[self._output]
        if not isinstance(entry, list) or len(entry) != 1:
            return None
        edit = entry[0]
        if not isinstance(edit, list) or len(edit) != 3 or edit[0] != "append":
            return None
        piece = edit[2]
        if edit[1] != self._path or type(piece) is not str or (self._notes and "<" in piece):
            return None
        return piece

    def _take(self, data: list[Any]) -> None:
        """Bring the value up to date with a message's snapshot or edits."""
        if self._only_snapshots or not self._has_value or not self._has_edits(data):
            self._take_snapshot(data)
            self._took_snapshot = True
        else:
            self._take_edits(data)
        self._budget.check_value(self._value)

    def _take_edits(self, data: list[Any]) -> None:
        entry = data[self._index(data)]
        most = self._budget.edits
        if len(entry) > most:
            raise ProtocolError(
                f"The Space sent {len(entry)} edits in one message; the limit is {most}. limits= "
                "sets it."
            )
        if entry:
            self._join_tail()
            self._value = edits.apply(entry, self._value, self._budget.spend)

    def _has_edits(self, data: list[Any]) -> bool:
        """Tell whether the output's entry is a list of edits; an empty one looks like its others.

        Others may have edits of a kind that is not known here, which are not ours to read.
        """
        index = self._output or 0
        if index >= len(data):
            return False
        entry = data[index]
        return edits.is_edits(entry) and (bool(entry) or all(map(edits.is_edits, data)))

    def _take_snapshot(self, data: list[Any]) -> None:
        if self._find_output:
            self._output = shapes.find_output(data)
        self._value = data[self._index(data)]
        self._tail.replace("")
        if not self._has_value:
            self._has_value = True
            self._start = shapes.common_entries(self._since, self._value)

    def _index(self, data: list[Any]) -> int:
        index = self._output or 0
        if index >= len(data):
            raise ProtocolError(
                f"The Space sent {len(data)} outputs, but the answer should be in number "
                f"{index + 1}: it is not the app that was expected."
            )
        return index

    def _join_tail(self) -> None:
        piece = str(self._tail)
        if piece and self._path is not None:
            self._tail.replace("")
            joined = [["append", self._path, piece]]
            self._value = edits.apply(joined, self._value, self._budget.spend)

    def _changes(self, *, final: bool) -> list[events.Event]:
        """Return the events that lead from what had been given out to what the value says."""
        if shapes.is_unchanged(self._value):
            self._path = None
            return []
        if self._only_chat and isinstance(self._value, str):
            raise ProtocolError(
                "The Space sent a text where a chat should be: it is not the app that was expected."
            )
        self._join_tail()
        reading = shapes.read(self._value, self._start, final=final)
        self._budget.spend(WORK_PER_PART * reading.parts)
        self._left = self._budget.answer - len(reading.answer) - len(reading.reasoning)
        if self._left < 0:
            raise self._too_long()
        self._path = None if self._only_snapshots else reading.path
        self._gap = reading.gap
        self._in_reasoning = reading.in_reasoning
        self._title = reading.thoughts[-1].title if reading.in_reasoning else None
        self._notes = reading.notes
        found: list[events.Event] = []
        self._change_reasoning(reading.reasoning, reading.thoughts, found)
        if reading.status != self._status:
            self._status = reading.status
            if reading.status is not None:
                found.append(events.Status(reading.status))
        self._change_text(reading.answer, found)
        return found

    def _change_text(self, new: str, found: list[events.Event]) -> None:
        old = self.text
        self._budget.spend(len(old) + len(new))
        if new == old:
            return
        if new.startswith(old):
            piece = new[len(old) :]
            found.append(events.TextDelta(piece))
        else:
            self.previous_text = old
            found.append(events.TextReset(new))
        self._answer.replace(new)

    def _change_reasoning(
        self, new: str, thoughts: Sequence[shapes.Thought], found: list[events.Event]
    ) -> None:
        old = self.reasoning
        self._budget.spend(len(old) + len(new))
        known = len(new) if new == old else common_prefix(old, new)
        if known < len(old):
            self._rewritten_left -= len(new) - known
        # Thoughts have no event that takes some back. A reader that keeps all pieces would keep
        # every version of those that are rewritten without end.
        tells = self._rewritten_left >= 0
        titles = self._titles
        start = 0
        for index, (title, end) in enumerate(thoughts):
            piece = new[max(start, known) : end]
            if tells and (piece or (title is not None and title not in titles[index : index + 1])):
                found.append(events.Reasoning(piece, title))
            start = end
        self._titles = [thought.title for thought in thoughts]
        if new != old:
            self._thoughts.replace(new)

    def _too_long(self) -> ProtocolError:
        return ProtocolError(
            f"The answer has more than {self._budget.answer} characters. limits= sets how many it "
            "may have."
        )


_HANDLERS: Mapping[type, Callable[[StreamMachine, Any], list[events.Event]]] = MappingProxyType(
    {
        wire.Estimation: StreamMachine._on_estimation,
        wire.ProcessStarts: StreamMachine._on_process_starts,
        wire.ProcessGenerating: StreamMachine._on_generating,
        wire.ProcessCompleted: StreamMachine._on_completed,
        wire.ProgressMessage: StreamMachine._on_progress,
        wire.LogMessage: StreamMachine._on_log,
        wire.UnexpectedError: StreamMachine._on_unexpected_error,
        wire.QueueFull: StreamMachine._on_queue_full,
        wire.CloseStream: StreamMachine._on_end,
        Failure: StreamMachine._on_failure,
    }
)

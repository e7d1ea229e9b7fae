"""The view that reads an answer out of a function's outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import events
from ..errors import ProtocolError
from . import edits
from . import reading as shapes
from .budget import WORK_PER_PART, Budget
from .machine import EventMachine
from .text import GrowingText
from .transcript import Transcript

PROTOCOLS = ("sse_v1", "sse_v2", "sse_v2.1", "sse_v3")
"""The values of `config.protocol` whose streams the machine reads."""


class AnswerView:
    """Reads the text of an answer, and the model's thoughts, out of one of the outputs.

    Args:
        transcript: What has been given out so far.
        budget: What the event may cost.
        output: Index of the output in which the answer is. None: the one that looks most like a
            chat, looked for in every snapshot.
        since: Entries at the beginning of a chat's value that were there before the question;
            nothing in them is answer.
        only_chat: Whether an output that is a text, and no chat, is an error.
        only_snapshots: Whether no message holds edits.

    Attributes:
        place: See `View`.
    """

    def __init__(
        self,
        transcript: Transcript,
        budget: Budget,
        *,
        output: int | None = None,
        since: Sequence[object] = (),
        only_chat: bool = False,
        only_snapshots: bool = False,
    ) -> None:
        self.place: tuple[int, shapes.Path] | None = None
        self._transcript = transcript
        self._budget = budget
        self._output = output or 0
        self._find_output = output is None
        self._since = since
        self._start = 0  # The first entry of a chat's value that may be answer.
        self._only_chat = only_chat
        self._only_snapshots = only_snapshots
        self._value: Any = None
        self._has_value = False
        # The place of the newest text, and what was appended there since the value was joined.
        self._path: shapes.Path | None = None
        self._tail = GrowingText()
        self._gap = ""  # What comes before the first text that is appended there.
        self._in_reasoning = False
        self._title: str | None = None  # Of the thought that this place is in.
        self._notes = False
        self._status: str | None = None

    @property
    def text(self) -> str:
        """The answer so far."""
        return str(self._transcript.answer)

    def update(self, data: list[Any]) -> list[events.Event]:
        """Take the entries of a message that comes before the end; return the events.

        Raises:
            ProtocolError: They don't fit the value, or cost too much.
        """
        path = self._path
        if path is not None and self._output < len(data):
            # The short cut: a single edit that appends where the newest text sits.
            match data[self._output]:
                case [["append", where, str(piece)]] if where == path and not (
                    self._notes and "<" in piece
                ):
                    if not piece:
                        return []
                    self._tail.append(piece)
                    if self._gap:
                        piece, self._gap = self._gap + piece, ""
                    self._budget.answer_left -= len(piece)
                    if self._budget.answer_left < 0:
                        raise self._budget.answer_too_long()
                    if self._in_reasoning:
                        self._transcript.thoughts.append(piece)
                        return [events.Reasoning(piece, self._title)]
                    self._transcript.answer.append(piece)
                    return [events.TextDelta(piece)]
        return self._update_value(data)

    def complete(self, data: list[Any]) -> list[events.Event]:
        """Take the final value of each output; return the events.

        Raises:
            ProtocolError: There is no such output, or it costs too much.
        """
        self._budget.begin_message()
        self._take_snapshot(data)
        return self._changes(final=True)

    def show(self, value: object) -> list[events.Event]:
        """Take the final value that the output got otherwise than by an event; return the events.

        Raises:
            ProtocolError: The answer is too long.
        """
        self._budget.begin_message()
        self._value = value
        self._has_value = True
        self._tail.replace("")
        self._start = shapes.common_entries(self._since, value)
        return self._changes(final=True)

    # The value.

    def _update_value(self, data: list[Any]) -> list[events.Event]:
        self._budget.begin_message()
        snapshot = self._only_snapshots or not self._has_value or not self._has_edits(data)
        if snapshot:
            self._take_snapshot(data)
        else:
            self._take_edits(data)
        self._budget.check_value(self._value)
        changes = self._changes(final=False)
        if snapshot and self._path is not None:
            self.place = self._output, self._path
        return changes

    def _has_edits(self, data: list[Any]) -> bool:
        """Tell whether the output's entry is a list of edits; an empty one looks like its others.

        Others may have edits of a kind that is not known here, which are not ours to read.
        """
        if self._output >= len(data):
            return False
        entry = data[self._output]
        return edits.is_edits(entry) and (bool(entry) or all(map(edits.is_edits, data)))

    def _take_edits(self, data: list[Any]) -> None:
        entry = self._entry(data)
        self._budget.check_edits(len(entry))
        if entry:
            self._join_tail()
            self._value = edits.apply(entry, self._value, self._budget.spend)

    def _take_snapshot(self, data: list[Any]) -> None:
        if self._find_output:
            self._output = shapes.find_output(data)
        self._value = self._entry(data)
        self._tail.replace("")
        if not self._has_value:
            self._has_value = True
            self._start = shapes.common_entries(self._since, self._value)

    def _entry(self, data: list[Any]) -> Any:
        """Return the entry of the output in which the answer is."""
        if self._output >= len(data):
            raise ProtocolError(
                f"The Space sent {len(data)} outputs, but the answer should be in number "
                f"{self._output + 1}: it is not the app that was expected."
            )
        return data[self._output]

    def _join_tail(self) -> None:
        piece = str(self._tail)
        if piece and self._path is not None:
            self._tail.replace("")
            joined = [["append", self._path, piece]]
            self._value = edits.apply(joined, self._value, self._budget.spend)

    # What the value says.

    def _changes(self, *, final: bool) -> list[events.Event]:
        """Return the events that lead from what was given out to what the value says."""
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
        self._budget.check_answer(len(reading.answer) + len(reading.reasoning))
        self._path = None if self._only_snapshots else reading.path
        self._gap = reading.gap
        self._in_reasoning = reading.in_reasoning
        self._title = reading.thoughts[-1].title if reading.in_reasoning else None
        self._notes = reading.notes
        changes = self._transcript.change_thoughts(reading.reasoning, reading.thoughts)
        if reading.status != self._status:
            self._status = reading.status
            if reading.status is not None:
                changes.append(events.Status(reading.status))
        return changes + self._transcript.change_answer(reading.answer)


class _NoAnswer:
    """The view of an event whose outputs hold nothing of the answer: the machine keeps them."""

    def __init__(self, transcript: Transcript) -> None:
        self.place: tuple[int, shapes.Path] | None = None
        self._transcript = transcript

    @property
    def text(self) -> str:
        return str(self._transcript.answer)

    def update(self, _: list[Any]) -> list[events.Event]:
        return []

    complete = update


class StreamMachine(EventMachine):
    """Turns the SSE data of one event into typed events of an answer.

    Args:
        output: Index of the output in which the answer is. None: the one that looks most like a
            chat, looked for in every snapshot.
        event_id: The event to listen to; messages of others are passed over. None: the first
            event that a message names.
        protocol: One of `PROTOCOLS`, or None where it isn't known. Only in `sse_v1` an empty list
            is a value; elsewhere it is a list of no edits.
        since: Entries at the beginning of a chat's value that were there before the question;
            nothing in them is answer.
        after: The machine of the event before this one in a chain that makes one answer. Its texts
            are what was given out so far.
        answers: Whether the outputs hold the answer. Where they don't, they are only kept.
        whole: Whether the end of this event is the end of the answer, so that `Completed` comes
            with it.
        only_chat: Whether an output that is a text, and no chat, is an error.
        budget: What the event may cost: its texts, memory and work. None: what `Limits` allows.

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
        whole: bool = True,
        only_chat: bool = False,
        budget: Budget | None = None,
    ) -> None:
        if protocol is not None and protocol not in PROTOCOLS:
            raise ValueError(
                f"The protocol {protocol!r} is unknown; there are {', '.join(PROTOCOLS)}."
            )
        budget = Budget() if budget is None else budget
        self._whole = whole
        self.transcript: Transcript = Transcript(
            budget, None if after is None else after.transcript
        )
        self._answer = AnswerView(
            self.transcript,
            budget,
            output=output,
            since=since,
            only_chat=only_chat,
            only_snapshots=protocol == "sse_v1",
        )
        view = self._answer if answers else _NoAnswer(self.transcript)
        super().__init__(view, event_id=event_id, budget=budget)

    @property
    def reasoning(self) -> str:
        """The thoughts so far."""
        return str(self.transcript.thoughts)

    @property
    def previous_text(self) -> str:
        """What `text` was before the newest `TextReset`."""
        return self.transcript.previous_text

    def completed(self) -> events.Completed:
        """Return the event that ends the answer, which is `text` and `reasoning` now."""
        return self.transcript.completed()

    def show(self, value: object) -> list[events.Event]:
        """Take the final value that the answer's output got otherwise than by this event.

        Returns:
            The events that this causes.

        Raises:
            ProtocolError: The answer is too long.
        """
        return self._answer.show(value)

    def _at_end(self) -> list[events.Event]:
        return [self.completed()] if self._whole else []

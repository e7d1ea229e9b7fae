"""The machine of a chat's answer: the control of one event, with the view that reads an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import events
from .answer import AnswerView
from .budget import Budget
from .contents import Path
from .machine import EventMachine
from .responses import Response
from .transcript import Transcript

PROTOCOLS = ("sse_v1", "sse_v2", "sse_v2.1", "sse_v3")
"""The values of `config.protocol` whose streams the machine reads."""


class _NoAnswer:
    """The view of an event whose outputs hold nothing of the answer."""

    def __init__(self, transcript: Transcript) -> None:
        self.place: tuple[int, Path] | None = None
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
        output: Index of the output that holds the answer. None: the one that looks most like a
            chat, determined anew for every snapshot.
        event_id: The event to listen to; messages about others are ignored. None: the first event
            that a message names.
        protocol: One of `PROTOCOLS`, or None if it isn't known. Only in `sse_v1` an empty list is
            a value; elsewhere it is a list of no edits.
        since: Entries at the beginning of a chat's value that were there before the question, or
            the HTML that was; nothing in them is answer.
        question: The question, which HTML may repeat before the answer.
        after: The machine of the event before this one in a chain that makes one answer. This one
            goes on with its text.
        answers: Whether the outputs hold the answer. If they don't, they cause no events.
        whole: Whether the end of this event is the end of the answer, and causes `Completed`.
        only_chat: Whether an output that is a text, and no chat, is an error.
        is_html: Whether the output shows HTML, so that only its text is answer.
        response: Reads an output that is what a chat function said, before it is in a chatbot;
            None: it is none.
        budget: Bounds what the event may cost: its texts, memory and work. None: as `Limits` has
            it by default.

    Attributes:
        state: The present state.
        outputs: The final value of each output; empty before the machine has completed.
        wants_inputs: The event id with which the server asks for the inputs, or None if it hasn't
            asked.
        transcript: The answer as its reader knows it.

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
        question: str = "",
        after: StreamMachine | None = None,
        answers: bool = True,
        whole: bool = True,
        only_chat: bool = False,
        is_html: bool = False,
        response: Response | None = None,
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
            question=question,
            only_chat=only_chat,
            is_html=is_html,
            response=response,
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
        """The answer as it was before the newest `TextReset`."""
        return self.transcript.previous_text

    def finish(self) -> list[events.Event]:
        """End the answer; return the events that give out what waits, and `Completed`."""
        return self.transcript.finish()

    def show(self, value: object) -> list[events.Event]:
        """Apply a final value of the answer's output that no event's stream brought.

        Returns:
            The events that it causes.

        Raises:
            ProtocolError: The answer is too long.
        """
        return self._answer.show(value)

    def _at_end(self) -> list[events.Event]:
        return self.finish() if self._whole else []


@dataclass(frozen=True)
class ReadAnswer:
    """Reads an answer out of the outputs; see `Reads`.

    Attributes:
        output: Index of the output that holds the answer, or None to look for it.
        answers: Whether the outputs are shown as the answer.
        since: Entries at the beginning of a chat's value that are older than the question, or the
            HTML that is.
        question: The question, which HTML may repeat before the answer.
        only_chat: Whether an output that is no chat means that the Space has changed.
        is_html: Whether the output shows HTML, so that only its text is answer.
        response: Reads an output that is what a chat function said, before it is in a chatbot;
            None: it is none.
    """

    output: int | None = None
    answers: bool = True
    since: Sequence[object] = ()
    question: str = field(default="", repr=False)
    only_chat: bool = False
    is_html: bool = False
    response: Response | None = None

    def machine(
        self, *, event_id: str | None, budget: Budget, after: EventMachine | None = None
    ) -> StreamMachine:
        """Return a machine for one event, which goes on with the answer of the one before."""
        return StreamMachine(
            output=self.output,
            event_id=event_id,
            since=self.since,
            question=self.question,
            after=after if isinstance(after, StreamMachine) else None,
            answers=self.answers,
            only_chat=self.only_chat,
            is_html=self.is_html,
            response=self.response,
            budget=budget,
            whole=False,
        )

"""The view that reads an answer out of a function's outputs.

Theory of operation
===================

**From values to text.** The view keeps the value of one output, the one that holds the answer. In
`sse_v1` every message brings the whole value of each output, a *snapshot*. From `sse_v2` on the
first message brings snapshots and the later ones *edits*. The view tells them apart by their form:
no chat's value and no text looks like a list of edits. The empty list does; it counts as "no
change" unless the protocol is known to be `sse_v1`. The last message, `process_completed`, always
brings the final value of each output.

The events are derived from values, and never from messages. `reading.read` says what text a value
holds, wherever it sits. The piece at its end that may be a cursor waits (`cursors`), and
`Transcript` compares the rest with the text that the reader has:

- the same text: no event;
- a longer text that begins with the old one: a `TextDelta` with the rest;
- any other text: a `TextReset` with the whole of it.

**Why no character is lost, repeated or invented.** Let `t` be the result of applying all events so
far, in their order. *Invariant:* after each message, `t` is the text of the present value, without
what waits at its end. At the start both are empty. By the three rules, the invariant holds after
every message, whatever the message brought and whatever came before it. The final value is a value
like any other, and then nothing waits, so at the end `t` is its text: a snapshot that comes twice
adds nothing, a character that one message left out comes with a later one, a rewrite is one
`TextReset`. None of this depends on a guess about a piece; a guess decides no more than when it
comes. "ha" after "ha" is one more "ha", and "[1]" is text, since only its place in an edit says
which part of the edit is path and which is text.

Where `reading` says less than the page shows, it does so on purpose: while an answer may turn out
to end in a note, the beginning of the note is held back, until the final value decides. And a value
that says "unchanged" is no value: the text stays as it is.

The blank line between two messages belongs to the later one, and comes with its first character. So
an empty message adds no text, and nothing has to be taken back if that message goes away again.

**A value that never came.** Gradio keeps what it last sent of a running function under the address
of its generator, and never forgets that of a function that doesn't go through the queue. So a later
function of the session may be taken for that one, and begin with edits to a value that nobody got.
They are applied where they fit nothing or an empty chat, as a replacement of the whole does, and
ignored until then. The final value makes up for all of them.

**The short cut.** Reading the whole value for every message would make an answer cost the square
of its length. But nearly every message has a single edit, which appends to the newest text, whose
place the last reading named (`Reading.path`). Such an edit is its own delta. `update` gives it out
and keeps it in `_tail`, instead of appending it to the value. The invariant is then about the value
with the tail joined to it. It holds, since

- the tail only grows at `_path`. Before the value changes in any other way, or is read again, the
  tail is joined to it; a snapshot replaces both;
- text appended at `_path` continues the answer or the thoughts, and changes nothing else that the
  value says: `Reading.path` promises this;
- the first text of a message goes the long way, and so does every text while a piece of it waits;
- a piece may wait if it ends in one of the marks of `_end`, and goes the long way;
- where the text may be the beginning of a note (`_notes`), a piece with a `<` goes the long way;
- where line breaks at the end are not shown (`_breaks`), they wait in `_waiting` for the next
  piece. Where another line may change those before it, a piece with a line break goes the long way;
  and so does one with a tab.

A snapshot that only adds text arrives as an edit, too (`decoding`). Everything else goes the long
way, at a cost that grows with the value. A server could send short edits that all go that way;
`budget` bounds their work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from .. import events
from ..errors import ProtocolError
from . import edits
from .budget import WORK_PER_PART, Budget
from .contents import Path
from .html_reading import HtmlReader
from .reading import Reading, common_entries, find_output, is_unchanged, read
from .responses import Response
from .text import GrowingText
from .transcript import Transcript

_MOST_WAITING = 1000
"""Line breaks that wait at the end of a text at no cost."""


class AnswerView:
    """Reads the text of an answer, and the model's thoughts, out of one of the outputs.

    Args:
        transcript: The answer as its reader knows it.
        budget: Bounds what the event may cost.
        output: Index of the output that holds the answer. None: the one that looks most like a
            chat, determined anew for every snapshot.
        since: Entries at the beginning of a chat's value that were there before the question, or
            the HTML that was; nothing in them is answer.
        question: The question, which HTML may repeat before the answer.
        only_chat: Whether an output that is a text, and no chat, is an error.
        only_snapshots: Whether no message holds edits.
        is_html: Whether the output shows HTML, so that only the text of a value is answer.
        response: Reads an output that is what a chat function said, before it is in a chatbot;
            None: it is none.

    Attributes:
        place: See `View`.
    """

    def __init__(
        self,
        transcript: Transcript,
        budget: Budget,
        *,
        output: int | None,
        since: Sequence[object],
        question: str,
        only_chat: bool,
        only_snapshots: bool,
        is_html: bool,
        response: Response | None,
    ) -> None:
        self.place: tuple[int, Path] | None = None
        self._transcript = transcript
        self._budget = budget
        self._output = output or 0
        self._find_output = output is None
        self._since = since
        self._start = 0  # The first entry of a chat's value that may be answer.
        self._only_chat = only_chat
        self._only_snapshots = only_snapshots
        self._read = read if response is None else response.read
        if is_html:
            self._read = HtmlReader(since, question).read
        self._value: Any = None
        self._has_value = False
        # The place of the newest text, and the text appended there that `_value` lacks.
        self._path: Path | None = None
        self._newest: Path | None = None  # The same, also where nothing may be appended.
        self._tail = GrowingText()
        self._end = transcript.answer_end  # A piece that ends in one of its marks may wait.
        self._in_reasoning = False
        self._title: str | None = None  # Title of the thought that this place is in.
        self._notes = False
        self._breaks = ""
        self._waiting = ""  # Line breaks at the end of `_tail`, which the reader does not have.
        self._status: str | None = None

    @property
    def text(self) -> str:
        """The answer so far."""
        return str(self._transcript.answer)

    def update(self, data: list[Any]) -> list[events.Event]:
        """Apply the entries of an intermediate message; return the events that they cause.

        Raises:
            ProtocolError: The entries don't fit the value, or cost too much.
        """
        # The short cut: a single edit that appends to the newest text. It is one function, since
        # each call would be one more for every token. A `match` would take a microsecond longer,
        # where the whole way of a message takes 1.6.
        path = self._path
        entry = data[self._output] if path is not None and self._output < len(data) else None
        edit = entry[0] if isinstance(entry, list) and len(entry) == 1 else None
        if not isinstance(edit, list) or len(edit) != 3 or edit[0] != "append":
            return self._update_value(data)
        piece = edit[2]
        if edit[1] != path or type(piece) is not str or (self._notes and "<" in piece):
            return self._update_value(data)
        if not piece:
            return []
        if piece[-1] in self._end.marks:
            return self._update_value(data)
        if self._breaks and (
            "\t" in piece
            or ("\n" in piece and self._breaks == "change")
            or len(self._waiting) > _MOST_WAITING
        ):
            return self._update_value(data)
        self._tail.append(piece)
        self._budget.answer_left -= len(piece)
        if self._budget.answer_left < 0:
            raise self._budget.answer_too_long()
        if self._breaks:
            lines = self._waiting + piece
            piece = lines.rstrip("\n")
            self._waiting = lines[len(piece) :]
            if not piece:
                return []
        if self._in_reasoning:
            self._transcript.thoughts.append(piece)
            return [events.Reasoning(piece, self._title)]
        self._transcript.answer.append(piece)
        return [events.TextDelta(piece)]

    def complete(self, data: list[Any]) -> list[events.Event]:
        """Apply the final value of each output; return the events that it causes.

        Raises:
            ProtocolError: The output is missing, or its value costs too much.
        """
        self._budget.begin_message()
        self._take_snapshot(data)
        return self._changes(final=True)

    def show(self, value: object) -> list[events.Event]:
        """Apply a final value that no event's stream brought; return the events that it causes.

        Raises:
            ProtocolError: The answer is too long.
        """
        self._budget.begin_message()
        self._take_value(value)
        return self._changes(final=True)

    # The value.

    def _update_value(self, data: list[Any]) -> list[events.Event]:
        self._budget.begin_message()
        has_edits = not self._only_snapshots and self._has_edits(data)
        if has_edits:
            self._take_edits(data)
        else:
            self._take_snapshot(data)
        self._budget.check_value(self._value)
        changes = self._changes(final=False)
        if not has_edits and self._path is not None:
            self.place = self._output, self._path
        return changes

    def _has_edits(self, data: list[Any]) -> bool:
        """Return whether the output's entry is a list of edits.

        An empty list is one if the entries of all outputs are. If the list is not empty, the other
        entries don't matter: they may be edits of a kind that is not known here.
        """
        if self._output >= len(data):
            return False
        entry = data[self._output]
        return edits.is_edits(entry) and (bool(entry) or all(map(edits.is_edits, data)))

    def _take_edits(self, data: list[Any]) -> None:
        """Apply the output's edits, unless they are for a value that never came."""
        entry = self._entry(data)
        self._budget.check_edits(len(entry))
        if not entry:
            return
        self._join_tail()
        spend = self._budget.spend
        if self._has_value:
            self._value = edits.apply(entry, self._value, spend)
            return
        with contextlib.suppress(edits.MisfitError):
            self._take_value(edits.attempt(entry, [], spend))

    def _take_snapshot(self, data: list[Any]) -> None:
        if self._find_output:
            self._output = find_output(data)
        self._take_value(self._entry(data))
        self._tail.replace("")

    def _take_value(self, value: Any) -> None:
        self._value = value
        if not self._has_value:
            self._has_value = True
            self._start = common_entries(self._since, value)

    def _entry(self, data: list[Any]) -> Any:
        """Return the entry of the output that holds the answer."""
        if self._output >= len(data):
            raise ProtocolError(
                f"The Space sent {len(data)} outputs, but the answer should be in number "
                f"{self._output + 1}: it is not the app that was expected."
            )
        return data[self._output]

    def _join_tail(self) -> None:
        piece = str(self._tail)
        if piece:
            self._tail.replace("")
            joined = [["append", self._path, piece]]
            self._value = edits.apply(joined, self._value, self._budget.spend)

    # What the value says.

    def _changes(self, *, final: bool) -> list[events.Event]:
        """Read the value; return the events that bring the transcript up to date with it."""
        if is_unchanged(self._value):
            self._path = None
            return []
        if self._only_chat and isinstance(self._value, str):
            raise ProtocolError(
                "The Space sent a text where a chat should be: it is not the app that was expected."
            )
        self._join_tail()
        transcript = self._transcript
        reading = self._read(self._value, self._start, final=final)
        self._budget.spend(WORK_PER_PART * reading.parts)
        self._budget.check_answer(len(reading.answer) + len(reading.reasoning))
        self._notes = reading.notes
        self._breaks, self._waiting = reading.breaks, reading.waiting
        self._title = reading.thoughts[-1].title if reading.in_reasoning else None
        self._in_reasoning = reading.in_reasoning
        changes = self._bring_up_to_date(reading, final)
        end = transcript.thoughts_end if reading.in_reasoning else transcript.answer_end
        self._end = end
        text = reading.reasoning if reading.in_reasoning else reading.answer
        # The first piece of a message may wait, and so may a piece after one that waits.
        ordinary = text and not reading.gap and end.text is None and not self._only_snapshots
        self._path = reading.path if ordinary else None
        return changes

    def _bring_up_to_date(self, reading: Reading, final: bool) -> list[events.Event]:
        transcript, writes_thoughts = self._transcript, reading.in_reasoning and not final
        transcript.is_all_titled = reading.is_all_titled
        changes = transcript.change_thoughts(
            reading.reasoning, reading.thoughts, ended=not writes_thoughts
        )
        begins = not reading.in_reasoning and reading.path != self._newest
        self._newest = None if reading.gap else reading.path
        answer = transcript.change_answer(
            reading.answer, begins=begins, final=final or reading.in_reasoning
        )
        placeholder = None if final else transcript.answer_end.placeholder
        status = placeholder if reading.status is None else reading.status
        if status is not None and status != self._status:
            changes.append(events.Status(status))
        self._status = status
        return changes + answer

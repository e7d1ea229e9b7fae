"""The answer as its reader knows it, and the events that change it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .. import events
from .budget import Budget
from .cursors import Ending
from .reading import SEPARATOR, Thought
from .text import GrowingText, common_prefix


class Transcript:
    """The answer and the thoughts as a reader knows them.

    A reader who applies the events in order has just this answer: a `TextDelta` extends it, a
    `TextReset` replaces it. So the answer only ever changes together with an event. What may be a
    cursor or a placeholder waits (`cursors`), at the longest until `finish`.

    Args:
        budget: Bounds the work of comparing texts.
        after: The transcript of the event before this one in a chain that makes one answer. The
            new one goes on with its texts.

    Attributes:
        answer: The answer so far.
        thoughts: The thoughts so far.
        answer_end: Decides what waits at the end of the answer.
        thoughts_end: Decides what waits at the end of the thoughts.
        previous_text: The answer as it was before the newest `TextReset`.
        is_all_titled: Whether the newest value has messages, and each is a thought by its title
            alone.
    """

    def __init__(self, budget: Budget, after: Transcript | None = None) -> None:
        self.answer: GrowingText = GrowingText() if after is None else after.answer
        self.thoughts: GrowingText = GrowingText() if after is None else after.thoughts
        self.answer_end: Ending = Ending() if after is None else after.answer_end
        self.thoughts_end: Ending = Ending() if after is None else after.thoughts_end
        self.previous_text: str = ""
        self.is_all_titled: bool = after is not None and after.is_all_titled
        self._thoughts: Sequence[Thought] = () if after is None else after._thoughts
        self._budget = budget
        self._rewritten_left = budget.answer

    def finish(self) -> list[events.Event]:
        """End the answer; return the events that give out what waits, and `Completed`."""
        changes: list[events.Event] = []
        if self.thoughts_end.text is not None:
            changes += self.change_thoughts(self.thoughts_end.text, self._thoughts, ended=True)
        if self.answer_end.text is not None:
            changes += self._replace_answer(self.answer_end.text)
        if self.is_all_titled:
            changes += self._replace_answer(self._last_thought())
        return [*changes, events.Completed(str(self.answer), str(self.thoughts))]

    def _last_thought(self) -> str:
        """Return the text of the last thought that has one."""
        text = str(self.thoughts)
        ends = [0, *(thought.end for thought in self._thoughts[:-1]), len(text)]
        pieces = [
            text[start:end].removeprefix(SEPARATOR if start else "")
            for start, end in itertools.pairwise(ends)
        ]
        return next((each for each in reversed(pieces) if each), "")

    def change_answer(self, new: str, *, begins: bool, final: bool) -> list[events.Event]:
        """Replace the answer; return the event that says how it changed, if it did.

        Args:
            new: The answer that the newest value has.
            begins: Whether it ends in another message than it did before.
            final: Whether nobody is writing at its end any more; see `Ending.settle`.

        Raises:
            ProtocolError: Comparing the texts takes too much work.
        """
        old = str(self.answer)
        self._budget.spend(len(old) + len(new))
        return self._replace_answer(self.answer_end.settle(old, new, begins=begins, final=final))

    def _replace_answer(self, new: str) -> list[events.Event]:
        old = str(self.answer)
        if new == old:
            return []
        self.answer.replace(new)
        if new.startswith(old):
            return [events.TextDelta(new[len(old) :])]
        self.previous_text = old
        return [events.TextReset(new)]

    def change_thoughts(
        self, new: str, thoughts: Sequence[Thought], *, ended: bool
    ) -> list[events.Event]:
        """Replace the thoughts; return an event for each that is new, longer or renamed.

        No event takes thoughts back, so a reader who keeps all pieces keeps every version of
        thoughts that are rewritten. Once the rewritten characters exceed the length that an answer
        may have, thoughts cause no more events.

        Args:
            new: The text of all thoughts.
            thoughts: Their titles and ends in that text.
            ended: Whether nobody is writing at its end any more, so that nothing of it waits.

        Raises:
            ProtocolError: Comparing the texts takes too much work.
        """
        old = str(self.thoughts)
        self._budget.spend(len(old) + len(new))
        if ended:
            self.thoughts_end.release()
        else:
            new = self.thoughts_end.settle(old, new)
        known = len(new) if new == old else common_prefix(old, new)
        if known < len(old):
            self._rewritten_left -= len(new) - known
        shows = self._rewritten_left >= 0
        titles = [thought.title for thought in self._thoughts]
        pieces: list[events.Event] = []
        start = 0
        for index, (title, end) in enumerate(thoughts):
            piece = new[max(start, known) : end]
            if shows and (piece or (title is not None and title not in titles[index : index + 1])):
                pieces.append(events.Reasoning(piece, title))
            start = end
        self._thoughts = thoughts
        if new != old:
            self.thoughts.replace(new)
        return pieces


def new_text(event: events.Event, previous_text: str) -> str:
    """Return the text that an event adds for a reader who can't take back what was shown.

    Args:
        event: The newest event.
        previous_text: The answer before the newest `TextReset`. The prefix that both share was
            shown already.
    """
    if type(event) is events.TextDelta:
        return event.text
    if type(event) is events.TextReset:
        return event.text[common_prefix(previous_text, event.text) :]
    return ""

"""The answer as its reader knows it, and the events that change it."""

from __future__ import annotations

from collections.abc import Sequence

from .. import events
from .budget import Budget
from .reading import Thought
from .text import GrowingText, common_prefix


class Transcript:
    """The answer and the thoughts as a reader knows them.

    Whoever applies the events to what was given out before has just these texts: a `TextDelta`
    extends the answer, a `TextReset` puts another one in its place. So a transcript only ever
    changes together with an event that says how.

    Args:
        budget: What comparing texts may cost.
        after: The transcript of the event before this one in a chain that makes one answer. The
            new one goes on where it ends.

    Attributes:
        answer: The answer so far.
        thoughts: The thoughts so far.
        previous_text: The answer as it was before the newest `TextReset`.
    """

    def __init__(self, budget: Budget, after: Transcript | None = None) -> None:
        self.answer: GrowingText = GrowingText() if after is None else after.answer
        self.thoughts: GrowingText = GrowingText() if after is None else after.thoughts
        self.previous_text: str = ""
        self._titles: list[str | None] = [] if after is None else after._titles
        self._budget = budget
        self._rewritten_left = budget.answer

    def completed(self) -> events.Completed:
        """Return the event that ends the answer."""
        return events.Completed(str(self.answer), str(self.thoughts))

    def change_answer(self, new: str) -> list[events.Event]:
        """Put a text in the place of the answer; return the event that says so, if it is another.

        Raises:
            ProtocolError: Comparing the texts takes too much work.
        """
        old = str(self.answer)
        self._budget.spend(len(old) + len(new))
        if new == old:
            return []
        self.answer.replace(new)
        if new.startswith(old):
            return [events.TextDelta(new[len(old) :])]
        self.previous_text = old
        return [events.TextReset(new)]

    def change_thoughts(self, new: str, thoughts: Sequence[Thought]) -> list[events.Event]:
        """Put other thoughts in the place of those so far; return what is new of each.

        There is no event that takes thoughts back. A reader that keeps all pieces would keep every
        version of thoughts that are rewritten without end; past as many characters as an answer
        may have, what is rewritten gives no more events.

        Args:
            new: The text of all thoughts.
            thoughts: Where each ends in it.

        Raises:
            ProtocolError: Comparing the texts takes too much work.
        """
        old = str(self.thoughts)
        self._budget.spend(len(old) + len(new))
        known = len(new) if new == old else common_prefix(old, new)
        if known < len(old):
            self._rewritten_left -= len(new) - known
        shows = self._rewritten_left >= 0
        titles = self._titles
        pieces: list[events.Event] = []
        start = 0
        for index, (title, end) in enumerate(thoughts):
            piece = new[max(start, known) : end]
            if shows and (piece or (title is not None and title not in titles[index : index + 1])):
                pieces.append(events.Reasoning(piece, title))
            start = end
        self._titles = [thought.title for thought in thoughts]
        if new != old:
            self.thoughts.replace(new)
        return pieces


def new_text(event: events.Event, previous_text: str) -> str:
    """Return the text that an event adds for a reader who can't take back what was shown.

    Args:
        event: The newest event.
        previous_text: The answer before it, if it is a `TextReset`: what both have in common has
            been shown.
    """
    if type(event) is events.TextDelta:
        return event.text
    if type(event) is events.TextReset:
        return event.text[common_prefix(previous_text, event.text) :]
    return ""

"""The questions of a batch that have no answer yet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ...errors import SpaceChatError
from ...messages import MessagesLike
from .journal import Journal
from .questions import BatchQuestion, read_questions


def count_questions(source: str, target: str, journal: Journal) -> int:
    """Return the number of questions, and check that the answers so far belong to them.

    Args:
        source: The input.
        target: The output.
        journal: The earlier results.

    Raises:
        SpaceChatError: They are answers to other questions.
    """
    total = known = 0
    with contextlib.closing(read_questions(source)) as questions:
        for question in questions:
            total += 1
            digest = journal.digest(question.line)
            known += digest != 0
            if digest not in (0, question.digest):
                raise SpaceChatError(
                    f"Line {question.line} of {source} is not the question that {target} has an "
                    "answer to: name the files that belong together, or another output."
                )
    if known != journal.answered:
        raise SpaceChatError(f"{target} has answers to more questions than {source} has.")
    return total


class PendingQuestions:
    """Yields the prompts of the questions without an answer, and keeps those that are asked.

    Args:
        questions: All questions.
        journal: The answers so far.
    """

    def __init__(self, questions: Iterator[BatchQuestion], journal: Journal) -> None:
        self._left = (each for each in questions if not journal.digest(each.line))
        self._asked: dict[int, BatchQuestion] = {}
        self._count = 0

    def __iter__(self) -> Iterator[MessagesLike]:
        return self

    def __next__(self) -> MessagesLike:
        question = next(self._left)
        self._asked[self._count] = question
        self._count += 1
        return question.prompt  # Empty if it can't be asked; its result is an error then.

    def pop(self, index: int) -> BatchQuestion:
        """Return the question of a result, by the number of its prompt."""
        return self._asked.pop(index)

"""What the stub model says in an app that gives it more than the question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.real.apps.zoo.llm import answer


def telling(
    flavor: str = "words", *, remembers: bool = True, **settings: Any
) -> Callable[..., list[str]]:
    """Return the answers of an app, as a function of the questions of one conversation.

    Args:
        flavor: Of the text that follows the first line of its answers.
        remembers: Whether the model is told the whole conversation.
        settings: What else it is told; a callable is called with the turn's number, from 1.
    """

    def answers(*questions: str) -> list[str]:
        history: list[tuple[str, str]] = []
        for turn, question in enumerate(questions, 1):
            told = {n: each(turn) if callable(each) else each for n, each in settings.items()}
            text = answer(question, history if remembers else (), flavor, **told)
            history.append((question, text))
        return [text for _, text in history]

    return answers

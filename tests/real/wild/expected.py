"""The answers that apps must give: what their model tells, with the bubbles around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.real.apps.zoo.llm import answer


def told(
    flavor: str = "words",
    *,
    before: str = "",
    after: str = "",
    forgets: bool = False,
    **settings: Any,
) -> Callable[..., list[str]]:
    """Return the function that gives an app's answers to the questions of a conversation.

    Args:
        flavor: Of the model's text.
        before: What the app says before the model's text.
        after: What it says after it.
        forgets: Whether the model is told the question only.
        settings: What else the model is told.
    """

    def answers(*questions: str) -> list[str]:
        history: list[tuple[str, str]] = []
        for question in questions:
            known = () if forgets else history
            history.append((question, answer(question, known, flavor, **settings)))
        return [before + text + after for _, text in history]

    return answers

"""The errors for a question that was asked without getting an answer.

A function may end without an error and leave the answer's component as it was, or a chat may end
with the question. Nothing there is an answer, and an empty reply would tell that the model had
nothing to say. That is so only if the app shows an answer that is empty: a message or the side of a
pair with an empty text, or a component that was filled with one.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ChatNotFoundError, GenerationError
from ..protocol import reading
from ..protocol.cursors import is_placeholder
from .choice import find_ways, listed
from .page import Page
from .plain_words import distinct, is_same_act
from .ways import Way


def check_answered(page: Page, way: Way, since: Sequence[object]) -> None:
    """Raise if the functions of a way to chat have shown no answer.

    Args:
        page: The page, on which they were called.
        way: The way.
        since: The entries of a chat that were there before the question.

    Raises:
        ChatNotFoundError: There is none, and the app has other ways to chat; or it is yet to come
            by a timer that nobody stops.
        GenerationError: There is none, and the app has no other way to chat.
    """
    value = page.value(way.answer.id)
    _check_for_timers(page, way, value, since)
    problem = _problem(page, way, value, since)
    if problem is None:
        return
    others = [
        each
        for each in distinct(find_ways(page.app).all, way)
        if each.points > 0 and not is_same_act(each, way)
    ]
    if others:
        raise ChatNotFoundError(
            f"{problem} Perhaps another way to chat gives one: {listed(others)}. endpoint= says "
            "which function to call."
        )
    raise GenerationError(f"{problem} See in a browser what the app says to this question.")


def _check_for_timers(page: Page, way: Way, value: object, since: Sequence[object]) -> None:
    polling = [
        each
        for each in page.app.functions.values()
        if way.answer.id in each.outputs and any(event == "tick" for _, event in each.targets)
    ]
    if not polling or any(each.id in way.needed for each in polling):
        return
    text = reading.read(value, reading.common_entries(since, value), final=True).answer
    if not text or is_placeholder(text):
        raise ChatNotFoundError(
            f"The app fills {way.answer} by a timer that is never stopped, which calls "
            f"{polling[0]}. So nothing says when an answer is complete: use it in a browser."
        )


def _problem(page: Page, way: Way, value: object, since: Sequence[object]) -> str | None:
    """Return a sentence that says in which way there is no answer, or None if there is one."""
    start = f"The app gave no answer: {way} ended without an error, but"
    if way.answer.id not in page.filled or page.values.get(way.answer.id) is None:
        return f"{start} no function filled {way.answer}."
    contents = reading.answer_contents(value, reading.common_entries(since, value))
    if any(each is not None for each in contents):
        return None
    if isinstance(value, list) and len(value) > len(since):
        return f"{start} {way.answer} ends with the question."
    return f"{start} {way.answer} shows nothing that is new."

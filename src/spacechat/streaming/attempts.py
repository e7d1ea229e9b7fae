"""The one policy of retries and fallbacks: whether something is asked again, whom, and when.

Only what is safe to repeat is repeated: the error is temporary, and the Space has not even begun
to work on the question. Another model may be asked as long as nothing of an answer was given out.
A function that may have run is called neither again nor at another app, since it may do anything.
The waits grow exponentially, with jitter, so that the many clients of a Space that comes back do
not all come at once.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from ..errors import RateLimitError, SpaceChatError, none_answered, without_frames
from ..events import Retrying
from ..steps import Script

_T = TypeVar("_T", bound=Script[object])

FIRST = 0.5
"""Seconds before the first repetition, on average; each later one waits twice as long."""

LONGEST = 60.0
"""Seconds that a repetition waits at the most; a Space that asks for more is not asked again."""


def backoff(failures: int, error: SpaceChatError, *, jitter: float = 1.0) -> float:
    """Return the seconds to wait before a Space that failed is asked again.

    Args:
        failures: How often it had failed before, from 0.
        error: The latest failure, which may name a time.
        jitter: Factor for the part of the wait that grows.
    """
    delay = min(FIRST * 2.0 ** min(failures, 16), LONGEST) * jitter
    if isinstance(error, RateLimitError) and error.retry_after is not None:
        delay = max(delay, error.retry_after)
    return delay


def delay_before(attempt: int, error: SpaceChatError) -> float | None:
    """Return the seconds to wait before a question is repeated, or None if it should not be.

    Args:
        attempt: The number of the repetition, from 1.
        error: The failure of the last attempt.
    """
    if not error.temporary:
        return None
    delay = backoff(attempt - 1, error, jitter=random.uniform(0.5, 1.5))  # noqa: S311
    return delay if delay <= LONGEST else None


def may_ask_another(error: SpaceChatError) -> bool:
    """Return whether another Space may be asked the question that one Space failed to answer.

    A `ValueError` is the question's fault, and neither an answer that has begun nor a function that
    may have run is asked for again.
    """
    return not (isinstance(error, ValueError) or error.partial_text or error.may_have_run)


class Attempts(Generic[_T]):
    """The attempts at one question: the client's retries, then the fallbacks, each with as many.

    Args:
        script: The first script to run.
        fallbacks: The scripts to run after it, in order, each where the one before it failed.
        retries: How often each script is repeated at the most.

    Attributes:
        script: The script of the current attempt.
        begun: Whether the Space says that it works, or has given something out.
        answered: Whether some of the answer was given out.
    """

    def __init__(self, script: _T, fallbacks: Iterable[_T], retries: int) -> None:
        self.script: _T = script
        self.begun: bool = False
        self.answered: bool = False
        self._fallbacks = deque(fallbacks)
        self._retries = retries
        self._number = 0
        self._errors: list[SpaceChatError] = []

    def after(self, error: SpaceChatError, left: float) -> Retrying | None:
        """Go on to the next attempt; return the event that announces it, or None for no more.

        Args:
            error: The failure of this attempt.
            left: Seconds left of the total timeout.
        """
        if self.answered or error.may_have_run:
            return None
        delay = None
        if not self.begun and self._number < self._retries:
            delay = delay_before(self._number + 1, error)
        if delay is not None and delay < left:
            self._number += 1
        elif self._fallbacks and left > 0:
            self._errors.append(error)
            self.script = self._fallbacks.popleft()
            self._number = 0
            delay = 0.0
        else:
            return None
        self.begun = False
        return Retrying(self.script.model, self._number, delay, str(error))

    def final_error(self, error: SpaceChatError) -> SpaceChatError:
        """Return the error to raise: where several models were asked, one that names them all."""
        is_last = self.answered or error.may_have_run
        return without_frames(none_answered([*([] if is_last else self._errors), error]))

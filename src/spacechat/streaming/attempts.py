"""When a question is asked once more, and how long that waits.

Only what is safe to repeat is repeated: the error is temporary, and nothing of an answer, not even
the beginning of the work on it, has been told. The waiting grows exponentially, with jitter, so
that many clients of a Space that comes back don't all come at once.
"""

from __future__ import annotations

import random

from ..errors import RateLimitError, SpaceChatError

FIRST = 0.5
"""Seconds before the first repetition, on average; each later one waits twice as long."""

LONGEST = 60.0
"""Seconds that a repetition waits at the most; a Space that asks for more is not asked again."""


def delay_before(attempt: int, error: SpaceChatError) -> float | None:
    """Return the seconds to wait before a question is repeated, or None if it should not be.

    Args:
        attempt: Which repetition it is, from 1.
        error: What came of the last attempt.
    """
    if not error.temporary:
        return None
    delay = min(FIRST * 2 ** (attempt - 1), LONGEST) * random.uniform(0.5, 1.5)  # noqa: S311
    if isinstance(error, RateLimitError) and error.retry_after is not None:
        delay = max(delay, error.retry_after)
    return delay if delay <= LONGEST else None

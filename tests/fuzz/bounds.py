"""What may be taken by what comes: time, and characters of errors.

The time is linear in the bytes, with factors so generous that neither a slow machine nor others at
work on it make a difference.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from spacechat.errors import SpaceChatError

_SECONDS = 2.0
_SECONDS_PER_BYTE = 20e-6
_TRIES = 4
_LONGEST = 20_000
"""Characters of an error, which may name what an app has."""


@contextlib.contextmanager
def bounded(again: Callable[[], object], size: Callable[[], int]) -> Iterator[None]:
    """Check that what is done in the block takes no more time than its bytes may.

    Args:
        again: Does it again, if it took more: the least of several times counts.
        size: Returns the number of bytes that came.

    Raises:
        AssertionError: It takes more each time.
    """
    began = time.process_time()
    yield
    if time.process_time() - began > _SECONDS:
        check_time(again, size())


def check_time(work: Callable[[], object], size: int) -> None:
    """Check that work takes no more time than its bytes may.

    Raises:
        AssertionError: It takes more each time.
    """
    limit = _SECONDS + _SECONDS_PER_BYTE * size
    for _ in range(_TRIES):
        began = time.process_time()
        work()
        if time.process_time() - began < limit:
            return
    raise AssertionError(f"more than {limit:.2f} s for {size} bytes")


def check_brief(error: SpaceChatError) -> None:
    """Check that an error is no longer than a person may read."""
    assert len(str(error)) < _LONGEST

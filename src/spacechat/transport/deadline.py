"""The moment at which an attempt's total timeout is over."""

from __future__ import annotations

import math
import time

_EARLY = 0.05
"""Seconds by which an event loop's clock may run ahead of the system's."""


class Deadline:
    """The end of the total timeout, by `time.monotonic`.

    Attributes:
        at: The moment itself.
        calm_until: Until then, the idle timeout ends a single wait for bytes before the deadline
            could. Such a wait needs no cancel scope for the deadline, which would cost as much as
            reading a message.

    Args:
        at: The moment itself.
        idle: The idle timeout; None if there is none.
    """

    def __init__(self, at: float, idle: float | None) -> None:
        self.at: float = at
        self.calm_until: float = at - (math.inf if idle is None else idle)

    def is_over(self) -> bool:
        """Return whether the deadline has passed, or does so within a clock's error."""
        return self.at - time.monotonic() < _EARLY

    def extend(self, seconds: float) -> None:
        """Move the deadline to so many seconds from now, whatever the total timeout says."""
        self.at = time.monotonic() + seconds
        self.calm_until = -math.inf

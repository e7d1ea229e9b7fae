"""A change that a user can't feel."""

from __future__ import annotations

from typing import NamedTuple


class Equivalent(NamedTuple):
    """A mutant that no test can notice, or none should.

    Attributes:
        before: The changed line as it is.
        after: The same line changed; None: however it is changed.
        reason: Why that changes nothing for a user.
    """

    before: str
    after: str | None
    reason: str

"""What the tests say of a mutant."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """What became of the tests on a mutant."""

    NOTICED = "noticed"
    HANGS = "hangs"
    SURVIVED = "survived"

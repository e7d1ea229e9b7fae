"""How much memory a value takes."""

from __future__ import annotations

import sys
from typing import Any


def size(value: Any) -> tuple[int, int]:
    """Return the bytes that a JSON value takes, and of how many values it is made.

    What Python keeps once and uses in many places, such as small numbers, counts each time.
    """
    found = count = 0
    left = [value]
    while left:
        one = left.pop()
        count += 1
        found += sys.getsizeof(one)
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            left += one
            left += one.values()
    return found, count

"""What a server's bounds may be."""

from __future__ import annotations

import math
from typing import Any

import pytest

from spacechat.openai import Bounds

LEAST = {
    "body": 1,
    "files": 0,
    "at_once": 1,
    "waiting": 0,
    "memory": 1,
    "stored": 0,
    "stored_seconds": 0,
}


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_the_least_of_each(name: str, least: int) -> None:
    allowed: dict[str, Any] = {name: least}
    assert getattr(Bounds(**allowed), name) == least
    for less in (least - 1, math.nan):
        refused: dict[str, Any] = {name: less}
        with pytest.raises(ValueError, match=f"^{name} must be {least} or more, not {less}.$"):
            Bounds(**refused)

"""What a server's bounds may be."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from spacechat.openai import Bounds
from spacechat.openai.weight import MOST_FILES, MOST_VALUES
from spacechat.providers.registry import LONGEST_NAME

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


def test_the_usual_ones_are_those_in_the_docs() -> None:
    page = Path(__file__).parents[2] / "docs" / "openai.md"
    said, usual = " ".join(page.read_text(encoding="utf-8").split()), Bounds()
    body, files, memory, stored = (
        f"{each / (1 << 20):g} MiB"
        for each in (usual.body, usual.files, usual.memory, usual.stored)
    )
    assert f"bodies of up to {body}, and {files} more for the files in them" in said
    assert f"makes {usual.at_once} answers at once, and lets as many more requests wait" in said
    assert usual.waiting == usual.at_once
    assert f"at most {memory} of memory" in said
    assert f"for an hour. All together take at most {stored}" in said
    assert usual.stored_seconds == 60 * 60
    assert (
        f"up to {MOST_VALUES:,} messages and parts of messages, {MOST_FILES} files, "
        f"{MOST_VALUES:,} values of `inputs`, and a model's name of {LONGEST_NAME:,} characters"
    ) in said

"""Events in words: the short form, for the line that a terminal draws again and again."""

from __future__ import annotations

import pytest

from spacechat.event_descriptions import describe
from spacechat.events import (
    Event,
    File,
    Log,
    Progress,
    Queued,
    Reasoning,
    Retrying,
    Started,
    Status,
    TextReset,
)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Queued(0, 3, 1.0), "Next in the queue"),
        (Queued(2, 3, 12.4), "2 before us in the queue"),
        (Started(3.2), "Working"),
        (Status("Qwen is thinking..."), "Qwen is thinking..."),
        (Reasoning("Hm", "Search"), ""),
        (Progress(2, 10, "steps", None, "reading"), "reading: 2 of 10 steps"),
        (Progress(2), "Working: 2"),
        (Progress(2, 8, None, 0.25), "Working: 25%"),
        (Progress(description="reading"), "reading"),
        (Progress(), "Working"),
        (Log("warning", "No GPU is free."), "warning: No GPU is free."),
        (Log("info", "No GPU is free.", "Wait"), "info: Wait: No GPU is free."),
        (Retrying("m", 1, 2.0, "It fell."), "It fell. Asking m again"),
        (TextReset("x"), ""),
        (File("http://h/a", "a", "text/plain"), ""),
    ],
)
def test_short(event: Event, words: str) -> None:
    assert describe(event, short=True) == words

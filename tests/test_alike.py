"""Messages that say the same of several places are one."""

from __future__ import annotations

import time

import pytest

from spacechat.alike import said_once


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], []),
        (["It failed."], ["It failed."]),
        (["It failed.", "It failed."], ["It failed."]),
        (
            ["https://a.b can't be reached: no.", "https://c.d can't be reached: no."],
            ["https://a.b, https://c.d can't be reached: no."],
        ),
        (
            ["You can't ask (a/b), it sleeps.", "It failed.", "You can't ask (c/d), it sleeps."],
            ["You can't ask (a/b, c/d), it sleeps.", "It failed."],
        ),
        (  # Two words differ.
            ["The Space a sleeps for 5 s.", "The Space b sleeps for 6 s."],
            ["The Space a sleeps for 5 s.", "The Space b sleeps for 6 s."],
        ),
        (  # Another word differs than in the first two.
            [
                "The Space a sleeps soundly.",
                "The Space b sleeps soundly.",
                "The App a sleeps soundly.",
            ],
            ["The Space a, b sleeps soundly.", "The App a sleeps soundly."],
        ),
        (["boom", "bang"], ["boom", "bang"]),
        (
            ["line\n one  two three four", "line\n one  2 three four"],
            ["line\n one  two, 2 three four"],
        ),
    ],
)
def test_messages(messages: list[str], said: list[str]) -> None:
    assert said_once(messages) == said


@pytest.mark.parametrize("text", ["." * 20_000, "a" * 20_000, ".a" * 10_000, "' " * 10_000])
def test_a_long_message(text: str) -> None:
    """A server says it."""
    began = time.monotonic()
    assert said_once([text, text]) == [text]
    assert time.monotonic() - began < 2

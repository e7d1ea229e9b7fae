"""Answers, questions and Spaces that many tests share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from spacechat import providers

PIECES = ["Hel", "lo", ", ", "ha", "ha", "ha", " [1] ", "[2, 3]", "你好", " 🌍", "\n\n", "done."]
"""An answer with what is easily lost: repeated pieces, numbers in brackets, any script, lines."""
TEXT = "".join(PIECES)

HI: Any = [{"role": "user", "content": "Hi"}]
"""The shortest question, as messages."""

TURNS = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello! 你好"},
    {"role": "user", "content": " \n"},
    {"role": "user", "content": "Why is the sky blue?\nTell me."},
]
"""A conversation, one message of which says nothing."""

SPACE = providers.Qwen_Qwen_2_72B
"""The Space that is asked where it doesn't matter which."""

SHAPES: list[tuple[type[providers.AsyncProvider], str]] = [
    (providers.Qwen_Qwen_2_72B, "qwen-2-72b"),
    (providers.Qwen_Qwen_2_5, "qwen-2.5"),
    (providers.Qwen_Qwen_2_5_Max, "qwen-2-5-max"),
    (providers.Qwen_Qwen_2_5M, "qwen-2.5-1m"),
]
"""Each known Space, and the shape of a `LocalSpace` that stands in for it."""

DEFAULT_25 = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
DEFAULT_MAX = "You are a helpful assistant."


def came_as_sent(found: Sequence[str], pieces: Sequence[str]) -> bool:
    """Tell whether pieces came as they were sent, but for some that waited for the next one.

    A piece waits if it looks like a cursor, as an emoji at the beginning of an answer does.
    """
    ends, sent = list(accumulate(map(len, found))), list(accumulate(map(len, pieces)))
    is_whole = "".join(found) == "".join(pieces)
    return is_whole and set(ends) <= set(sent) and len(found) >= len(pieces) - 2

"""The one right answer to each question, which server and client work out alike."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache

_WORDS = (
    *("the ", "of ", "Paris ", "is", "answer", " 42", ", ", ". ", "\n\n", "**bold** ", "`x = 1`"),
    *(
        "```python\nprint(1)\n```\n",
        "- item\n",
        "é",
        "ß",
        "中文",
        "日本語 ",
        "한국어 ",
        "🙂",
        "👩‍🚀 ",
    ),
    *("&amp;", "<b>", "\\", '"', "\t", "=" * 40, "x" * 200),
)

BROKEN_AFTER = 6
"""Pieces of an answer that come before its fault, unless it has fewer."""


@lru_cache(maxsize=512)
def pieces(prompt: str) -> tuple[str, ...]:
    """Return the answer to a prompt, as the server sends it: 8 to 40 pieces."""
    source = random.Random(prompt)
    return ("A: ", *source.choices(_WORDS, k=source.randint(6, 38)), "end")


def answer(prompt: str) -> str:
    """Return the whole answer to a prompt."""
    return "".join(pieces(prompt))


def broken(prompt: str) -> str:
    """Return the part of an answer that comes before its fault."""
    return "".join(pieces(prompt)[:BROKEN_AFTER])


def is_told(turns: Sequence[tuple[str, str]]) -> bool:
    """Return whether what a client says of earlier questions and answers is what was said."""
    return all(text == answer(prompt) for prompt, text in turns)

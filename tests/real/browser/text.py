"""The questions of a conversation, and what a person reads of its answers."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Final

from markdown_it import MarkdownIt

__all__ = ["QUESTIONS", "is_shown"]

QUESTIONS: Final = ("Why is the sky blue?", 'And "ha" [1] 你好?')

_TAG: Final = re.compile(r"<[^>]*>")
_MARKDOWN: Final = MarkdownIt("commonmark").enable("table")


def is_shown(answer: str, seen: str) -> bool:
    """Tell whether a page shows an answer, as text or as rendered Markdown.

    Thoughts, which are no part of it, may stand between its paragraphs.

    Args:
        answer: The answer's source.
        seen: What a person reads on the page.
    """
    rendered = unescape(_TAG.sub("", _MARKDOWN.render(answer)))
    rest = _letters(seen)
    return bool(answer) and (
        _letters(answer) in rest
        or _letters(rendered) in rest
        or all(_letters(part) in rest for part in rendered.splitlines())
    )


def _letters(text: str) -> str:
    """Leave out what Markdown may take for its own: spaces, punctuation, mathematical signs."""
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNM" or _is_picture(c))


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) == "So"

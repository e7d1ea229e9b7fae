"""The built-in answer of a local Space, which says what answers, and what to do next."""

from __future__ import annotations

import re
from typing import Final

from .values import ChatRequest

_PIECE: Final = re.compile(r"\s*\S+|\s+")
_LONGEST_QUOTE: Final = 80
_ASSISTANT: Final = "\nAssistant:"

_TEXT: Final = """\
## Hello from your own machine

You asked: *{question}*

No model thinks about that: this is a **local Space**, a small server that answers just as a real \
Space does. 👋

1. Your question waits in a queue until it is its turn.
2. Each word comes as soon as it is written: you can stop whenever you have enough.
3. At the end comes the whole answer again, so that nothing is lost.

This finds a real Space to ask:

```console
spacechat find "qwen chat"
```
"""


def builtin_answer(request: ChatRequest) -> list[str]:
    """Return an answer that says that it comes from a local Space.

    It is in pieces of about a word each, and Markdown when joined.

    Args:
        request: The request; its prompt is quoted in the answer.
    """
    question = request.prompt
    if question.endswith(_ASSISTANT):  # a conversation in lines, of which the last is the question
        question = question.removesuffix(_ASSISTANT).rpartition("User:")[2]
    question = " ".join(question.split()) or "(nothing)"
    if len(question) > _LONGEST_QUOTE:
        question = question[: _LONGEST_QUOTE - 1].rstrip() + "…"
    return _PIECE.findall(_TEXT.format(question=question).rstrip())

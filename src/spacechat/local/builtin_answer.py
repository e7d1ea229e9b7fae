"""The built-in answer of a local Space, which explains what happens while it is read."""

from __future__ import annotations

import re
from typing import Final

from .values import ChatRequest

_PIECE: Final = re.compile(r"\s*\S+|\s+")
_LONGEST_QUOTE: Final = 80
_ASSISTANT: Final = "\nAssistant:"

_TEXT: Final = """\
**Hello from your own machine!** 👋 You asked: *{question}*

No model thinks about that here, but this answer travels just as one from a real Space does. While \
you read:

1. Your question was **joined** to the queue with one POST, and got an *event id* back.
2. A GET opened a stream of *server-sent events*, all on one connection.
3. The queue told your place, then that the work had started.
4. Each word came as an **edit** that appends to the text: word after word after word.
5. At the end comes the **final output**, whole, so that nothing can be lost.

An edit looks like this:

```json
{{"msg": "process_generating",
 "output": {{"data": [[], [["append", [0, 1], " word"]], []]}}}}
```

Text is only text, so these must arrive unchanged: 你好 · नमस्ते · 🌍 · [1] and [2, 3]. Pieces \
that repeat are no mistake: tick tick tick, ha ha ha ha.

If you leave early, the server notices and stops working. If you stay, the last message closes \
the stream, and your client knows that the answer is complete.

Give `LocalSpace` a `reply` of your own to hear something else. **Enjoy!** 🎈
"""


def builtin_answer(request: ChatRequest) -> list[str]:
    """Return an answer that explains the messages on the wire.

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

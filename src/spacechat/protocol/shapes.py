r"""Where the assistant's text sits in an output.

An output tells its own shape, so nothing has to be configured that could be wrong:

=============================================  ==============================================
a string                                       is the text
`[[user, bot], ...]`                           pairs: the last `bot`, a string, `{"text": ...}`
                                               or a list of `{"text": ...}`, after those of the
                                               pairs before where the last have no `user`
`[{"role": ..., "content": ...}, ...]`         messages: the trailing run of `assistant`, its
                                               `content` a string or a list of text parts; what
                                               has a `metadata.title` is thought or tool use
=============================================  ==============================================

In pairs whose bot side is a list (the multimodal chatbot of the 1M Space), the text
`Qwen is thinking...` is a status and a `<summary>` at the end is a note on tools; neither is
answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

Path = list[Any]
"""The way to a place in a value, as edits give it: keys and indices."""

PLACEHOLDER = "Qwen is thinking..."
SUMMARY = "\n<summary>"
_SUMMARY_END = "</summary>"

_PAIR = 6
"""Parts that could be looked at in the time that it takes to read a pair."""


class Reading(NamedTuple):
    """What an output says at one moment.

    Attributes:
        answer: The assistant's text.
        reasoning: Its thoughts and tool use.
        status: A text that stands in the answer's place and is not answer, or None.
        path: The place of the newest text. Text appended there continues `answer`, or
            `reasoning` where `in_reasoning` is set. None where appending may mean anything else.
        in_reasoning: Whether `path` is a place in a thought.
        notes: Whether text appended at `path` may be a note at the end of the answer, once it
            holds a `<`.
        parts: How many texts had to be looked at: what the reading cost.
    """

    answer: str = ""
    reasoning: str = ""
    status: str | None = None
    path: Path | None = None
    in_reasoning: bool = False
    notes: bool = False
    parts: int = 1


NOTHING = Reading()


def find_output(data: Sequence[Any]) -> int:
    """Return the index of the output that a chat's answer is in.

    A chatbot's value is preferred to one that may be an empty chatbot's, that to a text, and the
    first to later ones.

    Args:
        data: One value per output component.
    """
    ranks = [_rank(value) for value in data]
    return ranks.index(max(ranks)) if ranks else 0


def _rank(value: Any) -> int:
    """Return how much a value looks like a chat's: 3 is a chat, 0 is none."""
    if is_update(value):
        return 0 if isinstance(value.get("value"), dict) else _rank(value.get("value"))
    if isinstance(value, str):
        return 1
    if not isinstance(value, list):
        return 0
    if not value:
        return 2
    last = value[-1]
    if isinstance(last, dict):
        return 3 if "role" in last and "content" in last else 0
    return 3 if _is_pair(last) else 0


def is_unchanged(value: Any) -> bool:
    """Tell whether an output's value says that the component keeps the one it had."""
    return is_update(value) and "value" not in value


def is_update(value: Any) -> bool:
    """Tell whether a value changes a component's properties, its value perhaps among them."""
    return isinstance(value, dict) and value.get("__type__") == "update"


def common_entries(earlier: Sequence[object], value: Any) -> int:
    """Return how many entries at the beginning of a chat's value were there earlier."""
    if is_update(value):
        value = value.get("value")
    if not isinstance(value, list):
        return 0
    pairs = zip(earlier, value, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def read(value: Any, start: int = 0, *, final: bool = False) -> Reading:
    """Return what an output says.

    Args:
        value: The output's value. A value of no known shape says nothing.
        start: Entries at the beginning of a chat's value that are of earlier questions.
        final: Whether the value will not change any more. Until then the beginning of a note is
            kept back, so that no part of it is ever given out as answer.
    """
    if isinstance(value, str):
        return Reading(value, path=[])
    if is_update(value):
        if isinstance(value.get("value"), dict):  # Updates don't nest, however deep.
            return NOTHING
        reading = read(value.get("value"), start, final=final)
        return reading._replace(path=None if reading.path is None else ["value", *reading.path])
    if not isinstance(value, list) or len(value) <= start:
        return NOTHING
    last = value[-1]
    if _is_pair(last):
        return _read_pairs(value, start, final)
    if isinstance(last, dict) and "role" in last:
        return _read_messages(value, start)
    return NOTHING


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 2


def _read_pairs(pairs: list[Any], earliest: int, final: bool) -> Reading:
    last = len(pairs) - 1
    start = last
    while start > earliest and pairs[start][0] is None and _is_pair(pairs[start - 1]):
        start -= 1
    reading = _read_pair(pairs[last][1], [last, 1], final)
    if start == last:
        return reading
    before = [_read_pair(pairs[index][1], [index, 1], True) for index in range(start, last)]
    return reading._replace(
        answer="".join(each.answer for each in before) + reading.answer,
        parts=reading.parts + sum(_PAIR + each.parts for each in before),
    )


def _read_pair(bot: Any, path: Path, final: bool) -> Reading:
    if not isinstance(bot, list):
        text, place = _read_content(bot, path)
        return Reading(text, path=place)
    text, place = _read_content(bot, path)
    if text == PLACEHOLDER:
        return Reading(status=text, parts=len(bot))
    answer = text[: _end_of_answer(text, final)]
    whole = len(answer) == len(text) and not PLACEHOLDER.startswith(text)
    return Reading(answer, path=place if whole else None, notes=True, parts=len(bot))


def _read_messages(messages: list[Any], earliest: int) -> Reading:
    start = len(messages)
    while start > earliest and _role(messages[start - 1]) == "assistant":
        start -= 1
    answer: list[str] = []
    reasoning: list[str] = []
    path: Path | None = None
    in_reasoning = False
    parts = 1
    for index in range(start, len(messages)):
        message = messages[index]
        content = message.get("content")
        parts += 1 + (len(content) if isinstance(content, list) else 0)
        text, path = _read_content(content, [index, "content"])
        metadata = message.get("metadata")
        in_reasoning = bool(isinstance(metadata, dict) and metadata.get("title"))
        (reasoning if in_reasoning else answer).append(text)
    return Reading("".join(answer), "".join(reasoning), None, path, in_reasoning, parts=parts)


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def _read_content(content: Any, path: Path) -> tuple[str, Path | None]:
    """Return the text of a content, and where it ends."""
    if isinstance(content, str):
        return content, path
    if isinstance(content, dict):
        text = content.get("text")
        return (text, [*path, "text"]) if isinstance(text, str) else ("", None)
    if not isinstance(content, list):
        return "", None
    texts: list[str] = []
    place: Path | None = None
    for index, part in enumerate(content):
        if isinstance(part, str):
            text, place = part, [*path, index]
        else:
            text, place = (
                _read_content(part, [*path, index]) if isinstance(part, dict) else ("", None)
            )
        texts.append(text)
    return "".join(texts), place


def _end_of_answer(text: str, final: bool) -> int:
    """Return where the answer ends and a note begins, or may begin."""
    end = len(text)
    while (start := text.rfind(SUMMARY, 0, end)) >= 0:
        close = text.find(_SUMMARY_END, start, end)
        if close >= 0 and text[close + len(_SUMMARY_END) : end].strip():
            break
        end = start
    if end == len(text) and not final:
        # A newline alone is given out at once: it is part of most answers.
        for length in range(len(SUMMARY) - 1, 1, -1):
            if text.endswith(SUMMARY[:length]):
                return end - length
    return end

r"""Where the assistant's text sits in an output.

An output's value shows its own shape, so there is nothing to configure, and to configure wrongly:

=============================================  ==============================================
a string                                       the text itself
`[[user, bot], ...]`                           pairs: the last `bot`, which is a string,
                                               `{"text": ...}`, or a list of `{"text": ...}`. A
                                               pair without `user` continues the pair before it
`[{"role": ..., "content": ...}, ...]`         messages: the trailing run of those that are not a
                                               person's; see `contents` for the parts of a message,
                                               and which of them are thoughts or tool use
`{"__type__": "update", ...}`                  one of these in the first of `_CONTENTS` that it has
=============================================  ==============================================

Some apps give all their messages titles, so that a page shows each as a thought. There, the last
one with a text is the answer, too, once nothing more can come (`transcript`).

Several messages are joined by a blank line, and so are the parts of a message's list, each of
which the page of Gradio 6 shows as a message of its own. The parts of a pair's list are one text.
An empty message adds nothing: its blank line comes with its first character, so no blank line is
ever taken back. A component that shows a text counts as that text, an HTML component as the text of
its HTML.

In pairs whose `bot` is a list (the multimodal chatbot of the 1M Space), the text
`Qwen is thinking...` is a status and a `<summary>` at the end is a note on tools; neither belongs
to the answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from .contents import Path, is_answer, read_message, read_part, role, text_in

PLACEHOLDER = "Qwen is thinking..."
SUMMARY = "\n<summary>"
_SUMMARY_END = "</summary>"

_PAIR = 6
"""Parts that can be read in the time that it takes to read a pair."""
SEPARATOR = "\n\n"
"""Separates two messages of an answer, and two thoughts."""

_LONGEST_TITLE = 1000
"""Characters of a title that are kept."""

_CONTENTS = ("value", "items", "messages", "content")
"""The properties of an update in which a component may show an answer, the best first."""


class Thought(NamedTuple):
    """A message that is a thought or tool use.

    Attributes:
        title: The app's title for it, or None.
        end: Its end in the text of all thoughts.
    """

    title: str | None
    end: int


class Reading(NamedTuple):
    """The text of an output at one moment.

    Attributes:
        answer: The assistant's text.
        reasoning: The text of its thoughts and tool use.
        status: A text that stands in the answer's place without being answer, or None.
        path: The place of the newest text. Text appended there continues `answer`, or `reasoning`
            if `in_reasoning` is set, and changes nothing else. None if appending may mean anything
            else.
        in_reasoning: Whether `path` is a place in a thought, which is the last of `thoughts`.
        gap: The text that separates text appended at `path` from what is before it.
        thoughts: The thoughts whose texts make up `reasoning`.
        notes: Whether text appended at `path` may turn out to be a note at the end of the answer,
            once it holds a `<`.
        breaks: What line breaks in a text appended at `path` do. Those at its end may wait for what
            comes after them, or any may change what is before it; empty: neither.
        waiting: The line breaks that wait there.
        is_all_titled: Whether each message is a thought, and only its title says so.
        parts: The number of texts read, which is the cost of the reading.
    """

    answer: str = ""
    reasoning: str = ""
    status: str | None = None
    path: Path | None = None
    in_reasoning: bool = False
    gap: str = ""
    thoughts: Sequence[Thought] = ()
    notes: bool = False
    breaks: Literal["", "wait", "change"] = ""
    waiting: str = ""
    is_all_titled: bool = False
    parts: int = 1


NOTHING = Reading()


def find_output(data: Sequence[Any]) -> int:
    """Return the index of the output that most likely holds a chat's answer.

    A chatbot's value comes before a value that may be an empty chatbot's, and that before a text.
    Of equals, the first counts.

    Args:
        data: One value per output component.
    """
    ranks = [_rank(value) for value in data]
    return ranks.index(max(ranks)) if ranks else 0


def _rank(value: Any) -> int:
    """Return how much a value looks like a chat, from 0 (no chat) to 3 (a chat)."""
    if is_update(value):
        content = content_of(value)
        return 0 if isinstance(content, dict) else _rank(content)
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
    """Return whether an output's value says that the component keeps its present value."""
    return is_update(value) and updated_property(value) is None


def is_update(value: Any) -> bool:
    """Return whether a value changes a component's properties, perhaps its value among them."""
    return isinstance(value, dict) and value.get("__type__") == "update"


def updated_property(update: dict[str, Any]) -> str | None:
    """Return the property in which an update changes what a component shows, or None."""
    return next((name for name in _CONTENTS if name in update), None)


def content_of(value: Any) -> Any:
    """Return what a component shows by an output's value, or None if the value doesn't say."""
    if not is_update(value):
        return value
    name = updated_property(value)
    return None if name is None else value[name]


def common_entries(earlier: Sequence[object], value: Any) -> int:
    """Return the number of entries that a chat's value begins with and had earlier, too."""
    value = content_of(value)
    if not isinstance(value, list):
        return 0
    pairs = zip(earlier, value, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def read(value: Any, start: int = 0, *, final: bool = False) -> Reading:
    """Read the text of an output.

    Args:
        value: The output's value. A value of no known shape has no text.
        start: Entries at the beginning of a chat's value that belong to earlier questions.
        final: Whether the value is final. Before that, the beginning of what may be a note is left
            out, so that no part of a note is ever given out as answer.
    """
    if isinstance(value, str):
        return Reading(value, path=[])
    if is_update(value):
        name = updated_property(value)
        if name is None or isinstance(value[name], dict):  # Updates don't nest.
            return NOTHING
        reading = read(value[name], start, final=final)
        return reading._replace(path=None if reading.path is None else [name, *reading.path])
    if not isinstance(value, list) or len(value) <= start:
        return NOTHING
    last = value[-1]
    if _is_pair(last):
        return _read_pairs(value, start, final)
    if isinstance(last, dict):
        return _read_messages(value, start)
    return NOTHING


def _is_pair(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 2


def answer_contents(value: Any, start: int) -> Sequence[Any]:
    """Return the content of each message of an answer, text or not, thoughts among them.

    Args:
        value: An output's value. A value that is no chat is the only content itself.
        start: Entries at the beginning of a chat's value that belong to earlier questions.
    """
    if not isinstance(value, list):
        return [value]
    if len(value) <= start:
        return []
    if _is_pair(value[-1]):
        return [pair[1] for pair in value[_first_pair(value, start) :]]
    if role(value[-1]) is not None:
        return [
            message.get("content", message.get("file"))
            for message in value[_first_message(value, start) :]
        ]
    return value[start:]


def questions(value: Any) -> Sequence[str]:
    """Return the texts of a chat's messages that are not the app's; none for another value."""
    if not isinstance(value, list) or not value:
        return []
    if _is_pair(value[-1]):
        asked = [pair[0] for pair in value if _is_pair(pair) and pair[0] is not None]
    else:
        messages = [each for each in value if role(each) is not None and not is_answer(each)]
        asked = [message.get("content") for message in messages]
    return [text_in(each) for each in asked]


class _Texts:
    """Joins the texts of messages by blank lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length: int = 0

    def add(self, text: str) -> str:
        """Add a text; return the gap that comes before text appended to it later."""
        gap = SEPARATOR if self._parts else ""
        if not text:
            return gap
        self._parts += [gap, text]
        self.length += len(gap) + len(text)
        return ""

    def __str__(self) -> str:
        return "".join(self._parts)


def _first_pair(pairs: list[Any], earliest: int) -> int:
    """Return the index of the first pair that answers the last question."""
    start = len(pairs) - 1
    while start > earliest and pairs[start][0] is None and _is_pair(pairs[start - 1]):
        start -= 1
    return start


def _read_pairs(pairs: list[Any], earliest: int, final: bool) -> Reading:
    last = len(pairs) - 1
    start = _first_pair(pairs, earliest)
    if start == last:
        return _read_pair(pairs[last][1], [last, 1], final)
    answer, parts = _Texts(), 0
    for index in range(start, last):
        before = _read_pair(pairs[index][1], [], True)
        answer.add(before.answer)
        parts += _PAIR + before.parts
    reading = _read_pair(pairs[last][1], [last, 1], final)
    gap = answer.add(reading.answer)
    return reading._replace(answer=str(answer), gap=gap, parts=reading.parts + parts)


def _read_pair(bot: Any, path: Path, final: bool) -> Reading:
    if not isinstance(bot, list):
        piece = read_part(bot, path)
        return Reading(piece.text, path=piece.place, parts=piece.cost)
    pieces = [read_part(part, [*path, index]) for index, part in enumerate(bot)]
    text = "".join(piece.text for piece in pieces)
    parts = sum(piece.cost for piece in pieces)
    if text == PLACEHOLDER:
        return Reading(status=text, parts=parts)
    answer = text[: _end_of_answer(text, final)]
    whole = len(answer) == len(text) and not PLACEHOLDER.startswith(text)
    return Reading(answer, path=pieces[-1].place if whole else None, notes=True, parts=parts)


def _first_message(messages: list[Any], earliest: int) -> int:
    """Return the index of the first message that answers the last question."""
    start = len(messages)
    while start > earliest and is_answer(messages[start - 1]):
        start -= 1
    return start


def _read_messages(messages: list[Any], earliest: int) -> Reading:
    answer, reasoning = _Texts(), _Texts()
    thoughts: list[Thought] = []
    in_reasoning = False
    is_all_titled = True
    path: Path | None = None
    gap = ""
    parts = 1
    for index in range(_first_message(messages, earliest), len(messages)):
        for number, piece in enumerate(read_message(messages[index], index)):
            goes_on = number > 0 and in_reasoning
            in_reasoning = piece.is_thought
            gap, path = (reasoning if in_reasoning else answer).add(piece.text), piece.place
            if in_reasoning:
                _add_thought(thoughts, piece.title, reasoning.length, goes_on)
            is_all_titled = is_all_titled and piece.is_titled
            parts += piece.cost
        parts += 1
    return Reading(
        str(answer),
        str(reasoning),
        None,
        path,
        in_reasoning,
        gap,
        thoughts,
        is_all_titled=bool(thoughts) and is_all_titled,
        parts=parts,
    )


def _add_thought(thoughts: list[Thought], title: object, end: int, goes_on: bool) -> None:
    """Add a thought, or extend the last one if this is another part of it."""
    named = title[:_LONGEST_TITLE] if isinstance(title, str) else None
    if goes_on and thoughts[-1].title == named:
        thoughts.pop()
    thoughts.append(Thought(named, end))


def _end_of_answer(text: str, final: bool) -> int:
    """Return the end of the answer, where a note begins or may begin."""
    end = len(text)
    while (start := text.rfind(SUMMARY, 0, end)) >= 0:
        close = text.find(_SUMMARY_END, start, end)
        if close >= 0 and text[close + len(_SUMMARY_END) : end].strip():
            break
        end = start
    if end == len(text) and not final:
        # A newline alone is not held back: most answers hold some.
        for length in range(len(SUMMARY) - 1, 1, -1):
            if text.endswith(SUMMARY[:length]):
                return end - length
    return end

r"""Where the assistant's text sits in an output.

An output's value shows its own shape, so there is nothing to configure, and to configure wrongly:

=============================================  ==============================================
a string                                       the text itself
`[[user, bot], ...]`                           pairs: the last `bot`, which is a string,
                                               `{"text": ...}`, or a list of `{"text": ...}`. A
                                               pair without `user` continues the pair before it
`[{"role": ..., "content": ...}, ...]`         messages: the trailing run of `assistant`. Its
                                               `content` is a string, `{"text": ...}`, a component,
                                               or a list of these. A message with a
                                               `metadata.title` is a thought or tool use
=============================================  ==============================================

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
from typing import Any, NamedTuple

from .hypertext import text_of

Path = list[Any]
"""The keys and indices that lead to a place in a value, as edits name it."""

PLACEHOLDER = "Qwen is thinking..."
SUMMARY = "\n<summary>"
_SUMMARY_END = "</summary>"

_PAIR = 6
"""Parts that can be read in the time that it takes to read a pair."""
SEPARATOR = "\n\n"
"""Separates two messages of an answer, and two thoughts."""

_LONGEST_TITLE = 1000
"""Characters of a title that are kept."""

_TEXT_COMPONENTS = frozenset({"code", "markdown", "textbox"})
_HTML_PER_PART = 16
"""Characters of HTML that take as long to read as one part."""


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
    """Return whether an output's value says that the component keeps its present value."""
    return is_update(value) and "value" not in value


def is_update(value: Any) -> bool:
    """Return whether a value changes a component's properties, perhaps its value among them."""
    return isinstance(value, dict) and value.get("__type__") == "update"


def common_entries(earlier: Sequence[object], value: Any) -> int:
    """Return the number of entries that a chat's value begins with and had earlier, too."""
    if is_update(value):
        value = value.get("value")
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
        if isinstance(value.get("value"), dict):  # Updates don't nest.
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


def answer_contents(value: Any, start: int = 0) -> Sequence[Any]:
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
    if _role(value[-1]) is not None:
        return [message.get("content") for message in value[_first_message(value, start) :]]
    return value[start:]


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
        before = _read_pair(pairs[index][1], [index, 1], True)
        answer.add(before.answer)
        parts += _PAIR + before.parts
    reading = _read_pair(pairs[last][1], [last, 1], final)
    gap = answer.add(reading.answer)
    return reading._replace(answer=str(answer), gap=gap, parts=reading.parts + parts)


def _read_pair(bot: Any, path: Path, final: bool) -> Reading:
    if not isinstance(bot, list):
        piece = _read_part(bot, path)
        return Reading(piece.text, path=piece.place, parts=piece.cost)
    pieces = [_read_part(part, [*path, index]) for index, part in enumerate(bot)]
    text = "".join(piece.text for piece in pieces)
    parts = sum(piece.cost for piece in pieces)
    if text == PLACEHOLDER:
        return Reading(status=text, parts=parts)
    answer = text[: _end_of_answer(text, final)]
    whole = pieces and len(answer) == len(text) and not PLACEHOLDER.startswith(text)
    return Reading(answer, path=pieces[-1].place if whole else None, notes=True, parts=parts)


def _first_message(messages: list[Any], earliest: int) -> int:
    """Return the index of the first message that answers the last question."""
    start = len(messages)
    while start > earliest and _role(messages[start - 1]) == "assistant":
        start -= 1
    return start


def _read_messages(messages: list[Any], earliest: int) -> Reading:
    answer, reasoning = _Texts(), _Texts()
    thoughts: list[Thought] = []
    in_reasoning = False
    path: Path | None = None
    gap = ""
    parts = 1
    for index in range(_first_message(messages, earliest), len(messages)):
        message = messages[index]
        title = _title(message)
        in_reasoning = bool(title)
        texts = reasoning if in_reasoning else answer
        for piece in _read_content(message.get("content"), [index, "content"]):
            gap, path = texts.add(piece.text), piece.place
            parts += piece.cost
        if in_reasoning:
            named = title[:_LONGEST_TITLE] if isinstance(title, str) else None
            thoughts.append(Thought(named, reasoning.length))
        parts += 1
    return Reading(
        str(answer), str(reasoning), None, path, in_reasoning, gap, thoughts, parts=parts
    )


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def _title(message: dict[str, Any]) -> Any:
    metadata = message.get("metadata")
    return metadata.get("title") if isinstance(metadata, dict) else None


class _Piece(NamedTuple):
    """The text of a part of a message, the place where it ends, and the cost of reading it."""

    text: str = ""
    place: Path | None = None
    cost: int = 1


def _read_content(content: Any, path: Path) -> list[_Piece]:
    """Read each part of a message that the page shows as a message of its own."""
    if not isinstance(content, list):
        return [_read_part(content, path)]
    return [_read_part(part, [*path, index]) for index, part in enumerate(content)] or [_Piece()]


def _read_part(part: Any, path: Path) -> _Piece:
    if isinstance(part, str):
        return _Piece(part, path)
    if not isinstance(part, dict):
        return _Piece()
    text = part.get("text")
    if isinstance(text, str):
        return _Piece(text, [*path, "text"])
    value = part.get("value")
    if not isinstance(value, str):
        return _Piece()
    kind = _kind(part)
    if kind == "html":
        return _Piece(text_of(value), None, 1 + len(value) // _HTML_PER_PART)
    return _Piece(value, [*path, "value"]) if kind in _TEXT_COMPONENTS else _Piece()


def _kind(component: dict[str, Any]) -> str:
    """Return the kind of a component in a message: a `TextArea`, a template, is a text box."""
    props = component.get("props")
    named = (props.get("name") if isinstance(props, dict) else None, component.get("component"))
    return next((name for name in named if isinstance(name, str)), "")


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

r"""Where the assistant's text sits in an output.

An output tells its own shape, so nothing has to be configured that could be wrong:

=============================================  ==============================================
a string                                       is the text
`[[user, bot], ...]`                           pairs: the last `bot`, a string, `{"text": ...}`
                                               or a list of `{"text": ...}`, after those of the
                                               pairs before where the last have no `user`
`[{"role": ..., "content": ...}, ...]`         messages: the trailing run of `assistant`, its
                                               `content` a string, `{"text": ...}`, a component,
                                               or a list of these; what has a `metadata.title` is
                                               thought or tool use
=============================================  ==============================================

Several messages are joined by a blank line, and so are the parts of a message's list, each of
which the page of Gradio 6 shows as a message of its own. The parts of a pair's list are one text.
An empty message adds nothing: its blank line comes with its first character, so that none is ever
taken back. A component that shows a text is that text; an HTML component is what its HTML says.

In pairs whose bot side is a list (the multimodal chatbot of the 1M Space), the text
`Qwen is thinking...` is a status and a `<summary>` at the end is a note on tools; neither is
answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from .hypertext import text_of

Path = list[Any]
"""The way to a place in a value, as edits give it: keys and indices."""

PLACEHOLDER = "Qwen is thinking..."
SUMMARY = "\n<summary>"
_SUMMARY_END = "</summary>"

_PAIR = 6
"""Parts that could be looked at in the time that it takes to read a pair."""
SEPARATOR = "\n\n"
"""What stands between two messages of an answer, and between two thoughts."""

_LONGEST_TITLE = 1000
"""Characters of a title that are kept."""

_TEXT_COMPONENTS = frozenset({"code", "markdown", "textbox"})
_HTML_PER_PART = 16
"""Characters of HTML that take as long to read as a text does to be looked at."""


class Thought(NamedTuple):
    """One of the messages that are thoughts or tool use.

    Attributes:
        title: What the app calls it, or None.
        end: Where it ends in the text of all of them.
    """

    title: str | None
    end: int


class Reading(NamedTuple):
    """What an output says at one moment.

    Attributes:
        answer: The assistant's text.
        reasoning: Its thoughts and tool use.
        status: A text that stands in the answer's place and is not answer, or None.
        path: The place of the newest text. Text appended there continues `answer`, or
            `reasoning` where `in_reasoning` is set. None where appending may mean anything else.
        in_reasoning: Whether `path` is a place in a thought, which is the last of `thoughts`.
        gap: What comes before text that is appended at `path`.
        thoughts: What `reasoning` is made of.
        notes: Whether text appended at `path` may be a note at the end of the answer, once it
            holds a `<`.
        parts: How many texts had to be looked at: what the reading cost.
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


def answer_contents(value: Any, start: int = 0) -> Sequence[Any]:
    """Return what each message of an answer holds, be it text or not, thoughts among them.

    Args:
        value: An output's value. One that is no chat is itself what the answer holds.
        start: Entries at the beginning of a chat's value that are of earlier questions.
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
    """Texts of messages, to be joined by blank lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length: int = 0

    def add(self, text: str) -> str:
        """Add a text; return what comes before what is appended to it."""
        gap = SEPARATOR if self._parts else ""
        if not text:
            return gap
        self._parts += [gap, text]
        self.length += len(gap) + len(text)
        return ""

    def __str__(self) -> str:
        return "".join(self._parts)


def _first_pair(pairs: list[Any], earliest: int) -> int:
    """Return where the pairs begin that answer the last question."""
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
        said = _read_part(bot, path)
        return Reading(said.text, path=said.place, parts=said.cost)
    found = [_read_part(part, [*path, index]) for index, part in enumerate(bot)]
    text = "".join(said.text for said in found)
    parts = sum(said.cost for said in found)
    if text == PLACEHOLDER:
        return Reading(status=text, parts=parts)
    answer = text[: _end_of_answer(text, final)]
    whole = found and len(answer) == len(text) and not PLACEHOLDER.startswith(text)
    return Reading(answer, path=found[-1].place if whole else None, notes=True, parts=parts)


def _first_message(messages: list[Any], earliest: int) -> int:
    """Return where the messages begin that answer the last question."""
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
        for said in _read_content(message.get("content"), [index, "content"]):
            gap, path = texts.add(said.text), said.place
            parts += said.cost
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


class _Said(NamedTuple):
    """What a part of a message says, and where that ends; what it cost to read."""

    text: str = ""
    place: Path | None = None
    cost: int = 1


def _read_content(content: Any, path: Path) -> list[_Said]:
    """Read what a message holds, each part that the page shows for itself."""
    if not isinstance(content, list):
        return [_read_part(content, path)]
    found = [_read_part(part, [*path, index]) for index, part in enumerate(content)]
    return found or [_Said()]


def _read_part(part: Any, path: Path) -> _Said:
    if isinstance(part, str):
        return _Said(part, path)
    if not isinstance(part, dict):
        return _Said()
    text = part.get("text")
    if isinstance(text, str):
        return _Said(text, [*path, "text"])
    value = part.get("value")
    if not isinstance(value, str):
        return _Said()
    kind = _kind(part)
    if kind == "html":
        return _Said(text_of(value), None, 1 + len(value) // _HTML_PER_PART)
    return _Said(value, [*path, "value"]) if kind in _TEXT_COMPONENTS else _Said()


def _kind(component: dict[str, Any]) -> str:
    """Return what a component in a message is: a `TextArea` is a text box, like other templates."""
    props = component.get("props")
    named = (props.get("name") if isinstance(props, dict) else None, component.get("component"))
    return next((name for name in named if isinstance(name, str)), "")


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

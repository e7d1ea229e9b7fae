"""Which part of a text waits, since the app that is writing it may take it back.

Theory of operation
===================

While they write, many apps show more than the text: a *cursor* after it (`text▌`, `text...`,
`text<span class="cursor"></span>`), or a *placeholder* in its place ("⏳ Thinking…"). The next
value lacks them, or has the cursor further on. No value says which of its characters these are. So
a piece at the end that looks like one waits until the next value, or the end, shows what it was.

**Why nothing is lost, repeated or invented.** What is given out is a beginning of the text that the
value has. The rest is not dropped: the next value is looked at whole, and the end of the answer
gives out all that still waits. So guessing wrong never changes the text, only the moment at which a
piece of it comes. What was given out already is never called a cursor later. Where the text
given out is no beginning of the new one, the app has rewritten it; the one exception is a
placeholder that stands in for the whole text: nothing changes until the next value.

**What waits, and for how long.** A value either *grew* (it begins with all of the value before) or
it did not (it is the first one, the first of a message, or something was taken back).

- An ordinary answer only grows, and then nothing waits but one of `_SURE` at its end, which few
  texts hold, and what was a cursor in this stream before (`_learn`).
- A value that did not grow may end in a cursor of any form: symbols, dots, elements of HTML, with
  the spaces before them. They wait. If the next value grew, they were text, and are given out; only
  the same piece may wait again, since a cursor may be followed by itself ("..." after "."). In an
  app that rewrites its text with each value, closing tags wait for the same reason.
- A short line that looks like a placeholder waits if it is the beginning of a message. Once more
  words follow it, it was text.

So of an ordinary answer a short piece waits, once, for one update; of one with a cursor, what looks
like the cursor. A piece is `_LONGEST` characters at the most, and never a whole answer longer than
`_LONGEST_PLACEHOLDER`.
"""

from __future__ import annotations

import re

from .failures import plain_text
from .hypertext import without_tags
from .text import common_prefix

_LONGEST = 256
"""Characters of a cursor: one made of HTML has a style."""

_LONGEST_PLACEHOLDER = 100
_LONGEST_LEARNED = 64
_MOST_LEARNED = 8

_SURE = frozenset(map(chr, [*range(0x2580, 0x2600), *range(0x2800, 0x2900), 0x231B, 0x23F3]))
"""Blocks, geometric shapes, Braille patterns (spinners) and hourglasses."""

_SYMBOLS = r"\u2300-\u23ff\u2500-\u27bf\u2800-\u28ff\u2b00-\u2bff\U0001f300-\U0001faff"

_BACKWARDS = re.compile(rf"(?:\s|[|¦_…\ufe0f\u200d{_SYMBOLS}]|\.\.+|>[^<>]*[a-zA-Z]/?<|;\w+\#?&)*")
"""What may be a cursor, read from its end, which takes one pass: spaces, symbols, dots (but no full
stop), tags and characters of HTML."""

_PLACEHOLDER = re.compile(
    rf"^[\s\ufe0f\u200d]*[{_SYMBOLS}]|\.\.|…|中\W*$|^\W*(?:正在|请稍|請稍"
    r"|(?:please wait|one moment|thinking|generating|loading|processing|searching|typing|working"
    r"|writing)\b)",
    re.IGNORECASE,
)
"""What is in a placeholder: a symbol before the words, dots after them, or known words."""

_WRAPPERS = {"*": "*", "_": "_", "(": ")", "[": "]", "<": ">"}
"""Marks that a placeholder begins and ends with: emphasis, brackets, an element of HTML."""


class Ending:
    """Decides which part of a text is given out while an app is writing it.

    Attributes:
        text: The text of the newest value, if a part of it waits; otherwise None.
        placeholder: The words of a placeholder that waits, or None.
        marks: The characters of which one ends a text that may wait although it only grew.
    """

    def __init__(self) -> None:
        self.text: str | None = None
        self.placeholder: str | None = None
        self.marks: frozenset[str] = _SURE  # All share it, until one learns another.
        self._waits = ""  # The part of `text` that waits.
        self._learned: list[str] = []

    def settle(self, given: str, text: str, *, begins: bool = False, final: bool = False) -> str:
        """Return the part of a value's text that is given out.

        Args:
            given: What was given out before.
            text: The text of the value.
            begins: Whether the newest text is another message's than it was before.
            final: Whether the function is done, or writes something else by now. Only a placeholder
                may still wait then, in which a function leaves the answer to the next one.
        """
        known = len(given) if text.startswith(given) else common_prefix(given, text)
        waited, rest, rewritten = self._waits, text[known:], known < len(given)
        grew = not rewritten and bool(known or waited) and rest.startswith(waited) and not begins
        if not grew:
            self._learn(given[known:] + waited, text)
        line = text if rewritten else rest
        first = not given if final else rewritten or not given or begins
        if first and is_placeholder(line) and not _goes_on(waited, line):
            self._wait(line, text)
            self.placeholder = plain_text(line)
            return given
        most = _LONGEST if not grew else len(waited) if rest.endswith(waited) else 0
        length = 0 if final else self._cursor(rest, most)
        self._wait(rest[len(rest) - length :], text)
        return text[: len(text) - length]

    def release(self) -> None:
        """Take note that the whole text has been given out."""
        self._wait("", "")

    def _wait(self, piece: str, text: str) -> None:
        self._waits = piece
        self.text = text if piece else None
        self.placeholder = None

    def _cursor(self, rest: str, most: int) -> int:
        """Return the length of what may be a cursor at the end of a text."""
        length = min(_cursor_length(rest), most)
        known = [len(piece) for piece in self._learned if rest.endswith(piece)]
        if rest[-1:] in _SURE:
            known.append(1)
        if not known:
            return length
        return max(length, len(rest) - len(rest[: -max(known)].rstrip()))

    def _learn(self, taken: str, text: str) -> None:
        """Remember a piece that was taken back, if it looks like a cursor or is there again."""
        piece = taken.strip()
        if not piece or len(piece) > _LONGEST_LEARNED or piece in self._learned:
            return
        again = text.endswith(piece) and not piece[-1].isalnum()
        if again or _cursor_length(piece) == len(piece):
            self._learned = [piece, *self._learned[: _MOST_LEARNED - 1]]
            self.marks = _SURE.union(each[-1] for each in self._learned)


def _cursor_length(text: str) -> int:
    """Return the length of what looks like a cursor at the end of a text."""
    found = _BACKWARDS.match(text[: -_LONGEST - 1 : -1])
    return 0 if found is None or found[0].isspace() else found.end()


def is_placeholder(text: str) -> bool:
    """Return whether a text looks like a short line that stands in for an answer."""
    line = text.strip()
    if not line or len(line) > _LONGEST_PLACEHOLDER or "\n" in line:
        return False
    if not _has_words(line):
        return set(line) <= {".", "…", " "}  # Anything else is at most a cursor.
    wrapped = _WRAPPERS.get(line[0]) == line[-1]
    return wrapped or _PLACEHOLDER.search(without_tags(line)) is not None


def _goes_on(waited: str, line: str) -> bool:
    """Return whether the words that waited are in a line, with more words after them."""
    return any(
        part.strip() and line.startswith(part) and _has_words(line[len(part) :])
        for part in (waited, waited[: len(waited) - _cursor_length(waited)])
    )


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, without_tags(text)))

"""Messages that say the same of several places, in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_AROUND = ".,:;!?()'\""
"""Characters around a word that are no part of it."""

_SHORTEST = 12
"""Parts of a message that is compared: shorter ones may be alike by chance."""


def said_once(messages: Iterable[str]) -> list[str]:
    """Return messages, those in one that differ in a single word, such as the name of a place.

    It then stands with all the words, in their order: `one, two, three can't be reached.`
    """
    groups: list[_Group] = []
    for message in messages:
        parts = _parts(message)
        if not any(group.add(parts) for group in groups):
            groups.append(_Group(parts))
    return [str(group) for group in groups]


def _parts(message: str) -> list[str]:
    """Return what a message is made of: words, what is around each, and spaces."""
    found: list[str] = []
    for word in re.split(r"(\s+)", message):
        rest = word.lstrip(_AROUND)
        core = rest.rstrip(_AROUND)
        found += [word[: len(word) - len(rest)], core, rest[len(core) :]]
    return found


class _Group:
    """Messages that differ in one word at most.

    Args:
        parts: The first of them.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        self._parts = parts
        self._place: int | None = None
        self._words: dict[str, None] = {}

    def add(self, parts: Sequence[str]) -> bool:
        """Add another message, if it fits; tell whether it does."""
        if len(parts) != len(self._parts):
            return False
        pairs = enumerate(zip(self._parts, parts, strict=True))
        different = [place for place, (one, other) in pairs if one != other]
        if not different:
            return True
        place, *more = different
        if more or len(parts) < _SHORTEST or self._place not in (None, place):
            return False
        self._place = place
        self._words |= dict.fromkeys([self._parts[place], parts[place]])
        return True

    def __str__(self) -> str:
        parts = list(self._parts)
        if self._place is not None:
            parts[self._place] = ", ".join(self._words)
        return "".join(parts)

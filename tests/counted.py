"""Texts and lists that count how often they are looked at: a loop without an end fails."""

from __future__ import annotations

from typing import Any


class Steps:
    """Counts steps.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self) -> None:
        """Take a step.

        Raises:
            AssertionError: It is one too many.
        """
        self._left -= 1
        assert self._left >= 0, "there would be no end to it"


class CountedText(str):
    """A text that may be looked at so many times."""

    __slots__ = ("_steps",)

    _steps: Steps

    @classmethod
    def of(cls, content: str, most: int) -> CountedText:
        found = cls(content)
        found._steps = Steps(most)
        return found

    def __getitem__(self, key: Any) -> str:
        self._steps.take()
        return super().__getitem__(key)

    def rfind(self, *args: Any) -> int:
        self._steps.take()
        return super().rfind(*args)


class CountedList(list[Any]):
    """A list that may be looked at so many times."""

    _steps: Steps

    @classmethod
    def of(cls, items: Any, most: int) -> CountedList:
        found = cls(items)
        found._steps = Steps(most)
        return found

    def __getitem__(self, key: Any) -> Any:
        self._steps.take()
        return super().__getitem__(key)

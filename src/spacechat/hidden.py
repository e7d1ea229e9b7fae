"""Texts that are secrets."""

from __future__ import annotations

from collections.abc import Mapping


class Hidden(str):
    """A text that is a secret: it shows in no repr, so not in the locals of a traceback either."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str | None) -> Hidden | None:
        """Return the text without white space around it, hidden; what is no text stays as it is."""
        return cls(text.strip()) if isinstance(text, str) else text

    def __repr__(self) -> str:
        return "<hidden>"


def hide(values: Mapping[str, str]) -> dict[str, str]:
    """Return headers, or the fields of a form, with values that show in no repr."""
    return {name: Hidden(value) for name, value in values.items()}

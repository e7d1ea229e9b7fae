"""Secrets that no repr shows."""

from __future__ import annotations

from collections.abc import Mapping


class Hidden(str):
    """A secret text. No repr shows it, so the locals of a traceback don't either."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str | None) -> Hidden | None:
        """Return a text stripped of white space and hidden; any other value is returned as is."""
        return cls(text.strip()) if isinstance(text, str) else text

    def __repr__(self) -> str:
        return "<hidden>"


def hide(values: Mapping[str, str]) -> dict[str, str]:
    """Return headers, or the fields of a form, with their values hidden."""
    return {name: Hidden(value) for name, value in values.items()}

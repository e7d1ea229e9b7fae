"""Values in a line, as a debugger, a notebook and a traceback show them."""

from __future__ import annotations

import reprlib
from itertools import islice

_MOST = 80
"""Characters of a text, or of a value of an unknown kind, that are shown."""


_LONGEST = 240
"""Characters that are shown in all."""


class _Brief(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _MOST
        self.maxlevel = 4

    def repr_dict(self, x: dict[object, object], level: int) -> str:
        """Keep the order, which the standard library's loses."""
        if level <= 0:
            return "{...}" if x else "{}"
        first = islice(x.items(), self.maxdict)
        shown = [f"{self.repr1(k, level - 1)}: {self.repr1(v, level - 1)}" for k, v in first]
        return f"{{{', '.join([*shown, *(['...'] if len(x) > len(shown) else [])])}}}"

    def repr_bytes(self, x: bytes, _level: int) -> str:
        """Cut the value before it is put into words."""
        shown = repr(x[:_MOST])
        return shown if len(x) <= _MOST else f"{shown}... ({len(x):,} bytes)"


_BRIEF = _Brief()


def brief(value: object) -> str:
    """Return a value's repr, cut in the middle where it is long.

    A long value costs no more than a short one: what is not shown is not put into words.
    """
    shown = _BRIEF.repr(value)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 20]}...{shown[-17:]}"

"""Mutants of `protocol`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_TEXTS = "if isinstance(old, str) and isinstance(new, str):"
_TYPE_ERROR = "what is no text can't be added to one: Python raises the same error"

_WEIGHT = "a weight of the work, by the time that was measured; no bound depends on it alone"
_LIMIT = "a limit that no honest Space comes near"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "protocol/budget.py": [
        Equivalent("WORK_PER_PART = 512", "WORK_PER_PART = 511", _WEIGHT),
        Equivalent("WORK_PER_PART = 512", "WORK_PER_PART = 513", _WEIGHT),
        Equivalent("_WORK = 1 << 32", "_WORK = 1 << 31", _LIMIT),
        Equivalent("_WORK = 1 << 32", "_WORK = 1 << 33", _LIMIT),
        Equivalent("_WORK = 1 << 32", "_WORK = 2 << 32", _LIMIT),
        Equivalent(
            "self._measured = 0  # Memory of the machine's value when it was last measured.",
            "self._measured = -1  # Memory of the machine's value when it was last measured.",
            "a byte less of a bound that is an estimate",
        ),
    ],
    "protocol/edits.py": [
        Equivalent(
            "if at_end and _shortens(edit) and isinstance(parent, list):",
            "if at_end and _shortens(edit):",
            "a number is no key of an object, whichever it is",
        ),
        Equivalent(
            "elif isinstance(parent, list) and type(key) is int and 0 <= key < end:",
            "elif type(key) is int and 0 <= key < end:",
            "no entry of a text can be set: Python raises an error for the edit",
        ),
        Equivalent(_TEXTS, "if isinstance(new, str):", _TYPE_ERROR),
        Equivalent(_TEXTS, "if isinstance(old, str) or isinstance(new, str):", _TYPE_ERROR),
        Equivalent(_TEXTS, "if isinstance(old, str):", _TYPE_ERROR),
    ],
}

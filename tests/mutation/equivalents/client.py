"""Mutants of `client`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "client/lanes.py": [
        Equivalent(
            "self._interval = 0.0 if rate is None else rate.interval",
            "self._interval = -1.0 if rate is None else rate.interval",
            "a time that is over: whoever asks next asks at once, and lanes compare the same",
        ),
        Equivalent(
            "return self._next, self._busy / self._concurrency",
            "return self._next, self._busy * self._concurrency",
            "the lanes that are compared have the same concurrency",
        ),
        Equivalent("if start > now:", "if start >= now:", "a sleep of no time"),
        Equivalent("self._asked = 0", "self._asked = -1", "any model of a Space may be the first"),
        Equivalent("self._asked = 0", "self._asked = 1", "any model of a Space may be the first"),
    ],
}

"""Mutants of `streaming`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_LONG_SINCE = "so many failures wait for the longest time anyway"
_DELAY = "delay = min(FIRST * 2.0 ** min(failures, 16), LONGEST) * jitter"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "streaming/attempts.py": [
        Equivalent(_DELAY, _DELAY.replace("16", "15"), _LONG_SINCE),
        Equivalent(_DELAY, _DELAY.replace("16", "17"), _LONG_SINCE),
    ],
    "streaming/job.py": [
        Equivalent("_APPEARING = 1.0", "_APPEARING = 2.0", "how long a silent Space is waited for"),
    ],
}

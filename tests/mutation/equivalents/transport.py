"""Mutants of `transport`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_LIMIT = "a limit: a little more or less of it changes nothing that anybody could feel"
_EXCERPT = "how much of a text an error repeats"
_EARLIER = "other tasks have their turn a piece earlier or later"
_MOMENT = "two readings of a clock that are equal to the last digit"
_NO_RANGE = "whichever numbers stand for no range, they are none that is asked for"
_RANGES = "start, end, length = map(int, found.groups()) if found else (-1, -1, -1)"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "transport/bodies.py": [
        Equivalent("LARGEST_READ = 120 << 10", None, _LIMIT),
        Equivalent("self.exempt: int = 0", "self.exempt: int = -1", "any message may have as much"),
        Equivalent("self.exempt: int = 0", "self.exempt: int = 1", "any message may have as much"),
        Equivalent("self._taken = 0", "self._taken = -1", _EARLIER),
        Equivalent("self._taken = 0", "self._taken = 1", _EARLIER),
        Equivalent("self._taken += 1", "self._taken += 2", _EARLIER),
        Equivalent(
            "if time.monotonic() < self._deadline.calm_until:",
            "if time.monotonic() <= self._deadline.calm_until:",
            _MOMENT,
        ),
    ],
    "transport/credentials.py": [
        Equivalent(
            'f"{without_user(url)[:200]!r} is not the address of a Space: check it."',
            None,
            _EXCERPT,
        ),
        Equivalent(
            'f"{place_of(space)} names {without_user(url)[:200]!r} as an address of its own, '
            'which "',
            None,
            _EXCERPT,
        ),
    ],
    "transport/deadline.py": [
        Equivalent(
            "return self.at - time.monotonic() < _EARLY",
            "return self.at - time.monotonic() <= _EARLY",
            _MOMENT,
        ),
    ],
    "transport/downloads.py": [
        *(
            Equivalent(_RANGES, _RANGES.replace("(-1, -1, -1)", numbers), _NO_RANGE)
            for numbers in (
                *("(+1, -1, -1)", "(- 0, -1, -1)", "(- 2, -1, -1)"),
                *("(-1, +1, -1)", "(-1, - 0, -1)", "(-1, - 2, -1)"),
                *("(-1, -1, +1)", "(-1, -1, - 0)", "(-1, -1, - 2)"),
            )
        ),
        Equivalent(
            "f\"{headers.get('content-range', 'no range')[:100]!r} where the bytes of a file "
            'were "',
            None,
            _EXCERPT,
        ),
    ],
    "transport/http_client.py": [
        Equivalent(
            "max_connections=2, max_keepalive_connections=1, keepalive_expiry=None",
            "max_connections= 3, max_keepalive_connections=1, keepalive_expiry=None",
            "a line has one request under way at a time",
        ),
        Equivalent(
            "max_connections=2, max_keepalive_connections=1, keepalive_expiry=None",
            "max_connections=2, max_keepalive_connections= 2, keepalive_expiry=None",
            "a line has one request under way at a time",
        ),
        Equivalent(
            "@functools.lru_cache(maxsize=1)",
            "@functools.lru_cache(maxsize= 2)",
            "there is one call to remember",
        ),
        Equivalent("  @functools.cache", "", "a matter of speed: the same is found each time"),
    ],
}

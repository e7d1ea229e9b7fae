"""Mutants of `client`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_AT_ONCE = "how many Spaces are looked at at a time: one more or less is a matter of speed"
_INSTANT = "a difference of no time"
_PART = 'self._partial = self._folder / f".spacechat-{secrets.token_hex(8)}.part"'
_KEY = 'key = f"spacechat-{secrets.token_hex(16)}"'
_SUBMIT = "future = self._cluster.submit(_run, key, function, *args, key=key, pure=False)"
_HOW_LONG = "how long is waited, some more or less"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "client/advice.py": [
        *(Equivalent("PATIENCE = 5.0", f"PATIENCE = {other}", _HOW_LONG) for other in (4.0, 6.0)),
        *(Equivalent("_FAILED = 10.0", f"_FAILED = {other}", _HOW_LONG) for other in (9.0, 11.0)),
        Equivalent("_LOOK = 0.05", "_LOOK = 1.05", _HOW_LONG),
        *(
            Equivalent(
                "self.searching_until: float = 0.0",
                f"self.searching_until: float = {earlier}",
                "a time that was over before the process began",
            )
            for earlier in ("-1.0", "1.0")
        ),
        Equivalent(
            "while time.monotonic() < self.searching_until:  # noqa: ASYNC110 - see below",
            "while time.monotonic() <= self.searching_until:  # noqa: ASYNC110 - see below",
            _INSTANT,
        ),
        Equivalent(
            "if hub != known.hub or time.monotonic() > known.until:",
            "if hub != known.hub or time.monotonic() >= known.until:",
            _INSTANT,
        ),
    ],
    "client/dask.py": [
        *(
            Equivalent(
                _KEY, _KEY.replace("16", f" {other}"), "a key of another length is as unique"
            )
            for other in (15, 17)
        ),
        Equivalent(
            _SUBMIT, _SUBMIT.replace("pure=False", "pure=True"), "the key is given, and is its own"
        ),
    ],
    "client/finder.py": [
        Equivalent("_AT_ONCE = 12", None, _AT_ONCE),
        Equivalent("_EACH = 5.0", None, "how long one Space is waited for: a limit"),
        Equivalent(
            "await run_together(work, [work] * (min(_AT_ONCE, len(spaces)) - 1))", None, _AT_ONCE
        ),
        Equivalent("if left < _SHORTEST:", "if left <= _SHORTEST:", _INSTANT),
        Equivalent(
            "turns = itertools.chain.from_iterable(zip(running, liked, strict=True))",
            "turns = itertools.chain.from_iterable(zip(running, liked, strict=False))",
            "both are the same Spaces, in two orders",
        ),
    ],
    "client/saving.py": [
        *(
            Equivalent(_PART, _PART.replace("8", f" {other}", 1), "a name of another length")
            for other in (7, 9)
        ),
        Equivalent("self._file.close()", "pass", "only Windows minds: the block closes it, too"),
    ],
    "client/map_engine.py": [
        Equivalent(
            "with anyio.move_on_after(2 * CLOSING):",
            None,
            "how long a Space is waited for that is told to stop: a limit",
        ),
    ],
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
        Equivalent(
            "rests = [lane.rests_until for lane in untried if lane.rests_until > now]",
            "rests = [lane.rests_until for lane in untried if lane.rests_until >= now]",
            _INSTANT,
        ),
        Equivalent("self._asked = 0", "self._asked = -1", "any model of a Space may be the first"),
        Equivalent("self._asked = 0", "self._asked = 1", "any model of a Space may be the first"),
    ],
}

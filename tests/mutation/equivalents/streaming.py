"""Mutants of `streaming`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_LONG_SINCE = "so many failures wait for the longest time anyway"
_DELAY = "delay = min(FIRST * 2.0 ** min(failures, 16), LONGEST) * jitter"

_TYPES = "for the type checker alone"
_LONG_AGO = "a time that was over before the process began"
_NO_SLEEP = "a sleep of no time"
_HAS_RUNNER = "an engine that is not closed has a runner, and it runs, when something fails"
_VARIANCE = '_ScriptT_co = TypeVar("_ScriptT_co", bound=Script[object], covariant=True)'
_PAUSE = "pause, self._resume_at = self._resume_at - time.monotonic(), 0.0"
_RESUME_AT = "self._resume_at = 0.0  # When the next attempt is made, by `time.monotonic`."
_STOPPED = "a runner is stopped once, and asked nothing more"
_LONGER = (
    "with anyio.move_on_after(2 * CLOSING):  # At the end of a loop, it may not come to its end."
)
_CLOSED = "return False  # Closed by another task while this one waited."

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "streaming/attempts.py": [
        Equivalent("FIRST = 0.5", "FIRST = 1.5", "how long is waited, some more or less"),
        Equivalent(_DELAY, _DELAY.replace("16", "15"), _LONG_SINCE),
        Equivalent(_DELAY, _DELAY.replace("16", "17"), _LONG_SINCE),
    ],
    "streaming/engine.py": [
        Equivalent(
            "if error is None and failure is None and machine.finished:",
            "if error is None and machine.finished:",
            "a Space that wants inputs has not finished",
        ),
        Equivalent(_VARIANCE, None, _TYPES),
        *(
            Equivalent(_RESUME_AT, _RESUME_AT.replace("0.0", earlier), _LONG_AGO)
            for earlier in ("-1.0", "1.0")
        ),
        *(
            Equivalent(_PAUSE, _PAUSE.replace("0.0", earlier), _LONG_AGO)
            for earlier in ("-1.0", "1.0")
        ),
        Equivalent("if runner is None or job is None:", "if job is None:", _TYPES),
        Equivalent("new: list[Event] = []", "pass", "it is read only where it was set anew"),
        Equivalent(
            _CLOSED, _CLOSED.replace("False", "True"), "the next call says that it is closed"
        ),
        Equivalent("if pause > 0:", "if pause >= 0:", _NO_SLEEP),
        Equivalent("if pause > 0:", "if pause > -1:", _NO_SLEEP),
        *(
            Equivalent("if runner is not None and runner.is_running:", after, _HAS_RUNNER)
            for after in (
                "if runner.is_running:",
                "if runner is not None:",
                "if runner is not None or runner.is_running:",
            )
        ),
        Equivalent(
            "if runner is not None and runner.may_have_run and self.script.once:",
            "if runner.may_have_run and self.script.once:",
            _HAS_RUNNER,
        ),
    ],
    "streaming/visit.py": [
        Equivalent(
            "if self._has_turn and self._page is not None:",
            "if self._has_turn:",
            "for the type checker: only a page gives a turn",
        ),
    ],
    "streaming/runner.py": [
        Equivalent("asides = []", "pass", "what has run already does nothing more"),
        Equivalent("self.job = self._given_up = None", "pass", _STOPPED),
        Equivalent(
            'body = {**(request.body or {}), "event_id": event_id}',
            'body = {**(request.body), "event_id": event_id}',
            "for the type checker: a request that joins a queue has a body",
        ),
    ],
    "streaming/opening.py": [
        Equivalent("_LEAST = 0.1", "_LEAST = 1.1", "how long a page may take to open: a limit"),
    ],
    "streaming/result.py": [
        Equivalent(
            "return values[0] if len(values) == 1 else values",
            "return values[ -1] if len(values) == 1 else values",
            "there is only one",
        ),
    ],
    "streaming/open_page.py": [
        Equivalent("OPENING = 1.0", "OPENING = 2.0", "how long a page may take to open: a limit"),
        Equivalent(
            "await self._drop(connection, due=place if self._left > 0 else None)",
            "await self._drop(connection, due=place if self._left >= 0 else None)",
            "a difference of no time",
        ),
        Equivalent(
            "self._holder = 0  # The task that took it.",
            None,
            "it is read only while a task has the turn",
        ),
        Equivalent(
            "self._left = OPENING  # Seconds that it may still take to open.",
            "pass",
            "it is set anew for each page",
        ),
    ],
    "streaming/joining.py": [
        Equivalent(
            "left = CLOSING if self._is_sent() else 0.0",
            "left = CLOSING if self._is_sent() else 1.0",
            "how long is waited, some more or less",
        ),
        *(
            Equivalent(
                _LONGER,
                _LONGER.replace("2 * ", longer),
                "how long is waited at the end of a loop: a limit",
            )
            for longer in (" 1 * ", " 3 * ", "2 // ")
        ),
        Equivalent(
            "left = CLOSING if self._is_sent() else 0.0",
            "left = CLOSING if self._is_sent() else -1.0",
            "a time that is over",
        ),
    ],
    "streaming/face.py": [Equivalent(_VARIANCE, None, _TYPES)],
    "streaming/job.py": [
        Equivalent("_APPEARING = 1.0", "_APPEARING = 2.0", "how long a silent Space is waited for"),
    ],
}

"""Mutants of `transport`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_LIMIT = "a limit: a little more or less of it changes nothing that anybody could feel"
_EXCERPT = "how much of a text an error repeats"
_EARLIER = "other tasks have their turn a piece earlier or later"
_MOMENT = "two readings of a clock that are equal to the last digit"
_NO_RANGE = "whichever numbers stand for no range, they are none that is asked for"
_ONE_AT_A_TIME = "a line has one request under way at a time"
_NEXT = "cause = group[0] if group else cause.__cause__ or cause.__context__"
_SPEED = "a matter of speed: the result is the same"
_ONLY_LINE = "there is one line: the first is the last"
_TOO_LARGE = "def too_large(self, exempt: int = 0) -> ProtocolError:"
_IDLE_SINCE = "self._idle_since = 0.0 if idle is None else idle.since"
_ANY_MESSAGE = "any message may have as much"
_UNDELIVERED = "self._guard.undelivered = 0"
_RESTS = "self._rest_at = budget.spent + _WORK_BETWEEN_RESTS  # Other tasks run at that work."
_OVERHEAD = "self._overhead = 0 if message.parts else self._overhead + len(data)"
_ENDS = "return bool(ends) and ends[0] is not None and ends[0] < time.time()"
_OPEN = "if response is not None and chunks is not None:"
_KEEPS_ALIVE = "self._keeps_alive = False  # Whether the server keeps it after the newest response."
_SET_BEFORE = "it is set with each response, before anybody asks"
_SELECT = "return bool(select.select([raw], [], [], 0)[0])"
_ROOM = "self._room = _room.view  # For the newest read: a loop may go on in another thread."
_RANGES = "start, end, length = map(int, found.groups()) if found else (-1, -1, -1)"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "transport/bodies.py": [
        Equivalent("LARGEST_READ = 120 << 10", None, _LIMIT),
        Equivalent("self.exempt: int = 0", "self.exempt: int = -1", _ANY_MESSAGE),
        Equivalent("self.exempt: int = 0", "self.exempt: int = 1", _ANY_MESSAGE),
        Equivalent("self._taken = 0", "self._taken = -1", _EARLIER),
        Equivalent("self._taken = 0", "self._taken = 1", _EARLIER),
        Equivalent("self._taken += 1", "self._taken += 2", _EARLIER),
        Equivalent(
            "if time.monotonic() < self._deadline.calm_until:",
            "if time.monotonic() <= self._deadline.calm_until:",
            _MOMENT,
        ),
    ],
    "transport/connection.py": [
        Equivalent("CLOSING = 2.0", None, _LIMIT),
        Equivalent("_ENDING = 1.0", "_ENDING = 2.0", _LIMIT),
        Equivalent("LAST_ENDING = 0.1", "LAST_ENDING = 1.1", _LIMIT),
        Equivalent(_RESTS, None, _EARLIER),
        *(
            Equivalent(before, before.replace("= 0", number), reason)
            for before, reason in (
                ("self._guard.exempt = 0", _ANY_MESSAGE),
                (_UNDELIVERED, _LIMIT),
            )
            for number in ("= -1", "= 1")
        ),
        Equivalent(
            "if self._budget.spent > self._rest_at:",
            "if self._budget.spent >= self._rest_at:",
            _EARLIER,
        ),
        *(
            Equivalent(_OPEN, after, "there are both, or neither")
            for after in (
                "if chunks is not None:",
                "if response is not None:",
                "if response is not None or chunks is not None:",
            )
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
    "transport/failures.py": [
        Equivalent(
            "if error is not None and isinstance(exc, httpx.ConnectTimeout | httpx.ConnectError):",
            "if isinstance(exc, httpx.ConnectTimeout | httpx.ConnectError):",
            "there is an error of ours for both",
        ),
        *(
            Equivalent(_TOO_LARGE, _TOO_LARGE.replace("= 0", number), "every limit is larger")
            for number in ("= -1", "= 1")
        ),
    ],
    "transport/fast.py": [
        Equivalent(_SELECT, _SELECT.replace(", 0)", ", 1)"), "only Windows runs this line"),
        Equivalent("_OVERHEAD = 100 << 10", None, _LIMIT),
        *(
            Equivalent("if raw.fileno() < 0:", after, "a connection's number is never 0")
            for after in ("if raw.fileno() < 1:", "if raw.fileno() <= 0:")
        ),
        Equivalent(
            "if self._message.reusable and self._failure is None:",
            "if self._message.reusable:",
            "whatever follows a complete response begins another, after which it is not reusable",
        ),
        Equivalent(
            "return bool(poll.poll(0))",
            "return bool(poll.poll( 1))",
            "a thousandth of a second more",
        ),
        Equivalent("self._overhead = 0", "self._overhead = -1", _LIMIT),
        Equivalent("self._overhead = 0", "self._overhead = 1", _LIMIT),
        *(
            Equivalent(_OVERHEAD, _OVERHEAD.replace("= 0", number), _LIMIT)
            for number in ("= -1", "= 1")
        ),
        Equivalent("if self._overhead > _OVERHEAD:", "if self._overhead >= _OVERHEAD:", _LIMIT),
    ],
    "transport/http_client.py": [
        Equivalent(
            "max_connections=2, max_keepalive_connections=1, keepalive_expiry=None",
            "max_connections= 1, max_keepalive_connections=1, keepalive_expiry=None",
            _ONE_AT_A_TIME,
        ),
        Equivalent(
            "max_connections=2, max_keepalive_connections=1, keepalive_expiry=None",
            "max_connections= 3, max_keepalive_connections=1, keepalive_expiry=None",
            _ONE_AT_A_TIME,
        ),
        Equivalent(
            "max_connections=2, max_keepalive_connections=1, keepalive_expiry=None",
            "max_connections=2, max_keepalive_connections= 2, keepalive_expiry=None",
            _ONE_AT_A_TIME,
        ),
        Equivalent(
            "@functools.lru_cache(maxsize=1)",
            "@functools.lru_cache(maxsize= 2)",
            "there is one call to remember",
        ),
        Equivalent("  @functools.cache", "", "a matter of speed: the same is found each time"),
    ],
    "transport/hub_package.py": [
        Equivalent("_POLL = 0.01", None, _LIMIT),
        Equivalent(
            "if time.monotonic() > asked.deadline + _LOOK:",
            "if time.monotonic() >= asked.deadline + _LOOK:",
            _MOMENT,
        ),
    ],
    "transport/hub_token.py": [
        Equivalent(_ENDS, _ENDS.replace("ends[0] < time", "ends[0] <= time"), _MOMENT),
    ],
    "transport/idle.py": [
        Equivalent(
            "if number is None or self._socket is None or self._socket != _socket_at(number):",
            "if self._socket is None or self._socket != _socket_at(number):",
            "there is no socket without a number",
        ),
        Equivalent(
            "return (found.st_dev, found.st_ino) if found is not None and is_socket else None",
            "return (found.st_dev, found.st_ino) if is_socket else None",
            "that says it already, but not to a type checker",
        ),
    ],
    "transport/kept.py": [
        Equivalent("self._given_up.clear()", "pass", "the loop itself is dropped with them"),
        Equivalent(
            "weakref.finalize(self, _give_up, self._waiting).atexit = False",
            "weakref.finalize(self, _give_up, self._waiting).atexit = True",
            "the end of the process closes the sockets, too",
        ),
        *(
            Equivalent(before, before.replace("since > oldest", "since >= oldest"), _MOMENT)
            for before in (
                "while (stack := self._stacks.get(key)) and stack[-1].since > oldest:",
                "if len(self._in_order) <= MOST and first.since > oldest:",
            )
        ),
        Equivalent(
            "if self._is_closed or idle.has_ended():",
            "if idle.has_ended():",
            "what was put there in spite of that is closed at once",
        ),
    ],
    "transport/llhttp.py": [
        Equivalent("self.status: int = 0", None, _SET_BEFORE),
        Equivalent("if self.status >= 200:", "if self.status >= 199:", _LIMIT),
    ],
    "transport/watched.py": [
        Equivalent(_ROOM, "pass", _SET_BEFORE),
        Equivalent("self._until = math.inf  # When the newest read ends.", "pass", _SET_BEFORE),
        Equivalent("if until < self._timer_at:", "if until <= self._timer_at:", _MOMENT),
        Equivalent("_STAGGER = 0.25", None, _LIMIT),
    ],
    "transport/line.py": [
        *(
            Equivalent(_IDLE_SINCE, _IDLE_SINCE.replace("0.0", number), "there is none it is of")
            for number in ("-1.0", "1.0")
        ),
        Equivalent(_KEEPS_ALIVE, "pass", _SET_BEFORE),
        Equivalent(_KEEPS_ALIVE, _KEEPS_ALIVE.replace("False", "True"), _SET_BEFORE),
        Equivalent(
            "is_too_old = not may_repeat and time.monotonic() - self._idle_since > _SURE",
            "is_too_old = not may_repeat and time.monotonic() - self._idle_since >= _SURE",
            _MOMENT,
        ),
        Equivalent("_SURE = 4.0", None, _LIMIT),
    ],
    "transport/refusals.py": [
        Equivalent(
            "if 300 <= status < 400:", "if 299 <= status < 400:", "with 299, nothing is refused"
        ),
    ],
    "transport/sse.py": [
        Equivalent(
            "self._after_return = False",
            "self._after_return = True",
            "an empty line before the first event ends none",
        ),
        Equivalent('if piece and (self._after_return or b"\\r" in piece):', "if piece:", _SPEED),
        Equivalent("if ended and self._line:", "if ended:", _SPEED),
        Equivalent("elif not line and lines:", "elif not line:", "no lines have no data"),
        Equivalent(
            "if len(lines) == 1 and lines[0].startswith(_PLAIN):",
            "if len(lines) == 1 and lines[ -1].startswith(_PLAIN):",
            _ONLY_LINE,
        ),
        Equivalent(
            "return lines[0][len(_PLAIN) :]", "return lines[ -1][len(_PLAIN) :]", _ONLY_LINE
        ),
    ],
}

"""Mutants of `portal`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_BEFORE = "_, text, previous = (0, (), ()) if after is None else after._look()"

_TYPE = '_ScriptT_co = TypeVar("_ScriptT_co", bound=Script[object], covariant=True)'
_AWAITED = "self._is_awaited = False  # Whether the caller waits for the bell, or is about to."
_GIVEN = "self._given = 0  # What had been put in when the caller took events last."
_GOES_ON = "if self._paused and self._put - self._taken < LIMIT // 2:"
_BOUND = "a character more or less in the buffer"
_RUNG = "a bell that was rung for nothing makes the caller look again"
_ROOM = "how much is taken before it goes on"
_FIRST = "whether the caller gets the first text a moment earlier"
_UNTIL_ASKED = "the map asks for its first prompt before the caller can take a step"

_PAUSED = "self._paused = False  # Whether the task waits for the caller."
_WOKEN = "self._paused = False  # As the task sets it, too; until then, it is not woken again."
_TWICE = "a task that is woken twice looks again whether it may go on"
_LIMITED = "if self._put - self._taken > LIMIT:"
_WAITS = "if self._put - self._taken > LIMIT // 2:"
_BEGINS = "begins = not begun and any(type(event) is TextDelta for event in events)"
_LOOKS = "while timeout is None or timeout > LOOK:"
_RUNS = "return not self._ended and not (self._task is not None and self._task.done())"
_RINGS = "if self._is_awaited and events:"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "portal/read_ahead.py": [
        Equivalent(
            _AWAITED,
            _AWAITED.replace("False", "True"),
            _RUNG,
        ),
        Equivalent("self._is_awaited = False", "pass", _RUNG),
        Equivalent("self._is_awaited = False", "self._is_awaited = True", _RUNG),
        *(
            Equivalent(_RINGS, after, _RUNG)
            for after in ("if events:", "if self._is_awaited:", "if self._is_awaited or events:")
        ),
        *(
            Equivalent(before, before.replace("= 0", number), _BOUND)
            for before in ("self._put = 0", _GIVEN, "self._taken = 0")
            for number in ("= -1", "= 1")
        ),
        *(
            Equivalent(line, line.replace(*change), _ROOM)
            for line in (_GOES_ON, _WAITS)
            for change in (("// 2", "// 3"), ("// 2", "// 1"))
        ),
        Equivalent(_GOES_ON, _GOES_ON.replace("<", "<="), _ROOM),
        Equivalent(_WAITS, _WAITS.replace(">", ">="), _ROOM),
        *(
            Equivalent(_GOES_ON, after, "the task goes on earlier, and looks whether it may")
            for after in (
                _GOES_ON.replace("//", "*"),
                _GOES_ON.replace(" and", " or"),
                "if self._paused:",
                _GOES_ON.replace("self._paused and ", ""),
            )
        ),
        Equivalent(_LIMITED, _LIMITED.replace(">", ">="), _BOUND),
        Equivalent(
            _LIMITED, _LIMITED.replace("put -", "put +"), "the task looks again before it waits"
        ),
        Equivalent("self._count()", "pass", "only what was counted before it waits matters"),
        Equivalent(
            _PAUSED,
            _PAUSED.replace("False", "True"),
            "the caller wakes a task that doesn't wait, and nobody else looks before that",
        ),
        Equivalent(_WOKEN, "pass", _TWICE),
        Equivalent(_WOKEN, _WOKEN.replace("False", "True"), _TWICE),
        *(
            Equivalent(_BEGINS, _BEGINS.replace(*change), _FIRST)
            for change in (
                *(("not begun", " begun"), ("not begun and ", ""), ("begun and", "begun or")),
                (" and any(type(event) is TextDelta for event in events)", ""),
                *(("is Text", "is not Text"), ("in events", "in []")),
            )
        ),
        *(
            Equivalent(before, after, _FIRST)
            for before, after in (
                *(("begun = False", "begun = True"), ("begun = True", "begun = False")),
                *(("begun = True", "pass"), ("if begins:", "if not begins:")),
            )
        ),
        Equivalent("await asyncio.sleep(0)", "pass", _FIRST),
        Equivalent("await asyncio.sleep(0)", "await asyncio.sleep( -1)", _FIRST),
        Equivalent(_LOOKS, _LOOKS.replace(">", ">="), "it is waited for as long"),
        Equivalent(
            _RUNS,
            _RUNS.replace("not self._ended and ", ""),
            "a task that has given its end does nothing more",
        ),
    ],
    "portal/engine.py": [
        Equivalent(_TYPE, _TYPE.replace("True", "False"), "type checkers look at that, nobody else")
    ],
    "portal/loop.py": [
        Equivalent(
            "EXIT = 1.0", "EXIT = 2.0", "how long a Space that doesn't answer is waited for"
        ),
        Equivalent(
            "_inherited.append(current)",
            "pass",
            "in the child, CPython never frees what the frames of the parent's thread refer to",
        ),
    ],
    "portal/map_engine.py": [
        Equivalent("result_of(self._opened)", "pass", "the loop begins first what came first"),
        Equivalent("self._source_error = None", "pass", "when the memory of an error is free"),
        *(
            Equivalent(before, after, _UNTIL_ASKED)
            for before, after in (
                ("self.is_wanted: bool = False", "pass"),
                ("self.is_wanted: bool = False", "self.is_wanted: bool = True"),
                ("self._there: anyio.Event | None = None", "pass"),
                ("self._given: object = None", "pass"),
            )
        ),
    ],
    "portal/taken.py": [
        *(
            Equivalent(_BEFORE, _BEFORE.replace("(0,", number), "this part of it is not used")
            for number in ("( -1,", "( 1,")
        ),
        Equivalent("if count <= number:", "if count < number:", "nothing is added up"),
        Equivalent(
            "while kept and len(text[kept - 1]) <= 2 * length:",
            "while kept and len(text[kept - 1]) <= 3 * length:",
            "how often a character is copied at the most",
        ),
    ],
}

"""Mutants of `portal`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_BEFORE = "_, text, previous = (0, (), ()) if after is None else after._look()"

_AWAITED = "self._is_awaited = False  # Whether the caller waits for the bell, or is about to."
_GIVEN = "self._given = 0  # What had been put in when the caller took events last."
_GOES_ON = "if self._paused and self._put - self._taken < LIMIT // 2:"
_BOUND = "a character more or less in the buffer"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "portal/read_ahead.py": [
        Equivalent(
            _AWAITED,
            _AWAITED.replace("False", "True"),
            "a bell that was rung for nothing makes the caller look again",
        ),
        *(
            Equivalent(before, before.replace("= 0", number), _BOUND)
            for before in ("self._put = 0", _GIVEN, "self._taken = 0")
            for number in ("= -1", "= 1")
        ),
        *(
            Equivalent(_GOES_ON, _GOES_ON.replace(*change), "how much is taken before it goes on")
            for change in (("// 2", "// 3"), ("// 2", "// 1"), ("<", "<="))
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

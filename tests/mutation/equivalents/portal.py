"""Mutants of `portal`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_BEFORE = "_, text, previous = (0, (), ()) if after is None else after._look()"

EQUIVALENTS: dict[str, list[Equivalent]] = {
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

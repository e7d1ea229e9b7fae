"""Hints at what a misspelt name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

_LONGEST = 200
"""Characters of a name that are compared."""

_NEAREST = 3
"""Names that a hint has at the most."""

_SHORTEST = 3
"""Characters of a name that are enough for its beginning."""

_TIMES = 3
"""How many times as long as the other one of two names may be; `fast` is not nearly `a`."""

_MOST = 1000
"""Names that are compared; a server may list any number of them."""


def did_you_mean(given: object, known: Iterable[object], *, likeness: float = 0.6) -> str:
    """Return a sentence that names the nearest names, after a space; empty if nothing is near.

    The nearest are those that begin with the name that was given, if that is not too short.

    Args:
        given: The name that was given; whatever is no text is near nothing.
        known: The names that there are, of which those that are no texts are left out.
        likeness: How alike two names have to be: 0 for anything, 1 for equal ones.
    """
    import difflib  # It takes a while to load, and only an error needs it.

    if not isinstance(given, str):
        return ""
    given = given[:_LONGEST].lower()
    texts = [each[:_LONGEST] for each in islice(known, _MOST) if isinstance(each, str)]
    by_lower = {each.lower(): each for each in reversed(texts)}
    begun = [each for each in reversed(by_lower) if _is_beginning(given, each)]
    as_long = [each for each in by_lower if _are_as_long(given, each)]
    near = begun[:_NEAREST] or difflib.get_close_matches(given, as_long, _NEAREST, likeness)
    named = " or ".join(repr(by_lower[each]) for each in near)
    return f" Did you mean {named}?" if near else ""


def _is_beginning(given: str, name: str) -> bool:
    """Tell whether a name begins with what was given, if that is not too short."""
    return len(given) >= _SHORTEST and name.startswith(given)


def _are_as_long(one: str, other: str) -> bool:
    """Tell whether two names are about as long."""
    shorter, longer = sorted((len(one), len(other)))
    return longer <= _TIMES * shorter

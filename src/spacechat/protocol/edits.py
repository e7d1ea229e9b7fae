"""Edits: a Gradio server's description of how an output's value changes.

An edit is `[action, path, value]`. The path leads from the output's value to the place that
changes; an empty path is the whole value. Edits change the value in place: copying it would make
a long answer cost the square of its length.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ProtocolError


class MisfitError(Exception):
    """An edit is malformed, or does not fit the value that it is for; the text shows the edit."""


ACTIONS = frozenset({"append", "replace", "add", "delete"})


def is_edits(value: object) -> bool:
    """Return whether an output's entry is a list of edits (an empty list: no change)."""
    return isinstance(value, list) and all(
        isinstance(edit, list)
        and len(edit) == 3
        and isinstance(edit[0], str)
        and edit[0] in ACTIONS
        and isinstance(edit[1], list)
        for edit in value
    )


def apply(edits: Sequence[Any], value: Any, spend: Callable[[int], object] = lambda _: None) -> Any:
    """Return `value` after the edits; see `attempt`.

    Raises:
        ProtocolError: An edit is malformed or its path leads outside the value.
    """
    try:
        return attempt(edits, value, spend)
    except MisfitError as exc:
        raise ProtocolError(
            f"The Space sent an edit that does not fit the value it is for: {exc}"
        ) from exc.__cause__


def attempt(edits: Sequence[Any], value: Any, spend: Callable[[int], object]) -> Any:
    """Return `value` after the edits, applied in order; containers are changed in place.

    Args:
        edits: Each is `[action, path, value]`. `append` extends a text, `replace` puts a new value
            in the place, `add` makes a new key or inserts into a list before an index, `delete`
            removes a key or a list entry.
        value: Any JSON value.
        spend: Called with the number of characters or entries that each edit copies or moves.

    Of several deletes from lists, each removes the last entry of its list, whatever its index:
    Gradio only ever shortens a list at its end, and gives wrong indices. Gradio 4 gives the index
    that each entry had before the first delete; 5 and 6 correct that once for every list around
    the entry.

    Raises:
        MisfitError: An edit is malformed or its path leads outside the value.
    """
    edit = None
    try:
        at_end = sum(map(_shortens, edits)) > 1
        for edit in edits:
            action, path, new = edit
            if path:
                parent, key = _parent(path, value), path[-1]
                if at_end and _shortens(edit) and isinstance(parent, list):
                    key = len(parent) - 1
                _change(action, parent, key, new, spend)
            elif action == "replace":
                value = new
            elif action == "append":
                value = _joined(value, new, spend)
            else:
                raise ValueError(action)
    except (TypeError, ValueError, LookupError) as exc:
        raise MisfitError(reprlib.repr(edit)) from exc  # Shortened: it may be deep, or long.
    return value


def _shortens(edit: Any) -> bool:
    """Return whether an edit removes an entry of a list."""
    return edit[0] == "delete" and bool(edit[1]) and type(edit[1][-1]) is int


def _parent(path: list[Any], value: Any) -> Any:
    """Return the container that holds the place at the end of a path."""
    for key in path[:-1]:
        value = value[_checked(key, value, len(value))]
    return value


def _change(action: str, parent: Any, key: Any, new: Any, spend: Callable[[int], object]) -> None:
    if action == "add" and isinstance(parent, list):
        key = _checked(key, parent, len(parent) + 1)
        spend(len(parent) - key)
        parent.insert(key, new)
        return
    key = _checked(key, parent, len(parent))
    if action == "append":
        parent[key] = _joined(parent[key], new, spend)
    elif action in ("add", "replace"):
        parent[key] = new
    elif action == "delete":
        if isinstance(parent, list):
            spend(len(parent) - key)
        del parent[key]
    else:
        raise ValueError(action)


def _checked(key: Any, parent: Any, end: int) -> Any:
    """Return the key if its type fits the container and, in a list, it is below `end`.

    Python also accepts negative indices, and booleans as numbers; the protocol has neither.
    """
    if isinstance(parent, dict):
        if isinstance(key, str):
            return key
    elif isinstance(parent, list) and type(key) is int and 0 <= key < end:
        return key
    raise LookupError(key)


def _joined(old: Any, new: Any, spend: Callable[[int], object]) -> str:
    if isinstance(old, str) and isinstance(new, str):
        spend(len(old))
        return old + new
    raise TypeError

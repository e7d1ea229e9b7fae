"""Calls of a page that spacechat makes as one: those by which a `ChatInterface` is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.real.browser.calls import Call

__all__ = ["ONE", "asked_by_one"]

ONE: Final = "one"


def asked_by_one(
    turn: list[Call],
    ours: list[Call],
    functions: Mapping[int, dict[str, Any]],
    types: Mapping[int, str],
) -> Iterator[Call]:
    """Yield a page's calls for a question, with what spacechat calls in the place of some of them.

    The function for programs takes the message itself, in the place of a state that it was saved
    in, and what the page's function takes beside it. It gives what it says as JSON.

    Args:
        turn: The page's calls.
        ours: Spacechat's calls.
        functions: The app's functions, by id.
        types: The types of its components, by id.
    """
    called = {call.fn_index for call in ours}
    asks = {
        (*functions[id_]["inputs"][1:],): id_
        for id_ in called
        if [types.get(output) for output in functions[id_]["outputs"]] == ["json", "state"]
    }
    waiting: list[Call] = []
    for call in turn:
        saved, *others = functions[call.fn_index]["inputs"] or [None]
        asked_by = asks.get((*others,))
        saving = [each for each in waiting if saved in functions[each.fn_index]["outputs"]]
        if asked_by is None or call.fn_index in called or not (others and saving):
            waiting.append(call)
            continue
        takes = {id_ for each in [call, *saving] for id_ in functions[each.fn_index]["outputs"]}
        for each in waiting:
            does = functions[each.fn_index]
            is_left_out = each in saving or (saved in does["inputs"] and takes & {*does["outputs"]})
            yield replace(each, not_needed=ONE) if is_left_out else each
        waiting = []
        shown = [saved, others[0]]
        yield replace(
            call,
            data=[saving[0].data[0], *call.data[1:]],
            asked_by=asked_by,
            shown_by=next((id_ for id_ in called if functions[id_]["inputs"] == shown), None),
        )
    yield from waiting

"""Spacechat's requests beside the page's, call by call."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from tests.real.browser.one_call import ONE, asked_by_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.browser.calls import Call, Visited

__all__ = ["FIELDS", "Compared", "compare", "defects", "is_same", "match"]

FIELDS: Final = ("path", "data", "event_data", "trigger_id", "session")
_STATES: Final = {"state", "browserstate"}


@dataclass(frozen=True)
class Compared:
    """A call of the page beside the one of spacechat's; one of them may be missing."""

    page: Call | None
    ours: Call | None

    @property
    def differing(self) -> list[str]:
        """The fields in which they differ."""
        if self.page is None or self.ours is None:
            return []
        pairs = {name: (getattr(self.page, name), getattr(self.ours, name)) for name in FIELDS}
        return [name for name, (page, ours) in pairs.items() if not is_same(page, ours)]


def is_same(page: Any, ours: Any) -> bool:
    """Tell whether two values say the same; a field of an object may be missing if it is empty."""
    if isinstance(page, dict) and isinstance(ours, dict):
        return all(
            is_same(page.get(name), ours.get(name))
            or not (page.get(name) or ours.get(name) or (name in page and name in ours))
            for name in {**page, **ours}
        )
    if isinstance(page, list) and isinstance(ours, list):
        return len(page) == len(ours) and all(map(is_same, page, ours))
    return bool(page == ours) and isinstance(page, bool) is isinstance(ours, bool)


def match(page: list[Call], ours: list[Call]) -> list[Compared]:
    """Put the calls of a turn side by side, by their functions, in the page's order."""
    shows = {call.shown_by for call in page}
    saves = {call.fn_index for call in page if call.not_needed == ONE}
    rest = [call for call in ours if call.fn_index not in shows | saves]
    found: list[Compared] = []
    for call in page:
        same = (call.fn_index, call.asked_by)
        own = next((each for each in rest if each.fn_index in same), None)
        if own is not None:
            rest.remove(own)
        found.append(Compared(call, own))
    return found + [Compared(None, call) for call in rest]


def sides(page: Visited, ours: Visited) -> Iterator[list[Compared]]:
    """Yield the calls of each turn side by side; opening the page is part of the first."""
    for number, turn in enumerate(page.turns):
        yield match([*page.opening, *turn] if number == 0 else turn, ours.turns[number])


def compare(page: Visited, ours: Visited, config: dict[str, Any]) -> tuple[Visited, list[str]]:
    """Return the page's visit with the reasons for what spacechat leaves out, and the defects.

    Args:
        page: What the page did.
        ours: What spacechat did.
        config: The app's description.
    """
    judge = _Judge(config, [call for turn in ours.turns for call in turn])
    page = replace(
        page,
        opening=list(map(judge.taken, page.opening)),
        turns=[
            list(asked_by_one(list(map(judge.taken, turn)), own, judge.functions, judge.types))
            for turn, own in zip(page.turns, ours.turns, strict=True)
        ],
    )
    turns = list(sides(page, ours))
    opening = len(page.opening)
    judged = [[judge.reason(each) for each in turn if each.page is not None] for turn in turns]
    found = replace(page, opening=judged[0][:opening], turns=[judged[0][opening:], *judged[1:]])
    return found, list(defects(found, ours))


def defects(page: Visited, ours: Visited) -> Iterator[str]:
    """Yield what spacechat does otherwise than the page, for no known reason."""
    for number, turn in enumerate(sides(page, ours), 1):
        for each in turn:
            yield from (f"turn {number}: {said}" for said in _defects(each))


def _defects(each: Compared) -> Iterator[str]:
    if each.page is None:
        yield f"only spacechat calls: {each.ours}"
    elif each.ours is None:
        if not each.page.not_needed:
            yield f"only the page calls: {each.page}"
    else:
        for name in each.differing:
            if name not in each.page.differs:
                yield (
                    f"function {each.page.fn_index}, {name}:\n"
                    f"  page {getattr(each.page, name)}\n  ours {getattr(each.ours, name)}"
                )


class _Judge:
    """Says why a difference does not matter, from what the outputs of calls are used for."""

    def __init__(self, config: dict[str, Any], ours: list[Call]) -> None:
        self.types = {c["id"]: c["type"] for c in config["components"]}
        declared = {d.get("id", n): d for n, d in enumerate(config["dependencies"])}
        self.functions = defaultdict(_rendered, declared)
        self._taken = {id_ for call in ours for id_ in self.functions[call.fn_index]["inputs"]}
        self._made = [self._effect(call) for call in ours]

    def taken(self, call: Call) -> Call:
        """Leave out what the server does not take, whatever a page sends.

        Those are the values of states, of which it keeps its own, and what an event tells to a
        function that does not collect it.
        """
        function = self.functions[call.fn_index]
        types = [self.types.get(id_) for id_ in function["inputs"]]
        data = zip_longest(call.data, types[: len(call.data)])
        collects = function.get("collects_event_data", True)
        return replace(
            call,
            data=[None if type_ == "state" else v for v, type_ in data],
            event_data=call.event_data if collects else None,
        )

    def reason(self, each: Compared) -> Call:
        """Return the page's call, with the reasons for what spacechat does otherwise."""
        assert each.page is not None
        if each.page.not_needed:
            return each.page
        if each.ours is None:
            return replace(each.page, not_needed=self._why_left_out(each.page))
        alike = "event" if self._are_alike(each.page, each.ours) else ""
        why = {
            "trigger_id": alike if each.page.asked_by is None else "one",
            "event_data": "unread" if self._is_unread(each.page, each.ours) else "",
            "data": "properties" if self._is_same_but_whole(each.page, each.ours) else "",
        }
        differs = {name: why[name] for name in each.differing if why.get(name)}
        return replace(each.page, differs=differs) if differs else each.page

    def _is_unread(self, page: Call, ours: Call) -> bool:
        """Tell whether only the page says more of the event, and the function takes none of it."""
        takes = self.functions[page.fn_index].get("collects_event_data")
        return ours.event_data is None and not takes

    def _is_same_but_whole(self, page: Call, ours: Call) -> bool:
        """Tell whether inputs differ only in which properties of a component they have."""
        whole = self.functions[page.fn_index].get("component_prop_inputs", ())
        return len(page.data) == len(ours.data) and all(
            all(is_same(sent[name], own[name]) for name in {*sent} & {*own})
            if index in whole
            else is_same(sent, own)
            for index, (sent, own) in enumerate(zip(page.data, ours.data, strict=True))
        )

    def _why_left_out(self, call: Call) -> str:
        """Return the reason, in the words of `table.REASONS`; empty: there is none."""
        outputs = self.functions[call.fn_index]["outputs"]
        taken = self._taken.intersection(outputs)
        if taken and self._effect(call) in self._made:
            return "again"
        if not outputs or any(self.types.get(id_) in _STATES for id_ in taken):
            return ""
        filled = ", ".join(sorted({self.types.get(id_, "?") for id_ in outputs}))
        if taken:
            return f"same: {filled}"
        return f"looks: {filled}"

    def _effect(self, call: Call) -> tuple[list[int], list[int], list[Any]]:
        function = self.functions[call.fn_index]
        return function["inputs"], function["outputs"], call.data

    def _are_alike(self, page: Call, ours: Call) -> bool:
        """Tell whether some function waits for events of both components.

        Those that a part of the page made have other numbers in each session.
        """
        both = {page.trigger_id, ours.trigger_id}
        if None not in both and not both & set(self.types):
            return True
        targets = [{id_ for id_, _ in d["targets"]} for d in self.functions.values()]
        return any(both <= each for each in targets)


def _rendered() -> dict[str, Any]:
    """Return a function that the description does not have, since a part of the page made it."""
    return {"targets": [], "inputs": [], "outputs": []}

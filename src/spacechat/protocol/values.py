"""The view that keeps the value of every output, and the machine with that view.

Theory of operation
===================

**From messages to values.** Up to `sse_v1` every message brings whole values. From `sse_v2` on the
first message of an event does, and each later one brings a list of edits for each output. The last
message, `process_completed`, always brings whole values. A server tells nobody which of these it
sends, so the protocol says whether edits are to be expected, and the form of the entries decides
whether a message after the first holds edits.

**A message costs what it brings.** The view applies each edit to its own values, in place. The
event for it does not hold the values, but the way to them: a `_Step`, which knows the edits and the
step before it, back to one with whole values. A step never changes. So an event may be read at any
time, in any order and in any thread: it copies those whole values, and applies the edits since.
What a reader gets is a copy, which it may change.

**Why the way stays short.** A step gets whole values of its own, a copy of the view's, when the way
to them has more than one edit for each `_PARTS_PER_EDIT` parts of the values. Applying an edit
takes as long as copying about that many parts. Hence

- reading takes at most about twice the time of copying the values;
- copying for a new step, spread over the edits since the last one, adds to each edit the time of
  another. So a list to which ten thousand messages append takes ten thousand times what one takes;
- steps behind a whole one are forgotten with their events, so a stream keeps no more than the
  values twice, and as many edits as can be applied in the time of one copy.

**The final value is given out once.** A generator's last message repeats the values of the one
before it. The view compares them, and only other values are news.

**Bounds.** `budget` bounds the number of edits in a message, the work of applying them and the size
of the values.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import msgspec

from .. import events
from ..errors import ProtocolError
from . import edits
from .budget import WORK_PER_PART, Budget
from .failures import CALL_AGAIN
from .machine import EventMachine

Present: TypeAlias = Callable[[list[Any]], tuple[Any, ...]]
"""Makes of the shown outputs' values, which it may change, the form in which they are shown."""

_packed = msgspec.msgpack.Encoder().encode

_PARTS_PER_EDIT = 32
"""Parts of a value that are copied in the time in which an edit is applied."""


class _Step:
    """The values after one message, as the way to them.

    Args:
        whole: The values, or None.
        before: The step before this one, if `whole` is None.
        changes: The edits of the message, for each output.
    """

    __slots__ = ("before", "changes", "whole")

    def __init__(
        self, whole: list[Any] | None, before: _Step | None, changes: Sequence[Any]
    ) -> None:
        self.whole = whole
        self.before = before
        self.changes = changes

    def values(self) -> list[Any]:
        """Return a copy of the values."""
        way: list[_Step] = []
        step: _Step = self
        while step.whole is None and step.before is not None:
            way.append(step)
            step = step.before
        values: list[Any] = copied(step.whole or [])[0]
        for each in reversed(way):
            _apply(copied(each.changes)[0], values)
        return values


def _apply(
    changes: Sequence[Any], values: list[Any], spend: Callable[[int], object] = lambda _: None
) -> None:
    """Apply the edits of each output to its value."""
    for index, entry in enumerate(changes):
        if entry:
            values[index] = edits.apply(entry, values[index], spend)


class ValuesView:
    """Keeps the value of every output.

    Args:
        budget: Bounds what the event may cost.
        present: Makes the form in which the values are shown.
        shown: Indexes of the outputs that are shown; the others' values are not kept. None: all.
        only_snapshots: Whether no message holds edits.

    Attributes:
        place: See `View`; there is none.
    """

    def __init__(
        self,
        budget: Budget,
        present: Present,
        shown: Sequence[int] | None,
        *,
        only_snapshots: bool,
    ) -> None:
        self.place: tuple[int, list[Any]] | None = None
        self._budget = budget
        self._present = present
        self._shown = shown
        self._only_snapshots = only_snapshots
        self._step: _Step | None = None  # After the newest message.
        self._values: list[Any] | None = None  # After the newest message, if it held edits.
        self._parts = 0  # Of the newest whole values.
        self._edits = 0  # Since then.
        self._received = 0  # Bytes before the newest message.

    @property
    def text(self) -> str:
        """Values are no text."""
        return ""

    def update(self, data: list[Any]) -> list[events.Event]:
        """Apply the entries of an intermediate message; return the event for the new values.

        Raises:
            ProtocolError: The entries don't fit the values, or cost too much.
        """
        self._budget.begin_message()
        before, entries = self._step, self._entries(data)
        if before is None or self._only_snapshots or not all(map(edits.is_edits, data)):
            return [self._take_snapshot(entries)]
        return [self._take_edits(before, entries)]

    def complete(self, data: list[Any]) -> list[events.Event]:
        """Apply the final values; return the event for them if they are news.

        Raises:
            ProtocolError: The values are too large.
        """
        self._budget.begin_message()
        before, entries = self._step, self._entries(data)
        if before is not None:
            known = before.whole if self._values is None else self._values
            if _equal(entries, known):
                return []
        return [self._take_snapshot(entries)]

    def _entries(self, data: list[Any]) -> list[Any]:
        """Return the entries of the outputs that are shown."""
        if self._shown is None:
            return data
        if len(data) <= max(self._shown, default=-1):
            raise ProtocolError(
                f"The Space sent {len(data)} outputs, where its function has "
                f"{max(self._shown) + 1} or more: it is not the app that was expected."
            )
        return [data[index] for index in self._shown]

    def _take_snapshot(self, data: list[Any]) -> events.Event:
        self._values = None
        self._budget.check_value(data)
        self._step = _Step(data, None, ())
        return self._event(self._step, None)

    def _take_edits(self, before: _Step, data: list[Any]) -> events.Event:
        count = sum(map(len, data))
        self._budget.check_edits(count)
        if self._values is None:
            self._values = self._copy(before.whole or [])
        if len(data) > len(self._values):
            raise ProtocolError(
                f"The Space sent edits for {len(data)} outputs, where there are "
                f"{len(self._values)}."
            )
        _apply(copied(data)[0], self._values, self._budget.spend)
        self._budget.check_value(self._values)
        self._edits += max(count, 1)
        is_far = self._edits * _PARTS_PER_EDIT > self._parts
        whole = self._copy(self._values) if is_far else None
        self._step = _Step(whole, None if is_far else before, data)
        return self._event(self._step, data)

    def _copy(self, values: list[Any]) -> list[Any]:
        """Return a copy of the values; the way to later ones begins here."""
        copy: list[Any]
        copy, self._parts = copied(values)
        self._budget.allow(WORK_PER_PART * self._parts)
        self._edits = 0
        return copy

    def _event(self, step: _Step, changes: list[Any] | None) -> events.Event:
        present, received = self._present, self._budget.received
        weight, self._received = received - self._received, received
        return events.Values(
            lambda: present(step.values()),
            None if changes is None else lambda: tuple(copied(changes)[0]),
            weight,
        )


class ValuesMachine(EventMachine):
    """Turns the SSE data of one event into the values of its function's outputs.

    Args:
        present: Makes the form in which the values are shown.
        shown: Indexes of the outputs that are shown. None: all.
        event_id: The event to listen to; messages about others are ignored. None: the first event
            that a message names.
        only_snapshots: Whether no message holds edits, as in the protocols `sse` and `sse_v1`.
        budget: Bounds what the event may cost. None: as `Limits` has it by default.

    Attributes:
        state: The present state.
        outputs: The final value of each output; empty before the machine has completed.
        wants_inputs: The event id with which the server asks for the inputs, or None if it hasn't
            asked.
    """

    unfinished: ClassVar[str] = "before the function had ended; its newest value is in partial"
    advice: ClassVar[str] = CALL_AGAIN

    def __init__(
        self,
        *,
        present: Present = tuple,
        shown: Sequence[int] | None = None,
        event_id: str | None = None,
        only_snapshots: bool = False,
        budget: Budget | None = None,
    ) -> None:
        budget = Budget() if budget is None else budget
        view = ValuesView(budget, present, shown, only_snapshots=only_snapshots)
        super().__init__(view, event_id=event_id, budget=budget)

    def show(self, value: list[Any]) -> list[events.Event]:
        """Apply final values that no event's stream brought; return the event for them."""
        return self._view.complete(value)


@dataclass(frozen=True)
class ReadValues:
    """Reads the values of all outputs; see `Reads`.

    Attributes:
        present: Makes the form in which the values are shown.
        shown: Indexes of the outputs that are shown. None: all.
        only_snapshots: Whether no message holds edits.
    """

    present: Present = tuple
    shown: Sequence[int] | None = None
    only_snapshots: bool = False

    def machine(
        self,
        *,
        event_id: str | None,
        budget: Budget,
        after: EventMachine | None = None,
    ) -> ValuesMachine:
        """Return a machine for one event."""
        return ValuesMachine(
            present=self.present,
            shown=self.shown,
            event_id=event_id,
            only_snapshots=self.only_snapshots,
            budget=budget,
        )


def copied(value: Any) -> tuple[Any, int]:
    """Return a copy of a JSON value, and the number of values in it.

    It needs no stack, so a value may be as deep as it likes.
    """
    root = [value]
    left: list[Any] = [root]
    parts = 0
    while left:
        container = left.pop()
        parts += len(container)
        pairs = container.items() if type(container) is dict else enumerate(container)
        for key, each in pairs:  # No key comes or goes meanwhile.
            if type(each) in (list, dict):
                container[key] = inner = each.copy()
                left.append(inner)
    copy: Any = root[0]
    return copy, parts


def parts_of(values: Sequence[Any]) -> Iterator[Any]:
    """Yield values and everything in their lists and dicts."""
    waiting: list[Any] = [*reversed(values)]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, list):
            waiting += reversed(each)
        elif isinstance(each, dict):
            waiting += reversed(list(each.values()))


def _equal(one: list[Any], other: list[Any] | None) -> bool:
    """Tell whether two JSON values are equal; ones too deep to be compared count as others.

    Equal values have equal bytes, nearly always, which are made as fast as Python compares. Else
    it is Python that compares, to which True is 1, and keys in another order are the same.
    """
    with contextlib.suppress(OverflowError, RecursionError):
        if _packed(one) == _packed(other):
            return True
    try:
        return one == other and _same_flags(one, other)
    except RecursionError:
        return False


def _same_flags(one: object, other: object) -> bool:
    """Tell whether two values, equal to Python, have True and False in the same places.

    It needs no stack, as `copied`.
    """
    waiting: list[tuple[Any, Any]] = [(one, other)]
    while waiting:
        mine, theirs = waiting.pop()
        if isinstance(mine, dict):
            waiting += [(each, theirs[key]) for key, each in mine.items()]
        elif isinstance(mine, list):
            waiting += zip(mine, theirs, strict=True)
        elif isinstance(mine, bool) is not isinstance(theirs, bool):
            return False
    return True

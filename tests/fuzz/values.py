"""What must hold for the values of a function's outputs, whatever the server sends."""

from __future__ import annotations

from typing import Any

from spacechat import events
from spacechat.errors import SpaceChatError
from spacechat.protocol import ValuesMachine, edits
from spacechat.protocol.values import copied
from tests.fuzz.cases import Case


def check_values(case: Case) -> None:
    """Check that values are where their edits lead to, whenever they are read."""
    read: list[Any] = []
    for event in _received(case):
        if event.edits is not None:
            values = copied([*read[-1]])[0]
            for index, entry in enumerate(event.edits):
                values[index] = edits.apply(entry, values[index])
            assert _same(tuple(values), event.values)
        read.append(event.values)
    later = _received(case)
    for event, values in zip(reversed(later), reversed(read), strict=True):
        assert _same(event.values, values)


def _received(case: Case) -> list[events.Values]:
    """Return the events with values that a machine gives until it ends."""
    machine = ValuesMachine(
        event_id=case.event_id, only_snapshots=case.mode.get("protocol") == "sse_v1"
    )
    found: list[events.Values] = []
    try:
        for payload in case.payloads():
            caused = machine.receive(payload)
            found += [each for each in caused if isinstance(each, events.Values)]
    except SpaceChatError:
        assert machine.finished
    return found


def _same(one: object, other: object) -> bool:
    try:
        return one == other
    except RecursionError:
        return True

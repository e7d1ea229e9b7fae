"""What must hold for the values of a function's outputs, whatever the server sends: mode `values`.

Its inputs are those of streams. Most are read as the machine has the values, every fourth as `call`
gives them to a caller, with files and without updates.
"""

from __future__ import annotations

import functools
import zlib
from typing import Any, Final

from spacechat import events
from spacechat.apps.arguments import Arguments
from spacechat.apps.call import Call, call_function
from spacechat.apps.known import Apps
from spacechat.apps.place import Place
from spacechat.errors import SpaceChatError
from spacechat.protocol import Budget, Reads, ReadValues, edits
from spacechat.protocol.values import copied, parts_of
from spacechat.steps import Generate, Step
from tests.fuzz import stream
from tests.fuzz.bounds import bounded
from tests.fuzz.cases import Case, parse
from tests.fuzz.described import Maker
from tests.fuzz.driven import ORIGIN, Server
from tests.servers.page import Page

TOKENS: Final = (*stream.TOKENS, '"path":"', '"url":"', '"orig_name":"', '"meta":{}')
shown = stream.shown


def inputs() -> list[bytes]:
    """Return inputs to start from."""
    return stream.inputs()


def check_input(data: bytes) -> None:
    """Check everything for one input of the fuzzer."""
    case = parse(data)
    with bounded(lambda: received(case, as_called()), lambda: sum(map(len, case.payloads()))):
        if zlib.crc32(data) % 4:
            check_values(case)
        else:
            check_called(case)


def check_values(case: Case) -> None:
    """Check that values are where their edits lead to, whenever they are read."""
    reads = ReadValues(only_snapshots=case.mode.get("protocol") == "sse_v1")
    read: list[Any] = []
    for event in received(case, reads):
        if event.edits is not None:
            values = copied([*read[-1]])[0]
            for index, entry in enumerate(event.edits):
                values[index] = edits.apply(entry, values[index])
            assert _same(tuple(values), event.values)
        read.append(event.values)
    later = received(case, reads)
    for event, values in zip(reversed(later), reversed(read), strict=True):
        assert _same(event.values, values)


def check_called(case: Case) -> None:
    """Check the values that a caller of a function with two outputs gets."""
    found = received(case, as_called())
    kept = [event.values for event in found]
    for values in kept:
        assert len(values) <= 2
        for part in parts_of(values):
            if isinstance(part, events.File):
                assert part.url.startswith(("http://", "https://"))
                assert part.app == ORIGIN
                assert part.name
    for event, values in zip(received(case, as_called()), kept, strict=True):
        assert _same(event.values, values)


@functools.cache
def as_called() -> Reads:
    """Return how a call of a function reads its values: its first and its third output."""
    page = Page()
    box, image, state = page.add("textbox"), page.add("image"), page.add("state")
    page.on(box, "submit", [box], [image, state, page.add("json")], "predict")
    server = _Listening(page.config(), b"{}", Maker(b""))
    call = Call([Place(ORIGIN, {})], Apps(), "/predict", Arguments("Hi").open())
    server.run(call_function(call, Budget()))
    (reads,) = server.reads
    return reads


class _Listening(Server):
    """Remembers how the functions' outputs are read."""

    def __init__(self, config: bytes, info: bytes, more: Maker) -> None:
        super().__init__(config, info, more)
        self.reads: list[Reads] = []

    def outcome(self, step: Step) -> object:
        if isinstance(step, Generate):
            self.reads.append(step.reads)
        return super().outcome(step)


def received(case: Case, reads: Reads) -> list[events.Values]:
    """Return the events with values that a machine gives until it ends."""
    machine = reads.machine(event_id=case.event_id, budget=Budget())
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

"""What must hold for every stream of an answer, whatever the server sends: mode `stream`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from spacechat.errors import SpaceChatError
from tests.fuzz import corpus
from tests.fuzz.bounds import bounded
from tests.fuzz.cases import Case, parse
from tests.fuzz.checks import check

TOKENS: Final = corpus.TOKENS
inputs = corpus.inputs


def check_input(data: bytes) -> None:
    """Check everything for one input of the fuzzer."""
    case = parse(data)
    with bounded(lambda: receive(case), lambda: sum(map(len, case.payloads()))):
        check(case, both_ways=zlib.crc32(data) % 8 == 0)


def shown(data: bytes) -> Iterator[str]:
    """Yield what an input stands for, line by line."""
    case = parse(data)
    yield f"output={case.output} event_id={case.event_id} mode={case.mode}"
    for payload in case.payloads():
        yield f"{payload[:500]!r}"


def receive(case: Case) -> None:
    """Have a machine take all payloads."""
    machine = case.machine()
    try:
        for payload in case.payloads():
            machine.receive(payload)
    except SpaceChatError:
        pass

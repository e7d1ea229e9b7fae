"""What a machine keeps is no more than linear in what came, with factors that are known."""

from __future__ import annotations

import contextlib
import gc
import json
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from spacechat import errors
from spacechat.protocol import StreamMachine


@contextlib.contextmanager
def traced() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def generating(*data: Any) -> str:
    return json.dumps({"msg": "process_generating", "output": {"data": list(data)}})


def kept(payloads: Iterable[str]) -> tuple[int, int]:
    """Bytes that a machine holds after the payloads, and the most that it took on the way."""
    with traced():
        machine = StreamMachine(output=0)
        for payload in payloads:
            with contextlib.suppress(errors.SpaceChatError):
                machine.receive(payload)
        return tracemalloc.get_traced_memory()


@pytest.mark.parametrize("piece", ["x", "你", "🌍", "ab"])
@pytest.mark.parametrize("path", [[0, 1], [0, 0]])
def test_an_answer_in_small_pieces(piece: str, path: list[int]) -> None:
    count = 30_000 if path == [0, 1] else 1000  # The other way takes time.
    first, edit = generating([["", ""]]), generating([["append", path, piece]])
    now, most = kept([first, *[edit] * count])
    size = len(piece.encode("utf-32")) * count
    # The text, once in the value and once in the answer, and copies while they are joined.
    assert now < 3 * size + 100_000
    assert most < 6 * size + 200_000


@pytest.mark.parametrize(
    "payload",
    [
        '{"msg":"log","log":"' + "x" * 20_000 + '"}',
        '{"msg":"progress","progress_data":[' + "{}," * 1000 + "{}]}",
        '{"msg":"heartbeat"}',
        '{"msg":"estimation","rank":1}',
        '{"msg":"new","x":' + "[" * 100 + "]" * 100 + "}",
        generating([["Q", "x" * 20_000]]),
        generating("x", "y" * 20_000),
        generating([["replace", [], ["Q", "x" * 20_000]]]),
    ],
    ids=lambda payload: payload[:40],
)
def test_messages_leave_nothing_behind(payload: str) -> None:
    few, _ = kept([payload] * 10)
    many, most = kept([payload] * 500)
    assert many < few + 20_000
    assert most < 40 * len(payload) + 100_000


@pytest.mark.parametrize("entry", ["[],", "{},", '"",', "0,", '{"":0},', "[[]],", '"你",'])
def test_a_message_as_objects(entry: str) -> None:
    """The worst that a byte can become is some thirty bytes."""
    values = entry * 100_000
    payload = f'{{"msg":"process_generating","output":{{"data":[[{values}0]]}}}}'
    _, most = kept([payload])
    assert most < 40 * len(payload)

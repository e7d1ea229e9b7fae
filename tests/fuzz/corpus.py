"""The streams that the fuzzer starts from."""

from __future__ import annotations

import json
from typing import Final

from tests.fuzz.cases import ACTIONS, KEYS, WORDS, raw
from tests.recordings import recordings

TOKENS: Final = (
    '{"msg":"',
    '"event_id":"e"',
    '"output":{"data":[',
    '"success":false',
    *(f'"{word}"' for word in (*KEYS, *ACTIONS) if word),
    "process_generating",
    "process_completed",
    "estimation",
    "unexpected_error",
    "close_stream",
    "[[",
    "]]",
    *(json.dumps(word)[1:-1] for word in WORDS if 1 < len(word) < 40),
)
"""What the fuzzer puts into raw payloads."""


def inputs() -> list[bytes]:
    """Every recording as raw payloads, and some inputs of codes."""
    found: list[bytes] = []
    for recording in recordings():
        messages = [m.replace(_event_id(m), "e") for m in recording.messages]
        found += [raw(messages), raw(messages, 0x40), raw(messages, 0x45), raw(messages[:8], 0x22)]
    for settings in range(0x40):
        # A snapshot, some edits, the end.
        for value in range(16):
            edits = bytes([0, 1, 0, value % 8, 0, 0, 0, 0, 1, 2] * 4)
            found.append(bytes([settings, 14, 1, value, 1, 0, 1, 2, 1, 2]) + edits + b"\x15")
    return found


def _event_id(message: str) -> str:
    return json.loads(message).get("event_id") or "e"

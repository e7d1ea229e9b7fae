"""Mutants of `openai`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_ID = "an id is no secret here, and needs no length of its own"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "openai/completion_messages.py": [
        Equivalent(
            "if not {bytes(message.tool_calls), bytes(message.function_call)} <= _NOTHING:",
            "if not {bytes(message.tool_calls), bytes(message.function_call)} < _NOTHING:",
            "two values are never all three that stand for nothing",
        ),
    ],
    "openai/completion_writers.py": [
        Equivalent('self._id = f"chatcmpl-{secrets.token_hex(12)}"', None, _ID),
    ],
    "openai/intake.py": [
        Equivalent(
            "return anyio.CapacityLimiter(1)",
            "return anyio.CapacityLimiter( 0)",
            "no large body is ever parsed, and every test of one hangs",
        ),
    ],
}

"""What real Gradio servers sent, byte for byte, and what it means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

PIECES = [
    "Hel",
    "lo",
    ", ",
    "ha",
    "ha",
    "ha",
    " [1] ",
    "[2, 3]",
    "你好",
    " 🌍",
    "\n\n",
    "print(1)\n",
    "print(1)\n",
    "done.",
]
"""The answer that the recorded app gives."""

ANSWER = "".join(PIECES)


@dataclass(frozen=True)
class Recording:
    """The body of one event stream."""

    version: str
    case: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.version}-{self.case}"

    @property
    def messages(self) -> list[str]:
        """The data of each server-sent event."""
        blocks = self.body.decode().split("\n\n")
        return [block.removeprefix("data: ") for block in blocks if block]

    @property
    def final(self) -> Any:
        """The outputs that the last message holds, or None."""
        for message in map(json.loads, self.messages):
            if message["msg"] == "process_completed":
                return message["output"].get("data")
        return None


def recordings() -> list[Recording]:
    """Return every recorded stream of `/queue/data`."""
    return [
        Recording(path.parent.name.removeprefix("gradio-"), path.stem, path.read_bytes())
        for path in sorted(FOLDER.glob("*/*.sse"))
        if path.stem != "call_plain"
    ]

"""Stored responses: what a later request can refer to, within a bound of memory; does no I/O."""

from __future__ import annotations

import threading
import time
from typing import Final

import msgspec

from ..messages import Message

_VALUE_WEIGHT: Final = 512
"""Bytes of memory that a value takes besides its content: its object, its name, its place."""

_MESSAGES: Final = msgspec.json.Decoder(list[Message])


class Dialogue(msgspec.Struct, frozen=True, gc=False):
    """What was said so far, without instructions.

    Attributes:
        messages: The messages, oldest first.
        files: Name and content of each file that the newest message with files has.
    """

    messages: list[Message]
    files: list[tuple[str, bytes]]

    def answered(self, text: str) -> Dialogue:
        """Return the dialogue with an answer as its last message."""
        return Dialogue([*self.messages, {"role": "assistant", "content": text}], self.files)


class StoredResponse:
    """A complete response, and the dialogue that it ends.

    Both are kept as JSON: it takes less memory than objects, and its length says how much.

    Attributes:
        body: The response.
        messages: The messages of the dialogue, of which the answer is the last.
        until: When it is dropped, by `time.monotonic`.
        size: The bytes of memory that it takes.

    Args:
        body: The response as JSON.
        dialogue: The dialogue, of which the answer is the last message.
        until: See above.
    """

    def __init__(self, body: bytes, dialogue: Dialogue, until: float) -> None:
        self.body = body
        self.messages: bytes = msgspec.json.encode(dialogue.messages)
        self._files = dialogue.files
        self.until = until
        kept = [body, self.messages, *self.contents]
        self.size: int = sum(map(len, kept)) + _VALUE_WEIGHT * len(kept)

    @property
    def contents(self) -> list[bytes]:
        """The contents of the dialogue's files."""
        return [content for _, content in self._files]

    @property
    def dialogue(self) -> Dialogue:
        """The dialogue."""
        return Dialogue(_MESSAGES.decode(self.messages), self._files)


class StoredResponses:
    """Responses by their ids.

    When there is no room for another, the oldest go first. A response that is larger than all the
    room is not kept. Several threads may use it at once.

    Args:
        size: Bytes of memory that all of them may take.
        seconds: How long each is kept.
    """

    def __init__(self, size: int, seconds: float) -> None:
        self._free = size
        self._size = size
        self._seconds = seconds
        self._kept: dict[str, StoredResponse] = {}  # The oldest is the first.
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """The bytes of memory that all of them take."""
        return self._size - self._free

    def add(self, response_id: str, body: bytes, dialogue: Dialogue) -> None:
        """Keep a response.

        Args:
            response_id: Its id.
            body: The response as JSON.
            dialogue: What was said so far; the answer is the last message.
        """
        added = StoredResponse(body, dialogue, time.monotonic() + self._seconds)
        if added.size > self._size:
            return
        with self._lock:
            self._drop_expired()
            while self._free < added.size:
                self._drop(next(iter(self._kept)))
            self._free -= added.size
            self._kept[response_id] = added

    def get(self, response_id: str) -> StoredResponse | None:
        """Return a response, or None if it is not kept (any more)."""
        with self._lock:
            self._drop_expired()
            return self._kept.get(response_id)

    def remove(self, response_id: str) -> bool:
        """Forget a response; return whether it was kept."""
        with self._lock:
            self._drop_expired()
            if response_id not in self._kept:
                return False
            self._drop(response_id)
            return True

    def _drop_expired(self) -> None:
        now = time.monotonic()
        while self._kept and self._kept[oldest := next(iter(self._kept))].until <= now:
            self._drop(oldest)

    def _drop(self, response_id: str) -> None:
        self._free += self._kept.pop(response_id).size


def why_not_stored(response_id: str) -> str:
    """Return the message for a response that is not there."""
    shown = response_id if len(response_id) <= 100 else f"{response_id[:100]}..."
    return (
        f"There is no response {shown!r} here (any more): responses are kept for a while, the "
        "oldest go first, and none is kept that has failed or was made with store=false. Send the "
        "messages so far as 'input'."
    )

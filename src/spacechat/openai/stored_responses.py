"""Stored responses: what a later request can refer to, within a bound of memory; does no I/O."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from ..messages import Message
from .weight import weight

RESPONSE: Final = "resp_"
MESSAGE: Final = "msg_"
THOUGHTS: Final = "rs_"
"""What the ids of responses and their items begin with; the response's token follows."""

_VALUE_WEIGHT: Final = 512
"""Bytes of memory that a value takes besides its content: its object, its name, its place."""

_MESSAGES: Final = msgspec.json.Decoder(list[Message])


class Dialogue(msgspec.Struct, frozen=True):
    """What was said so far, without instructions.

    Attributes:
        messages: The messages, oldest first.
        files: Name and content of each file that the newest message with files has.
    """

    messages: list[Message]
    files: list[tuple[str, bytes]]


class StoredResponse:
    """A complete response, and what was said before it.

    All is kept as bytes: they take less memory than objects, and their length says how much.

    Attributes:
        body: The response as JSON.
        before: The messages before the answer as JSON.
        answer: The answer's text in UTF-8.
        contents: The contents of the dialogue's files.
        until: When it is dropped, by `time.monotonic`.
        size: The bytes of memory that it takes, without the contents.

    Args:
        body: See above.
        dialogue: What was said before the answer.
        answer: The answer.
        until: See above.
    """

    def __init__(self, body: bytes, dialogue: Dialogue, answer: str, until: float) -> None:
        self.body = body
        self.before: bytes = msgspec.json.encode(dialogue.messages)
        self.answer: bytes = answer.encode()
        self.contents: list[bytes] = [content for _, content in dialogue.files]
        self.until = until
        texts = [self.body, self.before, self.answer]
        values = len(texts) + len(self.contents)
        self.size: int = sum(map(len, texts)) + _VALUE_WEIGHT * values
        self._files = dialogue.files

    @property
    def messages_before(self) -> list[Message]:
        """The messages before the answer."""
        return _MESSAGES.decode(self.before)

    @property
    def dialogue(self) -> Dialogue:
        """What was said so far, of which the answer is the last message."""
        answer: Message = {"role": "assistant", "content": self.answer.decode()}
        return Dialogue([*self.messages_before, answer], self._files)


class StoredResponses:
    """Responses by their tokens, which are in their ids.

    When there is no room for another, the oldest go first. A response that is larger than all the
    room is not kept. A file that several responses of a dialogue have is there, and counts, once.
    Several threads may use it at once.

    Args:
        size: Bytes of memory that all of them may take.
        seconds: How long each is kept.
    """

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._kept: dict[str, StoredResponse] = {}  # The oldest is the first.
        self._taken = 0
        self._holders: Counter[int] = Counter()  # Of each content, by its object's id.
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """The bytes of memory that all of them take."""
        return self._taken

    def add(self, token: str, body: bytes, dialogue: Dialogue, answer: str) -> None:
        """Keep a response.

        Args:
            token: What its id has after `resp_`.
            body: The response as JSON.
            dialogue: What was said before the answer.
            answer: The answer.
        """
        added = StoredResponse(body, dialogue, answer, time.monotonic() + self._seconds)
        if added.size + sum(map(len, added.contents)) > self._size:
            return
        with self._lock:
            self._drop_expired()
            self._kept[token] = added
            self._taken += added.size
            for content in added.contents:
                self._taken += 0 if self._holders[id(content)] else len(content)
                self._holders[id(content)] += 1
            while self._taken > self._size:
                self._drop(next(iter(self._kept)))

    def get(self, token: str) -> StoredResponse | None:
        """Return the response of a token, or None if it is not kept (any more)."""
        with self._lock:
            self._drop_expired()
            return self._kept.get(token)

    def remove(self, token: str) -> None:
        """Forget the response of a token, if it is kept."""
        with self._lock:
            if token in self._kept:
                self._drop(token)

    def why_missing(self, response_id: str) -> str:
        """Return the message for a response that is not there."""
        shown = response_id if len(response_id) <= 100 else f"{response_id[:100]}..."
        why = (
            "(any more): responses are kept for a while, the oldest go first, and none is kept "
            "that has failed or was made with store=false"
            if self._size and self._seconds
            else "since none are kept"
        )
        return f"There is no response {shown!r} here {why}. Send the messages so far as 'input'."

    def _drop_expired(self) -> None:
        now = time.monotonic()
        while self._kept and self._kept[oldest := next(iter(self._kept))].until <= now:
            self._drop(oldest)

    def _drop(self, token: str) -> None:
        dropped = self._kept.pop(token)
        self._taken -= dropped.size
        for content in dropped.contents:
            self._holders[id(content)] -= 1
            if not self._holders[id(content)]:
                del self._holders[id(content)]
                self._taken -= len(content)


class Recalled:
    """What one request takes from the stored responses.

    A request is weighed before it may wait for memory. While it waits it keeps no response alive,
    and afterwards it reads none but those that were weighed: any other would be memory that nobody
    has counted.

    Attributes:
        texts: The bytes of texts that it takes.
        weight: The bytes of memory that these texts take in a question.
        files: The bytes of files that it takes.

    Args:
        stored: The stored responses.
        tokens: The tokens of those that it names.
        texts: The texts that it takes of them, each with how often it takes it.
        files: The contents of files that it takes.
    """

    def __init__(
        self,
        stored: StoredResponses,
        tokens: Collection[str] = (),
        texts: Sequence[tuple[bytes, int]] = (),
        files: Sequence[bytes] = (),
    ) -> None:
        self.texts: int = sum(len(text) * times for text, times in texts)
        self.weight: int = sum(weight(text, 0) * times for text, times in texts)
        self.files: int = sum(map(len, files))
        self._stored = stored
        self._tokens = tokens

    def response(self, response_id: str) -> StoredResponse | None:
        """Return the response of an id, or None if it is not kept (any more)."""
        return self._get(token_of(response_id, RESPONSE))

    def answer(self, item_id: str) -> str | None:
        """Return the text of an answer by the id of its message, or None."""
        found = self._get(token_of(item_id, MESSAGE))
        return None if found is None else found.answer.decode()

    def _get(self, token: str) -> StoredResponse | None:
        return self._stored.get(token) if token in self._tokens else None


def token_of(name: str, prefix: str) -> str:
    """Return the token in an id that begins with a prefix; empty, which no token is, if none is."""
    return name.removeprefix(prefix) if name.startswith(prefix) else ""

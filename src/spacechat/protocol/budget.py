"""All limits of one question: bytes received and sent, texts, edits, memory and work.

A server decides what it sends, and an app's author decides what its page sends back. Both are
bounded here, in proportion to `Limits` and to the length of the question, since a server may well
repeat what it was asked. One budget belongs to one attempt at a question. The connection, the state
machine of each event and the app's page all spend from it, so a chain of functions may cost no more
than one function.

**Lengths.** `message`, `messages`, `answer` and `edits` come from `settings.Limits`. Whoever reads
or keeps something checks it against these.

**Memory.** JSON takes up to `_MEMORY_PER_BYTE` times its length in Python. For the message being
decoded there is no way around that. The values kept from one message to the next, the page's among
them, have to be smaller: `_KEPT` times a message. Measuring a value means walking through it, so
the walk is made only when the bytes received since the last walk could have made the value too
large, and never twice within `_MEASURED` bytes.

**Work.** An edit of twenty bytes may make Python copy megabytes. Code that copies, moves or
compares reports the number of characters to `spend`; reading one part of a value counts as
`WORK_PER_PART` characters. A basic amount of work is free, and each byte received allows more. Each
message has a bound of its own, too, since no other task runs while it is read. The connection uses
`spent` to decide when to let other tasks run.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from ..errors import InputsError, ProtocolError
from ..settings import DEFAULT_LIMITS, Limits

WORK_PER_PART = 512
"""Characters that Python copies in the time that it takes to read one part of a value."""

_KEPT = 16
"""Bytes of memory that values may keep, for each byte that a message may have."""

_MEMORY_PER_BYTE = 34
"""The most bytes of memory that a byte of JSON takes, as in `{"":0},`."""

_MEASURED = 128 << 10
"""Bytes received before a value is measured again: measuring takes time by the value's size."""

_SENT = 8
"""Bytes that a request may have, for each byte that a message may have."""

_WORK = 1 << 32
_WORK_PER_BYTE = 128
_WORK_PER_MESSAGE = 1 << 24
_WORK_TO_MEASURE = 256
"""Characters that Python copies in the time that it takes to measure one part of a value."""


class Budget:
    """Bounds the cost of one attempt at a question.

    Args:
        limits: The client's limits.
        brought: Bytes of JSON that the question takes: messages and inputs.
        work: Characters that may be copied and compared in addition to 128 for each byte received.

    Attributes:
        message: Bytes that one message, or the answer to a plain request, may have.
        messages: Messages that one stream may have.
        answer: Characters that the answer and the thoughts may have together.
        answer_left: Characters that may still be appended to them. The view counts them down: a
            call for each token would be dear.
        edits: Edits that one message may hold.
        received: Bytes of the messages so far.
        spent: Characters copied and compared so far.
    """

    def __init__(
        self, limits: Limits = DEFAULT_LIMITS, *, brought: int = 0, work: int = _WORK
    ) -> None:
        self.message: int = limits.message + 2 * brought
        self.messages: int = limits.messages
        self.answer: int = limits.answer
        self.answer_left: int = limits.answer
        self.edits: int = limits.edits
        self.received: int = 0
        self.spent: int = 0
        self._work = work
        self._message_began = 0  # `received` at its beginning.
        self._message_end = _WORK_PER_MESSAGE  # The most that `spent` may be at its end.
        self._kept = _KEPT * self.message
        self._held = 0  # Memory of the page's values.
        self._measured = 0  # Memory of the machine's value when it was last measured.
        self._measured_at = 0  # `received` at that time.
        self._request = _SENT * limits.message + 2 * brought

    def begin_message(self) -> None:
        """Begin the bound for the newest message, whose bytes `received` includes."""
        fresh = self.received - self._message_began
        self._message_began = self.received
        self._message_end = self.spent + _WORK_PER_MESSAGE + _WORK_PER_BYTE * fresh

    def spend(self, work: int) -> None:
        """Count work.

        Args:
            work: Characters copied, moved or compared.

        Raises:
            ProtocolError: The work is too much for one message, or for all of them.
        """
        self.spent += work
        allowed = self._work + _WORK_PER_BYTE * self.received
        if self.spent > min(allowed, self._message_end):
            raise ProtocolError(
                "The Space rewrites its answer so often that following it would take too long."
            )

    def check_edits(self, count: int) -> None:
        """Raise if a message holds too many edits.

        Raises:
            ProtocolError: The message holds too many.
        """
        if count > self.edits:
            raise ProtocolError(
                f"The Space sent {count} edits in one message; the limit is {self.edits}. limits= "
                "sets it."
            )

    def check_answer(self, length: int) -> None:
        """Raise if the answer and the thoughts are too long; otherwise set `answer_left`.

        Args:
            length: Characters of both together.

        Raises:
            ProtocolError: They are too long.
        """
        self.answer_left = self.answer - length
        if self.answer_left < 0:
            raise self.answer_too_long()

    def answer_too_long(self) -> ProtocolError:
        """Return the error for an answer with more characters than the limit."""
        return ProtocolError(
            f"The answer has more than {self.answer} characters. limits= sets how many it may have."
        )

    def check_value(self, value: object) -> None:
        """Raise if the machine's value takes too much memory, even where no text grows.

        Raises:
            ProtocolError: The value and the page's values (`hold`) take too much together.
        """
        fresh = self.received - self._measured_at
        if fresh < _MEASURED:
            return
        most = self._kept - self._held
        if self._measured + _MEMORY_PER_BYTE * fresh <= most:
            return
        self._measured_at = self.received
        self._measured = self.measure(value, most)
        self._check(self._measured, most)

    def measure(self, value: object, most: float = math.inf) -> int:
        """Measure the bytes of memory that a value takes, and count the work of that.

        Args:
            value: Any JSON value.
            most: Bytes after which the measuring may stop.
        """
        taken, parts = size(value, most)
        self.allow(_WORK_TO_MEASURE * parts)
        return taken

    def allow(self, work: int) -> None:
        """Count work that is bounded by what was received, though not by the newest message.

        Args:
            work: As for `spend`.
        """
        self.spent += work
        self._message_end += work

    def hold(self, taken: int) -> None:
        """Set the memory that all values of the app's page take.

        Raises:
            ProtocolError: The memory is too much.
        """
        self._check(taken, self._kept)
        self._held = taken

    def _check(self, taken: int, most: int) -> None:
        if taken > most:
            raise ProtocolError(
                f"The Space sent values that take more than {self._kept} bytes of memory. limits= "
                "sets how much, by the length of a message."
            )

    def check_request(self, values: Sequence[object]) -> None:
        """Raise if the JSON of a function's inputs is too long to be sent.

        Args:
            values: The inputs. An object that is among them many times is encoded once.

        Raises:
            ProtocolError: The JSON is too long.
            InputsError: A value has no JSON form.
        """
        lengths: dict[int, int] = {}
        total = 0
        for value in values:
            length = lengths.get(id(value))
            if length is None:
                length = lengths[id(value)] = json_length(value)
            total += length
            if total > self._request:
                raise ProtocolError(
                    f"The app's page would send more than {self._request} bytes to one of its "
                    "functions. limits= sets how many, by the length of a message."
                )


def json_length(value: object) -> int:
    """Return the length of a value's JSON in bytes.

    Raises:
        InputsError: The value has no JSON form.
    """
    try:
        return len(msgspec.json.encode(value))
    except (TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise InputsError(f"A value can't be sent as JSON: {exc}.") from None


def size(value: Any, most: float = math.inf) -> tuple[int, int]:
    """Return the bytes of memory that a JSON value takes, and the number of values in it.

    An object that Python keeps once and uses in many places, such as a small number, counts each
    time. The walk stops when the sum exceeds `most`.
    """
    taken = sys.getsizeof(value)
    count = 1
    left = [value]
    while left and taken <= most:
        one = left.pop()
        if isinstance(one, dict):
            taken += sum(map(sys.getsizeof, one))
            count += len(one)
            one = one.values()
        elif not isinstance(one, list):
            continue
        taken += sum(map(sys.getsizeof, one))
        count += len(one)
        left += [each for each in one if each and type(each) in (list, dict)]
    return taken, count

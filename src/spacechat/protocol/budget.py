"""What one question may cost: bytes received and sent, memory kept, work done.

A server decides what it sends, and an app's author what its page sends back. Each of these is
bounded here, in proportion to `Limits` and to what the caller brought, since a server may well
repeat what it was asked. One budget belongs to one attempt at a question; the connection, the state
machine of each event and the app's page all spend from it, so that a chain of functions may cost
no more than one function.

**Memory.** JSON takes up to `_MEMORY_PER_BYTE` times its length in Python. A decoded message can't
be avoided, so what is kept from one message to the next, the page's values among it, has to be
smaller: `_KEPT` times a message. Measuring a value takes a walk through it. The walk is only made
when the bytes received since the last one could have made the value too large.

**Work.** An edit of twenty bytes may make Python copy megabytes. Whoever copies, moves or compares
tells `spend` how much, in characters; a part of a value that has to be looked at counts as
`WORK_PER_PART` of them. There is work for free, more for every byte received, and a bound for each
message, since nothing else runs while one is read. `spent` tells the connection when it is time to
let other tasks run.
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
"""Characters that Python copies in the time that it takes to look at one part of a value."""

_KEPT = 16
"""Bytes of memory that may be kept, for each byte that a message may have."""

_MEMORY_PER_BYTE = 34
"""Bytes of memory that a byte of JSON takes at the most, as in `{"":0},`."""

_MEASURED = 128 << 10
"""Bytes received before a value is measured again, which takes as long as it is large."""

_SENT = 8
"""Bytes of a request, for each byte that a message may have."""

_WORK = 1 << 32
_WORK_PER_BYTE = 128
_WORK_PER_MESSAGE = 1 << 24
_WORK_TO_MEASURE = 256
"""Characters that Python copies in the time that it takes to measure one part of a value."""


class Budget:
    """What one attempt at a question may cost.

    Args:
        limits: The client's bounds.
        brought: Bytes of JSON that the question takes: messages and inputs.
        work: Characters that may be copied and compared besides 128 for each byte received.

    Attributes:
        message: Bytes that one message, or the answer to a plain request, may have.
        messages: Messages that one stream may have.
        answer: Characters that the answer and the thoughts may have together.
        answer_left: How many of these may still be appended.
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
        self._message_began = 0  # What had been received then.
        self._message_end = _WORK_PER_MESSAGE  # What may have been spent by its end.
        self._kept = _KEPT * self.message
        self._held = 0  # Memory that the page's values take.
        self._measured = 0  # Memory that the machine's value took when it was last measured.
        self._measured_at = 0  # What had been received then.
        self._request = _SENT * limits.message + 2 * brought

    def begin_message(self) -> None:
        """Bound the work for the newest message; `received` counts it already."""
        fresh = self.received - self._message_began
        self._message_began = self.received
        self._message_end = self.spent + _WORK_PER_MESSAGE + _WORK_PER_BYTE * fresh

    def spend(self, work: int) -> None:
        """Count work that is done.

        Args:
            work: Characters copied, moved or compared.

        Raises:
            ProtocolError: It is too much for one message, or for all of them.
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
            ProtocolError: It does.
        """
        if count > self.edits:
            raise ProtocolError(
                f"The Space sent {count} edits in one message; the limit is {self.edits}. limits= "
                "sets it."
            )

    def check_answer(self, length: int) -> None:
        """Raise if the answer and the thoughts are too long; begin to count what is appended.

        Raises:
            ProtocolError: They are.
        """
        self.answer_left = self.answer - length
        if self.answer_left < 0:
            raise self.answer_too_long()

    def answer_too_long(self) -> ProtocolError:
        """Return the error for an answer that has more characters than it may have."""
        return ProtocolError(
            f"The answer has more than {self.answer} characters. limits= sets how many it may have."
        )

    def check_value(self, value: object) -> None:
        """Raise if a value that grows with the messages takes too much memory.

        Raises:
            ProtocolError: It does, together with what `hold` counts.
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
        """Return the bytes of memory that a value takes, and count the work of finding out.

        Args:
            value: Any JSON value.
            most: Bytes after which it does not matter how many more there are.
        """
        taken, parts = size(value, most)
        self.spent += _WORK_TO_MEASURE * parts
        self._message_end += _WORK_TO_MEASURE * parts  # Bounded by what was received.
        return taken

    def hold(self, taken: int) -> None:
        """Count the memory that all values of the app's page take.

        Raises:
            ProtocolError: It is too much.
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
            values: The inputs. One that stands among them many times is looked at once.

        Raises:
            ProtocolError: It is too long.
            InputsError: A value is none that JSON has.
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
    """Return the bytes of JSON that a value takes.

    Raises:
        InputsError: It is none that JSON has.
    """
    try:
        return len(msgspec.json.encode(value))
    except (TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise InputsError(f"A value can't be sent as JSON: {exc}.") from exc


def size(value: Any, most: float = math.inf) -> tuple[int, int]:
    """Return the bytes of memory that a JSON value takes, and of how many values it is made.

    What Python keeps once and uses in many places, such as small numbers, counts each time. The
    walk ends when the value proves to take more than `most` bytes.
    """
    found = sys.getsizeof(value)
    count = 1
    left = [value]
    while left and found <= most:
        one = left.pop()
        if isinstance(one, dict):
            found += sum(map(sys.getsizeof, one))
            count += len(one)
            one = one.values()
        elif not isinstance(one, list):
            continue
        found += sum(map(sys.getsizeof, one))
        count += len(one)
        left += [each for each in one if each and type(each) in (list, dict)]
    return found, count

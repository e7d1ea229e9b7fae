"""The limits of one question, each at the last value that is allowed and at the next one."""

from __future__ import annotations

import math
import sys
from typing import Any

import pytest

from spacechat import errors
from spacechat.protocol import Budget
from spacechat.protocol.budget import json_length, size
from spacechat.settings import Limits

KIB = 1 << 10
FREE = 1 << 24
"""Work of one message that is free."""


def test_what_comes_from_the_limits() -> None:
    limits = Limits(message=100 * KIB, messages=7, answer=20, edits=5)
    budget = Budget(limits)
    assert (budget.message, budget.messages) == (100 * KIB, 7)
    assert (budget.answer, budget.answer_left, budget.edits) == (20, 20, 5)
    assert (budget.received, budget.spent) == (0, 0)


def test_a_long_question_may_come_back_twice() -> None:
    limits = Limits(message=100 * KIB)
    assert Budget(limits, brought=5).message == 100 * KIB + 10


def test_the_work_of_a_message() -> None:
    """A basic amount, and 128 characters for each of its bytes."""
    budget = Budget()
    budget.received = 10
    budget.begin_message()
    budget.spend(FREE + 1280)
    with pytest.raises(errors.ProtocolError, match="rewrites its answer so often"):
        budget.spend(1)


def test_each_message_has_a_bound_of_its_own() -> None:
    """Bytes of the messages before it, and what these left unused, don't count."""
    budget = Budget()
    budget.received = 1000
    budget.begin_message()
    budget.spend(7)
    budget.received += 10
    budget.begin_message()
    budget.spend(FREE + 1280)
    assert budget.spent == FREE + 1287
    with pytest.raises(errors.ProtocolError, match="rewrites"):
        budget.spend(1)


def test_the_first_message_needs_no_beginning() -> None:
    budget = Budget()
    budget.spend(FREE)
    with pytest.raises(errors.ProtocolError, match="rewrites"):
        budget.spend(1)


def test_the_work_of_all_messages() -> None:
    budget = Budget(work=1000)
    budget.received = 10
    budget.begin_message()
    budget.spend(1000 + 1280)
    budget.begin_message()
    budget.spend(0)
    with pytest.raises(errors.ProtocolError, match="rewrites"):
        budget.spend(1)


def test_work_that_is_bounded_by_what_came() -> None:
    """It counts for all messages, and not for the newest one."""
    budget = Budget(work=FREE + 2000)
    budget.begin_message()
    budget.allow(1000)
    assert budget.spent == 1000
    budget.spend(FREE)
    with pytest.raises(errors.ProtocolError, match="rewrites"):
        budget.spend(1)
    budget = Budget(work=1000)
    budget.allow(1000)
    with pytest.raises(errors.ProtocolError, match="rewrites"):
        budget.spend(1)


def test_edits() -> None:
    budget = Budget(Limits(edits=5))
    budget.check_edits(5)
    with pytest.raises(errors.ProtocolError, match="6 edits in one message; the limit is 5"):
        budget.check_edits(6)


def test_the_answer() -> None:
    budget = Budget(Limits(answer=20))
    budget.check_answer(5)
    assert budget.answer_left == 15
    budget.check_answer(20)
    assert budget.answer_left == 0
    with pytest.raises(errors.ProtocolError, match="more than 20 characters"):
        budget.check_answer(21)


def nested(length: int) -> list[Any]:
    return ["x" * length]


def test_a_value_is_not_measured_before_it_may_be_too_large() -> None:
    """Measuring takes time by the value's size."""
    message = 100 * KIB
    budget = Budget(Limits(message=message))
    most = 16 * message
    large = nested(most)
    budget.check_value(large)  # Nothing has come that could make it so large.
    budget.received = 128 * KIB - 1
    budget.check_value(large)
    assert budget.spent == 0
    budget.received = 128 * KIB
    with pytest.raises(errors.ProtocolError, match=f"more than {most} bytes of memory"):
        budget.check_value(large)
    assert budget.spent == 2 * 256  # A list and a text.


def test_what_is_surely_small_is_not_measured() -> None:
    """A byte of JSON takes at most 34 bytes of memory."""
    budget = Budget(Limits(message=34 * 128 * KIB // 16))
    budget.received = 128 * KIB
    budget.check_value(nested(1))
    assert budget.spent == 0
    budget.received += 1
    budget.check_value(nested(1))
    assert budget.spent == 2 * 256


def test_a_value_is_measured_again_after_as_much_again() -> None:
    budget = Budget(Limits(message=100 * KIB))
    for measured in (1, 2):
        budget.received += 128 * KIB
        budget.check_value(nested(1))
        assert budget.spent == measured * 2 * 256
        budget.received += 1
        budget.check_value(nested(1))
        assert budget.spent == measured * 2 * 256
        budget.received -= 1


def test_what_was_measured_counts_for_the_next_time() -> None:
    message = 34 * 128 * KIB // 8
    budget = Budget(Limits(message=message))
    budget.received = 256 * KIB + 1
    value = nested(8 * message)
    budget.check_value(value)
    assert budget.spent == 512
    budget.received += 128 * KIB
    budget.check_value(value)  # Half of the memory is taken, the other half may be.
    assert budget.spent == 1024


def test_a_value_at_its_bound() -> None:
    message = 100 * KIB
    text = "x" * (16 * message - sys.getsizeof([""]) - sys.getsizeof(""))
    for value, fits in (([text], True), ([text + "x"], False)):
        budget = Budget(Limits(message=message))
        budget.received = 1 << 30
        if fits:
            budget.check_value(value)
        else:
            with pytest.raises(errors.ProtocolError, match="bytes of memory"):
                budget.check_value(value)


def test_the_pages_values_take_from_the_machines() -> None:
    message = 100 * KIB
    budget = Budget(Limits(message=message))
    budget.hold(16 * message)
    with pytest.raises(errors.ProtocolError, match="bytes of memory"):
        budget.hold(16 * message + 1)
    budget.received = 1 << 30
    with pytest.raises(errors.ProtocolError, match="bytes of memory"):
        budget.check_value("")
    budget.hold(0)
    budget.check_value("")


def test_measuring() -> None:
    budget = Budget()
    assert budget.measure([1, 2]) == sum(map(sys.getsizeof, ([1, 2], 1, 2)))
    assert budget.spent == 3 * 256


INNER: Any = {"key": ["a", 5, []], "other": {}}


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (7, [7]),
        ("abc", ["abc"]),
        ([], [[]]),
        ({}, [{}]),
        (["a", ["b"]], [["a", ["b"]], "a", ["b"], "b"]),
        ({"k": "v"}, [{"k": "v"}, "k", "v"]),
        (INNER, [INNER, "key", "other", INNER["key"], {}, "a", 5, []]),
    ],
)
def test_the_size_of_a_value(value: Any, parts: list[Any]) -> None:
    assert size(value) == (sum(map(sys.getsizeof, parts)), len(parts))


def test_a_value_is_measured_no_further_than_needed() -> None:
    first = ["x" * 1000]
    value = [["y" * 1000], first]
    shallow = sys.getsizeof(value) + sum(map(sys.getsizeof, value))
    assert size(value, shallow - 1) == (shallow, 3)
    assert size(value, sys.getsizeof(value) - 1) == (sys.getsizeof(value), 1)
    assert size(value, shallow) == (shallow + sys.getsizeof(first[0]), 4)
    assert size(value, math.inf)[1] == 5


def test_a_request() -> None:
    budget = Budget(Limits(message=100 * KIB), brought=5)
    most = 800 * KIB + 10
    text = "x" * (most - 4)
    budget.check_request([text, 7, 8])
    for values in ([text, 7, 8, 9], [text + "x", 7, 8], [text, 7, 77]):
        with pytest.raises(errors.ProtocolError, match=f"more than {most} bytes"):
            budget.check_request(values)


def test_an_input_that_is_taken_many_times_is_encoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded: list[object] = []

    def counted(value: object) -> int:
        encoded.append(value)
        return 10

    monkeypatch.setattr("spacechat.protocol.budget.json_length", counted)
    value: list[object] = []
    budget = Budget(Limits(message=100 * KIB))
    with pytest.raises(errors.ProtocolError, match="would send more"):
        budget.check_request([value] * 1_000_000)
    assert len(encoded) == 1


def test_the_length_of_json() -> None:
    assert json_length({"a": ["é", None]}) == len('{"a":["é",null]}'.encode())
    deep: list[object] = []
    deep.append(deep)
    for value in (object(), "\ud800", deep):
        with pytest.raises(errors.InputsError, match="can't be sent as JSON"):
            json_length({"x": value})

"""The values of a function's outputs: whole ones, edits, and what reading them costs."""

from __future__ import annotations

import copy
import gc
import itertools
import json
import pickle
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat import errors, events
from spacechat.protocol import Budget, ReadValues, State, ValuesMachine
from spacechat.protocol.values import copied, parts_of
from spacechat.settings import Limits
from tests.protocol.test_machine import simple_diff

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)
OUTPUTS = st.lists(st.tuples(JSON, JSON), min_size=1, max_size=6)


def message(msg: str, data: list[Any]) -> bytes:
    return json.dumps({"msg": msg, "event_id": "e", "output": {"data": data}}).encode()


def generating(*data: Any) -> bytes:
    return message("process_generating", list(data))


def completed(*data: Any) -> bytes:
    return message("process_completed", list(data))


def machine(**more: Any) -> ValuesMachine:
    return ValuesMachine(event_id="e", **more)


def received(reads: ValuesMachine, *messages: bytes) -> list[Any]:
    return [event for each in messages for event in reads.receive(each)]


def told(steps: list[Any]) -> list[bytes]:
    """The messages of a server that sends the steps: the first whole, then edits, then the last."""
    first, *_ = steps
    messages = [generating(*first)]
    for old, new in itertools.pairwise(steps):
        messages.append(generating(*[simple_diff(a, b) for a, b in zip(old, new, strict=True)]))
    return [*messages, completed(*steps[-1])]


@given(OUTPUTS)
def test_edits_lead_to_each_value(steps: list[Any]) -> None:
    found = received(machine(), *told(steps))
    assert [event.values for event in found] == steps


@given(OUTPUTS, st.randoms())
def test_values_may_be_read_in_any_order(steps: list[Any], random: Any) -> None:
    found = received(machine(), *told(steps))
    order = list(range(len(found)))
    random.shuffle(order)
    for index in order:
        values = found[index].values
        assert values == steps[index]
        for value in values:  # What a reader does to them changes no others.
            if isinstance(value, list | dict):
                value.clear()


@given(OUTPUTS)
def test_whole_values_are_taken_as_they_are(steps: list[Any]) -> None:
    """In the old protocols a value may look like edits, and an empty list is a value."""
    reads = machine(only_snapshots=True)
    whole = [generating(*each) for each in [*steps, ([], [["append", [], "x"]])]]
    found = received(reads, *whole)
    assert [event.values for event in found] == [*steps, ([], [["append", [], "x"]])]
    assert all(event.edits is None for event in found)


def test_the_final_value_comes_once() -> None:
    reads = machine()
    found = received(reads, generating(1), generating([["replace", [], 2]]), completed(2))
    assert [event.values for event in found] == [(1,), (2,)]
    assert reads.state is State.COMPLETED
    assert reads.outputs == [2]
    assert received(reads, completed(2)) == []


def test_another_final_value_is_news() -> None:
    assert received(machine(), generating(1), completed(2)) == [
        events.Values((1,)),
        events.Values((2,)),
    ]
    assert received(machine(), completed(3)) == [events.Values((3,))]


@pytest.mark.parametrize(
    ("newest", "final", "is_news"),
    [
        (1, True, True),
        ([0, {"a": [False]}], [0, {"a": [0]}], True),
        ({"a": 1, "b": True}, {"b": True, "a": 1}, False),
        (1, 1.0, False),  # JSON has one kind of number.
        (10**30, 10**30, False),
        ([10**30, 1], [10**30, True], True),
    ],
)
def test_final_values_are_compared_as_json(newest: Any, final: Any, is_news: bool) -> None:
    found = received(machine(), generating(newest), completed(final))
    values = [newest, final] if is_news else [newest]
    assert json.dumps([each.values[0] for each in found]) == json.dumps(values)


def test_a_value_that_stays_is_given_out_again() -> None:
    """A generator that yields a value twice yields two values."""
    found = received(machine(), generating("a"), generating([]), completed("a"))
    assert [event.values for event in found] == [("a",), ("a",)]


def test_edits_are_there_as_they_came() -> None:
    edit = ["add", [1], {"text": ""}]
    reads = machine()
    found = received(
        reads,
        generating([0]),
        generating([edit]),
        generating([["append", [1, "text"], "late"]]),
    )
    assert [event.edits for event in found] == [
        None,
        ([edit],),
        ([["append", [1, "text"], "late"]],),
    ]
    found[1].edits[0].clear()
    assert found[2].values == ([0, {"text": "late"}],)
    assert found[1].values == ([0, {"text": ""}],)


def test_outputs_that_are_not_shown_are_left_out() -> None:
    reads = ReadValues(lambda values: (values[0] + 1,), shown=[1])
    made = reads.machine(event_id="e", budget=Budget())
    found = received(made, generating("state", 1), generating([], [["replace", [], 4]]))
    assert [event.values for event in found] == [(2,), (5,)]
    assert found[1].edits == ([["replace", [], 4]],)
    with pytest.raises(errors.ProtocolError, match="outputs"):
        received(made, completed("state"))


@pytest.mark.parametrize(
    "edits",
    [
        [["append", [7], "x"]],
        [["append", [], 1]],
        [["delete", ["a"], None]],
    ],
)
def test_edits_that_do_not_fit(edits: list[Any]) -> None:
    reads = machine()
    received(reads, generating(["a"]))
    with pytest.raises(errors.ProtocolError):
        received(reads, generating(edits))
    assert reads.state is State.INTERRUPTED


def test_edits_for_more_outputs_than_there_are() -> None:
    reads = machine()
    received(reads, generating("a"))
    with pytest.raises(errors.ProtocolError, match="2 outputs"):
        received(reads, generating([], [["append", [], "x"]]))


def test_too_many_edits() -> None:
    reads = machine(budget=Budget(Limits(edits=3)))
    received(reads, generating("", ""))
    append = ["append", [], "x"]
    received(reads, generating([append] * 2, [append]))
    with pytest.raises(errors.ProtocolError, match="4 edits"):
        received(reads, generating([append] * 2, [append] * 2))


def test_values_that_grow_beyond_the_limit() -> None:
    reads = machine(budget=Budget(Limits(message=4096)))
    received(reads, generating([]))
    with pytest.raises(errors.ProtocolError, match="memory"):
        for index in range(20_000):
            received(reads, generating([["add", [index], {"a": {}}]]))


def test_edits_that_copy_too_much() -> None:
    reads = machine(budget=Budget(work=1 << 20))
    received(reads, generating("x" * 500_000))
    with pytest.raises(errors.ProtocolError, match="too long"):
        for _ in range(1000):
            received(reads, generating([["append", [], "x"]]))


def test_values_deeper_than_the_stack() -> None:
    reads = machine()
    received(reads, generating([]))
    path: list[int] = []
    found: list[Any] = []
    for _ in range(3000):
        found = received(reads, generating([["add", [*path, 0], []]]))
        path.append(0)
    value = found[0].values[0]
    depth = 0
    while value:
        value, depth = value[0], depth + 1
    assert depth == 3000


def test_appending_is_linear() -> None:
    """What a message costs, in copies and in memory, does not grow with the list."""
    budget = Budget()
    reads = machine(budget=budget)
    received(reads, generating([0]))
    spent = [budget.spent]
    for end in (5000, 10_000):
        for index in range(end - 5000, end):
            received(reads, generating([["add", [index + 1], index]]))
        spent.append(budget.spent - sum(spent))
    assert spent[2] <= 3 * spent[1]


def test_a_stream_keeps_no_steps_of_the_past() -> None:
    """Nor does one whose value stays small, however long it is."""
    reads = machine()
    received(reads, generating("a"))
    event: Any = None
    for index in range(2000):
        (event,) = received(reads, generating([["replace", [], str(index)]]))
    gc.collect()
    assert sum(type(each).__name__ == "_Step" for each in gc.get_objects()) <= 3
    assert event.values == ("1999",)


def test_events_can_be_compared_shown_and_pickled() -> None:
    (event,) = received(machine(), completed({"a": 1}))
    assert repr(event) == "Values(values=({'a': 1},))"
    assert pickle.loads(pickle.dumps(event)) == event
    assert event != events.Values(())


@given(JSON)
def test_a_copy_is_equal_and_shares_nothing(value: Any) -> None:
    before = copy.deepcopy(value)
    made, parts = copied(value)
    assert made == value
    assert parts >= 1
    if isinstance(made, list | dict):
        made.clear()
    assert value == before


def test_a_comparison_deeper_than_the_stack() -> None:
    deep = "[" * 400 + "]" * 400
    body = json.dumps({"msg": "process_generating", "event_id": "e", "output": {"data": ["@"]}})
    reads = machine()
    limit = sys.getrecursionlimit()
    received(reads, body.replace('"@"', deep).encode())
    final = body.replace("generating", "completed").replace('"@"', deep).encode()
    assert len(received(reads, final)) <= 1
    assert sys.getrecursionlimit() == limit


LONG = [*range(100)]
GROWING: list[list[Any]] = [
    [("",), ("a",), ("ab",), ("abc",), ("x",), ("xy",)],
    [([*LONG[:end]], "") for end in range(20)],
    [([*LONG, *LONG[:end]], {"n": "x" * end}) for end in range(20)],
    [([*LONG, {"text": "x" * end}],) for end in range(20)],
    [([*LONG],), ([*LONG],), ("short",), ("short!",), ([*LONG, 1],), ([*LONG, 1, 2],)],
]
"""Values of outputs: short ones, and ones long enough that events share them."""


@pytest.mark.parametrize("steps", GROWING)
def test_values_that_grow(steps: list[Any]) -> None:
    found = received(machine(), *told(steps))
    assert [event.values for event in found] == steps
    assert [event.values for event in reversed(found)] == steps[::-1]


def test_every_kind_of_edit_leads_to_the_value() -> None:
    edits = [
        ["add", [100], "x"],
        ["append", [100], "y"],
        ["replace", [0], [1]],
        ["delete", [1], None],
    ]
    found = received(machine(), generating(LONG), *(generating([each]) for each in edits))
    last = [[1], *LONG[2:], "xy"]
    assert [event.values[0][:2] for event in found[-2:]] == [[[1], 1], [[1], 2]]
    assert found[-1].values == (last,)
    assert found[1].values == ([*LONG, "x"],)
    assert found[0].values == (LONG,)


def test_what_is_whole_and_what_is_edits() -> None:
    append = [["append", [], "x"]]
    found = received(machine(), generating([]), generating([["add", [0], 1]]))
    assert [event.values for event in found] == [([],), ([1],)]
    found = received(machine(), generating("a", "b"), generating(append, "c"))
    assert [event.values for event in found] == [("a", "b"), (append, "c")]
    found = received(machine(), generating("a", "b"), generating(append, []))
    assert [event.values for event in found] == [("a", "b"), ("ax", "b")]
    found = received(
        machine(only_snapshots=True), *(generating(each) for each in ("a", [], append))
    )
    assert [event.values for event in found] == [("a",), ([],), (append,)]
    assert [event.edits for event in found] == [None] * 3


def test_whole_values_after_edits() -> None:
    append = [["append", [], "x"]]
    found = received(machine(), *map(generating, ("a", append, "b", append)))
    assert [event.values for event in found] == [("a",), ("ax",), ("b",), ("bx",)]
    assert received(machine(), *map(generating, ("a", append, "b")), completed("b")) == found[:3]


@pytest.mark.parametrize("data", [[], ["a"]])
def test_no_output_is_shown(data: list[Any]) -> None:
    assert received(machine(shown=[]), completed(*data)) == [events.Values(())]


def test_outputs_are_missing() -> None:
    with pytest.raises(errors.ProtocolError, match="sent 1 outputs, where its function has 2 or"):
        received(machine(shown=[0, 1]), generating("a"))


@pytest.mark.parametrize("messages", [[], [generating("a")], [generating("a"), generating([])]])
def test_each_message_has_work_of_its_own(messages: list[bytes]) -> None:
    for last in (generating([["replace", [], "b"]]), completed("b")):
        budget = Budget()
        reads = machine(budget=budget)
        received(reads, *messages)
        budget.begin_message()
        budget.spend(1 << 24)
        received(reads, last)
        budget.spend(1 << 23)


def test_values_that_take_too_much_memory() -> None:
    for messages in (
        [generating("x" * 100_000)],
        [generating("x"), generating([["append", [], "x" * 100_000]])],
        [completed("x" * 100_000)],
    ):
        budget = Budget(Limits(message=4096))
        reads = machine(budget=budget)
        received(reads, *messages[:-1])
        budget.received += 1 << 20
        with pytest.raises(errors.ProtocolError, match="memory"):
            received(reads, messages[-1])


def test_copying_is_work_and_is_seldom() -> None:
    budget = Budget()
    reads = machine(budget=budget)
    received(reads, generating([*range(1000)]))
    received(reads, generating([["replace", [0], 1]]))
    assert 1000 * 512 <= budget.spent <= 1100 * 512
    for number in range(200):
        received(reads, generating([["replace", [0], number]]))
    assert budget.spent <= 20 * 1100 * 512


def test_steps_without_a_change_are_forgotten() -> None:
    reads = machine()
    received(reads, generating([*range(1000)]), *[generating([])] * 300)
    gc.collect()
    assert sum(type(each).__name__ == "_Step" for each in gc.get_objects()) <= 50


def test_an_event_weighs_what_its_message_does() -> None:
    messages = [generating("a"), generating([["append", [], "b"]]), completed("c")]
    found = received(machine(), *messages)
    assert [event.weight for event in found] == [len(each) for each in messages]


def test_a_value_too_deep_to_be_compared_is_news() -> None:
    def deep() -> list[Any]:
        value: list[Any] = []
        for _ in range(100_000):
            value = [value]
        return value

    reads = machine()
    assert len(reads.show([deep()])) == 1
    assert len(reads.show([deep()])) == 1
    assert reads.show([[1]]) == [events.Values(([1],))]
    assert reads.show([[1]]) == []


def test_parts_of_values() -> None:
    inner: dict[str, Any] = {"a": 3, "b": [4]}
    assert list(parts_of([1, [2, inner], "x"])) == [1, [2, inner], 2, inner, 3, [4], 4, "x"]
    assert list(parts_of([])) == []
    assert copied([1, [2, inner], "x"])[1] == len([1, [2, inner], 2, inner, 3, [4], 4, "x"]) + 1


def test_what_a_script_says_of_values() -> None:
    made = ReadValues().machine(event_id="e", budget=Budget())
    assert received(made, generating("a"), generating([["append", [], "b"]])) == [
        events.Values(("a",)),
        events.Values(("ab",)),
    ]
    assert made.receive(completed("c").replace(b'"e"', b'"x"')) == []

"""What one question may cost, wherever it is spent; `tests/faults/floods.py` measures memory."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spacechat
from spacechat import errors, events
from spacechat.apps import Page, parse_config
from spacechat.portal.read_ahead import LIMIT, _cost
from spacechat.protocol import Budget, Outputs, StreamMachine
from spacechat.protocol.budget import size
from spacechat.settings import Limits
from tests.faults.floods import app, function
from tests.faults.table import Space
from tests.servers import EVENTS_HEAD, ReplayServer, Then, chunk, generating, gradio

LONG = "x" * 900_000

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_size_counts_every_part(value: Any) -> None:
    def parts(value: Any) -> int:
        if isinstance(value, dict):
            return 1 + len(value) + sum(map(parts, value.values()))
        return 1 + (sum(map(parts, value)) if isinstance(value, list) else 0)

    taken, count = size(value)
    assert count == parts(value)
    assert taken > 0


def test_size_stops_where_it_is_enough() -> None:
    """A value of which the beginning is too large already is not walked to its end."""
    _, most = size([["x"] * 1000] * 1000)
    _, count = size([["x"] * 1000] * 1000, 100_000)
    assert count < most / 100


def test_work_of_one_message() -> None:
    budget = Budget()
    budget.begin_message()
    with pytest.raises(errors.ProtocolError, match="take too long"):
        budget.spend(1 << 25)


def test_work_of_all_messages() -> None:
    budget = Budget(work=1 << 26)
    for _ in range(8):
        budget.begin_message()
        budget.spend(1 << 23)
    budget.begin_message()
    with pytest.raises(errors.ProtocolError, match="take too long"):
        budget.spend(1 << 23)


def test_what_is_received_allows_more_work() -> None:
    budget = Budget(work=0)
    budget.received += 1 << 20
    budget.begin_message()
    budget.spend(1 << 26)


class TestPage:
    """The page of an app, which sends back what it was sent."""

    def page(self, *inputs: int) -> Page:
        box = {"id": 3, "type": "textbox", "props": {"value": "x" * 1000}}
        return Page(parse_config(app([function(0, inputs=inputs, outputs=[2, 3])], [box])))

    def test_a_value_that_is_sent_many_times(self) -> None:
        page = self.page(1, *[3] * 900)
        (dependency,) = page.app.functions.values()
        Budget().check_request(page.inputs(dependency))
        page.values[3] = "x" * 10_000
        with pytest.raises(errors.ProtocolError, match="limits="):
            Budget().check_request(page.inputs(dependency))

    def test_what_the_caller_brings_may_be_sent(self) -> None:
        Budget(brought=20 << 20).check_request(["x" * (20 << 20)])

    def test_a_value_that_json_has_not(self) -> None:
        with pytest.raises(errors.InputsError, match="JSON"):
            Budget().check_request([object()])

    def test_values_of_all_functions_together(self) -> None:
        page = self.page(1)
        (dependency,) = page.app.functions.values()
        budget = Budget(Limits(message=1000))
        page.take(dependency, Outputs(["x" * 9000, "x" * 3000]), budget)
        page.take(
            dependency, Outputs(["x" * 3000, "x" * 9000]), budget
        )  # In the place of the others.
        with pytest.raises(errors.ProtocolError, match="memory"):
            page.take(dependency, Outputs(["x" * 9000, "x" * 9000]), budget)

    def test_the_machine_leaves_what_the_page_holds(self) -> None:
        budget = Budget()
        budget.hold(15 << 20)
        machine = StreamMachine(output=0, budget=budget)
        with pytest.raises(errors.ProtocolError, match="memory"):
            machine.receive(generating([["Hi", LONG]]).removeprefix(b"data: "))
            for _ in range(3):
                more = generating([["add", [0], LONG]])
                machine.receive(more.removeprefix(b"data: "))


def test_a_chain_does_not_raise_the_limit_of_a_message() -> None:
    """What a server sent does not count as what it was asked."""
    budget = Budget(Limits(message=1000), brought=10)
    assert budget.message == 1020


def test_thoughts_that_are_rewritten_are_told_as_long_as_they_may_be() -> None:
    machine = StreamMachine(output=0, budget=Budget(Limits(answer=10_000)))
    told = 0
    for number in range(100):
        thought = f"{number:03}" + "x" * 4000
        value = [{"role": "assistant", "content": thought, "metadata": {"title": "Thinking"}}]
        found = machine.receive(generating(value).removeprefix(b"data: "))
        told += sum(len(event.text) for event in found if isinstance(event, events.Reasoning))
        assert machine.reasoning == thought
    assert told < 2 * 10_000


SLOW = chunk(b"".join(generating([], [["append", [0, "content"], "x"]], []) for _ in range(1000)))
"""Edits that take a machine a moment each, and come together."""

TINY = chunk(b":") * 10_000
"""Chunks that come together, and each take the HTTP library a moment."""

MANY = generating([], [{"role": "assistant", "content": ""}] * 10_000, [])


@pytest.mark.anyio
@pytest.mark.parametrize("parts", [[chunk(MANY), SLOW], [TINY] * 10], ids=["edits", "chunks"])
async def test_other_tasks_run_while_much_is_taken(parts: list[bytes]) -> None:
    """And the deadline ends it: one try in some has to show it, since a machine may stall."""

    def data(_: object) -> list[bytes | Then]:
        return [EVENTS_HEAD, *parts, Then.HANG]

    tries: list[tuple[float, float]] = []
    with ReplayServer(gradio(data=data)) as server:
        for _ in range(8):
            pause, seconds = await ask_beside_a_clock(server.url)
            if pause < 0.25 and seconds < 1.5:
                return
            tries.append((pause, seconds))
    raise AssertionError(f"pauses and seconds: {tries}")


async def ask_beside_a_clock(url: str) -> tuple[float, float]:
    """Return the longest time for which no other task ran, and the seconds that it took.

    That time is the CPU's, of this thread: other processes may make it wait.
    """
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.thread_time()
            await anyio.sleep(0.001)
            longest = max(longest, time.thread_time() - before)

    timeout = spacechat.Timeout(total=0.5)
    client = spacechat.AsyncClient(retries=0, timeout=timeout)
    async with client, anyio.create_task_group() as group:
        group.start_soon(watch)
        began = time.monotonic()
        with pytest.raises((errors.StreamTimeoutError, errors.ProtocolError)):
            await client.ask("Hi", provider=Space.at(url))
        seconds = time.monotonic() - began
        group.cancel_scope.cancel()
    return longest, seconds


@pytest.mark.parametrize(
    "event",
    [
        events.Progress(description="x" * LIMIT),
        events.Log("info", "", "x" * LIMIT),
        events.Reasoning("x" * LIMIT),
        events.Status("x" * LIMIT),
        events.TextDelta("x" * LIMIT),
        events.TextReset("x" * LIMIT),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_read_ahead_counts_all_texts(event: events.Event) -> None:
    """However long the texts of an event are, few wait for a blocking reader."""
    assert _cost(event) >= LIMIT

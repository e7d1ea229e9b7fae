"""The view that reads an answer: what goes the short way, what edits are for, what it may cost."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat import errors, events
from spacechat.events import Reasoning, Status, TextDelta, TextReset
from spacechat.protocol import Budget, Response, StreamMachine
from spacechat.settings import Limits
from tests.protocol.test_machine import completed, generating
from tests.protocol.test_reading import million
from tests.protocol.test_several_messages import said

APPENDED: dict[str, tuple[Any, list[Any], list[str]]] = {
    "text": ("ha", [], ["x", " ", "<b>", "1", "a\n", "\t"]),
    "pairs": ([["Q", "ha"]], [0, 1], ["x", "<b>", "a\n"]),
    "pairs of lists": (million("ha"), [0, 1, 0, "text"], ["x", "a\n", ">"]),
    "messages": ([said("ha")], [0, "content"], ["x", "<b>", "a\n"]),
    "thoughts": ([said("ha", "T")], [0, "content"], ["x", "<b>", "a\n"]),
    "update": ({"__type__": "update", "value": "ha"}, ["value"], ["x"]),
}
"""A value, the place of its newest text, and pieces that are appended there."""


@pytest.mark.parametrize("shape", APPENDED)
def test_text_that_is_appended_costs_no_work(shape: str) -> None:
    value, path, pieces = APPENDED[shape]
    budget = Budget()
    machine = StreamMachine(budget=budget)
    machine.receive(generating(value, ""))
    spent = budget.spent
    for piece in pieces:
        kind = Reasoning(piece, "T") if shape == "thoughts" else TextDelta(piece)
        assert machine.receive(generating([["append", path, piece]], [])) == [kind]
    assert budget.spent == spent
    machine.receive(generating([["append", path, "▌"]], []))
    assert budget.spent > spent + 512


def test_line_breaks_that_wait_cost_no_work() -> None:
    budget = Budget()
    machine = StreamMachine(budget=budget, response=Response())
    machine.receive(generating("a\nb"))
    spent = budget.spent
    found = []
    for piece in ("c", "\n", "\n", "d\n", " e", *["\n"] * 900, "f"):
        found += machine.receive(generating([["append", [], piece]]))
    assert budget.spent == spent
    assert found == [TextDelta(each) for each in ("c", "\n\nd", "\n e", "\n" * 900 + "f")]
    for _ in range(1100):
        assert machine.receive(generating([["append", [], "\n"]])) == []
    assert budget.spent > spent
    machine.receive(generating([["append", [], "\tg"]]))
    assert machine.text.endswith("f" + "\n" * 1100 + "        g")


def test_in_a_first_line_a_word_costs_no_work() -> None:
    budget = Budget()
    machine = StreamMachine(budget=budget, response=Response())
    machine.receive(generating("a"))
    spent = budget.spent
    for piece in ("b", " c"):
        assert machine.receive(generating([["append", [], piece]])) == [TextDelta(piece)]
    assert budget.spent == spent
    assert machine.receive(generating([["append", [], "\n  d"]])) == [TextDelta("\nd")]
    assert machine.text == "ab c\nd"


@pytest.mark.parametrize(
    ("entry", "caused"),
    [
        ([["append", [], "a"], ["append", [], "b"]], [TextDelta("ab")]),
        ([["replace", [], "append"]], [TextReset("append")]),
        ([["append", [], ""]], []),
        ([], []),
        ([["append", []]], [TextReset("")]),
        ([["append", [], "x", "y"]], [TextReset("")]),
        ([["append", "path", "x"]], [TextReset("")]),
        ([["extend", [], "x"]], [TextReset("")]),
        (["append", [], "x"], [TextReset("")]),
    ],
)
def test_one_message(entry: Any, caused: list[events.Event]) -> None:
    """What only looks like an edit is a value."""
    machine = StreamMachine(output=0)
    machine.receive(generating("T"))
    machine.receive(generating([["append", [], "he"]]))
    assert machine.receive(generating(entry)) == caused


@pytest.mark.parametrize("piece", [5, None, ["x"], {"x": 1}])
def test_what_is_no_text_is_not_appended(piece: Any) -> None:
    machine = StreamMachine(output=0)
    machine.receive(generating("T"))
    with pytest.raises(errors.ProtocolError, match="does not fit"):
        machine.receive(generating([["append", [], piece]]))


def test_nothing_can_be_appended_to_a_value_that_says_unchanged() -> None:
    machine = StreamMachine(output=0)
    machine.receive(generating("T"))
    assert machine.receive(generating([["replace", [], {"__type__": "update"}]])) == []
    with pytest.raises(errors.ProtocolError, match="does not fit"):
        machine.receive(generating([["append", [], "x"]]))
    assert machine.text == "T"


def test_a_path_that_is_none_names_no_place() -> None:
    machine = StreamMachine(output=0)
    assert machine.receive(generating([["append", None, "x"]])) == []
    assert machine.receive(generating([["append", None, "x"]])) == []


class TestOutputs:
    def test_edits_before_any_value_are_of_the_first_output(self) -> None:
        found = StreamMachine().receive(generating([["replace", [], [["Q", "A"]]]], []))
        assert found == [TextDelta("A")]

    def test_an_empty_list_beside_a_value_is_an_empty_chat(self) -> None:
        machine = StreamMachine(output=1)
        machine.receive(generating("x", [["Q", "a"]]))
        assert machine.receive(generating("y", [])) == [TextReset("")]

    def test_edits_beside_what_is_not_known_are_edits(self) -> None:
        machine = StreamMachine(output=1)
        machine.receive(generating("x", [["Q", "a"]]))
        assert machine.receive(generating("y", [["append", [0, 1], "b"]])) == [TextDelta("b")]
        assert machine.receive(generating("y", [["replace", [0, 1], "c"]])) == [TextReset("c")]

    def test_a_message_with_fewer_outputs(self) -> None:
        machine = StreamMachine()
        machine.receive(generating("", [["Q", "a"]]))
        assert machine.receive(generating("b")) == [TextReset("b")]
        machine = StreamMachine(output=1)
        machine.receive(generating("", [["Q", "a"]]))
        with pytest.raises(errors.ProtocolError, match="sent 1 outputs, but"):
            machine.receive(generating("b"))

    def test_in_a_protocol_of_snapshots_nothing_is_an_edit(self) -> None:
        machine = StreamMachine(output=0, protocol="sse_v1")
        machine.receive(generating("a"))
        assert machine.receive(generating([["append", [], "b"]])) == [TextReset("")]

    def test_a_chat_where_only_a_chat_may_be(self) -> None:
        machine = StreamMachine(output=0, only_chat=True)
        assert machine.receive(generating([["Q", "a"]])) == [TextDelta("a")]
        with pytest.raises(errors.ProtocolError, match="a text where a chat should be"):
            machine.receive(generating("text"))


class TestBounds:
    def test_the_length_of_an_answer_that_grows_by_pieces(self) -> None:
        machine = StreamMachine(output=0, budget=Budget(Limits(answer=8)))
        for piece in ("abc", "de", "f", "gh"):
            entry = [["append", [], piece]] if machine.text else piece
            assert machine.receive(generating(entry)) == [TextDelta(piece)]
        with pytest.raises(errors.ProtocolError, match="more than 8 characters") as caught:
            machine.receive(generating([["append", [], "i"]]))
        assert caught.value.partial_text == "abcdefgh"

    def test_thoughts_count(self) -> None:
        value = [said("hm...", "T"), said("abc")]
        StreamMachine(budget=Budget(Limits(answer=8))).receive(completed(value))
        machine = StreamMachine(budget=Budget(Limits(answer=7)))
        with pytest.raises(errors.ProtocolError, match="more than 7 characters"):
            machine.receive(completed(value))

    @pytest.mark.parametrize("begun", [False, True])
    def test_each_message_has_work_of_its_own(self, begun: bool) -> None:
        for last in (generating("b"), generating([["replace", [], "b"]]), completed("b"), None):
            budget = Budget()
            machine = StreamMachine(output=0, budget=budget)
            if begun:
                machine.receive(generating("a"))
            budget.begin_message()
            budget.spend(1 << 24)
            if last is None:
                machine.show("b")
            else:
                machine.receive(last)
            assert machine.text == "b"


class TestThoughts:
    def test_a_piece_belongs_to_the_last_one(self) -> None:
        machine = StreamMachine(output=0)
        machine.receive(generating([said("a", "One"), said("b", "Two")]))
        found = machine.receive(generating([["append", [1, "content"], "c"]]))
        assert found == [Reasoning("c", "Two")]

    def test_an_answer_before_a_thought_waits_no_more(self) -> None:
        """What waited was no cursor: something else came after it, and it stayed."""
        machine = StreamMachine(output=0)
        answer, thought = said("A|"), said("hm", "T")
        assert machine.receive(generating([answer])) == [TextDelta("A")]
        found = machine.receive(generating([answer, thought]))
        assert found == [Reasoning("hm", "T"), TextDelta("|")]
        found = machine.receive(generating([answer, thought, said("B")]))
        assert found == [TextDelta("\n\nB")]
        found = machine.receive(generating([answer, thought, said("B c|")]))
        assert found == [TextDelta(" c|")]

    def test_in_the_end_no_thought_waits(self) -> None:
        machine = StreamMachine(output=0, whole=False)
        assert machine.receive(completed([said("a ▌", "T")])) == [Reasoning("a ▌", "T")]

    def test_a_cursor_that_was_learned_in_thoughts_waits_in_thoughts(self) -> None:
        machine = StreamMachine(output=0)
        for text in ("One »w»", "One two »w»", "One two"):
            machine.receive(generating([said(text, "T")]))
        found = machine.receive(generating([["append", [0, "content"], " more »w»"]]))
        assert found == [Reasoning(" more", "T")]


def test_a_status_is_told_where_it_changes() -> None:
    machine = StreamMachine(output=0)
    found = []
    for text in ("Thinking...", "Thinking...", "Loading...", "Thinking...", "a", "b"):
        found += machine.receive(generating(text))
    told = [event for event in found if isinstance(event, Status)]
    assert told == [Status("Thinking..."), Status("Loading..."), Status("Thinking...")]

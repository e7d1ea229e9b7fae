"""Answers that an app shows as HTML: their text counts, without tags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from spacechat.errors import ProtocolError
from spacechat.events import Completed, Event, TextDelta, TextReset
from spacechat.protocol import StreamMachine
from spacechat.protocol.html_reading import HtmlReader
from spacechat.protocol.reading import read


def sent(*values: Any) -> Iterator[str]:
    """The messages of an event whose only output has these values, one after another."""
    for value in values[:-1]:
        output = {"data": [value], "is_generating": True}
        yield json.dumps({"msg": "process_generating", "success": True, "output": output})
    output = {"data": [values[-1]]}
    yield json.dumps({"msg": "process_completed", "success": True, "output": output})


def told(*values: Any) -> list[Event]:
    machine = StreamMachine(output=0, is_html=True)
    return [event for data in sent(*values) for event in machine.receive(data)]


@pytest.mark.parametrize(
    "value",
    [
        "<div class='bot'><p>Why?</p>Because &lt;1&gt; <b>of</b> light.</div>",
        {
            "__type__": "update",
            "value": "<p>Why?</p><style>b { color: red }</style>Because &lt;1&gt; of light.",
        },
    ],
)
def test_the_text_counts(value: Any) -> None:
    assert told(value)[-1] == Completed("Why?\nBecause <1> of light.", "")


def test_it_grows() -> None:
    events = told("<p>The</p>", "<p>The sky</p>", "<p>The sky</p>", "<p>The sky is.</p>")
    assert events[:-1] == [TextDelta("The"), TextDelta(" sky"), TextDelta(" is.")]


def test_it_grows_by_edits() -> None:
    assert begun("<p>The").receive(appended(" sky</p>")) == [TextDelta(" sky")]


def test_another_text_takes_its_place() -> None:
    events = told("<i>One</i>", "<p>Two</p>")
    assert events[:-1] == [TextDelta("One"), TextReset("Two")]


def test_nothing_is_shown() -> None:
    assert told(None, {"__type__": "update"}, "")[-1] == Completed("", "")


def appended(piece: str) -> str:
    output = {"data": [[["append", [], piece]] if piece else []], "is_generating": True}
    return json.dumps({"msg": "process_generating", "success": True, "output": output})


def begun(html: str) -> StreamMachine:
    machine = StreamMachine(output=0, is_html=True)
    machine.receive(next(sent(html, "")))
    return machine


def test_a_long_page_that_stays_costs_no_work() -> None:
    machine = begun("<p>" * 1_000_000 + "The sky")
    for _ in range(100):
        assert machine.receive(appended("")) == []


def test_a_long_page_that_grows_by_little_is_stopped() -> None:
    machine = begun("<p>" * 1_000_000 + "The sky")
    with pytest.raises(ProtocolError):
        machine.receive(appended("!"))


def turn(*bubbles: str) -> str:
    drawn = "".join(f"<div class='bubble'>{text}</div>" for text in bubbles)
    return f"<div class='chat'>{drawn}</div>"


def asked(question: str, before: str, *values: str) -> tuple[list[str], str]:
    """The pieces of the answer, and the whole."""
    machine = StreamMachine(output=0, is_html=True, since=[before], question=question)
    events = [event for data in sent(*values) for event in machine.receive(data)]
    assert not [event for event in events if isinstance(event, TextReset)]
    return [event.text for event in events if isinstance(event, TextDelta)], machine.text


class TestDrawnConversations:
    """The whole conversation is in the HTML of each turn."""

    def test_the_newest_turn(self) -> None:
        begun = turn("Q1", "A1")
        values = [turn("Q1", "A1", "Q2", "A2"[:end]) for end in range(3)]
        assert asked("Q2", begun, *values, values[-1]) == (["A", "2"], "A2")

    def test_the_first_turn(self) -> None:
        assert asked("Q1", "", turn("Q1"), turn("Q1", "A1")) == (["A1"], "A1")
        assert asked("Q1", "<h3>Chat</h3>", "<h3>Chat</h3>" + turn("Q1", "A1"))[1] == "A1"
        assert asked("Q1", turn("Welcome!"), turn("Q1", "A1"))[1] == "A1"

    @pytest.mark.parametrize("name", ["<b>You:</b> ", "<p>You</p>", "👤 "])
    def test_a_name_before_the_question(self, name: str) -> None:
        value = turn(f"{name}Q1", "Bot: A1")
        assert asked("Q1", "", value)[1] == "Bot: A1"
        assert asked("Q1", value, turn(f"{name}Q1", "Bot: A1", f"{name}Q1", "Bot: A2"))[1] == (
            "Bot: A2"
        )

    def test_a_question_of_several_lines(self) -> None:
        assert asked("One  &\n\ntwo", "", turn("One &amp;<br>two", "A"))[1] == "A"
        assert asked("One  &\n\ntwo", "", turn("One &amp;\n\ntwo", "A"))[1] == "A"

    def test_more_after_the_question(self) -> None:
        """A time, for example. The turns before are left out, since they are certain."""
        begun = turn("Q1 <i>12:01</i>", "A1")
        assert asked("Q1", "", begun)[1] == "Q1 12:01\nA1"
        assert asked("Q2", begun, turn("Q1 <i>12:01</i>", "A1", "Q2 12:02", "A2"))[1] == (
            "Q2 12:02\nA2"
        )

    @pytest.mark.parametrize(
        ("before", "value"),
        [
            ("", "A1"),
            (turn("A0"), turn("A0", "and more")),  # Another answer that begins like the last one.
            (turn("Q", "A0"), turn("Old Q", "A0", "Q", "A1")),
            (turn("A0"), turn("As you say at length, and so on: Q", "A1")),
            ("", turn("Q")),  # It echoes.
            ("", turn("Qs", "A1")),
        ],
    )
    def test_what_is_not_certain_is_the_whole(self, before: str, value: str) -> None:
        (whole,) = (event for event in told(value) if isinstance(event, TextDelta))
        assert asked("Q", before, value)[1] == whole.text

    def test_no_answer(self) -> None:
        assert asked("Q2", turn("Q1", "A1"), turn("Q1", "A1", "Q2"))[1] == ""

    def test_a_page_without_a_question(self) -> None:
        assert asked("", turn("A"), turn("A", "B"))[1] == "A\nB"

    def test_how_long_a_name_may_be(self) -> None:
        for name, answer in [("n" * 28, "A1"), ("n" * 29, f"{'n' * 29}: Q1\nA1")]:
            assert asked("Q1", "", turn(f"{name}: Q1", "A1"))[1] == answer

    def test_a_question_that_is_drawn_in_another_way(self) -> None:
        """White space in it is shown as one space, on one line or several."""
        assert asked(" One\n two ", "", turn("One two", "A"))[1] == "A"
        assert (
            asked("One\n\ntwo", turn("Old", "A0"), turn("Old", "A0", "One<br>two", "A"))[1] == "A"
        )

    def test_the_conversation_as_it_was(self) -> None:
        """The question may be drawn later than the first value comes."""
        before = turn("Q  1", "A1")
        assert asked("Q  1", before, before)[1] == "Q 1\nA1"


def test_a_page_that_is_read_again_is_read_as_what_it_is_by_then() -> None:
    """In the end, what repeats the question is no turn that begins, but an answer."""
    reader, page = HtmlReader(question="Q"), turn("Q")
    assert reader.read(page).answer == ""
    assert reader.read(page).answer == ""
    assert reader.read(page, final=True).answer == "Q"
    assert reader.read(turn("A"), final=True).answer == "A"
    assert reader.read(page).answer == ""


def test_a_value_that_is_no_html_is_read_like_any_other() -> None:
    chat = [[None, "One"], ["Q", "Two"]]
    assert HtmlReader().read(chat) == read(chat)
    assert HtmlReader().read(chat[:1]).answer == "One"
    assert HtmlReader().read([["Q", [{"text": "a\n<summ"}]]]).answer == "a"


def test_the_cost_of_html_is_its_length() -> None:
    """A page that has not changed costs next to nothing."""
    reader, page = HtmlReader(), "<p>" * 16_000
    assert 3_000 <= reader.read(page).parts <= 3_100
    assert reader.read(page).parts <= 2

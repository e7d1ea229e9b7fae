"""The answer and the thoughts as a reader knows them, and the events that change them."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat import errors, events
from spacechat.events import Event, Reasoning
from spacechat.protocol import Budget, StreamMachine
from spacechat.protocol.reading import Thought
from spacechat.protocol.transcript import Transcript, new_text
from spacechat.settings import Limits
from tests.protocol.test_several_messages import completed, deltas, feed, generating, said


def written(transcript: Transcript, *thoughts: tuple[str | None, str]) -> list[Event]:
    """Replace the thoughts by others, each with its title; return what is told of them."""
    text, found = "", list[Thought]()
    for title, more in thoughts:
        text += more
        found.append(Thought(title, len(text)))
    return transcript.change_thoughts(text, found, ended=True)


def test_an_answer_is_told_by_what_changes() -> None:
    transcript = Transcript(Budget())

    def changed(text: str) -> list[Event]:
        return transcript.change_answer(text, begins=False, final=True)

    assert changed("") == []
    assert changed("One") == [events.TextDelta("One")]
    assert changed("One") == []
    assert changed("One two") == [events.TextDelta(" two")]
    assert transcript.previous_text == ""
    assert changed("One") == [events.TextReset("One")]
    assert transcript.previous_text == "One two"
    assert str(transcript.answer) == "One"


def test_comparing_is_work() -> None:
    budget = Budget()
    transcript = Transcript(budget)
    transcript.change_answer("abc", begins=False, final=True)
    assert budget.spent == 3
    transcript.change_answer("abcd", begins=False, final=True)
    assert budget.spent == 10
    written(transcript, (None, "ab"))
    assert budget.spent == 12
    written(transcript, (None, "abc"))
    assert budget.spent == 17


def test_thoughts_are_told_where_they_are_new_longer_or_renamed() -> None:
    transcript = Transcript(Budget())
    assert written(transcript, ("A", "one")) == [Reasoning("one", "A")]
    assert written(transcript, ("A", "one")) == []
    assert written(transcript, ("A", "one"), ("B", "two")) == [Reasoning("two", "B")]
    assert written(transcript, ("B", "one"), ("B", "two")) == [Reasoning("", "B")]
    assert written(transcript, (None, "one"), ("B", "two")) == []
    assert written(transcript, (None, "one"), ("B", "two!")) == [Reasoning("!", "B")]
    assert written(transcript, ("C", "one"), ("B", "2")) == [
        Reasoning("", "C"),
        Reasoning("2", "B"),
    ]
    assert str(transcript.thoughts) == "one2"


def test_thoughts_that_are_rewritten_again_and_again_are_told_up_to_a_length() -> None:
    """It is that of an answer, and only what is rewritten counts."""
    transcript = Transcript(Budget(Limits(answer=10)))
    for length in range(1, 31):
        assert len(written(transcript, (None, "a" * length))) == 1
    assert written(transcript, (None, "a" * 25 + "bcdef")) == [Reasoning("bcdef")]
    assert written(transcript, (None, "a" * 25 + "gcdef")) == [Reasoning("gcdef")]
    assert written(transcript, (None, "a" * 25 + "bcdef")) == []
    assert written(transcript, ("Title", "a" * 25 + "bcdefg")) == []
    assert str(transcript.thoughts) == "a" * 25 + "bcdefg"


def test_thoughts_that_are_done_wait_no_more() -> None:
    thought = said("a ▌", "Thinking")
    found = feed([generating([thought]), completed([said("a b", "Thinking"), said("A")])])
    assert found == [
        Reasoning("a", "Thinking"),
        Reasoning(" b", "Thinking"),
        events.TextDelta("A"),
        events.Completed("A", "a b"),
    ]


def test_the_last_of_many_thoughts_is_the_answer_where_all_are_titled() -> None:
    value = [said(text, "T") for text in ("One", "Two", "Three", "")]
    assert deltas(feed([completed(value)])) == ["Three"]


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ([said("hm", "Thinks")], "hm"),
        ([{"role": "tool", "content": "4"}], ""),
        ([said("hm", "Thinks"), said("")], ""),
    ],
)
def test_a_chain_ends_after_nothing_but_thoughts(value: Any, answer: str) -> None:
    first = StreamMachine(output=0, whole=False)
    first.receive(completed(value))
    last = StreamMachine(output=0, after=first, answers=False)
    assert last.text == ""
    last.receive(completed(1))
    assert last.text == answer


def test_a_chain_without_any_answer() -> None:
    machine = StreamMachine(answers=False)
    assert machine.receive(completed(1)) == [events.Completed("")]
    assert StreamMachine().finish() == [events.Completed("")]


@pytest.mark.parametrize(
    ("event", "before", "added"),
    [
        (events.TextDelta("a"), "before", "a"),
        (events.TextReset("One three"), "One two", "hree"),
        (events.TextReset("One"), "One two", ""),
        (Reasoning("hm"), "", ""),
        (events.Completed("a"), "", ""),
    ],
)
def test_what_an_event_adds_where_nothing_is_taken_back(
    event: Event, before: str, added: str
) -> None:
    assert new_text(event, before) == added


def test_an_answer_that_costs_too_much_to_compare() -> None:
    transcript = Transcript(Budget(work=5))
    with pytest.raises(errors.ProtocolError, match="too long"):
        transcript.change_answer("abcdef", begins=False, final=True)
    with pytest.raises(errors.ProtocolError, match="too long"):
        written(transcript, (None, "a"))

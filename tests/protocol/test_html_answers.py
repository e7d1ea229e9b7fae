"""Answers that an app shows as HTML: their text counts, without tags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from spacechat.errors import ProtocolError
from spacechat.events import Completed, Event, TextDelta, TextReset
from spacechat.protocol import StreamMachine


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

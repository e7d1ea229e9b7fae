"""What a reader learns of an event besides its outputs: place, progress, state and failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors, events
from spacechat.protocol import (
    Budget,
    EventMachine,
    ReadAnswer,
    Response,
    State,
    StreamMachine,
    ValuesMachine,
)
from tests.protocol.test_machine import completed, generating, message


def failed(**fields: Any) -> str:
    return message("process_completed", success=False, **fields)


def raised(machine: EventMachine, payload: str) -> errors.SpaceChatError:
    with pytest.raises(errors.SpaceChatError) as caught:
        machine.receive(payload)
    return caught.value


@pytest.mark.parametrize("machine", [StreamMachine(), ValuesMachine()], ids=["answer", "values"])
def test_before_the_first_message(machine: EventMachine) -> None:
    assert (machine.state, machine.finished) == (State.WAITING, False)
    assert machine.outputs == []
    assert (machine.text, machine.reasoning, machine.previous_text) == ("", "", "")


def test_the_place_in_the_queue() -> None:
    payload = message("estimation", rank=2, queue_size=5, rank_eta=7.5)
    assert StreamMachine().receive(payload) == [events.Queued(2, 5, 7.5)]


def test_how_long_it_may_run() -> None:
    assert StreamMachine().receive(message("process_starts", eta=3.5)) == [events.Started(3.5)]


def test_bars_within_bars() -> None:
    bars = [
        {"index": 1, "length": 4, "unit": "files", "progress": None, "desc": "All"},
        {"progress": 0.5},
    ]
    assert StreamMachine().receive(message("progress", progress_data=bars)) == [
        events.Progress(1, 4, "files", None, "All", 0),
        events.Progress(None, None, None, 0.5, None, 1),
    ]
    assert StreamMachine().receive(message("progress", progress_data=None)) == []


@pytest.mark.parametrize(
    ("payload", "kind", "temporary", "told"),
    [
        (failed(output={"error": "boom"}), errors.GenerationError, False, "failed: boom"),
        (message("unexpected_error", message="boom"), errors.GenerationError, False, "boom"),
        (message("unexpected_error"), errors.GenerationError, False, "does not say why"),
        (
            message("unexpected_error", message="404: Session Not Found"),
            errors.StreamInterruptedError,
            True,
            r"no longer knows this session \(404: Session Not Found\)",
        ),
        (
            message("unexpected_error", message="gone", session_not_found=True),
            errors.StreamInterruptedError,
            True,
            r"no longer knows this session \(gone\)",
        ),
        (message("queue_full"), errors.QueueFullError, True, "queue is full"),
        (
            failed(output={"error": "Queue is full! Max size is 1."}),
            errors.QueueFullError,
            True,
            r"queue is full: Queue is full! Max size is 1\. Ask again later",
        ),
    ],
)
def test_a_failure(
    payload: str, kind: type[errors.SpaceChatError], temporary: bool, told: str
) -> None:
    machine = StreamMachine()
    machine.receive(generating("so far"))
    error = raised(machine, payload)
    assert type(error) is kind
    assert error.temporary is temporary
    assert error.partial_text == "so far"
    error.partial_text = ""
    with pytest.raises(kind, match=told):
        raise error
    assert (machine.state, machine.finished) == (State.FAILED, True)
    assert machine.outputs == []
    assert machine.receive(completed("late")) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"output": {"error": "boom", "title": "Models"}},
        {"output": {"error": "boom"}, "title": "Models"},
        {"output": {"error": "boom", "title": "Models"}, "title": "Error"},
    ],
)
def test_the_title_of_a_failure(fields: dict[str, Any]) -> None:
    """Some servers say it beside the output."""
    assert str(raised(StreamMachine(), failed(**fields))) == "The Space failed: Models: boom"


def test_a_step_may_fail() -> None:
    payload = message(
        "process_generating", success=False, output={"error": "boom", "title": "Models"}
    )
    assert str(raised(StreamMachine(), payload)) == "The Space failed: Models: boom"


@pytest.mark.parametrize(
    ("machine", "unfinished", "advice"),
    [
        (
            StreamMachine(),
            "before the answer was complete; the partial answer is in partial_text",
            "Ask again, or try another model.",
        ),
        (
            ValuesMachine(),
            "before the function had ended; its newest value is in partial",
            "Call it again, if it may run twice; the app's log has the reason.",
        ),
    ],
    ids=["answer", "values"],
)
def test_an_early_end(machine: EventMachine, unfinished: str, advice: str) -> None:
    """A cut stream may be whole the next time; a cancelled event was stopped on purpose."""
    machine.receive(message("process_starts"))
    with pytest.raises(errors.StreamInterruptedError) as caught:
        machine.receive_eof()
    assert str(caught.value) == (
        f"The stream ended {unfinished}. A cut stream can't be resumed. {advice}"
    )
    assert caught.value.temporary
    assert machine.state is State.INTERRUPTED


def test_an_event_that_was_cancelled() -> None:
    machine = StreamMachine()
    machine.receive(generating("so far"))
    error = raised(machine, message("process_completed", output={"data": None}))
    assert str(error).startswith("The event was cancelled at the Space before the answer")
    assert (error.temporary, error.partial_text) == (False, "so far")
    assert machine.state is State.INTERRUPTED


def test_a_step_without_outputs_changes_nothing() -> None:
    machine = StreamMachine()
    machine.receive(generating("so far"))
    assert machine.receive(message("process_generating", output={"data": None})) == []
    assert machine.text == "so far"


def test_success_is_taken_for_granted() -> None:
    machine = StreamMachine()
    assert machine.receive(message("process_generating", output={"data": ["a"]})) == [
        events.TextDelta("a")
    ]
    machine.receive(message("process_completed", output={"data": ["a"]}))
    assert machine.state is State.COMPLETED
    assert machine.outputs == ["a"]


def test_no_wish_for_inputs_after_the_end() -> None:
    machine = StreamMachine()
    machine.receive(completed("a"))
    machine.receive(message("send_data"))
    assert machine.wants_inputs is None


def test_what_a_function_did_besides_filling_its_outputs() -> None:
    machine = ValuesMachine()
    output = {"data": ["a"], "render_config": {"x": [1]}, "changed_state_ids": [3, 5]}
    machine.receive(message("process_completed", output=output))
    assert machine.outputs == ["a"]
    assert json.loads(machine.outputs.rendered) == {"x": [1]}
    assert machine.outputs.changed_states == [3, 5]


@pytest.mark.parametrize("more", [{}, {"render_config": None}, {"changed_state_ids": "none"}])
def test_a_function_that_did_nothing_else(more: dict[str, Any]) -> None:
    machine = ValuesMachine()
    machine.receive(message("process_completed", output={"data": ["a"], **more}))
    assert machine.outputs == ["a"]
    assert (machine.outputs.rendered, machine.outputs.changed_states) == (b"", None)


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ("x" * 100, f"'{'x' * 100}'"),
        ("x" * 101, f"'{'x' * 100}'..."),
        (("é" * 51).encode(), f"'{'é' * 50}'..."),
        (b"[\xff]", "'[\ufffd]'"),
        ("\x1b[2Jx", "'x'"),
        ("", "''"),
    ],
)
def test_an_error_shows_the_beginning_of_what_is_no_message(
    payload: str | bytes, shown: str
) -> None:
    with pytest.raises(errors.ProtocolError) as caught:
        StreamMachine().receive(payload)
    assert str(caught.value).endswith(f"): {shown}")


class TestReadAnswer:
    """How a script says what of an event is the answer."""

    def test_by_itself_it_looks_for_a_chat(self) -> None:
        machine = ReadAnswer().machine(event_id="e", budget=Budget())
        assert machine.receive(generating(7, "a")) == [events.TextDelta("a")]
        assert machine.receive(generating(7, "<i>b")) == [events.TextReset("<i>b")]
        assert machine.receive(completed(7, "<i>b")) == []  # Another event may follow.
        assert machine.finish() == [events.Completed("<i>b")]

    def test_an_event_goes_on_with_the_answer_of_the_one_before(self) -> None:
        first = ReadAnswer(0).machine(event_id="e", budget=Budget())
        first.receive(completed("a"))
        second = ReadAnswer(0).machine(event_id="e", budget=Budget(), after=first)
        assert second.text == "a"
        assert second.receive(completed("ab")) == [events.TextDelta("b")]

    def test_the_event_before_may_have_been_no_answer(self) -> None:
        first = ValuesMachine()
        first.receive(completed("a"))
        second = ReadAnswer(0).machine(event_id="e", budget=Budget(), after=first)
        assert second.receive(completed("ab")) == [events.TextDelta("ab")]

    def test_outputs_that_are_no_answer(self) -> None:
        reads = ReadAnswer(answers=False)
        machine = reads.machine(event_id="e", budget=Budget())
        assert machine.receive(generating("a")) == []
        assert machine.receive(generating([["append", [], "b"]])) == []
        assert machine.receive(completed("a")) == []
        assert (machine.text, machine.outputs) == ("", ["a"])
        assert machine.finish() == [events.Completed("")]

    def test_what_is_told_of_the_output(self) -> None:
        page = ReadAnswer(0, since=["<p>Old"], question="Q", is_html=True)
        machine = page.machine(event_id="e", budget=Budget())
        assert machine.receive(completed("<p>Old<p>Q<p>A")) == [events.TextDelta("A")]
        said = ReadAnswer(0, response=Response()).machine(event_id="e", budget=Budget())
        assert said.receive(completed({"content": " A"})) == [events.TextDelta("A")]
        chat = ReadAnswer(0, only_chat=True).machine(event_id="e", budget=Budget())
        with pytest.raises(errors.ProtocolError, match="a text where a chat should be"):
            chat.receive(completed("a"))

    def test_it_is_of_one_event(self) -> None:
        machine = ReadAnswer(0).machine(event_id="another", budget=Budget())
        assert machine.receive(completed("a")) == []


def test_how_an_answer_is_read_shows_no_question() -> None:
    """Logs and errors show it."""
    assert "secret" not in repr(ReadAnswer(0, question="secret"))

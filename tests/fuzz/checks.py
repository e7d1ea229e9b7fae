"""What must hold for every stream, whatever the server sends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from spacechat import events
from spacechat.errors import SpaceChatError
from spacechat.protocol import TRANSITIONS, State, StreamMachine, reading
from spacechat.protocol.answer import AnswerView
from tests.fuzz.cases import Case

REACHED = {state: {state, State.INTERRUPTED, *row.values()} for state, row in TRANSITIONS.items()}


class LongView(AnswerView):
    """The view without its short cuts."""

    def update(self, data: list[Any]) -> list[events.Event]:
        if not self._is_nearly_right(data):
            self._join_tail()
            self._path = None
        caused = super().update(data)
        self.place = None
        return caused

    def _is_nearly_right(self, data: list[Any]) -> bool:
        """Tell whether a lone edit's path equals that of the newest text, but for its types."""
        entry = data[self._output] if self._output < len(data) else None
        if self._path is None or not isinstance(entry, list) or len(entry) != 1:
            return False
        edit = entry[0]
        if not isinstance(edit, list) or len(edit) != 3 or edit[1] != self._path:
            return False
        return [*map(type, edit[1])] != [*map(type, self._path)]


class LongWay(StreamMachine):
    """The machine without its short cuts: it decodes every message whole and reads the value anew.

    But for edits whose path has `1.0` or `true` in the place of 1: the short cut takes them, since
    Python says that they are equal, and otherwise they are errors. No server sends them.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._answer.__class__ = LongView


def check(case: Case, *, both_ways: bool = True) -> None:
    """Check what must hold after each message.

    Args:
        case: What comes.
        both_ways: Whether to compare with the machine without its short cut, which takes long.
    """
    machine = case.machine()
    long_way = case.machine(LongWay) if both_ways else None
    text = ""
    payloads = case.payloads()
    for payload in payloads:
        before = machine.state
        found, error = _receive(machine, payload)
        for event in found:
            text = _applied(text, event, machine)
        assert machine.text == text
        _check_step(machine, before, found, error)
        if long_way is not None:
            # From here, since how deep a payload may be depends on how deep the stack is.
            other, told = _receive(long_way, payload)
            if _is_just_too_deep(error, told):
                return
            _check_same(long_way, other, told, machine, found, error)
        if machine.finished:
            break
    _check_end(machine, payloads)


def _is_just_too_deep(error: SpaceChatError | None, told: SpaceChatError | None) -> bool:
    """Tell whether one way can just read what the other can't, since it is a call less deep."""
    errors = [each for each in (error, told) if each is not None]
    return len(errors) == 1 and isinstance(errors[0].__cause__, RecursionError)


def _receive(
    machine: StreamMachine, payload: str | bytes
) -> tuple[list[events.Event], SpaceChatError | None]:
    try:
        return machine.receive(payload), None
    except SpaceChatError as exc:
        return [], exc


def _applied(text: str, event: events.Event, machine: StreamMachine) -> str:
    if isinstance(event, events.TextDelta):
        assert event.text, "an empty delta says nothing"
        return text + event.text
    if isinstance(event, events.TextReset):
        assert not event.text.startswith(text), "a reset that could be a delta"
        assert machine.previous_text == text
        return event.text
    if isinstance(event, events.Completed):
        assert event.text == text
        assert event.reasoning == machine.reasoning
    return text


def _check_step(
    machine: StreamMachine, before: State, found: list[events.Event], error: SpaceChatError | None
) -> None:
    if error is not None:
        assert not found
        assert error.partial_text == machine.text
        assert machine.state in (State.FAILED, State.INTERRUPTED)
    assert machine.state in REACHED[before]
    completed = [isinstance(event, events.Completed) for event in found]
    assert completed.count(True) == (machine.state is State.COMPLETED is not before)
    assert True not in completed[:-1], "something came after the end"


def _check_same(
    long_way: StreamMachine,
    other: list[events.Event],
    told: SpaceChatError | None,
    machine: StreamMachine,
    found: list[events.Event],
    error: SpaceChatError | None,
) -> None:
    """Check that the short cut leads to where the long way does, and that the value says so."""
    assert other == found
    assert (type(told), str(told)) == (type(error), str(error))
    assert (long_way.text, long_way.reasoning) == (machine.text, machine.reasoning)
    assert long_way.state is machine.state
    view = long_way._answer
    view._join_tail()
    value = view._value
    if machine.state in (State.STREAMING, State.COMPLETED) and not reading.is_unchanged(value):
        final = machine.state is State.COMPLETED
        read = reading.read(value, view._start, final=final)
        if final and read.is_all_titled and not read.answer:
            # The last thought that has a text is the answer as well.
            assert bool(machine.text) == bool(read.reasoning)
            assert read.reasoning.endswith(machine.text)
        else:
            assert read.answer in (machine.text, machine.transcript.answer_end.text)


def _check_end(machine: StreamMachine, late: Iterator[str | bytes]) -> None:
    state, text = machine.state, machine.text
    error: SpaceChatError | None = None
    try:
        assert machine.receive_eof() == []
    except SpaceChatError as exc:
        error = exc
    assert (error is not None) == bool(TRANSITIONS[state])
    if error is not None:
        assert error.partial_text == text
        assert machine.state is State.INTERRUPTED
    assert machine.finished
    for payload in itertools.islice(late, 3):
        assert machine.receive(payload) == []
    assert machine.text == text

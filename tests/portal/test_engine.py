"""The engine of the blocking faces, over a script that asks nobody."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import pytest

from spacechat import errors
from spacechat.events import Completed, Event, TextDelta, TextReset
from spacechat.portal import loop, read_ahead
from spacechat.portal.engine import Engine
from spacechat.portal.loop import Portal, call
from spacechat.portal.read_ahead import ReadAhead
from spacechat.protocol import ReadAnswer
from spacechat.settings import Settings
from spacechat.steps import Pause, Script, Show, Steps, Tell
from spacechat.sync.streaming.face import Face
from tests.portal.in_time import SOON, in_time
from tests.processes import wait_until

A, B = TextDelta("a"), TextDelta("b")


class Source:
    """A script that gives events; then it ends, fails, or waits until it is let go.

    Attributes:
        given: Set when it has given all of its events.
        stopped: Set when it is stopped before its end.
        go_on: To be set to let it go.
    """

    def __init__(self, *events: Event, waits: bool = False, fails: Exception | None = None) -> None:
        self.given = threading.Event()
        self.stopped = threading.Event()
        self.go_on = threading.Event()
        self._events = events
        self._waits = waits
        self._fails = fails

    def steps(self, _: object) -> Steps[str]:
        try:
            for event in self._events:
                yield Tell(event)
            self.given.set()
            while self._waits and not self.go_on.is_set():
                yield Pause(0.002)
        except GeneratorExit:
            self.stopped.set()
            raise
        if self._fails is not None:
            raise self._fails
        return "value"

    def engine(self) -> Engine[Script[str]]:
        return Engine(Script(steps=self.steps), Settings())


def rest(engine: Engine[Any]) -> list[Event]:
    """Return the events that are left; at most ten, since there are never more."""
    found: list[Event] = []
    while len(found) < 10 and engine.advance(SOON):
        found += engine.events
        engine.events.clear()
    return found


async def others() -> set[asyncio.Task[Any]]:
    """Return what else runs in the loop."""
    current = asyncio.current_task()
    return {each for each in asyncio.all_tasks() if each is not current}


def interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def test_opening_begins_to_run_it() -> None:
    source = Source(A, B)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    engine.open()
    # Opening it again has begun nothing anew.
    assert in_time(lambda: rest(engine)) == [A, B, Completed("")]
    engine.open()
    assert engine.advance() is False


def test_an_event_is_there_until_it_is_taken() -> None:
    source = Source(A, B, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    for _ in range(2):
        assert in_time(engine.advance) is True
        assert [*engine.events] == [A, B]
    assert engine.text == ""
    engine.events.clear()
    assert engine.text == "ab"
    source.go_on.set()
    assert in_time(lambda: rest(engine)) == [Completed("")]


def test_running_it_to_the_end() -> None:
    engine = Source(A, B).engine()
    assert in_time(engine.complete).value == "value"
    assert engine.text == "ab"
    assert in_time(engine.complete).value == "value"


def test_one_that_fails_is_closed() -> None:
    engine = Source(A, fails=errors.GenerationError("failed")).engine()
    with pytest.raises(errors.GenerationError, match="failed"):
        in_time(engine.complete)
    with pytest.raises(errors.SpaceChatError, match="This stream is closed") as caught:
        engine.open()
    assert caught.value.partial_text == "a"
    assert engine.advance() is False


@pytest.mark.parametrize("source", [Source(A), Source(A, fails=errors.GenerationError("failed"))])
def test_closing_what_has_ended_waits_for_nothing(
    source: Source, own_portal: Portal, busy: threading.Event
) -> None:
    engine = source.engine()
    with contextlib.suppress(errors.GenerationError):
        in_time(lambda: rest(engine))
    own_portal.soon(busy.wait)
    in_time(engine.close)


def test_closing_one_that_waits_stops_it_at_once() -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    in_time(engine.close)
    assert source.stopped.is_set()
    with pytest.raises(errors.SpaceChatError, match="This stream is closed"):
        engine.open()
    assert engine.advance() is False


def test_closing_one_whose_reader_is_slow(
    own_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_ahead, "LIMIT", 10)
    source = Source(A, B)
    engine = source.engine()
    assert engine.advance(SOON)
    in_time(engine.close)
    assert not source.given.is_set(), "its reader has not asked for more"
    assert in_time(lambda: call(others)) == set()


def test_closing_one_that_was_never_begun() -> None:
    source = Source(A)
    engine = source.engine()
    assert engine.state == "waiting"
    in_time(engine.close)
    assert engine.state == "closed"
    assert in_time(engine.advance) is False
    assert not source.given.is_set()


def test_what_a_reader_has_taken_is_left_to_it_when_another_thread_closes() -> None:
    source = Source(A, B, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    assert engine.advance()
    assert engine.events.popleft() is A
    in_time(engine.close)
    assert [*engine.events] == [B]
    assert engine.text == "a"


def test_who_closes_it_reads_no_more() -> None:
    source = Source(A, B, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    assert engine.advance()
    assert engine.events.popleft() is A
    engine.close()
    assert [*engine.events] == []
    assert engine.text == "a"


class Answer(Script[str]):
    """A script that gives an answer, and counts how often that was taken back."""

    taken_back: ClassVar[list[str]] = []

    def take_back(self) -> None:
        self.taken_back.append("abc")


def answer(_: object) -> Steps[str]:
    yield Show("abc", ReadAnswer())
    return "value"


@pytest.mark.parametrize("is_read", [True, False])
def test_an_answer_that_came_to_its_end_before_it_was_closed(
    is_read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nobody has read it to its end, nobody has got it, and it is none of the conversation."""
    monkeypatch.setattr(Answer, "taken_back", [])
    engine = Engine(Answer(steps=answer), Settings())
    engine.open()
    wait_until(lambda: engine.state == "closed", SOON)
    if is_read:
        in_time(lambda: rest(engine))
    in_time(engine.close)
    assert Answer.taken_back == ([] if is_read else ["abc"])
    assert engine.text == ("abc" if is_read else "")
    if is_read:
        assert engine.complete().value == "value"
    else:
        with pytest.raises(errors.StreamInterruptedError):
            engine.complete()


def test_a_call_whose_turn_can_not_come_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would go on to wait, and be made when nobody wants it any more."""
    source = Source(waits=True)
    engine = source.engine()

    def refuse(*_: object) -> NoReturn:
        assert source.given.wait(SOON)
        raise errors.SpaceChatError("open in the same thread")

    monkeypatch.setattr(ReadAhead, "take", refuse)
    with pytest.raises(errors.SpaceChatError, match="open in the same thread"):
        in_time(engine.advance)
    assert source.stopped.is_set()


def test_the_text_before_it_was_replaced_and_who_answers() -> None:
    source = Source(A, TextReset("c"))
    engine = source.engine()
    assert engine.script.steps == source.steps
    in_time(lambda: rest(engine))
    assert (engine.text, engine.previous_text) == ("c", "a")


def test_a_traceback_in_a_test_shows_none_of_its_frames() -> None:
    engine = Source(fails=errors.GenerationError("failed")).engine()
    with pytest.raises(errors.GenerationError) as caught:
        engine.complete()
    shown = [each.name for each in caught.traceback if not each.ishidden(caught)]
    assert shown == ["test_a_traceback_in_a_test_shows_none_of_its_frames"]


# Ctrl-C


def while_it_waits(engine: Engine[Any], patch: pytest.MonkeyPatch) -> object:
    patch.setattr(ReadAhead, "take", interrupted)
    return engine.advance()


def while_it_runs_to_the_end(engine: Engine[Any], patch: pytest.MonkeyPatch) -> object:
    patch.setattr(ReadAhead, "take", interrupted)
    return engine.complete()


def between_two_waits(engine: Engine[Any], patch: pytest.MonkeyPatch) -> object:
    patch.setattr(engine, "advance", interrupted)
    return engine.complete()


@pytest.mark.parametrize("read", [while_it_waits, while_it_runs_to_the_end, between_two_waits])
def test_ctrl_c_stops_it_and_waits_for_nothing(
    read: Callable[[Engine[Any], pytest.MonkeyPatch], object],
    monkeypatch: pytest.MonkeyPatch,
    own_portal: Portal,
    busy: threading.Event,
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    own_portal.soon(busy.wait)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        in_time(lambda: read(engine, patch))
    busy.set()
    assert source.stopped.wait(SOON)


@pytest.mark.parametrize("error", [None, LookupError()])
def test_leaving_a_block_waits_until_it_is_stopped(error: Exception | None) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    in_time(lambda: engine.leave(error))
    assert source.stopped.is_set()


def test_leaving_a_block_by_ctrl_c_waits_for_nothing(
    own_portal: Portal, busy: threading.Event
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    own_portal.soon(busy.wait)
    in_time(lambda: engine.leave(KeyboardInterrupt()))
    busy.set()
    assert source.stopped.wait(SOON)


# In its own loop


@pytest.mark.parametrize(
    ("use", "begun"),
    [
        *((use, begun) for use in (Engine.open, Engine.complete, Engine.close) for begun in (0, 1)),
        (Engine.advance, 0),
    ],
)
def test_the_loop_itself_can_not_wait_for_it(
    use: Callable[[Engine[Any]], object], begun: int, own_portal: Portal
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    if begun:
        engine.open()

    async def within() -> None:
        use(engine)

    with pytest.raises(RuntimeError, match="its own event loop"):
        in_time(lambda: call(within))
    in_time(engine.close)


# In a process that was forked


@pytest.mark.parametrize("use", [Engine.open, Engine.complete, Engine.advance])
def test_the_child_can_not_use_the_parents(
    use: Callable[[Engine[Any]], object],
    own_portal: Portal,
    other_portal: Portal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "current", other_portal)
        with pytest.raises(RuntimeError, match="before the process forked"):
            in_time(lambda: use(engine))
    assert not source.stopped.is_set()


def test_a_child_that_closes_the_parents_leaves_it_alone(
    own_portal: Portal, other_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "current", other_portal)
        in_time(engine.close)
    source.go_on.set()
    wait_until(lambda: engine.state == "closed", SOON)
    assert not source.stopped.is_set()


# When the process ends


def test_one_that_the_end_of_the_process_has_stopped_is_closed_silently(
    own_portal: Portal,
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    own_portal.exit()
    assert source.stopped.is_set()
    in_time(engine.close)


# Dropped


def complaints(engine: Engine[Any]) -> list[str]:
    """Drop an engine's face; return what it complains of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        in_time(lambda: engine.abandon("face"))
    return [str(each.message) for each in told]


def test_one_that_is_dropped_is_stopped_and_complains(
    own_portal: Portal, busy: threading.Event
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    own_portal.soon(busy.wait)
    (complaint,) = complaints(engine)
    assert complaint.startswith("'face' was dropped before its end")
    busy.set()
    assert source.stopped.wait(SOON)
    assert complaints(engine) == []


def test_the_complaint_points_to_where_it_was_dropped() -> None:
    source = Source(A, waits=True)
    face = Face(source.engine())
    face.engine.open()
    with pytest.warns(ResourceWarning, match="dropped before its end") as told:
        del face
    assert [each.filename for each in told] == [__file__]
    assert source.stopped.wait(SOON)


def test_no_complaint_before_there_is_any_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "current", None)
    assert complaints(Source(A).engine()) == []
    assert loop.current is None


def test_no_complaint_of_what_has_come_to_its_end(own_portal: Portal) -> None:
    """Though nobody has read it: there is nothing to stop."""
    source = Source(A)
    engine = source.engine()
    engine.open()

    wait_until(lambda: call(others) == set(), SOON)
    assert complaints(engine) == []


def test_no_complaint_of_what_ctrl_c_kept_from_beginning(
    own_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Source(A).engine()
    with monkeypatch.context() as patch:
        patch.setattr(ReadAhead, "__init__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            engine.open()
    assert complaints(engine) == []


def test_no_complaint_in_a_child(
    own_portal: Portal, other_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "current", other_portal)
        assert complaints(engine) == []
    in_time(engine.close)


def test_no_complaint_when_the_process_ends(
    own_portal: Portal, busy: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a Space didn't answer in time for is still there then."""
    monkeypatch.setattr(loop, "EXIT", 0.01)
    source = Source(A, waits=True)
    engine = source.engine()
    engine.open()
    assert source.given.wait(SOON)
    own_portal.soon(busy.wait)
    own_portal.exit()
    assert complaints(engine) == []
    busy.set()
    monkeypatch.setattr(loop, "EXIT", SOON)
    own_portal.exit()
    assert own_portal.loop.is_closed()

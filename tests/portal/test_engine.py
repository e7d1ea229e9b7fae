"""The engine of the blocking faces, over a script that asks nobody."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import pytest

from spacechat import errors
from spacechat.events import Completed, TextReset
from spacechat.portal import read_ahead
from spacechat.portal.engine import Engine
from spacechat.portal.loop import Portal, call
from spacechat.portal.read_ahead import ReadAhead
from spacechat.protocol import ReadAnswer
from spacechat.settings import Settings
from spacechat.steps import Script, Show, Steps
from tests.portal.in_time import SOON, in_time
from tests.portal.sources import A, B, Source, at_work, interrupted, others, rest
from tests.processes import wait_until


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
    source, engine = at_work(A, B)
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
    source, engine = at_work(A)
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
    _, engine = at_work(A, B)
    assert engine.advance()
    assert engine.events.popleft() is A
    in_time(engine.close)
    assert [*engine.events] == [B]
    assert engine.text == "a"


def test_who_closes_it_reads_no_more() -> None:
    _, engine = at_work(A, B)
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
    source, engine = at_work(A)
    own_portal.soon(busy.wait)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        in_time(lambda: read(engine, patch))
    busy.set()
    assert source.stopped.wait(SOON)


@pytest.mark.parametrize("error", [None, LookupError()])
def test_leaving_a_block_waits_until_it_is_stopped(error: Exception | None) -> None:
    source, engine = at_work(A)
    in_time(lambda: engine.leave(error))
    assert source.stopped.is_set()


def test_leaving_a_block_by_ctrl_c_waits_for_nothing(
    own_portal: Portal, busy: threading.Event
) -> None:
    source, engine = at_work(A)
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

"""How the blocking engine ends: in a fork, with the process, and when it is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from spacechat.portal import loop
from spacechat.portal.engine import Engine
from spacechat.portal.loop import Portal, call
from spacechat.portal.read_ahead import ReadAhead
from spacechat.sync.streaming.face import Face
from tests.portal.complaints import complaints
from tests.portal.in_time import SOON, in_time
from tests.portal.sources import A, Source, at_work, interrupted, others
from tests.processes import wait_until

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
    source, engine = at_work(A)
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
    source, engine = at_work(A)
    own_portal.exit()
    assert source.stopped.is_set()
    in_time(engine.close)


# Dropped


def test_one_that_is_dropped_is_stopped_and_complains(
    own_portal: Portal, busy: threading.Event
) -> None:
    source, engine = at_work(A)
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
    _, engine = at_work(A)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "current", other_portal)
        assert complaints(engine) == []
    in_time(engine.close)


def test_no_complaint_when_the_process_ends(
    own_portal: Portal, busy: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a Space didn't answer in time for is still there then."""
    monkeypatch.setattr(loop, "EXIT", 0.01)
    _, engine = at_work(A)
    own_portal.soon(busy.wait)
    own_portal.exit()
    assert complaints(engine) == []
    busy.set()
    monkeypatch.setattr(loop, "EXIT", SOON)
    own_portal.exit()
    assert own_portal.loop.is_closed()

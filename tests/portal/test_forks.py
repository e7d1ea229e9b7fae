"""What a forked child has of its parent's loop: nothing."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import warnings
from collections.abc import Callable

import pytest

from spacechat.portal import loop
from spacechat.portal.loop import Portal, call, get_portal
from tests.portal.in_time import SOON
from tests.systems import POSIX

pytestmark = POSIX


def in_child(check: Callable[[], object]) -> int:
    """Return the status that a forked child ends with: 0 if the check passes in it, in time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # That there are threads.
        child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(int(SOON))
            check()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


async def double(number: int) -> int:
    return 2 * number


def calls() -> None:
    assert loop.current is None
    assert call(double, 2) == 4
    assert get_portal() is loop.current


def test_a_child_starts_a_loop_of_its_own(own_portal: Portal) -> None:
    assert in_child(calls) == 0
    assert loop.current is own_portal
    assert own_portal.submit(double, 3).result(SOON) == 6


def test_a_parent_without_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "current", None)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert in_child(calls) == 0
    assert told == []


def test_a_fork_while_another_thread_starts_the_loop(own_portal: Portal) -> None:
    """What that holds is held for ever in the child."""
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with loop._starting:
            held.set()
            go_on.wait(SOON)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(SOON)
        assert in_child(calls) == 0
    finally:
        go_on.set()
        thread.join()


def test_the_end_of_the_child_is_none_of_the_parents_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_end: list[Callable[[], None]] = []
    monkeypatch.setattr(loop, "current", None)
    monkeypatch.setattr(atexit, "register", at_end.append)
    monkeypatch.setattr(atexit, "unregister", at_end.remove)
    portal = get_portal()

    def nothing_is_left() -> None:
        assert at_end == []

    assert in_child(nothing_is_left) == 0
    assert at_end == [portal.exit]
    portal.exit()

"""Fixtures of the tests of the loop in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from spacechat.portal import loop
from spacechat.portal.loop import Portal


@pytest.fixture
def own_portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal for this test only, in the place of the process's, which other tests go on with."""
    portal = Portal()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "current", portal)
        yield portal
    if not portal.exiting:
        portal.exit()


@pytest.fixture
def other_portal(own_portal: Portal) -> Iterator[Portal]:
    """What a forked child would have in the place of `own_portal`; to be made the current one."""
    portal = Portal()
    yield portal
    portal.exit()


@pytest.fixture
def busy(own_portal: Portal) -> Iterator[threading.Event]:
    """Keeps the loop from doing anything, once `own_portal` has been given its `wait`; let go."""
    event = threading.Event()
    yield event
    event.set()

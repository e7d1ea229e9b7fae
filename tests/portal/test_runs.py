"""Runs of the blocking faces: several of a session, and the end of the process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import spacechat
from spacechat import errors
from spacechat.portal import loop, read_ahead
from tests.processes import run
from tests.servers import (
    CLOSE_STREAM,
    ReplayServer,
    Then,
    completed,
    generating,
    gradio,
    message,
)
from tests.servers.functions import told


def long_run() -> ReplayServer:
    """The app of `calculator`, whose functions give more than is read ahead."""
    values = [generating(str(number) * 500) for number in range(40)]
    steps = (message("process_starts", eta=1.0), *values, completed("last"), CLOSE_STREAM)
    return ReplayServer(gradio(*steps, **told()))


def test_a_call_does_not_wait_for_a_run_that_its_own_thread_has_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read_ahead, "LIMIT", 5_000)
    with long_run() as server, spacechat.Client() as client:
        page = client.app(server.url).session()
        first = page.run("/calc", 1)
        next(iter(first))
        with pytest.raises(errors.SpaceChatError, match="open in the same thread"):
            page.call("/calc", 2)
        asked = [each.json["data"][0] for each in server.requests if "/join" in each.path]
        assert asked == [1]
        assert first.result().value == "last"
        assert page.call("/calc", 3) == "last"


def test_a_call_waits_for_a_run_that_another_thread_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read_ahead, "LIMIT", 5_000)
    with long_run() as server, spacechat.Client() as client:
        page = client.app(server.url).session()
        begun, go_on = threading.Event(), threading.Event()

        def read() -> None:
            first = page.run("/calc", 1)
            next(iter(first))
            begun.set()
            go_on.wait(60)
            first.result()

        reader = threading.Thread(target=read)
        reader.start()
        begun.wait(60)
        threading.Timer(3 * loop.LOOK, go_on.set).start()
        assert page.call("/calc", 2) == "last"
        reader.join()


UNREAD = """
import sys
import spacechat
run = spacechat.Client().app(sys.argv[1]).run("/calc", 1)
next(iter(run))
"""


def test_a_process_that_ends_in_the_middle_of_a_run_says_nothing(tmp_path: Path) -> None:
    """A host's name, other than an address, can't be looked up any more then."""
    steps = (message("process_starts", eta=1.0), generating(1), Then.HANG)
    with ReplayServer(gradio(*steps, **told())) as server:
        ended = run(tmp_path, UNREAD, server.url.replace("127.0.0.1", "localhost"))
    assert (ended.code, ended.err) == (0, "")

"""Leaving while the Space is asked to take an event: only its answer says what to cancel."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import anyio
import pytest

from spacechat import AsyncClient, Client, errors
from spacechat.streaming.joining import Joining
from tests import waiting
from tests.conftest import EITHER_TRANSPORT
from tests.processes import wait_until
from tests.samples import SPACE
from tests.servers import Part, Received, ReplayServer, Then, gradio, message, response, until

pytestmark = [pytest.mark.anyio]


@dataclass
class SlowToJoin:
    """Takes a question at once, and says so when it may."""

    answer: bytes = response(b'{"event_id":"late"}')
    may_answer: threading.Event = field(default_factory=threading.Event)

    def __call__(self, _: Received) -> list[Part]:
        assert self.may_answer.wait(waiting.LONGEST)
        return [self.answer]


@pytest.fixture
def slow() -> SlowToJoin:
    return SlowToJoin()


@pytest.fixture
def server(slow: SlowToJoin) -> Iterator[ReplayServer]:
    with ReplayServer(gradio(message("estimation"), Then.HANG, join=slow)) as server:
        try:
            yield server
        finally:
            slow.may_answer.set()


def cancelled(server: ReplayServer) -> list[str]:
    return [request.json["event_id"] for request in server.to("/cancel")]


async def leave(server: ReplayServer, slow: SlowToJoin) -> None:
    """Ask, and be cancelled before the Space answers the request that joins its queue."""
    async with AsyncClient() as client, anyio.create_task_group() as tasks:

        async def cancel() -> None:
            await until(lambda: bool(server.to("/queue/join")))
            tasks.cancel_scope.cancel()
            slow.may_answer.set()

        tasks.start_soon(cancel)
        await client.ask("Hi", provider=SPACE.at(server.url))
    assert tasks.cancel_scope.cancel_called


@EITHER_TRANSPORT
class TestTheSpaceIsTold:
    async def test_by_a_scope(self, server: ReplayServer, slow: SlowToJoin) -> None:
        await leave(server, slow)
        assert cancelled(server) == ["late"]
        await until(lambda: server.open == 0)

    async def test_a_reader_comes_and_goes_before(
        self, server: ReplayServer, slow: SlowToJoin
    ) -> None:
        """Gradio before 6 works for a session that nobody has read, whatever it is told."""
        await leave(server, slow)
        words = [request.path.partition("?")[0].rpartition("/")[2] for request in server.requests]
        assert words[-3:] == ["join", "data", "cancel"]

    async def test_by_another_task(self, server: ReplayServer, slow: SlowToJoin) -> None:
        async with AsyncClient() as client, anyio.create_task_group() as tasks:
            stream = client.stream("Hi", provider=SPACE.at(server.url))

            async def answer() -> None:
                await until(lambda: stream.engine.state == "closed")
                slow.may_answer.set()

            async def close() -> None:
                await until(lambda: bool(server.to("/queue/join")))
                tasks.start_soon(answer)
                await stream.aclose()
                assert cancelled(server) == ["late"]

            tasks.start_soon(close)
            assert [text async for text in stream] == []
        await until(lambda: server.open == 0)

    @pytest.mark.runs_on("asyncio", "uvloop")
    async def test_by_a_native_cancel(self, server: ReplayServer, slow: SlowToJoin) -> None:
        async with AsyncClient() as client:
            task = asyncio.create_task(client.ask("Hi", provider=SPACE.at(server.url)))
            await until(lambda: bool(server.to("/queue/join")))
            task.cancel()
            slow.may_answer.set()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert cancelled(server) == ["late"]
        await until(lambda: server.open == 0)

    async def test_a_refusal_that_comes_late_changes_nothing(
        self, server: ReplayServer, slow: SlowToJoin
    ) -> None:
        slow.answer = response(b'{"detail":"Too busy"}', "503 Service Unavailable")
        await leave(server, slow)
        assert len(server.to("/queue/join")) == 1
        assert cancelled(server) == []
        await until(lambda: server.open == 0)


def test_by_the_blocking_api(server: ReplayServer, slow: SlowToJoin) -> None:
    with Client() as client:
        with client.stream("Hi", provider=SPACE.at(server.url)):
            wait_until(lambda: bool(server.to("/queue/join")))
            threading.Timer(0.05, slow.may_answer.set).start()
        assert cancelled(server) == ["late"]
    wait_until(lambda: server.open == 0)


async def never() -> None:
    """A request that must be ended from without, within a shield."""
    with anyio.fail_after(waiting.LONGEST):
        await anyio.sleep_forever()


async def test_of_a_request_that_was_not_sent_nothing_is_awaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.streaming.joining.CLOSING", math.inf)
    joining = Joining(never, lambda: False)
    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(joining.run)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()


async def test_an_answer_that_does_not_come_is_not_awaited_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.streaming.joining.CLOSING", 0.01)
    joining = Joining(never, lambda: True)
    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(joining.run)
            await anyio.wait_all_tasks_blocked()
            await joining.end()


async def test_errors_come_as_they_are() -> None:
    async def ask() -> None:
        raise errors.QueueFullError("full")

    with anyio.fail_after(waiting.LONGEST), pytest.raises(errors.QueueFullError, match="full"):
        await Joining(ask, lambda: True).run()


async def test_ctrl_c_comes_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trio raises it where the main task waits; the group of tasks would wrap it."""
    joining = Joining(anyio.sleep_forever, lambda: False)

    async def wait() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(joining, "_ended", SimpleNamespace(wait=wait, set=lambda: None))
    with pytest.raises(KeyboardInterrupt):
        await joining.run()

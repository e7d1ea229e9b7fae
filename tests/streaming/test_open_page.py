"""Opening a conversation's page beside a request that may fail, or while the page is closed."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from spacechat import errors
from spacechat.events import Event
from spacechat.settings import Settings
from spacechat.steps import (
    Beside,
    ClosePage,
    Connect,
    Fetch,
    KeepPageOpen,
    Request,
    Response,
    Script,
    Step,
    Steps,
    TakeTurn,
)
from spacechat.streaming.clock import Clock
from spacechat.streaming.open_page import OPENING, OpenPage
from spacechat.streaming.runner import Runner
from spacechat.streaming.tasks import Work
from spacechat.streaming.together import together
from tests import waiting

pytestmark = [pytest.mark.anyio]

CONNECT = Connect("http://space", {})
HEARTBEAT = KeepPageOpen("http://space/heartbeat/x", lambda: None)


class Server:
    """Connections without a network.

    Attributes:
        asked: The addresses of the requests.
        open: The connections that are open.
        may_answer: Set when a heartbeat may begin.
        refuses: Whether it refuses the heartbeat.
        takes: Whether the request for it arrives.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open: set[object] = set()
        self.may_answer = anyio.Event()
        self.refuses = False
        self.takes = False

    def connection(self, *_: Any, **__: Any) -> Wire:
        return Wire(self)


class Wire:
    """A connection to such a server, without credentials."""

    reader: bytes = b""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def open_unread(self, url: str) -> None:
        self._server.asked.append(url)
        self._server.open.add(self)
        if self._server.refuses:
            raise errors.SpaceUnavailableError("There is none.")
        await self._server.may_answer.wait()
        self._server.open.add(self)  # Also where it was closed meanwhile.

    def is_sent(self) -> bool:
        return self._server.takes

    async def fetch(self, step: Fetch, *, may_repeat: bool = True) -> Response:
        self._server.asked.append(step.request.url)
        self._server.open.add(self)
        if step.request.url == "fails":
            await fail()
        if step.request.url == "hangs":
            await anyio.sleep_forever()
        return Response(b"{}")

    async def end_events(self, within: float = 1.0) -> None: ...

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self._server.open.discard(self)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    for module in ("runner", "open_page"):
        monkeypatch.setattr(f"spacechat.streaming.{module}.Connection", server.connection)
    return server


@pytest.fixture
def page() -> OpenPage:
    return OpenPage(Settings(), set())


def is_due(page: OpenPage) -> bool:
    return page.due(time.monotonic()) is not None


async def open_it(page: OpenPage) -> None:
    opening = page.due(time.monotonic() + 400)
    if opening is not None:
        await opening.run()


async def fail() -> None:
    raise errors.ProtocolError("It is another app.")


def fetched(url: str) -> Steps[object]:
    yield CONNECT
    return (yield Fetch(Request(url)))


def runner(steps: Steps[object], page: OpenPage) -> Runner[object]:
    clock = Clock()
    clock.start(400)
    events: deque[Event] = deque()
    script = Script(steps=lambda _: steps)
    return Runner(script, Settings(), page, clock, events, kept=None)


async def run(running: Runner[object]) -> None:
    try:
        while not await running.step():
            pass
    finally:
        await running.stop()


def asks(check: str) -> Steps[None]:
    """Run a function of an app, when the app has been found to be the one that is known."""
    yield CONNECT
    yield HEARTBEAT
    yield Beside(fetched(check))
    yield Fetch(Request("function", {}), runs=True)


def fail_much_later(now: SimpleNamespace) -> Work:
    """Work that fails after more time than a page has."""

    async def work() -> None:
        await anyio.wait_all_tasks_blocked()
        now.monotonic = lambda: time.monotonic() + OPENING
        await fail()

    return work


class TestBesideARequest:
    async def test_it_is_opened(self, server: Server, page: OpenPage) -> None:
        server.may_answer.set()
        await run(runner(asks("check"), page))
        assert server.asked[0] == "check"
        assert sorted(server.asked[1:]) == ["function", HEARTBEAT.url]
        assert len(server.open) == 1
        await page.aclose()
        assert not server.open

    async def test_the_check_before_fails(self, server: Server, page: OpenPage) -> None:
        """The page goes with the request of the next attempt."""
        server.may_answer.set()
        with pytest.raises(errors.ProtocolError):
            await run(runner(asks("fails"), page))
        assert server.asked == ["fails"]
        await run(runner(asks("check"), page))
        assert HEARTBEAT.url in server.asked
        await page.aclose()
        assert not server.open

    async def test_it_is_closed_during_the_check_before(
        self, server: Server, page: OpenPage
    ) -> None:
        running = runner(asks("hangs"), page)
        with anyio.fail_after(waiting.LONGEST):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run, running)
                await anyio.wait_all_tasks_blocked()
                await page.aclose()
                tasks.cancel_scope.cancel()
        assert server.asked == ["hangs"]
        assert not server.open


class TestOpening:
    async def test_another_page_is_opened_in_its_place(
        self, server: Server, page: OpenPage
    ) -> None:
        """Also where no time was left for the first."""
        other = KeepPageOpen("http://space/heartbeat/y", lambda: None)
        server.may_answer.set()
        for step in (HEARTBEAT, other):
            await page.keep_open(CONNECT, step)
            await open_it(page)
            assert len(server.open) == 1
        assert server.asked == [HEARTBEAT.url, other.url]
        await page.aclose()

    async def test_each_page_has_its_own_time(
        self, server: Server, page: OpenPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = SimpleNamespace(monotonic=time.monotonic)
        monkeypatch.setattr("spacechat.streaming.open_page.time", now)
        await page.keep_open(CONNECT, HEARTBEAT)
        with pytest.raises(errors.ProtocolError):
            await together(anyio.sleep_forever, [lambda: open_it(page), fail_much_later(now)])
        assert not is_due(page)
        server.may_answer.set()
        await page.keep_open(CONNECT, KeepPageOpen("http://space/heartbeat/y", lambda: None))
        await open_it(page)
        assert len(server.open) == 1
        await page.aclose()

    async def test_closed_before_it_begins(self, server: Server, page: OpenPage) -> None:
        await page.keep_open(CONNECT, HEARTBEAT)
        due = page.due(time.monotonic() + 400)
        await page.aclose()
        assert due is not None
        await due.run()
        assert server.asked == []

    async def test_closed_meanwhile(self, server: Server, page: OpenPage) -> None:
        await page.keep_open(CONNECT, HEARTBEAT)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(open_it, page)
            await anyio.wait_all_tasks_blocked()
            await page.aclose()
            server.may_answer.set()
        assert not server.open
        assert not is_due(page)

    async def test_cut_short_it_is_due_again(self, server: Server, page: OpenPage) -> None:
        await page.keep_open(CONNECT, HEARTBEAT)

        async def fail_late() -> None:
            await anyio.wait_all_tasks_blocked()
            await fail()

        with pytest.raises(errors.ProtocolError):
            await together(anyio.sleep_forever, [lambda: open_it(page), fail_late])
        assert server.asked == [HEARTBEAT.url]
        assert not server.open
        assert is_due(page)
        server.may_answer.set()
        await open_it(page)
        assert len(server.open) == 1
        await page.aclose()
        assert not server.open

    async def test_the_question_does_not_wait_for_it(self, server: Server, page: OpenPage) -> None:
        """What is not sent in time is sent with the next request."""
        before = time.monotonic()
        await run(runner(asks("check"), page))
        assert time.monotonic() - before < OPENING
        assert server.asked.count(HEARTBEAT.url) == 1
        assert not server.open
        server.may_answer.set()
        await run(runner(asks("check"), page))
        assert server.asked.count(HEARTBEAT.url) == 2
        assert len(server.open) == 1
        await page.aclose()

    async def test_in_all_it_has_a_second(
        self, server: Server, page: OpenPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("spacechat.streaming.open_page.OPENING", 0.2)
        with anyio.fail_after(waiting.LONGEST):
            await run(runner(asks("check"), page))
            while is_due(page):
                await run(runner(asks("check"), page))
        asked = server.asked.count(HEARTBEAT.url)
        await run(runner(asks("check"), page))
        assert server.asked.count(HEARTBEAT.url) == asked
        assert not server.open

    async def test_what_was_sent_is_not_cut(self, server: Server, page: OpenPage) -> None:
        """A server that sees the heartbeat end closes the session."""
        server.takes = True

        async def answer() -> None:
            await anyio.sleep(0.3)
            server.may_answer.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answer)
            await run(runner(asks("check"), page))
        assert server.asked.count(HEARTBEAT.url) == 1
        assert len(server.open) == 1
        await page.aclose()

    async def test_refused_it_is_not_asked_for_again(self, server: Server, page: OpenPage) -> None:
        server.refuses = True
        await page.keep_open(CONNECT, HEARTBEAT)
        await open_it(page)
        assert not server.open
        await page.keep_open(CONNECT, HEARTBEAT)
        assert not is_due(page)


class TestOnePage:
    async def test_it_is_among_the_open_pages(self, server: Server) -> None:
        pages: set[OpenPage] = set()
        closed: list[bool] = []
        page = OpenPage(Settings(), pages)
        await page.keep_open(CONNECT, KeepPageOpen("x", lambda: closed.append(True)))
        assert (pages, closed) == ({page}, [])
        await page.aclose()
        await page.aclose()
        assert (pages, closed) == (set(), [True])

    async def test_cancellation_does_not_cut_its_end_short(
        self, server: Server, page: OpenPage
    ) -> None:
        server.may_answer.set()
        await page.keep_open(CONNECT, HEARTBEAT)
        await open_it(page)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await page.aclose()
        assert not server.open

    @pytest.mark.parametrize(("left", "seconds"), [(400, OPENING), (2, 0.5), (-1, 0)])
    async def test_how_long_it_may_take(
        self,
        server: Server,
        page: OpenPage,
        monkeypatch: pytest.MonkeyPatch,
        left: float,
        seconds: float,
    ) -> None:
        """A second, but at most a quarter of the question's own time."""
        limits: list[float] = []
        fail_after = anyio.fail_after

        def limit(seconds: float) -> Any:
            limits.append(seconds)
            return fail_after(seconds)

        now = SimpleNamespace(monotonic=lambda: 100.0)
        monkeypatch.setattr("spacechat.streaming.open_page.time", now)
        monkeypatch.setattr(anyio, "fail_after", limit)
        await page.keep_open(CONNECT, HEARTBEAT)
        server.refuses = True
        due = page.due(100.0 + left)
        assert due is not None
        await due.run()
        assert limits == [seconds]

    @pytest.mark.parametrize(
        ("refuses", "why"), [(True, "There is none."), (False, "it does not begin in time")]
    )
    async def test_what_it_logs(
        self,
        server: Server,
        page: OpenPage,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        refuses: bool,
        why: str,
    ) -> None:
        monkeypatch.setattr("spacechat.streaming.open_page.OPENING", 0.01)
        caplog.set_level(logging.DEBUG, "spacechat")
        server.refuses = refuses
        await page.keep_open(CONNECT, HEARTBEAT)
        with anyio.fail_after(waiting.LONGEST):
            await open_it(page)
        assert caplog.messages == [f"The app's heartbeat can't be had: {why}"]


class TestTurns:
    """One call of a session after another."""

    @staticmethod
    def wanted(most: int = 20) -> Callable[[], bool]:
        """Whether a call is still wanted: it is, and must not ask too often."""
        asked = iter(range(most))

        def is_wanted() -> bool:
            assert next(asked, None) is not None, "it asks over and over"
            return True

        return is_wanted

    async def test_the_next_one_waits(self, page: OpenPage) -> None:
        has_turn = False

        async def call() -> None:
            nonlocal has_turn
            has_turn = await page.take_turn(Clock(), self.wanted())

        with anyio.fail_after(waiting.LONGEST):
            async with anyio.create_task_group() as tasks:
                assert await page.take_turn(Clock(), self.wanted())
                tasks.start_soon(call)
                await anyio.wait_all_tasks_blocked()
                assert not has_turn
                page.end_turn()
        assert has_turn

    async def test_one_that_is_closed_meanwhile(self, page: OpenPage) -> None:
        clock = Clock()
        is_wanted = True
        taken: list[bool] = []

        async def call() -> None:
            taken.append(await page.take_turn(clock, lambda: is_wanted))

        with anyio.fail_after(waiting.LONGEST):
            async with anyio.create_task_group() as tasks:
                await page.take_turn(Clock(), self.wanted())
                tasks.start_soon(call)
                await anyio.wait_all_tasks_blocked()
                is_wanted = False
                clock.wake()
        assert taken == [False]

    @pytest.mark.parametrize("late", [0.0, 0.5])
    async def test_one_that_has_no_time_left(
        self, page: OpenPage, monkeypatch: pytest.MonkeyPatch, late: float
    ) -> None:
        now = SimpleNamespace(monotonic=lambda: 100.0)
        monkeypatch.setattr("spacechat.streaming.clock.time", now)
        clock = Clock()
        clock.start(1.0)

        async def call() -> None:
            with pytest.raises(errors.StreamTimeoutError, match="Another call of the session"):
                await page.take_turn(clock, self.wanted())

        with anyio.fail_after(waiting.LONGEST):
            async with anyio.create_task_group() as tasks:
                await page.take_turn(Clock(), self.wanted())
                now.monotonic = lambda: 101.0 + late
                tasks.start_soon(call)

    async def test_one_that_has_little_time_left(
        self, page: OpenPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = SimpleNamespace(monotonic=lambda: 100.0)
        monkeypatch.setattr("spacechat.streaming.clock.time", now)
        clock = Clock()
        clock.start(0.9)

        async def call() -> None:
            assert await page.take_turn(clock, self.wanted())

        with anyio.fail_after(waiting.LONGEST):
            async with anyio.create_task_group() as tasks:
                await page.take_turn(Clock(), self.wanted())
                tasks.start_soon(call)
                await anyio.wait_all_tasks_blocked()
                page.end_turn()


async def test_a_call_ends_its_own_turn_only(server: Server, page: OpenPage) -> None:
    def steps(*first: Step) -> Steps[None]:
        yield from first
        yield CONNECT

    one, other = runner(steps(TakeTurn()), page), runner(steps(), page)
    await one.step()
    await other.step()
    await other.stop()
    assert page.holder is not None
    await one.stop()
    assert page.holder is None
    await page.take_turn(Clock(), lambda: True)
    await one.stop()
    assert page.holder is not None


async def test_a_script_closes_the_page(server: Server, page: OpenPage) -> None:
    def steps() -> Steps[None]:
        yield CONNECT
        yield HEARTBEAT
        yield Fetch(Request("check"))
        assert len(server.open) == 2
        yield ClosePage()
        assert len(server.open) == 1

    server.may_answer.set()
    await run(runner(steps(), page))
    assert not server.open


async def test_stopping_disconnects_though_what_runs_beside_cannot_be_stopped(
    server: Server, page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """asyncio's own `cancel()` may come in each part of it. The turn ends, too."""

    def steps() -> Steps[None]:
        yield TakeTurn()
        yield CONNECT
        yield Beside(fetched("hangs"))
        yield Fetch(Request("hangs"))

    running = runner(steps(), page)
    cut: list[bool] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, running)
        await anyio.wait_all_tasks_blocked()
        assert len(server.open) == 2
        stop = Runner.stop

        async def cut_short(self: Runner[object]) -> None:
            if self is running or cut:
                await stop(self)
                return
            cut.append(True)
            raise KeyboardInterrupt

        monkeypatch.setattr(Runner, "stop", cut_short)
        with pytest.raises(KeyboardInterrupt):
            await running.stop()
        assert cut
        assert len(server.open) == 1
        assert page.holder is None
        tasks.cancel_scope.cancel()
    assert not server.open

"""The engine, run by hand: what a script gets, and what becomes of one that is closed."""

from __future__ import annotations

import dataclasses
import json
import logging
import random
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from spacechat import AsyncChatStream, Conversation, errors, events
from spacechat.events import Event
from spacechat.messages import Message
from spacechat.protocol import Budget, ReadAnswer
from spacechat.settings import Settings, Timeout
from spacechat.steps import (
    Beside,
    CloseKept,
    Connect,
    Exchange,
    Fetch,
    Generate,
    Pause,
    Request,
    Response,
    Script,
    Show,
    Steps,
    generate,
)
from spacechat.streaming.engine import AsyncEngine
from spacechat.streaming.run import AsyncRun
from spacechat.transport.connection import LAST_ENDING
from tests import waiting
from tests.samples import SPACE

pytestmark = pytest.mark.anyio


class Server:
    """A connection without a network: it takes each request, and gives the messages put into it.

    Attributes:
        asked: The addresses of the requests.
        bodies: Their bodies.
        endings: How long it was to wait for the end of a stream.
        failure: The error of a request to `fails`.
        may_repeat: Whether the newest request may be repeated.
        uses: How many have it open.
        closed: Set when nobody has.
        reader: Its requests carry no credentials.
    """

    reader: bytes = b""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: list[object] = []
        self.endings: list[float] = []
        self.failure = errors.StreamInterruptedError("It was cut.")
        self.may_repeat = True
        self.uses = 0
        self.closed = anyio.Event()
        self._put, self._messages = anyio.create_memory_object_stream[bytes](10)

    def send(self, text: str) -> None:
        """Complete the event with an answer."""
        self._send("process_completed", success=True, output={"data": [text]})

    def fail(self) -> None:
        """Let the event fail."""
        self._send("process_completed", success=False, output={"error": "No."})

    def ask_for_inputs(self) -> None:
        """Ask for the inputs of the event."""
        self._send("send_data")

    def start(self) -> None:
        """Begin to work."""
        self._send("process_starts", eta=None)

    def beat(self) -> None:
        """Say something that means nothing."""
        self._send("heartbeat")

    def cut(self) -> None:
        """Cut the stream."""
        self._put.send_nowait(b"")

    def say_nonsense(self) -> None:
        """Send what is no message."""
        self._put.send_nowait(b"?")

    def _send(self, kind: str, **more: object) -> None:
        message = {"msg": kind, "event_id": "e", **more}
        self._put.send_nowait(json.dumps(message).encode())

    async def fetch(self, step: Fetch, *, may_repeat: bool = True) -> Response:
        await anyio.lowlevel.checkpoint()
        self.asked.append(step.request.url)
        self.bodies.append(step.request.body)
        self.may_repeat = may_repeat
        if step.request.url == "fails":
            raise self.failure
        if step.request.url == "waits":
            await self.closed.wait()
            raise errors.SpaceUnavailableError("The connection was closed.")
        return Response(b'{"event_id": "e"}')

    async def next_data(self) -> bytes:
        data = await self._messages.receive()
        if not data:
            raise errors.StreamInterruptedError("It was cut.")
        return data

    async def open_events(self, _: str, unfinished: str = "") -> None: ...

    async def end_events(self, within: float = 1.0) -> None:
        self.endings.append(within)

    async def close_events(self) -> None: ...

    def extend(self, _: float) -> None: ...

    def is_sent(self) -> bool:
        return True

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.uses -= 1
        if self.uses:
            return
        self.closed.set()
        self._put.close()
        self._messages.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()

    def connection(*_: Any, **__: Any) -> Server:
        found.uses += 1
        return found

    monkeypatch.setattr("spacechat.streaming.runner.Connection", connection)
    return found


def event(name: str) -> Generate:
    return Generate(Request(name, {}), "events", Request(f"cancel {name}", {}), ReadAnswer(0))


def two_functions(_: Budget) -> Steps[list[object]]:
    yield Connect("http://space", {})
    outputs = [*(yield from generate(event("first")))]
    return [*outputs, *(yield from generate(event("second")))]


async def outcome_of(engine: AsyncEngine[Script[Any]]) -> Any:
    """What an engine comes to, in a few turns."""
    with anyio.fail_after(waiting.LONGEST):
        for _ in range(20):
            if not await engine.advance():
                assert engine.outcome is not None
                return engine.outcome.value
    raise AssertionError("It does not end.")


async def test_a_script_returns_a_value(server: Server) -> None:
    engine = AsyncEngine(Script(steps=two_functions), Settings())
    server.send("one")
    server.send("two")
    assert await outcome_of(engine) == ["one", "two"]
    assert server.asked == ["first", "second"]
    assert len(server.endings) == 3  # Before each request, a stream comes to its end.
    assert server.endings[-1] == LAST_ENDING  # Then the connection can be kept.
    assert engine.state == "closed"
    assert not engine.is_connected


async def test_another_way_after_a_function_that_failed(server: Server) -> None:
    def steps(_: Budget) -> Steps[list[object]]:
        yield Connect("http://space", {})
        try:
            return [*(yield from generate(event("first")))]
        except errors.GenerationError:
            return [*(yield from generate(event("second")))]

    engine = AsyncEngine(Script(steps=steps), Settings(retries=0))
    server.fail()
    server.send("two")
    assert await outcome_of(engine) == ["two"]
    assert server.asked == ["first", "second"]


async def test_closing_ends_the_script(server: Server) -> None:
    ended = False

    def steps(budget: Budget) -> Steps[object]:
        nonlocal ended
        try:
            return (yield from two_functions(budget))
        finally:
            ended = True

    engine = AsyncEngine(Script(steps=steps), Settings())
    for _ in range(2):
        assert await engine.advance()
    assert not ended
    await engine.aclose()
    assert ended


async def test_cancellation_does_not_cut_closing_short(server: Server) -> None:
    engine = AsyncEngine(Script(steps=two_functions), Settings())
    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(engine.complete)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
    assert server.asked == ["first", "cancel first"]
    assert server.closed.is_set()


@pytest.mark.parametrize("goes_on", [True, False])
async def test_an_event_whose_stream_is_cut_is_cancelled(server: Server, goes_on: bool) -> None:
    """Once: before the next step, or when it is closed."""

    def steps(_: Budget) -> Steps[str]:
        yield Connect("http://space", {})
        try:
            yield from generate(event("first"))
        except errors.StreamInterruptedError:
            yield Fetch(Request("second"))
        return "done"

    engine = AsyncEngine(Script(steps=steps), Settings(retries=0))
    server.cut()
    for _ in range(3):
        assert await engine.advance()
    assert server.asked == ["first"]
    if goes_on:
        assert await outcome_of(engine) == "done"
    await engine.aclose()
    assert server.asked == ["first", "cancel first", *(["second"] if goes_on else [])]


async def test_cancellation_does_not_cut_cancelling_short(server: Server) -> None:
    """Before the next step of a script that goes on another way."""

    def steps(budget: Budget) -> Steps[object]:
        try:
            return (yield from two_functions(budget))
        except errors.StreamInterruptedError:
            return (yield Fetch(Request("second")))

    engine = AsyncEngine(Script(steps=steps), Settings(retries=0))
    server.cut()
    for _ in range(3):
        assert await engine.advance()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await engine.advance()
    assert server.asked == ["first", "cancel first"]
    assert server.closed.is_set()


async def test_what_it_logs(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "spacechat")
    engine = AsyncEngine(Script(steps=two_functions, model="m"), Settings(retries=0))
    server.start()
    server.send("one")
    server.cut()
    with pytest.raises(errors.StreamInterruptedError):
        await outcome_of(engine)
    assert caplog.messages == [
        "asking m",
        "event e: joined the queue of m",
        "event e: reading its stream",
        "event e: started",
        "event e: first text",
        "event e: complete",
        "event e: joined the queue of m",
        "event e: reading its stream",
        "event e: ended by StreamInterruptedError",
        "event e: cancelling",
    ]


async def test_it_logs_nothing_of_an_event_before(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def steps(_: Budget) -> Steps[object]:
        yield Connect("http://space", {})
        yield from generate(event("first"))
        return (yield from generate(event("fails")))

    caplog.set_level(logging.DEBUG, "spacechat")
    engine = AsyncEngine(Script(steps=steps, model="m"), Settings(retries=0))
    server.send("one")
    with pytest.raises(errors.StreamInterruptedError):
        await outcome_of(engine)
    assert caplog.messages[-2:] == [
        "event e: complete",
        "question to m: ended by StreamInterruptedError",
    ]


async def test_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def steps(_: Budget) -> Steps[None]:
        yield Pause(3.0)

    async def sleep(pause: float) -> None:
        slept.append(pause)

    monkeypatch.setattr(anyio, "sleep", sleep)
    await outcome_of(AsyncEngine(Script(steps=steps), Settings()))
    assert slept == [3.0]


@pytest.mark.parametrize("are_there", [True, False])
async def test_connections_that_are_kept_are_closed(are_there: bool) -> None:
    closed: list[bool] = []

    def steps(_: Budget) -> Steps[str]:
        yield CloseKept()
        return "done"

    async def aclose() -> None:
        closed.append(True)

    kept: Any = SimpleNamespace(aclose=aclose) if are_there else None
    engine = AsyncEngine(Script(steps=steps), Settings(), kept=kept)
    assert await outcome_of(engine) == "done"
    assert closed == [True] * are_there


@pytest.mark.parametrize(("check", "fails"), [("check", False), ("fails", True)])
async def test_what_is_asked_beside_an_event(server: Server, check: str, fails: bool) -> None:
    """If it fails, the event is in vain."""

    def beside() -> Steps[object]:
        yield Connect("http://space", {})
        for _ in range(5):
            yield Fetch(Request("check"))
        return (yield Fetch(Request(check)))

    def steps(_: Budget) -> Steps[list[object]]:
        yield Connect("http://space", {})
        yield Beside(beside())
        return [*(yield from generate(event("first")))]

    engine = AsyncEngine(Script(steps=steps), Settings(retries=0))
    server.send("one")
    if fails:
        with pytest.raises(errors.StreamInterruptedError):
            await outcome_of(engine)
    else:
        assert await outcome_of(engine) == ["one"]
    assert [name for name in server.asked if name != "check"][:1] == ["first"]
    assert server.asked.count("cancel first") == fails


async def test_another_app(server: Server) -> None:
    """The connection to the first is closed, and no check of it is made."""
    server.reader = b"me"

    def check() -> Steps[object]:
        yield Connect("http://space", {})
        return (yield Fetch(Request("check")))

    def steps(_: Budget) -> Steps[list[object]]:
        yield Connect("http://space", {})
        yield Beside(check())
        reader = yield Connect("http://other", {})
        assert server.uses == 1
        yield Fetch(Request("other"))
        return [reader]

    assert await outcome_of(AsyncEngine(Script(steps=steps), Settings())) == [b"me"]
    assert server.asked == ["other"]


async def test_each_of_several_checks_before_a_function_is_made_once(server: Server) -> None:
    def check(name: str) -> Steps[object]:
        yield Connect("http://space", {})
        return (yield Fetch(Request(name)))

    def steps(_: Budget) -> Steps[object]:
        yield Connect("http://space", {})
        for name in ("a", "b", "c"):
            yield Beside(check(name))
        return (yield Fetch(Request("function", {}), runs=True))

    await outcome_of(AsyncEngine(Script(steps=steps), Settings()))
    assert sorted(server.asked[:3]) == ["a", "b", "c"]
    assert server.asked[3:] == ["function"]


class TestTheStreamJoinsTheQueue:
    """As the protocol `sse` has it: inputs are sent when the server asks for them."""

    @staticmethod
    def steps(_: Budget) -> Steps[list[object]]:
        join = Request("first", {"fn_index": 3})
        step = dataclasses.replace(event("first"), join=join, asks_for_data=True)
        yield Connect("http://space", {})
        return [*(yield from generate(step))]

    async def test_inputs_are_sent_once(self, server: Server) -> None:
        engine = AsyncEngine(Script(steps=self.steps), Settings())
        server.beat()
        server.ask_for_inputs()
        server.beat()
        server.send("one")
        assert await outcome_of(engine) == ["one"]
        assert server.asked == ["first"]
        assert server.bodies == [{"fn_index": 3, "event_id": "e"}]

    async def test_one_event_after_another(self, server: Server) -> None:
        def steps(budget: Budget) -> Steps[list[object]]:
            return [*(yield from self.steps(budget)), *(yield from self.steps(budget))]

        engine = AsyncEngine(Script(steps=steps), Settings())
        for text in ("one", "two"):
            server.ask_for_inputs()
            server.send(text)
        assert await outcome_of(engine) == ["one", "two"]
        assert server.asked == ["first", "first"]

    @pytest.mark.parametrize("is_asked", [True, False])
    async def test_what_was_not_sent_is_not_cancelled(self, server: Server, is_asked: bool) -> None:
        engine = AsyncEngine(Script(steps=self.steps), Settings())
        (server.ask_for_inputs if is_asked else server.beat)()
        for _ in range(3):
            assert await engine.advance()
        await engine.aclose()
        assert server.asked == (["first", "cancel first"] if is_asked else [])
        assert server.bodies[1:] == ([{"event_id": "e"}] if is_asked else [])

    async def test_another_way_before_they_are_sent(self, server: Server) -> None:
        def steps(budget: Budget) -> Steps[list[object]]:
            try:
                return (yield from self.steps(budget))
            except errors.ProtocolError:
                return [*(yield from generate(event("second")))]

        engine = AsyncEngine(Script(steps=steps), Settings(retries=0))
        server.say_nonsense()
        server.send("two")
        assert await outcome_of(engine) == ["two"]
        assert server.asked == ["second"]


@pytest.mark.parametrize("seconds", [0.5, 8.0])
async def test_it_waits_before_another_attempt(
    server: Server, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    slept: list[float] = []
    failures = iter([errors.SpaceUnavailableError("busy", temporary=True)])

    def steps(_: Budget) -> Steps[str]:
        yield Connect("http://space", {})
        for failure in failures:
            raise failure
        return "done"

    async def sleep(pause: float) -> None:
        slept.append(pause)

    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", seconds)
    monkeypatch.setattr(random, "uniform", lambda least, most: (least + most) / 2)
    now = SimpleNamespace(monotonic=lambda: 100.0)
    for module in ("engine", "clock"):
        monkeypatch.setattr(f"spacechat.streaming.{module}.time", now)
    engine = AsyncEngine(Script(steps=steps), Settings())
    assert await outcome_of(engine) == "done"
    assert slept == [seconds]


@pytest.mark.parametrize(("read", "is_kept"), [("Hello", True), ("Hel", False), ("", False)])
async def test_what_a_reader_in_another_thread_has_read(
    server: Server, read: str, is_kept: bool
) -> None:
    """The answer is complete if that is all of it."""
    question: Message = {"role": "user", "content": "Hi"}
    said = Conversation(session_hash="s", messages=[question])
    exchange = Exchange(provider=SPACE, model="m", conversation=said, steps=lambda _: hello())
    engine = AsyncEngine(exchange, Settings())
    assert await outcome_of(engine) is None
    engine.forget_unread(read)
    assert (engine.outcome is not None) == is_kept
    answer = {"role": "assistant", "content": "Hello"}
    assert engine.script.conversation.messages == [question, *([answer] if is_kept else [])]


def hello() -> Steps[None]:
    yield Connect("http://space", {})
    yield Show("Hello", ReadAnswer(0))


async def test_what_comes_with_the_end_can_be_read(server: Server) -> None:
    engine = AsyncEngine(Script(steps=lambda _: hello()), Settings())
    read: list[Event] = []
    with anyio.fail_after(waiting.LONGEST):
        while await engine.advance():
            read += engine.events
            engine.events.clear()
    assert read == [events.TextDelta("Hello"), events.Completed("Hello")]


@pytest.mark.parametrize("way", ["aclose", "leave"])
async def test_closing(server: Server, way: str) -> None:
    engine = AsyncEngine(Script(steps=two_functions), Settings())
    for _ in range(2):
        assert await engine.advance()
    assert (engine.state, engine.is_connected) == ("waiting", True)
    for _ in range(2):
        await (engine.aclose() if way == "aclose" else engine.leave(None))
        assert (engine.state, engine.is_connected) == ("closed", False)
        assert not await engine.advance()
    assert server.asked == ["first", "cancel first"]


async def test_when_an_event_begins_and_answers(server: Server) -> None:
    engine = AsyncEngine(Script(steps=two_functions), Settings())
    server.start()
    server.send("one")
    server.send("two")
    await outcome_of(engine)
    assert engine.outcome is not None
    timings = engine.outcome.timings
    assert timings.queued is not None
    assert timings.first_text is not None
    assert timings.queued <= timings.first_text <= timings.total


@pytest.mark.parametrize("way", ["block", "events"])
async def test_closing_a_face(server: Server, way: str) -> None:
    """The end of a block closes it, and so does closing its iterator of events."""
    run = AsyncRun(Script(steps=functions_of_values, model="/f"), Settings())
    assert repr(run) == "<AsyncRun of '/f' waiting>"
    if way == "block":
        async with run:
            assert await run.engine.advance()
    else:
        found: Any = run.events()
        assert await run.engine.advance()
        assert run.engine.is_connected
        await found.aclose()
    assert (run.engine.state, run.engine.is_connected) == ("closed", False)


def functions_of_values(budget: Budget) -> Steps[tuple[Any, ...]]:
    return tuple((yield from two_functions(budget)))


async def test_a_stream_that_is_dropped(server: Server) -> None:
    said = Conversation(session_hash="s", messages=[{"role": "user", "content": "Hi"}])
    exchange = Exchange(
        provider=SPACE, model="m", conversation=said, steps=lambda _: hello_and_more()
    )
    stream = AsyncChatStream(exchange, Settings())
    assert await stream.__anext__() == "Hello"
    with pytest.warns(ResourceWarning, match="'m' .* was dropped before its end") as told:
        del stream
    assert {each.filename for each in told} == {__file__}
    await server.aclose()


def hello_and_more() -> Steps[None]:
    yield from hello()
    yield Pause(1000)


def a_request(_: Budget) -> Steps[object]:
    yield Connect("http://space", {})
    return (yield Fetch(Request("waits")))


async def test_closed_while_it_waits_for_another_attempt(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 0

    def steps(_: Budget) -> Steps[None]:
        nonlocal begun
        begun += 1
        yield Connect("http://space", {})
        raise errors.SpaceUnavailableError("busy", temporary=True)

    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", 30.0)
    engine = AsyncEngine(Script(steps=steps), Settings())

    async def read() -> None:
        with pytest.raises(errors.StreamInterruptedError, match="closed before its end"):
            await engine.complete()

    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            await engine.aclose()
    assert begun == 1


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ValueError("odd"), errors.ProtocolError),
        (TypeError("no JSON"), TypeError),
        (errors.StreamInterruptedError("cut"), errors.StreamInterruptedError),
    ],
)
async def test_an_error_of_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception, raised: type[Exception]
) -> None:
    async def fails() -> bytes:
        raise error

    monkeypatch.setattr(server, "next_data", fails)
    engine = AsyncEngine(Script(steps=two_functions), Settings(retries=0))
    with anyio.fail_after(waiting.LONGEST), pytest.raises(raised) as caught:
        await engine.complete()
    assert str(error) in str(caught.value)
    assert engine.state == "closed"


@pytest.mark.parametrize(
    ("known", "runs", "once", "may_have_run"),
    [
        ({}, True, True, True),
        ({"status": 500}, True, True, True),
        ({}, True, False, False),
        ({}, False, True, False),
        ({"reached": False}, True, True, False),
        ({"status": 429}, True, True, False),
        ({"status": 503}, True, True, False),
    ],
)
async def test_a_function_that_may_have_run(
    server: Server, known: dict[str, Any], runs: bool, once: bool, may_have_run: bool
) -> None:
    """A request that was refused, or never arrived, has no function run."""

    def steps(_: Budget) -> Steps[object]:
        yield Connect("http://space", {})
        return (yield Fetch(Request("fails", {}), runs=runs))

    for name, value in known.items():
        setattr(server.failure, name, value)
    engine = AsyncEngine(Script(steps=steps, once=once), Settings(retries=0))
    with pytest.raises(errors.StreamInterruptedError) as caught:
        await engine.complete()
    assert caught.value.may_have_run == may_have_run
    assert server.may_repeat == (not (runs and once))


async def test_closed_while_a_request_is_made(server: Server) -> None:
    engine = AsyncEngine(Script(steps=a_request), Settings())

    async def read() -> None:
        with pytest.raises(errors.StreamInterruptedError, match="closed before its end"):
            await engine.complete()

    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            await engine.aclose()


@pytest.mark.parametrize("steps", [a_request, two_functions])
async def test_who_is_cancelled_in_a_stream_that_is_closed_stays_cancelled(
    server: Server, steps: Any
) -> None:
    engine = AsyncEngine(Script(steps=steps), Settings())
    went_on = False

    async def read() -> None:
        nonlocal went_on
        while await engine.advance():
            pass
        went_on = True

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await engine.aclose()
    assert not went_on


def gone(_: Budget) -> Steps[None]:
    yield Connect("http://space", {})
    raise errors.SpaceUnavailableError("It is gone.")


async def never_done(error: errors.SpaceChatError) -> None:
    """Advice that takes for ever, and has said something already."""
    error.args = (f"{error} Ask another.",)
    await anyio.sleep_forever()


async def test_advice_takes_no_more_than_the_total_timeout(server: Server) -> None:
    settings = Settings(retries=0, timeout=Timeout(total=0.2))
    engine = AsyncEngine(Script(steps=gone), settings, advise=never_done)
    with anyio.fail_after(waiting.LONGEST), pytest.raises(errors.SpaceUnavailableError) as caught:
        await engine.complete()
    assert str(caught.value) == "It is gone. Ask another."


async def test_closing_a_stream_ends_its_advice(server: Server) -> None:
    advising = anyio.Event()

    async def advise(error: errors.SpaceChatError) -> None:
        advising.set()
        await never_done(error)

    engine = AsyncEngine(Script(steps=gone), Settings(retries=0), advise=advise)

    async def read() -> None:
        with pytest.raises(errors.SpaceUnavailableError, match="Ask another"):
            await engine.complete()

    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await advising.wait()
            await engine.aclose()


async def test_closed_in_the_turn_in_which_the_last_message_comes(server: Server) -> None:
    """The answer was not read to its end, so it is none, and no further function is called."""
    said = Conversation(session_hash="s", messages=[{"role": "user", "content": "Hi"}])

    def steps(budget: Budget) -> Steps[None]:
        yield from two_functions(budget)

    exchange = Exchange(provider=SPACE, model="m", conversation=said, steps=steps)
    stream = AsyncChatStream(exchange, Settings())
    raised: list[errors.SpaceChatError] = []

    async def read() -> None:
        with pytest.raises(errors.StreamInterruptedError) as info:
            await stream.reply()
        raised.append(info.value)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        server.send("one")
        await stream.aclose()
    assert len(raised) == 1
    assert server.asked == ["first", "cancel first"]
    assert [each["role"] for each in said.messages] == ["user"]
    with pytest.raises(errors.SpaceChatError, match="This stream is closed"):
        await stream.__aenter__()

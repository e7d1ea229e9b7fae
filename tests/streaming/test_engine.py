"""The engine, run by hand: what a script gets of each of its steps, and what it logs."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from spacechat import Conversation, errors, events
from spacechat.events import Event
from spacechat.messages import Message
from spacechat.protocol import Budget
from spacechat.settings import Settings
from spacechat.steps import (
    Beside,
    CloseKept,
    Connect,
    Exchange,
    Fetch,
    Pause,
    Request,
    Script,
    Steps,
    generate,
)
from spacechat.streaming.engine import AsyncEngine
from spacechat.transport.connection import LAST_ENDING
from tests import waiting
from tests.samples import SPACE
from tests.streaming.scripted import Server, event, hello, outcome_of, two_functions

pytestmark = pytest.mark.anyio


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


async def test_what_is_said_of_another_event(server: Server) -> None:
    engine = AsyncEngine(Script(steps=two_functions), Settings())
    server.send("another's", "other")
    server.send("one")
    server.send("two")
    assert await outcome_of(engine) == ["one", "two"]


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


@pytest.mark.parametrize(("first", "told"), [("fails", False), ("first", True)])
async def test_what_is_given_up_is_cancelled_if_it_had_begun(
    server: Server, first: str, told: bool
) -> None:
    def steps(_: Budget) -> Steps[list[object]]:
        yield Connect("http://space", {})
        with contextlib.suppress(errors.SpaceChatError):
            yield from generate(event(first))
        return [*(yield from generate(event("second")))]

    engine = AsyncEngine(Script(steps=steps), Settings(retries=0))
    if told:
        server.start()
        server.cut()
    server.send("two")
    assert await outcome_of(engine) == ["two"]
    assert server.asked == [first, *["cancel first"] * told, "second"]


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


async def test_what_comes_with_the_end_can_be_read(server: Server) -> None:
    engine = AsyncEngine(Script(steps=lambda _: hello()), Settings())
    read: list[Event] = []
    with anyio.fail_after(waiting.LONGEST):
        while await engine.advance():
            read += engine.events
            engine.events.clear()
    assert read == [events.TextDelta("Hello"), events.Completed("Hello")]


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

"""The engine, run by hand: what becomes of one that is closed, cut or cancelled."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from spacechat import AsyncChatStream, Conversation, errors
from spacechat.protocol import Budget
from spacechat.settings import Settings, Timeout
from spacechat.steps import (
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
from spacechat.streaming.run import AsyncRun
from tests import waiting
from tests.samples import SPACE
from tests.streaming.scripted import Server, event, hello, outcome_of, two_functions

pytestmark = pytest.mark.anyio


async def close_while_it_is_read(
    engine: AsyncEngine[Script[Any]],
    kind: type[errors.SpaceChatError] = errors.StreamInterruptedError,
    says: str = "closed before its end",
) -> None:
    async def read() -> None:
        with pytest.raises(kind, match=says):
            await engine.complete()

    with anyio.fail_after(waiting.LONGEST):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            await engine.aclose()


async def test_a_join_that_names_no_event(server: Server) -> None:
    """There is nothing to cancel."""

    def steps(_: Budget) -> Steps[object]:
        yield Connect("http://space", {})
        return (yield from generate(event("nameless")))

    with pytest.raises(errors.ProtocolError, match="names no event"):
        await outcome_of(AsyncEngine(Script(steps=steps), Settings(retries=0)))
    assert server.asked == ["nameless"]


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
    assert server.opened == 1


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
    await close_while_it_is_read(engine)
    assert begun == 1


async def test_closed_while_a_request_is_made(server: Server) -> None:
    engine = AsyncEngine(Script(steps=a_request), Settings())
    await close_while_it_is_read(engine)


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
    await close_while_it_is_read(engine, errors.SpaceUnavailableError, "Ask another")
    assert advising.is_set()


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

"""The engine, run by hand: what a script gets, and what becomes of one that is closed."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

from spacechat import AsyncChatStream, Conversation, errors
from spacechat.protocol import Budget, ReadAnswer
from spacechat.settings import Settings, Timeout
from spacechat.steps import (
    Connect,
    Exchange,
    Fetch,
    Generate,
    Request,
    Response,
    Script,
    Steps,
    generate,
)
from spacechat.streaming.engine import AsyncEngine
from tests.samples import SPACE

pytestmark = pytest.mark.anyio


class Server:
    """A connection without a network: it takes each request, and gives the messages put into it.

    Attributes:
        asked: The addresses of the requests.
        reader: Its requests carry no credentials.
    """

    reader: bytes = b""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._put, self._messages = anyio.create_memory_object_stream[bytes](10)

    def send(self, text: str) -> None:
        """Complete the event with an answer."""
        output = {"data": [text]}
        message = {"msg": "process_completed", "event_id": "e", "success": True, "output": output}
        self._put.send_nowait(json.dumps(message).encode())

    async def fetch(self, step: Fetch, *, may_repeat: bool = True) -> Response:
        self.asked.append(step.request.url)
        return Response(b'{"event_id": "e"}')

    async def next_data(self) -> bytes:
        return await self._messages.receive()

    async def open_events(self, _: str, unfinished: str = "") -> None: ...

    async def end_events(self, within: float = 1.0) -> None: ...

    async def close_events(self) -> None: ...

    def extend(self, _: float) -> None: ...

    def is_sent(self) -> bool:
        return True

    async def aclose(self) -> None:
        self._put.close()
        self._messages.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()

    def connection(*_: Any, **__: Any) -> Server:
        return found

    monkeypatch.setattr("spacechat.streaming.runner.Connection", connection)
    return found


def event(name: str) -> Generate:
    return Generate(Request(name, {}), "events", Request(f"cancel {name}", {}), ReadAnswer(0))


def two_functions(_: Budget) -> Steps[list[object]]:
    yield Connect("http://space", {})
    outputs = [*(yield from generate(event("first")))]
    return [*outputs, *(yield from generate(event("second")))]


async def test_a_script_returns_a_value(server: Server) -> None:
    engine = AsyncEngine(Script(steps=two_functions), Settings())
    server.send("one")
    server.send("two")
    outcome = await engine.complete()
    assert outcome.value == ["one", "two"]
    assert server.asked == ["first", "second"]
    assert engine.state == "closed"
    assert not engine.is_connected


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
    with anyio.fail_after(60), pytest.raises(errors.SpaceUnavailableError) as caught:
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

    with anyio.fail_after(60):
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

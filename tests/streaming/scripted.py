"""An engine without a network: a server by script, and steps of functions."""

from __future__ import annotations

import json
from typing import Any

import anyio
import anyio.lowlevel

from spacechat import errors
from spacechat.protocol import Budget, ReadAnswer
from spacechat.steps import (
    Connect,
    Fetch,
    Generate,
    Request,
    Response,
    Script,
    Show,
    Steps,
    generate,
)
from spacechat.streaming.engine import AsyncEngine
from tests import waiting


class Server:
    """A connection without a network: it takes each request, and gives the messages put into it.

    Attributes:
        asked: The addresses of the requests.
        bodies: Their bodies.
        opened: How many streams were opened.
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
        self.opened = 0
        self.endings: list[float] = []
        self.failure = errors.StreamInterruptedError("It was cut.")
        self.may_repeat = True
        self.uses = 0
        self.closed = anyio.Event()
        self._put, self._messages = anyio.create_memory_object_stream[bytes](10)

    def send(self, text: str, event_id: str = "e") -> None:
        """Complete the event with an answer."""
        output = {"data": [text]}
        self._send("process_completed", event_id=event_id, success=True, output=output)

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
        message = {"event_id": "e", "msg": kind, **more}
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
        return Response(b"{}" if step.request.url == "nameless" else b'{"event_id": "e"}')

    async def next_data(self) -> bytes:
        data = await self._messages.receive()
        if not data:
            raise errors.StreamInterruptedError("It was cut.")
        return data

    async def open_events(self, _: str, unfinished: str = "") -> None:
        self.opened += 1

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


def event(name: str) -> Generate:
    return Generate(Request(name, {}), "events", Request(f"cancel {name}", {}), ReadAnswer(0))


def two_functions(_: Budget) -> Steps[list[object]]:
    yield Connect("http://space", {})
    outputs = [*(yield from generate(event("first")))]
    return [*outputs, *(yield from generate(event("second")))]


def hello() -> Steps[None]:
    yield Connect("http://space", {})
    yield Show("Hello", ReadAnswer(0))


async def outcome_of(engine: AsyncEngine[Script[Any]]) -> Any:
    """What an engine comes to, in a few turns."""
    with anyio.fail_after(waiting.LONGEST):
        for _ in range(20):
            if not await engine.advance():
                assert engine.outcome is not None
                return engine.outcome.value
    raise AssertionError("It does not end.")

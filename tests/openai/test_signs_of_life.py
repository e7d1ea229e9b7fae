"""What a client gets that waits for a stream, and how a response is begun and ended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import anyio
import pytest
from anyio.lowlevel import checkpoint

from spacechat.openai import sent_response
from spacechat.openai.http_response import HttpResponse
from spacechat.openai.refusals import bad_request
from spacechat.openai.sent_response import SentResponse

if TYPE_CHECKING:
    from starlette.types import Message

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

SIGN = b": the Space is at work\n\n"


class Client:
    """Takes all that is sent.

    Attributes:
        started: The status and the headers of each response.
        sent: The parts of the bodies.
        is_over: Whether the last part has come.
    """

    def __init__(self) -> None:
        self.started: list[tuple[int, dict[bytes, bytes]]] = []
        self.sent: list[bytes] = []
        self.is_over = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started.append((message["status"], dict(message["headers"])))
            return
        assert not self.is_over
        self.sent.append(message["body"])
        self.is_over = not message["more_body"]


class Clock:
    """A clock that goes on when somebody sleeps.

    Attributes:
        now: The time.
        slept: How long each sleep was.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        monkeypatch.setattr(sent_response, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(anyio, "sleep", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await checkpoint()


async def beats(out: SentResponse, clock: Clock, count: int) -> None:
    """Let signs of life be sent until so many sleeps are over."""
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(out.beat)
            while len(clock.slept) < count:
                await checkpoint()
            tasks.cancel_scope.cancel()


async def test_a_sign_whenever_it_was_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    client, clock = Client(), Clock(monkeypatch)
    await beats(SentResponse(client.send), clock, 4)
    assert clock.slept == [15.0] * 4
    assert client.sent == [SIGN] * 3
    assert [status for status, _ in client.started] == [200]
    assert client.started[0][1][b"content-type"].startswith(b"text/event-stream")


async def test_a_sign_at_once_where_it_was_quiet_for_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, clock = Client(), Clock(monkeypatch)
    out = SentResponse(client.send)
    clock.now += 20
    await beats(out, clock, 2)
    assert clock.slept == [0.0, 15.0]
    assert client.sent == [SIGN]


async def test_what_was_sent_puts_the_next_sign_off(monkeypatch: pytest.MonkeyPatch) -> None:
    client, clock = Client(), Clock(monkeypatch)
    out = SentResponse(client.send)
    clock.now += 10
    await out.write(b"Hi")
    clock.now += 4
    await beats(out, clock, 2)
    assert clock.slept == [11.0, 15.0]
    assert client.sent == [b"Hi", SIGN]


async def test_what_is_sent_while_a_sign_waits_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, clock = Client(), Clock(monkeypatch)
    out = SentResponse(client.send)
    sleep = clock._sleep

    async def writing(seconds: float) -> None:
        await sleep(seconds)
        if len(clock.slept) == 1:
            await out.write(b"Hi")

    monkeypatch.setattr(anyio, "sleep", writing)
    await beats(out, clock, 2)
    assert client.sent == [b"Hi"]


@pytest.mark.parametrize("how", ["whole", "end", "refuse"])
async def test_none_after_the_end(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    client, clock = Client(), Clock(monkeypatch)
    out = SentResponse(client.send)
    if how == "whole":
        await out.whole(HttpResponse.json(b"{}"))
    else:
        await out.write(b"Hi")
        await (out.end() if how == "end" else out.refuse(bad_request("No.")))
    assert client.is_over
    with anyio.fail_after(5):
        await out.beat()
    assert clock.slept == []


async def test_a_refusal_in_the_place_of_an_answer() -> None:
    client = Client()
    out = SentResponse(client.send)
    assert not out.begun
    await out.refuse(bad_request("No."))
    assert out.begun
    (started,) = client.started
    assert started == (
        400,
        {
            b"content-type": b"application/json",
            b"content-length": str(len(client.sent[0])).encode(),
        },
    )


async def test_a_refusal_within_a_stream() -> None:
    client = Client()
    out = SentResponse(client.send)
    await out.write(SIGN)
    await out.refuse(bad_request("No."))
    assert client.sent[0] == SIGN
    assert client.sent[1].startswith(b'data: {"error":{"message":"No."')
    assert client.sent[1].endswith(b"}\n\n")
    assert (client.sent[2:], client.is_over, len(client.started)) == ([b""], True, 1)


async def test_the_headers_of_a_stream() -> None:
    """Nothing on the way may keep its pieces back."""
    client = Client()
    out = SentResponse(client.send)
    out.headers = {"content-type": "text/plain", "x-name": "a"}
    await out.write(b"Hi")
    assert client.started == [
        (
            200,
            {
                b"content-type": b"text/plain",
                b"x-name": b"a",
                b"cache-control": b"no-cache",
                b"x-accel-buffering": b"no",
            },
        )
    ]

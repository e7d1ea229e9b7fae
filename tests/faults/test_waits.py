"""Every wait of a question ends at its total timeout, and its page's heartbeat holds nothing up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

import spacechat
from spacechat import Timeout, errors, providers
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Part,
    Received,
    ReplayServer,
    Then,
    chunk,
    completed,
    generating,
    gradio,
    pairs,
)
from tests.servers.apps import app

pytestmark = pytest.mark.anyio

TOTAL = 0.5
LATE = 2.0
"""Seconds after the total timeout that a busy machine may take, and telling the Space to stop."""

both = pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)


class Dripping(ReplayServer):
    """A server of an app with a heartbeat, some of whose answers drip, without end."""

    def __init__(self, drips: dict[str, tuple[bytes, bytes]]) -> None:
        super().__init__(self.tell)
        self.drips = drips

    def tell(self, request: Received) -> Iterable[Part]:
        word = "heartbeat" if "/heartbeat/" in request.path else request.path.rpartition("/")[2]
        if word in self.drips:
            return self.drip(*self.drips[word])
        if word == "config":
            return [app(connect_heartbeat=True)]
        if word == "heartbeat":
            return [EVENTS_HEAD, chunk(b"data: ALIVE\n\n"), Then.HANG]
        return gradio(generating("Hel"), completed("Hello"), CLOSE_STREAM)(request)

    def drip(self, first: bytes, again: bytes) -> Iterator[Part]:
        yield first
        while not self.stopping.wait(0.02):
            yield again


HEAD = (b"HTTP/1.1 200 OK\r\nx: ", b"x")
HEADERS = (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n")
STATUS = (b"HTTP/1.1 200 O", b"K")
INTERIM = (b"", b"HTTP/1.1 102 Processing\r\n\r\n")
BODY = (b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b" ")
EXTENSION = (EVENTS_HEAD + b"5;", b"x")
TRAILERS = (EVENTS_HEAD + b"0\r\nx: ", b"x")
COMMENTS = (EVENTS_HEAD, chunk(b": ping\n\n"))
DRIPS = {
    "one header": HEAD,
    "headers": HEADERS,
    "status": STATUS,
    "interim": INTERIM,
    "body": BODY,
    "extension": EXTENSION,
    "trailers": TRAILERS,
    "comments": COMMENTS,
}


WHERE = [
    pytest.param(where, drip, id=f"{where}-{name}")
    for name, drip in DRIPS.items()
    for where in (("config", "join", "data") if drip in (HEAD, INTERIM) else ("data",))
]


def client(**limits: Any) -> spacechat.AsyncClient:
    timeout = Timeout(**{"connect": 30, "idle": 30, "total": TOTAL, **limits})
    return spacechat.AsyncClient(retries=0, timeout=timeout)


@both
@pytest.mark.parametrize(("where", "drip"), WHERE)
async def test_a_question_ends_at_its_total_timeout(
    where: str, drip: tuple[bytes, bytes], fast: bool
) -> None:
    with Dripping({where: drip}) as server:
        began = time.monotonic()
        with pytest.raises(errors.StreamTimeoutError, match="total timeout"):
            async with client() as asking:
                await asking.ask("Hi", model=server.url)
        assert TOTAL <= time.monotonic() - began < TOTAL + LATE


@pytest.mark.parametrize("drip", [EXTENSION, TRAILERS, COMMENTS])
async def test_a_stream_that_drips_after_text(drip: tuple[bytes, bytes]) -> None:
    """What one wait for bytes waits for may come in many reads, each in time."""
    first = EVENTS_HEAD + chunk(generating(*pairs("Hel")))
    with Dripping({"data": (first + drip[0].removeprefix(EVENTS_HEAD), drip[1])}) as server:
        began = time.monotonic()
        with pytest.raises(errors.StreamTimeoutError, match="total timeout") as caught:
            async with client(idle=0.5, total=1.5) as asking:
                await asking.ask("Hi", provider=providers.Qwen_Qwen_2_72B.at(server.url))
        assert time.monotonic() - began < 1.5 + LATE
    assert caught.value.partial_text == "Hel"


@both
@pytest.mark.parametrize("drip", [HEAD, INTERIM, (b"", b"")], ids=["head", "interim", "silence"])
async def test_a_heartbeat_delays_no_question(drip: tuple[bytes, bytes], fast: bool) -> None:
    """The least of several tries is little more than without one, and only the first of a page."""
    with Dripping({"heartbeat": drip}) as server:
        taken: list[float] = []
        for _ in range(2):
            async with (
                client(total=60) as asking,
                asking.conversation(model=server.url) as chat,
            ):
                began = time.monotonic()
                assert (await chat.ask("Hi")).text == "Hello"
                taken.append(time.monotonic() - began)
                await asking.ask("Hi", model=server.url)
                began = time.monotonic()
                assert (await chat.ask("Hi")).text == "Hello"
                again = time.monotonic() - began
        assert min(taken) < 1.0 + 1.0
        assert again < 1.0


@both
@pytest.mark.parametrize("drip", [HEAD, INTERIM, (b"", b"")], ids=["head", "interim", "silence"])
@pytest.mark.parametrize("total", [0.5, 2.0])
async def test_a_heartbeat_takes_no_more_than_a_part_of_the_time(
    drip: tuple[bytes, bytes], total: float, fast: bool
) -> None:
    """A question has a total timeout that an answer without heartbeat is well in time for."""
    answer = ""
    with Dripping({"heartbeat": drip}) as server:
        for _ in range(3):  # A busy machine may be late.
            try:
                async with (
                    client(total=total) as asking,
                    asking.conversation(model=server.url) as chat,
                ):
                    answer = (await chat.ask("Hi")).text
                    break
            except errors.StreamTimeoutError:
                continue
    assert answer == "Hello"

"""What a connection makes of responses, whichever transport brings them."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from spacechat import errors
from spacechat.protocol import Budget
from spacechat.settings import Limits, Settings, Timeout
from spacechat.steps import Download, Fetch, OutgoingFile, Request, Save, Upload
from spacechat.transport.bodies import LARGEST_READ
from spacechat.transport.connection import LAST_ENDING, Connection
from tests.servers import ReplayServer, Then, until
from tests.servers.memory import mock
from tests.sinks import Kept

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

URL = "http://space.test"
MESSAGE = 1000
"""Bytes that a message may have here."""
TOO_LONG = "sent a message of more than 1000 bytes"


class Body(httpx.AsyncByteStream):
    """A body in pieces; then an error, its end, or nothing more.

    Attributes:
        left: The pieces that were not read.
        closed: Whether it was closed.
    """

    def __init__(
        self, *pieces: bytes, error: Exception | None = None, silent: bool = False
    ) -> None:
        self.closed = False
        self.left = [*pieces]
        self._error = error
        self._silent = silent

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.closed:
            raise StopAsyncIteration
        await anyio.lowlevel.checkpoint()
        if self.left:
            return self.left.pop(0)
        if self._silent:
            await anyio.sleep_forever()
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


def events(*pieces: bytes, **how: Any) -> httpx.Response:
    stream = Body(*pieces, **how)
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)


def body_of(response: httpx.Response) -> Body:
    assert isinstance(response.stream, Body)
    return response.stream


Connect = Callable[..., Connection]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Makes a connection whose requests are answered with the responses given, in order."""

    def connection(
        *responses: httpx.Response,
        budget: Budget | None = None,
        deadline: float = math.inf,
        **settings: Any,
    ) -> Connection:
        left = [*responses]
        mock(monkeypatch, lambda _: left.pop(0))
        settings.setdefault("token", "")
        found = Settings(limits=Limits(message=MESSAGE, messages=3), **settings)
        return Connection(URL, found, {}, deadline, budget or Budget(found.limits))

    return connection


async def data(connection: Connection, unfinished: str = "before its end") -> list[bytes]:
    """The data of a stream's events."""
    await connection.open_events(f"{URL}/queue/data", unfinished)
    found = []
    while (one := await connection.next_data()) is not None:
        found.append(one)
    return found


fetch = functools.partial(Fetch, Request(f"{URL}/config"))


def file(largest: int = 1 << 30, received: int = 0) -> Save:
    download = Download("a", Kept(), largest, received, '"v1"' if received else "")
    return Save(Request(f"{URL}/file=a"), download)


class TestPlain:
    async def test_an_answer_larger_than_a_message(self, connect: Connect) -> None:
        """One that asks for it may have as much; the next may not."""
        most = b"x" * (MESSAGE + LARGEST_READ)
        connection = connect(
            *(httpx.Response(200, stream=Body(b"x" * 5000, most)) for _ in range(2)),
            httpx.Response(200, stream=Body(most)),
            httpx.Response(200, stream=Body(b"x", most)),
        )
        with pytest.raises(errors.ProtocolError, match="an answer of more than 4,999 bytes"):
            await connection.fetch(fetch(MESSAGE + 3999))
        assert (await connection.fetch(fetch(6000))).body == b"x" * 5000 + most
        assert (await connection.fetch(fetch())).body == most
        with pytest.raises(errors.ProtocolError, match=TOO_LONG):
            await connection.fetch(fetch())

    async def test_files_that_are_sent(self, connect: Connect) -> None:
        """The answer to them is no larger than a message, whatever was asked before."""
        connection = connect(
            httpx.Response(200, content=b"{}"),
            httpx.Response(200, content=b'["a"]'),
            httpx.Response(200, stream=Body(b"x" * (MESSAGE + LARGEST_READ + 1))),
        )
        await connection.fetch(fetch(1 << 20))
        upload = Upload(f"{URL}/upload", [OutgoingFile("a", "text/plain", b"a")])
        assert (await connection.fetch(upload)).body == b'["a"]'
        with pytest.raises(errors.ProtocolError, match=TOO_LONG):
            await connection.fetch(upload)
        await connection.aclose()
        with pytest.raises(errors.SpaceUnavailableError, match="The connection was closed"):
            await connection.fetch(upload)

    @pytest.mark.parametrize("runs", [True, False])
    async def test_whose_failure_it_is(self, connect: Connect, runs: bool) -> None:
        connection = connect(httpx.Response(500, json={"error": "No rain."}))
        with pytest.raises(errors.SpaceChatError) as caught:
            await connection.fetch(fetch(runs=runs))
        assert isinstance(caught.value, errors.GenerationError) is runs

    @pytest.mark.parametrize(("headers", "public"), [({}, True), ({"cookie": "a=b"}, False)])
    async def test_whether_anybody_may_see_it(
        self, connect: Connect, headers: dict[str, str], public: bool
    ) -> None:
        connection = connect(httpx.Response(200), headers=headers)
        assert (await connection.fetch(fetch())).public is public
        assert (connection.reader == b"") is public

    async def test_one_that_is_compressed(self, connect: Connect) -> None:
        response = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Body(b"x"))
        body = body_of(response)
        with pytest.raises(errors.ProtocolError, match="compressed its answer"):
            await connect(response).fetch(fetch())
        assert body.closed
        assert body.left == [b"x"]

    async def test_one_for_which_more_time_is_allowed(self, connect: Connect) -> None:
        connection = connect(httpx.Response(200), deadline=time.monotonic() - 1)
        with pytest.raises(errors.StreamTimeoutError, match="total timeout"):
            await connection.fetch(fetch())
        connection.extend(60)
        assert (await connection.fetch(fetch())).body == b""


class TestFiles:
    @pytest.mark.parametrize("headers", [{}, {"content-length": "300000"}])
    async def test_one_larger_than_a_message(
        self, connect: Connect, headers: dict[str, str]
    ) -> None:
        pieces = [b"%d" % index * 100_000 for index in range(3)]
        response = httpx.Response(200, headers=headers, stream=Body(*pieces))
        step = file()
        await connect(response).save(step)
        assert step.download.sink.data == b"".join(pieces)  # type: ignore[attr-defined]

    async def test_one_that_is_cut_short(self, connect: Connect) -> None:
        response = httpx.Response(200, headers={"content-length": "3"}, stream=Body(b"ab"))
        with pytest.raises(errors.StreamInterruptedError, match="less of the file than it said"):
            await connect(response).save(file())

    async def test_one_that_is_too_large(self, connect: Connect) -> None:
        response = httpx.Response(200, stream=Body(b"ab", b"cd"))
        body = body_of(response)
        with pytest.raises(errors.ProtocolError, match="more than 3 bytes"):
            await connect(response).save(file(3))
        assert body.closed

    @pytest.mark.parametrize(
        ("status", "received", "begins_anew"), [(416, 5, True), (416, 0, False), (500, 5, False)]
    )
    async def test_one_that_is_refused(
        self, connect: Connect, status: int, received: int, begins_anew: bool
    ) -> None:
        step = file(received=received)
        with pytest.raises(errors.SpaceChatError) as caught:
            await connect(httpx.Response(status, json={"error": "x"})).save(step)
        assert isinstance(caught.value, errors.StreamInterruptedError) is begins_anew
        assert not isinstance(caught.value, errors.GenerationError), "no function was asked for"
        assert step.download.received == (0 if begins_anew else received)


class TestEvents:
    async def test_one_stream_after_another(self, connect: Connect) -> None:
        """Nothing of the first one is part of the second, and neither of any message of them."""
        broken = events(b"data: a\n\nda", error=httpx.ReadError("gone"))
        body = body_of(broken)
        connection = connect(broken, events(b"ta: b\n\ndata: c\n\n"))
        with pytest.raises(errors.StreamInterruptedError) as caught:
            await data(connection, "before it said a word")
        assert str(caught.value) == f"The connection to {URL} broke (gone) before it said a word."
        assert not body.closed
        await connection.close_events()
        assert body.closed
        assert await connection.next_data() is None
        assert await data(connection) == [b"c"]

    async def test_one_that_is_left(self, connect: Connect) -> None:
        """What came and was not asked for is dropped."""
        connection = connect(events(b"data: a\n\ndata: b\n\n"), events(b"data: c\n\n"))
        assert await connection.next_data() is None
        await connection.open_events(f"{URL}/queue/data")
        assert await connection.next_data() == b"a"
        await connection.close_events()
        assert await connection.next_data() is None
        assert await data(connection) == [b"c"]

    async def test_an_error_does_not_hold_what_was_sent(self, connect: Connect) -> None:
        error = httpx.ReadError("gone")
        with pytest.raises(errors.StreamInterruptedError) as caught:
            await data(connect(events(error=error)))
        assert error.__traceback__ is None
        assert caught.value.__suppress_context__

    async def test_one_that_is_refused(self, connect: Connect) -> None:
        """To ask for a stream is to have no function run."""
        with pytest.raises(errors.SpaceUnavailableError, match="The app failed to take"):
            await data(connect(httpx.Response(500, json={"error": "No rain."})))

    @pytest.mark.parametrize(
        ("kind", "says"), [("text/html", "text/html"), ("", "an unnamed type")]
    )
    async def test_what_is_no_stream(self, connect: Connect, kind: str, says: str) -> None:
        response = httpx.Response(200, headers={"content-type": kind}, content=b"<p>Hello")
        with pytest.raises(errors.ProtocolError) as caught:
            await data(connect(response))
        assert str(caught.value) == (
            f"{URL} answered with {says} where a stream of events was expected: 'Hello'. Is it a "
            "Gradio app?"
        )

    async def test_messages_that_are_as_long_as_they_may_be(self, connect: Connect) -> None:
        """Many of them together are longer than all that may be held."""
        budget = Budget(Limits(message=50_000, messages=10))
        message = b"data: %b\n\n" % (b"x" * 50_000)
        connection = connect(events(*[message] * 10), budget=budget)
        assert await data(connection) == [b"x" * 50_000] * 10

    async def test_one_that_is_longer(self, connect: Connect) -> None:
        connection = connect(events(b"data: %b\n\n" % (b"x" * (MESSAGE + 1))))
        with pytest.raises(errors.ProtocolError, match=TOO_LONG):
            await data(connection)

    async def test_how_many_may_come(self, connect: Connect) -> None:
        connection = connect(events(*[b"data: x\n\n"] * 4))
        await connection.open_events(f"{URL}/queue/data")
        for _ in range(3):
            assert await connection.next_data() == b"x"
        with pytest.raises(errors.ProtocolError, match="more than 3 messages in one stream"):
            await connection.next_data()

    async def test_others_have_a_turn_after_much_work(self, connect: Connect) -> None:
        """Messages that came together are taken without waiting, but for that."""
        budget = Budget(Limits(messages=100))
        connection = connect(events(b"data: x\n\n" * 100), budget=budget)
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as tasks:
            await connection.open_events(f"{URL}/queue/data")
            assert await connection.next_data() == b"x"
            tasks.start_soon(other)
            for _ in range(50):
                await connection.next_data()
            assert turns == 0
            for _ in range(20):
                budget.received += 1 << 20
                budget.begin_message()
                budget.spend(1 << 21)
                await connection.next_data()
            assert 5 <= turns <= 15
            tasks.cancel_scope.cancel()

    @pytest.mark.parametrize("silent", [True, False])
    async def test_the_end_of_one_in_which_nothing_more_is_due(
        self, connect: Connect, silent: bool
    ) -> None:
        response = events(b"data: x\n\n", b"data: y\n\n", b"data: z\n\n", silent=silent)
        body = body_of(response)
        connection = connect(response)
        await connection.open_events(f"{URL}/queue/data")
        assert await connection.next_data() == b"x"
        await connection.end_events(0.01 if silent else LAST_ENDING)
        assert (body.left, body.closed) == ([], True)
        assert await connection.next_data() is None


async def test_a_response_that_is_not_read() -> None:
    """It keeps an app's page open, and says nothing."""
    with ReplayServer(lambda _: [Then.HANG]) as server:
        settings = Settings(timeout=Timeout(idle=0.1))
        connection = Connection(server.url, settings, {}, math.inf, Budget())
        await connection.open_unread(f"{server.url}/heartbeat/a")
        await until(lambda: len(server.requests) == 1)
        await connection.aclose()


async def test_one_that_is_not_read_is_closed(connect: Connect) -> None:
    response = events(silent=True)
    body = body_of(response)
    connection = connect(response)
    await connection.open_unread(f"{URL}/heartbeat/a")
    assert not body.closed
    await connection.aclose()
    assert body.closed

"""Which connections the fast transport makes, uses again and closes."""

from __future__ import annotations

import contextlib
import gc
import math
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import trustme

from spacechat.transport.fast import FastTransport
from spacechat.transport.llhttp import ParsedResponse
from tests.servers import response
from tests.servers.memory import NO_TLS

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

URL = "http://space.test"
COMPLETE = response(b"{}")
PART = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"


def test_the_last_of_several_transfer_encodings_counts() -> None:
    for encodings, is_chunked in ((["gzip", " Chunked "], True), (["chunked", "gzip"], False)):
        parsed = ParsedResponse()
        parsed.headers = [(b"Transfer-Encoding", each.encode()) for each in encodings]
        assert parsed.is_chunked() is is_chunked
        assert parsed.ends_with_connection() is not is_chunked
        parsed.release()


class Stream:
    """A connection that brings one piece after another, and then ends.

    Attributes:
        to: The host, the port, and whether there is TLS.
        raw_socket: A socket on which nothing comes.
        has_ended: Whether its end has come already.
        until: When the newest read ends.
        closed: How often it was closed.
    """

    def __init__(self, to: tuple[str, int, bool], raw: socket.socket, pieces: deque[bytes]) -> None:
        self.to = to
        self.raw_socket = raw
        self.has_ended = False
        self.until = 0.0
        self.closed = 0
        self._pieces = pieces

    def has_more(self) -> bool:
        return self.has_ended

    async def send(self, _: bytes) -> None: ...

    async def receive(self, until: float) -> bytes:
        assert not self.has_ended, "nothing comes after its end"
        self.until = until
        self.has_ended = not self._pieces
        return b"" if self.has_ended else self._pieces.popleft()

    async def aclose(self) -> None:
        self.closed += 1


async def read(response: httpx.Response) -> bytes:
    body = b""
    async for piece in response.extensions["pieces"]:
        body += piece
        assert len(body) < 100, "it has an end"
    return body


class Made:
    """What was made.

    Attributes:
        transport: The transport.
        streams: Its connections.
    """

    def __init__(self, raw: socket.socket) -> None:
        self.transport = FastTransport(NO_TLS)
        self.streams: list[Stream] = []
        self.raw = raw
        self._pieces: deque[bytes] = deque()

    async def connect(self, host: str, port: int, tls: Any) -> Stream:
        self.streams.append(Stream((host, port, tls is NO_TLS), self.raw, self._pieces))
        return self.streams[-1]

    async def get(self, *pieces: bytes, url: str = URL, **extensions: Any) -> httpx.Response:
        self._pieces.extend(pieces)
        request = httpx.Request("GET", url, extensions=extensions)
        return await self.transport.handle_async_request(request)

    async def read(self, *pieces: bytes, url: str = URL) -> bytes:
        """The body of a response, which is closed then."""
        found = await self.get(*pieces, url=url)
        body = await read(found)
        await found.aclose()
        return body

    @property
    def closed(self) -> list[int]:
        return [each.closed for each in self.streams]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        found = Made(mine)
        monkeypatch.setattr("spacechat.transport.streams.connect", found.connect)
        yield found


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("http://space.test", ("space.test", 80, False)),
        ("https://space.test", ("space.test", 443, True)),
        ("http://space.test:7860", ("space.test", 7860, False)),
        ("https://space.test:7860", ("space.test", 7860, True)),
        ("http://space.test:443", ("space.test", 443, False)),
        ("https://space.test:80", ("space.test", 80, True)),
    ],
)
async def test_where_it_leads(made: Made, url: str, to: tuple[str, int, bool]) -> None:
    assert await made.read(COMPLETE, url=url) == b"{}"
    assert [each.to for each in made.streams] == [to]


async def test_a_complete_response_leaves_it_to_the_next_request(made: Made) -> None:
    for _ in range(3):
        assert await made.read(COMPLETE) == b"{}"
    assert made.closed == [0]
    await made.transport.aclose()
    assert made.closed == [1]


@pytest.mark.parametrize(
    "pieces",
    [
        [PART],
        [COMPLETE + b"{"],
        [COMPLETE + COMPLETE],
        [COMPLETE + b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"],
        [response(b"{}", connection="close")],
    ],
)
async def test_no_other_response_does(made: Made, pieces: list[bytes]) -> None:
    found = await made.get(*pieces)
    await anext(found.extensions["pieces"])
    await found.aclose()
    assert made.closed == [1]
    assert await made.read(COMPLETE) == b"{}"
    assert made.closed == [1, 0]
    await made.transport.aclose()
    assert made.closed == [1, 1], "each is closed once"


@pytest.mark.parametrize("broken", [b"SSH-2.0\r\n", b"HTTP/1.1 200"])
async def test_what_is_no_response(made: Made, broken: bytes) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await made.get(broken)
    assert made.closed == [1]


@pytest.mark.parametrize("framing", [b"", b"content-length: 5\r\n"])
async def test_the_end_of_a_connection_in_a_body(made: Made, framing: bytes) -> None:
    found = await made.get(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n", b"ab")
    if framing:
        with pytest.raises(httpx.RemoteProtocolError, match="too few bytes"):
            await read(found)
    else:
        assert await read(found) == b"ab"
    await found.aclose()
    assert made.closed == [1]


@pytest.mark.parametrize(
    ("timeout", "deadline", "until"),
    [(None, None, math.inf), (None, 60, 60), (5, None, 5), (5, 60, 5), (60, 5, 5)],
)
async def test_until_when_a_read_may_wait(
    made: Made, timeout: float | None, deadline: float | None, until: float
) -> None:
    before = time.monotonic()
    limits: dict[str, Any] = {} if deadline is None else {"deadline": before + deadline}
    await made.get(COMPLETE, timeout={"read": timeout}, **limits)
    (stream,) = made.streams
    assert before + until <= stream.until <= time.monotonic() + until


async def test_nothing_of_a_response_is_left_to_the_garbage_collector(made: Made) -> None:
    def alive() -> int:
        return sum(isinstance(each, ParsedResponse) for each in gc.get_objects())

    gc.disable()
    try:
        before = alive()
        await made.read(COMPLETE)
        assert alive() == before
    finally:
        gc.enable()


async def test_another_origin_has_a_connection_of_its_own(made: Made) -> None:
    for url in ("http://a.test", "http://b.test", "https://b.test", "https://b.test:1"):
        await made.read(COMPLETE, url=url)
    assert made.closed == [1, 1, 1, 0]


async def test_one_that_has_ended(made: Made) -> None:
    await made.read(COMPLETE)
    made.streams[0].has_ended = True
    await made.read(COMPLETE)
    assert made.closed == [1, 0]


async def test_one_whose_socket_was_closed(made: Made) -> None:
    await made.read(COMPLETE)
    made.raw.close()
    await made.read(COMPLETE)
    assert made.closed == [1, 0]


async def test_one_of_several_is_kept(made: Made) -> None:
    """Nothing else is left open."""
    both = [await made.get(COMPLETE) for _ in range(2)]
    for each in both:
        await read(each)
        await each.aclose()
    assert made.closed == [0, 1]
    await made.read(COMPLETE)
    assert made.closed == [0, 1]


async def test_it_is_kept_whatever_becomes_of_another(made: Made) -> None:
    first, second = [await made.get(piece) for piece in (COMPLETE, PART)]
    await read(first)
    await first.aclose()
    await second.aclose()
    assert made.closed == [0, 1]
    await made.read(COMPLETE)
    assert made.closed == [0, 1]


async def test_none_that_was_closed_is_used_again(made: Made) -> None:
    await made.read(COMPLETE)
    await made.transport.aclose()
    found = await made.get(COMPLETE)
    await read(found)
    assert made.closed == [1, 0]
    await made.transport.aclose()
    await found.aclose()
    await made.read(COMPLETE)
    assert len(made.streams) == 3
    assert made.closed[2] == 0


async def test_a_response_that_is_not_read(made: Made) -> None:
    found = await made.get(unread=True)
    assert found.status_code == 200
    assert made.closed == [0]
    await found.aclose()
    assert made.closed == [1]


def looks_with_select(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "poll")


@pytest.mark.parametrize("system", [lambda _: None, looks_with_select], ids=["", "windows"])
async def test_what_a_kept_one_shows(
    monkeypatch: pytest.MonkeyPatch,
    made: Made,
    system: Callable[[pytest.MonkeyPatch], None],
) -> None:
    mine, theirs = socket.socketpair()
    made.raw = mine
    found = await made.get(COMPLETE)
    stream = found.extensions["network_stream"]
    system(monkeypatch)
    with mine, theirs:
        assert stream.get_extra_info("socket") is mine
        assert stream.get_extra_info("ssl_object") is None
        assert stream.get_extra_info("is_readable") is False
        theirs.send(b"unasked")
        assert stream.get_extra_info("is_readable") is True
    assert stream.get_extra_info("is_readable") is True, "it was closed here"


def test_it_offers_http_1_1_alone() -> None:
    """A context that was used for more offers no more, so that no server speaks anything else."""
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    authority.configure_trust(ours)
    authority.issue_cert("space.test").configure_cert(theirs)
    theirs.set_alpn_protocols(["h2", "http/1.1"])
    ours.set_alpn_protocols(["h2"])
    FastTransport(ours)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        ours.wrap_bio(back, there, server_hostname="space.test"),
        theirs.wrap_bio(there, back, server_side=True),
    ]
    for side in [*sides, *sides]:
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert sides[1].selected_alpn_protocol() == "http/1.1"

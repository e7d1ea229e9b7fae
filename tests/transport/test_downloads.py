"""Downloads that go on where a connection broke, and what servers may say to that."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anyio
import pytest

from spacechat import errors
from tests.apis import Api
from tests.conftest import BLOCKING, BOTH_APIS, EITHER_TRANSPORT
from tests.servers import Part, Received, Then
from tests.servers.files import GOOD, FileServer

pytestmark = [pytest.mark.anyio, BOTH_APIS]

CONTENT = b"0123456789"
TAG = 'etag: "v1"'
DATED = "date: Thu, 01 Jan 2026 00:00:01 GMT", "last-modified: Thu, 01 Jan 2026 00:00:00 GMT"


def part(status: str, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""])
    return head.encode() + body


def cut(body: bytes, *headers: str, length: int = 10) -> list[Part]:
    """A file whose connection breaks."""
    return [part("200 OK", body, f"content-length: {length}", *headers), Then.CLOSE]


def rest(
    first: int, *headers: str, body: bytes | None = None, of: int = 10, length: int | None = None
) -> list[Part]:
    """The rest of the file, from a byte on."""
    body = CONTENT[first:] if body is None else body
    length = len(body) if length is None else length
    said = f"content-range: bytes {first}-{of - 1}/{of}", f"content-length: {length}"
    return [part("206 Partial Content", body, *said, *headers)]


NEW: list[Part] = [part("200 OK", b"new", "content-length: 3", 'etag: "v2"')]
NO_RANGE: list[Part] = [part("416 Range Not Satisfiable", b"", "content-length: 0")]


def ranges(server: FileServer) -> list[tuple[str | None, str | None]]:
    def of(request: Received) -> tuple[str | None, str | None]:
        return request.header("range"), request.header("if-range")

    return [of(each) for each in server.requests if "/file=" in each.target]


async def downloaded(runs_on: str, folder: Path, server: FileServer, **more: Any) -> bytes:
    """The content of the file; `read` is to give the same, and a failure to leave nothing."""
    async with Api(runs_on == BLOCKING).client(**more) as client:
        file = (await client.ask("Q", model=server.url)).files[0]
        try:
            path = anyio.Path(await client.download(file, folder))
        except errors.SpaceChatError:
            assert os.listdir(folder) == []
            raise
        return await path.read_bytes()


@EITHER_TRANSPORT
@pytest.mark.parametrize(
    ("headers", "version"), [([TAG], '"v1"'), (DATED, "Thu, 01 Jan 2026 00:00:00 GMT")]
)
async def test_it_goes_on(runs_on: str, tmp_path: Path, headers: list[str], version: str) -> None:
    with FileServer(GOOD) as server:
        broken = [*rest(5, *headers, body=b"56", length=5), Then.CLOSE]
        server.files = [cut(b"01234", *headers), broken, rest(7, *headers)]
        assert await downloaded(runs_on, tmp_path, server) == CONTENT
        assert ranges(server) == [(None, None), ("bytes=5-", version), ("bytes=7-", version)]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ['etag: W/"v1"'],
        ["last-modified: Thu, 01 Jan 2026 00:00:00 GMT"],
        [DATED[0].replace(":01", ":00"), DATED[1]],
        [f'etag: "{"x" * 2000}"'],
    ],
)
async def test_a_version_that_is_not_certain(
    runs_on: str, tmp_path: Path, headers: list[str]
) -> None:
    with FileServer(GOOD) as server:
        server.files = [cut(b"01234", *headers), NEW]
        assert await downloaded(runs_on, tmp_path, server) == b"new"
        assert ranges(server) == [(None, None)] * 2


@pytest.mark.parametrize(
    "answers",
    [
        [NEW],
        [NO_RANGE, NEW],
        [rest(5, 'etag: "v2"'), NEW],
        [rest(5), NEW],  # A part of nobody knows which version.
        [rest(5, TAG, of=11, body=b"new"), NEW],
        [rest(5, TAG, body=b"56"), rest(7, TAG)],  # Less than the rest may be sent.
    ],
)
async def test_what_a_server_may_do(
    runs_on: str, tmp_path: Path, answers: list[list[Part]]
) -> None:
    with FileServer(GOOD) as server:
        server.files = [cut(b"01234", TAG), *answers]
        content = await downloaded(runs_on, tmp_path, server)
        assert content == (CONTENT if NEW not in answers else b"new")


ENDLESS: list[Part] = [
    b"HTTP/1.1 206 Partial Content\r\ntransfer-encoding: chunked\r\n"
    b'content-range: bytes 5-9/10\r\netag: "v1"\r\n\r\n',
    *[b"3\r\nabc\r\n"] * 10,
    Then.HANG,
]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (rest(4, TAG), "asked for, from 5 on"),
        (rest(6, TAG), "bytes 6-9/10"),
        (rest(5, TAG, of=5), "bytes 5-4/5"),
        ([part("206 Partial Content", b"56789", "content-length: 5", TAG)], "no range"),
        ([part("206 Partial Content", b"", "content-range: bytes 5-9/*", TAG)], "bytes 5-9/"),
        ([part("206 Partial Content", b"", f"content-range: {'9' * 5000}", TAG)], "99"),
        ([part("204 No Content", b"", TAG)], "answered with 204"),
        (ENDLESS, "more bytes than the Space said"),
    ],
)
async def test_what_a_server_may_not_do(
    runs_on: str, tmp_path: Path, answer: list[Part], says: str
) -> None:
    with FileServer(GOOD) as server:
        server.files = [cut(b"01234", TAG), answer]
        with pytest.raises(errors.ProtocolError, match=says):
            await downloaded(runs_on, tmp_path, server)
        assert len(ranges(server)) == 2


async def test_a_part_that_was_not_asked_for(runs_on: str, tmp_path: Path) -> None:
    with FileServer(GOOD) as server:
        server.files = [rest(0, TAG)]
        with pytest.raises(errors.ProtocolError, match="206"):
            await downloaded(runs_on, tmp_path, server)


async def test_it_goes_on_as_often_as_the_client_tries_again(runs_on: str, tmp_path: Path) -> None:
    with FileServer(GOOD) as server:
        server.files = [cut(b"0", TAG), rest(1, TAG, body=b""), rest(1, TAG, body=b"")]
        with pytest.raises(errors.StreamInterruptedError, match="less of the file than it said"):
            await downloaded(runs_on, tmp_path, server, retries=2)
        assert len(ranges(server)) == 3
        server.files = [cut(b"0", TAG)]
        with pytest.raises(errors.SpaceUnavailableError):
            await downloaded(runs_on, tmp_path, server, retries=0)


async def test_read_goes_on(runs_on: str) -> None:
    with FileServer(GOOD) as server:
        server.files = [cut(b"01234", TAG), rest(5, TAG)]
        async with Api(runs_on == BLOCKING).client() as client:
            file = (await client.ask("Q", model=server.url)).files[0]
            assert await client.read(file) == CONTENT

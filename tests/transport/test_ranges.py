"""Which part of a file a response brings, and how a file's version is named."""

from __future__ import annotations

import httpx
import pytest

from spacechat import errors
from spacechat.steps import Download
from spacechat.transport.downloads import begin_download
from tests.sinks import Kept

TIME = "Thu, 01 Jan 2026 00:00:00 GMT"
LATER = "Thu, 01 Jan 2026 00:00:01 GMT"
PLACE = "http://space.test"


def begun(received: int = 0) -> Download:
    """A download, of which something may be there, of version v1."""
    sink = Kept(b"x" * received)
    return Download("a", sink, 1 << 50, received, '"v1"' if received else "")


def answer(download: Download, status: int, **headers: str) -> None:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    begin_download(download, httpx.Response(status, headers=said), PLACE)


@pytest.mark.parametrize(
    ("headers", "version", "length"),
    [
        ({}, "", None),
        ({"etag": '"v2"', "content_length": "12"}, '"v2"', 12),
        ({"etag": 'W/"v2"', "last_modified": TIME, "date": LATER}, "", None),
        ({"last_modified": TIME, "date": LATER}, TIME, None),
        ({"last_modified": TIME, "date": TIME}, "", None),
        ({"last_modified": TIME}, "", None),
        ({"etag": "x" * 1000}, "x" * 1000, None),
        ({"etag": "x" * 1001}, "", None),
        ({"etag": "x\ty"}, "", None),
        ({"content_length": "9" * 15}, "", 10**15 - 1),
        ({"content_length": "9" * 16}, "", None),
        ({"content_length": "-1"}, "", None),
        ({"content_length": "x"}, "", None),
    ],
)
def test_the_whole_file(headers: dict[str, str], version: str, length: int | None) -> None:
    download = begun(5)
    answer(download, 200, **headers)
    assert (download.received, download.version, download.length) == (0, version, length)
    assert download.sink.data == b""  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "named", [{"etag": '"v1"'}, {"last_modified": '"v1"'}, {"etag": '"v1"', "last_modified": TIME}]
)
@pytest.mark.parametrize("length", [None, 10])
def test_the_rest_of_it(named: dict[str, str], length: int | None) -> None:
    download = begun(5)
    download.length = length
    answer(download, 206, content_range="bytes 5-9/10", **named)
    assert (download.received, download.version, download.length) == (5, '"v1"', 10)
    assert download.sink.data == b"x" * 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("length", "headers"),
    [
        (None, {"etag": '"v2"'}),
        (None, {}),
        (11, {"etag": '"v1"'}),
        (9, {"etag": '"v1"'}),
    ],
)
def test_a_part_of_another_version(length: int | None, headers: dict[str, str]) -> None:
    """The file is fetched anew with the next attempt."""
    download = begun(5)
    download.length = length
    with pytest.raises(errors.StreamInterruptedError, match="it may have changed") as caught:
        answer(download, 206, content_range="bytes 5-9/10", **headers)
    assert caught.value.temporary
    assert (download.received, download.version, download.length) == (0, "", None)


@pytest.mark.parametrize(
    ("received", "status", "content_range"),
    [
        (5, 206, "bytes 4-9/10"),
        (5, 206, "bytes 6-9/10"),
        (5, 206, "bytes 5-4/10"),
        (5, 206, "bytes 5-10/10"),
        (5, 206, "bytes 5-9/*"),
        (5, 206, "bytes */10"),
        (5, 206, "5-9/10"),
        (5, 206, f"bytes 5-9/{'1' * 16}"),
        (5, 206, "bytes 5-\u0669/10"),
        (5, 204, "bytes 5-9/10"),
        (0, 206, "bytes 0-9/10"),
    ],
)
def test_what_was_not_asked_for(received: int, status: int, content_range: str) -> None:
    download = begun(received)
    headers = [(b"etag", b'"v1"'), (b"content-range", content_range.encode())]
    response = httpx.Response(status, headers=headers)
    with pytest.raises(errors.ProtocolError) as caught:
        begin_download(download, response, PLACE)
    assert f"{PLACE} answered with {status} and " in str(caught.value)
    assert f"where the bytes of a file were asked for, from {received} on." in str(caught.value)
    assert download.received == received


@pytest.mark.parametrize("last", ["bytes 5-5/6", "bytes 5-5/7"])
def test_a_part_of_one_byte(last: str) -> None:
    download = begun(5)
    answer(download, 206, content_range=last, etag='"v1"')
    assert download.length == int(last[-1])


def test_no_range_at_all() -> None:
    with pytest.raises(errors.ProtocolError, match="answered with 206 and 'no range' where"):
        answer(begun(5), 206, etag='"v1"')

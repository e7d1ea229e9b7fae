"""Events found in bytes, beside what httpx_sse finds in the same as text."""

from __future__ import annotations

from typing import cast

import httpx
import httpx_sse
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spacechat.transport.sse import EventReader

TOKENS = [
    "data",
    "data:",
    "data: ",
    "event: x",
    "id: 1",
    ":",
    " ",
    "x",
    "é",
    "\n",
    "\n",
    "\r",
    "\r\n",
]
STREAMS = st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)


class Response:
    headers = httpx.Headers({"content-type": "text/event-stream"})

    def __init__(self, text: str) -> None:
        self.text = text

    def iter_text(self) -> list[str]:
        return [self.text] if self.text else []


def wanted(text: str) -> list[str]:
    source = httpx_sse.EventSource(cast("httpx.Response", Response(text)))
    return [sse.data for sse in source.iter_sse() if sse.data]


def found(pieces: list[bytes]) -> list[str]:
    reader = EventReader()
    return [data.decode() for piece in pieces for data in reader.feed(piece)]


@given(STREAMS, st.lists(st.integers(0, 200), max_size=4))
@example("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [8, 9, 10, 11])
def test_like_httpx_sse(text: str, places: list[int]) -> None:
    data = text.encode()
    assert found([data]) == wanted(text)
    ends = sorted(min(place, len(data)) for place in places)
    cut = [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]
    assert found(cut) == wanted(text)
    assert found([data[index : index + 1] for index in range(len(data))]) == wanted(text)


def test_an_event_comes_with_the_end_of_its_empty_line() -> None:
    reader = EventReader()
    assert reader.feed(b"data: a\r\n\r") == [b"a"]
    assert reader.feed(b"\ndata: b\r\n") == []
    assert reader.feed(b"\r\n") == [b"b"]


@pytest.mark.parametrize("name", [b"data", b"data:", b"database: x", b"\xef\xbb\xbfdata: x"])
def test_lines_without_data(name: bytes) -> None:
    assert EventReader().feed(name + b"\n\n") == []


def test_no_utf_8() -> None:
    """It is left to whoever decodes the message, or replaced where lines are put together."""
    assert EventReader().feed(b"data: \xff\n\n") == [b"\xff"]
    assert EventReader().feed(b"data: \xff\ndata: b\n\n") == ["\ufffd\nb".encode()]


@pytest.mark.parametrize(
    ("pieces", "events"),
    [
        ([b"data: a\n\ndata: b\n\n"], [[b"a", b"b"]]),
        ([b"data: a\n", b"\n", b"data: b\n\n"], [[], [b"a"], [b"b"]]),
        ([b"da", b"ta", b": a", b"b\n\nda", b"ta: c\n\n"], [[], [], [], [b"ab"], [b"c"]]),
        ([b"data: a\ndata: b\n\n"], [[b"a\nb"]]),
        ([b"data: a\nevent: x\n", b": y\ndata: b\n\ndata: c\n\n"], [[], [b"a\nb", b"c"]]),
        ([b"data:a\n\n"], [[b"a"]]),
        ([b"data:  a\n\n"], [[b" a"]]),
        ([b"data: \n\ndata: b\n\n"], [[b"b"]]),
        ([b"data: \ndata: \n\n"], [[b"\n"]]),
        ([b"\n\ndata: a\n\n\n\n"], [[b"a"]]),
        ([b"id: 1\n\ndata: a\n\n"], [[b"a"]]),
        ([b"data: a\r\rdata: b\r\r"], [[b"a", b"b"]]),
        ([b"data: a\r", b"\r", b"data: b\n\n"], [[], [b"a"], [b"b"]]),
        ([b"data: a\r", b"\n", b"\r\n"], [[], [], [b"a"]]),
        ([b"data: a\r", b"data: b\n\n"], [[], [b"a\nb"]]),
        ([b"data: a\r", b"", b"\ndata: b\n\n"], [[], [], [b"a\nb"]]),
        ([b"data: a\r\n\ndata: b\r\n", b"\r\n"], [[b"a"], [b"b"]]),
        ([b"", b"data: a"], [[], []]),
    ],
)
def test_what_each_piece_completes(pieces: list[bytes], events: list[list[bytes]]) -> None:
    reader = EventReader()
    assert [reader.feed(piece) for piece in pieces] == events

"""What a connection that waits shows, and what letting go of it leaves behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from spacechat.settings import Timeout
from spacechat.transport.idle import Idle
from tests.systems import POSIX


class Stream:
    """A connection, as the HTTP library gives it.

    Attributes:
        raw: Its socket, or None.
        is_readable: Whether anything came.
    """

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.is_readable = False

    def get_extra_info(self, info: str) -> Any:
        return self.raw if info == "socket" else self.is_readable


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.settimeout(5)
        yield mine, theirs


def idle(stream: Stream) -> Idle:
    return Idle(httpx.AsyncClient(), {}, "key", stream, 0.0, timeout=Timeout())


def test_whether_it_has_ended(pair: tuple[socket.socket, socket.socket]) -> None:
    stream = Stream(pair[0])
    found = idle(stream)
    assert not found.has_ended()
    stream.is_readable = True
    assert found.has_ended()
    stream.is_readable = False
    pair[0].close()
    assert found.has_ended()


def test_one_that_has_no_socket() -> None:
    found = idle(Stream(None))
    assert not found.has_ended()
    found.give_up()


def next_number() -> int:
    """The number that the next file of this process gets."""
    number = os.open(os.devnull, os.O_RDONLY)
    os.close(number)
    return number


@POSIX
def test_giving_it_up_ends_it_and_opens_nothing(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    mine, theirs = pair
    found = idle(Stream(mine))
    before = next_number()
    found.give_up()
    assert theirs.recv(1) == b"", "this process had the only copy"
    assert mine.fileno() >= 0, "whoever closes it closes nothing else"
    assert next_number() == before


@POSIX
def test_a_number_that_is_anothers_now(pair: tuple[socket.socket, socket.socket]) -> None:
    stream = Stream(pair[0])
    found = idle(stream)
    other, end = socket.socketpair()
    with other, end:
        stream.raw = other
        found.give_up()
        end.send(b"x")
        assert other.recv(1) == b"x"


@POSIX
def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with path.open("rb") as file:
        stream = Stream(None)
        stream.raw = file
        idle(stream).give_up()
        assert file.read() == b"content"

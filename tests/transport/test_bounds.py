"""The bounds on what one connection receives: how much, until when, and who else has a turn."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator
from types import SimpleNamespace

import anyio
import anyio.lowlevel
import httpx
import pytest

from spacechat import errors
from spacechat.protocol import Budget
from spacechat.settings import Limits, Settings, Timeout
from spacechat.transport.bodies import (
    LARGEST_READ,
    Guard,
    GuardedBytes,
    SentBytes,
    finish,
    read_body,
)
from spacechat.transport.deadline import Deadline
from spacechat.transport.failures import Failures

pytestmark = pytest.mark.anyio

SETTINGS = Settings(limits=Limits(message=1000), timeout=Timeout(idle=2.5, total=7))
SPACE = httpx.URL("http://me:secret@space.test")


def guard(deadline: Deadline | None = None) -> Guard:
    deadline = deadline or Deadline(math.inf, None)
    return Guard(Budget(SETTINGS.limits), deadline, Failures(SPACE, SETTINGS, deadline))


class Pieces(httpx.AsyncByteStream):
    """A body in pieces, each of which is there at once; then an error, or the end."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.closed = 0
        self._pieces = [*pieces]
        self._error = error

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._pieces and not self.closed:
            return self._pieces.pop(0)
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed += 1


class Silent(Pieces):
    """A body that does not come."""

    async def __anext__(self) -> bytes:
        await anyio.sleep_forever()
        raise AssertionError


class Guarded:
    """A body within bounds.

    Attributes:
        body: The body.
        guard: Its bounds.
        ends: How often it was said to have come to its exact end.
    """

    def __init__(self, pieces: Pieces, deadline: Deadline | None = None) -> None:
        deadline = deadline or Deadline(math.inf, None)
        self.ends = 0
        self.guard = guard(deadline)
        self.body = GuardedBytes(pieces, pieces, self.guard, deadline, self._end)

    def _end(self) -> None:
        self.ends += 1


class TestSize:
    def test_a_message_and_a_read_may_be_held(self) -> None:
        found = guard()
        found.count(1000)
        found.count(LARGEST_READ)
        with pytest.raises(errors.ProtocolError) as caught:
            found.count(1)
        assert str(caught.value) == (
            "http://space.test sent a message of more than 1000 bytes. "
            "limits=Limits(message=...) sets how long one may be."
        )

    def test_what_was_delivered_is_not_held(self) -> None:
        found = guard()
        for _ in range(3):
            found.undelivered = 0
            found.count(LARGEST_READ)

    def test_a_larger_answer_may_be_asked_for(self) -> None:
        found = guard()
        found.exempt = 123_456
        found.count(123_456 + LARGEST_READ)
        with pytest.raises(errors.ProtocolError) as caught:
            found.count(1)
        assert str(caught.value) == "http://space.test sent an answer of more than 123,456 bytes."

    def test_a_smaller_one_has_the_limit_of_any_message(self) -> None:
        found = guard()
        found.exempt = 1000
        found.count(1000 + LARGEST_READ)
        with pytest.raises(errors.ProtocolError, match="message of more than 1000 bytes"):
            found.count(1)

    async def test_every_piece_counts(self) -> None:
        found = Guarded(Pieces(b"abc", b"de"))
        assert [piece async for piece in found.body] == [b"abc", b"de"]
        assert found.guard.undelivered == 5


class TestTime:
    def test_until_when_the_idle_timeout_comes_first(self) -> None:
        assert Deadline(100.0, 60.0).calm_until == 40.0
        assert Deadline(100.0, None).calm_until == -math.inf
        assert Deadline(math.inf, 60.0).calm_until == math.inf

    def test_what_is_over(self) -> None:
        """An event loop's clock may be a little ahead."""
        now = time.monotonic()
        assert not Deadline(math.inf, None).is_over()
        assert not Deadline(now + 60, None).is_over()
        assert Deadline(now + 0.01, None).is_over()
        assert Deadline(now - 60, None).is_over()

    @pytest.mark.parametrize(("left", "is_over"), [(0.5, False), (0.04, True), (0.0, True)])
    def test_how_much_a_clock_may_be_ahead(
        self, left: float, is_over: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = SimpleNamespace(monotonic=lambda: 100.0)
        monkeypatch.setattr("spacechat.transport.deadline.time", clock)
        assert Deadline(100.0 + left, None).is_over() is is_over

    def test_more_time(self) -> None:
        found = Deadline(0.0, 1.0)
        before = time.monotonic()
        found.extend(60)
        assert before + 60 <= found.at <= time.monotonic() + 60
        assert found.calm_until == -math.inf
        assert not found.is_over()

    async def test_nothing_is_done_after_the_deadline(self) -> None:
        with (
            pytest.raises(errors.StreamTimeoutError) as caught,
            guard(Deadline(time.monotonic() - 1, None)).fail_at_deadline(),
        ):
            pytest.fail("it was done")
        assert str(caught.value) == (
            "The answer of http://space.test took more than 7 seconds (the total timeout)."
        )

    async def test_waiting_ends_at_the_deadline(self) -> None:
        with (
            anyio.fail_after(5),
            pytest.raises(errors.StreamTimeoutError, match="total timeout"),
            guard(Deadline(time.monotonic() + 0.01, None)).fail_at_deadline(),
        ):
            await anyio.sleep_forever()

    @pytest.mark.parametrize(("left", "is_over"), [(0.5, False), (0.0, True), (-0.5, True)])
    async def test_to_the_moment(
        self, left: float, is_over: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What need not wait is not done after it either."""
        clock = SimpleNamespace(monotonic=lambda: 100.0)
        monkeypatch.setattr("spacechat.transport.bodies.time", clock)
        done = []
        found = guard(Deadline(100.0 + left, None))
        with contextlib.suppress(errors.StreamTimeoutError), found.fail_at_deadline():
            done.append(1)
        assert bool(done) is not is_over

    async def test_so_does_waiting_for_a_body(self) -> None:
        found = Guarded(Silent(), Deadline(time.monotonic() + 0.01, 60.0))
        with anyio.fail_after(5), pytest.raises(errors.StreamTimeoutError, match="total timeout"):
            await found.body.__anext__()
        assert found.ends == 0

    async def test_what_is_done_in_time(self) -> None:
        done = []
        with guard(Deadline(time.monotonic() + 60, None)).fail_at_deadline():
            await anyio.lowlevel.checkpoint()
            done.append(1)
        assert done == [1]
        assert await Guarded(Pieces(b"x"), Deadline(time.monotonic() + 60, 0.5)).body.__anext__()
        assert await Guarded(Pieces(b"x"), Deadline(time.monotonic() + 60, 600)).body.__anext__()


async def test_others_have_a_turn_while_much_is_there() -> None:
    taken = 0
    turns: list[int] = []

    async def other() -> None:
        while True:
            turns.append(taken)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other)
        async for _ in Guarded(Pieces(*[b"x"] * 1000)).body:
            taken += 1
        tasks.cancel_scope.cancel()
    assert 3 <= len(turns) <= 50, "a turn takes longer than a piece"


class TestEnds:
    async def test_the_exact_end_is_told_once(self) -> None:
        found = Guarded(Pieces(b"x"))
        assert [piece async for piece in found.body] == [b"x"]
        assert [piece async for piece in found.body] == []
        assert found.ends == 1

    async def test_one_that_is_closed_before_it(self) -> None:
        pieces = Pieces(b"x", b"y")
        found = Guarded(pieces)
        assert await found.body.__anext__() == b"x"
        assert found.ends == 0
        await found.body.aclose()
        assert [piece async for piece in found.body] == []
        assert (found.ends, pieces.closed) == (0, 1), "that is none of the body's"

    async def test_one_that_breaks(self) -> None:
        pieces = Pieces(b"x", error=httpx.ReadError("gone"))
        found = Guarded(pieces)
        with pytest.raises(httpx.ReadError):
            [piece async for piece in found.body]
        await found.body.aclose()
        assert (found.ends, pieces.closed) == (0, 1)

    async def test_a_body_that_is_read_whole(self) -> None:
        pieces = Pieces(b"a", b"b")
        response = httpx.Response(200, stream=pieces)
        assert await read_body(response) == b"ab"
        assert pieces.closed
        assert response.stream is not pieces, "the two would hold each other"

    async def test_a_body_that_breaks_is_closed(self) -> None:
        pieces = Pieces(b"a", error=httpx.ReadError("gone"))
        with pytest.raises(httpx.ReadError):
            await read_body(httpx.Response(200, stream=pieces))
        assert pieces.closed


class Generated(Pieces):
    """A body that generators read, as the HTTP library's do.

    Attributes:
        given: How many pieces they gave.
        ended: How many of them have come to their end.
    """

    given = 0
    ended = 0

    def __aiter__(self) -> AsyncGenerator[bytes, None]:
        return self._generated()

    async def _generated(self) -> AsyncGenerator[bytes, None]:
        try:
            while not self.closed and self.given < 100:
                self.given += 1
                yield b"x"
        finally:
            self.ended += 1


async def test_no_generator_is_left_to_the_garbage_collector() -> None:
    pieces = Generated()
    body = Guarded(pieces).body
    await body.__anext__()
    await body.aclose()
    assert (pieces.given, pieces.ended) == (1, 1)
    pieces = Generated()
    response = httpx.Response(200, stream=pieces)
    reader = response.aiter_raw()
    await reader.__anext__()
    await finish(response, reader)
    assert (pieces.given, pieces.ended) == (1, 1)


async def test_a_body_that_is_sent() -> None:
    sent = SentBytes(b"question")
    assert not sent.is_sent
    for _ in range(2):  # A connection that had ended may ask for it again.
        assert [part async for part in sent] == [b"question"]
        assert sent.is_sent

"""Which of the connections that wait is used, and which are closed when one is put there."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from spacechat.settings import Timeout
from spacechat.transport import kept as keeping
from spacechat.transport.idle import Idle
from spacechat.transport.kept import LONGEST, MOST, Kept

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]


class Client:
    """The HTTP library's client, with one connection.

    Attributes:
        has_ended: Whether the server has closed the connection.
        closed: How often it was closed here.
    """

    def __init__(self) -> None:
        self.has_ended = False
        self.closed = 0

    def get_extra_info(self, info: str) -> Any:
        return None if info == "socket" else self.has_ended

    async def aclose(self) -> None:
        self.closed += 1


class Case:
    """A client's connections.

    Attributes:
        kept: Those that wait.
        clients: All there were.
    """

    def __init__(self) -> None:
        self.kept = Kept()
        self.clients: list[Client] = []

    async def keep(self, count: int = 1, *, key: str = "a", since: float | None = None) -> None:
        since = time.monotonic() if since is None else since
        for _ in range(count):
            client: Any = Client()
            self.clients.append(client)
            await self.kept.keep(Idle(client, {}, key, client, since, timeout=Timeout()))

    def take(self, key: str = "a") -> int | None:
        """The number of the connection that is used, or None."""
        found: Any = self.kept.take(key)
        return None if found is None else self.clients.index(found.client)

    @property
    def closed(self) -> list[int]:
        return [number for number, each in enumerate(self.clients) if each.closed]


async def test_the_newest_of_its_key_is_used() -> None:
    case = Case()
    assert case.kept.is_empty
    for key in "aab":
        await case.keep(key=key)
    assert not case.kept.is_empty
    assert [case.take(key) for key in "abcaab"] == [1, 2, None, 0, None, None]
    assert case.kept.is_empty
    assert case.closed == []
    await case.kept.aclose()


async def test_one_that_has_ended_is_not() -> None:
    """It is closed with the next one that comes."""
    case = Case()
    await case.keep(3)
    case.clients[2].has_ended = case.clients[1].has_ended = True
    assert case.take() == 0
    assert not case.kept.is_empty, "two are still to be closed"
    assert case.take() is None
    await case.keep(key="b")
    assert case.closed == [1, 2]
    await case.kept.aclose()
    assert [each.closed for each in case.clients] == [0, 1, 1, 1]


async def test_no_more_than_so_many_wait() -> None:
    case = Case()
    await case.keep()
    await case.keep(key="b")
    await case.keep(MOST - 2)
    assert case.closed == []
    await case.keep(2)
    assert case.closed == [0, 1], "the oldest go first"
    await case.kept.aclose()
    assert all(each.closed == 1 for each in case.clients)


async def test_none_is_used_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: LONGEST - 1)
    monkeypatch.setattr(keeping, "time", clock)
    case = Case()
    for since in (0, 0, 10):
        await case.keep(since=since)
    assert [case.take(), case.take()] == [2, 1]
    await case.keep(since=10)
    clock.monotonic = lambda: LONGEST + 1
    assert [case.take(), case.take()] == [3, None], "an older one is too old"
    assert case.closed == []
    await case.keep(key="b", since=LONGEST)
    assert case.closed == [0]
    await case.kept.aclose()
    assert case.closed == [0, 4]


async def test_none_waits_after_the_client_was_closed() -> None:
    case = Case()
    await case.keep(2)
    await case.kept.aclose()
    assert case.closed == [0, 1]
    assert case.take() is None
    await case.keep()
    assert case.closed == [0, 1, 2]
    assert case.kept.is_empty
    await case.kept.aclose()
    assert [each.closed for each in case.clients] == [1, 1, 1]


async def test_one_that_has_ended_before_it_waits() -> None:
    case = Case()
    client: Any = Client()
    client.has_ended = True
    idle = Idle(client, {}, "a", client, time.monotonic(), timeout=Timeout())
    await case.kept.keep(idle)
    assert client.closed == 1
    assert case.kept.is_empty

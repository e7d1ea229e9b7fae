"""Opening a page beside a request: how long it has, and what cuts it short."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from spacechat import errors
from spacechat.streaming.opening import Opening
from tests import waiting

pytestmark = [pytest.mark.anyio]


async def soon() -> None:
    """A request, or work, that takes a moment."""
    await anyio.lowlevel.checkpoint()


async def test_it_has_a_little_time_after_the_request() -> None:
    opened = False

    async def work() -> None:
        nonlocal opened
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        opened = True

    await Opening(work, lambda: False).beside(soon, [])
    assert opened


async def test_then_it_is_cut_short() -> None:
    with anyio.fail_after(waiting.LONGEST):
        await Opening(anyio.sleep_forever, lambda: False).beside(soon, [])


async def test_a_request_that_fails_cuts_it_short() -> None:
    async def fails() -> None:
        raise errors.QueueFullError("full")

    with anyio.fail_after(waiting.LONGEST), pytest.raises(errors.QueueFullError):
        await Opening(anyio.sleep_forever, lambda: False).beside(fails, [])


async def test_nobody_waits_for_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.streaming.opening._LEAST", 1000.0)
    with anyio.fail_after(waiting.LONGEST):
        await Opening(soon, lambda: False).beside(soon, [])

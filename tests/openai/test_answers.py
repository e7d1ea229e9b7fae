"""Answers in-process: when the Space is stopped while the client that asks it stays open."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest

import spacechat
from spacechat.local import LocalSpace
from spacechat.openai import AsyncTransport, Transport
from tests.openai.conftest import NOWHERE, Gate
from tests.processes import wait_until
from tests.samples import HI
from tests.servers import until

FIRST_TEXT = '"content":"one "'


def asks(space: LocalSpace, **fields: Any) -> dict[str, Any]:
    return {"model": space.url, "messages": HI, "stream": True, **fields}


def is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time for the next piece be over when it begins."""
    early = SimpleNamespace(monotonic=lambda: time.monotonic() - 1000)
    for module in ("answers", "blocking.answers"):
        monkeypatch.setattr(f"spacechat.openai.{module}.time", early)


@pytest.mark.anyio
@pytest.mark.runs_on("asyncio")
async def test_a_piece_that_comes_too_late(
    monkeypatch: pytest.MonkeyPatch, gated: tuple[Gate, LocalSpace]
) -> None:
    _, space = gated
    async with (
        spacechat.AsyncClient() as own,
        httpx.AsyncClient(transport=AsyncTransport(own), base_url=NOWHERE, timeout=60) as http,
    ):
        with anyio.fail_after(8):
            async with http.stream("POST", "/chat/completions", json=asks(space)) as found:
                lines = found.aiter_lines()
                while FIRST_TEXT not in await anext(lines):
                    pass
                is_over(monkeypatch)
                with pytest.raises(httpx.ReadTimeout):
                    _ = [line async for line in lines]
                await until(lambda: space.cancelled == 1)


def test_a_piece_that_comes_too_late_for_a_blocking_client(
    monkeypatch: pytest.MonkeyPatch, gated: tuple[Gate, LocalSpace]
) -> None:
    gate, space = gated
    in_the_end = threading.Timer(5, gate.opened.set)
    in_the_end.start()
    with (
        spacechat.Client() as own,
        httpx.Client(transport=Transport(own), base_url=NOWHERE, timeout=60) as http,
        http.stream("POST", "/chat/completions", json=asks(space)) as found,
    ):
        lines = found.iter_lines()
        while FIRST_TEXT not in next(lines):
            pass
        is_over(monkeypatch)
        with pytest.raises(httpx.ReadTimeout):
            list(lines)
        wait_until(lambda: space.cancelled == 1, 5)
    in_the_end.cancel()
    in_the_end.join()

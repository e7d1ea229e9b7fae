"""The transport for asyncio and trio: an error's status, and whose client is closed."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

import spacechat
from spacechat.local import ChatRequest, LocalSpace
from spacechat.openai import AsyncTransport
from tests.openai.conftest import NOWHERE
from tests.samples import HI

pytestmark = pytest.mark.anyio


async def ask(transport: AsyncTransport, space: LocalSpace, *, stream: bool) -> httpx.Response:
    async with httpx.AsyncClient(transport=transport, base_url=NOWHERE, timeout=60) as http:
        asked = {"model": space.url, "messages": HI, "stream": stream}
        return await http.post("/chat/completions", json=asked)


async def test_an_answer_that_fails_before_it_begins_has_a_status() -> None:
    def fails(request: ChatRequest) -> Iterator[str]:
        raise RuntimeError("no luck")

    with LocalSpace("qwen-2-72b", fails) as space:
        found = await ask(AsyncTransport(), space, stream=True)
    assert found.status_code == 502
    assert found.json()["error"]["message"] == "The Space failed: no luck"


async def test_a_client_of_its_own_is_closed_with_it() -> None:
    with LocalSpace("qwen-2-72b", ["Hello"]) as space:
        transport = AsyncTransport()
        await transport.aclose()
        found = await ask(transport, space, stream=False)
    assert found.status_code == 502
    assert "This client is closed" in found.json()["error"]["message"]


async def test_a_callers_client_stays_open() -> None:
    with LocalSpace("qwen-2-72b", ["Hello"]) as space:
        async with spacechat.AsyncClient() as own:
            transport = AsyncTransport(own)
            await transport.aclose()
            found = await ask(transport, space, stream=False)
    assert found.json()["choices"][0]["message"]["content"] == "Hello"

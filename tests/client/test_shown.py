"""What a client shows of itself, and what a copy of it can do."""

from __future__ import annotations

import pickle

import pytest

import spacechat
from spacechat.local import LocalSpace
from spacechat.settings import Timeout

pytestmark = pytest.mark.anyio


async def test_a_pickled_client_asks_as_the_first_one() -> None:
    with LocalSpace("qwen-2-72b", ["Hello"]) as space:
        async with pickle.loads(pickle.dumps(spacechat.AsyncClient(model=space.url))) as client:
            assert repr(client) == f"<AsyncClient model='{space.url}' open>"
            assert (await client.ask("Hi")).text == "Hello"


async def test_in_a_notebook() -> None:
    client = spacechat.AsyncClient(
        model="owner/name", timeout=Timeout(connect=1, idle=2.5, total=None), retries=3
    )
    html = client._repr_html_()
    for cell in ("AsyncClient", "owner/name", "connect 1 s, idle 2.5 s", "open", "3", "0"):
        assert f">{cell}<" in html
    await client.aclose()
    assert ">closed<" in client._repr_html_()


async def test_in_a_notebook_without_limits() -> None:
    async with spacechat.AsyncClient(timeout=Timeout(None, None, None)) as client:
        html = client._repr_html_()
    assert ">none<" in html
    assert "model" not in html

"""A chat's `endpoint=`, in an app whose button has many listeners: what the server was asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import BOTH_APIS
from tests.real.functions import FunctionServer

pytestmark = [pytest.mark.anyio, pytest.mark.real, BOTH_APIS]


async def asked(
    client: Any, function_server: FunctionServer, endpoint: str, question: str = "hi"
) -> tuple[str, dict[str, int]]:
    """Return the answer that a function gives, and how often which function was called for it."""
    url = function_server.url("listeners")
    async with client:
        before = await client.call(url, "/calls")
        reply = await client.ask(question, model=url, endpoint=endpoint)
        after = await client.call(url, "/calls")
    calls = {name: count - before.get(name, 0) for name, count in after.items()}
    return reply.text, {name: count for name, count in calls.items() if count}


@pytest.mark.parametrize("number", [0, 7, 19])
async def test_one_of_twenty_listeners(
    client: Any, function_server: FunctionServer, number: int
) -> None:
    told = await asked(client, function_server, f"/f{number}")
    assert told == (f"{number} says hi", {f"f{number}": 1})


async def test_one_of_twenty_chains(client: Any, function_server: FunctionServer) -> None:
    assert await asked(client, function_server, "/g7") == ("7 says hi", {"f7": 1})


async def test_the_end_of_a_chain(client: Any, function_server: FunctionServer) -> None:
    """What comes before it fills what it takes."""
    text, calls = await asked(client, function_server, "/note7")
    assert (text, calls) == ("noted 7 says hi", {"f7": 1, "note7": 1})


@pytest.mark.parametrize("name", ["/ask", "/respond"])
async def test_a_chain_that_answers(
    client: Any, function_server: FunctionServer, name: str
) -> None:
    text, calls = await asked(client, function_server, name)
    assert (text, calls) == ("hi? And then.", {"ask": 1, "respond": 1})

"""Calls of functions of real apps when things go wrong: limits, full queues, dead servers."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest

import spacechat
from spacechat import errors
from tests.apis import Api
from tests.conftest import BLOCKING, BOTH_APIS, LOOPS
from tests.real import functions
from tests.real.functions import FunctionServer, on_each_api, unique

pytestmark = [pytest.mark.anyio, pytest.mark.real]

LIMIT = 60.0
"""Seconds after which what is waited for counts as missing."""


@BOTH_APIS
@pytest.mark.parametrize("name", ["/sleep", "/sleep_at_once"])
async def test_timeout(runs_on: str, function_server: FunctionServer, name: str) -> None:
    """With the queue, and without it (Gradio's `test_timeout_no_queue`)."""
    limits = spacechat.Timeout(connect=30, idle=30, total=1)
    client = Api(runs_on == BLOCKING).client(timeout=limits)
    async with client, client.app(function_server.url("slow")) as app:
        with pytest.raises(errors.StreamTimeoutError):
            await app.call(name, unique("timeout"), 4)


@BOTH_APIS
async def test_queue_full_raises_error(runs_on: str, function_server: FunctionServer) -> None:
    client = Api(runs_on == BLOCKING).client(retries=0)
    key = unique("full")
    outcomes: list[object] = []

    async def wait(app: Any) -> None:
        try:
            outcomes.append(await app.call("/wait", key))
        except errors.QueueFullError as exc:
            outcomes.append(type(exc))
            await app.call("/release", key)

    async with client, client.app(function_server.url("full")) as app:
        with anyio.fail_after(LIMIT):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(wait, app)
    assert set(outcomes) == {"waited", errors.QueueFullError}


@pytest.mark.runs_on("asyncio")
@pytest.mark.parametrize(
    "version", [pytest.param(v, id=f"functions-{v}-killed") for v in functions.VERSIONS]
)
async def test_server_killed_mid_stream(version: str, anyio_backend: object) -> None:
    """Every reader raises at once, on every event loop."""
    found: list[errors.SpaceChatError] = []
    midway = threading.Barrier(len(LOOPS) + 2)

    async def read(api: Api) -> None:
        async with (
            api.client(retries=0) as client,
            client.app(url) as app,
            app.run("/forever") as run,
        ):
            with pytest.raises(errors.SpaceChatError) as told:
                async for value in run:
                    if value == 2:
                        await anyio.to_thread.run_sync(midway.wait, LIMIT)
            found.append(told.value)

    def kill() -> None:
        midway.wait(LIMIT)
        server.kill()

    with FunctionServer(version, only="counting") as server:
        url = server.url("counting")
        with anyio.fail_after(2 * LIMIT):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(on_each_api, read)
                tasks.start_soon(anyio.to_thread.run_sync, kill)
    assert len(found) == len(LOOPS) + 1
    for error in found:
        assert isinstance(error, errors.StreamInterruptedError)
        assert error.partial >= 2

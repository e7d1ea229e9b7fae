"""What real Gradio servers do when things go wrong."""

from __future__ import annotations

import socket

import anyio
import anyio.to_thread
import pytest

import spacechat
from spacechat import errors
from spacechat.providers import AsyncProvider, Qwen_Qwen_2_72B
from tests.conftest import BACKENDS
from tests.real.apps.answers import ANSWERS
from tests.real.conftest import each_version_once
from tests.real.environments import VERSIONS
from tests.real.servers import GradioServer, plain_provider

pytestmark = [pytest.mark.anyio, pytest.mark.real]


@each_version_once
async def test_fifty_clients_on_a_queue_of_one(gradio_server: GradioServer) -> None:
    provider = plain_provider(gradio_server, "one-at-a-time", AsyncProvider)
    texts: list[str] = []
    positions: set[int] = set()

    async def ask() -> None:
        async with spacechat.AsyncClient() as client:
            stream = client.stream("case:hello delay:0.005", provider=provider)
            async for event in stream.events():
                if isinstance(event, spacechat.events.Queued):
                    positions.add(event.position)
            texts.append(stream.text)

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(ask)
    assert texts == ["".join(ANSWERS["hello"])] * 50
    assert max(positions) > 1


@each_version_once
async def test_queue_full(gradio_server: GradioServer) -> None:
    provider = plain_provider(gradio_server, "queue-full", AsyncProvider)
    outcomes: list[str] = []

    async def ask(client: spacechat.AsyncClient) -> None:
        try:
            outcomes.append((await client.ask("hold:1", provider=provider)).text)
        except errors.QueueFullError as exc:
            outcomes.append(str(exc))

    async with spacechat.AsyncClient(retries=0) as client, anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(ask, client)
    full = [outcome for outcome in outcomes if "Queue is full" in outcome]
    assert full
    assert set(outcomes) - set(full) == {"One piece."}


@pytest.mark.parametrize(
    ("version", "anyio_backend"),
    [(version, *backend.values) for version, backend in zip(VERSIONS, BACKENDS, strict=True)],
    ids=VERSIONS,
)
async def test_killed_and_restarted(version: str) -> None:
    """Servers of their own, for each version with a backend of its own."""
    with GradioServer(version, only="qwen-2-72b") as server:
        url = server.url("qwen-2-72b")
        provider = Qwen_Qwen_2_72B.at(url)
        async with spacechat.AsyncClient(timeout=60) as client:
            before = await client.ask("case:hello", provider=provider)
            with pytest.raises(errors.StreamInterruptedError) as caught:
                async with client.stream("case:slow", provider=provider) as stream:
                    async for _ in stream:
                        if stream.text.endswith("2 "):
                            await anyio.to_thread.run_sync(server.kill)
            assert caught.value.partial_text.startswith("0 1 2 ")
            with socket.socket() as held:  # Bound and not listening, it keeps others from the port.
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held.bind(("127.0.0.1", server.port))
                with pytest.raises(errors.SpaceUnavailableError, match="refused"):
                    await client.ask("case:hello", provider=provider)
                with GradioServer(version, port=server.port, only="qwen-2-72b") as again:
                    assert again.url("qwen-2-72b") == url
                    after = await client.ask("case:hello", provider=provider)
    assert before.text == after.text == "Hello, world!"

"""How the memory of a server is shared between bodies, light questions and heavy ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import anyio
import pytest
from anyio.lowlevel import checkpoint

from spacechat.openai.admission import Head
from spacechat.openai.api import Api
from spacechat.openai.bounds import Bounds
from spacechat.openai.intake import Intake, Weighed
from spacechat.openai.stored_responses import Recalled, StoredResponses

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

KIB, MIB = 1 << 10, 1 << 20
VALUES = 512 * 10_000
"""Bytes that the values of a question take at most."""


async def is_done(work: Callable[[], Awaitable[object]]) -> bool:
    """Do some work, unless it has to wait; return whether it was done."""
    scope = anyio.CancelScope()
    async with anyio.create_task_group() as tasks:
        with scope:

            async def give_up() -> None:
                for _ in range(20):
                    await checkpoint()
                scope.cancel()

            tasks.start_soon(give_up)
            await work()
        tasks.cancel_scope.cancel()
    return not scope.cancelled_caught


async def enter(stack: AsyncExitStack, intake: Intake, size: int, files: int = 0) -> bool:
    """Hold memory for a question of that weight; return whether there is any."""
    weighed = Weighed(Recalled(StoredResponses(0, 0)), size, files, streamed=False)
    question = intake.parsed(Head("GET", b"/v1/models", []), intake.body(), weighed)
    return await is_done(lambda: stack.enter_async_context(question))


@pytest.mark.parametrize(
    ("bounds", "fitting"),
    [
        (Bounds(memory=15 * MIB), [MIB, MIB, MIB]),
        (Bounds(memory=1), [MIB - 1, 1]),
        (Bounds(memory=100 * MIB, body=1, files=0), [20 * MIB, 40 * MIB - 1]),
        (Bounds(memory=1, body=MIB, files=0), [8 * MIB, VALUES]),
        (Bounds(memory=1, body=1, files=4 * MIB), [16 * MIB, VALUES + 8]),
    ],
    ids=["a fifth", "the least", "three fifths", "the largest text", "the largest files"],
)
async def test_the_room_for_questions(bounds: Bounds, fitting: list[int]) -> None:
    intake = Intake(Api(None), bounds)
    async with AsyncExitStack() as stack:
        for size in fitting:
            assert await enter(stack, intake, size)
        more = 1 if max(fitting) <= MIB else 2 * MIB
        assert not await enter(stack, intake, more)
        assert await enter(stack, intake, MIB if more > MIB else 2 * MIB)  # In the other room.


async def test_files_weigh_less_once_they_are_read() -> None:
    """Half of what they take while they are read is free for the next question."""
    intake = Intake(Api(None), Bounds(memory=1, body=1, files=4 * MIB))
    async with AsyncExitStack() as stack:
        assert await enter(stack, intake, 0, files=4 * MIB)
        assert await enter(stack, intake, 8 * MIB)
        assert not await enter(stack, intake, 8 * MIB)


async def test_the_room_for_bodies() -> None:
    intake = Intake(Api(None), Bounds(memory=15 * MIB, body=MIB, files=0))
    beyond = MIB + 16 * KIB  # What takes a MiB: the rest of each body takes nothing.

    async def come(size: int) -> bool:
        return await is_done(lambda: intake.body().add(bytes(size)))

    assert await come(beyond)
    assert await come(beyond)
    assert await come(16 * KIB)
    assert await come(16 * KIB + 1)  # This one is the first in line, and has the reserve.
    assert not await come(16 * KIB + 1)
    assert await come(16 * KIB)

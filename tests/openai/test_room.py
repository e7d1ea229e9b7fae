"""Memory that requests share, on every event loop."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from spacechat.openai.room import Room

pytestmark = pytest.mark.anyio


async def settle() -> None:
    for _ in range(10):
        await anyio.lowlevel.checkpoint()


async def test_first_come_first_served() -> None:
    """A large one is not passed by small ones that come later; who wants nothing never waits."""
    room = Room(10)
    served: list[int] = []
    gates = {size: anyio.Event() for size in (6, 8, 1, 0)}

    async def ask(size: int) -> None:
        async with room.take(size):
            served.append(size)
            await gates[size].wait()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for size in (6, 8, 1, 0):
                group.start_soon(ask, size)
                await settle()
            assert served == [6, 0]
            gates[6].set()
            await settle()
            assert served == [6, 0, 8, 1]
            for gate in gates.values():
                gate.set()
    assert room._free == 10


async def test_who_gives_up_or_fails_gives_back() -> None:
    room = Room(10)
    with anyio.fail_after(5), pytest.raises(ZeroDivisionError):
        async with room.take(10):
            raise ZeroDivisionError
    async with room.take(10):
        with anyio.move_on_after(0.01):
            async with room.take(1):
                raise AssertionError("there is no room")
    with anyio.fail_after(5):
        async with room.take(10):
            pass

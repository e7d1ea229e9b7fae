"""Memory that bodies share as they come, on every event loop."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from spacechat.openai.bodies import UNCOUNTED, Body, BodyRoom

pytestmark = pytest.mark.anyio

LARGEST = UNCOUNTED + 100


async def fill(body: Body, *, part: int = 10) -> None:
    await body.add(bytes(UNCOUNTED))
    while body.size < LARGEST:
        await body.add(bytes(part))
        await anyio.lowlevel.checkpoint()
    body.complete()


@pytest.mark.parametrize("size", [100, 130, 250])
async def test_all_bodies_come_in_the_end(size: int) -> None:
    """Bodies that hold a part each never wait for one another for ever."""
    room = BodyRoom(size, 100)
    done: list[int] = []

    async def one() -> None:
        with Body(room) as body:
            await fill(body)
            done.append(len(body.data))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(one)
    assert done == [LARGEST] * 20
    assert room._free == size
    assert room._ahead is None


async def test_what_has_not_come_takes_nothing() -> None:
    """However many slow ones there are, and whatever waits: small ones come at once."""
    room = BodyRoom(150, 100)
    with anyio.fail_after(5), Body(room) as slow, Body(room) as ahead, Body(room) as stuck:
        for body in (slow, ahead, stuck):
            await body.add(bytes(UNCOUNTED))
        assert room._free == 150
        await slow.add(bytes(50))
        await ahead.add(bytes(60))
        async with anyio.create_task_group() as group:
            group.start_soon(stuck.add, bytes(10))
            while room._more is None:
                await anyio.lowlevel.checkpoint()
            with Body(room) as small:
                await small.add(b"Hi")
                small.complete()
                assert small.data == b"Hi"
            await ahead.add(bytes(40))
            ahead.complete()
            assert len(ahead.data) == LARGEST
            ahead.drop()
            assert ahead.data == b""
        assert stuck.size == UNCOUNTED + 10
    assert room._free == 150


async def test_who_gives_up_gives_back() -> None:
    room = BodyRoom(100, 100)
    with anyio.fail_after(5), Body(room) as ahead:
        await fill(ahead)
        with Body(room) as other, anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(fill, other)
                while room._more is None:
                    await anyio.lowlevel.checkpoint()
                scope.cancel()
        assert room._free == 0
    assert room._free == 100
    with anyio.fail_after(5), Body(room) as last:
        await fill(last)
        assert len(last.data) == LARGEST


@pytest.mark.parametrize("is_complete", [True, False])
async def test_no_part_is_kept_for_longer_than_it_is_needed(is_complete: bool) -> None:
    """Once a body is complete its parts are in the whole; once it is dropped nobody needs them."""
    released: list[int] = []

    class Part(bytes):
        def __del__(self) -> None:
            released.append(len(self))

    body = Body(BodyRoom(100, 100))
    for size in (1, 2):
        await body.add(Part(size))
    assert released == []
    if is_complete:
        body.complete()
        assert body.data == bytes(3)
    else:
        body.drop()
    assert sorted(released) == [1, 2]

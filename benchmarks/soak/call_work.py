"""The soak's calls of functions: with values, states, files and errors."""

from __future__ import annotations

from spacechat import AsyncClient, errors
from spacechat.events import RemoteFile

from .world import PATIENT, Draw, Work, World, expect


async def _call(world: World, draw: Draw) -> str:
    one, other = draw.source.random(), draw.number
    if draw.source.random() < 0.75:
        expect(await world.app.call("/add", one, other), one + other)
        expect(await world.app["add"](one, other), one + other)
    else:
        async with AsyncClient(timeout=PATIENT) as client:
            expect(await client.call(world.at.chat, "/add", one, other), one + other)
    return "answer"


async def _run(world: World, draw: Draw) -> str:
    count = draw.source.randint(1, 30)
    values = [value async for value in world.app.run("/count", count)]
    expect(values[-1], count - 1)
    expect(values, sorted(values))
    async with world.app.run("/count", 30) as run:
        async for value in run:
            if value > count:
                break
    return "answer"


async def _session(world: World, draw: Draw) -> str:
    async with world.app.session() as session:
        words = [f"{draw.number} {turn}" for turn in range(draw.source.randint(1, 4))]
        for turn, word in enumerate(words):
            expect(await session.call("/remember", word), words[: turn + 1])
    return "answer"


async def _file(world: World, draw: Draw) -> str:
    content = f"file {draw.number}\n".encode() * draw.source.randint(1, 1000)
    found = await world.app.call("/shout", content)
    assert isinstance(found, RemoteFile)
    expect(await world.client.read(found), content.upper())
    return "answer"


async def _fail(world: World, draw: Draw) -> str:
    try:
        await world.app.call("/fail", f"{draw.number}")
    except errors.GenerationError as error:
        expect(f"{draw.number} failed" in str(error), True)
        return "GenerationError"
    raise AssertionError("no error")


async def _call_map(world: World, draw: Draw) -> str:
    numbers = [(draw.number, other) for other in range(draw.source.randint(2, 8))]
    async with world.app.map("/add", numbers, ordered=draw.source.random() < 0.5) as results:
        found = [result async for result in results]
    expect(sorted(result.index for result in found), list(range(len(numbers))))
    for result in found:
        if result.error is None:
            expect(result.value, sum(numbers[result.index]))
        elif not result.error.may_have_run:
            raise result.error
    return "answers"


def _once(work: Work) -> Work:
    """Have work with functions end where one may have run, which nobody calls again.

    That happens to a request that meets the end of a connection that was kept for it.
    """

    async def attempt(world: World, draw: Draw) -> str:
        try:
            return await work(world, draw)
        except errors.SpaceUnavailableError as error:
            if not error.may_have_run:
                raise
            return "may have run"

    return attempt


CALL_WORK: dict[str, tuple[int, Work]] = {
    "call": (5, _once(_call)),
    "run": (4, _once(_run)),
    "session": (3, _once(_session)),
    "file": (3, _once(_file)),
    "call that fails": (2, _once(_fail)),
    "map of calls": (2, _call_map),
}
"""Each kind of work by its name, with how often it comes among all others."""

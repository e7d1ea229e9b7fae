"""The soak's chats: read to the end, left, cancelled, failed, at Spaces that nap and restart."""

from __future__ import annotations

import anyio

from spacechat import Timeout, errors, events

from .answers import answer
from .world import (
    FAULTS,
    Draw,
    Work,
    World,
    expect,
    expect_beginning,
    expect_partial,
    patience,
)

GONE = (errors.SpaceUnavailableError, errors.StreamInterruptedError, errors.GenerationError)
"""Errors of an app that restarts: it can't be reached, ends an answer, or knows no such session."""


async def _ask(world: World, draw: Draw) -> str:
    prompt = draw.prompt(draw.source.choice(["ok", "ok", "slow"]))
    async with world.some_client(draw) as client:
        expect((await client.ask(prompt, **world.whom(draw))).text, answer(prompt))
    return "answer"


async def _pieces(world: World, draw: Draw) -> str:
    prompt = draw.prompt()
    async with world.some_client(draw) as client:
        stream = client.stream(prompt, **world.whom(draw))
        expect("".join([piece async for piece in stream]), answer(prompt))
    return "answer"


async def _events(world: World, draw: Draw) -> str:
    prompt = draw.prompt()
    last: events.Event | None = None
    async with world.some_client(draw) as client:
        async for event in client.stream(prompt, **world.whom(draw)).events():
            last = event
    expect(last, events.Completed(answer(prompt)))
    return "answer"


async def _conversation(world: World, draw: Draw) -> str:
    async with (
        world.some_client(draw) as client,
        client.conversation(**world.whom(draw), history="native") as chat,
    ):
        for turn in range(draw.source.randint(2, 5)):
            prompt = draw.prompt(which=turn)
            if draw.source.random() < 0.3 and turn:
                expect(chat.undo(), draw.prompt(which=turn - 1))
            expect((await chat.ask(prompt)).text, answer(prompt))
        async with chat.branch() as other:
            prompt = draw.prompt(which="branch")
            expect((await other.ask(prompt)).text, answer(prompt))
    return "answer"


async def _leave(world: World, draw: Draw) -> str:
    prompt = draw.prompt(draw.source.choice(["endless", "slow", "ok"]))
    async with (
        world.some_client(draw) as client,
        client.stream(prompt, **world.whom(draw)) as stream,
    ):
        async for _ in stream:
            expect_beginning(stream.text[:4], answer(prompt))
            if len(stream.text) > draw.source.randrange(100):
                break
    return "left"


async def _raise(world: World, draw: Draw) -> str:
    try:
        async with (
            world.some_client(draw) as client,
            client.stream(draw.prompt("endless"), **world.whom(draw)) as stream,
        ):
            async for _ in stream:
                raise ZeroDivisionError
    except ZeroDivisionError:
        return "left"
    raise AssertionError("an endless answer ended")


async def _cancel(world: World, draw: Draw) -> str:
    prompt = draw.prompt(draw.source.choice(["ok", "slow", "endless"]))
    async with world.some_client(draw) as client:
        with anyio.move_on_after(draw.source.uniform(0, 0.15)):
            expect((await client.ask(prompt, **world.whom(draw))).text, answer(prompt))
            return "answer"
    return "cancelled"


async def _close(world: World, draw: Draw) -> str:
    """Close a stream, unread or after its first piece, or drop it unread."""
    prompt = draw.prompt(draw.source.choice(["ok", "endless"]))
    async with world.some_client(draw) as client:
        stream = client.stream(prompt, **world.whom(draw))
        how = draw.source.choice(["drop", "close", "read"])
        if how == "read":
            expect_beginning(await stream.__anext__(), answer(prompt))
        if how != "drop":
            await stream.aclose()
    return "left"


async def _time_out(world: World, draw: Draw) -> str:
    timeout = Timeout(connect=10, idle=10, total=draw.source.uniform(0.1, 0.4))
    prompt = draw.prompt("endless")
    try:
        await world.client.ask(prompt, **world.whom(draw), timeout=timeout)
    except errors.StreamTimeoutError as error:
        expect_beginning(error.partial_text[:4], answer(prompt))
        return "StreamTimeoutError"
    raise AssertionError("an endless answer ended")


async def _fault(world: World, draw: Draw) -> str:
    how = draw.source.choice([*FAULTS])
    prompt = draw.prompt(how)
    try:
        async with world.some_client(draw) as client:
            await client.ask(prompt, **world.whom(draw), timeout=patience(how))
    except FAULTS[how] as error:
        expect_partial(how, prompt, error)
        return type(error).__name__
    raise AssertionError(f"{how}: no error")


async def _wakes(world: World, draw: Draw) -> str:
    prompt = draw.prompt("wakes")
    expect((await world.client.ask(prompt, **world.whom(draw))).text, answer(prompt))
    return "answer"


async def _sleeper(world: World, draw: Draw) -> str:
    prompt = draw.prompt()
    try:
        async with world.some_client(draw) as client:
            expect((await client.ask(prompt, model=world.at.sleeper)).text, answer(prompt))
    except errors.SpaceUnavailableError:
        return "asleep"
    return "answer"


async def _restarter(world: World, draw: Draw) -> str:
    prompt = draw.prompt("slow")
    try:
        expect((await world.client.ask(prompt, model=world.at.restarter)).text, answer(prompt))
    except GONE as error:
        expect_beginning(error.partial_text, answer(prompt))
        return type(error).__name__
    return "answer"


async def _map(world: World, draw: Draw) -> str:
    hows = draw.source.choices(["ok", "ok", "slow", "error", "cut"], k=draw.source.randint(3, 8))
    prompts = [draw.prompt(how, index) for index, how in enumerate(hows)]
    whom = draw.source.sample([world.at.chat, world.at.sleeper, world.at.restarter], 2)
    async with (
        world.some_client(draw) as client,
        client.map(prompts, model=whom, ordered=draw.source.random() < 0.5) as results,
    ):
        found = [result async for result in results]
    expect(sorted(result.index for result in found), list(range(len(prompts))))
    for result in found:
        how, prompt = hows[result.index], prompts[result.index]
        if result.reply is not None:
            expect(result.reply.text, answer(prompt))
        elif isinstance(result.error, (*GONE, FAULTS.get(how, GONE[0]))):
            expect_beginning(result.error.partial_text, answer(prompt))
        else:
            raise AssertionError(f"{prompt}: {result.error!r}")
    return "answers"


async def _map_left(world: World, draw: Draw) -> str:
    prompts = (draw.prompt("slow", index) for index in range(1000))
    async with world.client.map(prompts, model=world.at.chat) as results:
        with anyio.move_on_after(draw.source.uniform(0, 0.3)):
            async for result in results:
                assert result.reply is not None
                expect(result.reply.text, answer(str(result.prompt)))
                if draw.source.random() < 0.3:
                    break
    return "left"


async def _check(world: World, draw: Draw) -> str:
    async with world.some_client(draw) as client:
        expect((await client.check(world.at.chat)).state, "up")
        await client.inspect(world.at.chat)
    return "answer"


CHAT_WORK: dict[str, tuple[int, Work]] = {
    "ask": (6, _ask),
    "pieces": (6, _pieces),
    "events": (4, _events),
    "conversation": (4, _conversation),
    "leave early": (6, _leave),
    "raise within": (2, _raise),
    "cancel": (8, _cancel),
    "close": (3, _close),
    "time out": (2, _time_out),
    "fault": (12, _fault),
    "wake a Space": (2, _wakes),
    "Space that naps": (6, _sleeper),
    "Space that restarts": (6, _restarter),
    "map over Spaces": (3, _map),
    "leave a map": (2, _map_left),
    "look": (2, _check),
}
"""Each kind of work by its name, with how often it comes among all others."""

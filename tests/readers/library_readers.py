"""The readers of the library itself, written once for both APIs."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from spacechat import errors
from tests.conftest import LOOPS
from tests.readers.outcome import Read
from tests.readers.reader import Reader, Task
from tests.readers.server import QUESTION

How = Callable[[Task, Any, Read], Awaitable[None]]
"""Reads a stream to its end, or until there is enough."""


# Streams


async def by_pieces(task: Task, stream: Any, read: Read) -> None:
    read.pieces = []
    async for text in stream:
        read.pieces.append(text)
        if task.is_enough(read):
            await stream.aclose()
            return


async def by_pieces_in_a_block(task: Task, stream: Any, read: Read) -> None:
    read.pieces = []
    async with stream:
        async for text in stream:
            read.pieces.append(text)
            if task.is_enough(read):
                return


async def by_events(task: Task, stream: Any, read: Read) -> None:
    read.events = []
    async for event in stream.events():
        read.events.append(event)
        if task.is_enough(read):
            await stream.aclose()
            return


async def by_events_in_a_block(task: Task, stream: Any, read: Read) -> None:
    read.events = []
    async with stream:
        async for event in stream.events():
            read.events.append(event)
            if task.is_enough(read):
                return


async def by_next_event(task: Task, stream: Any, read: Read) -> None:
    read.events = []
    with contextlib.suppress(StopAsyncIteration):
        async with stream:
            while not task.is_enough(read):
                read.events.append(await stream.next_event())


async def by_reply(_: Task, stream: Any, read: Read) -> None:
    read.take(await stream.reply())


async def by_reply_after_a_piece(task: Task, stream: Any, read: Read) -> None:
    async with stream:
        async for _ in stream:
            break
        await by_reply(task, stream, read)


async def _read_stream(task: Task, client: Any, stream: Any, how: How) -> Read:
    read = Read()
    sees_enough = _sees_enough(task, how)
    try:
        await task.do(partial(how, task, stream, read), client.aclose, sees_enough=sees_enough)
        read.fail(None)
    except errors.SpaceChatError as exc:
        read.fail(exc)
    if sees_enough or not task.app.is_left:
        read.text = stream.text
    return read


def _sees_enough(task: Task, how: How) -> bool:
    """Whether a reader can tell that it has got all that comes of the app."""
    return how in BY_EVENTS or (how in BY_PIECES and bool(task.app.gets.text))


def _turns(task: Task, *, sees_enough: bool = False) -> range:
    """The turns of a conversation; one only where the blocking client has to be closed in it."""
    return range(1 if task.app.is_left and task.api.blocking and not sees_enough else 2)


async def read_stream(how: How, task: Task) -> list[Read]:
    async with _client(task) as client:
        return [await _read_stream(task, client, client.stream(QUESTION, model=task.url), how)]


async def read_conversation(how: How, task: Task) -> list[Read]:
    """Two questions, the second of which comes after whatever came of the first."""
    reads = []
    async with _client(task) as client, client.conversation(model=task.url) as chat:
        for _ in _turns(task, sees_enough=_sees_enough(task, how)):
            reads.append(await _read_stream(task, client, chat.stream(QUESTION), how))
            reads[-1].messages = _messages(chat)
    return reads


# Whole answers


async def ask(task: Task) -> list[Read]:
    async with _client(task) as client:
        return [await _whole(task, client, partial(client.ask, QUESTION, model=task.url))]


async def ask_in_conversation(task: Task) -> list[Read]:
    reads = []
    async with _client(task) as client, client.conversation(model=task.url) as chat:
        for _ in _turns(task):
            reads.append(await _whole(task, client, partial(chat.ask, QUESTION)))
            reads[-1].messages = _messages(chat)
    return reads


async def _whole(task: Task, client: Any, ask: Callable[[], Awaitable[Any]]) -> Read:
    read = Read()

    async def work() -> None:
        read.take(await ask())

    try:
        await task.do(work, client.aclose)
        read.fail(None)
    except errors.SpaceChatError as exc:
        read.fail(exc)
    return read


async def read_map(task: Task, *, concurrency: int = 1, ordered: bool = True) -> list[Read]:
    reads: list[Read] = []
    async with _client(task) as client:

        async def work() -> None:
            questions = [QUESTION, QUESTION]
            async with client.map(
                questions, model=task.url, concurrency=concurrency, ordered=ordered
            ) as results:
                reads.extend([Read.of(result) async for result in results])

        await task.do(work, client.aclose, questions=concurrency)
    return reads or [Read() for _ in range(concurrency)]


# A provider's generator


async def read_generator(form: str, task: Task) -> list[Read]:
    provider = task.api.provider("GradioChat", task.url)
    generator = task.api.generator(provider, QUESTION, timeout=task.app.patience)
    read = Read(pieces=[])
    if form == "awaited":
        assert await generator is generator
    elif form == ".generator":
        generator = (await generator).generator

    async def work() -> None:
        async for piece in generator:
            assert read.pieces is not None
            assert piece.content == piece
            read.pieces.append(piece)
            if task.is_enough(read):
                await generator.aclose()
                return

    try:
        await task.do(work, generator.aclose, sees_enough=bool(task.app.gets.text))
        read.fail(None)
    except errors.SpaceChatError as exc:
        read.fail(exc)
    return [read]


def _messages(chat: Any) -> list[str]:
    inner = getattr(chat, "inner", chat)  # The blocking conversation, if it is one.
    return [message["content"] for message in inner.messages]


def _client(task: Task) -> Any:
    return task.api.client(timeout=task.app.patience)


BY_PIECES = (by_pieces, by_pieces_in_a_block)
BY_EVENTS = (by_events, by_events_in_a_block, by_next_event)

_FAILURE = frozenset({"error", "says", "partial"})
_TEXT = _FAILURE | {"text"}
_PIECES = _TEXT | {"pieces"}
_EVENTS = _TEXT | {"events"}
_REPLY = _TEXT | {"reasoning", "files"}

LIBRARY = {
    "`async for`": Reader(partial(read_stream, by_pieces), _PIECES),
    "`async with`, `async for`": Reader(partial(read_stream, by_pieces_in_a_block), _PIECES),
    "`events()`": Reader(partial(read_stream, by_events), _EVENTS),
    "`events()` in a block": Reader(partial(read_stream, by_events_in_a_block), _EVENTS),
    "`next_event()`": Reader(partial(read_stream, by_next_event), _EVENTS),
    "`reply()`": Reader(partial(read_stream, by_reply), _REPLY),
    "`reply()` after a piece": Reader(partial(read_stream, by_reply_after_a_piece), _REPLY),
    "`ask`": Reader(ask, _REPLY),
    "conversation, `stream`": Reader(
        partial(read_conversation, by_pieces), _PIECES | {"messages"}, questions=2
    ),
    "conversation, `ask`": Reader(ask_in_conversation, _REPLY | {"messages"}, questions=2),
    "`map`": Reader(read_map, _REPLY, questions=2),
    "`map`, two at once, unordered": Reader(
        partial(read_map, concurrency=2, ordered=False), _REPLY, questions=2, at_once=True
    ),
    "provider's generator": Reader(partial(read_generator, "iterated"), _FAILURE | {"pieces"}),
    "the same, awaited": Reader(
        partial(read_generator, "awaited"), _FAILURE | {"pieces"}, runs_on=(*LOOPS,)
    ),
    "the same, `.generator`": Reader(
        partial(read_generator, ".generator"), _FAILURE | {"pieces"}, runs_on=(*LOOPS,)
    ),
}

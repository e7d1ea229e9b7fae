"""What a token costs, in counts, which no noise of the machine can change."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

import spacechat
from spacechat import providers
from spacechat.protocol import StreamMachine
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    ReplayServer,
    appended,
    chunk,
    completed,
    generating,
    gradio,
    pairs,
)

FEW, MANY = 500, 2_000
"""Lengths of the answers; the difference between them leaves out what is done once."""


def body(tokens: int) -> bytes:
    """An event stream with an answer of so many tokens."""
    parts = [generating(*pairs("ha"))]
    parts += [generating(*appended("ha"))] * (tokens - 1)
    parts += [completed(*pairs("ha" * tokens)), CLOSE_STREAM]
    return EVENTS_HEAD + b"".join(map(chunk, parts)) + LAST_CHUNK


SHAPES: dict[str, tuple[Any, list[Any]]] = {
    "pairs": ([["Hi", "ha"]], [0, 1]),
    "pairs of lists": ([[{"text": "Hi"}, [{"text": "ha", "flushing": True}]]], [0, 1, 0, "text"]),
    "messages": ([{"role": "assistant", "content": "ha"}], [0, "content"]),
    "text": ("ha", []),
}
"""The first value of each kind of output, and the place of its newest text."""


def payloads(tokens: int, shape: str = "pairs") -> list[str]:
    value, path = SHAPES[shape]
    edit = generating([], [["append", path, "ha"]], [])
    parts = [generating("", value, ""), *[edit] * (tokens - 1)]
    return [part.decode().removeprefix("data: ").strip() for part in parts]


def calls(function: Callable[[], object]) -> int:
    """How often a Python function or a generator is entered."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    gc.disable()  # Or finalizers would be counted as they come.
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def blocks(function: Callable[[], object]) -> int:
    """How many blocks of memory are kept while the result is."""
    gc.collect()
    gc.disable()
    before = sys.getallocatedblocks()
    result = function()
    kept = sys.getallocatedblocks() - before
    gc.enable()
    del result
    return kept


def run_machine(messages: list[str]) -> StreamMachine:
    machine = StreamMachine(output=1)
    for message in messages:
        machine.receive(message)
    return machine


def test_memory_of_a_machine() -> None:
    """A thousand streams at once have a thousand."""
    messages = payloads(2)
    machines: list[StreamMachine] = [run_machine(messages)]
    tracemalloc.start()
    try:
        machines += [run_machine(messages) for _ in range(20)]
        assert tracemalloc.get_traced_memory()[0] / 20 <= 5_000
    finally:
        tracemalloc.stop()


def per_token(cost: Callable[[int], int], few: int = FEW, many: int = MANY) -> float:
    """What each token more costs; measured twice, the first time to load what is loaded once."""
    cost(few)
    return (cost(many) - cost(few)) / (many - few)


@pytest.mark.parametrize("shape", SHAPES)
def test_calls_of_the_machine(shape: str) -> None:
    def machine_calls(tokens: int) -> int:
        messages = payloads(tokens, shape)
        found: list[StreamMachine] = []
        count = calls(lambda: found.append(run_machine(messages)))
        assert found[0].text == "ha" * tokens
        return count

    per_call = per_token(machine_calls)
    assert per_call <= 7.1
    assert per_token(machine_calls, 8_000, 16_000) <= per_call + 0.1


def test_memory_kept_by_the_machine() -> None:
    """The pieces of an answer are joined by the thousand; nothing else of a message stays."""
    found = per_token(lambda tokens: blocks(lambda: run_machine(payloads(tokens))), 4_096, 16_384)
    assert found <= 0.1


def stream_calls(tokens: int, *, streams: int = 1) -> int:
    """The calls of whole streams from a socket, in the one thread that reads."""
    data = body(tokens)
    with ReplayServer(gradio(data=lambda _: [data])) as server:
        space = providers.Qwen_Qwen_2_72B.at(server.url)

        async def read() -> None:
            async with spacechat.AsyncClient() as client:
                for _ in range(streams):
                    stream = client.stream("Hi", provider=space)
                    assert sum([len(text) async for text in stream]) == 2 * tokens

        return calls(lambda: anyio.run(read))


@pytest.mark.parametrize(("fast", "most"), [(False, 53), (True, 13)], indirect=["fast"])
def test_calls_of_a_stream(fast: bool, most: int) -> None:
    """From the socket to the reader's text, the HTTP libraries' own calls among them."""
    found = per_token(stream_calls)
    assert found <= most
    assert per_token(stream_calls, 2_000, 8_000) <= found + 0.5


def lone_calls(tokens: int) -> int:
    """The calls of a stream whose server sends a token when the one before has been read."""
    first, *others = body(tokens).split(chunk(generating(*appended("ha"))))
    is_read = threading.Semaphore(0)

    def data() -> Iterator[bytes]:
        yield first
        for _ in others:
            is_read.acquire()
            yield chunk(generating(*appended("ha")))
        yield others[-1]

    with ReplayServer(gradio(data=lambda _: data())) as server:
        space = providers.Qwen_Qwen_2_72B.at(server.url)

        async def read() -> None:
            async with spacechat.AsyncClient() as client:
                async for _ in client.stream("Hi", provider=space):
                    is_read.release()

        return calls(lambda: anyio.run(read))


def test_calls_of_a_token_that_comes_alone() -> None:
    """The event loop's own calls among them."""
    assert per_token(lone_calls, 50, 250) <= 61


ORDINARY = "from spacechat.transport import http_client as h; h.fast_transport = lambda: None\n"

OPENING = """
import os
from tests.test_costs import stream_calls
os.environ.clear()
stream_calls(2)
print(stream_calls(2), stream_calls(2, streams=11))
"""


@pytest.mark.parametrize(
    ("transport", "first", "later"), [(ORDINARY, 5_220, 4_030), ("", 3_085, 1_940)]
)
def test_calls_to_open_a_stream(transport: str, first: int, later: int) -> None:
    """The first one of a client, with what it takes to close that; and each later one.

    It takes a process of its own: asyncio looks through tasks that other tests left in other loops,
    and looking for proxies takes some calls for each variable of the environment.
    """
    command = [sys.executable, "-c", transport + OPENING]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    one, eleven = map(int, done.stdout.split())
    assert one <= first
    assert eleven - one <= 10 * later


@pytest.mark.parametrize("fast", [False, True], indirect=True)
def test_what_a_stream_leaves_for_the_garbage_collector(fast: bool) -> None:
    """A connection in a cycle lives until it is found, and finding it takes time."""
    data = body(2)
    with ReplayServer(gradio(data=lambda _: [data])) as server:
        space = providers.Qwen_Qwen_2_72B.at(server.url)

        async def read() -> int:
            async with spacechat.AsyncClient() as client:
                await client.ask("Hi", provider=space)
                gc.collect()
                gc.disable()
                found = []
                try:
                    for _ in range(5):  # On a busy machine, a connection may not be kept.
                        await client.ask("Hi", provider=space)
                        found.append(gc.collect())
                finally:
                    gc.enable()
                return min(found)

        assert anyio.run(read) <= 50


def test_memory_kept_by_a_stream() -> None:
    """Of a message that was read, nothing stays but its share of the text."""

    def kept(tokens: int) -> int:
        data = body(tokens)
        with ReplayServer(gradio(data=lambda _: [data])) as server:
            space = providers.Qwen_Qwen_2_72B.at(server.url)

            async def read() -> spacechat.Reply:
                async with spacechat.AsyncClient() as client:
                    return await client.ask("Hi", provider=space)

            return blocks(lambda: anyio.run(read))

    assert per_token(kept, 4_096, 16_384) <= 0.1


def test_what_an_import_loads() -> None:
    code = "import sys; before = set(sys.modules); import spacechat\n"
    code += "print(len(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
    assert int(done.stdout) <= 40

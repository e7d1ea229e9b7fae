"""Measuring: every figure comes from a fresh process, which runs a function of this file.

`python -m benchmarks.measure NAME ARGUMENT...` prints what the function returns, as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from .peers import PEERS, ask_raw, plain, raw
from .server import PROMPT, Script, answer, local_space, payloads


def run(name: str, *arguments: object, of: str = "measure") -> Any:
    """Runs a function of this file, or of another, in a fresh process; returns what it returns."""
    command = [sys.executable, "-m", f"benchmarks.{of}", name, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def clocked(function: Callable[[], object]) -> dict[str, float]:
    """CPU time of the process, all threads, and wall time; in seconds."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    function()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def read(peer: str, url: str, script: str, repeats: str = "3") -> dict[str, float]:
    """The cheapest of some whole answers, after a short one that loads what is loaded once."""
    PEERS[peer](f"{url}/t20-{Script.parse(script).form}")
    text = ""

    def once() -> None:
        nonlocal text
        text = PEERS[peer](f"{url}/{script}")

    # What else the machine does can only add to a figure, so the least is the best.
    found = min((clocked(once) for _ in range(int(repeats))), key=lambda each: each["cpu"])
    assert text == "".join(answer(Script.parse(script).tokens)), f"{peer} read something else"
    return found


def transport_of(way: str) -> contextlib.AbstractContextManager[None]:
    """Has clients read as a way of ours does, one of `cases.WAYS`."""
    return plain() if way == "spacechat plain" else contextlib.nullcontext()


def memory(way: str, url: str, script: str) -> dict[str, float]:
    """The most memory that an answer takes above what the process had, in bytes."""
    from spacechat import AsyncClient, providers

    async def main(name: str) -> int:
        provider = providers.Qwen_Qwen_2_72B.at(f"{url}/{name}")
        client = AsyncClient()
        async with client, client.stream(PROMPT, provider=provider) as stream:
            async for _ in stream:
                pass  # Whoever keeps the pieces pays for them.
            return len(stream.text.encode())

    with transport_of(way):
        asyncio.run(main("t20-edits"))
        idle = _resident()
        size = asyncio.run(main(script))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"peak": peak - idle, "answer": size}


def decoding(script: str) -> dict[str, float]:
    """Decoding the messages alone, with msgspec, into the typed messages."""
    from spacechat.protocol import wire

    found = payloads(Script.parse(script))
    return clocked(lambda: [wire.decode(each) for each in found] and None)


def many(way: str, url: str, script: str, streams: str) -> dict[str, float]:
    """Many streams at once, on one client; per stream."""
    from spacechat import AsyncClient, providers

    provider = providers.Qwen_Qwen_2_72B.at(f"{url}/{script}")
    wanted = "".join(answer(Script.parse(script).tokens))

    async def one(client: AsyncClient) -> None:
        if way == "raw socket + msgspec":
            assert await raw(f"{url}/{script}") == wanted
            return
        async with client.stream(PROMPT, provider=provider) as stream:
            text = "".join([text async for text in stream])
        assert text == wanted

    async def main(count: int) -> None:
        async with AsyncClient() as client:
            await asyncio.gather(*(one(client) for _ in range(count)))

    count = int(streams)
    with transport_of(way):
        asyncio.run(main(2))
        found = clocked(lambda: asyncio.run(main(count)))
    return {name: value / count for name, value in found.items()}


def first(url: str, count: str) -> dict[str, list[float]]:
    """Seconds to the first text, of each way in turn, over and over.

    Args:
        url: The server; an empty one stands for the library's local Space.
        count: How often.
    """
    if url:
        import gradio_client

        theirs = gradio_client.Client(url, verbose=False)  # Not counted, though it asks much.
        return _first(url, int(count), theirs)
    with local_space() as space:  # It doesn't tell what gradio_client wants to know.
        return _first(space, int(count))


def _first(url: str, count: int, theirs: Any = None) -> dict[str, list[float]]:
    import spacechat
    from spacechat import providers

    provider = providers.Qwen_Qwen_2_72B.at(url)

    async def socket() -> None:
        reader, writer = await ask_raw(url)
        await reader.readuntil(b"process_generating")
        await reader.readuntil(b"\n")
        writer.close()

    async def ours() -> None:
        async with spacechat.AsyncClient().stream(PROMPT, provider=provider) as stream:
            await stream.__anext__()
            ends.append(time.perf_counter())

    def blocking() -> None:
        with spacechat.Client().stream(PROMPT, provider=provider) as stream:
            next(stream)
            ends.append(time.perf_counter())

    def other() -> None:
        job = theirs.submit(PROMPT, [], "sys", api_name="/chat")
        next(iter(job))
        ends.append(time.perf_counter())
        for _ in job:
            pass

    loop = asyncio.new_event_loop()
    run = loop.run_until_complete
    ways: dict[str, Callable[[], Any]] = {
        "raw socket": lambda: run(socket()),
        "spacechat, async": lambda: run(ours()),
        "spacechat, blocking": blocking,
        "spacechat plain, async": plain()(lambda: run(ours())),
        "spacechat plain, blocking": plain()(blocking),
    }
    if theirs is not None:
        ways["gradio_client"] = other
    found: dict[str, list[float]] = {name: [] for name in ways}
    for index in range(count + 5):
        for name, way in ways.items():
            ends: list[float] = []
            start = time.perf_counter()
            way()
            took = (ends[0] if ends else time.perf_counter()) - start
            if index >= 5:
                found[name].append(took)
    loop.close()
    return found


def held(way: str, url: str, script: str, streams: str, loop: str) -> dict[str, float]:
    """Many streams that get tokens at a rate: CPU until the last token, lateness and memory."""
    import uvloop

    from spacechat import AsyncClient, providers

    provider = providers.Qwen_Qwen_2_72B.at(f"{url}/{script}")
    count = int(streams)
    tokens = count * Script.parse(script).tokens
    late: list[float] = []
    used = 0.0

    def arrived(sent: float) -> None:
        nonlocal used
        if sent:
            late.append(time.monotonic() - sent)
            if len(late) == tokens:
                used = time.process_time()

    async def one(client: AsyncClient) -> None:
        if way == "raw socket":
            reader, writer = await ask_raw(f"{url}/{script}")
            async for line in reader:
                _, found, text = line.partition(b'[0,1],"')
                if found:
                    arrived(float(text.partition(b'"')[0]))
                elif b"close_stream" in line:
                    break
            writer.close()
            return
        async with client.stream(PROMPT, provider=provider) as stream:
            async for text in stream:
                arrived(float(text))

    async def main() -> dict[str, float]:
        # Loads what is loaded once.
        await AsyncClient().ask(PROMPT, provider=providers.Qwen_Qwen_2_72B.at(f"{url}/t20-edits"))
        idle = _resident()
        reader, writer = await asyncio.open_connection(*url[7:].split(":"))

        async def tell(what: str) -> None:
            writer.write(f"GET /{script}/{what} HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"{}")

        async with AsyncClient() as client:
            tasks = []
            while len(tasks) < count:
                some = range(min(20, count - len(tasks)))
                tasks += [asyncio.create_task(one(client)) for _ in some]
                await tell(f"wait?{len(tasks)}")
            memory = (_resident() - idle) / count
            await tell("go")
            cpu = time.process_time()
            lag = float(await reader.readline())
            await asyncio.gather(*tasks)
            writer.close()
        late.sort()
        return {
            "memory": memory,
            "cpu": (used - cpu) / tokens,
            "p99": late[len(late) * 99 // 100],
            "server lag": lag,
        }

    with transport_of(way):
        return (uvloop.run if loop == "uvloop" else asyncio.run)(main())


def _resident() -> int:
    """Bytes of memory that the process has now."""
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * resource.getpagesize()


def operations() -> dict[str, float]:
    """Seconds for one step of each kind, the least of some rounds."""
    from spacechat import events
    from spacechat.protocol import StreamMachine, edits, wire

    message = payloads(Script(20, "edits"))[5]
    opening = payloads(Script(20, "edits"))[2]
    text = message.decode()
    count = 20_000
    value: Any = [[PROMPT, "Paris"]]
    machine = StreamMachine(output=1)
    machine.receive(opening)
    steps: dict[str, Callable[[], object]] = {
        "building an event": lambda: events.TextDelta("ha"),
        "decoding a message": lambda: wire.decode(text),
        "applying an edit": lambda: edits.apply([["replace", [0, 1], "Paris"]], value),
        "a message through the machine": lambda: machine.receive(text),
    }
    found = {}
    for name, step in steps.items():

        def loop(step: Callable[[], object] = step) -> None:
            for _ in range(count):
                step()

        found[name] = min(clocked(loop)["cpu"] for _ in range(7)) / count
    return found


def importing(module: str) -> dict[str, float]:
    """Importing a module."""
    code = (
        "import time; cpu, wall = time.process_time(), time.perf_counter()\n"
        f"import {module}\n"
        "print(time.process_time() - cpu, time.perf_counter() - wall)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
    cpu, wall = map(float, done.stdout.split())
    return {"cpu": cpu, "wall": wall}


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (read, memory, decoding, many, first, held, operations)
}

if __name__ == "__main__":
    print(json.dumps(FUNCTIONS[sys.argv[1]](*sys.argv[2:])))

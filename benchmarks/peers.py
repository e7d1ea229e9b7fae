"""The ways to read an answer: ours, and what people use otherwise.

Each reads one whole answer from the server of `benchmarks.server` and returns its text. What it
imports is imported by itself, so that a process that measures one has loaded no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from .server import PROMPT

JOIN = {
    "data": [PROMPT, [], "sys"],
    "event_data": None,
    "fn_index": 0,
    "trigger_id": 11,
    "session_hash": "abcdef012345",
}
DATA = "/queue/data?session_hash=abcdef012345"


def add(pieces: list[str], message: Any) -> None:
    """What somebody does with a message who knows the Space and trusts it."""
    if message["msg"] == "process_generating":
        chat = message["output"]["data"][1]
        if chat[0][0] == "append":
            pieces.append(chat[0][2])
        else:
            pieces[:] = [chat[-1][1]]


async def bare(url: str) -> str:
    """The bare loop: httpx, httpx_sse, json.loads."""
    import httpx
    import httpx_sse

    pieces: list[str] = []
    async with httpx.AsyncClient(timeout=30) as client:
        await client.post(url + "/queue/join", json=JOIN)
        async with httpx_sse.aconnect_sse(client, "GET", url + DATA) as source:
            async for event in source.aiter_sse():
                add(pieces, json.loads(event.data))
    return "".join(pieces)


async def lines(url: str) -> str:
    """A loop that reads lines with aiohttp."""
    import aiohttp

    pieces: list[str] = []
    async with aiohttp.ClientSession() as client:
        async with client.post(url + "/queue/join", json=JOIN) as joined:
            await joined.read()
        async with client.get(url + DATA) as response:
            async for line in response.content:
                if line.startswith(b"data:"):
                    add(pieces, json.loads(line[5:]))
    return "".join(pieces)


async def raw(url: str) -> str:
    """The floor: a socket, and msgspec on what stands between two newlines."""
    import msgspec

    output = msgspec.defstruct("Output", [("data", list[Any] | None, None)])
    kind = msgspec.defstruct("Message", [("msg", str), ("output", output | None, None)])
    decode = msgspec.json.Decoder(kind).decode
    reader, writer = await ask_raw(url)
    pieces: list[str] = []
    rest = b""
    while block := await reader.read(1 << 18):
        *found, rest = (rest + block).split(b"\n")
        for line in found:
            if not line.startswith(b"data: "):
                continue
            message: Any = decode(line[6:])
            if message.msg == "close_stream":
                writer.close()
                return "".join(pieces)
            if message.msg == "process_generating":
                chat = message.output.data[1]
                if chat[0][0] == "append":
                    pieces.append(chat[0][2])
                else:
                    pieces = [chat[-1][1]]
    raise EOFError


async def ask_raw(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Joins the queue and asks for the stream, on one connection without an HTTP library."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)
    body = json.dumps(JOIN).encode()
    head = f"POST {parts.path}/queue/join HTTP/1.1\r\nhost: {parts.netloc}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await reader.readuntil(b"}")
    writer.write(f"GET {parts.path}{DATA} HTTP/1.1\r\nhost: {parts.netloc}\r\n\r\n".encode())
    return reader, writer


@contextlib.contextmanager
def plain() -> Iterator[None]:
    """Have spacechat read with httpx's own transport, as where there is no `httptools`."""
    from spacechat.transport import http_client

    fast_transport = http_client.fast_transport
    http_client.fast_transport = lambda: None
    try:
        yield
    finally:
        http_client.fast_transport = fast_transport


async def ours(url: str) -> str:
    """spacechat: `async for text in stream`."""
    from spacechat import AsyncClient, providers

    pieces: list[str] = []
    async with AsyncClient() as client:
        provider = providers.Qwen_Qwen_2_72B.at(url)
        async with client.stream(PROMPT, provider=provider) as stream:
            async for text in stream:
                pieces.append(text)  # noqa: PERF401 - a loop is what is measured
    return "".join(pieces)


async def ours_plain(url: str) -> str:
    """spacechat with httpx's own transport."""
    with plain():
        return await ours(url)


def ours_blocking(url: str) -> str:
    """spacechat: `for text in stream`."""
    from spacechat import Client, providers

    pieces: list[str] = []
    with Client() as client:
        provider = providers.Qwen_Qwen_2_72B.at(url)
        with client.stream(PROMPT, provider=provider) as stream:
            for text in stream:
                pieces.append(text)  # noqa: PERF402
    return "".join(pieces)


def ours_plain_blocking(url: str) -> str:
    """spacechat with httpx's own transport: `for text in stream`."""
    with plain():
        return ours_blocking(url)


def gradio_client(url: str) -> str:
    """gradio_client: a job, iterated; each step gives the whole answer."""
    import gradio_client as library  # type: ignore[import-untyped]

    client = library.Client(url, verbose=False)
    job = client.submit(PROMPT, [], "sys", api_name="/chat")
    answer = ""
    for outputs in job:
        answer = outputs[1][-1][1]
    return answer


def _asyncio(read: Callable[[str], Awaitable[str]]) -> Callable[[str], str]:
    async def main(url: str) -> str:
        return await read(url)

    return lambda url: asyncio.run(main(url))


def _trio(read: Callable[[str], Awaitable[str]]) -> Callable[[str], str]:
    def run(url: str) -> str:
        import trio

        return trio.run(read, url)

    return run


PEERS: dict[str, Callable[[str], str]] = {
    "bare loop, asyncio": _asyncio(bare),
    "bare loop, trio": _trio(bare),
    "spacechat, asyncio": _asyncio(ours),
    "spacechat, trio": _trio(ours),
    "spacechat, blocking": ours_blocking,
    "spacechat plain, asyncio": _asyncio(ours_plain),
    "spacechat plain, trio": _trio(ours_plain),
    "spacechat plain, blocking": ours_plain_blocking,
    "raw socket + msgspec": _asyncio(raw),
    "aiohttp lines": _asyncio(lines),
    "gradio_client": gradio_client,
}

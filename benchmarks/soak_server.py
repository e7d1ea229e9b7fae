"""A server of short answers for `benchmarks.soak`, which fails in the ways that real ones do.

The prompt says how it answers: `ok`, or one of `FAULTS`. It runs in a process of its own, so that
the memory it takes is not counted as the client's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

PIECES = [f"{number} " for number in range(12)]
TEXT = "".join(PIECES)
FAULTS = ("cut", "reset", "error", "hidden", "garbage", "full", "sleeping", "html", "endless")

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Sessions:
    """What each session asked for, and how many streams are open."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}
        self.connections = 0


async def _serve(
    sessions: Sessions, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    sessions.connections += 1
    try:
        while await _answer(sessions, reader, writer):
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        sessions.connections -= 1
        writer.close()


async def _answer(
    sessions: Sessions, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = 0
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    body = await reader.readexactly(length)
    path, _, query = head.split(" ", 2)[1].partition("?")
    word = path.rpartition("/")[2]
    if word == "connections":
        writer.write(_plain("200 OK", {"connections": sessions.connections - 1}))
        return False
    if word == "join":
        asked = json.loads(body)
        how = _how(asked["data"])
        if how == "full":
            writer.write(_plain("503 Service Unavailable", {"detail": "Queue is full."}))
        elif how == "sleeping":
            writer.write(_plain("502 Bad Gateway", "<html><h1>Bad Gateway</h1></html>"))
        elif how == "html":
            writer.write(_plain("200 OK", "<html>Log in</html>"))
        else:
            sessions.asked[asked["session_hash"]] = how
            writer.write(_plain("200 OK", {"event_id": "e"}))
        return True
    if word == "data":
        how = sessions.asked.pop(query.partition("session_hash=")[2].partition("&")[0], "error")
        return await _stream(how, reader, writer)
    writer.write(_plain("200 OK", {"success": True, "data": []}))
    return True


def _how(data: list[Any]) -> str:
    return next(value for value in data if isinstance(value, str) and value in ("ok", *FAULTS))


async def _stream(how: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(_HEAD)
    for number, piece in enumerate(PIECES):
        data = [[["append", [0, 1], piece]]] if number else [[["Q", piece]]]
        writer.write(_message("process_generating", output={"data": [[], *data, []]}))
        await writer.drain()
        if number == 5:
            if how == "cut":
                return False
            if how == "reset":
                writer.transport.abort()
                return False
            if how == "garbage":
                writer.write(_chunk(b"data: no json\n\n"))
            if how in ("error", "hidden"):
                error = "boom" if how == "error" else None
                writer.write(_message("process_completed", output={"error": error}, success=False))
            if how == "endless":
                await reader.read(1)  # Until the client goes away, or says to cancel elsewhere.
                return False
    writer.write(_message("process_completed", output={"data": ["", [["Q", TEXT]], ""]}))
    writer.write(b"0\r\n\r\n")
    return True


def _message(msg: str, **fields: object) -> bytes:
    data = json.dumps({"msg": msg, "event_id": "e", "success": True, **fields})
    return _chunk(f"data: {data}\n\n".encode())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _plain(status: str, said: object) -> bytes:
    html = isinstance(said, str)
    body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {'text/html' if html else 'application/json'}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _main() -> None:
    sessions = Sessions()
    server = await asyncio.start_server(
        lambda reader, writer: _serve(sessions, reader, writer), "127.0.0.1", 0, backlog=4096
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # Until the parent ends.
    server.close()


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run the server in a process of its own; give its address."""
    command = [sys.executable, "-m", "benchmarks.soak_server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())

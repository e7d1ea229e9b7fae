"""The soak's server, a process of its own: Gradio's wire by hand, with what goes wrong out there.

`known` is a Space known by name, `chat` an app that describes itself. `sleeper` is the same and
falls asleep every now and then; `restarter` goes away with everything that it was doing, and comes
back as another process would. Each closes connections that wait for the next request, some by a
reset. `control` tells what happened so far.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import subprocess
import sys
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import served_app
from .served_app import End

_EVENTS = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
_BUILDING = "<html><title>Hugging Face</title><h1>This Space is building</h1></html>"
_REFUSALS: dict[str, tuple[str, object]] = {
    "full": ("503 Service Unavailable", {"detail": "Queue is full."}),
    "sleeping": ("503 Service Unavailable", _BUILDING),
    "html": ("200 OK", "<html>Log in</html>"),
}
_IDLE = (0.05, 3.0)
"""Least and most seconds that a connection may wait for a request."""
_UP, _ASLEEP, _AWAY = (5.0, 30.0), (0.5, 2.0), (0.05, 0.3)
"""Least and most seconds between two naps or restarts, of a nap, and of a restart."""


@dataclass(frozen=True)
class Addresses:
    """Where the apps are, and what tells what happened."""

    known: str
    chat: str
    sleeper: str
    restarter: str
    control: str


class App:
    """An app at an address."""

    def __init__(self, name: str, happened: Counter[str], source: random.Random) -> None:
        self._name = name
        self._happened = happened
        self._source = source
        self._asleep = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._forget()

    def _forget(self) -> None:
        """Be as a new process of the app is."""
        self._identity = f"{self._source.getrandbits(64):x}"
        self._joined: dict[str, tuple[str, list[Any]]] = {}
        self._sessions = served_app.Sessions()
        self._woken: OrderedDict[str, None] = OrderedDict()
        self._files: dict[str, bytes] = {}

    async def listen(self, port: int = 0) -> int:
        """Listen, and return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, backlog=4096)
        return int(self._server.sockets[0].getsockname()[1])

    async def nap(self) -> None:
        """Fall asleep and wake, again and again."""
        while True:
            await asyncio.sleep(self._source.uniform(*_UP))
            self._asleep = True
            self._happened["naps"] += 1
            await asyncio.sleep(self._source.uniform(*_ASLEEP))
            self._asleep = False

    async def restart(self, port: int) -> None:
        """End and begin, again and again."""
        while True:
            await asyncio.sleep(self._source.uniform(*_UP))
            assert self._server is not None
            self._server.close()
            for writer in [*self._writers]:
                writer.transport.abort()
            self._forget()
            self._happened["restarts"] += 1
            await asyncio.sleep(self._source.uniform(*_AWAY))
            await self.listen(port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._happened["connections now"] += 1
        self._happened["connections"] += 1
        try:
            request = await self._request(reader)
            while await self._answer(request, reader, writer):
                await writer.drain()
                request = await self._next_request(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            self._happened["connections now"] -= 1
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> tuple[str, bytes]:
        """Return the target and the body of a request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?i)\r\ncontent-length: *(\d+)", head)
        return head.split(" ", 2)[1], await reader.readexactly(int(length[1]) if length else 0)

    async def _next_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[str, bytes]:
        """Return the next request, for which it does not wait long.

        Raises:
            ConnectionError: It came too late.
        """

        def end() -> None:
            if self._source.random() < 0.3:
                self._happened["idle connections reset"] += 1
                writer.transport.abort()
            else:
                self._happened["idle connections closed"] += 1
                writer.close()

        timer = asyncio.get_running_loop().call_later(self._source.uniform(*_IDLE), end)
        try:
            request = await self._request(reader)
        finally:
            timer.cancel()
        if writer.is_closing():
            raise ConnectionError
        return request

    async def _answer(
        self, request: tuple[str, bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer a request; return whether the connection may be used again."""
        target, body = request
        parts = urlsplit(target)
        path = parts.path.removeprefix(served_app.PREFIX)
        self._happened["requests"] += 1
        if self._asleep:
            self._happened["requests while asleep"] += 1
            writer.write(_response("503 Service Unavailable", _BUILDING))
        elif path == "/queue/data":
            return await self._stream(parse_qs(parts.query)["session_hash"][0], reader, writer)
        elif path.startswith("/heartbeat/"):
            writer.write(_EVENTS + _chunk(b"data: ALIVE\n\n"))
            await reader.read(1)  # Until the page is closed.
            return False
        elif path.startswith("/file="):
            writer.write(_response("200 OK", self._files[path.rpartition("/")[2]]))
        else:
            writer.write(_response(*self._plain(path, body)))
        return True

    def _plain(self, path: str, body: bytes) -> tuple[str, object]:
        """Return the status and the body of what is answered at once."""
        if self._name == "known" and path in ("/config", "/info"):
            return "404 Not Found", {"detail": "Not Found"}
        if path == "/config":
            return "200 OK", served_app.config(self._identity)
        if path in ("/info", "/info?serialize=False"):
            return "200 OK", served_app.info()
        if path == "/queue/join":
            return self._join(json.loads(body))
        if path.startswith(("/run/", "/api/")):
            return "200 OK", {"data": [sum(json.loads(body)["data"])]}
        if path == "/upload":
            return "200 OK", self._upload(body)
        if path == "/cancel":
            self._happened["cancels"] += 1
        return "200 OK", {"success": True}

    def _join(self, asked: dict[str, Any]) -> tuple[str, object]:
        name = "known" if self._name == "known" else served_app.NAMES[asked["fn_index"]]
        prompt = str(asked["data"][0])
        how = prompt.split(" ", 1)[0]
        if how in _REFUSALS:
            return _REFUSALS[how]
        if how == "wakes" and prompt not in self._woken:
            self._woken[prompt] = None
            if len(self._woken) > 100:
                self._woken.popitem(last=False)
            return _REFUSALS["sleeping"]
        self._joined[asked["session_hash"]] = name, asked["data"]
        return "200 OK", {"event_id": "e"}

    def _upload(self, body: bytes) -> list[str]:
        """Keep a file, and for a while what shouting makes of it."""
        content = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
        name = f"{self._source.getrandbits(64):x}"
        self._files |= {name: content, f"{name}.loud": content.upper()}
        while len(self._files) > 100:
            del self._files[next(iter(self._files))]
        return [f"/tmp/{name}"]

    async def _stream(
        self, session: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        writer.write(_EVENTS)
        if session not in self._joined:
            writer.write(_chunk(served_app.NOT_FOUND) + _chunk(b""))
            return True
        name, data = self._joined.pop(session)
        if name == "known":
            parts = served_app.known_chat(data)
        else:
            parts = served_app.call(name, data, session, self._sessions)
        for part in parts:
            if isinstance(part, bytes):
                writer.write(_chunk(part))
                await writer.drain()
            elif isinstance(part, float):
                await asyncio.sleep(part)
            else:
                if part is End.RESET:
                    writer.transport.abort()
                if part is End.SILENCE:
                    await reader.read(1)  # Until the client goes away.
                return False
        writer.write(_chunk(served_app.CLOSE_STREAM) + _chunk(b""))
        return True


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _response(status: str, said: object) -> bytes:
    if isinstance(said, bytes):
        kind, body = "application/octet-stream", said
    elif isinstance(said, str):
        kind, body = "text/html", said.encode()
    else:
        kind, body = "application/json", json.dumps(said).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _main(seed: int) -> None:
    happened: Counter[str] = Counter()

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(happened).encode())
        writer.close()

    control = await asyncio.start_server(tell, "127.0.0.1", 0)
    apps = {
        name: App(name, happened, random.Random(f"{seed} {name}"))
        for name in ("known", "chat", "sleeper", "restarter")
    }
    ports = {name: await app.listen() for name, app in apps.items()}
    ports["control"] = control.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    tasks = [
        asyncio.create_task(apps["sleeper"].nap()),
        asyncio.create_task(apps["restarter"].restart(ports["restarter"])),
    ]
    await asyncio.to_thread(sys.stdin.read)  # Until the parent ends.
    for task in tasks:
        task.cancel()


@contextlib.contextmanager
def running(seed: int = 0) -> Iterator[Addresses]:
    """Run the server in a process of its own; give its addresses."""
    command = [sys.executable, "-m", "benchmarks.soak.server", str(seed)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            ports = json.loads(process.stdout.readline())
            yield Addresses(**{name: f"http://127.0.0.1:{port}" for name, port in ports.items()})
        finally:
            process.terminate()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(int(sys.argv[1])))

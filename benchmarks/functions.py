"""A server of an app with functions, which speaks Gradio's wire as far as both clients use it.

`/add` answers at once; `/numbers`, `/states` and `/grow` stream as many values as they are asked
for, as edits and as fast as the socket takes them; `/paced` one each 20 milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

PACE = 0.02
"""Seconds between the values of `/paced`."""

LINGER = 3.0
"""Seconds that a stream of several events stays open for more of them.

A real server is at work for long. gradio_client waits for ever for an event that it joins just
as its stream ends.
"""

Values = Iterator[tuple[Any, list[Any] | None]]
"""The whole value and the edits that lead to it from the one before; None: the first."""


def numbers(count: int) -> Values:
    """Numbers, each in the place of the one before."""
    for number in range(count):
        yield number, [["replace", [], number]] if number else None


def states(count: int) -> Values:
    """An object that tells how far something is, with a list that grows."""
    state: dict[str, Any] = {"step": 0, "loss": 1.0, "log": [], "settings": SETTINGS}
    for step in range(count):
        line = {"step": step, "text": f"step {step} is done"}
        state["step"], state["loss"] = step, 1 / (step + 1)
        state["log"].append(line)
        edits = [
            ["replace", ["step"], step],
            ["replace", ["loss"], state["loss"]],
            ["add", ["log", step], line],
        ]
        yield state, edits if step else None


def grow(count: int) -> Values:
    """A list to which an object is added each time."""
    found: list[Any] = []
    for step in range(count):
        found.append({"step": step, "name": f"step {step}"})
        yield found, [["add", [step], found[-1]]] if step else None


SETTINGS = {f"setting {number}": [number, str(number), {"on": True}] for number in range(40)}
FUNCTIONS = {"add": None, "numbers": numbers, "states": states, "grow": grow, "paced": numbers}
NAMES = list(FUNCTIONS)


def messages(name: str, data: list[Any], event: str) -> Iterator[bytes]:
    """What is sent of an event."""

    def message(msg: str, **fields: Any) -> bytes:
        told = json.dumps({"msg": msg, "event_id": event, **fields}, separators=(",", ":"))
        return b"data: %b\n\n" % told.encode()

    yield message("estimation", rank=0, queue_size=1, rank_eta=0.01)
    yield message("process_starts", eta=0.01)
    function = FUNCTIONS[name]
    final: Any = sum(data) if function is None else None
    for value, edits in [] if function is None else function(int(data[0])):
        final = value
        shown = value if edits is None else edits
        output = {"data": [shown], "is_generating": True}
        yield message("process_generating", output=output, success=True)
    output = {"data": [final], "is_generating": False}
    yield message("process_completed", output=output, success=True)


class Session:
    """The events of one session, and what is to be sent of them."""

    def __init__(self) -> None:
        self.open = 0
        self.most = 0
        self.ready: asyncio.Queue[tuple[str, list[Any], str]] = asyncio.Queue()

    def join(self, name: str, data: list[Any], event: str) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        self.ready.put_nowait((name, data, event))

    async def send(self, writer: asyncio.StreamWriter) -> None:
        """Sends the events, one after another, until there is none left."""
        while self.open or (self.most > 1 and await self._more()):
            name, data, event = await self.ready.get()
            for message in messages(name, data, event):
                writer.write(b"%x\r\n%b\r\n" % (len(message), message))
                if name == "paced" and b"process_generating" in message:
                    await asyncio.sleep(PACE)
            await writer.drain()
            self.open -= 1
        self.most = 0
        end = b'data: {"msg":"close_stream","event_id":null}\n\n'
        writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(end), end))

    async def _more(self) -> bool:
        """Whether another event is joined before long."""
        until = time.monotonic() + LINGER
        while not self.open and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return self.open > 0


class App:
    """The app: its sessions, by their hashes."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.joined = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                target, body = await _request(reader)
                await self._answer(target, body, writer)
                await writer.drain()
        writer.close()

    async def _answer(self, target: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(target)
        path = parts.path.removeprefix("/gradio_api")
        if path == "/queue/data":
            session = self.sessions.setdefault(parse_qs(parts.query)["session_hash"][0], Session())
            writer.write(_EVENTS)
            await session.send(writer)
        elif path == "/queue/join":
            writer.write(_response(self._join(json.loads(body))))
        else:
            bodies = {"/config": _config(), "/info": _info(), "/cancel": {"success": True}}
            writer.write(_response(bodies.get(path, {"detail": "Not Found"})))

    def _join(self, asked: dict[str, Any]) -> dict[str, str]:
        self.joined += 1
        event = f"{self.joined:032x}"
        session = self.sessions.setdefault(asked["session_hash"], Session())
        session.join(NAMES[asked["fn_index"]], asked["data"], event)
        return {"event_id": event}


_EVENTS = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = 0
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    return head.split(" ", 2)[1], await reader.readexactly(length)


def _response(content: object) -> bytes:
    body = json.dumps(content).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


def _inputs(name: str) -> list[int]:
    """The components that a function takes."""
    return [1, 2] if name == "add" else [1]


def _config() -> dict[str, Any]:
    """The app's description, with what either client looks at."""
    components = [
        {"id": number, "type": kind, "props": {"name": kind, "label": label}, "skip_api": False}
        for number, kind, label in (
            (1, "number", "n"),
            (2, "number", "m"),
            (3, "number", "sum"),
            (4, "json", "value"),
        )
    ]
    functions = [
        {
            "id": index,
            "api_name": name,
            "targets": [[index + 10, "click"]],
            "inputs": _inputs(name),
            "outputs": [3 if name == "add" else 4],
            "backend_fn": True,
            "queue": True,
            "types": {"generator": name != "add", "cancel": False},
            "api_visibility": "public",
            "show_api": True,
            "zero_gpu": False,
        }
        for index, name in enumerate(NAMES)
    ]
    return {
        "version": "5.50.0",
        "protocol": "sse_v3",
        "api_prefix": "/gradio_api",
        "connect_heartbeat": False,
        "components": components,
        "dependencies": functions,
    }


def _info() -> dict[str, Any]:
    """The app's `/info`."""
    number = {
        "parameter_has_default": False,
        "parameter_default": None,
        "type": {"type": "number"},
        "python_type": {"type": "float", "description": ""},
        "component": "Number",
        "example_input": 3,
    }
    returned = {
        "label": "value",
        "type": {"type": {}},
        "python_type": {"type": "dict", "description": ""},
        "component": "Json",
    }
    named = {
        f"/{name}": {
            "parameters": [
                {**number, "label": label, "parameter_name": label}
                for label in ("n", "m")[: len(_inputs(name))]
            ],
            "returns": [returned],
            "show_api": True,
        }
        for name in NAMES
    }
    return {"named_endpoints": named, "unnamed_endpoints": {}}


async def _main() -> None:
    server = await asyncio.start_server(App().serve, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)  # Until the parent ends.
    server.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())

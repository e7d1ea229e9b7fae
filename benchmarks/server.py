"""A server that replays the wire of a chat Space from bytes that are made beforehand.

The base URL says what it answers: `/t20000-edits` is an answer of 20,000 tokens as edits,
`/t4000-snapshots` one of 4,000 as whole values, `/t50-edits-r20` one of 50 at 20 tokens a second.
`/t200-times-r20` sends the time of sending as each token, to all streams that are open when `go` is
asked for, and goes on for 200 tokens; `wait?100` is answered as soon as 100 are open.
Without a rate, it sends as fast as the socket takes it. Every message is one HTTP chunk, as it is
from Gradio's own server.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

EVENT_ID = "bb62c58fa8ea48ce999c846caa57e098"
PROMPT = "What is the capital of France?"
WORDS = (
    "Par",
    "is",
    " is",
    " the",
    " capital",
    ",",
    " of",
    " France",
    "!\n",
    "你好",
    " 🌍",
    " [1]",
)


class Script(NamedTuple):
    """What an answer is like."""

    tokens: int
    form: str
    rate: float = 0.0

    @classmethod
    def parse(cls, name: str) -> Script:
        """Reads a script from its name, as in `t50-edits-r20`."""
        tokens, form, *rate = name.split("-")
        return cls(int(tokens[1:]), form, float(rate[0][1:]) if rate else 0.0)

    @property
    def protocol(self) -> str:
        return "sse_v3" if self.form == "edits" else "sse_v1"


def answer(tokens: int) -> list[str]:
    """The tokens of an answer."""
    return [WORDS[index % len(WORDS)] for index in range(tokens)]


@functools.lru_cache(maxsize=8)
def payloads(script: Script) -> list[bytes]:
    """The messages of a whole stream, each a JSON text."""
    pieces = answer(script.tokens)
    text = ""
    found = [
        _message("estimation", rank=0, queue_size=1, rank_eta=0.005568742752075195),
        _message("process_starts", eta=0.005568742752075195),
    ]
    for piece in pieces:
        if script.form == "edits" and text:
            data: list[Any] = [[], [["append", [0, 1], piece]], []]
        else:
            text += piece
            data = ["", [[PROMPT, text]], "sys"]
        found.append(_output("process_generating", data, True))
    found.append(_output("process_completed", ["", [[PROMPT, "".join(pieces)]], "sys"], False))
    found.append(_message("close_stream"))
    return found


def _output(msg: str, data: list[Any], generating: bool) -> bytes:
    output = {
        "data": data,
        "is_generating": generating,
        "duration": 0.0002505779266357422,
        "average_duration": 0.00014986711389878218,
        "render_config": None,
        "changed_state_ids": [],
    }
    return _message(msg, output=output, success=True, time_limit=None)


def _message(msg: str, **fields: Any) -> bytes:
    whole = {"msg": msg, "event_id": EVENT_ID, **fields}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _chunk(payload: bytes) -> bytes:
    event = b"data: %b\n\n" % payload
    return b"%x\r\n%b\r\n" % (len(event), event)


@functools.lru_cache(maxsize=8)
def _chunks(script: Script) -> list[bytes]:
    return [_chunk(payload) for payload in payloads(script)]


@functools.lru_cache(maxsize=8)
def _body(script: Script) -> bytes:
    return b"".join(_chunks(script)) + b"0\r\n\r\n"


HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = 0
            for line in head.split("\r\n"):
                name, _, value = line.partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            await reader.readexactly(length)
            path, _, query = head.split(" ", 2)[1].partition("?")
            _, script, rest = path.split("/", 2)
            rest = rest.removeprefix("gradio_api/")
            if rest == "queue/data" and Script.parse(script).form == "times":
                _waiting.append(writer)
                writer.write(HEAD + b"".join(_chunks(Script(1, "edits"))[:2]))
                await reader.read()  # Until the reader has had everything.
                break
            if rest == "queue/data":
                await _stream(writer, Script.parse(script))
            elif rest == "v1/chat/completions":
                writer.write(HEAD + _completion(Script.parse(script)))
            elif rest == "wait":
                while len(_waiting) < int(query):  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
                writer.write(_plain(script, rest))
            elif rest == "go":
                writer.write(_plain(script, rest))
                lag = await _tick(Script.parse(script))
                writer.write(b"%.6f\n" % lag)
            else:
                writer.write(_plain(script, rest))
            await writer.drain()
    writer.close()


@functools.lru_cache(maxsize=8)
def _completion(script: Script) -> bytes:
    """The answer as a server of the OpenAI API streams it."""
    told = {"id": EVENT_ID, "object": "chat.completion.chunk", "created": 0, "model": "replayed"}
    choices: list[dict[str, Any]] = [{"delta": {"content": each}} for each in answer(script.tokens)]
    choices.append({"delta": {}, "finish_reason": "stop"})
    found = [{**told, "choices": [{"index": 0, **each}]} for each in choices]
    payloads = [*(json.dumps(each).encode() for each in found), b"[DONE]"]
    return b"".join(map(_chunk, payloads)) + b"0\r\n\r\n"


async def _stream(writer: asyncio.StreamWriter, script: Script) -> None:
    writer.write(HEAD)
    if not script.rate:
        writer.write(_body(script))
        return
    loop = asyncio.get_running_loop()
    start = loop.time()
    for index, chunk in enumerate(_chunks(script)):
        await asyncio.sleep(start + index / script.rate - loop.time())
        writer.write(chunk)
    writer.write(b"0\r\n\r\n")


_waiting: list[asyncio.StreamWriter] = []
_SLOTS = 10


def _timed() -> tuple[bytes, bytes]:
    """A message that says when it was sent: the bytes before and after the time."""
    mark = "0000000000.000000 "
    data = [[], [["append", [0, 1], mark]], []]
    before, after = _chunk(_output("process_generating", data, True)).split(mark.encode())
    return before, after


async def _tick(script: Script) -> float:
    """Sends to every open stream at the rate, a tenth of them at a time; returns its own lag."""
    said = dict.fromkeys(_waiting, b"0 ")
    _waiting.clear()
    writers = list(said)
    begin = _chunk(_output("process_generating", ["", [[PROMPT, "0 "]], "sys"], True))
    for writer in writers:
        writer.write(begin)
    before, after = _timed()
    loop = asyncio.get_running_loop()
    start, lag = loop.time() + 1, 0.0
    for tick in range(script.tokens * _SLOTS):
        due = start + tick / script.rate / _SLOTS
        await asyncio.sleep(due - loop.time())
        lag = max(lag, loop.time() - due)
        for writer in writers[tick % _SLOTS :: _SLOTS]:
            mark = b"%017.6f " % time.monotonic()
            writer.write(b"%b%b%b" % (before, mark, after))
            said[writer] += mark
    for writer, text in said.items():
        output = ["", [[PROMPT, text.decode()]], "sys"]
        end = _chunk(_output("process_completed", output, False)) + _chunk(_message("close_stream"))
        writer.write(end + b"0\r\n\r\n")
    return lag


def _plain(script: str, rest: str) -> bytes:
    bodies: dict[str, Any] = {
        "queue/join": {"event_id": EVENT_ID},
        "cancel": {"success": True},
        "go": {},
        "wait": {},
        "config": _config(Script.parse(script)),
        "app_id": {"app_id": _APP_ID},
        "info": _INFO,
    }
    status = "200 OK" if rest in bodies else "404 Not Found"
    body = json.dumps(bodies.get(rest, {"detail": "Not Found"})).encode()
    return b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        status.encode(),
        len(body),
        body,
    )


_APP_ID = 4711
_KINDS = ("textbox", "chatbot", "textbox")


def _config(script: Script) -> dict[str, Any]:
    """What gradio_client wants to know of an app."""
    components = [
        {"id": index, "type": kind, "props": {"name": kind}, "skip_api": False}
        for index, kind in enumerate(_KINDS, 1)
    ]
    function = {
        "id": 0,
        "api_name": "chat",
        "targets": [[1, "submit"]],
        "inputs": [1, 2, 3],
        "outputs": [1, 2, 3],
        "backend_fn": True,
        "queue": True,
        "types": {"generator": True, "cancel": False},
        "api_visibility": "public",
        "show_api": True,
        "zero_gpu": False,
    }
    return {
        "version": "5.50.0",
        "app_id": _APP_ID,
        "protocol": script.protocol,
        "api_prefix": "/gradio_api",
        "connect_heartbeat": False,
        "components": components,
        "dependencies": [function],
    }


_VALUES = [
    {
        "label": kind,
        "parameter_name": f"value_{index}",
        "parameter_has_default": False,
        "parameter_default": None,
        "type": {"type": "string"},
        "python_type": {"type": "str", "description": ""},
        "component": kind.title(),
        "example_input": "",
    }
    for index, kind in enumerate(_KINDS)
]
_INFO = {
    "named_endpoints": {"/chat": {"parameters": _VALUES, "returns": _VALUES, "show_api": True}},
    "unnamed_endpoints": {},
}


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)  # Until the parent ends.
    server.close()


_LOCAL_SPACE = """
import sys
from spacechat.local import LocalSpace
with LocalSpace("qwen-2-72b", ["Hel", "lo"]) as space:
    print(space.url, flush=True)
    sys.stdin.read()
"""


def local_space() -> contextlib.AbstractContextManager[str]:
    """Runs the library's own local Space in a process of its own; gives its address."""
    return _process("-c", _LOCAL_SPACE)


def running(module: str = "server") -> contextlib.AbstractContextManager[str]:
    """Runs this server, or another, in a process of its own; gives its address."""
    return _process("-m", f"benchmarks.{module}")


def chat_app(python: Path) -> contextlib.AbstractContextManager[str]:
    """Runs a real Gradio app with a Python that has Gradio; gives its address."""
    script = Path(__file__).with_name("chat_app.py")
    return _process(str(script), python=str(python))


def gradio_python() -> Path | None:
    """The Python of the newest environment with Gradio 6 that the tests have made, or None."""
    told = os.environ.get("SPACECHAT_TEST_ENVS")
    folder = Path(told) if told else Path(__file__).parents[1] / ".cache" / "environments"
    found = [*folder.glob("6.*/bin/python"), *folder.glob("6.*/Scripts/python.exe")]
    plain = [each for each in found if "+" not in each.parts[-3]]
    return max(plain, key=str, default=None)


@contextlib.contextmanager
def _process(*arguments: str, python: str = sys.executable) -> Iterator[str]:
    command = [python, *arguments]
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())

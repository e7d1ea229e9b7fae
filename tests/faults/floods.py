"""Floods: what a server can send without end, and what a client takes for it.

`python -m tests.faults.floods` writes the figures into the documentation. Each flood meets a
client with the limits that it has by default, in a process of its own, after an ordinary answer.
"""

from __future__ import annotations

import contextlib
import enum
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import anyio

import spacechat
from spacechat.providers import GradioChat
from spacechat.transport import http_client
from tests.faults.table import Space, endless
from tests.servers import (
    EVENTS_HEAD,
    Answer,
    Part,
    Received,
    ReplayServer,
    chunk,
    completed,
    generating,
    gradio,
    message,
    pairs,
    response,
)

DOCS = Path(__file__).parents[2] / "docs" / "floods.md"
ROOT = Path(__file__).parents[2]

ALLOWED = 64 << 20
"""Bytes that no server may take."""

LARGE = 1_000_000
"""Bytes of a message that is just allowed."""

EDITED = generating(*pairs("x"))


def stream(*first: bytes, then: Callable[[], Iterable[bytes]]) -> Answer:
    """A server whose stream of events begins as given, and goes on without end."""

    def data(_: object) -> Iterator[Part]:
        yield EVENTS_HEAD
        yield from map(chunk, first)
        while True:
            yield from then()

    return gradio(data=data)


def messages(*first: bytes, again: bytes) -> Answer:
    data = chunk(again)
    return stream(*first, then=lambda: [data])


def edits(*found: object) -> bytes:
    return generating([], list(found), [])


def values(text: str) -> str:
    """A JSON list as long as a message may be, with the same value again and again."""
    return "[" + f"{text}," * (LARGE // (len(text) + 1)) + "0]"


def snapshot(value: str) -> bytes:
    """A message with a value, given as JSON."""
    output = f'{{"data":["",[["Hi",{value}]],""]}}'
    return f'data: {{"msg":"process_generating","event_id":"e","output":{output}}}\n\n'.encode()


def added(value: str) -> bytes:
    """A message that adds a value, given as JSON."""
    output = f'{{"data":[[],[["add",[0],{value}]],[]]}}'
    return f'data: {{"msg":"process_generating","event_id":"e","output":{output}}}\n\n'.encode()


def named_events() -> Iterator[bytes]:
    for number in itertools.count():
        data = {"msg": "log", "event_id": f"event-{number}", "log": "x", "level": "info"}
        yield chunk(f"data: {json.dumps(data)}\n\n".encode())


def asked(parts: Callable[[], Iterable[Part]]) -> Answer:
    return gradio(join=lambda _: parts())


def at_stream(parts: Callable[[], Iterable[Part]]) -> Answer:
    return gradio(data=lambda _: parts())


def app(functions: list[dict[str, object]], components: list[dict[str, object]]) -> bytes:
    """The description of an app with a message box (1), a chatbot (2), and what is given."""
    known = [{"id": 1, "type": "textbox"}, {"id": 2, "type": "chatbot"}]
    config = {"version": "5.50.0", "protocol": "sse_v3", "components": known + components}
    return json.dumps({**config, "dependencies": functions}).encode()


def function(number: int, **fields: object) -> dict[str, object]:
    """A function of an app: the first answers a message, each other follows the one before."""
    first: dict[str, object] = {"targets": [[1, "submit"]], "trigger_after": None}
    later: dict[str, object] = {"targets": [], "trigger_after": number - 1}
    return {"id": number, "queue": False, **(later if number else first), **fields}


def repeated_input() -> Answer:
    """An app whose function takes one long value a hundred thousand times."""
    box = {"id": 3, "type": "textbox", "props": {"value": "x" * 100_000}}
    config = app([function(0, inputs=[1, *[3] * 100_000], outputs=[2])], [box])
    return gradio(config=lambda _: [response(config)])


def chain(data: Callable[[Received], object]) -> Answer:
    """An app with fifty functions, one after another, each with a box of its own to fill."""
    boxes: list[dict[str, object]] = [{"id": 3 + n, "type": "textbox"} for n in range(51)]
    functions = [function(n, inputs=[1, 3 + n], outputs=[2, 4 + n]) for n in range(50)]
    config = app(functions, boxes)

    def predict(request: Received) -> list[Part]:
        return [response(json.dumps({"data": [[["Hi", "x"]], data(request)]}).encode())]

    return gradio(config=lambda _: [response(config)], predict=predict)


def thoughts(begin: str) -> bytes:
    value = [{"role": "assistant", "content": begin + "x" * LARGE, "metadata": {"title": "t"}}]
    return generating([], value, [])


class Way(enum.Enum):
    """How a flood's Space is asked."""

    PINNED = "as a Space that is known"
    APP = "as an app, by its description"
    UNREAD = "by the blocking interface, and nothing is read until the flood is over"


class Flood(NamedTuple):
    answer: Answer
    way: Way


PINNED: dict[str, Answer] = {
    "one endless header": at_stream(endless(b"x" * 65536, first=b"HTTP/1.1 200 OK\r\nx: ")),
    "endless headers": at_stream(endless(b"x: y\r\n" * 10_000, first=b"HTTP/1.1 200 OK\r\n")),
    "interim responses": at_stream(endless(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)),
    "an endless answer to the question": asked(endless(b"x" * 65536, b"HTTP/1.1 200 OK\r\n\r\n")),
    "an answer to the question with many values": asked(
        lambda: [response(f'{{"event_id":"e","x":{values("[]")}}}'.encode())]
    ),
    "one endless line": messages(EDITED, again=b"x" * 65536),
    "endless lines": messages(EDITED, again=b"data:\n" * 10_000),
    "endless comments": messages(EDITED, again=b": ping\n\n" * 8000),
    "heartbeats": messages(EDITED, again=message("heartbeat") * 1000),
    "small events": messages(EDITED, again=message("log", log="x", level="info") * 1000),
    "large events": messages(EDITED, again=message("log", log="x" * LARGE, level="info")),
    "messages of other events": stream(EDITED, then=named_events),
    "chunk extensions": at_stream(endless(b"x" * 65536, first=EVENTS_HEAD + b"5;")),
    "trailers": at_stream(endless(b"x: y\r\n" * 10_000, first=EVENTS_HEAD + b"0\r\n")),
    "an answer in long pieces": messages(EDITED, again=edits(["append", [0, 1], "x" * LARGE])),
    "the same, with wide letters": messages(
        EDITED, again=edits(["append", [0, 1], "🌍" * (LARGE // 4)])
    ),
    "the same, in small pieces": messages(EDITED, again=edits(["append", [0, 1], "🌍"]) * 1000),
    "many edits": messages(EDITED, again=edits(*[["append", [0, 1], "x"]] * 10_000)),
    "edits beside the answer": messages(
        EDITED, again=edits(["append", [0, 0], "🌍" * (LARGE // 4)])
    ),
    "values added without end": messages(EDITED, again=added(values("[]"))),
    "keys added without end": messages(EDITED, again=added(values('{"":0}'))),
    "values with many values": messages(snapshot(values("[]")), again=snapshot(values('{"":0}'))),
    "deep values": messages(EDITED, again=snapshot("[" * 900 + "]" * 900) * 100),
    "too deep values": messages(EDITED, again=snapshot("[" * 400_000 + "]" * 400_000)),
    "short edits that take long": messages(
        EDITED,
        edits(["append", [0, 1], "🌍" * (LARGE // 4)]),
        again=edits(["append", [0, 0], "x"]) * 1000,
    ),
    "many messages in one": messages(
        again=generating([], [{"role": "assistant", "content": ""}] * 20_000, [])
    ),
}

APPS: dict[str, Answer] = {
    "an input that stands in a function many times": repeated_input(),
    "functions that fill more and more": chain(lambda _: "x" * LARGE),
    "functions that triple what they take": chain(lambda request: "x" * 3 * len(request.body)),
}

UNREAD: dict[str, Answer] = {
    "notices with long titles": messages(
        EDITED, again=message("log", log="x", level="info", title="x" * LARGE)
    ),
    "progress with long descriptions": messages(
        EDITED, again=message("progress", progress_data=[{"desc": "x" * LARGE}])
    ),
    "thoughts that are rewritten": stream(
        then=lambda: [chunk(thoughts("a")), chunk(thoughts("b"))]
    ),
    "an answer that is rewritten": messages(EDITED, again=generating(*pairs("x" * LARGE))),
}

FLOODS: dict[str, Flood] = {
    name: Flood(answer, way)
    for way, answers in ((Way.PINNED, PINNED), (Way.APP, APPS), (Way.UNREAD, UNREAD))
    for name, answer in answers.items()
}


class Taken(NamedTuple):
    """What a flood took of a client.

    Attributes:
        memory: Bytes that the process had at its worst, above what it had before.
        cpu: Seconds of CPU.
        ending: The name of the error.
    """

    memory: int
    cpu: float
    ending: str


def measure(transport: str, seconds: float) -> dict[str, Taken]:
    """Let each flood come over a client.

    Args:
        transport: `ordinary` or `fast`.
        seconds: The total timeout, which ends what nothing else ends.
    """
    with contextlib.ExitStack() as stack:
        calm = gradio(EDITED, completed(*pairs("x")))
        first = stack.enter_context(ReplayServer(calm)).url
        floods = [
            f"{flood.way.name}={stack.enter_context(ReplayServer(flood.answer)).url}"
            for flood in FLOODS.values()
        ]
        command = [sys.executable, "-m", "tests.faults.floods", transport, str(seconds), first]
        command += floods
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=300)
    found = (Taken(*json.loads(line)) for line in done.stdout.splitlines())
    return dict(zip(FLOODS, found, strict=True))


async def ask(way: Way, url: str, seconds: float) -> str:
    timeout = spacechat.Timeout(total=seconds)
    provider = GradioChat if way is Way.APP else Space
    async with spacechat.AsyncClient(retries=0, timeout=timeout) as client:
        try:
            await client.ask("Hi", provider=provider.at(url))
        except spacechat.SpaceChatError as exc:
            return type(exc).__name__
    return "the answer"


def leave_unread(url: str, seconds: float) -> str:
    """Ask, and read only when the stream has been read ahead for as long as it may."""
    timeout = spacechat.Timeout(total=seconds)
    with spacechat.Client(retries=0, timeout=timeout) as client:
        try:
            with client.stream("Hi", provider=Space.at(url)) as stream:
                time.sleep(seconds)
                for _ in stream.events():
                    pass
        except spacechat.SpaceChatError as exc:
            return type(exc).__name__
    return "the answer"


def resident(name: str) -> int:
    """Bytes of this process in memory: `VmRSS` now, `VmHWM` at the most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


def meet(transport: str, seconds: str, calm: str, *floods: str) -> None:
    """Print what each flood takes of a process that has had an ordinary answer."""
    if transport == "ordinary":
        http_client.fast_transport = lambda: None
    anyio.run(ask, Way.PINNED, calm, 60.0)
    for flood in floods:
        name, _, url = flood.partition("=")
        way = Way[name]
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            continue
        before, cpu = resident("VmRSS"), time.process_time()
        ending = (
            leave_unread(url, float(seconds))
            if way is Way.UNREAD
            else anyio.run(ask, way, url, float(seconds))
        )
        taken = Taken(resident("VmHWM") - before, time.process_time() - cpu, ending)
        print(json.dumps(taken), flush=True)
        os._exit(0)


INTRODUCTION = """# Floods

What a server can send without end, and what that costs a client with its default limits: the peak
memory of its process above what it had before, and CPU time until the error. No flood may take more
than 64 MiB, which is a test (`tests/faults/test_floods.py`). Made by
`python -m tests.faults.floods` with a total timeout of four seconds, which ends every flood that
breaks no other limit.

`AsyncClient(limits=Limits(...))` sets the limits:

| limit | of | default |
| --- | --- | --- |
| `message` | bytes of one message, or of the response to a request | 1 MiB |
| `messages` | messages of one stream | 1,000,000 |
| `answer` | characters of an answer, thoughts included | 2 Mi |
| `edits` | edits in one message | 10,000 |

Twice the length of the caller's own data (messages, inputs) is added to `message`, since a Space
may repeat it. Other limits follow from these. They apply to a question as a whole, however many
functions its app calls:

- The data that is kept, including the values of the app's page, takes at most 16 times `message` of
  memory.
- A request of the app's page has at most 8 times `message` bytes.
- Edits and rewrites may cause work in proportion to the bytes received, and no more; a message that
  is out of proportion ends the question. During this work, other tasks run at least every few
  milliseconds.

Two limits are fixed: 100 KiB of headers, and the depth of JSON that its parser accepts (about a
thousand). If the caller does not read, the blocking interface stops reading from the Space, which
then has to wait.

| flood | memory | CPU | ends with | memory, fast transport | CPU | ends with |
| --- | --- | --- | --- | --- | --- | --- |
"""


def render() -> str:
    """The page of the documentation, measured now."""
    lines = [INTRODUCTION]
    ordinary, fast = measure("ordinary", 4), measure("fast", 4)
    for name in FLOODS:
        cells = [
            f"{taken.memory / (1 << 20):.1f} MiB | {taken.cpu:.2f} s | `{taken.ending}`"
            for taken in (ordinary[name], fast[name])
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |\n")
    return "".join(lines)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        meet(*sys.argv[1:])
    else:
        DOCS.write_text(render(), encoding="utf-8")

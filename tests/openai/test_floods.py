"""What the server takes of memory, whatever it is asked; measured in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import anyio.abc
import httpx
import pytest

from spacechat.local import LocalSpace
from tests.openai.test_server import command
from tests.samples import HI
from tests.servers.chat_form import ChatForm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what was taken")

MIB = 1 << 20
ALLOWED = 192 * MIB
"""Bytes that all who ask may take together, above what an idle server has: twice its bound."""

STORED = 16 * MIB
"""Bytes that responses may take that are kept."""

BODY = 2 * MIB
CLIENTS = 128
FILES = 12 * MIB
CLIENTS_WITH_FILES = 24

BODIES = {
    "text": ('[{"role":"user","content":"', "all work and no play ", '"}]'),
    "wide text": ('[{"role":"user","content":"', "🌍", '"}]'),
    "one wide letter": ('[{"role":"user","content":"🌍', "x", '"}]'),
    "escapes": ('[{"role":"user","content":"', "\\u00e9", '"}]'),
    "braces in a text": ('[{"role":"user","content":"', "{[,", '"}]'),
    "messages": ("[", '{"role":"user"},', '{"role":"user","content":"Hi"}]'),
    "parts": ('[{"role":"user","content":[', '{"type":"text","text":""},', "{}]}]"),
    "tool calls": ('[{"role":"user","tool_calls":[', "[],", "0]}]"),
    "lists": ('[{"role":"user","content":"Hi"}],"inputs":{"x":[', "[],", "0]}"),
    "keys": ('[{"role":"user","content":"Hi"}],"inputs":{"x":[', '{"":0},', "0]}"),
    "numbers": ('[{"role":"user","content":"Hi"}],"inputs":{"x":[', "0.5,", "0]}"),
    "tools": ('[{"role":"user","content":"Hi"}],"tools":[', "{},", "{}]"),
    "unknown": ('[{"role":"user","content":"Hi"}],"x":[', '{"":[]},', "0]"),
    "deep": ('[{"role":"user","content":"Hi"}],"x":', "[", "0"),
}
"""Requests' messages and what follows them: a beginning, what is repeated, and an end."""


IMAGE = '[{"role":"user","content":[{"type":"text","text":"%s"},{"type":"image_url","image_url":'
WITH_FILES = {
    "an image": (IMAGE % "Hi" + '{"url":"data:image/png;base64,', "AAAA", '"}}]}]'),
    "a text of base64": ('[{"role":"user","content":"', "AAAA", '"}]'),
    "a wide text beside an image": (
        IMAGE % ("🌍" * 500_000) + '{"url":"data:image/png;base64,',
        "AAAA",
        '"}}]}]',
    ),
    "a wide text around base64": ('[{"role":"user","content":"🌍\\"', "AAAA", '\\""}]'),
    "images": (
        '[{"role":"user","content":[',
        '{"type":"image_url","image_url":{"url":"data:;base64,%s"}},' % ("A" * 4096),
        '{"type":"text","text":"Hi"}]}]',
    ),
    "unknown": ('[{"role":"user","content":"Hi"}],"x":["', "AAAA", '"]'),
    "no base64": (IMAGE % "Hi" + '{"url":"data:image/png;base64,', "AAA=", '"}}]}]'),
}
"""The same for bodies that files make larger."""

STATUSES = {
    "an image": 200,
    "a text of base64": 413,
    "a wide text beside an image": 200,
    "a wide text around base64": 413,
    "images": 400,
    "unknown": 200,
    "no base64": 400,
}
"""What is said to each."""


INPUTS = {
    "text": ('"', "all work and no play ", '"'),
    "wide text": ('"', "🌍", '"'),
    "items": ("[", '{"role":"user","content":""},', '{"role":"user","content":"Hi"}]'),
    "empty items": ("[", "{},", '{"role":"user","content":"Hi"}]'),
    "items apart": ("[", "{} , ", '{"role":"user","content":"Hi"}]'),
    "thoughts": ("[", '{"type":"reasoning"},', '{"role":"user","content":"Hi"}]'),
    "references": ("[", '{"id":"msg_1"},', '{"role":"user","content":"Hi"}]'),
    "parts": ('[{"role":"user","content":[', '{"type":"input_text","text":""},', "{}]}]"),
    "instructions": ('"Hi","instructions":"', "🌍", '"'),
    "note": ('"Hi","metadata":{"x":"', "x", '"}'),
    "notes": ('"Hi","metadata":{', '"x":"",', '"x":""}'),
    "text settings": ('"Hi","text":{"format":[', "[],", "0]}"),
    "include": ('"Hi","include":[', '"",', '""]'),
}
"""The same for requests for a response."""


def body_of(
    url: str, parts: tuple[str, str, str], size: int = BODY, *, name: str = "messages"
) -> bytes:
    """A body as large as is allowed."""
    before, value, after = parts
    start = f'{{"model":{json.dumps(url)},"{name}":{before}'.encode()
    end = f"{after}}}".encode()
    repeated = value.encode()
    return start + repeated * ((size - len(start) - len(end)) // len(repeated)) + end


def resident(pid: int, name: str = "VmRSS") -> int:
    """Bytes of a process in memory: `VmRSS` now, `VmHWM` at the most."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


async def post(url: str, body: bytes, *, chunked: bool) -> int:
    """Ask, and return the status; 0 where the server hung up."""
    parts = urlsplit(url)
    async with await anyio.connect_tcp(parts.hostname or "", parts.port or 0) as stream:
        framing = "transfer-encoding: chunked" if chunked else f"content-length: {len(body)}"
        head = f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\n{framing}\r\n\r\n"
        status: list[int] = []
        async with anyio.create_task_group() as group:

            async def send() -> None:
                await stream.send(head.encode())
                view = memoryview(body)
                for start in range(0, len(body), MIB // 8):
                    piece = view[start : start + MIB // 8]
                    if chunked:
                        await stream.send(b"%x\r\n" % len(piece))
                    await stream.send(piece)  # type: ignore[arg-type]
                    if chunked:
                        await stream.send(b"\r\n")
                if chunked:
                    await stream.send(b"0\r\n\r\n")

            async def receive() -> None:
                status.append(int((await stream.receive()).split()[1]))
                group.cancel_scope.cancel()

            group.start_soon(send)
            group.start_soon(receive)
        return status[0]


async def flood(
    url: str,
    bodies: Sequence[bytes],
    *,
    clients: int = CLIENTS,
    chunked: bool,
    path: str = "chat/completions",
) -> Counter[tuple[int, int]]:
    """Ask many times at once, and count what is said to each of the bodies, by its number."""
    found: Counter[tuple[int, int]] = Counter()

    async def one(number: int) -> None:
        status = await post(f"{url}/{path}", bodies[number], chunked=chunked)
        found[number, status] += 1

    with anyio.fail_after(280):
        async with anyio.create_task_group() as group:
            for number in range(clients):
                group.start_soon(one, number % len(bodies))
    return found


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_many_large_bodies_at_once(chunked: bool) -> None:
    """All are answered or refused in the end, and what they take together stays small."""
    with LocalSpace("plain", ["Hi"]) as space, command() as (url, process):
        body = json.dumps({"model": space.url, "messages": HI}).encode()
        with httpx.Client(base_url=url, trust_env=False) as http:
            assert http.post("/chat/completions", content=body).status_code == 200
            idle = resident(process.pid)
            bodies = [body_of(space.url, parts) for parts in BODIES.values()]
            found = anyio.run(lambda: flood(url, bodies, chunked=chunked))
            taken = resident(process.pid, "VmHWM") - idle
            assert http.post("/chat/completions", content=body).status_code == 200
    assert sum(found.values()) == CLIENTS
    assert {status for _, status in found} == {200, 400}, found
    assert taken < ALLOWED


def test_many_bodies_with_files_at_once() -> None:
    """A text gets no more room than others, whatever it looks like."""
    with ChatForm() as app, command() as (url, process):
        body = json.dumps({"model": app.url, "messages": HI}).encode()
        with httpx.Client(base_url=url, trust_env=False) as http:
            assert http.post("/chat/completions", content=body).status_code == 200
            idle = resident(process.pid)
            size = BODY + FILES - 100_000
            bodies = [body_of(app.url, parts, size) for parts in WITH_FILES.values()]
            found = anyio.run(lambda: flood(url, bodies, clients=CLIENTS_WITH_FILES, chunked=False))
            taken = resident(process.pid, "VmHWM") - idle
            assert http.post("/chat/completions", content=body).status_code == 200
    assert sum(found.values()) == CLIENTS_WITH_FILES
    assert set(found) == set(enumerate(STATUSES.values())), found
    assert taken < ALLOWED


def ask(http: httpx.Client, **body: object) -> httpx.Response:
    return http.post("/responses", json=body)


def test_many_large_inputs_at_once() -> None:
    """What is stored takes memory of its own, and no more than is allowed."""
    with (
        LocalSpace("plain", ["Hi"]) as space,
        command() as (url, process),
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        assert ask(http, model=space.url, input="Hi").status_code == 200
        idle = resident(process.pid)
        bodies = [body_of(space.url, parts, name="input") for parts in INPUTS.values()]
        found = anyio.run(lambda: flood(url, bodies, chunked=False, path="responses"))
        taken = resident(process.pid, "VmHWM") - idle
        assert ask(http, model=space.url, input="Hi").status_code == 200
    assert sum(found.values()) == CLIENTS
    assert {status for _, status in found} == {200, 400}, found
    assert taken < ALLOWED + STORED


def test_many_follow_ups_at_once() -> None:
    """What a small body takes from stored responses counts like a large one."""
    with (
        LocalSpace("plain", ["all work " * 60_000]) as space,
        command() as (url, process),
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        before = ask(http, model=space.url, input="no play " * 60_000).json()
        idle = resident(process.pid)
        reference = {"type": "item_reference", "id": before["output"][0]["id"]}
        question = {"role": "user", "content": "?"}
        inputs = [[*[reference] * times, question] for times in (1, 3, 5, 9000)]
        asked = {"model": space.url, "store": False, "input": "?"}
        bodies = [json.dumps({**asked, "input": each}).encode() for each in inputs]
        bodies.append(json.dumps({**asked, "previous_response_id": before["id"]}).encode())
        found = anyio.run(lambda: flood(url, bodies, chunked=False, path="responses"))
        taken = resident(process.pid, "VmHWM") - idle
        assert ask(http, model=space.url, input="Hi").status_code == 200
    assert sum(found.values()) == CLIENTS
    assert {status for _, status in found} == {200, 413}, found
    assert taken < ALLOWED


def test_long_names_are_not_kept() -> None:
    with command() as (url, process), httpx.Client(base_url=url, trust_env=False) as http:

        def ask(length: int) -> int:
            name = f"http://{time.monotonic_ns()}.invalid/{'x' * length}"
            body = {"model": name, "messages": HI}
            return http.post("/chat/completions", json=body).status_code

        assert ask(3000) == 404
        assert ask(2_000_000) == 404  # What one takes while it is read stays with the process.
        idle = resident(process.pid)
        assert {ask(2_000_000) for _ in range(120)} == {404}
        assert resident(process.pid) - idle < 8 * MIB

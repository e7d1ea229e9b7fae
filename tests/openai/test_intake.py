"""What a request waits for, and whom it holds up, on every event loop."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

import spacechat
from spacechat.openai import Bounds, Server
from spacechat.openai.api import Api
from spacechat.openai.app import App
from tests.samples import HI
from tests.servers import until
from tests.servers.chat_form import ChatForm

pytestmark = pytest.mark.anyio

MIB = 1 << 20
BOUNDS = Bounds(body=1000, files=4 * MIB, memory=1)
"""There is memory for one question with the largest file, and not for a second one beside it."""

LIGHT = {"role": "user", "content": "light"}
PHOTO = base64.b64encode(bytes(3 * MIB - 300)).decode()


def body_of(app: ChatForm, said: str, *, streamed: bool = False) -> bytes:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PHOTO}"}}
    content = [{"type": "text", "text": said}, picture]
    asked = {"model": app.url, "messages": [{"role": "user", "content": content}]}
    return json.dumps({**asked, "stream": streamed}).encode()


class Asked:
    """A request to the application: what was sent for it, and whether its client is gone."""

    def __init__(self, app: App, body: bytes, path: str = "/v1/chat/completions") -> None:
        self._app = app
        self._messages = [{"type": "http.request", "body": body, "more_body": False}]
        self._path = path
        self.gone = anyio.Event()
        self.ended = False
        self.status = 0
        self.sent = b""

    async def _receive(self) -> Any:
        if self._messages:
            return self._messages.pop()
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.sent += message.get("body", b"")

    async def run(self) -> None:
        scope: Any = {
            "method": "POST",
            "raw_path": self._path.encode(),
            "headers": [(b"host", b"localhost")],
            "query_string": b"",
        }
        await self._app(scope, self._receive, self._send)
        self.ended = True


class Gated:
    """An app whose answers to questions with files wait until they may go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.opened = threading.Event()

    def __call__(self, said: str, _: Mapping[str, Any], files: Sequence[Any]) -> Sequence[str]:
        self.asked.append(said)
        if files:
            assert self.opened.wait(60)
        return ["ok"]


@contextmanager
def gated() -> Iterator[tuple[Gated, ChatForm]]:
    gate = Gated()
    with ChatForm(gate) as form:
        try:
            yield gate, form
        finally:
            gate.opened.set()


@asynccontextmanager
async def asking(bounds: Bounds = BOUNDS) -> AsyncIterator[App]:
    async with spacechat.AsyncClient() as client:
        with anyio.fail_after(20):
            yield App(client, Api(None), None, bounds)


async def wait_in_line(app: App) -> None:
    await until(lambda: app._intake._heavy._more is not None)


async def test_a_question_with_a_file_holds_up_no_light_one() -> None:
    with gated() as (gate, form):
        async with asking() as app, anyio.create_task_group() as group:
            first, second = (Asked(app, body_of(form, said)) for said in ("first", "second"))
            group.start_soon(first.run)
            await until(lambda: gate.asked == ["first"])
            group.start_soon(second.run)
            await wait_in_line(app)
            light = Asked(app, json.dumps({"model": form.url, "messages": [LIGHT]}).encode())
            await light.run()
            assert light.status == 200
            assert gate.asked == ["first", "light"]
            gate.opened.set()
    assert (first.status, second.status) == (200, 200)
    assert gate.asked == ["first", "light", "second"]


async def test_a_client_that_goes_away_while_it_waits() -> None:
    """It leaves the line, and gives its memory back."""
    with gated() as (gate, form):
        async with asking() as app, anyio.create_task_group() as group:
            first, second, third = (
                Asked(app, body_of(form, said)) for said in ("first", "second", "third")
            )
            group.start_soon(first.run)
            await until(lambda: gate.asked == ["first"])
            group.start_soon(second.run)
            await wait_in_line(app)
            second.gone.set()
            await until(lambda: second.ended)
            assert not first.ended
            group.start_soon(third.run)
            gate.opened.set()
        assert app._intake._heavy._free == app._intake._heavy.size
        assert app._intake._bodies._free >= BOUNDS.body + BOUNDS.files
    assert (first.status, second.status, third.status) == (200, 0, 200)
    assert gate.asked == ["first", "third"]


@pytest.mark.parametrize("role", ["user", "nobody"])
async def test_a_stream_that_waits_for_memory(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """It sends signs of life, and then the answer, or the error that comes instead of it."""
    monkeypatch.setattr("spacechat.openai.sent_response._QUIET", 0.01)
    with gated() as (gate, form):
        async with asking() as app, anyio.create_task_group() as group:
            first = Asked(app, body_of(form, "first"))
            body = body_of(form, "second", streamed=True)
            second = Asked(app, body.replace(b'"user"', f'"{role}"'.encode()))
            group.start_soon(first.run)
            await until(lambda: gate.asked == ["first"])
            group.start_soon(second.run)
            await until(lambda: second.sent.startswith(b": "))
            gate.opened.set()
    assert second.status == 200
    if role == "user":
        assert second.sent.endswith(b"data: [DONE]\n\n")
        return
    (error,) = (line for line in second.sent.splitlines() if line.startswith(b"data: "))
    assert "has the role 'nobody'" in json.loads(error[6:])["error"]["message"]


async def test_large_bodies_are_parsed_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would hold up all other answers."""
    threads: list[tuple[str, bool]] = []
    for name in ("recall", "receive"):
        call = getattr(Api, name)

        def noted(*given: Any, _name: str = name, _call: Any = call, **more: Any) -> Any:
            threads.append((_name, threading.get_ident() == mine))
            return _call(*given, **more)

        monkeypatch.setattr(Api, name, noted)
    mine = threading.get_ident()
    for path in ("/v1/chat/completions", "/v1/responses"):
        for size, is_here in ((10, True), (MIB, False)):
            threads.clear()
            async with asking(Bounds()) as app:
                asked = Asked(app, b'{"model": 1, "x": "%s"}' % (b" " * size), path)
                await asked.run()
            assert asked.status == 400
            assert threads == [("recall", is_here), ("receive", is_here)]


async def test_a_request_that_was_malformed_gives_its_memory_back() -> None:
    async with asking() as app:
        for body in (b"", b"{", b" " * 1001):
            asked = Asked(app, body)
            await asked.run()
            assert asked.status in (400, 413)
        assert app._intake._light._free == app._intake._light.size


def test_heads_whose_bodies_do_not_come() -> None:
    """They hold up nobody: they are still waited for when another request was answered."""
    with ChatForm(lambda *_: ["ok"]) as form, Server() as server:
        place = urlsplit(server.url)
        address = (place.hostname, place.port or 0)
        with (
            socket.create_connection(address, timeout=60) as one,
            socket.create_connection(address, timeout=60) as other,
        ):
            head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {place.netloc}\r\n"
            one.sendall(f"{head}content-length: {13 * MIB}\r\n\r\n".encode())
            other.sendall(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
            with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as http:
                small = {"model": form.url, "messages": HI}
                assert http.post("/chat/completions", json=small).status_code == 200
                large = body_of(form, "Hi")
                assert http.post("/chat/completions", content=large).status_code == 200
            for each in (one, other):
                each.setblocking(False)
                with pytest.raises(BlockingIOError):
                    each.recv(1)

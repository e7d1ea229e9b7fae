"""Every way to read an answer, on every kind of app: one table, in which no piece is missing."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx
import pytest

import spacechat
from spacechat import errors, events
from spacechat.cli import run as command_line
from spacechat.openai import AsyncTransport, Server, Transport
from tests.conftest import BLOCKING, BOTH_APIS, LOOPS
from tests.notebook.shell import Shell
from tests.samples import HI
from tests.servers.apps import APPS, App, AppServer

pytestmark = [pytest.mark.anyio, BOTH_APIS]


@pytest.fixture(params=APPS)
def app(request: pytest.FixtureRequest) -> App:
    return APPS[request.param]


# The readers of the two APIs


@dataclass
class Read:
    """What a reader got.

    Attributes:
        pieces: The pieces of text, in order; None where it gives the whole only.
        text: The whole text, or what there was of it in the end.
        error: What ended it.
        files: Names of the files; None where it does not show them.
        reasoning: The thoughts; None where it does not show them.
    """

    pieces: list[str] | None = None
    text: str = ""
    error: errors.SpaceChatError | None = None
    files: list[str] | None = None
    reasoning: str | None = None

    def take(self, reply: spacechat.Reply) -> None:
        """Note a reply."""
        self.text = reply.text
        self.reasoning = reply.reasoning
        self.files = [file.name for file in reply.files]

    def check(self, app: App) -> None:
        """Compare with what the app says."""
        if self.pieces is not None:
            assert self.pieces == list(app.pieces)
        assert self.text == app.whole
        if app.error is None:
            assert self.error is None
            assert self.files in (None, list(app.files))
            assert self.reasoning in (None, app.reasoning)
        else:
            assert type(self.error) is app.error
            assert app.says in str(self.error)
            assert self.error.partial_text == app.whole


async def plain(stream: Any, read: Read) -> None:
    read.pieces = []
    async for text in stream:
        read.pieces.append(text)


async def block(stream: Any, read: Read) -> None:
    async with stream:
        await plain(stream, read)


async def reply(stream: Any, read: Read) -> None:
    read.take(await stream.reply())


async def reply_in_a_block(stream: Any, read: Read) -> None:
    async with stream:
        await reply(stream, read)


async def reply_after_a_piece(stream: Any, read: Read) -> None:
    async with stream:
        async for _ in stream:
            break
        await reply(stream, read)


def note(event: events.Event, read: Read) -> None:
    assert read.pieces is not None
    if isinstance(event, events.TextDelta):
        read.pieces.append(event.text)
    elif isinstance(event, events.TextReset):  # All rewrites in the table keep the beginning.
        read.pieces.append(event.text.removeprefix("one "))
    elif isinstance(event, events.File):
        read.files = [*(read.files or ()), event.name]
    elif isinstance(event, events.Completed):
        read.reasoning = event.reasoning


async def all_events(stream: Any, read: Read) -> None:
    read.pieces = []
    async for event in stream.events():
        note(event, read)


async def all_events_in_a_block(stream: Any, read: Read) -> None:
    async with stream:
        await all_events(stream, read)


async def next_event(stream: Any, read: Read) -> None:
    read.pieces = []
    async with stream:
        try:
            while True:
                note(await stream.next_event(), read)
        except StopAsyncIteration:
            pass


STREAMS = (
    plain,
    block,
    reply,
    reply_in_a_block,
    reply_after_a_piece,
    all_events,
    all_events_in_a_block,
    next_event,
)


@pytest.mark.parametrize("reader", STREAMS)
async def test_a_stream(
    client: Any, app: App, reader: Callable[[Any, Read], Awaitable[None]]
) -> None:
    """Asked by a client or by a conversation, in turn, for each reader and for each app."""
    turn = STREAMS.index(reader) + [*APPS.values()].index(app)
    with AppServer(app) as server:
        async with client:
            read = Read()
            if turn % 2:
                stream = client.stream("Hi", model=server.url)
            else:
                stream = client.conversation(model=server.url).stream("Hi")
            try:
                await reader(stream, read)
            except errors.SpaceChatError as exc:
                read.error = exc
            read.text = stream.text
            read.check(app)


@pytest.mark.parametrize("asked_by", ["client", "conversation"])
async def test_ask(client: Any, app: App, asked_by: str) -> None:
    read = Read()
    with AppServer(app) as server:
        async with client:
            chat = client.conversation(model=server.url)
            try:
                if asked_by == "client":
                    read.take(await client.ask("Hi", model=server.url))
                else:
                    read.take(await chat.ask("Hi"))
            except errors.SpaceChatError as exc:
                read.error, read.text = exc, exc.partial_text
            read.check(app)
            if asked_by == "conversation":
                messages = chat.messages if isinstance(chat, spacechat.AsyncChat) else None
                messages = chat.inner.messages if messages is None else messages
                contents = [each["content"] for each in messages]
                assert contents == ([] if app.error else ["Hi", app.whole])


@pytest.mark.parametrize("ordered", [False, True])
async def test_map(client: Any, app: App, ordered: bool) -> None:
    with AppServer(app) as server:
        async with client:
            found = client.map(["one", "two", "three"], model=server.url, ordered=ordered)
            results = [result async for result in found]
    assert sorted(result.index for result in results) == [0, 1, 2]
    for result in results:
        read = Read(error=result.error, text=result.error.partial_text if result.error else "")
        if result.reply is not None:
            read.take(result.reply)
        read.check(app)


# Threads, and in one line


def collected(found: Iterator[str]) -> Read:
    read = Read(pieces=[])
    assert read.pieces is not None
    try:
        read.pieces.extend(found)
    except errors.SpaceChatError as exc:
        read.error = exc
    return read


def test_threads(app: App) -> None:
    def work(_: int) -> Read:
        with client.stream("Hi", model=server.url) as stream:
            read = collected(stream)
            read.text = stream.text
        return read

    with AppServer(app) as server, spacechat.Client() as client, ThreadPoolExecutor(6) as pool:
        for read in pool.map(work, range(12)):
            read.check(app)


def test_in_one_line(app: App) -> None:
    with AppServer(app) as server:
        stream = spacechat.stream("Hi", model=server.url)
        read = collected(stream)
        read.text = stream.text
        read.check(app)
        read = Read()
        try:
            read.take(spacechat.ask("Hi", model=server.url))
        except errors.SpaceChatError as exc:
            read.error, read.text = exc, exc.partial_text
        read.check(app)


# The OpenAI API

BODY: dict[str, Any] = {"messages": HI}
ADDRESS = "http://spacechat.invalid/v1/chat/completions"


def check_streamed(status: int, body: str, app: App) -> None:
    if app.error is not None and not app.pieces:
        assert status >= 400
        assert app.says in json.loads(body)["error"]["message"]
        return
    assert status == 200
    *told, last = [line.removeprefix("data: ") for line in body.splitlines() if line]
    chunks = [json.loads(each) for each in told]
    found = [each["choices"][0]["delta"].get("content") for each in chunks if "choices" in each]
    assert [piece for piece in found if piece] == list(app.pieces)
    if app.error is None:
        assert last == "[DONE]"
    else:
        assert app.says in json.loads(last)["error"]["message"]


def check_whole(status: int, body: str, app: App) -> None:
    found = json.loads(body)
    if app.error is None:
        assert status == 200
        assert found["choices"][0]["message"]["content"] == app.whole
    else:
        assert status >= 400
        assert app.says in found["error"]["message"]


@pytest.fixture
def api_server() -> Iterator[Server]:
    """A server for one app: it remembers apps by their addresses, and ports are used again."""
    with Server() as server:
        yield server


@pytest.mark.parametrize("by", ["server", "transport"])
def test_the_openai_api(api_server: Server, app: App, by: str) -> None:
    transport = Transport() if by == "transport" else None
    address = ADDRESS if by == "transport" else f"{api_server.url}/chat/completions"
    with AppServer(app) as server, httpx.Client(transport=transport, trust_env=False) as http:
        asked = {**BODY, "model": server.url}
        whole = http.post(address, json=asked, timeout=60)
        check_whole(whole.status_code, whole.text, app)
        streamed = http.post(address, json={**asked, "stream": True}, timeout=60)
        check_streamed(streamed.status_code, streamed.text, app)


@pytest.mark.runs_on(*LOOPS)
async def test_the_asynchronous_openai_transport(app: App) -> None:
    with AppServer(app) as server:
        async with httpx.AsyncClient(transport=AsyncTransport(), timeout=60) as http:
            asked = {**BODY, "model": server.url}
            whole = await http.post(ADDRESS, json=asked)
            check_whole(whole.status_code, whole.text, app)
            streamed = await http.post(ADDRESS, json={**asked, "stream": True})
            check_streamed(streamed.status_code, streamed.text, app)


# The command line

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs a command; gives its status, output and errors."""

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["spacechat", *arguments])
        piped = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", piped)
        capfdbinary.readouterr()
        status = command_line()
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


def check_printed(found: tuple[int, str, str], app: App) -> None:
    status, out, err = found
    assert out.rstrip("\n") == "".join(app.pieces)
    assert status == (app.error is not None)
    assert app.says in err
    assert "Traceback" not in err


def test_the_command_ask(run: Run, app: App) -> None:
    with AppServer(app) as server:
        check_printed(run("ask", "-m", server.url, "Hi"), app)


def test_the_command_chat(run: Run, app: App) -> None:
    with AppServer(app) as server:
        status, out, err = run("chat", "-m", server.url, stdin="Hi\n")
    assert "".join(app.pieces) in out
    assert (app.says in err, "Traceback" in err) == (True, False)
    assert status == (app.error is not None)


def test_the_command_batch(run: Run, app: App, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"prompt": "one"}\n{"prompt": "two"}\n', encoding="utf-8")
    with AppServer(app) as server:
        run("batch", "-m", server.url, str(source), str(target))
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert sorted(line["line"] for line in lines) == [1, 2]
    for line in lines:
        assert app.error is not None or line["text"] == app.whole
        assert app.says in json.dumps(line)


# A notebook's cell


@pytest.mark.parametrize("where", ["cell", "terminal"])
async def test_a_display(
    runs_on: str,
    app: App,
    where: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shell = Shell()
    if where == "cell":
        shell.run_here(monkeypatch)
    read = Read()
    with AppServer(app) as server:
        try:
            if runs_on == BLOCKING:
                asked = spacechat.stream("Hi", model=server.url)
                read.take(await anyio.to_thread.run_sync(spacechat.display, asked))
            else:
                async with spacechat.AsyncClient() as client:
                    read.take(await spacechat.display(client.stream("Hi", model=server.url)))
        except errors.SpaceChatError as exc:
            read.error, read.text = exc, exc.partial_text
    read.check(app)
    if where == "cell":
        assert shell.shown[-1] == app.whole
    else:
        assert capsys.readouterr().out.rstrip("\n") == "".join(app.pieces)

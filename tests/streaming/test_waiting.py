"""Entering a stream waits for nothing, and what is waited for shows while it lasts.

The server of these tests goes on with each step only when the event of the step before has been
read. So a reader that gets events later than they happen never gets to the end.
"""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

import spacechat
from spacechat import errors, events
from spacechat.event_descriptions import describe
from tests import waiting
from tests.apis import Blocking
from tests.cli.terminal import Terminal
from tests.conftest import BLOCKING, BOTH_APIS, LOOPS
from tests.notebook.shell import Shell
from tests.processes import wait_until
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    Part,
    Received,
    ReplayServer,
    Then,
    chunk,
    completed,
    generating,
    message,
    response,
    until,
)
from tests.servers.apps import APPS, AppServer
from tests.servers.hub import AWAY

pytestmark = [pytest.mark.anyio, BOTH_APIS]

APP = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "components": [
        {"id": 1, "type": "multimodaltextbox", "props": {"label": "Question"}},
        {"id": 2, "type": "textbox", "props": {"label": "Answer"}},
    ],
    "dependencies": [{"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2]}],
}
BAR = {"index": 1, "length": 3, "unit": "steps", "progress": None, "desc": "at work"}
STEPS = [
    "is asleep",
    "sending one",
    "sending two",
    "sent",
    "busy",
    "in the queue",
    "Answering",
    "a notice",
    "at work",
    "Hel",
    "Hello",
]
"""What each event says, in the order in which they must come."""


class Slow:
    """A Hub and a Space that sleeps, wakes and takes files, each step at a word from the test.

    Attributes:
        seen: What the reader has seen, as one text.
        hung: What was never seen, though the step after it was asked for.
    """

    def __init__(self) -> None:
        self.seen = ""
        self.hung: list[str] = []
        self.hub = ReplayServer(self._tell_of_it)
        self.space = ReplayServer(self._answer)
        self._looks = 0
        self._uploads = 0
        self._joins = 0

    def _after(self, step: str) -> None:
        """Wait until a step has been seen."""
        try:
            wait_until(lambda: step in self.seen or self.space.stopping.is_set(), 8)
        except AssertionError:
            self.hung.append(step)

    def _tell_of_it(self, request: Received) -> Iterable[Part]:
        if request.path.endswith("/host"):
            return [response(json.dumps({"host": self.space.url}).encode())]
        self._looks += 1
        if self._looks == 1:
            return [response(b'{"stage":"SLEEPING"}')]
        self._after("is asleep")
        return [response(b'{"stage":"RUNNING"}')]

    def _answer(self, request: Received) -> Iterable[Part]:
        word = request.path.rpartition("/")[2]
        if word == "config":
            return [AWAY if self._looks < 2 else response(json.dumps(APP).encode())]
        if word == "upload":
            self._uploads += 1
            self._after("sending one" if self._uploads == 1 else "sending two")
            return [response(b'["/tmp/file"]')]
        if word == "join":
            self._joins += 1
            self._after("sent" if self._joins == 1 else "busy")
            busy = response(b'{"detail":"busy"}', "503 Service Unavailable")
            return [busy if self._joins == 1 else response(b'{"event_id":"e"}')]
        return self._stream()

    def _stream(self) -> Iterator[Part]:
        yield EVENTS_HEAD
        yield chunk(message("estimation", rank=0, queue_size=1))
        self._after("in the queue")
        yield chunk(message("process_starts"))
        self._after("Answering")
        yield chunk(message("log", log="a notice", level="info"))
        self._after("a notice")
        yield chunk(message("progress", progress_data=[BAR]))
        self._after("at work")
        yield chunk(generating("Hel"))
        self._after("Hel")
        yield chunk(generating([["append", [], "lo"]]))
        self._after("Hello")
        yield chunk(completed("Hello"))
        yield chunk(CLOSE_STREAM)
        yield LAST_CHUNK

    def see(self, text: str) -> None:
        """The reader has seen something."""
        self.seen += f"{text}\n"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    found = Slow()
    with found.hub, found.space:
        monkeypatch.setenv("HF_ENDPOINT", found.hub.url)
        monkeypatch.setattr("spacechat.apps.hub.POLLING", 0.001)
        yield found
    assert found.hung == []


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "one", tmp_path / "two"]
    for path in found:
        path.write_text("text")
    return found


@pytest.mark.parametrize("asked_by", ["client", "conversation"])
@pytest.mark.parametrize("in_a_block", [True, False])
async def test_events_come_while_things_happen(
    slow: Slow, client: Any, files: list[Path], asked_by: str, in_a_block: bool
) -> None:
    async with client:
        chat = client if asked_by == "client" else client.conversation(model="owner/name")
        model = {"model": "owner/name"} if asked_by == "client" else {}
        stream = chat.stream("Hi", files=files, **model)
        if in_a_block:
            await stream.__aenter__()
        text = ""
        async for event in stream.events():
            if isinstance(event, events.TextDelta):
                text += event.text
            slow.see(f"{describe(event)} {getattr(event, 'reason', '')} {text}")
        assert stream.text == "Hello"
        await stream.aclose()
    found = [slow.seen.index(step) for step in STEPS]
    assert found == sorted(found)


async def test_text_comes_while_things_happen(slow: Slow, client: Any, files: list[Path]) -> None:
    slow.seen = "\n".join(STEPS[:-2])
    async with client, client.stream("Hi", model="owner/name", files=files) as stream:
        async for _ in stream:
            slow.see(stream.text)
    assert stream.text == "Hello"


class Watching(Shell):
    """A shell whose every picture somebody sees."""

    def __init__(self, slow: Slow) -> None:
        super().__init__()
        self._slow = slow

    def publish(self, data: dict[str, str], **_: object) -> None:
        self._slow.see(data["text/markdown"])


async def test_a_display_in_a_notebook(
    slow: Slow, runs_on: str, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.see("busy")  # At once after it, another attempt begins, and that is what is drawn.
    Watching(slow).run_here(monkeypatch)
    if runs_on == BLOCKING:
        asked = spacechat.stream("Hi", model="owner/name", files=files)
        reply = await anyio.to_thread.run_sync(spacechat.display, asked)
    else:
        async with spacechat.AsyncClient() as client:
            stream = client.stream("Hi", model="owner/name", files=files)
            reply = await spacechat.display(stream)
    assert reply.text == "Hello"


def test_the_command_line(slow: Slow, tmp_path: Path) -> None:
    """It has no files to send here, and what it says of a notice and of the text is its own."""
    slow.seen = "\n".join(["sent", "Answering", "a notice", "at work"])
    endpoint = {"HF_ENDPOINT": slow.hub.url}
    with Terminal(
        "ask", "-m", "owner/name", "Hi", home=tmp_path, environment=endpoint, columns=200
    ) as terminal:
        for shown in ("is asleep", "503", "Next in the queue", "Hel", "Hello"):
            terminal.wait_for(shown)
            slow.see({"503": "busy", "Next in the queue": "in the queue"}.get(shown, shown))
        assert terminal.wait() == 0


# Entering, and not reading


async def test_entering_waits_for_nothing(client: Any) -> None:
    """Not even for a server that doesn't answer."""
    with ReplayServer(lambda _: [Then.HANG]) as server:
        async with client:
            with anyio.fail_after(waiting.LONGEST):
                async with client.stream("Hi", model=server.url) as stream:
                    assert stream.text == ""
        await until(lambda: server.open == 0)
        assert isinstance(client, Blocking) or not server.requests


async def test_an_error_comes_when_it_is_read(client: Any, nobody: str) -> None:
    async with client:
        async with client.stream("Hi", model=nobody) as stream:
            with pytest.raises(errors.SpaceUnavailableError, match="can't be reached"):
                await stream.__anext__()
            assert [text async for text in stream] == []
        async with client.stream("Hi", model=nobody) as stream:
            with pytest.raises(errors.SpaceUnavailableError, match="can't be reached"):
                await stream.reply()
        async with client.stream("Hi", model=nobody):
            pass  # Nobody reads it, so nobody is told.


async def test_entering_again(client: Any) -> None:
    with AppServer(APPS["streams"]) as server:
        async with client:
            stream = client.stream("Hi", model=server.url)
            async with stream:
                first = await stream.__anext__()
                await stream.__aenter__()  # As a framework may that takes it in the middle.
                assert [first, *[text async for text in stream]] == ["Hel", "lo"]
                assert (await stream.reply()).text == "Hello"
                await stream.__aenter__()  # There is an answer to be had.
            assert [text async for text in stream] == []
            assert (await stream.reply()).text == "Hello"
            left = client.stream("Hi", model=server.url)
            await left.__aenter__()
            await left.aclose()
            with pytest.raises(errors.SpaceChatError, match="closed"):
                await left.__aenter__()
        assert len(server.to("/queue/join")) <= 2


@pytest.mark.runs_on(*LOOPS)
async def test_one_that_was_entered_and_dropped() -> None:
    """Nothing was asked, so there is nothing to complain of."""
    client = spacechat.AsyncClient()
    stream = client.stream("Hi", model="http://127.0.0.1:9")
    await stream.__aenter__()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del stream
        gc.collect()


@pytest.mark.runs_on(*LOOPS)
@pytest.mark.parametrize("word", ["config", "join", "data"])
async def test_cancelled_while_it_waits(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each request on the way; the connection is closed, and what was asked is stopped."""
    monkeypatch.setattr("spacechat.streaming.joining.CLOSING", 0.01)

    class Hanging(AppServer):
        def tell(self, request: Received) -> Iterable[Part]:
            if request.path.endswith(word):
                return [Then.HANG]
            return super().tell(request)

    with Hanging(APPS["streams"]) as server:
        async with spacechat.AsyncClient() as client:
            async with anyio.create_task_group() as tasks:

                async def read() -> None:
                    async with client.stream("Hi", model=server.url) as stream:
                        await stream.reply()

                tasks.start_soon(read)
                await until(lambda: any(each.path.endswith(word) for each in server.requests))
                tasks.cancel_scope.cancel()
            await until(lambda: server.open == 0)
        assert len(server.to("/cancel")) == (word != "config")

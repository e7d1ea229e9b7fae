"""What a server does costs its own question and no other; how long its failures are in a row, too.

A question ends with an error of ours, whatever a server makes our code stumble over.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import ask as asking
from spacechat.protocol import StreamMachine
from tests.conftest import BOTH_APIS
from tests.processes import run
from tests.servers import (
    CLOSE_STREAM,
    Part,
    Received,
    completed,
    failed,
    generating,
    response,
)
from tests.servers.apps import APPS, BEGIN, BROKEN, App, AppServer, ran

pytestmark = [pytest.mark.anyio, BOTH_APIS]


# What nobody expects

UNEXPECTED: list[Exception] = [
    ValueError("not this"),
    KeyError("x" * 100_000),
    IndexError(),
    TypeError("'int' is not iterable"),
    AttributeError("no such \x1b[2J thing"),
    RecursionError("too deep"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    OverflowError("too large"),
    MemoryError(),
    AssertionError(),
    StopAsyncIteration(),
]

Break = Callable[[pytest.MonkeyPatch, Callable[..., Any]], None]


def _receive(monkeypatch: pytest.MonkeyPatch, fails: Callable[..., Any]) -> None:
    whole = StreamMachine.receive

    def receive(self: StreamMachine, data: str | bytes) -> Any:
        return fails() if b"lo" in bytes(data) else whole(self, data)  # type: ignore[arg-type]

    monkeypatch.setattr(StreamMachine, "receive", receive)


def _show(monkeypatch: pytest.MonkeyPatch, fails: Callable[..., Any]) -> None:
    monkeypatch.setattr(StreamMachine, "show", fails)


def _script(monkeypatch: pytest.MonkeyPatch, fails: Callable[..., Any]) -> None:
    monkeypatch.setattr(asking, "find_files", fails)


PLACES: dict[str, tuple[Break, str, str]] = {
    "a message": (_receive, "streams", "Hel"),
    "a plain answer": (_show, "unqueued", ""),
    "the script": (_script, "streams", "Hello"),
}
"""Where our code stumbles: how it is made to, over which app, and what there is of the answer."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
async def test_what_nobody_expects(
    client: Any, place: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Any:
        raise error

    breaks, app, partial = PLACES[place]
    breaks(monkeypatch, fails)
    with AppServer(APPS[app]) as server:
        async with client:
            with pytest.raises(errors.ProtocolError, match=type(error).__name__) as caught:
                await client.ask("Hi", model=server.url)
            assert caught.value.partial_text == partial
            assert caught.value.__cause__ is error
            assert "test_own_question.py:" in str(caught.value)
            assert len(str(caught.value)) < 1_000
            results = [one async for one in client.map(["one", "two"], model=server.url)]
            assert [type(one.error) for one in results] == [errors.ProtocolError] * 2
            chat = client.conversation(model=server.url)
            with pytest.raises(errors.ProtocolError):
                await chat.ask("Hi")
            monkeypatch.undo()
            assert (await chat.ask("Hi")).text == "Hello"


async def test_what_the_caller_does_wrong_stays_clear(client: Any) -> None:
    class Json(AppServer):
        def tell(self, request: Received) -> Iterable[Part]:
            if request.path == "/config":
                config = json.loads(self.app.config)
                config["components"].append({"id": 3, "type": "json", "props": {"label": "More"}})
                config["dependencies"][0]["inputs"] = [1, 3]
                return [response(json.dumps(config).encode())]
            return super().tell(request)

    with Json(APPS["streams"]) as server:
        async with client:
            with pytest.raises(errors.InputsError, match="type object is unsupported"):
                await client.ask("Hi", model=server.url, inputs={"More": object()})
            with pytest.raises(TypeError, match="takes no option 'temperature'"):
                await client.ask("Hi", model=server.url, temperature=1)


# Failures in a row


def chain(length: int, *, queued: bool) -> App:
    """An app of so many functions, each of which fails."""
    return App(((*BEGIN, failed("boom"), CLOSE_STREAM) if queued else BROKEN,) * length)


class Chain(AppServer):
    """Runs functions one after another, whether the one before succeeded or not."""

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/config":
            config = json.loads(self.app.config)
            for each in config["dependencies"]:
                each["trigger_only_on_failure"] = bool(each["id"])
            return [response(json.dumps(config).encode())]
        return super().tell(request)


@pytest.fixture
def deepest() -> Iterator[int]:
    """How deep calls may go: less than usual, which takes less to exceed."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before // 2)
    yield before // 2
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("queued", [True, False])
async def test_a_chain_of_failures(client: Any, queued: bool, deepest: int) -> None:
    """Each is recovered from in turn, and not within the recovery of the one before."""
    length = deepest + 100
    with Chain(chain(length, queued=queued)) as server:
        async with client:
            with pytest.raises(errors.GenerationError, match="boom" if queued else "500"):
                await client.ask("Hi", model=server.url)
            # The app is looked at once more, and is as it was.
            assert len(server.to("/queue/join" if queued else "/run/predict")) == length
            assert (await client.check(server.url)).state == "up"


async def test_attempts_end(client: Any) -> None:
    """Where each attempt fails, after a chain of failures each time."""

    class Busy(AppServer):
        def tell(self, request: Received) -> Iterable[Part]:
            if request.path == "/run/predict" and request.json["fn_index"] == 1:
                return [response(b"", "503 Service Unavailable")]
            return super().tell(request)

    with Busy(App((ran(""), ran("Hello")))) as one, Busy(App((ran(""), ran("Hello")))) as two:
        async with client:
            with pytest.raises(errors.SpaceUnavailableError, match="None of 2 Spaces") as caught:
                await client.ask("Hi", model=[one.url, two.url])
        assert len(caught.value.errors) == 2
        assert [len(each.to("/run/predict")) for each in (one, two)] == [6, 6]


# What is logged

IDS = {
    "\x1b[2J\r\nevent forged: complete": r"event \x1b[2J\r\nevent forged: complete: ",
    "你\u202e": r"event \u4f60\u202e: ",
    "e" * 100_000: f"event {'e' * 64}: ",
    "": "question to http",
}


@pytest.mark.parametrize("event_id", IDS)
@pytest.mark.parametrize("ends", ["well", "badly"])
async def test_an_events_id_in_the_log(
    client: Any, event_id: str, ends: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Named(AppServer):
        def tell(self, request: Received) -> Iterable[Part]:
            if request.path == "/queue/join":
                list(super().tell(request))
                return [response(json.dumps({"event_id": event_id}).encode())]
            return super().tell(request)

    def ours(data: bytes) -> bytes:
        return data.replace(b'"event_id": "e"', b'"event_id": null')

    last = completed("Hello") if ends == "well" else failed("boom")
    parts = (*map(ours, (*BEGIN, generating("Hel"), last)), CLOSE_STREAM)
    with Named(App((parts,))) as server, caplog.at_level(logging.DEBUG, "spacechat"):
        async with client:
            stream = client.stream("Hi", model=server.url)
            try:
                await stream.reply()
            except errors.GenerationError:
                assert ends == "badly"
            await stream.aclose()
    lines = [one.getMessage() for one in caplog.records if one.name == "spacechat"]
    found = [line for line in lines if not line.startswith("asking ")]
    assert len(found) >= 4
    for line in found:
        assert line.startswith(IDS[event_id])
        assert line.isprintable()
        assert len(line) < 200
    assert any(line.endswith(("complete", "ended by GenerationError")) for line in found)


async def test_a_log_without_an_event(
    client: Any, nobody: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "spacechat"):
        async with client:
            with pytest.raises(errors.SpaceUnavailableError):
                await client.ask("Hi", model=nobody)
            with pytest.raises(errors.SpaceUnavailableError):
                await client.inspect(nobody)
    lines = [one.getMessage() for one in caplog.records if one.name == "spacechat"]
    assert f"question to {nobody}: ended by SpaceUnavailableError" in lines
    assert "request: ended by SpaceUnavailableError" in lines
    assert not any(line.startswith("event ") or line.endswith(" ") for line in lines)


# The traceback of an error that nobody catches

SCRIPT = """
import asyncio, sys, traceback, trio
import spacechat
client = spacechat.{kind}(retries=0)

def given():
    yield "Hi"
    raise spacechat.MessagesError("Out of ideas.")

{functions}

for each in ({names}):
    try:
        {run}
    except spacechat.SpaceChatError:
        traceback.print_exc()
        print("the end", file=sys.stderr)
"""
RUNS = {
    "blocking": ("Client", "def", "each()"),
    "asyncio": ("AsyncClient", "async def", "asyncio.run(each())"),
    "trio": ("AsyncClient", "async def", "trio.run(each)"),
}
LINES = {
    "ask": ("client.ask('Hi', model={url!r})", "await client.ask('Hi', model={url!r})"),
    "loop": (
        "for _ in client.stream('Hi', model={url!r}): pass",
        "async for _ in client.stream('Hi', model={url!r}): pass",
    ),
    "block": (
        "with client.stream('Hi', model={url!r}) as s: list(s)",
        "async with client.stream('Hi', model={url!r}) as s: await s.reply()",
    ),
    "call": ("client.call({url!r}, '/chat')", "await client.call({url!r}, '/chat')"),
    "unknown": ("client.ask('Hi', model='nonsense')", "await client.ask('Hi', model='nonsense')"),
    "inputs": (
        "client.ask('Hi', model={url!r}, inputs={{'x': {{1j}}}})",
        "await client.ask('Hi', model={url!r}, inputs={{'x': {{1j}}}})",
    ),
    "prompts": (
        "for _ in client.map(given(), model={url!r}): pass",
        "async for _ in client.map(given(), model={url!r}): pass",
    ),
    "inspect": ("client.inspect({url!r})", "await client.inspect({url!r})"),
    "several": (
        "client.ask('Hi', model=[{url!r}, {url!r}])",
        "await client.ask('Hi', model=[{url!r}, {url!r}])",
    ),
}


MORE_FRAMES = {"call": 2, "unknown": 2, "inputs": 1, "prompts": 1}
"""Frames of ours besides the few that an answer has."""


@pytest.mark.parametrize("way", RUNS)
def test_a_traceback(tmp_path: Path, nobody: str, way: str) -> None:
    kind, begin, runs = RUNS[way]
    functions = [
        f"{begin} {name}():\n    {line[way != 'blocking'].format(url=nobody)}"
        for name, line in LINES.items()
    ]
    names = ", ".join(LINES)
    source = SCRIPT.format(kind=kind, functions="\n\n".join(functions), names=names, run=runs)
    ended = run(tmp_path, source)
    assert ended.code == 0
    *tracebacks, rest = ended.err.split("the end\n")
    assert rest == ""
    for line, each in zip(LINES, tracebacks, strict=True):
        check_traceback(each, way, line)


def check_traceback(shown: str, way: str, line: str) -> None:
    told = shown.splitlines()
    frames = [each for each in told if each.startswith('  File "')]
    ours = [each for each in frames if "/spacechat/" in each]
    assert any("script.py" in each for each in frames)
    most = (6 if way == "blocking" else 4) + MORE_FRAMES.get(line, 0)
    assert len(ours) <= most, shown
    assert not any(name in each for each in frames for name in ("httpx", "httpcore", "anyio"))
    assert shown.count("Traceback") == 1, shown
    assert "During handling" not in shown
    assert "The above exception" not in shown, shown
    assert told[-1].startswith("spacechat.errors."), shown
    assert len(told) <= 40, shown

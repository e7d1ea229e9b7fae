"""The local Space, seen through plain httpx: it is what the other tests talk to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from spacechat.local import PROTOCOLS, SHAPES, ChatRequest, Json, LocalSpace
from spacechat.local import queue as queue_module
from spacechat.local.builtin_answer import builtin_answer
from spacechat.local.serving import ServerThread, listen
from spacechat.local.sessions import BUFFERED
from tests.processes import run, wait_until
from tests.samples import PIECES, TEXT
from tests.systems import POSIX

SENT = [*PIECES[:-1], "", PIECES[-1]]
"""An empty piece counts, too."""

QUESTION = "What is the capital of France?"

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once: no test needs it, httpx wants it

MILLION_MESSAGE: dict[str, Any] = {
    "id": None,
    "elem_id": None,
    "elem_classes": None,
    "name": None,
    "text": QUESTION,
    "flushing": None,
    "avatar": "",
    "files": [],
}
DATA: dict[str, list[Any]] = {
    "qwen-2-72b": [QUESTION, [], "sys"],
    "qwen-2.5": [QUESTION, [], "sys", "72B"],
    "qwen-2-5-max": [QUESTION, [], "sys"],
    "qwen-2.5-1m": [[[MILLION_MESSAGE, None]], None, 0],
    "plain": [QUESTION],
    "messages": [QUESTION, []],
}
FN_INDEX = {"qwen-2.5": 3, "qwen-2.5-1m": 2}
TRIGGER = {"qwen-2-72b": 11, "qwen-2.5": 25, "qwen-2-5-max": 11, "qwen-2.5-1m": 5}
GRADIO_5 = {"qwen-2-5-max", "plain", "messages"}


def answer_in(shape: str, data: list[Any]) -> str:
    """The assistant's text in an output of a shape."""
    text: str
    if shape in {"qwen-2-72b", "qwen-2-5-max"}:
        text = data[1][-1][1]
    elif shape == "qwen-2.5":
        text = data[1][-1][1]["text"]
    elif shape == "qwen-2.5-1m":
        text = data[0][-1][1][0]["text"]
    elif shape == "messages":
        text = data[0][-1]["content"]
    else:
        text = data[0]
    return text


def edited(data: list[Any], edits: list[list[Any]]) -> list[Any]:
    """Applies the edits of a message, in the plainest way."""
    root: list[Any] = json.loads(json.dumps(data))
    parent: Any
    for index, changes in enumerate(edits):
        for action, path, value in changes:
            parent, key = root, index
            for step in path:
                parent, key = parent[key], step
            if action == "append":
                parent[key] += value
            else:
                assert action == "replace"
                parent[key] = value
    return root


class Caller:
    """Talks to one local Space as a client does."""

    def __init__(self, space: LocalSpace, shape: str = "qwen-2-72b") -> None:
        self.shape = shape
        self.prefix = "/gradio_api" if shape in GRADIO_5 else ""
        self.http = httpx.Client(base_url=space.url, timeout=60, verify=NO_TLS)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def body(self, session: str = "abc", **changes: Any) -> dict[str, Any]:
        return {
            "data": DATA[self.shape],
            "event_data": None,
            "fn_index": FN_INDEX.get(self.shape, 0),
            "trigger_id": TRIGGER.get(self.shape),
            "session_hash": session,
        } | changes

    def join(self, session: str = "abc", **changes: Any) -> httpx.Response:
        return self.http.post(f"{self.prefix}/queue/join", json=self.body(session, **changes))

    def joined(self, session: str = "abc", **changes: Any) -> str:
        event_id = self.join(session, **changes).raise_for_status().json()["event_id"]
        assert isinstance(event_id, str)
        return event_id

    def messages(self, session: str = "abc") -> Iterator[dict[str, Any]]:
        url = f"{self.prefix}/queue/data?session_hash={session}"
        with self.http.stream("GET", url) as response:
            assert response.status_code == 200
            assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert response.headers["transfer-encoding"] == "chunked"
            rest = b""
            for chunk in response.iter_raw():
                *whole, rest = (rest + chunk).split(b"\n\n")
                for line in whole:
                    assert line.startswith(b"data: {")
                    yield json.loads(line.removeprefix(b"data: "))
            assert rest == b""

    def ask(self, session: str = "abc", **changes: Any) -> list[dict[str, Any]]:
        self.joined(session, **changes)
        return list(self.messages(session))

    def cancel(self, event_id: str, session: str = "abc") -> httpx.Response:
        body = {"session_hash": session, "fn_index": 0, "event_id": event_id}
        return self.http.post(f"{self.prefix}/cancel", json=body)


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["msg"] for message in messages]


# What it streams


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("shape", SHAPES)
def test_streams_the_answer(shape: str, protocol: str) -> None:
    with LocalSpace(shape, SENT, protocol=protocol) as space, Caller(space, shape) as caller:
        messages = caller.ask()
        steps = len(SENT) + (2 if shape == "qwen-2.5-1m" else 0)
        assert kinds(messages) == [
            "estimation",
            "process_starts",
            *["process_generating"] * steps,
            "process_completed",
            *(["close_stream"] if protocol == "sse_v3" else []),
        ]
        assert messages[0] | {"event_id": ""} == {
            "msg": "estimation",
            "event_id": "",
            "rank": 0,
            "queue_size": 1,
            "rank_eta": None,
        }
        output: list[Any] = []
        texts: list[str] = []
        for message in messages[2 : 2 + steps]:
            data = message["output"]["data"]
            output = edited(output, data) if output and protocol != "sse_v1" else data
            texts.append(answer_in(shape, output))
            assert message["success"] is True
            assert message["output"]["is_generating"] is True
            assert message["output"]["duration"] >= 0
        sums = list(itertools.accumulate(SENT))
        if shape == "qwen-2.5-1m":
            sums = ["Qwen is thinking...", *sums, TEXT]
        assert texts == sums
        completed = messages[2 + steps]
        assert completed["success"] is True
        assert completed["output"]["data"] == output
        assert completed["output"]["is_generating"] is False
        assert ("title" in completed) == (shape in GRADIO_5)
        assert ("time_limit" in messages[2]) == (shape in GRADIO_5)


def test_outputs_look_as_those_of_real_servers() -> None:
    def final(shape: str, **changes: Any) -> Any:
        with LocalSpace(shape, ["yes"]) as space, Caller(space, shape) as caller:
            return caller.ask(**changes)[-2]["output"]["data"]

    assert final("qwen-2-72b") == ["", [[QUESTION, "yes"]], "sys"]
    assert final("qwen-2.5") == [
        {"text": "", "files": []},
        [[{"text": QUESTION}, {"text": "yes"}]],
        "sys",
    ]
    assert final("qwen-2.5-1m") == [
        [[MILLION_MESSAGE, [{"text": "yes", "flushing": False}]]],
        None,
    ]
    assert final("plain") == ["yes"]
    message = {"metadata": None, "options": None}
    earlier = {"role": "user", "content": "before"}
    assert final("messages", data=[QUESTION, [earlier]]) == [
        [
            earlier,
            {"role": "user", "content": QUESTION} | message,
            {"role": "assistant", "content": "yes"} | message,
        ]
    ]


def test_one_chunk_for_each_message() -> None:
    with LocalSpace("plain", SENT) as space, Caller(space, "plain") as caller:
        caller.joined()
        host, port = space.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 5) as raw:
            path = "/gradio_api/queue/data?session_hash=abc"
            raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            with raw.makefile("rb") as file:
                _, _, body = file.read().partition(b"\r\n\r\n")
    chunks: list[bytes] = []
    while body:
        size, _, body = body.partition(b"\r\n")
        chunk, body = body[: int(size, 16)], body[int(size, 16) + 2 :]
        chunks.append(chunk)
    assert chunks.pop() == b""
    assert len(chunks) == len(SENT) + 4
    assert all(c.startswith(b'data: {"msg":"') and c.endswith(b"}\n\n") for c in chunks)


def test_edits_carry_only_the_piece() -> None:
    with LocalSpace("qwen-2-72b", ["a", "b", ""]) as space, Caller(space) as caller:
        data = [QUESTION, [["one", "two"]], ""]
        first, second, third = (m["output"]["data"] for m in caller.ask(data=data)[2:5])
    assert first == ["", [["one", "two"], [QUESTION, "a"]], ""]
    assert second == [[], [["append", [1, 1], "b"]], []]
    assert third == [[], [], []]


def test_text_outside_ascii_stands_as_it_is() -> None:
    with LocalSpace("plain", ["你好 🌍\u2028"]) as space, Caller(space, "plain") as caller:
        caller.joined()
        raw = caller.http.get("/gradio_api/queue/data?session_hash=abc").content
    assert "你好 🌍\u2028".encode() in raw


def test_the_million_summary() -> None:
    with (
        LocalSpace("qwen-2.5-1m", ["yes"], summary="used 1 file") as space,
        Caller(space, "qwen-2.5-1m") as caller,
    ):
        *_, last, completed, _close = caller.ask()
    chat = [[MILLION_MESSAGE, [{"text": "yes\n<summary>used 1 file</summary>", "flushing": False}]]]
    assert last["output"]["data"] == [[["replace", [], chat]], []]
    assert completed["output"]["data"] == [chat, None]


def test_the_million_predicts_first() -> None:
    with LocalSpace("qwen-2.5-1m") as space, Caller(space, "qwen-2.5-1m") as caller:
        body = caller.body(fn_index=1, data=[{"files": [], "text": "hi"}, [], []])
        answer = caller.http.post("/run/predict?__theme=light", json=body)
        assert answer.status_code == 200
        content = answer.json()
        assert content["data"] == [[[{"text": "hi", "files": []}, None]], None, None]
        assert set(content) == {
            "data",
            "is_generating",
            "duration",
            "average_duration",
            "render_config",
            "changed_state_ids",
        }
        wrong = [[], ["hi", [], []], [{"text": "hi"}, [], []]]
        for data in wrong:
            refused = caller.http.post("/run/predict", json=body | {"data": data})
            assert (refused.status_code, refused.json()) == (500, {"error": None})
        # Last, because it costs the connection, as with a real server.
        assert caller.http.post("/run/predict", json=body | {"fn_index": 2}).status_code == 500


def test_the_million_remembers_the_session() -> None:
    asked: list[ChatRequest] = []

    def reply(request: ChatRequest) -> list[str]:
        asked.append(request)
        return ["Pa", "ris"]

    with (
        LocalSpace("qwen-2.5-1m", reply) as space,
        Caller(space, "qwen-2.5-1m") as caller,
    ):
        caller.ask("one")
        caller.ask("one")
        caller.ask("two")
    turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "Paris"}]
    assert [request.history for request in asked] == [[], turns, []]
    assert {request.prompt for request in asked} == {QUESTION}


def test_no_pieces_is_an_empty_answer() -> None:
    with LocalSpace("qwen-2-72b", []) as space, Caller(space) as caller:
        messages = caller.ask()
    assert kinds(messages)[2:] == ["process_completed", "close_stream"]
    assert messages[2]["output"]["data"] == ["", [[QUESTION, ""]], "sys"]


def test_config_tells_how_to_call() -> None:
    for shape in SHAPES:
        with LocalSpace(shape) as space, Caller(space, shape) as caller:
            config = caller.http.get("/config").json()
            assert config.get("api_prefix", "") == caller.prefix
            assert config["protocol"] == "sse_v3"
            assert config["root"] == space.url
            *_, chat = config["dependencies"]
            assert chat["id"] == FN_INDEX.get(shape, 0)
            assert chat["targets"][0][0] == TRIGGER.get(shape, 3)
            assert len(chat["inputs"]) == len(DATA[shape])
            ids = {component["id"] for component in config["components"]}
            assert {*chat["inputs"], *chat["outputs"]} <= ids
            completed = caller.ask()[-2]
            assert len(completed["output"]["data"]) == len(chat["outputs"])


# Replies


def test_reply_function_gets_the_request() -> None:
    asked: list[ChatRequest] = []

    def reply(request: ChatRequest) -> Iterator[str]:
        asked.append(request)
        yield from request.prompt.split()

    with LocalSpace("qwen-2.5", reply) as space, Caller(space, "qwen-2.5") as caller:
        data: list[Json] = ["one two", [["a", {"text": "b"}]], "be nice", "72B"]
        messages = caller.ask("s1", data=data)
    assert answer_in("qwen-2.5", messages[-2]["output"]["data"]) == "onetwo"
    history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert asked == [ChatRequest("one two", "be nice", history, data, "s1")]


def test_messages_history_and_system() -> None:
    asked: list[ChatRequest] = []

    def reply(request: ChatRequest) -> str:
        asked.append(request)
        return "one piece"

    with LocalSpace("messages", reply) as space, Caller(space, "messages") as caller:
        history = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
        messages = caller.ask(data=["now", history])
    assert kinds(messages).count("process_generating") == 1
    assert asked[0].system == "s"
    assert asked[0].history == [{"role": "user", "content": "u"}]


@pytest.mark.parametrize(
    ("error", "told"), [(ValueError("out of <b>luck</b>"), "out of <b>luck</b>"), (OSError(), None)]
)
def test_a_reply_that_raises(error: Exception, told: str | None) -> None:
    def reply(_request: ChatRequest) -> Iterator[str]:
        yield "partial"
        raise error

    with LocalSpace("plain", reply) as space, Caller(space, "plain") as caller:
        messages = caller.ask()
        assert kinds(messages)[2:] == ["process_generating", "process_completed", "close_stream"]
        assert messages[3]["output"] == {"error": told}
        assert messages[3]["success"] is False
        assert messages[3]["title"] == "Error"
        assert (space.active, space.cancelled) == (0, 0)


def test_a_reply_that_raises_at_once_or_gives_no_text() -> None:
    def fails(_request: ChatRequest) -> list[str]:
        raise StopIteration("odd")

    def numbers(_request: ChatRequest) -> Any:
        return [1]

    def leaves(_request: ChatRequest) -> Any:
        raise SystemExit(3)

    for reply, told in ((fails, "StopIteration"), (numbers, "int"), (leaves, "SystemExit")):
        with LocalSpace("qwen-2-72b", reply) as space, Caller(space) as caller:
            *_, completed, _close = caller.ask()
            assert completed["success"] is False
            assert told in completed["output"]["error"]
            assert "title" not in completed


def test_builtin_answer() -> None:
    request = ChatRequest("Why is the sky {blue}?", None, [], [], "abc")
    pieces = builtin_answer(request)
    text = "".join(pieces)
    assert "Why is the sky {blue}?" in text
    assert all(part in text for part in ("## ", "**", "👋", "```console", "\n1. "))
    assert 60 <= len(text.split()) <= 110
    assert len(pieces) == len(text.split())
    turns = "User: one\nAssistant: two\nUser: and three?\nAssistant:"
    assert "*and three?*" in "".join(builtin_answer(ChatRequest(turns, None, [], [], "abc")))
    long = "".join(builtin_answer(ChatRequest("word " * 100, None, [], [], "abc")))
    assert "word…*" in long
    with LocalSpace() as space, Caller(space) as caller:
        output = caller.ask()[-2]["output"]["data"]
    assert answer_in("qwen-2-72b", output) == "".join(
        builtin_answer(ChatRequest(QUESTION, None, [], [], ""))
    )


def test_delay_is_between_the_pieces() -> None:
    with (
        LocalSpace("plain", ["a", "b", "c"], delay=0.05) as space,
        Caller(space, "plain") as caller,
    ):
        started = time.monotonic()
        times = [
            time.monotonic() - started
            for message in caller.ask()
            if message["msg"] == "process_generating"
        ]
        assert 0.1 <= time.monotonic() - started < 20
    assert len(times) == 3


def test_a_long_answer_is_not_quadratic() -> None:
    with LocalSpace("plain", ["word "] * 5000) as space, Caller(space, "plain") as caller:
        caller.joined()
        raw = caller.http.get("/gradio_api/queue/data?session_hash=abc").content
    assert len(raw) < 5000 * 350


# What it refuses


def test_wrong_function_is_a_bare_500() -> None:
    with LocalSpace() as space, Caller(space) as caller:
        answer = caller.join(fn_index=1)
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    with LocalSpace() as space, Caller(space) as caller:
        assert caller.join(fn_index=None).status_code == 500


def test_wrong_inputs_fail_in_the_stream() -> None:
    wrong: list[tuple[str, list[Any]]] = [
        ("qwen-2-72b", [QUESTION]),
        ("qwen-2-72b", [3, [], ""]),
        ("qwen-2-72b", [QUESTION, "no list", ""]),
        ("qwen-2-72b", [QUESTION, [["only one"]], ""]),
        ("qwen-2.5-1m", [[], None, 0]),
        ("messages", [QUESTION, ["no message"]]),
        ("messages", [QUESTION, [{"role": "user"}]]),
    ]
    for shape, data in wrong:
        with LocalSpace(shape) as space, Caller(space, shape) as caller:
            messages = caller.ask(data=data)
            assert kinds(messages)[1:] == ["process_starts", "process_completed", "close_stream"]
            assert messages[2]["success"] is False
            assert "inputs" in messages[2]["output"]["error"]


def test_missing_session_and_bad_bodies() -> None:
    with LocalSpace() as space, Caller(space) as caller:
        for session in (None, ""):
            answer = caller.join(session_hash=session)
            assert answer.status_code == 400
            assert answer.json() == {"detail": "Session hash not found."}
        assert caller.http.get("/queue/data").status_code == 422
        for path in ("/queue/join", "/cancel"):
            assert caller.http.post(path, content=b"{").status_code == 422
            assert caller.http.post(path, json={"data": 1}).status_code == 422
        assert space.requests[-1].json == {"data": 1}
        assert space.requests[-2].json is None
    with LocalSpace("qwen-2.5-1m") as space, Caller(space) as caller:
        assert caller.http.post("/run/predict", content=b"\xff").status_code == 422


def test_unknown_session_is_cut_in_the_middle(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn")
    with LocalSpace() as space, Caller(space) as caller:
        seen: list[dict[str, Any]] = []
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            seen.extend(caller.messages("nobody"))
        assert seen == [
            {
                "msg": "unexpected_error",
                "message": "404: Session not found.",
                "session_not_found": True,
                "event_id": None,
                "success": False,
            }
        ]
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


@pytest.mark.parametrize("shape", SHAPES)
def test_only_its_own_paths(shape: str) -> None:
    with LocalSpace(shape) as space, Caller(space, shape) as caller:
        other = "" if caller.prefix else "/gradio_api"
        for path in (
            f"{other}/queue/join",
            f"{other}/cancel",
            f"{caller.prefix}/queue/join/",
            "/x",
        ):
            answer = caller.http.post(path, json=caller.body())
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
        answer = caller.http.get(f"{caller.prefix}/queue/join")
        assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
        predicted = caller.http.post("/run/predict", json={})
        assert predicted.status_code == (422 if shape == "qwen-2.5-1m" else 404)


def test_records_requests() -> None:
    with LocalSpace() as space, Caller(space) as caller:
        caller.http.post(
            "/queue/join?__theme=light", json=caller.body(), headers={"Origin": space.url}
        )
        caller.http.get("/nowhere")
        joined, nowhere = space.requests
        assert (joined.method, joined.path) == ("POST", "/queue/join?__theme=light")
        assert joined.headers["origin"] == space.url
        assert joined.json == caller.body()
        assert (nowhere.method, nowhere.path, nowhere.json) == ("GET", "/nowhere", None)


def test_the_newest_requests_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.local.request_log._MOST", 2)
    with LocalSpace("plain") as space, Caller(space, "plain") as caller:
        for path in ("/first", "/second", "/third"):
            caller.http.get(path)
        assert [request.path for request in space.requests] == ["/second", "/third"]


# Stopping


def endless(request: ChatRequest) -> Iterator[str]:
    yield from itertools.repeat(request.prompt)


@pytest.mark.parametrize("reply", [endless, ["word "] * 1_000_000])
def test_cancel(reply: Any) -> None:
    with LocalSpace("plain", reply) as space, Caller(space, "plain") as caller:
        event_id = caller.joined()
        messages = caller.messages()
        while next(messages)["msg"] != "process_generating":
            pass
        assert space.active == 1
        assert caller.cancel(event_id).json() == {"success": True}
        *_, completed, close = messages
        assert completed == {
            "msg": "process_completed",
            "event_id": event_id,
            "output": {},
            "success": True,
            "title": None,
        }
        assert close["msg"] == "close_stream"
        assert (space.active, space.cancelled) == (0, 1)
        assert caller.cancel(event_id).json() == {"success": True}
        assert space.cancelled == 1


def test_leaving_stops_the_work() -> None:
    ended = threading.Event()
    count = 0

    def reply(_request: ChatRequest) -> Iterator[str]:
        nonlocal count
        try:
            while True:
                count += 1
                yield "word "
        finally:
            ended.set()

    with LocalSpace("plain", reply) as space, Caller(space, "plain") as caller:
        caller.joined()
        with caller.http.stream("GET", "/gradio_api/queue/data?session_hash=abc") as response:
            chunks = response.iter_raw()  # Kept: an iterator that is dropped ends the response.
            next(chunks)
            assert space.active == 1
        wait_until(lambda: space.active == 0)
        assert ended.wait(20)
        stopped_at = count
        assert space.cancelled == 1
        # The session is gone: a cut stream cannot be read again.
        with pytest.raises(httpx.RemoteProtocolError):
            list(caller.messages())
        assert count == stopped_at


def test_a_slow_reader_holds_the_work_back() -> None:
    count = 0

    def reply(_request: ChatRequest) -> Iterator[str]:
        nonlocal count
        for count in itertools.count(1):  # noqa: B007
            yield "x" * 1000

    with LocalSpace("plain", reply) as space, Caller(space, "plain") as caller:
        caller.joined()
        wait_until(lambda: count >= BUFFERED - 2)
        time.sleep(0.05)
        assert count <= BUFFERED
        assert space.active == 1


def test_a_session_nobody_reads_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "UNREAD_SECONDS", 0.05)
    with LocalSpace("plain", endless) as space, Caller(space, "plain") as caller:
        caller.joined()
        wait_until(lambda: space.cancelled == 1 and space.active == 0)


def test_a_finished_session_waits_for_its_reader() -> None:
    with LocalSpace("plain", SENT) as space, Caller(space, "plain") as caller:
        caller.joined()
        wait_until(lambda: space.active == 0)
        assert kinds(list(caller.messages()))[-2:] == ["process_completed", "close_stream"]
        assert kinds(caller.ask())[-2:] == ["process_completed", "close_stream"]
        assert space.cancelled == 0


def test_one_stream_for_all_events_of_a_session() -> None:
    with LocalSpace("plain", SENT, delay=0.001) as space, Caller(space, "plain") as caller:
        ids = {caller.joined(), caller.joined()}
        messages = list(caller.messages())
    completed = [m["event_id"] for m in messages if m["msg"] == "process_completed"]
    assert set(completed) == ids
    assert kinds(messages).count("close_stream") == 1


def test_heartbeats_while_quiet() -> None:
    gate = threading.Event()

    def reply(_request: ChatRequest) -> Iterator[str]:
        gate.wait(60)
        yield "late"

    with LocalSpace("plain", reply, heartbeat=0.02) as space, Caller(space, "plain") as caller:
        caller.joined()
        seen: list[str] = []
        for message in caller.messages():
            seen.append(message["msg"])
            if seen.count("heartbeat") == 2:
                gate.set()
        assert seen[2:4] == ["heartbeat", "heartbeat"]
        assert seen[-2:] == ["process_completed", "close_stream"]


# The queue


def test_concurrency_and_places() -> None:
    gate = threading.Semaphore(0)

    def reply(_request: ChatRequest) -> list[str]:
        assert gate.acquire(timeout=60)
        return ["done"]

    with (
        LocalSpace("plain", reply, concurrency=1) as space,
        Caller(space, "plain") as caller,
    ):
        for name in ("a", "b", "c"):
            caller.joined(name)
        wait_until(lambda: space.active == 1)
        gate.release()
        assert kinds(list(caller.messages("a")))[-1] == "close_stream"
        assert space.active == 1
        gate.release()
        gate.release()
        messages = list(caller.messages("c"))
        places = [(m["rank"], m["queue_size"]) for m in messages if m["msg"] == "estimation"]
        assert places == [(1, 2), (0, 1)]
        eta = messages[1]["rank_eta"]
        assert eta is not None
        assert eta >= 0
        assert kinds(list(caller.messages("b")))[1] == "process_starts"


def test_full_queue() -> None:
    with (
        LocalSpace("plain", endless, concurrency=1, max_queue=2) as space,
        Caller(space, "plain") as caller,
    ):
        ids = [caller.joined(name) for name in ("a", "b", "c")]
        refused = caller.join("d")
        assert refused.status_code == 503
        assert refused.json() == {"detail": "Queue is full. Max size is 2 and size is 2."}
        # One that waits can be cancelled as well.
        caller.cancel(ids[1], "b")
        assert kinds(list(caller.messages("b"))) == [
            "estimation",
            "process_completed",
            "close_stream",
        ]
        caller.joined("d")
        caller.cancel(ids[0], "a")
        wait_until(
            lambda: kinds_so_far(caller, "c") == ["estimation", "estimation", "process_starts"]
        )


def kinds_so_far(caller: Caller, session: str) -> list[str]:
    return [message["msg"] for message in itertools.islice(caller.messages(session), 3)]


# Starting and closing


def test_rejects_what_it_cannot_be() -> None:
    with pytest.raises(ValueError, match=r"qwen-2-72b, qwen-2\.5, qwen-2-5-max"):
        LocalSpace("gpt")
    with pytest.raises(ValueError, match=r"sse_v1, sse_v2, sse_v2\.1, sse_v3"):
        LocalSpace(protocol="sse")
    for wrong in (
        {"port": -1},
        {"port": 65536},
        {"delay": -1},
        {"heartbeat": 0},
        {"concurrency": 0},
        {"max_queue": 0},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            LocalSpace(**wrong)  # type: ignore[arg-type]
    for reply in (3, [1], iter(["a"])):
        with pytest.raises(TypeError, match="reply must be"):
            LocalSpace("plain", reply)  # type: ignore[arg-type]


def test_runs_once() -> None:
    space = LocalSpace()
    space.close()
    assert "not started" in repr(space)
    with pytest.raises(RuntimeError, match="before it starts"):
        _ = space.url
    with space:
        assert space.url in repr(space)
        with pytest.raises(RuntimeError, match="make a new one"), space:
            pass
        assert httpx.get(f"{space.url}/config").status_code == 200
    with pytest.raises(RuntimeError, match="make a new one"):
        space.start()
    space.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(space.url)


def test_port_in_use() -> None:
    with LocalSpace() as space:
        port = int(space.url.rpartition(":")[2])
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
            LocalSpace(port=port).start()
    with LocalSpace(port=port) as again:
        assert again.url == space.url
    with pytest.raises(OSError, match="cannot listen on"):
        LocalSpace(host="203.0.113.1").start()


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with LocalSpace(host="::1") as space:
        assert space.url.startswith("http://[::1]:")
        assert httpx.get(f"{space.url}/config").status_code == 200


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_missing_extra(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r'pip install "spacechat\[local\]"'):
        LocalSpace().start()


def test_import_is_cheap() -> None:
    code = (
        "import sys, spacechat.local as local; local.LocalSpace()\n"
        "print({'starlette', 'uvicorn'} & set(sys.modules))"
    )
    source = str(Path(queue_module.__file__).parents[2])
    run = [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r}); {code}"]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize("reply", [endless, ["x" * 100_000] * 10_000, ["a", "b"]])
def test_closing_cuts_open_streams(reply: Any) -> None:
    before = set(threading.enumerate())
    space = LocalSpace("plain", reply, delay=30.0 if reply == ["a", "b"] else 0.0)
    space.start()
    with Caller(space, "plain") as caller:
        caller.joined()
        with caller.http.stream("GET", "/gradio_api/queue/data?session_hash=abc") as response:
            raw = response.iter_raw()
            next(raw)
            started = time.monotonic()
            space.close()
            assert time.monotonic() - started < 20
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                for _ in raw:
                    pass
    wait_until(lambda: set(threading.enumerate()) <= before)
    assert (space.active, space.cancelled) == (0, 0)


def test_closing_does_not_wait_for_a_blocked_reply() -> None:
    gate = threading.Event()

    def reply(_request: ChatRequest) -> list[str]:
        gate.wait(60)
        return []

    started = time.monotonic()
    with LocalSpace("plain", reply) as space, Caller(space, "plain") as caller:
        caller.joined()
        wait_until(lambda: any(t.name == "spacechat-reply" for t in threading.enumerate()))
    assert time.monotonic() - started < 20
    gate.set()
    wait_until(lambda: not any(t.name == "spacechat-reply" for t in threading.enumerate()))


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_made_while_the_server_stops(turns: int) -> None:
    """It is closed, in whichever turn of the loop it comes: none is left to the collector."""
    sock = listen("127.0.0.1", 0)
    address = sock.getsockname()
    late: list[socket.socket] = []

    def connect(loop: asyncio.AbstractEventLoop, turns: int) -> None:
        if turns:
            loop.call_soon(connect, loop, turns - 1)
        else:
            with contextlib.suppress(ConnectionRefusedError):
                late.append(socket.create_connection(address))

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        connect(asyncio.get_running_loop(), turns)
        with contextlib.suppress(RuntimeError):  # it stops; its own thread can't wait for it
            server.stop()

    before = set(threading.enumerate())
    server = ServerThread(app, sock, "stopping")
    server.start()
    with socket.create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        wait_until(lambda: set(threading.enumerate()) <= before)
    for one in late:
        one.settimeout(20)
        with one, contextlib.suppress(ConnectionResetError):
            assert one.recv(1) == b""
    gc.collect()


@POSIX
def test_in_a_program_that_runs_uvloop(tmp_path: Path) -> None:
    """Its policy makes the server's loop, too; a server that stops is as quiet there."""
    source = """
import asyncio, uvloop
import spacechat
from spacechat.local import LocalSpace
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
for _ in range(3):
    with LocalSpace(reply=["hel", "lo"]) as space:
        print(spacechat.ask("x", provider=spacechat.providers.Qwen_Qwen_2_72B.at(space.url)))
"""
    ended = run(tmp_path, source, flags=("-W", "error", "-W", "ignore::DeprecationWarning"))
    assert (ended.code, ended.out, ended.err) == (0, "hello\n" * 3, "")


def test_leaves_logging_alone(capfd: pytest.CaptureFixture[str]) -> None:
    loggers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error", "uvicorn.access")]

    def settings() -> list[Any]:
        return [(one.level, one.propagate, one.handlers[:], one.filters[:]) for one in loggers]

    before = settings()
    with LocalSpace() as space, Caller(space) as caller:
        caller.join(fn_index=9)
    assert settings() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.anyio
async def test_async_use() -> None:
    async with (
        LocalSpace("plain", SENT) as space,
        httpx.AsyncClient(base_url=space.url, verify=NO_TLS) as http,
    ):
        body = {"data": ["q"], "fn_index": 0, "session_hash": "abc"}
        (await http.post("/gradio_api/queue/join", json=body)).raise_for_status()
        answer = await http.get("/gradio_api/queue/data?session_hash=abc")
        assert answer.text.count('"process_generating"') == len(SENT)
        assert answer.text.endswith('data: {"msg":"close_stream","event_id":null}\n\n')
    with pytest.raises(RuntimeError, match="make a new one"):
        async with space:
            pass


@pytest.mark.anyio
async def test_async_close_when_cancelled() -> None:
    space = LocalSpace("plain", endless)
    with anyio.CancelScope() as scope:
        async with space, httpx.AsyncClient(base_url=space.url, verify=NO_TLS) as http:
            body = {"data": ["q"], "fn_index": 0, "session_hash": "abc"}
            await http.post("/gradio_api/queue/join", json=body)
            async with http.stream("GET", "/gradio_api/queue/data?session_hash=abc") as response:
                async for _ in response.aiter_raw():
                    scope.cancel()
    assert scope.cancelled_caught
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(verify=NO_TLS) as http:
            await http.get(f"{space.url}/config")


@pytest.mark.anyio
async def test_many_streams_at_once() -> None:
    async with (
        LocalSpace("plain", SENT, delay=0.001) as space,
        httpx.AsyncClient(base_url=space.url, verify=NO_TLS) as http,
    ):
        done: list[str] = []

        async def one(number: int) -> None:
            body = {"data": ["q"], "fn_index": 0, "session_hash": f"s{number}"}
            (await http.post("/gradio_api/queue/join", json=body)).raise_for_status()
            answer = await http.get(f"/gradio_api/queue/data?session_hash=s{number}")
            last = json.loads(answer.text.split("\n\n")[-3].removeprefix("data: "))
            done.append(last["output"]["data"][0])

        async with anyio.create_task_group() as group:
            for number in range(30):
                group.start_soon(one, number)
        assert done == [TEXT] * 30
        assert space.active == 0

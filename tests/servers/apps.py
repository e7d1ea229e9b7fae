"""Apps by script: what they say of themselves, and what their functions answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    chunk,
    completed,
    generating,
    gradio,
    message,
    response,
)


def app(**more: Any) -> bytes:
    """The description of an app with a box for the question and one for the answer."""
    config = {
        "version": "5.50.0",
        "protocol": "sse_v3",
        "api_prefix": "/gradio_api",
        "components": [
            {"id": 1, "type": "textbox", "props": {"label": "Question"}},
            {"id": 2, "type": "textbox", "props": {"label": "Answer"}},
        ],
        "dependencies": [{"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2]}],
        **more,
    }
    return response(json.dumps(config).encode())


UNQUEUED = [{"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2], "queue": False}]


@dataclass(frozen=True)
class App:
    """An app by script; `tests/readers` has more kinds, with what must come out of each.

    Attributes:
        functions: What each of its functions does, one after another: the parts of its stream of
            events where it goes through the queue, its response where it does not.
        chatbot: Whether the answer is shown in one.
        reasoning: The model's thoughts.
    """

    functions: tuple[tuple[Part, ...] | bytes, ...]
    chatbot: bool = False
    reasoning: str = ""

    @property
    def config(self) -> bytes:
        """What it says of itself."""
        kinds = ["textbox", "chatbot" if self.chatbot else "textbox"]
        return json.dumps(
            {
                "version": "5.49.1",
                "protocol": "sse_v3",
                "components": [
                    {"id": id_, "type": kind, "props": {"label": label}}
                    for id_, kind, label in zip((1, 2), kinds, ("Question", "Answer"), strict=True)
                ]
                + [{"id": 3, "type": "state", "props": {}}],
                "dependencies": [
                    {
                        "id": index,
                        "targets": [] if index else [[1, "submit"]],
                        "trigger_after": index - 1 if index else None,
                        "inputs": [1, 2],
                        "outputs": [2],
                        "queue": isinstance(function, tuple),
                    }
                    for index, function in enumerate(self.functions)
                ],
            }
        ).encode()


class AppServer(ReplayServer):
    """Runs an app, for any number of sessions at a time."""

    def __init__(self, app: App) -> None:
        super().__init__(self.tell)
        self.app = app
        self._joined: dict[str, int] = {}

    def tell(self, request: Received) -> Iterable[Part]:
        word = request.path.rpartition("/")[2]
        if word == "config":
            return [response(self.app.config)]
        if word == "join":
            self._joined[request.json["session_hash"]] = request.json["fn_index"]
            return [response(b'{"event_id":"e"}')]
        if word == "data":
            parts = self.app.functions[self._joined[request.target.rpartition("=")[2]]]
            assert isinstance(parts, tuple)
            return stream(parts)
        if word == "predict":
            whole = self.app.functions[request.json["fn_index"]]
            assert isinstance(whole, bytes)
            return [whole]
        return [response(b'{"success":true}')]


def stream(parts: Iterable[Part]) -> Iterator[Part]:
    yield EVENTS_HEAD
    for part in parts:
        yield part if isinstance(part, Then) else chunk(part)
    yield LAST_CHUNK


def ran(value: object) -> bytes:
    """The response of a function that does not go through the queue."""
    return response(json.dumps({"data": [value]}).encode())


def said(*contents: object, title: str | None = None) -> list[Any]:
    """A chatbot's value, whose first message may be a thought."""
    titles = [title] + [None] * len(contents)
    return [
        {"role": "assistant", "content": content, "metadata": {"title": each}}
        for content, each in zip(contents, titles, strict=False)
    ]


BEGIN = (message("estimation", rank=0, queue_size=1), message("process_starts"))


STREAMED = (*BEGIN, generating("Hel"), generating([["append", [], "lo"]]), completed("Hello"))


BROKEN = response(b"Internal Server Error", "500 Internal Server Error", "text/plain")


APPS = {
    "streams": App(((*STREAMED, CLOSE_STREAM),)),
    "unqueued": App((ran("Hello"),)),
    "rewrites": App(
        ((generating("one two"), generating([["replace", [], "one 2"]]), completed("one 2!")),)
    ),
    "thinks": App(
        (
            (
                generating(said("Hmm", title="Thinking")),
                generating(said("Hmm", "Hel", title="Thinking")),
                completed(said("Hmm", "Hello", title="Thinking")),
            ),
        ),
        chatbot=True,
        reasoning="Hmm",
    ),
}


class AnApp(ReplayServer):
    """An app from text to text, that can start anew with other numbers.

    Attributes:
        number: Of its function.
        starts: How often it was started.
    """

    def __init__(self) -> None:
        super().__init__(self.tell)
        self.number = 0
        self.starts = 1

    def restart(self, number: int) -> None:
        self.number = number
        self.starts += 1

    @property
    def config(self) -> dict[str, Any]:
        return {
            "version": "4.44.1",
            "protocol": "sse_v3",
            "app_id": self.starts,
            "components": [
                {"id": 1, "type": "textbox", "props": {"label": "Question"}},
                {"id": 2, "type": "textbox", "props": {"label": "Answer"}},
            ],
            "dependencies": [
                {"id": self.number, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2]}
            ],
        }

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [response(json.dumps(self.config).encode())]
        if request.path == "/app_id":
            return [response(json.dumps({"app_id": self.starts}).encode())]
        if request.path == "/queue/join" and request.json["fn_index"] != self.number:
            return [response(b"Internal Server Error", "500 Internal Server Error", "text/plain")]
        return gradio(completed(f"Hello from {self.number}"), CLOSE_STREAM)(request)

    @property
    def described(self) -> int:
        """How often it was asked for its description."""
        return len(self.to("/config"))


class Replicas(AnApp):
    """An app that two processes serve in turns, each of which has an identity of its own.

    Attributes:
        joined: The functions that were asked for.
        fails: Whether its function always fails.
        asked_again: Set once it was asked twice, for which the answer with the identity waits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[int] = []
        self.fails = False
        self.asked_again = threading.Event()

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path in ("/config", "/app_id"):
            self.starts += 1
        if request.path == "/app_id":
            self.asked_again.wait(10)
        if request.path == "/queue/join":
            self.joined.append(request.json["fn_index"])
            if len(self.joined) > 1:
                self.asked_again.set()
            if self.fails:
                return [BROKEN]
        return super().tell(request)


MILLION = [[{"text": "Hi", "files": []}, [{"text": "Hello!", "flushing": False}]]]


def answering() -> Answer:
    """A server that all four take an answer from."""
    outputs: list[Any] = [MILLION, [["Hi", "Hello!"]], ""]
    return gradio(
        message("estimation", rank=0, queue_size=1, rank_eta=None),
        message("process_starts", eta=None),
        completed(*outputs),
        CLOSE_STREAM,
    )

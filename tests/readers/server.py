"""A server for one app by script, which notes what it is asked."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers import (
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
)

QUESTION = "Hi"
"""What every reader asks."""

Shown = Callable[[list[Any]], bytes]
"""Returns a message for what the chatbot showed before the question."""


def refusal(status: str, body: str = "Oops") -> tuple[Part, ...]:
    """A response that is no success."""
    return (response(body.encode(), status, "text/plain"),)


BUSY = refusal("503 Service Unavailable")
DOWN = refusal("500 Internal Server Error")
JOINED: tuple[Part, ...] = (response(b'{"event_id":"e"}'),)
BEGIN: tuple[Part, ...] = (message("estimation", rank=0, queue_size=1), message("process_starts"))
CLOSE: tuple[Part, ...] = (message("close_stream"),)


@dataclass(frozen=True)
class Queued:
    """A function that goes through the queue.

    Attributes:
        parts: The messages of its stream, and what the server does instead of sending one.
        join: The response to the request that joins the queue, each time another one, the last
            again and again.
        head: The head of the stream.
        outputs: The components that it fills: 2 is the answer's.
    """

    parts: tuple[Part | Shown, ...] = ()
    join: tuple[tuple[Part, ...], ...] = (JOINED,)
    head: tuple[Part, ...] = (EVENTS_HEAD,)
    outputs: tuple[int, ...] = (2,)


@dataclass(frozen=True)
class Direct:
    """A function that does not go through the queue.

    Attributes:
        parts: The response.
        outputs: The components that it fills: 2 is the answer's.
    """

    parts: tuple[Part | Shown, ...]
    outputs: tuple[int, ...] = (2,)


Function = Queued | Direct


def ran(*values: object) -> bytes:
    """The response of a function that does not go through the queue."""
    return response(json.dumps({"data": values}).encode())


def said(*contents: object, title: str | None = None) -> list[Any]:
    """Messages of the assistant, the first of which may be a thought."""
    titles = [title, *[None] * len(contents)]
    return [
        {"role": "assistant", "content": content, "metadata": {"title": each}}
        for content, each in zip(contents, titles, strict=False)
    ]


def chat(send: Callable[..., bytes], *contents: object, title: str | None = None) -> Shown:
    """Send what the chatbot shows now: the earlier turns, the question, and these messages."""
    asked = {"role": "user", "content": QUESTION}
    return lambda earlier: send([*earlier, asked, *said(*contents, title=title)])


def grown(text: str, number: int = 0) -> Shown:
    """Send that a message of the answer grew, as the edit of a chatbot's value."""
    return lambda earlier: generating([["append", [len(earlier) + 1 + number, "content"], text]])


def streamed(*pieces: str) -> tuple[Part | Shown, ...]:
    """A stream that ends well: the pieces of the text in a box."""
    first, *more = pieces
    grows = [generating([["append", [], piece]]) for piece in more]
    return (*BEGIN, generating(first), *grows, completed("".join(pieces)), *CLOSE)


def describe(
    functions: Sequence[Function], *, answer: str = "textbox", after: int = 0, **more: Any
) -> bytes:
    """What an app says of itself: a box for the question, one for the answer, and a state.

    Args:
        functions: Its functions, each of which follows the one before it.
        answer: The kind of the component that shows the answer.
        after: How many of the last functions show no answer.
        more: Other fields.
    """
    kinds = {1: ("textbox", "Question"), 2: (answer, "Answer"), 3: ("state", "State")}
    config = {
        "version": "5.49.1",
        "protocol": "sse_v3",
        "components": [
            {"id": id_, "type": kind, "props": {"label": label}}
            for id_, (kind, label) in kinds.items()
        ],
        "dependencies": [
            {
                "id": index,
                "targets": [] if index else [[1, "submit"]],
                "trigger_after": index - 1 if index else None,
                "inputs": [1, 2, 3],
                "outputs": function.outputs if index < len(functions) - after else [3],
                "queue": isinstance(function, Queued),
            }
            for index, function in enumerate(functions)
        ],
        **more,
    }
    return response(json.dumps(config).encode())


def last(answer: bytes) -> bytes:
    """The same response, as the last one on its connection."""
    return answer.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)


class AppServer(ReplayServer):
    """Serves an app, to any number of sessions at a time.

    Args:
        config: The response to the request for the app's description.
        functions: The app's functions.

    Attributes:
        url: The app's address. No other app of this process had it: what is known of an app stays
            known under its address.
        stuck: How many responses have come to `Then.HANG`: all of the parts before it are sent.
    """

    _numbers = itertools.count()

    def __init__(self, config: Sequence[Part], functions: Sequence[Function]) -> None:
        super().__init__(self._tell)
        self.url = f"{self.url}/{next(self._numbers)}"
        self.stuck = 0
        self._config = config
        self._functions = functions
        self._joins: list[list[tuple[Part, ...]]] = [
            list(each.join) if isinstance(each, Queued) else [] for each in functions
        ]
        self._asked: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def words(self) -> list[str]:
        """What was asked for, each by the last word of its path."""
        return [_word(request) for request in self.requests]

    @property
    def words_but_reopened(self) -> list[str]:
        """The same, where a stream that is opened twice counts once.

        Whoever leaves before the stream has begun opens it again, to have the Space see them go.
        """
        lines = dict.fromkeys(each.line for each in self.requests if _word(each) == "data")
        return [
            _word(each)
            for each in self.requests
            if _word(each) != "data" or lines.pop(each.line, each) is None
        ]

    @property
    def questions(self) -> list[str]:
        """The questions that the first function got."""
        asked = [each.json for each in self.requests if _word(each) in ("join", "predict")]
        return [each["data"][0] for each in asked if each["fn_index"] == 0]

    def _tell(self, request: Received) -> Iterator[Part]:
        for part in self._parts(request):
            if part is Then.HANG:
                with self._lock:
                    self.stuck += 1
            yield part

    def _parts(self, request: Received) -> Iterable[Part]:
        match _word(request):
            case "config":
                return self._config
            case "join":
                asked = request.json
                self._asked[asked["session_hash"]] = asked
                joins = self._joins[int(asked["fn_index"])]
                with self._lock:
                    return joins.pop(0) if len(joins) > 1 else joins[0]
            case "data":
                return self._stream(self._asked[request.target.rpartition("=")[2]])
            case "predict":
                asked = request.json
                return _filled(self._functions[asked["fn_index"]].parts, asked)
            case "cancel":
                return [response(b'{"success":true}')]
        return [response(b'{"detail":"Not Found"}', "404 Not Found")]

    def _stream(self, asked: Any) -> Iterator[Part]:
        function = self._functions[asked["fn_index"]]
        assert isinstance(function, Queued)
        yield from function.head
        for part in _filled(function.parts, asked):
            yield part if isinstance(part, Then) else chunk(part)
        yield LAST_CHUNK


def _word(request: Received) -> str:
    return request.path.rpartition("/")[2]


def _filled(parts: Iterable[Part | Shown], asked: Any) -> Iterator[Part]:
    earlier = asked["data"][1]
    for part in parts:
        yield part if isinstance(part, bytes | Then) else part(earlier or [])

"""What Gradio servers send: the messages of an event stream, and whole answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tests.servers.replay import (
    EVENTS_HEAD,
    LAST_CHUNK,
    Answer,
    Part,
    Received,
    Then,
    chunk,
    response,
)

CLOSE_STREAM = b'data: {"msg":"close_stream","event_id":null}\n\n'


def message(msg: str, **fields: Any) -> bytes:
    """One message of the event `e`, as the server-sent event that brings it."""
    data = json.dumps({"msg": msg, "event_id": "e", **fields}, ensure_ascii=False)
    return f"data: {data}\n\n".encode()


def generating(*data: Any) -> bytes:
    return message("process_generating", output={"data": list(data)}, success=True)


def completed(*data: Any) -> bytes:
    return message("process_completed", output={"data": list(data)}, success=True)


def failed(error: str | None) -> bytes:
    return message("process_completed", output={"error": error}, success=False)


def pairs(answer: str) -> list[Any]:
    """The outputs of a Space whose second one is a chat of pairs."""
    return ["", [["Hi", answer]], ""]


def appended(text: str) -> list[Any]:
    """The edits that make the answer of `pairs` longer."""
    return [[], [["append", [0, 1], text]], []]


def gradio(*parts: Part, **others: Answer) -> Answer:
    """Answers as a Gradio server does.

    Args:
        parts: What the event stream holds: messages, each sent as a chunk, or what to do.
        others: Other answers to some requests, by the last word of their path (such as `join`).
    """

    def answer(request: Received) -> Iterable[Part]:
        word = request.path.rpartition("/")[2]
        if word in others:
            return others[word](request)
        if word == "data":
            return stream()
        bodies = {
            "join": b'{"event_id":"e"}',
            "predict": b'{"data":[[],null,null]}',
            "cancel": b'{"success":true}',
        }
        if word in bodies:
            return [response(bodies[word])]
        return [response(b'{"detail":"Not Found"}', "404 Not Found")]

    def stream() -> Iterator[Part]:
        yield EVENTS_HEAD
        for part in parts:
            yield part if isinstance(part, Then) else chunk(part)
        yield LAST_CHUNK

    return answer


QUEUED = message("estimation", rank=0, queue_size=1, rank_eta=2.5)
STARTS = message("process_starts", eta=1.5)
ENDING = [QUEUED, STARTS, generating(*pairs("Hel")), generating(*appended("lo"))]
HELLO = gradio(*ENDING, completed(*pairs("Hello")), CLOSE_STREAM)

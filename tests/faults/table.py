"""Every fault, at every step of an exchange where it can be, and what the user gets.

The tests run each cell, and `python -m tests.faults.table` writes the documentation from it.
"""

from __future__ import annotations

import email.utils
import enum
import functools
import gzip
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacechat import Limits, Timeout, errors, providers
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    Answer,
    Part,
    Received,
    Then,
    appended,
    chunk,
    completed,
    failed,
    generating,
    gradio,
    message,
    pairs,
    response,
)

DOCS = Path(__file__).parents[2] / "docs" / "faults.md"

PATIENT = Timeout(connect=10, idle=10, total=20)
IMPATIENT = Timeout(connect=0.3, idle=0.3, total=20)
BOUNDED = Timeout(connect=10, idle=10, total=0.4)
LIMITS = Limits(message=1 << 20, answer=10_000)


class Step(enum.Enum):
    """Where in an exchange a fault happens; the value is what the documentation calls it."""

    CONNECT = "connecting"
    KEPT = "on a kept connection"
    BEFORE = "first request"
    JOIN = "asking"
    OPEN = "opening the stream"
    QUEUE = "in the queue"
    ANSWER = "in the answer"
    AFTER = "after the answer"


REQUESTS = {Step.BEFORE: "predict", Step.JOIN: "join", Step.OPEN: "data"}
STREAM = (Step.QUEUE, Step.ANSWER, Step.AFTER)

QUEUED = message("estimation", rank=0, queue_size=1, rank_eta=None)
TEXT = "Hello 你好"
BEGUN = [
    QUEUED,
    message("process_starts", eta=None),
    generating(*pairs("Hel")),
    generating(*appended("lo 你好")),
]
FINAL = completed(*pairs(TEXT))
SO_FAR = {Step.QUEUE: [QUEUED], Step.ANSWER: BEGUN, Step.AFTER: [*BEGUN, FINAL]}


class Space(providers.Qwen_Qwen_2_72B):
    """A Space that wants a plain request first, so that it has every step."""

    before_path = "/run/predict"

    @classmethod
    def before(cls, question: providers.Question) -> Mapping[str, object]:
        return {"data": [question.prompt]}


@dataclass(frozen=True)
class Result:
    """What the user gets.

    Attributes:
        kind: The error, or None for the answer.
        temporary: Whether the error says that asking again may help.
    """

    kind: type[errors.SpaceChatError] | None
    temporary: bool = False


ANSWER = Result(None)
GONE = Result(errors.SpaceUnavailableError, temporary=True)
WRONG = Result(errors.SpaceUnavailableError)
CUT = Result(errors.StreamInterruptedError, temporary=True)
SLOW = Result(errors.StreamTimeoutError)
ODD = Result(errors.ProtocolError)
LOCKED = Result(errors.AuthenticationError)
LIMITED = Result(errors.RateLimitError, temporary=True)
QUOTA = Result(errors.QuotaExceededError)
FULL = Result(errors.QueueFullError, temporary=True)
FAILED = Result(errors.GenerationError)

Parts = Callable[[], Iterable[Part]]
Results = Mapping[Step, Result]


def asking(result: Result) -> Results:
    """The same for every request."""
    return dict.fromkeys(REQUESTS, result)


def kept(result: Result) -> Results:
    """What comes of it at the first request on a connection that carried a question before."""
    return {Step.KEPT: result}


def streaming(result: Result) -> Results:
    """The same in the queue and in the answer; what follows an answer can't spoil it."""
    return {Step.QUEUE: result, Step.ANSWER: result, Step.AFTER: ANSWER}


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: What it is called.
        meaning: What it is, and what the library does about it, for the documentation.
        results: Where it can happen, and what comes of it.
        request: What the server sends in the place of a response.
        stream: What it sends in the stream of events, after what has come until then.
        connect: What it sends before it is asked; a name for what a test does otherwise.
        idle: What it sends after an answer, before it is asked again.
        says: What the error's message says, as a regular expression.
        timeout: The limits on time.
        limits: The limits on size.
        retry_after: What the error's `retry_after` holds, in seconds.
    """

    name: str
    meaning: str
    results: Results
    request: Parts = tuple
    stream: Parts = tuple
    connect: Parts | str = tuple
    idle: Parts = tuple
    says: str = ""
    timeout: Timeout = PATIENT
    limits: Limits = LIMITS
    retry_after: float | None = None

    def answer(self, step: Step) -> Answer:
        """A server that does it at a step, and is a good one otherwise."""
        if step is Step.KEPT:
            return self._after_an_answer()
        if step in REQUESTS:
            return gradio(*BEGUN, FINAL, **{REQUESTS[step]: lambda _: self.request()})

        def data(_: object) -> Iterator[Part]:
            yield EVENTS_HEAD
            yield from map(chunk, SO_FAR[step])
            yield from self.stream()

        return gradio(data=data)

    def _after_an_answer(self) -> Answer:
        """A good server until it has answered, and again on other connections."""
        good = gradio(*BEGUN, FINAL)
        asked = iter(range(100))
        answered = iter(range(100))

        def answer(request: Received) -> Iterator[Part]:
            word = request.path.rpartition("/")[2]
            if word == "predict" and next(asked) == 1 and self.request is not tuple:
                yield from self.request()
                return
            yield from good(request)
            if word == "data" and next(answered) == 0:
                yield from self.idle()

        return answer


def parts(*found: Part) -> Parts:
    return lambda: found


def endless(part: bytes, first: bytes = b"", pause: float = 0.0) -> Parts:
    """The same bytes again and again, until the client goes away."""

    def run() -> Iterator[Part]:
        yield first
        while True:
            yield part
            time.sleep(pause)

    return run


def bytewise(*found: bytes) -> Parts:
    return lambda: [byte.to_bytes(1, "big") for data in found for byte in data]


def page(text: str) -> bytes:
    return f"<html><head><style>a{{}}</style></head><body><h1>{text}</h1></body></html>".encode()


def status(line: str, body: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> Parts:
    return parts(response(body, line, kind, **headers))


def in_a_minute() -> Iterator[Part]:
    then = email.utils.formatdate(time.time() + 60, usegmt=True)
    yield response(b"slow down", "429 Too Many Requests", retry_after=then)


@functools.cache
def bomb() -> bytes:
    """Sixteen megabytes in sixteen kilobytes."""
    return gzip.compress(bytes(1 << 24))


def compressed() -> Iterator[Part]:
    yield response(bomb(), kind="text/event-stream", content_encoding="gzip")


JOINED = response(b'{"event_id":"e"}')
WHOLE = b"".join([EVENTS_HEAD, *map(chunk, [*BEGUN, FINAL]), LAST_CHUNK])
HALF = JOINED[:25]
HALF_MESSAGE = chunk(generating(*appended(" never seen")))[:-20]
ANY_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
DEEP = b"[" * 100_000


GROUPS: dict[str, list[Fault]] = {}

GROUPS["The connection"] = [
    Fault(
        "unknown name",
        "No name server knows the host's name.",
        {Step.CONNECT: GONE},
        connect="unknown",
        says="can't be reached",
    ),
    Fault(
        "refused",
        "No server listens at the address.",
        {Step.CONNECT: GONE},
        connect="refused",
        says="refused",
    ),
    Fault(
        "no TLS",
        "The address begins with https, but the server doesn't speak TLS. A certificate that can't "
        "be trusted has the same result: nothing is sent, and asking again won't help.",
        {Step.CONNECT: WRONG},
        connect="no TLS",
        says="can't be reached",
    ),
    Fault(
        "reset",
        "The server resets the connection.",
        {Step.CONNECT: GONE, **kept(ANSWER), **asking(GONE), **streaming(CUT)},
        connect=parts(Then.RESET),
        request=parts(Then.RESET),
        stream=parts(Then.RESET),
        says="broke|reset",
    ),
    Fault(
        "reset halfway",
        "The same, in the middle of a response's head or of a message.",
        {**kept(GONE), **asking(GONE), **streaming(CUT)},
        request=parts(HALF, Then.RESET),
        stream=parts(HALF_MESSAGE, Then.RESET),
        says="broke",
    ),
    Fault(
        "cut",
        "The server closes the connection before the answer, or before the rest of it.",
        {Step.CONNECT: GONE, **kept(ANSWER), **asking(GONE), **streaming(CUT)},
        connect=parts(Then.CLOSE),
        request=parts(Then.CLOSE),
        stream=parts(Then.CLOSE),
        says="broke",
    ),
    Fault(
        "cut halfway",
        "The same, in the middle of a response's head or of a message, which is then discarded. "
        "Other tests cut at every single byte.",
        {**kept(GONE), **asking(GONE), **streaming(CUT)},
        request=parts(HALF, Then.CLOSE),
        stream=parts(HALF_MESSAGE, Then.CLOSE),
        says="broke",
    ),
    Fault(
        "cut in the body",
        "The head of the response is complete, its body is not.",
        {**kept(GONE), Step.BEFORE: GONE, Step.JOIN: GONE},
        request=parts(JOINED[:-5], Then.CLOSE),
        says="broke",
    ),
    Fault(
        "server stops",
        "All connections end, and no new ones can be made.",
        {**kept(GONE), **asking(GONE), **streaming(CUT)},
        request=parts(Then.STOP),
        stream=parts(Then.STOP),
        says="broke|refused",
    ),
    Fault(
        "closed while idle",
        "The server closes a connection that is kept for the next question. It is not used.",
        kept(ANSWER),
        idle=parts(Then.CLOSE),
    ),
    Fault(
        "reset while idle",
        "The same with a reset.",
        kept(ANSWER),
        idle=parts(Then.RESET),
    ),
    Fault(
        "half-closed while idle",
        "The server ends its half of such a connection, and would still read.",
        kept(ANSWER),
        idle=parts(Then.END),
    ),
    Fault(
        "unasked",
        "On a connection that is kept, the server sends what nobody asked for: the answer to "
        "another question, for all that the client knows. The connection is not used.",
        kept(ANSWER),
        idle=parts(Then.ONCE_READ, JOINED.replace(b'"e"', b'"f"')),
    ),
]

GROUPS["Time"] = [
    Fault(
        "no connection",
        "The host does not answer at all. `timeout.connect` ends the wait, and asking again is "
        "safe, since nothing was sent.",
        {Step.CONNECT: Result(errors.StreamTimeoutError, temporary=True)},
        connect="full",
        timeout=IMPATIENT,
        says="No connection",
    ),
    Fault(
        "silence",
        "Nothing arrives any more, not even the heartbeats that a Gradio server sends every 15 "
        "seconds. `timeout.idle` ends the wait. The question is not repeated automatically, since "
        "the Space may be working on it.",
        {Step.CONNECT: SLOW, **kept(SLOW), **asking(SLOW), **streaming(SLOW)},
        connect=parts(Then.HANG),
        request=parts(Then.HANG),
        stream=parts(Then.HANG),
        timeout=IMPATIENT,
        says="silent",
    ),
    Fault(
        "silence halfway",
        "The same, in the middle of a response's head or of a message.",
        {**kept(SLOW), **asking(SLOW), **streaming(SLOW)},
        request=parts(HALF, Then.HANG),
        stream=parts(HALF_MESSAGE, Then.HANG),
        timeout=IMPATIENT,
        says="silent",
    ),
    Fault(
        "one byte at a time",
        "The bytes arrive one by one; nothing else is wrong.",
        {**kept(ANSWER), Step.BEFORE: ANSWER, Step.JOIN: ANSWER, **streaming(ANSWER)},
        request=bytewise(JOINED),
        stream=bytewise(chunk(FINAL), LAST_CHUNK),
    ),
    Fault(
        "the whole stream one byte at a time",
        "The same for the head and all of the events.",
        {Step.OPEN: ANSWER},
        request=bytewise(WHOLE),
    ),
    Fault(
        "too slow",
        "Bytes drip in, so the connection is never idle. `timeout.total` ends it.",
        {**asking(SLOW), **streaming(SLOW)},
        request=endless(b"x", first=b"HTTP/1.1 200 OK\r\nx: ", pause=0.05),
        stream=endless(b"x", first=b"ffff\r\ndata: ", pause=0.05),
        timeout=BOUNDED,
        says="total",
    ),
    Fault(
        "never ends",
        "Signs of life arrive forever, and nothing else: interim responses before an answer, "
        "heartbeats in the stream, as fast as possible. `timeout.total` ends it.",
        {**asking(SLOW), **streaming(SLOW)},
        request=endless(b"HTTP/1.1 102 Processing\r\n\r\n", pause=0.01),
        stream=endless(chunk(message("heartbeat"))),
        timeout=BOUNDED,
        says="total",
    ),
    Fault(
        "slow comments forever",
        "The same with comments, which are not events.",
        streaming(SLOW),
        stream=endless(chunk(b": ping\n\n"), pause=0.02),
        timeout=BOUNDED,
        says="total",
    ),
]

REFUSALS = [
    ("401", "The token is wrong, or a private Space needs one.", LOCKED, "token"),
    ("403", "The token has no right to this Space.", LOCKED, "token"),
    ("404", "There is no such Space, or its app has changed.", WRONG, "no such Space"),
    ("500", "The app failed; asking again would fail again.", WRONG, "failed"),
    ("502", "The host in front of the Space gets no answer.", GONE, "asleep"),
    ("504", "The host in front of the Space gets no answer in time.", GONE, "asleep"),
]

GROUPS["Refusals"] = [
    *[
        Fault(
            code,
            meaning,
            asking(result),
            request=status(f"{code} No", page("No & never")),
            says=rf"{code}.*No & never.*{says}",
        )
        for code, meaning, result, says in REFUSALS
    ],
    Fault(
        "429, seconds",
        "Too many requests. `retry_after` holds the seconds in the header; the next attempt waits "
        "that long.",
        asking(LIMITED),
        request=status("429 Too Many", b"slow down", retry_after="60"),
        says="slow down",
        retry_after=60,
    ),
    Fault(
        "429, date",
        "The same, with a date in the header.",
        asking(LIMITED),
        request=in_a_minute,
        says="slow down",
        retry_after=60,
    ),
    Fault(
        "503, full",
        "The queue of the Space is full.",
        asking(FULL),
        request=status("503 No", b'{"detail":"Queue is full. Max size is 1."}', "application/json"),
        says="Queue is full",
    ),
    Fault(
        "503, asleep",
        "The Space is asleep, paused, building or starting: a web page says so.",
        asking(GONE),
        request=status("503 Service Unavailable", page("This Space is sleeping")),
        says="This Space is sleeping.*asleep",
    ),
    Fault(
        "redirect",
        "A login page on another host, as private Spaces have. No redirect is followed, and "
        "nothing is sent to the other host.",
        asking(WRONG),
        request=status("302 Found", b"", location="http://127.0.0.1:9/login?next=/"),
        says="elsewhere.*login",
    ),
]

GROUPS["Not what was expected"] = [
    Fault(
        "garbage",
        "Bytes that are not HTTP.",
        {Step.CONNECT: ODD, **kept(ODD), **asking(ODD), **streaming(ODD)},
        connect=parts(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Then.HANG),
        request=parts(b"\x00\xff\x80 garbage\r\n\r\n", Then.HANG),
        stream=parts(b"\x00\xff\x80 garbage\r\n\r\n", Then.HANG),
        says="no HTTP",
    ),
    Fault(
        "a web page",
        "HTML in place of JSON or a stream of events, with a status of success. The first request "
        "of the 1M Space is made for its effect, so its response does not matter.",
        {Step.BEFORE: ANSWER, Step.JOIN: ODD, Step.OPEN: ODD},
        request=status("200 OK", page("Sign in")),
        says=r"names no event|text/html.*Sign in",
    ),
    Fault(
        "other JSON",
        "JSON of another kind than expected.",
        {Step.BEFORE: ANSWER, Step.JOIN: ODD, Step.OPEN: ODD, **streaming(ODD)},
        request=status("200 OK", b'{"hello":["world"]}', "application/json"),
        stream=parts(chunk(b'data: {"hello":["world"]}\n\n'), Then.HANG),
    ),
    Fault(
        "no JSON",
        "An event whose data is HTML.",
        streaming(ODD),
        stream=parts(chunk(b"data: <html>\n\n"), Then.HANG),
    ),
    Fault(
        "deep JSON",
        "A hundred thousand brackets, to exhaust the reader's stack.",
        {Step.BEFORE: ANSWER, Step.JOIN: ODD, **streaming(ODD)},
        request=status("200 OK", DEEP, "application/json"),
        stream=parts(chunk(b"data: " + DEEP + b"\n\n"), Then.HANG),
    ),
    Fault(
        "edits astray",
        "An edit whose path leads outside the value.",
        {Step.ANSWER: ODD, Step.AFTER: ANSWER},
        stream=parts(chunk(generating([], [["append", [0, -1], "x"]], [])), Then.HANG),
        says="does not fit",
    ),
    Fault(
        "too few outputs",
        "The app has changed.",
        streaming(ODD),
        stream=parts(chunk(generating("x")), Then.HANG),
        says="outputs",
    ),
    Fault(
        "empty",
        "A response without a body.",
        {Step.BEFORE: ANSWER, Step.JOIN: ODD, Step.OPEN: CUT},
        request=parts(response(b"", kind="text/event-stream")),
    ),
    Fault(
        "unnamed events",
        "Server-sent events of other kinds, without data. They mean nothing.",
        streaming(ANSWER),
        stream=parts(chunk(b"event: ping\n\nid: 7\n\nretry: 5\n\n\n\n" + FINAL), LAST_CHUNK),
    ),
]

GROUPS["Floods"] = [
    Fault(
        "endless header",
        "A head that never ends: the HTTP library accepts 100 KiB.",
        asking(ODD),
        request=endless(b"x" * 5000, first=b"HTTP/1.1 200 OK\r\nx: "),
        says="no HTTP",
    ),
    Fault(
        "endless headers",
        "The same with one header after another.",
        asking(ODD),
        request=endless(b"x: y\r\n" * 1000, first=b"HTTP/1.1 200 OK\r\n"),
        says="no HTTP",
    ),
    Fault(
        "endless body",
        "A body that never ends: `limits.message` limits it.",
        asking(ODD),
        request=endless(b"x" * 65536, first=b"HTTP/1.1 200 OK\r\n\r\n"),
        says="more than 1048576 bytes",
    ),
    Fault(
        "endless refusal",
        "The same for the body of a refusal.",
        asking(ODD),
        request=endless(b"x" * 65536, first=b"HTTP/1.1 500 No\r\n\r\n"),
        says="more than 1048576 bytes",
    ),
    Fault(
        "endless line",
        "A message that never ends: `limits.message` limits it.",
        streaming(ODD),
        stream=endless(chunk(b"x" * 65536), first=chunk(b"data: ")),
        says="more than 1048576 bytes",
    ),
    Fault(
        "endless lines",
        "The same with one line after another.",
        streaming(ODD),
        stream=endless(chunk(b"data:\n" * 10_000)),
        says="more than 1048576 bytes",
    ),
    Fault(
        "endless comments",
        "Comments as fast as possible: together they count as a message that is too long.",
        streaming(ODD),
        stream=endless(chunk(b": ping\n\n" * 8000)),
        says="more than 1048576 bytes",
    ),
    Fault(
        "endless chunk size",
        "The length of a chunk, with more digits than any length has.",
        streaming(ODD),
        stream=endless(b"0" * 5000),
        says="no HTTP",
    ),
    Fault(
        "endless notices",
        "Meaningful events, without end. Each is passed on and not kept; `timeout.total` ends it.",
        streaming(SLOW),
        stream=endless(chunk(message("log", log="x", level="info") * 50)),
        timeout=BOUNDED,
        says="total",
    ),
    Fault(
        "too many messages",
        "The same, until there are more than `limits.messages`.",
        streaming(ODD),
        stream=endless(chunk(message("log", log="x", level="info") * 50)),
        limits=Limits(messages=1000),
        says="more than 1000 messages",
    ),
    Fault(
        "too long an answer",
        "An answer of more characters than `limits.answer`.",
        {Step.QUEUE: ODD, Step.AFTER: ANSWER},
        stream=parts(chunk(generating(*pairs("x" * 10_001))), Then.HANG),
        says="more than 10000 characters",
    ),
    Fault(
        "compressed",
        "A compressed response, which was not asked for, may hide any amount of data.",
        asking(ODD),
        request=compressed,
        says="compressed",
    ),
]

QUOTA_TEXT = (
    "<b>GPU quota exceeded</b>: you have exceeded your GPU quota (60s requested vs. 0s left). "
    "<a href='https://huggingface.co/join'>Create a free account</a>. Try again in 0:01:00"
)


def told(*found: bytes, ending: Iterable[Part] = (LAST_CHUNK,)) -> Parts:
    return parts(*map(chunk, found), *ending)


GROUPS["What the Space says"] = [
    Fault(
        "failure",
        "The app failed, and says why.",
        streaming(FAILED),
        stream=told(failed("CUDA out of memory"), CLOSE_STREAM),
        says="CUDA out of memory",
    ),
    Fault(
        "failure with HTML",
        "The same; an error's message has no HTML in it.",
        streaming(FAILED),
        stream=told(failed("<p>CUDA<br/> out of <a href='x'>memory</a></p>"), CLOSE_STREAM),
        says="CUDA out of memory",
    ),
    Fault(
        "hidden failure",
        "The app failed, and hides why.",
        streaming(FAILED),
        stream=told(failed(None), CLOSE_STREAM),
        says="does not say why",
    ),
    Fault(
        "quota",
        "The GPU quota is used up; `retry_after` holds the wait that the text states. The question "
        "is not repeated automatically.",
        streaming(QUOTA),
        stream=told(failed(QUOTA_TEXT), CLOSE_STREAM),
        says="GPU quota exceeded",
        retry_after=60,
    ),
    Fault(
        "queue full",
        "The message of old servers for a full queue.",
        {Step.QUEUE: FULL, Step.ANSWER: FULL, Step.AFTER: ANSWER},
        stream=told(message("queue_full")),
        says="full",
    ),
    Fault(
        "unexpected error",
        "The server failed outside the app, and drops the connection.",
        streaming(FAILED),
        stream=told(message("unexpected_error", message="boom"), ending=[Then.CLOSE]),
        says="boom",
    ),
    Fault(
        "session lost",
        "The server has restarted and no longer knows the session.",
        streaming(CUT),
        stream=told(
            message("unexpected_error", message="Session not found.", session_not_found=True),
            ending=[Then.CLOSE],
        ),
        says="no longer knows this session",
    ),
    Fault(
        "cancelled",
        "Somebody stopped the event at the Space.",
        streaming(Result(errors.StreamInterruptedError)),
        stream=told(message("process_completed", output={}, success=True), CLOSE_STREAM),
        says="cancelled",
    ),
    Fault(
        "ends early",
        "The stream ends properly, but before the answer is complete.",
        streaming(CUT),
        stream=told(),
        says="ended before",
    ),
    Fault(
        "closed early",
        "The same, with the message that says so.",
        streaming(CUT),
        stream=told(CLOSE_STREAM),
        says="ended before",
    ),
]


@dataclass(frozen=True)
class Case:
    """A cell of the table."""

    fault: Fault
    step: Step
    result: Result = field(repr=False)

    def __str__(self) -> str:
        return f"{self.fault.name} {self.step.value}"

    @property
    def partial_text(self) -> str:
        """What had come of the answer."""
        return TEXT if self.step in (Step.ANSWER, Step.AFTER) else ""


FAULTS = list(itertools.chain.from_iterable(GROUPS.values()))
CASES = [Case(fault, step, result) for fault in FAULTS for step, result in fault.results.items()]


def cross_section() -> list[Case]:
    """Each result at each step, once."""
    found: dict[Any, Case] = {}
    for case in CASES:
        found.setdefault((case.step, case.result), case)
    return list(found.values())


INTRODUCTION = """# When things go wrong

What can go wrong at a server or on the way to it, and the error that you get. Every cell of these
tables is a test over real sockets, on asyncio and on trio, with the ordinary transport and with the
fast one (`tests/faults`). Made from `tests/faults/table.py` by `python -m tests.faults.table`.

- Every error is a `SpaceChatError`, is raised within the limits of `timeout=`, and leaves no
  connection and no task behind.
- It is raised where the answer is read, not where a stream is entered, and ends only its own
  question: `client.map` and `spacechat batch` continue with the others. If a server's data makes
  the code that reads it fail, that is a `ProtocolError`, too.
- `partial_text` holds exactly the part of the answer that has arrived; an incomplete message does
  not count. Before *in the answer* it is empty.
- ↻ marks errors whose `temporary` is true: the same question may well be answered a little later.
  As long as the Space has not begun to work on the question, it is repeated automatically, up to
  `retries=` times, with growing pauses; each repetition is a `Retrying` event and a log record.
- *On a kept connection* is the first request that goes over a connection that has carried an
  answer. If that connection ends without a response, the request goes over a new one.
- *First request* is the one that the 1M Space needs before the question; *asking* joins the queue.
- Once the answer is complete, nothing that follows can spoil it.

[Floods](floods.md) shows how much memory and time floods take.
"""


def render() -> str:
    """The page of the documentation."""
    lines = [INTRODUCTION]
    for group, faults in GROUPS.items():
        steps = [step for step in Step if any(step in fault.results for fault in faults)]
        lines.append(f"## {group}\n")
        lines.append(f"| fault | {' | '.join(step.value for step in steps)} |")
        lines.append(f"| --- |{' --- |' * len(steps)}")
        for fault in faults:
            cells = [_cell(fault.results.get(step)) for step in steps]
            lines.append(f"| {fault.name} | {' | '.join(cells)} |")
        lines.append("")
        lines += [f"- **{fault.name}**: {fault.meaning}" for fault in faults]
        lines.append("")
    return "\n".join(lines)


def _cell(result: Result | None) -> str:
    if result is None:
        return "-"
    if result.kind is None:
        return "the answer"
    return f"`{result.kind.__name__}`{' ↻' if result.temporary else ''}"


if __name__ == "__main__":
    DOCS.write_text(render(), encoding="utf-8")

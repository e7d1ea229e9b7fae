"""An event in a queue: its id, how it is cancelled, and errors that nobody foresaw."""

from __future__ import annotations

import dataclasses
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from spacechat import errors
from spacechat.protocol import ReadAnswer
from spacechat.steps import Fetch, Generate, Request, Response
from spacechat.streaming.job import Job, event_id
from spacechat.streaming.unexpected import as_ours, comes_from_server
from tests import waiting

pytestmark = [pytest.mark.anyio]

STEP = Generate(
    join=Request("join", {}),
    events_url="events",
    cancel=Request("cancel", {"session_hash": "s"}),
    reads=ReadAnswer(0),
)


class Connection:
    """What is done with a connection, in order.

    Attributes:
        done: What was done.
        fails: What fails of it.
        silent: Whether no message comes.
        sent: Whether a part of the newest request was sent.
    """

    def __init__(self, *, fails: str = "", silent: bool = False, sent: bool = True) -> None:
        self.done: list[object] = []
        self.fails = fails
        self.silent = silent
        self.sent = sent

    def _do(self, what: str, *more: object) -> None:
        self.done.append((what, *more) if more else what)
        if what == self.fails:
            raise errors.SpaceUnavailableError("It is gone.")

    def is_sent(self) -> bool:
        return self.sent

    def extend(self, seconds: float) -> None:
        self._do("extend", seconds)

    async def close_events(self) -> None:
        self._do("close")

    async def open_events(self, url: str) -> None:
        self._do("open", url)
        await anyio.lowlevel.checkpoint()

    async def next_data(self) -> None:
        self._do("read")
        if self.silent:
            await anyio.sleep_forever()

    async def fetch(self, step: Fetch) -> Response:
        self._do("fetch", step.request.url, step.request.body)
        return Response(b"")


def job(connection: Connection, **more: Any) -> Job:
    return Job(STEP, connection, **more)  # type: ignore[arg-type]


CANCEL = ("fetch", "cancel", {"session_hash": "s", "event_id": "e"})
APPEARS = [("open", "events"), "read", "close"]


@pytest.mark.parametrize(
    ("is_read", "id_", "fails", "appears"),
    [
        (True, "e", "", []),
        (False, "e", "", APPEARS),
        (False, "e", "open", [APPEARS[0], "close"]),
        (False, "e", "read", APPEARS),
        (False, "e", "fetch", APPEARS),
        (False, "", "", []),
    ],
)
async def test_how_it_is_cancelled(
    is_read: bool, id_: str, fails: str, appears: list[object]
) -> None:
    """Its reader goes before that is asked for; one that never came does before that."""
    connection = Connection(fails=fails)
    await job(connection, is_read=is_read).cancel(id_, 2.0)
    told = ("fetch", "cancel", {"session_hash": "s", "event_id": id_})
    assert connection.done == [("extend", 2.0), "close", *appears, told]


async def test_a_cancellation_without_a_body() -> None:
    connection = Connection()
    found = Job(dataclasses.replace(STEP, cancel=Request("cancel")), connection, is_read=True)  # type: ignore[arg-type]
    await found.cancel("e", 2.0)
    assert connection.done[-1] == ("fetch", "cancel", {"event_id": "e"})


async def test_a_stream_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spacechat.streaming.job._APPEARING", 0.01)
    connection = Connection(silent=True)
    with anyio.fail_after(waiting.LONGEST):
        await job(connection).cancel("e", 2.0)
    assert connection.done == [("extend", 2.0), "close", *APPEARS, CANCEL]


def test_what_is_under_way() -> None:
    for at_work in (False, True):
        for sent in (False, True):
            found = job(Connection(sent=sent), at_work=at_work)
            assert found.is_under_way is (at_work and sent)
    assert not job(Connection()).is_under_way, "nothing was asked for"


def test_the_id_of_an_event() -> None:
    assert event_id(b'{"event_id":"abc","more":1}') == "abc"


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"event_id":1}', b"{}", b"[" * 100_000])
def test_an_answer_that_names_none(answer: bytes) -> None:
    with pytest.raises(errors.ProtocolError, match="names no event") as caught:
        event_id(answer)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("error", "from_server"),
    [
        (RecursionError(), True),
        (ValueError(), True),
        (KeyError(), True),
        (TypeError(), False),
        (RuntimeError(), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_whose_fault_an_error_may_be(error: BaseException, from_server: bool) -> None:
    assert comes_from_server(error) is from_server


@pytest.mark.parametrize(("said", "reason"), [("<b>odd</b>", "odd"), ("", "no reason given")])
def test_an_error_that_nobody_foresaw(said: str, reason: str) -> None:
    try:
        raise LookupError(said)
    except LookupError as exc:
        error = exc
    found = as_ours(error)
    assert isinstance(found, errors.ProtocolError)
    assert str(found).startswith("What the Space sent could not be read: LookupError at ")
    assert f" at test_jobs.py:{error.__traceback__.tb_lineno} ({reason}). " in str(found)  # type: ignore[union-attr]
    assert found.__cause__ is error


def test_of_a_chain_of_calls_the_last_is_named() -> None:
    def inner() -> None:
        raise LookupError("x")

    def outer() -> None:
        inner()

    with pytest.raises(LookupError) as caught:
        outer()
    assert str(as_ours(caught.value)).count(" at ") == 1
    line = inner.__code__.co_firstlineno + 1
    assert f"LookupError at test_jobs.py:{line} (x)" in str(as_ours(caught.value))


@pytest.mark.parametrize("error", [errors.GenerationError("x"), KeyboardInterrupt()])
def test_others_are_returned_as_they_are(error: BaseException) -> None:
    assert as_ours(error) is error

"""What an engine makes of a failure: another attempt or an error, and what it keeps and logs."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from spacechat import errors, events
from spacechat.events import Event
from spacechat.protocol import Budget, ReadAnswer
from spacechat.settings import Settings
from spacechat.steps import (
    Connect,
    Fetch,
    Request,
    Script,
    Show,
    Steps,
    Tell,
)
from spacechat.streaming.engine import AsyncEngine
from tests import waiting
from tests.streaming.scripted import Server, outcome_of, two_functions

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

FILE = events.File("http://space/a.png", "a.png", "image/png")


def busy(**more: Any) -> errors.SpaceChatError:
    return errors.SpaceUnavailableError("Busy.", temporary=True, **more)


class Attempt:
    """Scripts that tell events, and fail once.

    Attributes:
        count: How many were begun.
    """

    def __init__(self, *told: Event, error: Callable[[], Exception] = busy) -> None:
        self.count = 0
        self._told = told
        self._error = error

    def script(self, **more: Any) -> Script[str]:
        return Script(steps=self._steps, **more)

    def _steps(self, _: Budget) -> Steps[str]:
        self.count += 1
        for event in self._told:
            yield Tell(event)
        if self.count == 1:
            raise self._error()
        return "done"


@pytest.mark.parametrize("event", [None, events.Status("Waking up."), FILE])
async def test_it_is_asked_again(event: Event | None) -> None:
    attempt = Attempt(*([] if event is None else [event]))
    outcome = await AsyncEngine(attempt.script(), Settings()).complete()
    assert (outcome.value, attempt.count) == ("done", 2)
    assert outcome.files == ((FILE,) if event is FILE else ())
    assert (outcome.timings.queued, outcome.timings.first_text) == (None, None)


async def test_what_has_begun_is_not_asked_again_but_elsewhere() -> None:
    event = events.Started(None)
    attempt = Attempt(event)
    with pytest.raises(errors.SpaceUnavailableError):
        await AsyncEngine(attempt.script(), Settings()).complete()
    assert attempt.count == 1
    attempt = Attempt(event)
    engine = AsyncEngine(attempt.script(), Settings(), fallbacks=[attempt.script()])
    assert (await engine.complete()).value == "done"
    assert attempt.count == 2
    assert engine.outcome is not None
    assert engine.outcome.timings.queued is not None


@pytest.mark.parametrize(
    "event",
    [
        events.TextDelta("a"),
        events.TextReset("a"),
        events.Reasoning("a"),
        events.Values((1,)),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_what_was_given_out_is_asked_for_once(event: Event) -> None:
    attempt = Attempt(event)
    engine = AsyncEngine(attempt.script(), Settings(), fallbacks=[attempt.script()])
    with pytest.raises(errors.SpaceUnavailableError):
        await engine.complete()
    assert attempt.count == 1
    second = Attempt(event)
    second.count = 1
    timings = (await AsyncEngine(second.script(), Settings()).complete()).timings
    assert (timings.first_text is None) == isinstance(event, events.Reasoning)


@pytest.mark.parametrize("text", ["Hello", "<thi", ""])
async def test_when_the_first_text_comes(text: str) -> None:
    """Also where it is text only at the end, which the beginning of a tag is."""

    def steps(_: Budget) -> Steps[None]:
        yield Show(text, ReadAnswer(0))

    outcome = await AsyncEngine(Script(steps=steps), Settings()).complete()
    assert outcome.text == text
    assert (outcome.timings.first_text is not None) == bool(text)


async def test_a_text_that_was_taken_for_a_thought() -> None:
    """Where an app gives nothing but thoughts, the last one turns out to be the answer."""
    said = {"role": "assistant", "content": "Hello", "metadata": {"title": "Thinking"}}

    def steps(_: Budget) -> Steps[None]:
        yield Show([said], ReadAnswer(0))

    outcome = await AsyncEngine(Script(steps=steps), Settings()).complete()
    assert outcome.text == "Hello"
    assert outcome.timings.first_text is not None


async def test_an_error_keeps_the_part_of_the_answer_that_it_has() -> None:
    attempt = Attempt(error=lambda: errors.GenerationError("No.", partial_text="Hel"))
    with pytest.raises(errors.GenerationError) as caught:
        await AsyncEngine(attempt.script(), Settings()).complete()
    assert caught.value.partial_text == "Hel"


@pytest.mark.parametrize("once", [True, False])
async def test_a_function_that_was_not_called_can_not_have_run(once: bool) -> None:
    attempt = Attempt()
    engine = AsyncEngine(attempt.script(once=once), Settings(retries=0))
    with pytest.raises(errors.SpaceUnavailableError) as caught:
        await engine.complete()
    assert not caught.value.may_have_run


@pytest.mark.parametrize(("model", "fallback"), [("", ""), ("a", "a"), ("a", "b")])
async def test_what_it_logs(model: str, fallback: str, caplog: pytest.LogCaptureFixture) -> None:
    attempt = Attempt(events.Started(None))
    others = [attempt.script(model=fallback)]
    caplog.set_level(logging.DEBUG, "spacechat")
    await AsyncEngine(attempt.script(model=model), Settings(), fallbacks=others).complete()
    subject = "question to a" if model else "request"
    said = [(each.levelname, each.getMessage()) for each in caplog.records]
    assert said == [
        *begun(model),
        ("INFO", f"{subject}: SpaceUnavailableError; asking {fallback or 'again'} in 0.0 s"),
        *begun(fallback),
    ]


def begun(model: str) -> list[tuple[str, str]]:
    """What is logged when a Space begins."""
    if not model:
        return [("DEBUG", "request: started")]
    return [("DEBUG", f"asking {model}"), ("DEBUG", f"question to {model}: started")]


async def test_what_it_logs_of_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "spacechat")
    for event in (events.TextDelta("a"), events.Values((1,)), events.Reasoning("a")):
        with pytest.raises(errors.SpaceUnavailableError):
            await AsyncEngine(Attempt(event).script(), Settings()).complete()
    ended = "request: ended by SpaceUnavailableError"
    first = ["request: first text", ended, "request: first value", ended, ended]
    assert [each.getMessage() for each in caplog.records] == first


@pytest.mark.parametrize("seconds", [0.5, 8.0])
async def test_it_waits_before_another_attempt(
    server: Server, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    slept: list[float] = []
    failures = iter([errors.SpaceUnavailableError("busy", temporary=True)])

    def steps(_: Budget) -> Steps[str]:
        yield Connect("http://space", {})
        for failure in failures:
            raise failure
        return "done"

    async def sleep(pause: float) -> None:
        slept.append(pause)

    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", seconds)
    monkeypatch.setattr(random, "uniform", lambda least, most: (least + most) / 2)
    now = SimpleNamespace(monotonic=lambda: 100.0)
    for module in ("engine", "clock"):
        monkeypatch.setattr(f"spacechat.streaming.{module}.time", now)
    engine = AsyncEngine(Script(steps=steps), Settings())
    assert await outcome_of(engine) == "done"
    assert slept == [seconds]


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ValueError("odd"), errors.ProtocolError),
        (TypeError("no JSON"), TypeError),
        (errors.StreamInterruptedError("cut"), errors.StreamInterruptedError),
    ],
)
async def test_an_error_of_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception, raised: type[Exception]
) -> None:
    async def fails() -> bytes:
        raise error

    monkeypatch.setattr(server, "next_data", fails)
    engine = AsyncEngine(Script(steps=two_functions), Settings(retries=0))
    with anyio.fail_after(waiting.LONGEST), pytest.raises(raised) as caught:
        await engine.complete()
    assert str(error) in str(caught.value)
    assert engine.state == "closed"


@pytest.mark.parametrize(
    ("known", "runs", "once", "may_have_run"),
    [
        ({}, True, True, True),
        ({"status": 500}, True, True, True),
        ({}, True, False, False),
        ({}, False, True, False),
        ({"reached": False}, True, True, False),
        ({"status": 429}, True, True, False),
        ({"status": 503}, True, True, False),
    ],
)
async def test_a_function_that_may_have_run(
    server: Server, known: dict[str, Any], runs: bool, once: bool, may_have_run: bool
) -> None:
    """A request that was refused, or never arrived, has no function run."""

    def steps(_: Budget) -> Steps[object]:
        yield Connect("http://space", {})
        return (yield Fetch(Request("fails", {}), runs=runs))

    for name, value in known.items():
        setattr(server.failure, name, value)
    engine = AsyncEngine(Script(steps=steps, once=once), Settings(retries=0))
    with pytest.raises(errors.StreamInterruptedError) as caught:
        await engine.complete()
    assert caught.value.may_have_run == may_have_run
    assert server.may_repeat == (not (runs and once))

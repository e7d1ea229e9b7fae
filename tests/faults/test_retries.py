"""What is asked again, what is not, how often and when; and the models that are tried in turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

import spacechat
from spacechat import AsyncClient, Timeout, errors, events
from spacechat.streaming.attempts import LONGEST, delay_before
from tests.faults.table import BEGUN, FINAL, QUEUED, TEXT, Space
from tests.servers import (
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    completed,
    failed,
    generating,
    gradio,
    message,
    pairs,
    response,
    until,
)

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio", "trio")]

STARTED = message("process_starts", eta=None)
GOOD = gradio(*BEGUN, FINAL)
OTHER = gradio(completed(*pairs("other")))


def refusal(status: str, body: bytes = b"", **headers: str) -> Callable[[], Answer]:
    return lambda: gradio(join=always(response(body, status, **headers)))


def join(*parts: Part) -> Callable[[], Answer]:
    return lambda: gradio(join=always(*parts))


def stream(*parts: Part) -> Callable[[], Answer]:
    return lambda: gradio(*parts)


REPEATED: dict[str, Callable[[], Answer]] = {
    "429": refusal("429 Too Many Requests"),
    "429 at once": refusal("429 Too Many Requests", retry_after="0"),
    "502": refusal("502 Bad Gateway"),
    "503": refusal("503 Service Unavailable"),
    "504": refusal("504 Gateway Timeout"),
    "queue full": refusal("503 No", b'{"detail":"Queue is full."}'),
    "queue full by message": stream(message("queue_full")),
    "reset": join(Then.RESET),
    "cut": join(Then.CLOSE),
    "cut in the answer to the question": join(b"HTTP/1.1 200 OK\r\ncontent-", Then.CLOSE),
    "no first request": lambda: gradio(predict=always(Then.CLOSE)),
    "no stream": lambda: gradio(data=always(response(b"", "502 Bad Gateway"))),
    "stream lost": stream(Then.RESET),
    "stream lost in the queue": stream(QUEUED, Then.CLOSE),
    "stream ended in the queue": stream(QUEUED),
    "session lost": stream(message("unexpected_error", session_not_found=True), Then.CLOSE),
}

NOT_REPEATED: dict[str, Callable[[], Answer]] = {
    "400": refusal("400 Bad Request"),
    "401": refusal("401 Unauthorized"),
    "403": refusal("403 Forbidden"),
    "404": refusal("404 Not Found"),
    "500": refusal("500 Internal Server Error"),
    "302": refusal("302 Found", location="http://127.0.0.1:9/"),
    "429 for longer than is waited": refusal("429 Too Many", retry_after=str(int(LONGEST) + 1)),
    "no event": join(response(b"{}")),
    "garbage": join(b"garbage\r\n\r\n"),
    "started": stream(STARTED, Then.CLOSE),
    "text came": stream(*BEGUN, Then.CLOSE),
    "text came before the start": stream(generating(*pairs("a")), Then.CLOSE),
    "failed": stream(failed("boom")),
    "failed in hiding": stream(failed(None)),
    "quota": stream(failed("You have exceeded your GPU quota. Try again in 0:00:01")),
    "silent to the question": join(Then.HANG),
    "silent in the queue": stream(QUEUED, Then.HANG),
    "silent in the answer": stream(*BEGUN, Then.HANG),
    "cancelled": stream(message("process_completed", output={}, success=True)),
}


def in_turn(*answers: Answer) -> Answer:
    """Each question to the next answer; the last one stays."""
    left = list(answers)
    questions = 0

    def answer(request: Received) -> Any:
        nonlocal questions
        if request.path == "/run/predict":
            questions += 1
        return left[min(questions, len(left)) - 1](request)

    return answer


PATIENT = Timeout(30, 30, 120)


def limits(case: str) -> Timeout:
    """Short where the Space is silent, and long where a busy machine must not seem so."""
    return Timeout(30, 1, 120) if case.startswith("silent") else PATIENT


async def ask(url: str, **settings: Any) -> tuple[list[events.Event], Any]:
    """The events of a question, and the error or None."""
    async with AsyncClient(**{"timeout": PATIENT, **settings}) as client:
        stream = client.stream("Hi", provider=Space.at(url))
        found: list[events.Event] = []
        try:
            async for event in stream.events():
                found.append(event)  # noqa: PERF401 - what came before an error counts
        except errors.SpaceChatError as exc:
            return found, exc
        return found, None


def retries(found: list[events.Event]) -> list[events.Retrying]:
    return [event for event in found if isinstance(event, events.Retrying)]


@pytest.mark.parametrize("case", REPEATED)
async def test_repeated(case: str, caplog: pytest.LogCaptureFixture) -> None:
    bad = REPEATED[case]()
    with (
        ReplayServer(in_turn(bad, bad, GOOD)) as server,
        caplog.at_level(logging.INFO, "spacechat"),
    ):
        found, error = await ask(server.url)
        assert error is None
        await until(lambda: server.open == 0)
    assert found[-1] == events.Completed(TEXT)
    assert [(one.model, one.attempt) for one in retries(found)] == [
        (Space.default_model, 1),
        (Space.default_model, 2),
    ]
    assert all(one.reason for one in retries(found))
    told = [record for record in caplog.records if "asking" in record.getMessage()]
    assert len(told) == 2
    assert len(server.to("/run/predict")) == 3


@pytest.mark.parametrize("case", NOT_REPEATED)
async def test_not_repeated(case: str) -> None:
    with ReplayServer(in_turn(NOT_REPEATED[case](), GOOD)) as server:
        found, error = await ask(server.url, timeout=limits(case))
        assert error is not None
        assert retries(found) == []
        await until(lambda: server.open == 0)
        assert len(server.to("/run/predict")) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_how_often(count: int) -> None:
    with ReplayServer(REPEATED["503"]()) as server:
        found, error = await ask(server.url, retries=count)
    assert type(error) is errors.SpaceUnavailableError
    assert [one.attempt for one in retries(found)] == [*range(1, count + 1)]
    assert len(server.to("/queue/join")) == count + 1


async def test_refused_connection(nobody: str) -> None:
    found, error = await ask(nobody, retries=2)
    assert type(error) is errors.SpaceUnavailableError
    assert [one.attempt for one in retries(found)] == [1, 2]


async def test_started_once_is_told_of_each_attempt_on_its_own() -> None:
    """What was said in the queue is not held against the attempt after."""
    lost = gradio(QUEUED, Then.CLOSE)
    with ReplayServer(in_turn(lost, gradio(*BEGUN, Then.CLOSE))) as server:
        found, error = await ask(server.url)
    assert type(error) is errors.StreamInterruptedError
    assert error.partial_text == TEXT
    assert len(retries(found)) == 1


@pytest.mark.parametrize("first", [0.5, 4.0])
def test_delays(monkeypatch: pytest.MonkeyPatch, first: float) -> None:
    """They double, with jitter around, and never pass the longest."""
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", first)
    error = errors.SpaceUnavailableError("", temporary=True)
    for attempt in range(1, 5):
        middle = first * 2 ** (attempt - 1)
        delays = [delay_before(attempt, error) for _ in range(300)]
        known = [delay for delay in delays if delay is not None]
        assert len(known) == 300
        assert min(known) >= middle / 2
        assert max(known) <= middle * 1.5
        assert max(known) - min(known) > middle / 2, "jitter"


@pytest.mark.parametrize("asked", [0.0, 7.0, 60.0])
async def test_the_space_says_when(monkeypatch: pytest.MonkeyPatch, asked: float) -> None:
    waits: list[float] = []
    real_sleep = anyio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("spacechat.streaming.clock.anyio.sleep", sleep)
    limited = refusal("429 Too Many", retry_after=f"{asked:.0f}")()
    with ReplayServer(in_turn(limited, GOOD)) as server:
        found, error = await ask(server.url, timeout=Timeout(30, 30, 100))
    assert error is None
    (retry,) = retries(found)
    assert retry.delay - 5 < sum(waits) <= retry.delay + 0.01
    assert asked <= retry.delay <= max(asked, 0.02)


async def test_the_total_timeout_bounds_it() -> None:
    """There is no use in a pause that ends after the time is over."""
    with ReplayServer(refusal("429 Too Many", retry_after="50")()) as server:
        started = time.monotonic()
        found, error = await ask(server.url, timeout=Timeout(30, 30, 40))
    assert type(error) is errors.RateLimitError
    assert error.retry_after == 50
    assert retries(found) == []
    assert time.monotonic() - started < 20


async def test_the_total_timeout_counts_all_attempts() -> None:
    def slowly(_: Received) -> Iterator[Part]:
        time.sleep(0.1)
        yield response(b"", "503 No")

    with ReplayServer(gradio(join=slowly)) as server:
        found, error = await ask(server.url, retries=1000, timeout=Timeout(30, 30, 3))
    assert type(error) in (errors.StreamTimeoutError, errors.SpaceUnavailableError)
    assert 2 <= len(retries(found)) <= 10


@pytest.fixture
def waiting() -> Iterator[ReplayServer]:
    """A Space that wants a long pause before it is asked again."""
    with ReplayServer(refusal("429 Too Many", retry_after="50")()) as server:
        yield server


class TestLeavingWhileItWaits:
    async def test_cancelled(self, waiting: ReplayServer) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=Space.at(waiting.url))
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(stream.reply)
                    await until(lambda: bool(waiting.to("/queue/join")) and waiting.busy == 0)
                    scope.cancel()
            assert scope.cancelled_caught
            await until(lambda: waiting.busy == 0)
            assert [piece async for piece in stream] == []
        assert len(waiting.to("/queue/join")) == 1

    async def test_closed_by_another_task(self, waiting: ReplayServer) -> None:
        started = time.monotonic()
        async with AsyncClient() as client, anyio.create_task_group() as tasks:
            stream = client.stream("Hi", provider=Space.at(waiting.url))

            async def close() -> None:
                await until(lambda: bool(waiting.to("/queue/join")) and waiting.busy == 0)
                await anyio.sleep(0.05)
                await stream.aclose()

            tasks.start_soon(close)
            assert [piece async for piece in stream] == []
        assert time.monotonic() - started < 30
        assert len(waiting.to("/queue/join")) == 1


class TestFallback:
    async def test_the_first_text_decides(self) -> None:
        with ReplayServer(NOT_REPEATED["500"]()) as bad, ReplayServer(OTHER) as good:
            async with AsyncClient() as client:
                spaces = [Space.at(bad.url), Space.at(good.url)]
                reply = await client.ask("Hi", provider=spaces)
            assert reply.text == "other"
            assert reply.provider is spaces[1]
            assert reply.conversation.messages[-1] == {"role": "assistant", "content": "other"}
            assert len(bad.to("/queue/join")) == 1
            await until(lambda: bad.open == good.open == 0)

    async def test_the_first_that_works_is_the_only_one_asked(self) -> None:
        with ReplayServer(GOOD) as first, ReplayServer(OTHER) as second:
            async with AsyncClient() as client:
                spaces = [Space.at(first.url), Space.at(second.url)]
                assert (await client.ask("Hi", provider=spaces)).text == TEXT
            assert second.accepted == 0

    @pytest.mark.parametrize("case", ["started", "failed", "quota", "silent in the queue", "401"])
    async def test_any_error_before_the_first_text(self, case: str) -> None:
        """Another Space can be asked even where the same one should not be asked again."""
        with ReplayServer(NOT_REPEATED[case]()) as bad, ReplayServer(OTHER) as good:
            async with AsyncClient(timeout=limits(case)) as client:
                stream = client.stream("Hi", provider=[Space.at(bad.url), Space.at(good.url)])
                found = [event async for event in stream.events()]
            (retry,) = retries(found)
            assert (retry.attempt, retry.delay) == (0, 0.0)
            assert found[-1] == events.Completed("other")

    async def test_not_after_the_first_text(self) -> None:
        with ReplayServer(gradio(*BEGUN, failed("boom"))) as bad, ReplayServer(OTHER) as good:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=[Space.at(bad.url), Space.at(good.url)])
                with pytest.raises(errors.GenerationError, match="boom") as caught:
                    await stream.reply()
            assert caught.value.partial_text == TEXT
            assert good.accepted == 0

    async def test_each_is_repeated_first(self) -> None:
        with ReplayServer(REPEATED["503"]()) as bad, ReplayServer(REPEATED["502"]()) as worse:
            async with AsyncClient(retries=1) as client:
                stream = client.stream("Hi", provider=[Space.at(bad.url), Space.at(worse.url)])
                found = []
                with pytest.raises(errors.SpaceUnavailableError):
                    async for event in stream.events():
                        found.append(event)  # noqa: PERF401
            assert [one.attempt for one in retries(found)] == [1, 0, 1]
            assert len(bad.to("/queue/join")) == len(worse.to("/queue/join")) == 2

    async def test_the_error_tells_what_each_said(self) -> None:
        with (
            ReplayServer(NOT_REPEATED["500"]()) as one,
            ReplayServer(NOT_REPEATED["quota"]()) as two,
            ReplayServer(NOT_REPEATED["401"]()) as three,
        ):
            servers = [one, two, three]
            async with AsyncClient() as client:
                with pytest.raises(errors.SpaceUnavailableError, match="None of 3") as caught:
                    await client.ask("Hi", provider=[Space.at(server.url) for server in servers])
            found = caught.value
            assert [type(error) for error in found.errors] == [
                errors.SpaceUnavailableError,
                errors.QuotaExceededError,
                errors.AuthenticationError,
            ]
            assert all(str(error) in str(found) for error in found.errors)
            assert found.__cause__ is None

    async def test_models(self) -> None:
        """A name that none has is told before anything is asked."""
        async with AsyncClient() as client:
            with pytest.raises(errors.ModelNotFoundError, match="gpt-5"):
                client.stream("Hi", model=["qwen-2.5", "gpt-5"])
            stream = client.stream("Hi", model=["qwen-2-72b", "qwen-2.5"])
            assert stream.conversation.model == "qwen-qwen2-72b-instruct"

    async def test_models_of_one_space(self) -> None:
        """A list of models and a list of providers: every model at every provider."""
        with ReplayServer(in_turn(NOT_REPEATED["500"](), OTHER)) as server:
            async with AsyncClient() as client:
                names = ["qwen-2-72b", "qwen-qwen2-72b-instruct"]
                reply = await client.ask("Hi", provider=[Space.at(server.url)], model=names)
        assert reply.text == "other"
        assert len(server.to("/queue/join")) == 2

    async def test_the_total_timeout_is_for_all(self) -> None:
        hanging = gradio(join=always(Then.HANG))
        with ReplayServer(hanging) as one, ReplayServer(hanging) as two:
            async with AsyncClient(timeout=Timeout(30, 30, 0.3)) as client:
                started = time.monotonic()
                with pytest.raises(errors.StreamTimeoutError, match="total"):
                    await client.ask("Hi", provider=[Space.at(one.url), Space.at(two.url)])
                assert time.monotonic() - started < 20
            assert two.accepted == 0


def test_blocking_repeats() -> None:
    with ReplayServer(in_turn(REPEATED["503"](), GOOD)) as server, spacechat.Client() as client:
        stream = client.stream("Hi", provider=Space.at(server.url))
        found = list(stream.events())
        assert [type(event) for event in found[:2]] == [events.Retrying, events.Queued]
        assert stream.reply().text == TEXT


def test_blocking_falls_back() -> None:
    with ReplayServer(NOT_REPEATED["401"]()) as bad, ReplayServer(OTHER) as good:
        spaces = [Space.at(bad.url), Space.at(good.url)]
        with spacechat.Client() as client:
            assert client.ask("Hi", provider=spaces).text == "other"
            with pytest.raises(errors.SpaceUnavailableError, match="None of 2") as caught:
                client.ask("Hi", provider=[spaces[0], spaces[0]])
    assert len(caught.value.errors) == 2


def test_blocking_is_closed_by_another_thread_while_it_waits(waiting: ReplayServer) -> None:
    started = time.monotonic()
    with spacechat.Client() as client:
        stream = client.stream("Hi", provider=Space.at(waiting.url))
        timer = threading.Timer(0.2, stream.close)
        timer.start()
        assert list(stream) == []
        timer.join()
    assert time.monotonic() - started < 30

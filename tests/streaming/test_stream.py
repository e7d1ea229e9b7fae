"""Streams from the outside: every form of use, every way to leave, every way to fail."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import trio

import spacechat
from spacechat import AsyncChatStream, AsyncClient, Timeout, errors, events, providers
from spacechat.local import LocalSpace
from spacechat.providers import Question
from spacechat.settings import Settings
from spacechat.transport import connection as transport
from tests.apis import applied
from tests.processes import wait_until
from tests.samples import HI, PIECES, SHAPES, SPACE, TEXT
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    appended,
    chunk,
    completed,
    failed,
    generating,
    gradio,
    message,
    pairs,
    response,
    until,
)

pytestmark = pytest.mark.anyio


QUEUED = message("estimation", rank=0, queue_size=1, rank_eta=2.5)
STARTS = message("process_starts", eta=1.5)
ENDING = [QUEUED, STARTS, generating(*pairs("Hel")), generating(*appended("lo"))]
HELLO = gradio(*ENDING, completed(*pairs("Hello")), CLOSE_STREAM)


@pytest.fixture(autouse=True)
def _ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client reads with the ordinary transport; `test_fast` has the other."""

    def settings(**given: Any) -> Settings:
        return Settings(**{**given, "fast": False})

    monkeypatch.setattr("spacechat.client.client.Settings", settings)


def endless(_: object) -> Iterator[str]:
    """An answer that never ends by itself; each piece comes when the one before was taken."""
    while True:
        yield "ha "


@pytest.fixture
def slow() -> Iterator[LocalSpace]:
    """A Space whose answer goes on until somebody stops it."""
    with LocalSpace("qwen-2-72b", endless, delay=0.005) as space:
        yield space


@pytest.fixture
def hello() -> Iterator[ReplayServer]:
    """A server that answers `Hello` in two pieces."""
    with ReplayServer(HELLO) as server:
        yield server


def cancels(space: LocalSpace) -> list[Any]:
    return [request.json for request in space.requests if request.path.endswith("/cancel")]


async def assert_stopped(space: LocalSpace, stream: AsyncChatStream, count: int = 1) -> None:
    """The generation ended, and because it was asked to with the right words."""
    await until(lambda: space.active == 0)
    found = cancels(space)
    assert len(found) == count
    wanted = stream.conversation.session_hash
    (cancel,) = [one for one in found if one["session_hash"] == wanted]
    assert cancel.keys() == {"session_hash", "fn_index", "event_id"}
    assert cancel["fn_index"] == 0
    assert len(cancel["event_id"]) == 32
    assert space.cancelled == count


class TestClient:
    @pytest.mark.parametrize(("provider", "shape"), SHAPES)
    async def test_text(self, provider: type[providers.AsyncProvider], shape: str) -> None:
        async with LocalSpace(shape, PIECES) as space, AsyncClient() as client:
            async with client.stream("Hi", provider=provider.at(space.url)) as stream:
                found = [piece async for piece in stream]
            assert found == PIECES
            assert stream.text == TEXT
            assert cancels(space) == []

    @pytest.mark.parametrize(("provider", "shape"), SHAPES)
    @pytest.mark.parametrize("protocol", ["sse_v1", "sse_v2", "sse_v2.1", "sse_v3"])
    async def test_protocols(
        self, provider: type[providers.AsyncProvider], shape: str, protocol: str
    ) -> None:
        async with LocalSpace(shape, PIECES, protocol=protocol) as space, AsyncClient() as client:
            stream = client.stream("Hi", provider=provider.at(space.url))
            assert [piece async for piece in stream] == PIECES
            assert (await stream.reply()).text == TEXT

    async def test_text_so_far(self, slow: LocalSpace) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(slow.url)) as stream,
        ):
            assert stream.text == ""
            seen = ""
            async for piece in stream:
                seen += piece
                assert stream.text == seen
                if len(seen) > 30:
                    break

    async def test_events(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(hello.url))
            found = [event async for event in stream.events()]
        assert found == [
            events.Queued(0, 1, 2.5),
            events.Started(1.5),
            events.TextDelta("Hel"),
            events.TextDelta("lo"),
            events.Completed("Hello"),
        ]
        assert stream.text == "Hello"

    async def test_every_kind_of_event(self) -> None:
        bar = {"index": 1, "length": 3, "unit": "steps", "progress": None, "desc": "work"}
        answer = gradio(
            STARTS,
            message("progress", progress_data=[bar]),
            message("log", log="<b>slow</b> path", level="warning", title="Note"),
            message("heartbeat"),
            message("brand_new"),
            generating(*pairs("abc")),
            generating([], [["replace", [0, 1], "abX"]], []),
            completed(*pairs("abX")),
        )
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                found = [event async for event in stream.events()]
        assert found == [
            events.Started(1.5),
            events.Progress(1, 3, "steps", None, "work"),
            events.Log("warning", "slow path", "Note"),
            events.TextDelta("abc"),
            events.TextReset("abX"),
            events.Completed("abX"),
        ]

    async def test_ask(self, hello: ReplayServer) -> None:
        space = SPACE.at(hello.url)
        async with AsyncClient() as client:
            started = time.monotonic()
            reply = await client.ask("Hi", provider=space)
            took = time.monotonic() - started
        assert isinstance(reply, spacechat.Reply)
        assert reply.text == str(reply) == "Hello"
        assert reply.model == "qwen-qwen2-72b-instruct"
        assert reply.provider is space
        assert reply.reasoning == ""
        assert reply.conversation.model == "qwen-qwen2-72b-instruct"
        assert reply.conversation.messages == [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
        ]
        timings = reply.timings
        assert timings.queued is not None
        assert timings.first_text is not None
        assert 0 < timings.queued <= timings.first_text <= timings.total <= took

    async def test_timings_that_the_space_does_not_tell(self) -> None:
        with ReplayServer(gradio(completed(*pairs("")))) as server:
            async with AsyncClient() as client:
                reply = await client.ask("Hi", provider=SPACE.at(server.url))
        assert reply.text == ""
        assert reply.timings.queued is None
        assert reply.timings.first_text is None
        assert reply.timings.total > 0

    async def test_timings_are_of_when_things_happen(self) -> None:
        """The server waits before it starts, and again before the first text."""

        seen: set[type[events.Event]] = set()

        def stream(_: Received) -> Iterator[Part]:
            yield EVENTS_HEAD
            server.stopping.wait(0.15)
            yield chunk(STARTS)
            wait_until(lambda: events.Started in seen)
            server.stopping.wait(0.15)
            yield chunk(generating(*pairs("a")))
            wait_until(lambda: events.TextDelta in seen)
            server.stopping.wait(0.15)
            yield chunk(generating(*appended("b")))
            yield chunk(completed(*pairs("ab")))

        with ReplayServer(gradio(data=stream)) as server:
            async with AsyncClient() as client:
                asked = client.stream("Hi", provider=SPACE.at(server.url))
                async for event in asked.events():
                    seen.add(type(event))
                reply = await asked.reply()
        timings = reply.timings
        assert timings.queued is not None
        assert timings.first_text is not None
        assert 0.15 <= timings.queued < timings.first_text - 0.1
        assert timings.first_text < timings.total - 0.1

    async def test_reasoning(self) -> None:
        def said(*contents: tuple[str, str | None]) -> Any:
            return [
                {"role": "assistant", "content": text, "metadata": {"title": title}}
                for text, title in contents
            ]

        thought = said(("Hmm", "Thinking"))
        whole = said(("Hmm", "Thinking"), ("Hello", None))
        answer = gradio(generating("", thought, ""), completed("", whole, ""))
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                found = [event async for event in stream.events()]
                reply = await stream.reply()
        assert found == [
            events.Reasoning("Hmm", "Thinking"),
            events.TextDelta("Hello"),
            events.Completed("Hello", "Hmm"),
        ]
        assert (reply.text, reply.reasoning) == ("Hello", "Hmm")

    async def test_nothing_is_asked_before_it_is_read(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(hello.url))
            await anyio.lowlevel.checkpoint()
            assert hello.accepted == 0
            async with stream:
                await anyio.lowlevel.checkpoint()
                assert hello.accepted == 0
                assert await stream.__anext__() == "Hel"
            assert [request.path for request in hello.requests][:2] == [
                "/queue/join",
                "/queue/data",
            ]

    async def test_reply_twice_is_the_same(self, hello: ReplayServer) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(hello.url)) as stream,
        ):
            reply = await stream.reply()
            assert await stream.reply() is reply
        assert await stream.reply() is reply
        assert len(hello.requests) == 2

    async def test_reply_after_some_pieces(self, hello: ReplayServer) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(hello.url)) as stream,
        ):
            assert await stream.__anext__() == "Hel"
            assert (await stream.reply()).text == "Hello"

    async def test_reply_after_early_close(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                await stream.__anext__()
            with pytest.raises(errors.StreamInterruptedError) as caught:
                await stream.reply()
        assert caught.value.partial_text == stream.text
        assert stream.text.startswith("ha ")

    async def test_iteration_after_the_end(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(hello.url))
            assert [piece async for piece in stream] == ["Hel", "lo"]
            assert [piece async for piece in stream] == []
            assert [event async for event in stream.events()] == []
            with pytest.raises(StopAsyncIteration):
                await stream.__anext__()
            assert stream.text == "Hello"
        assert len(hello.requests) == 2

    async def test_closed_before_it_was_read(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(hello.url))
            await stream.aclose()
            await stream.aclose()
            assert [piece async for piece in stream] == []
            with pytest.raises(errors.SpaceChatError, match="closed"):
                await stream.reply()
            with pytest.raises(errors.SpaceChatError, match="closed"):
                await stream.__aenter__()
        assert hello.accepted == 0

    async def test_stream_on_a_closed_client(self, hello: ReplayServer) -> None:
        client = AsyncClient()
        await client.aclose()
        await client.aclose()
        with pytest.raises(errors.SpaceChatError, match="closed"):
            client.stream("Hi", provider=SPACE.at(hello.url))
        with pytest.raises(errors.SpaceChatError, match="closed"):
            await client.ask("Hi", provider=SPACE.at(hello.url))
        assert hello.accepted == 0

    async def test_closing_the_client_closes_its_streams(self, slow: LocalSpace) -> None:
        client = AsyncClient()
        streams = [client.stream("Hi", provider=SPACE.at(slow.url)) for _ in range(3)]
        for stream in streams:
            assert await stream.__anext__() == "ha "
        assert slow.active == 3
        await client.aclose()
        for stream in streams:
            await assert_stopped(slow, stream, count=3)
            with contextlib.suppress(StopAsyncIteration):
                while True:
                    assert await stream.__anext__() == "ha "

    async def test_several_streams_at_once(self) -> None:
        def reply(request: spacechat.local.ChatRequest) -> list[str]:
            return [f"{request.prompt}:{index};" for index in range(50)]

        async with LocalSpace("qwen-2-72b", reply) as space, AsyncClient() as client:
            found: dict[str, list[str]] = {}

            async def ask(name: str) -> None:
                async with client.stream(name, provider=SPACE.at(space.url)) as stream:
                    found[name] = [piece async for piece in stream]

            async with anyio.create_task_group() as tasks:
                for number in range(30):
                    tasks.start_soon(ask, f"q{number}")
        assert found == {
            f"q{number}": [f"q{number}:{index};" for index in range(50)] for number in range(30)
        }

    @pytest.mark.parametrize(("provider", "shape"), SHAPES)
    async def test_a_long_answer_has_all_its_pieces(
        self, provider: type[providers.AsyncProvider], shape: str
    ) -> None:
        pieces = [f"{number} " for number in range(500)]
        async with LocalSpace(shape, pieces) as space, AsyncClient() as client:
            stream = client.stream("Hi", provider=provider.at(space.url))
            assert [piece async for piece in stream] == pieces

    async def test_repr(self, hello: ReplayServer) -> None:
        client = AsyncClient(token="hf_secret", headers={"x-key": "also secret"})
        stream = client.stream("Hi", provider=SPACE.at(hello.url))
        assert "secret" not in repr((client, stream, stream.__dict__, client.__dict__))
        assert "open" in repr(client)
        assert "waiting" in repr(stream)
        await stream.reply()
        assert "closed" in repr(stream)
        await client.aclose()
        assert "closed" in repr(client)

    async def test_unknown_options_are_refused(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            with pytest.raises(TypeError, match="temperature"):
                client.stream("Hi", provider=SPACE.at(hello.url), temperature=1)  # type: ignore[call-arg]
        assert hello.accepted == 0

    @pytest.mark.parametrize(
        "settings",
        [
            {"timeout": 0},
            {"timeout": -1.0},
            {"timeout": float("nan")},
            {"retries": -1},
        ],
    )
    def test_settings_out_of_range(self, settings: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"more than 0|0 or more"):
            AsyncClient(**settings)


class TestRewrites:
    """Text iteration can't take back what it gave: it goes on after what stays true."""

    @pytest.mark.parametrize(
        ("versions", "pieces"),
        [
            (["abc", "abX"], ["abc", "X"]),
            (["abc", "ab"], ["abc"]),
            (["abc", "ab", "abd"], ["abc", "d"]),
            (["abc", "xyz"], ["abc", "xyz"]),
            (["abc", "", "abc"], ["abc", "abc"]),
            (["a", "ab", "b", "bc"], ["a", "b", "b", "c"]),
            (["你好", "你们", "你们好"], ["你好", "们", "好"]),
        ],
    )
    @pytest.mark.parametrize("last", ["generating", "completed"])
    async def test_rewrite(self, versions: list[str], pieces: list[str], last: str) -> None:
        first, *rest = versions
        steps = [generating([], [["replace", [0, 1], version]], []) for version in rest]
        if last == "completed":
            steps.pop()
        answer = gradio(
            generating(*pairs(first)), *steps, completed(*pairs(versions[-1])), CLOSE_STREAM
        )
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                found = [piece async for piece in stream]
                reply = await stream.reply()
        assert found == pieces
        assert stream.text == reply.text == versions[-1]

    async def test_events_tell_the_rewrite(self) -> None:
        answer = gradio(generating(*pairs("abc")), completed(*pairs("abX")))
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                found = [event async for event in stream.events()]
        assert found == [
            events.TextDelta("abc"),
            events.TextReset("abX"),
            events.Completed("abX"),
        ]
        assert applied(found) == "abX"


class TestLeaving:
    """Each way of leaving early stops the work at the Space and frees the connection."""

    async def test_break(self, slow: LocalSpace) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(slow.url)) as stream,
        ):
            async for _ in stream:
                assert slow.active == 1
                break
        await assert_stopped(slow, stream)

    async def test_not_reading_at_all(self, slow: LocalSpace) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(slow.url)) as stream,
        ):
            pass
        assert slow.requests == []
        assert [text async for text in stream] == []

    async def test_exception(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            with pytest.raises(ZeroDivisionError):
                async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                    async for _ in stream:
                        _ = 1 / 0
            await assert_stopped(slow, stream)

    async def test_exception_without_a_block(self, slow: LocalSpace) -> None:
        """The client's own end closes what a plain loop left behind."""
        with pytest.raises(ZeroDivisionError):
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(slow.url))
                async for _ in stream:
                    _ = 1 / 0
        await assert_stopped(slow, stream)

    async def test_aclose(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            assert await stream.__anext__() == "ha "
            await stream.aclose()
            await assert_stopped(slow, stream)
            await stream.aclose()
            assert len(cancels(slow)) == 1

    async def test_aclose_of_the_events(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            found = stream.events()
            async with contextlib.aclosing(found):  # type: ignore[type-var]
                async for event in found:
                    if isinstance(event, events.TextDelta):
                        break
            await assert_stopped(slow, stream)

    @pytest.mark.parametrize("block", [True, False])
    async def test_cancel_scope(self, slow: LocalSpace, block: bool) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            with anyio.CancelScope() as scope:
                async with stream if block else contextlib.nullcontext():
                    async for _ in stream:
                        scope.cancel()
            assert scope.cancelled_caught
            await assert_stopped(slow, stream)

    async def test_cancelled_while_it_waits(self) -> None:
        answer = gradio(generating(*pairs("a")), Then.HANG)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:

                        async def cancel() -> None:
                            await until(lambda: stream.text == "a")
                            scope.cancel()

                        tasks.start_soon(cancel)
                        async for _ in stream:
                            pass
                assert scope.cancelled_caught
                assert stream.text == "a"
                assert [request.json for request in server.to("/cancel")] == [
                    {
                        "session_hash": stream.conversation.session_hash,
                        "fn_index": 0,
                        "event_id": "e",
                    }
                ]
                await until(lambda: server.open == 0)

    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_cancelled_while_it_asks(self, where: str) -> None:
        """The Space takes the request and does not answer."""
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:

                        async def cancel() -> None:
                            await until(lambda: bool(server.to(f"/queue/{where}")))
                            scope.cancel()

                        tasks.start_soon(cancel)
                        await stream.reply()
                assert scope.cancelled_caught
                await until(lambda: server.open == 0)
                if where == "data":
                    assert [r.json["event_id"] for r in server.to("/cancel")] == ["e"]

    async def test_a_space_that_does_not_answer_the_cancel(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Leaving takes two seconds at most, and is not an error."""
        monkeypatch.setattr("spacechat.streaming.chat_stream.CLOSING", transport.CLOSING)
        answer = gradio(generating(*pairs("a")), Then.HANG, cancel=always(Then.HANG))
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                async with client.stream("Hi", provider=SPACE.at(server.url)) as stream:
                    assert await stream.__anext__() == "a"
                    started = time.monotonic()
                assert time.monotonic() - started < 20
                await until(lambda: server.open == 0)

    async def test_the_work_stops_at_once(self, slow: LocalSpace) -> None:
        """Within a second. What else a machine does only adds: the least of some counts."""
        taken = []
        async with AsyncClient() as client:
            for _ in range(5):
                async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                    assert await stream.__anext__() == "ha "
                    started = time.monotonic()
                await until(lambda: slow.active == 0)
                taken.append(time.monotonic() - started)
        assert min(taken) < 1

    async def test_the_reader_goes_before_the_cancel(self) -> None:
        """Gradio before 6 keeps in its queue what is cancelled while somebody reads."""
        alone = []

        def cancelled(_: Received) -> list[Part]:
            wait_until(lambda: server.open == 1)
            alone.append(True)
            return [response(b'{"success":true}')]

        answer = gradio(message("estimation", rank=1), Then.HANG, cancel=cancelled)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                assert isinstance(await stream.next_event(), events.Queued)
                await stream.aclose()
        assert alone == [True]

    async def test_no_cancel_after_the_end(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            async with client.stream("Hi", provider=SPACE.at(hello.url)) as stream:
                await stream.reply()
            assert hello.to("/cancel") == []
            await until(lambda: hello.open == 0)

    async def test_no_cancel_after_a_failure(self) -> None:
        with ReplayServer(gradio(failed("boom"))) as server:
            async with AsyncClient() as client:
                with pytest.raises(errors.GenerationError, match="boom"):
                    await client.ask("Hi", provider=SPACE.at(server.url))
            assert server.to("/cancel") == []
            await until(lambda: server.open == 0)

    async def test_aclose_from_another_task_while_one_waits(self) -> None:
        """The one that waits sees the end, not an error."""
        answer = gradio(generating(*pairs("a")), Then.HANG)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                stream = client.stream("Hi", provider=SPACE.at(server.url))

                async def close() -> None:
                    await until(lambda: stream.text == "a")
                    await anyio.wait_all_tasks_blocked()
                    await stream.aclose()

                tasks.start_soon(close)
                with anyio.fail_after(20):
                    assert [piece async for piece in stream] == ["a"]
            assert len(server.to("/cancel")) == 1
            await until(lambda: server.open == 0)

    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_aclose_from_another_task_while_one_asks(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                stream = client.stream("Hi", provider=SPACE.at(server.url))

                async def close() -> None:
                    await until(lambda: bool(server.to(f"/queue/{where}")))
                    await anyio.wait_all_tasks_blocked()
                    await stream.aclose()

                tasks.start_soon(close)
                with anyio.fail_after(20):
                    assert [piece async for piece in stream] == []
            await until(lambda: server.open == 0)

    async def test_aclose_between_two_requests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Closed by another task just as an answer came: no further request, no odd error."""
        asked: list[str] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            if request.url.path.endswith("predict"):
                await stream.aclose()
            return httpx.Response(200, json={"event_id": "e"})

        mock(monkeypatch, answer)
        async with AsyncClient() as client:
            stream = client.stream("Hi", model="qwen-2.5-1m")
            assert [piece async for piece in stream] == []
        assert "/queue/join" not in asked

    async def test_a_reply_that_another_task_closes(self) -> None:
        answer = gradio(generating(*pairs("a")), Then.HANG)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                stream = client.stream("Hi", provider=SPACE.at(server.url))

                async def close() -> None:
                    await until(lambda: stream.text == "a")
                    await anyio.wait_all_tasks_blocked()
                    await stream.aclose()

                tasks.start_soon(close)
                with pytest.raises(errors.StreamInterruptedError, match="closed") as caught:
                    await stream.reply()
            assert caught.value.partial_text == "a"

    async def test_one_left_early_does_not_touch_another(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            async with client.stream("Hi", provider=SPACE.at(slow.url)) as other:
                assert await other.__anext__() == "ha "
                async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                    assert await stream.__anext__() == "ha "
                await until(lambda: slow.active == 1)
                for _ in range(5):
                    assert await other.__anext__() == "ha "
            await assert_stopped(slow, other, count=2)


@pytest.mark.runs_on("asyncio", "uvloop")
class TestLeavingAsyncio:
    @pytest.mark.parametrize("block", [True, False])
    async def test_native_cancel(self, slow: LocalSpace, block: bool) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            first = asyncio.Event()

            async def read() -> None:
                async with stream if block else contextlib.nullcontext():
                    async for _ in stream:
                        first.set()

            task = asyncio.create_task(read())
            await first.wait()
            assert slow.active == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await assert_stopped(slow, stream)

    async def test_native_cancel_twice(self, slow: LocalSpace) -> None:
        """A second cancel while the first is being served leaves nothing behind."""
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            first = asyncio.Event()

            async def read() -> None:
                async with stream:
                    async for _ in stream:
                        first.set()

            task = asyncio.create_task(read())
            await first.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: slow.active == 0)

    async def test_wait_for(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            assert await stream.__anext__() == "ha "
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.reply(), 0.2)
            await assert_stopped(slow, stream)
            assert stream.text.startswith("ha ")


@pytest.mark.runs_on("trio")
class TestLeavingTrio:
    @pytest.mark.parametrize("block", [True, False])
    async def test_native_cancel(self, slow: LocalSpace, block: bool) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            async with trio.open_nursery() as nursery:

                async def read() -> None:
                    async with stream if block else contextlib.nullcontext():
                        async for _ in stream:
                            nursery.cancel_scope.cancel()

                nursery.start_soon(read)
            await assert_stopped(slow, stream)

    async def test_native_timeout(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            with trio.CancelScope() as scope:
                async with stream:
                    await stream.__anext__()
                    scope.deadline = trio.current_time() + 0.05
                    await stream.reply()
            assert scope.cancelled_caught
            await assert_stopped(slow, stream)


class TestGenerators:
    """`create_async_generator` in every form of use."""

    @pytest.mark.parametrize(("provider", "shape"), SHAPES)
    async def test_forms_of_use(self, provider: type[providers.AsyncProvider], shape: str) -> None:
        async with LocalSpace(shape, PIECES) as space:
            P = provider.at(space.url)
            name = provider.default_model
            alias = provider.models[0]

            iterated = P().create_async_generator(model=name, messages=HI)
            assert [piece async for piece in iterated] == PIECES

            awaited = (await P.create_async_generator(model=alias, messages=HI)).generator
            assert [piece async for piece in awaited] == PIECES

            assert [piece async for piece in P.create_async_generator(HI)] == PIECES
            assert [piece async for piece in P.create_async_generator("Hi")] == PIECES
            assert [piece async for piece in P.create_async_generator(alias, HI)] == PIECES
            assert [p async for p in P.create_async_generator(None, HI, None)] == PIECES
            assert [p async for p in P.create_async_generator("", HI)] == PIECES
            assert [piece async for piece in await P.create_async_generator(messages=HI)] == PIECES
            assert cancels(space) == []

    async def test_pieces(self, hello: ReplayServer) -> None:
        generator = SPACE.at(hello.url).create_async_generator(HI)
        found = [piece async for piece in generator]
        for piece in found:
            assert isinstance(piece, providers.TextPiece)
            assert isinstance(piece, str)
            assert type(piece.content) is str
            assert piece.content == piece
        assert "".join(str(piece) for piece in found) == "Hello"

    async def test_it_gives_itself(self, hello: ReplayServer) -> None:
        generator = SPACE.at(hello.url).create_async_generator(HI)
        assert await generator is generator
        assert generator.generator is generator
        assert aiter(generator) is generator
        assert hello.accepted == 0
        assert [piece async for piece in await (await generator).generator] == ["Hel", "lo"]
        assert [piece async for piece in generator] == []
        await until(lambda: hello.open == 0)

    async def test_block(self, slow: LocalSpace) -> None:
        P = SPACE.at(slow.url)
        async with P.create_async_generator(HI) as generator:
            async for piece in generator:
                assert piece == "ha "
                break
        await until(lambda: slow.active == 0)
        assert len(cancels(slow)) == 1

    async def test_aclosing(self, slow: LocalSpace) -> None:
        generator = SPACE.at(slow.url).create_async_generator(HI)
        async with contextlib.aclosing(generator):
            assert await generator.__anext__() == "ha "
        await until(lambda: slow.active == 0)
        assert len(cancels(slow)) == 1
        await generator.aclose()
        assert len(cancels(slow)) == 1

    async def test_cancelled(self, slow: LocalSpace) -> None:
        with anyio.CancelScope() as scope:
            async for _ in SPACE.at(slow.url).create_async_generator(HI):
                scope.cancel()
        assert scope.cancelled_caught
        await until(lambda: slow.active == 0)
        assert len(cancels(slow)) == 1

    async def test_error(self) -> None:
        with ReplayServer(gradio(generating(*pairs("Hel")), failed("boom"))) as server:
            found = []
            with pytest.raises(errors.GenerationError, match="boom") as caught:
                async for piece in SPACE.at(server.url).create_async_generator(HI):
                    found.append(piece)  # noqa: PERF401 - what came before the error counts
            assert found == ["Hel"]
            assert caught.value.partial_text == "Hel"
            await until(lambda: server.open == 0)

    async def test_settings(self, hello: ReplayServer) -> None:
        generator = SPACE.at(hello.url).create_async_generator(
            HI, token="hf_x", headers={"x-test": "1"}, timeout=60
        )
        assert [piece async for piece in generator] == ["Hel", "lo"]
        for request in hello.requests:
            assert request.header("authorization") == "Bearer hf_x"
            assert request.header("x-test") == "1"

    async def test_timeout(self) -> None:
        with ReplayServer(gradio(generating(*pairs("a")), Then.HANG)) as server:
            generator = SPACE.at(server.url).create_async_generator(HI, timeout=Timeout(idle=0.1))
            with pytest.raises(errors.StreamTimeoutError):
                async for _ in generator:
                    pass

    async def test_proxy(self, hello: ReplayServer) -> None:
        """The proxy is asked for the Space's address; here it answers itself."""
        space = SPACE.at("http://space.invalid")
        generator = space.create_async_generator(messages=HI, proxy=hello.url)
        assert [piece async for piece in generator] == ["Hel", "lo"]
        assert hello.lines[0] == "POST http://space.invalid/queue/join? HTTP/1.1"

    async def test_no_proxy_there(self, nobody: str) -> None:
        space = SPACE.at("http://space.invalid")
        generator = space.create_async_generator(messages=HI, proxy=nobody)
        with pytest.raises(errors.SpaceUnavailableError):
            await generator.__anext__()

    @pytest.mark.parametrize("proxy", ["nonsense", "ftp://127.0.0.1", "http://[", ""])
    async def test_a_proxy_that_is_none(self, hello: ReplayServer, proxy: str) -> None:
        generator = SPACE.at(hello.url).create_async_generator(messages=HI, proxy=proxy)
        with pytest.raises(errors.SpaceChatError):
            await generator.__anext__()
        assert hello.accepted == 0


class TestProviderClasses:
    def test_get_model(self) -> None:
        for provider, _ in SHAPES:
            default = provider.default_model
            (alias,) = provider.models
            assert provider.get_model(default) == default
            assert provider.get_model(alias) == default
            assert provider.get_model("") == default
            assert provider.get_model(None) == default
            assert provider.get_model() == default
            with pytest.raises(errors.ModelNotFoundError, match="gpt-5") as caught:
                provider.get_model("gpt-5")
            assert alias in str(caught.value)

    def test_at(self) -> None:
        copy = SPACE.at("https://someone-duplicate.hf.space/")
        assert copy.url == "https://someone-duplicate.hf.space"
        assert issubclass(copy, SPACE)
        assert copy.__name__ == SPACE.__name__
        assert copy.__doc__ == SPACE.__doc__
        assert "someone-duplicate" in repr(copy)
        again = copy.at("http://127.0.0.1:7860")
        assert again.url == "http://127.0.0.1:7860"
        assert SPACE.url == "https://qwen-qwen2-72b-instruct.hf.space"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "qwen-2.5",
            "ftp://host",
            "http://",
            "https:///path",
            "//host",
            "http://[::1",
            "owner/name",
        ],
    )
    def test_at_an_address_that_is_none(self, url: str) -> None:
        with pytest.raises(errors.SpaceChatError):
            SPACE.at(url)

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, protocol: int) -> None:
        for provider, _ in SHAPES:
            assert pickle.loads(pickle.dumps(provider, protocol)) is provider
            copy = pickle.loads(pickle.dumps(provider.at("http://127.0.0.1:1"), protocol))
            assert copy.url == "http://127.0.0.1:1"
            assert copy.original is provider
            assert copy.models == provider.models
            assert type(pickle.loads(pickle.dumps(provider(), protocol))) is provider


def mock(
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[httpx.Request], Any],
) -> None:
    """Lets `answer` stand in for the network."""
    real_client = httpx.AsyncClient

    def client(**settings: Any) -> httpx.AsyncClient:
        del settings["proxy"]
        settings["transport"] = httpx.MockTransport(answer)
        return real_client(trust_env=False, **settings)

    monkeypatch.setattr("spacechat.transport.connection.httpx.AsyncClient", client)


class TestToken:
    @staticmethod
    async def sent(
        monkeypatch: pytest.MonkeyPatch, url: str, token: str | None, env: str | None
    ) -> set[str | None]:
        """The authorization that the requests to an address carried."""
        asked: list[httpx.Request] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            if request.method == "POST":
                return httpx.Response(200, json={"event_id": "e"})
            kind = {"content-type": "text/event-stream"}
            return httpx.Response(200, headers=kind, content=completed(*pairs("Hi")))

        mock(monkeypatch, answer)
        if env is not None:
            monkeypatch.setenv("HF_TOKEN", env)
        async with AsyncClient(token=token) as client:
            await client.ask("Hi", provider=SPACE.at(url))
        assert len(asked) == 2
        return {request.headers.get("authorization") for request in asked}

    @pytest.mark.parametrize(
        ("url", "token", "env", "expected"),
        [
            # One given by the caller goes to the Space, over TLS or on this machine.
            ("https://a-b.hf.space", "hf_t", None, "Bearer hf_t"),
            ("https://chat.example", "hf_t", None, "Bearer hf_t"),
            ("http://127.0.0.1:7860", "hf_t", None, "Bearer hf_t"),
            ("http://127.1.2.3:7860", "hf_t", None, "Bearer hf_t"),
            ("http://[::1]:7860", "hf_t", None, "Bearer hf_t"),
            ("http://localhost:7860", "hf_t", None, "Bearer hf_t"),
            ("http://a-b.hf.space", "hf_t", None, None),
            ("http://192.168.1.1:7860", "hf_t", None, None),
            ("http://localhost.example", "hf_t", None, None),
            # One of the environment goes to Hugging Face's hosts only.
            ("https://a-b.hf.space", None, "hf_e", "Bearer hf_e"),
            ("https://a-b.hf.space", None, " hf_e\n", "Bearer hf_e"),
            ("https://chat.example", None, "hf_e", None),
            ("https://hf.space.example", None, "hf_e", None),
            ("https://nothf.space", None, "hf_e", None),
            ("http://a-b.hf.space", None, "hf_e", None),
            ("http://192.168.1.1:7860", None, "hf_e", None),
            # The caller's is the one that counts.
            ("https://a-b.hf.space", "hf_t", "hf_e", "Bearer hf_t"),
            ("https://a-b.hf.space", None, None, None),
            ("https://a-b.hf.space", None, "", None),
            ("https://a-b.hf.space", "", "hf_e", None),
        ],
    )
    async def test_where_it_goes(
        self,
        monkeypatch: pytest.MonkeyPatch,
        url: str,
        token: str | None,
        env: str | None,
        expected: str | None,
    ) -> None:
        assert await self.sent(monkeypatch, url, token, env) == {expected}

    async def test_withheld_aloud(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING, "spacechat"):
            assert await self.sent(monkeypatch, "http://a.example", "hf_t", None) == {None}
        assert "http" in caplog.text
        assert "hf_t" not in caplog.text

    async def test_over_a_real_socket(self, hello: ReplayServer) -> None:
        async with AsyncClient(token="hf_abc") as client:
            await client.ask("Hi", provider=SPACE.at(hello.url))
        assert [r.header("authorization") for r in hello.requests] == ["Bearer hf_abc"] * 2

    async def test_not_in_errors(self) -> None:
        with ReplayServer(always(response(b"", "401 Unauthorized"))) as server:
            async with AsyncClient(token="hf_abc") as client:
                with pytest.raises(errors.AuthenticationError) as caught:
                    await client.ask("Hi", provider=SPACE.at(server.url))
        assert "hf_abc" not in f"{caught.value!r} {caught.value}"


class TestHeaders:
    async def test_of_the_user(self, hello: ReplayServer) -> None:
        given = {"X-Key": "1", "User-Agent": "mine/2"}
        async with AsyncClient(headers=given) as client:
            given.clear()
            await client.ask("Hi", provider=SPACE.at(hello.url))
        for request in hello.requests:
            assert request.header("x-key") == "1"
            assert request.header("user-agent") == "mine/2"
            assert request.header("origin") == hello.url

    async def test_the_stream_is_still_asked_for_as_one(self, hello: ReplayServer) -> None:
        async with AsyncClient(headers={"accept": "text/html"}) as client:
            await client.ask("Hi", provider=SPACE.at(hello.url))
        assert hello.requests[-1].header("accept") == "text/event-stream"


LIMITS = (1.0, 5.0, 25.0)
"""Seconds: where a busy machine made one end too early, the next is tried."""


class TestTimeouts:
    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_idle_before_an_answer(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient(retries=0, timeout=Timeout(idle=0.2)) as client:
                with pytest.raises(errors.StreamTimeoutError, match=r"idle|0\.2") as caught:
                    await client.ask("Hi", provider=SPACE.at(server.url))
            assert isinstance(caught.value, TimeoutError)
            assert caught.value.partial_text == ""
            await until(lambda: server.open == 0)

    async def test_idle_in_an_answer(self) -> None:
        for limit in LIMITS:
            with ReplayServer(gradio(*ENDING, Then.HANG)) as server:
                async with AsyncClient(retries=0, timeout=limit) as client:
                    stream = client.stream("Hi", provider=SPACE.at(server.url))
                    found = []
                    with pytest.raises(errors.StreamTimeoutError) as caught:
                        async for piece in stream:
                            found.append(piece)  # noqa: PERF401
                await until(lambda: server.open == 0)
                assert [piece async for piece in stream] == []
            if found == ["Hel", "lo"]:
                break
        assert found == ["Hel", "lo"]
        assert "idle" in str(caught.value)
        assert caught.value.partial_text == "Hello"
        assert len(server.to("/cancel")) == 1

    @pytest.mark.parametrize("idle", [None, 30.0])
    @pytest.mark.parametrize("alive", [b": ping\n\n", message("heartbeat")])
    async def test_total_though_it_lives(self, idle: float | None, alive: bytes) -> None:
        """A server that gives signs of life forever."""

        def stream(_: Received) -> Iterator[Part]:
            yield EVENTS_HEAD + chunk(generating(*pairs("a")))
            while not server.stopping.wait(0.01):
                yield chunk(alive)

        for limit in LIMITS:
            with ReplayServer(gradio(data=stream)) as server:
                async with AsyncClient(
                    retries=0, timeout=Timeout(idle=idle, total=limit)
                ) as client:
                    started = time.monotonic()
                    with pytest.raises(errors.StreamTimeoutError, match="total") as caught:
                        await client.ask("Hi", provider=SPACE.at(server.url))
                    assert limit <= time.monotonic() - started < limit + 20
                await until(lambda: server.open == 0)
            if caught.value.partial_text:
                break
        assert caught.value.partial_text == "a"
        assert len(server.to("/cancel")) == 1

    async def test_total_though_it_talks(self) -> None:
        """Messages come without end: the limit holds though there is nothing to wait for."""

        def stream(_: Received) -> Iterator[Part]:
            yield EVENTS_HEAD + chunk(generating(*pairs("")))
            while not server.stopping.is_set():
                yield chunk(generating(*appended("ha "))) * 20

        for limit in LIMITS:
            with ReplayServer(gradio(data=stream)) as server:
                async with AsyncClient(retries=0, timeout=Timeout(idle=30, total=limit)) as client:
                    started = time.monotonic()
                    with pytest.raises(errors.StreamTimeoutError, match="total") as caught:
                        await client.ask("Hi", provider=SPACE.at(server.url))
                    assert time.monotonic() - started < limit + 20
            if caught.value.partial_text:
                break
        assert caught.value.partial_text.startswith("ha ha ")

    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_total_before_an_answer(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient(retries=0, timeout=Timeout(idle=30, total=0.2)) as client:
                with pytest.raises(errors.StreamTimeoutError, match="total"):
                    await client.ask("Hi", provider=SPACE.at(server.url))
            await until(lambda: server.open == 0)

    async def test_total_in_the_body_of_a_plain_answer(self) -> None:
        """A join answer that trickles."""

        def join(_: Received) -> Iterator[Part]:
            yield b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"
            while not server.stopping.wait(0.01):
                yield b" "

        with ReplayServer(gradio(join=join)) as server:
            async with AsyncClient(retries=0, timeout=Timeout(idle=30, total=0.2)) as client:
                with pytest.raises(errors.StreamTimeoutError, match="total"):
                    await client.ask("Hi", provider=SPACE.at(server.url))
            await until(lambda: server.open == 0)

    async def test_none_for_no_limit(self, hello: ReplayServer) -> None:
        async with AsyncClient(retries=0, timeout=None) as client:
            assert (await client.ask("Hi", provider=SPACE.at(hello.url))).text == "Hello"

    async def test_a_heartbeat_keeps_a_quiet_answer_alive(self) -> None:
        text = ""
        for limit in LIMITS:

            def reply(_: object, limit: float = limit) -> Iterator[str]:
                time.sleep(1.3 * limit)
                yield "Hi"

            space = LocalSpace("qwen-2-72b", reply, heartbeat=limit / 10)
            async with space, AsyncClient(retries=0, timeout=Timeout(idle=limit)) as client:
                with contextlib.suppress(errors.StreamTimeoutError):
                    text = (await client.ask("Hi", provider=SPACE.at(space.url))).text
            if text:
                break
        assert text == "Hi"


class TestFailures:
    """What can go wrong, as an error that tells it."""

    @staticmethod
    async def failure(answer: Answer) -> errors.SpaceChatError:
        """Asks a server; returns the error. The connection must be gone then."""
        with ReplayServer(answer) as server:
            async with AsyncClient(retries=0) as client:
                with pytest.raises(errors.SpaceChatError) as caught:
                    await client.ask("Hi", provider=SPACE.at(server.url))
            await until(lambda: server.open == 0)
        return caught.value

    async def test_refused_connection(self, nobody: str) -> None:
        async with AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError) as caught:
                await client.ask("Hi", provider=SPACE.at(nobody))
        assert nobody in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            ("401 Unauthorized", b'{"error":"Invalid token"}', errors.AuthenticationError),
            ("403 Forbidden", b"", errors.AuthenticationError),
            ("404 Not Found", b'{"detail":"Not Found"}', errors.SpaceUnavailableError),
            ("500 Internal Server Error", b"Internal Server Error", errors.SpaceUnavailableError),
            ("502 Bad Gateway", b"<html>", errors.SpaceUnavailableError),
            (
                "503 Service Unavailable",
                b"<h1>Starting</h1>",
                errors.SpaceUnavailableError,
            ),
            (
                "503 Service Unavailable",
                b'{"detail":"Queue is full. Max size is 1 and size is 1."}',
                errors.QueueFullError,
            ),
            ("429 Too Many Requests", b"slow down", errors.RateLimitError),
            ("422 Unprocessable Entity", b'{"detail":[{"loc":1}]}', errors.ProtocolError),
            ("307 Temporary Redirect", b"", errors.SpaceUnavailableError),
        ],
    )
    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_status(
        self, status: str, body: bytes, kind: type[errors.SpaceChatError], where: str
    ) -> None:
        found = await self.failure(gradio(**{where: always(response(body, status))}))
        assert type(found) is kind
        assert status.split(maxsplit=1)[0] in str(found)
        assert "<" not in str(found)
        assert "127.0.0.1" in str(found)

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            ({"retry_after": "17"}, 17.0),
            ({"retry_after": "0"}, 0.0),
            ({}, None),
            ({"retry_after": "soon"}, None),
            ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ],
    )
    async def test_retry_after(self, headers: dict[str, str], expected: float | None) -> None:
        answer = always(response(b"", "429 Too Many Requests", **headers))
        found = await self.failure(answer)
        assert isinstance(found, errors.RateLimitError)
        assert found.retry_after == expected

    async def test_retry_after_as_a_date(self) -> None:
        then = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
        found = await self.failure(always(response(b"", "429 Slow", retry_after=then)))
        assert isinstance(found, errors.RateLimitError)
        assert found.retry_after is not None
        assert 40 <= found.retry_after <= 101

    async def test_queue_full_at_the_local_space(self) -> None:
        space = LocalSpace("qwen-2-72b", endless, delay=0.005, concurrency=1, max_queue=1)
        async with space, AsyncClient(retries=0) as client:
            provider = SPACE.at(space.url)
            async with (
                client.stream("1", provider=provider) as first,
                client.stream("2", provider=provider) as second,
            ):
                await first.__anext__()
                assert isinstance(await second.next_event(), events.Queued)
                with pytest.raises(errors.QueueFullError, match="full"):
                    await client.ask("3", provider=provider)

    @pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
    async def test_html_for_an_event_stream(self, status: str) -> None:
        page = b"<html><head><style>x{}</style></head><body><h1>Sign in</h1></body></html>"
        found = await self.failure(gradio(data=always(response(page, status, "text/html"))))
        if status == "200 OK":
            assert type(found) is errors.ProtocolError
            assert "text/html" in str(found)
        assert "Sign in" in str(found)
        assert "<" not in str(found)
        assert "x{}" not in str(found)

    @pytest.mark.parametrize(
        "body", [b"<html>hello</html>", b"", b"null", b"{}", b'{"event_id":7}', b"[" * 100_000]
    )
    async def test_join_that_names_no_event(self, body: bytes) -> None:
        found = await self.failure(gradio(join=always(response(body))))
        assert type(found) is errors.ProtocolError

    @pytest.mark.parametrize("complete", [True, False])
    async def test_cut_in_the_middle(self, complete: bool) -> None:
        """The body ends before the answer does, as a chunked body should or by a cut."""
        ending: list[Part] = [] if complete else [Then.CLOSE]
        found = await self.failure(gradio(*ENDING, *ending))
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hello"

    async def test_cut_inside_a_message(self) -> None:
        half = chunk(generating(*appended("你好")))[:-12]
        answer = gradio(
            data=always(EVENTS_HEAD, chunk(generating(*pairs("Hel"))), half, Then.CLOSE)
        )
        found = await self.failure(answer)
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hel"

    @pytest.mark.parametrize("where", ["predict", "join", "data"])
    async def test_cut_before_an_answer(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.CLOSE)})) as server:
            async with AsyncClient(retries=0) as client:
                with pytest.raises(errors.SpaceUnavailableError):
                    await client.ask("Hi", provider=providers.Qwen_Qwen_2_5M.at(server.url))

    async def test_not_http(self) -> None:
        found = await self.failure(always(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Then.CLOSE))
        assert isinstance(found, errors.SpaceChatError)

    async def test_close_stream_too_early(self) -> None:
        found = await self.failure(gradio(*ENDING, CLOSE_STREAM))
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hello"

    async def test_cancelled_at_the_space(self) -> None:
        ended = message("process_completed", output={}, success=True)
        found = await self.failure(gradio(*ENDING, ended, CLOSE_STREAM))
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hello"

    async def test_failed_generation(self) -> None:
        found = await self.failure(gradio(*ENDING, failed("<b>CUDA</b> out of memory")))
        assert type(found) is errors.GenerationError
        assert "CUDA out of memory" in str(found)
        assert found.partial_text == "Hello"

    async def test_hidden_failure(self) -> None:
        found = await self.failure(gradio(failed(None)))
        assert type(found) is errors.GenerationError

    async def test_quota(self) -> None:
        text = "You have exceeded your GPU quota. <a href='x'>Try</a> again. Try again in 0:01:40"
        found = await self.failure(gradio(*ENDING, failed(text)))
        assert isinstance(found, errors.QuotaExceededError)
        assert found.retry_after == 100
        assert "<" not in str(found)
        assert found.partial_text == "Hello"

    async def test_garbage_in_the_stream(self) -> None:
        found = await self.failure(gradio(*ENDING, b"data: <html>\n\n"))
        assert type(found) is errors.ProtocolError
        assert found.partial_text == "Hello"

    async def test_unknown_session(self) -> None:
        class Forgetful(providers.Qwen_Qwen_2_72B):
            """Asks for the events of a session that the server does not have."""

            events_path = "/queue/data?session_hash=unknown&also="

        async with LocalSpace("qwen-2-72b", PIECES) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.StreamInterruptedError, match="session"):
                await client.ask("Hi", provider=Forgetful.at(space.url))

    async def test_wrong_function(self) -> None:
        class Wrong(providers.Qwen_Qwen_2_72B):
            fn_index = 7

        async with LocalSpace("qwen-2-72b", PIECES) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError, match="500"):
                await client.ask("Hi", provider=Wrong.at(space.url), repair=False)

    async def test_wrong_inputs(self) -> None:
        class Wrong(providers.Qwen_Qwen_2_72B):
            @classmethod
            def data(cls, question: Question) -> list[object]:
                return [question.prompt]

        async with LocalSpace("qwen-2-72b", PIECES) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.GenerationError, match="inputs"):
                await client.ask("Hi", provider=Wrong.at(space.url), repair=False)

    async def test_reply_that_fails_midway(self) -> None:
        def reply(_: object) -> Iterator[str]:
            yield "Hel"
            yield "lo"
            raise RuntimeError("<i>boom</i>")

        async with LocalSpace("qwen-2-72b", reply) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.GenerationError, match="boom") as caught:
                await client.ask("Hi", provider=SPACE.at(space.url))
        assert caught.value.partial_text == "Hello"

    async def test_no_pieces_after_an_error(self) -> None:
        with ReplayServer(gradio(*ENDING, failed("boom"))) as server:
            async with AsyncClient(retries=0) as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                with pytest.raises(errors.GenerationError):
                    await stream.reply()
                assert stream.text == "Hello"
                assert [piece async for piece in stream] == []
                with pytest.raises(errors.StreamInterruptedError):
                    await stream.reply()


async def test_iterates_as_an_async_iterator(hello: ReplayServer) -> None:
    async with AsyncClient() as client:
        stream = client.stream("Hi", provider=SPACE.at(hello.url))
        assert isinstance(stream, AsyncIterator)
        assert aiter(stream) is stream
        assert isinstance(stream.events(), AsyncIterator)
        assert await anext(stream) == "Hel"
        assert await anext(stream) == "lo"
        assert await anext(stream, None) is None

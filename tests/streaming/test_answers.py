"""Streams from the outside: what they give, in every form of use."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

import spacechat
from spacechat import AsyncClient, errors, events, providers
from spacechat.local import LocalSpace
from tests.apis import applied
from tests.conftest import EITHER_TRANSPORT
from tests.leaving import assert_stopped, cancels
from tests.processes import wait_until
from tests.samples import PIECES, SHAPES, SPACE, TEXT
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Part,
    Received,
    ReplayServer,
    appended,
    chunk,
    completed,
    generating,
    gradio,
    message,
    pairs,
)
from tests.servers.gradio import STARTS

pytestmark = pytest.mark.anyio


@EITHER_TRANSPORT
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


@EITHER_TRANSPORT
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


@pytest.mark.usefixtures("ordinary_transport")
async def test_iterates_as_an_async_iterator(hello: ReplayServer) -> None:
    async with AsyncClient() as client:
        stream = client.stream("Hi", provider=SPACE.at(hello.url))
        assert isinstance(stream, AsyncIterator)
        assert aiter(stream) is stream
        assert isinstance(stream.events(), AsyncIterator)
        assert await anext(stream) == "Hel"
        assert await anext(stream) == "lo"
        assert await anext(stream, None) is None

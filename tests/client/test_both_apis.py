"""What both APIs do: written once, run under asyncio, uvloop and trio, and blocking."""

from __future__ import annotations

import contextlib
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest

import spacechat
from spacechat import Conversation, events, providers
from spacechat.local import ChatRequest, LocalSpace
from tests import waiting
from tests.apis import Api, applied, collect
from tests.conftest import BLOCKING, BOTH_APIS
from tests.samples import PIECES, SHAPES, TEXT
from tests.servers import (
    CLOSE_STREAM,
    ReplayServer,
    Then,
    appended,
    completed,
    gradio,
    message,
    pairs,
    until,
)
from tests.servers import generating as sent

pytestmark = [pytest.mark.anyio, BOTH_APIS]

BY_NAME = {provider.__name__: shape for provider, shape in SHAPES}


@pytest.fixture
def api(runs_on: str) -> Api:
    return Api(runs_on == BLOCKING)


@contextlib.contextmanager
def paused(*pieces: str) -> Iterator[tuple[LocalSpace, threading.Event]]:
    """A Space whose answer stops after some pieces, until the event is set or the test ends."""
    gate = threading.Event()

    def reply(_: ChatRequest) -> Iterator[str]:
        yield from pieces
        gate.wait(100)
        yield "late"

    with LocalSpace("qwen-2-72b", reply) as space:
        try:
            yield space, gate
        finally:
            gate.set()


@pytest.mark.parametrize("name", BY_NAME)
async def test_text_and_the_answer_so_far(api: Api, name: str) -> None:
    with LocalSpace(BY_NAME[name], PIECES) as space:
        provider = api.provider(name, space.url)
        async with api.client() as client, client.stream("Hi", provider=provider) as stream:
            assert stream.text == ""
            read = ""
            async for piece in stream:
                assert type(piece) is str
                assert piece
                read += piece
                assert stream.text == read
            assert await collect(stream) == []
    assert read == TEXT


async def test_pieces_come_as_they_were_sent(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            assert await collect(stream) == PIECES


async def test_a_piece_is_there_before_the_next_is_made(api: Api) -> None:
    with paused("one", " two") as (space, gate):
        provider = api.provider(url=space.url)
        async with api.client() as client, client.stream("Hi", provider=provider) as stream:
            assert await stream.__anext__() == "one"
            assert await stream.__anext__() == " two"
            assert stream.text == "one two"
            gate.set()
            assert await collect(stream) == ["late"]


@pytest.mark.parametrize("name", BY_NAME)
async def test_events(api: Api, name: str) -> None:
    with LocalSpace(BY_NAME[name], PIECES) as space:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(name, space.url))
            found = await collect(stream.events())
    assert isinstance(found[0], events.Queued)
    assert any(isinstance(event, events.Started) for event in found)
    assert found[-1] == events.Completed(TEXT)
    assert applied(found) == TEXT == stream.text


async def test_text_after_events(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        provider = api.provider(url=space.url)
        async with api.client() as client, client.stream("Hi", provider=provider) as stream:
            async for event in stream.events():
                if event == events.TextDelta("lo"):
                    break
            assert stream.text == "Hello"
            assert await collect(stream) == PIECES[2:]


@pytest.mark.parametrize("name", BY_NAME)
async def test_reply(api: Api, name: str) -> None:
    with LocalSpace(BY_NAME[name], PIECES) as space:
        provider = api.provider(name, space.url)
        async with api.client() as client, client.stream("Hi", provider=provider) as stream:
            reply = await stream.reply()
            assert await stream.reply() is reply
            assert stream.text == reply.text
    assert reply.text == str(reply) == TEXT
    assert reply.model == provider.default_model
    assert reply.provider is provider
    assert reply.reasoning == ""
    assert reply.conversation.messages == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": TEXT},
    ]
    assert reply.timings.queued is not None
    assert reply.timings.first_text is not None
    assert 0 <= reply.timings.queued <= reply.timings.first_text <= reply.timings.total


async def test_reply_after_some_pieces(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        provider = api.provider(url=space.url)
        async with api.client() as client, client.stream("Hi", provider=provider) as stream:
            assert await stream.__anext__() == "Hel"
            assert (await stream.reply()).text == TEXT
            assert await collect(stream) == []


async def test_ask_with_messages(api: Api) -> None:
    asked: list[ChatRequest] = []

    def reply(request: ChatRequest) -> list[str]:
        asked.append(request)
        return PIECES

    with LocalSpace("qwen-2-72b", reply) as space:
        async with api.client() as client:
            answer = await client.ask(
                [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
                model="qwen-2-72b",
                provider=api.provider(url=space.url),
            )
    assert answer.text == TEXT
    assert [(one.prompt, one.system) for one in asked] == [("Hi", "Be brief.")]


@pytest.mark.parametrize("name", BY_NAME)
async def test_a_conversation_goes_on(api: Api, name: str) -> None:
    asked: list[ChatRequest] = []

    def reply(request: ChatRequest) -> list[str]:
        asked.append(request)
        return [f"answer {len(asked)}"]

    with LocalSpace(BY_NAME[name], reply) as space:
        provider = api.provider(name, space.url)
        async with api.client() as client:
            first = await client.ask("Hi", provider=provider)
            saved = Conversation.from_json(first.conversation.to_json())
            second = await client.ask("And?", provider=provider, conversation=saved)
    assert [first.text, second.text] == ["answer 1", "answer 2"]
    assert [m["content"] for m in second.conversation.messages] == [
        "Hi",
        "answer 1",
        "And?",
        "answer 2",
    ]
    assert [m["content"] for m in first.conversation.messages] == ["Hi", "answer 1"]
    if provider.keeps_session:
        assert asked[1].prompt == "And?"
        assert asked[0].session_hash == asked[1].session_hash
        assert [turn["content"] for turn in asked[1].history] == ["Hi", "answer 1"]
    else:
        assert asked[1].prompt == "User: Hi\nAssistant: answer 1\nUser: And?\nAssistant:"


async def leave_by_break(stream: Any) -> None:
    async with stream:
        async for _ in stream:
            break


async def leave_by_exception(stream: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stream:
            async for _ in stream:
                raise ZeroDivisionError


async def leave_by_closing(stream: Any) -> None:
    await stream.__anext__()
    await stream.aclose()
    await stream.aclose()


async def leave_amid_events(stream: Any) -> None:
    async with stream:
        async for event in stream.events():
            if isinstance(event, events.TextDelta):
                break


@pytest.mark.parametrize(
    "leave",
    [
        leave_by_break,
        leave_by_exception,
        leave_by_closing,
        leave_amid_events,
    ],
)
async def test_leaving_early_cancels_at_the_space(api: Api, leave: Callable[[Any], Any]) -> None:
    with paused(*PIECES) as (space, _):
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            await leave(stream)
            await until(lambda: space.active == 0 and space.cancelled == 1)
            assert [r.path for r in space.requests][-1] == "/cancel"
            assert await collect(stream) == []
            with pytest.raises(spacechat.StreamInterruptedError, match="closed before"):
                await stream.reply()


async def test_left_unread(api: Api) -> None:
    """What has been asked is stopped; without a thread that reads ahead, nothing has."""
    with paused(*PIECES) as (space, _):
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            async with stream:
                if api.blocking:
                    await until(lambda: any("/data" in each.path for each in space.requests))
            await until(lambda: space.active == 0)
            paths = [request.path for request in space.requests]
            assert paths.count("/cancel") == paths.count("/queue/join")
            assert api.blocking or not paths
            assert await collect(stream) == []
            with pytest.raises(spacechat.StreamInterruptedError, match="closed before"):
                await stream.reply()


async def test_reading_to_the_end_cancels_nothing(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        async with api.client() as client:
            await client.ask("Hi", provider=api.provider(url=space.url))
        assert "/cancel" not in [r.path for r in space.requests]
        assert space.cancelled == 0


async def test_closed_before_it_began(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            await stream.aclose()
            assert await collect(stream) == []
            with pytest.raises(spacechat.SpaceChatError, match="closed"):
                await stream.__aenter__()
            with pytest.raises(spacechat.StreamInterruptedError, match="closed before"):
                await stream.reply()
        assert not space.requests


async def test_nobody_listens(api: Api, nobody: str) -> None:
    async with api.client(retries=0) as client:
        provider = api.provider(url=nobody)
        for attempt in (
            lambda: client.ask("Hi", provider=provider),
            lambda: client.stream("Hi", provider=provider).__anext__(),
            lambda: collect(client.stream("Hi", provider=provider).events()),
        ):
            with pytest.raises(spacechat.SpaceUnavailableError, match="can't be reached") as info:
                await attempt()
            assert info.value.partial_text == ""
            assert info.value.__cause__ is None
            assert info.value.__context__ is not None


async def test_bad_arguments_are_told_at_once(api: Api) -> None:
    async with api.client() as client:
        with pytest.raises(spacechat.ModelNotFoundError, match=r"Did you mean 'qwen-2\.5'"):
            client.stream("Hi", model="qwen-2.6")
        with pytest.raises(spacechat.MessagesError, match="no text"):
            client.stream("  ")
        with pytest.raises(spacechat.MessagesError, match="content"):
            client.stream([{"role": "user"}])
        with pytest.raises(TypeError, match="takes no option 'temperature'"):
            client.stream("Hi", temperature=0.5)
        with pytest.raises(spacechat.ModelNotFoundError):
            await client.ask("Hi", model="nothing-like-it")
    with pytest.raises(ValueError, match="retries"):
        api.client(retries=-1)
    with pytest.raises(ValueError, match="timeout"):
        api.client(timeout=0)


async def test_a_failure_keeps_what_had_come(api: Api) -> None:
    def reply(_: ChatRequest) -> Iterator[str]:
        yield from PIECES
        raise RuntimeError("<b>The model</b> is on fire")

    with LocalSpace("qwen-2-72b", reply) as space:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            read: list[str] = []
            with pytest.raises(spacechat.GenerationError, match="The model is on fire") as info:
                async for piece in stream:
                    read.append(piece)  # noqa: PERF401 - what came before the error counts
            assert read == PIECES
            assert info.value.partial_text == stream.text == TEXT
            assert await collect(stream) == []
            with pytest.raises(spacechat.GenerationError) as info:
                await client.ask("Hi", provider=api.provider(url=space.url))
            assert info.value.partial_text == TEXT


async def test_an_answer_cut_short(api: Api) -> None:
    answer = gradio(sent(*pairs("Hel")), sent(*appended("lo")), Then.CLOSE)
    with ReplayServer(answer) as server:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=server.url))
            with pytest.raises(spacechat.StreamInterruptedError) as info:
                await collect(stream)
    assert info.value.partial_text == stream.text == "Hello"


REWRITES = gradio(
    message("process_starts", eta=None),
    sent(*pairs("one two")),
    sent(*appended(" three")),
    sent(*pairs("one 2")),
    sent(*appended(" 3")),
    completed(*pairs("one 2 3!")),
    CLOSE_STREAM,
)


async def test_a_rewrite(api: Api) -> None:
    with ReplayServer(REWRITES) as server:
        provider = api.provider(url=server.url)
        async with api.client() as client, client.stream("Hi", provider=provider) as stream:
            read = [(piece, stream.text) async for piece in stream]
    assert read == [
        ("one two", "one two"),
        (" three", "one two three"),
        ("2", "one 2"),
        (" 3", "one 2 3"),
        ("!", "one 2 3!"),
    ]


async def test_the_events_of_a_rewrite(api: Api) -> None:
    with ReplayServer(REWRITES) as server:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=server.url))
            found = [(event, stream.text) async for event in stream.events()]
    assert found == [
        (events.Started(), ""),
        (events.TextDelta("one two"), "one two"),
        (events.TextDelta(" three"), "one two three"),
        (events.TextReset("one 2"), "one 2"),
        (events.TextDelta(" 3"), "one 2 3"),
        (events.TextDelta("!"), "one 2 3!"),
        (events.Completed("one 2 3!"), "one 2 3!"),
    ]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (lambda seconds: spacechat.Timeout(idle=seconds), "idle timeout"),
        (lambda seconds: seconds, "idle timeout"),
        (lambda seconds: spacechat.Timeout(total=seconds), "total timeout"),
    ],
    ids=["idle", "number", "total"],
)
async def test_a_limit_on_waiting(api: Api, limit: Callable[[float], Any], told: str) -> None:
    for seconds in (0.2, 3.0, 25.0):  # A busy machine may need the longer ones.
        with paused("some", "thing") as (space, _):
            async with api.client(timeout=limit(seconds)) as client:
                stream = client.stream("Hi", provider=api.provider(url=space.url))
                with pytest.raises(spacechat.StreamTimeoutError) as info:
                    await collect(stream)
                await until(lambda: space.active == 0)
        if info.value.partial_text == "something":
            break
    assert told in str(info.value)
    assert isinstance(info.value, TimeoutError)
    assert info.value.partial_text == "something"
    assert space.cancelled == 1


async def test_several_streams_at_once(api: Api) -> None:
    def reply(request: ChatRequest) -> Iterator[str]:
        yield from (f"{request.prompt}-{index} " for index in range(20))

    answers: dict[str, str] = {}
    with LocalSpace("qwen-2-72b", reply) as space:
        provider = api.provider(url=space.url)
        async with api.client() as client:

            async def read(prompt: str) -> None:
                async with client.stream(prompt, provider=provider) as stream:
                    answers[prompt] = "".join(await collect(stream))

            async with anyio.create_task_group() as tasks:
                for index in range(10):
                    tasks.start_soon(read, f"q{index}")
    assert answers == {
        prompt: "".join(f"{prompt}-{index} " for index in range(20))
        for prompt in (f"q{index}" for index in range(10))
    }


async def test_streams_read_in_turns(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        provider = api.provider(url=space.url)
        async with (
            api.client() as client,
            client.stream("a", provider=provider) as one,
            client.stream("b", provider=provider) as two,
        ):
            for piece in PIECES:
                assert await one.__anext__() == piece
                assert await two.__anext__() == piece


async def test_closing_the_client(api: Api) -> None:
    with paused("some") as (space, _):
        provider = api.provider(url=space.url)
        async with api.client() as client:
            streams = [client.stream("Hi", provider=provider) for _ in range(3)]
            for stream in streams[:2]:
                assert await stream.__anext__() == "some"
        await until(lambda: space.active == 0 and space.cancelled == 2)
        for stream in streams:
            assert await collect(stream) == []
        with pytest.raises(spacechat.SpaceChatError, match="client is closed"):
            client.stream("Hi", provider=provider)
        with pytest.raises(spacechat.SpaceChatError, match="client is closed"):
            await client.ask("Hi", provider=provider)
        with pytest.raises(spacechat.SpaceChatError, match="client is closed"):
            await client.check(space.url)
        await client.aclose()


async def test_closing_while_another_reads(api: Api) -> None:
    with paused("some") as (space, _):
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            read: list[str] = []

            async def reads() -> None:
                async for piece in stream:
                    read.append(piece)  # noqa: PERF401 - it is looked at in between

            with anyio.fail_after(waiting.LONGEST):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(reads)
                    await until(lambda: read == ["some"])
                    await stream.aclose()
            assert read == ["some"]
            await until(lambda: space.active == 0)


async def test_headers_and_token(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        async with api.client(token="hf_secret", headers={"x-mine": "1"}) as client:
            assert "hf_secret" not in repr(client)
            await client.ask("Hi", provider=api.provider(url=space.url))
        assert {r.headers.get("x-mine") for r in space.requests} == {"1"}
        assert {r.headers.get("authorization") for r in space.requests} == {"Bearer hf_secret"}


@pytest.mark.parametrize("name", BY_NAME)
async def test_generators_of_providers(api: Api, name: str) -> None:
    with LocalSpace(BY_NAME[name], PIECES) as space:
        provider = api.provider(name, space.url)
        alias = next(iter(provider.model_aliases))
        messages = [{"role": "user", "content": "Hi"}]
        for found in (
            api.generator(provider, alias, messages),
            api.generator(provider, model=provider.default_model, messages=messages),
            api.generator(provider, messages),
            api.generator(provider, "Hi"),
            api.generator(provider, messages=messages),
            api.generator(provider(), messages=messages),
        ):
            pieces = await collect(found)
            assert "".join(pieces) == TEXT
            assert all(isinstance(piece, str) for piece in pieces)
            assert [type(piece.content) for piece in pieces] == [str] * len(pieces)
            assert "".join(piece.content for piece in pieces) == TEXT


async def test_the_generator_of_a_generator(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        found = api.generator(api.provider(url=space.url), "Hi")
        if api.blocking:
            assert found.inner.generator is found.inner
        else:
            assert found.generator is found
            assert await found is found
        assert await collect(found) == PIECES


async def test_a_generator_with_its_conversation(api: Api) -> None:
    with LocalSpace("qwen-2.5-1m", lambda request: [f"<{request.prompt}>"]) as space:
        provider = api.provider("Qwen_Qwen_2_5M", space.url)
        first = await collect(api.generator(provider, "Hi", return_conversation=True))
        conversation = first[0]
        assert isinstance(conversation, providers.JsonConversation)
        assert first[1:] == ["<Hi>"]
        more = api.generator(provider, "And?", conversation=conversation, return_conversation=True)
        second = await collect(more)
        assert second[0].session_hash == conversation.session_hash
        assert second[1:] == ["<And?>"]


async def test_leaving_a_generator_early(api: Api) -> None:
    with paused("some") as (space, _):
        provider = api.provider(url=space.url)
        async with api.generator(provider, "Hi") as found:
            async for piece in found:
                assert piece == "some"
                break
        await until(lambda: space.active == 0 and space.cancelled == 1)
        found = api.generator(provider, "Hi", return_conversation=True)
        await found.__anext__()
        assert await found.__anext__() == "some"
        await found.aclose()
        await until(lambda: space.active == 0 and space.cancelled == 2)


async def test_bad_arguments_of_a_generator(api: Api) -> None:
    provider = api.provider()
    with pytest.raises(spacechat.ModelNotFoundError):
        api.generator(provider, "no-such-model", "Hi")
    with pytest.raises(spacechat.MessagesError):
        api.generator(provider)
    with pytest.raises(spacechat.MessagesError):
        api.generator(provider, [])
    with pytest.raises(TypeError):
        api.generator(provider, "Hi", temperature=1)


@pytest.mark.parametrize("name", BY_NAME)
async def test_at_and_get_model(api: Api, name: str) -> None:
    provider = api.provider(name)
    copy = provider.at("http://127.0.0.1:1/")
    assert copy.url == "http://127.0.0.1:1"
    assert copy.__name__ == name
    assert issubclass(copy, provider)
    assert copy.api_endpoint.startswith(copy.url)
    assert provider.url.startswith("https://")
    assert pickle.loads(pickle.dumps(provider)) is provider
    restored = pickle.loads(pickle.dumps(copy))
    assert restored.url == copy.url
    assert issubclass(restored, provider)
    for known in (None, "", provider.default_model, *provider.model_aliases):
        assert copy.get_model(known) == provider.default_model
    with pytest.raises(spacechat.ModelNotFoundError, match=name):
        copy.get_model("no-such-model")
    with pytest.raises(spacechat.SpaceUnavailableError):
        provider.at("ftp://127.0.0.1")


async def test_a_live_stream_refuses_to_be_pickled(api: Api) -> None:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            plain = stream.inner if api.blocking else stream
            with pytest.raises(TypeError, match=r"live stream can't be pickled"):
                pickle.dumps(plain)
            assert (await stream.reply()).text == TEXT


async def test_representations(api: Api) -> None:
    with paused("some") as (space, _):
        async with api.client() as client:
            stream = client.stream("Hi", provider=api.provider(url=space.url))
            plain, owner = (stream.inner, client.inner) if api.blocking else (stream, client)
            prefix = "" if api.blocking else "Async"
            assert repr(owner) == f"<{prefix}Client open>"
            name = f"{prefix}ChatStream model='qwen-qwen2-72b-instruct'"
            assert repr(plain) == f"<{name} waiting>"
            await stream.__anext__()
            assert repr(plain) == f"<{name} streaming>"
            await stream.aclose()
            assert repr(plain) == f"<{name} closed>"
    assert repr(owner) == f"<{prefix}Client closed>"

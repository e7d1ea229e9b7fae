"""Conversations that go on: `client.conversation`, in both interfaces, on Spaces by script."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import spacechat
from spacechat import Conversation, errors
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import Qwen_Qwen_2_5, Qwen_Qwen_2_5_Max, Qwen_Qwen_2_5M, Qwen_Qwen_2_72B
from spacechat.providers.base import AsyncProvider
from tests.processes import wait_until
from tests.samples import DEFAULT_25, TURNS
from tests.servers import ReplayServer
from tests.servers.apps import answering

pytestmark = pytest.mark.anyio


def counted(request: ChatRequest) -> list[str]:
    """Tell what came, in two pieces."""
    return ["You said: ", request.prompt]


def told(*said: str) -> str:
    """The prompt that tells a conversation."""
    roles = ("User", "Assistant")
    lines = [f"{roles[index % 2]}: {text}" for index, text in enumerate(said)]
    return "\n".join([*lines, "Assistant:"])


async def test_question_after_question() -> None:
    with LocalSpace("qwen-2-72b", counted) as local:
        provider = Qwen_Qwen_2_72B.at(local.url)
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=provider, system="Be brief.")
            assert chat.messages == ({"role": "system", "content": "Be brief."},)
            first = await chat.ask("One")
            assert first.text == "You said: One"
            async with chat.stream("Two") as stream:
                text = "".join([piece async for piece in stream])
            assert text == "You said: " + told("One", "You said: One", "Two")
            assert [each["content"] for each in chat.conversation.messages] == [
                "Be brief.",
                "One",
                "You said: One",
                "Two",
                text,
            ]
            assert "messages=5" in repr(chat)


async def test_an_unfinished_answer_is_no_part() -> None:
    with LocalSpace("qwen-2-72b", counted, delay=0.01) as local:
        provider = Qwen_Qwen_2_72B.at(local.url)
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=provider)
            async with chat.stream("Left") as stream:
                async for _ in stream:
                    break
            assert chat.messages == ()
            await chat.ask("One")
            async with chat.stream("Left again"):
                pass
            chat.stream("Never read")
            assert len(chat.messages) == 2
            reply = await chat.ask("Two")
            assert reply.text == "You said: " + told("One", "You said: One", "Two")


async def test_a_failure_is_no_part() -> None:
    def fails(request: ChatRequest) -> list[str]:
        if "fail" in request.prompt.rpartition("User: ")[2]:
            raise RuntimeError
        return counted(request)

    with LocalSpace("qwen-2-72b", fails) as local:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=Qwen_Qwen_2_72B.at(local.url))
            await chat.ask("One")
            with pytest.raises(errors.GenerationError):
                await chat.ask("Please fail")
            assert len(chat.messages) == 2
            reply = await chat.ask("Two")
    assert reply.text == "You said: " + told("One", "You said: One", "Two")


async def test_undo() -> None:
    with LocalSpace("qwen-2-72b", counted) as local:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=Qwen_Qwen_2_72B.at(local.url), system="Be kind.")
            with pytest.raises(errors.MessagesError, match="no question"):
                chat.undo()
            await chat.ask("One")
            await chat.ask("Two")
            assert chat.undo() == "Two"
            assert len(chat.messages) == 3
            reply = await chat.ask("Three")
            assert reply.text == "You said: " + told("One", "You said: One", "Three")
            assert [chat.undo(), chat.undo()] == ["Three", "One"]
            assert chat.messages == ({"role": "system", "content": "Be kind."},)
            assert (await chat.ask("Four")).text == "You said: Four"


async def test_branches_go_on_by_themselves() -> None:
    with LocalSpace("qwen-2-72b", counted) as local:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=Qwen_Qwen_2_72B.at(local.url))
            empty = chat.branch()
            await chat.ask("One")
            other = chat.branch()
            left, right = await chat.ask("Left"), await other.ask("Right")
            assert left.text == "You said: " + told("One", "You said: One", "Left")
            assert right.text == "You said: " + told("One", "You said: One", "Right")
            assert [len(each.messages) for each in (chat, other, empty)] == [4, 4, 0]
            assert (await empty.ask("Zero")).text == "You said: Zero"
            assert chat.conversation.session_hash != other.conversation.session_hash


@pytest.mark.parametrize("form", ["json", "pickle"])
def test_in_another_process(form: str, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    with LocalSpace("qwen-2-72b", counted) as local, spacechat.Client() as client:
        chat = client.conversation(provider=spacechat.sync.Qwen_Qwen_2_72B.at(local.url))
        chat.ask("One")
        if form == "json":
            chat.save(path)
            load = f"conversation = spacechat.Conversation.load({str(path)!r})"
        else:
            path.write_bytes(pickle.dumps(chat.conversation))
            load = f"conversation = pickle.load(open({str(path)!r}, 'rb'))"
        script = f"""
import pickle, spacechat
{load}
space = spacechat.sync.Qwen_Qwen_2_72B.at({local.url!r})
with spacechat.Client() as client:
    chat = client.conversation(conversation, provider=space)
    print(chat.ask("Two"), len(chat.messages))
"""
        done = subprocess.run(
            [sys.executable, "-W", "ignore::ResourceWarning", "-c", script],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            encoding="utf-8",
        )
    assert done.stdout == "You said: " + told("One", "You said: One", "Two") + " 4\n"


async def test_a_partial_answer_can_be_kept() -> None:
    with LocalSpace("qwen-2-72b", counted, delay=0.01) as local:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=Qwen_Qwen_2_72B.at(local.url), system="Be kind.")
            with pytest.raises(errors.MessagesError, match="no question"):
                chat.keep_partial("Nothing was asked")
            async with chat.stream("Left") as stream:
                async for _ in stream:
                    break
            chat.keep_partial(stream.text)
            kept = ["Be kind.", "Left", "You said: "]
            assert [each["content"] for each in chat.messages] == kept
            assert chat.conversation.session_hash == ""
            reply = await chat.ask("One")
            assert reply.text == "You said: " + told("Left", "You said: ", "One")
            assert len(chat.messages) == 5
            with pytest.raises(errors.MessagesError, match="no question"):
                chat.keep_partial("It is complete")
            assert [chat.undo(), chat.undo()] == ["One", "Left"]


async def test_what_was_read_of_a_complete_answer_can_be_kept() -> None:
    """All of it was there, but the reader left before the last piece."""
    with ReplayServer(answering()) as server:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=Qwen_Qwen_2_72B.at(server.url))
            async with chat.stream("Hi") as stream:
                async for _ in stream:
                    break
            chat.keep_partial("Hel")
            assert chat.messages == (
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Hel"},
            )


async def test_the_page_closes_with_the_conversation() -> None:
    pages: list[Any] = []
    closed: list[Any] = []

    async def close_page(page: Any) -> None:
        closed.append(page)

    def new_page() -> Any:
        pages.append(object())
        return pages[-1]

    def nobody(*_: Any, **__: Any) -> Any:
        raise AssertionError

    chat, other = (
        spacechat.AsyncChat(open_stream=nobody, new_page=new_page, close_page=close_page)
        for _ in range(2)
    )
    async with chat:
        assert closed == []
    assert closed == pages[:1]
    await other.aclose()
    assert closed == pages


async def test_the_partial_answer_of_a_failure_can_be_kept() -> None:
    def fails(request: ChatRequest) -> Iterator[str]:
        yield "Well"
        if request.prompt == "One":
            raise RuntimeError

    with LocalSpace("qwen-2-72b", fails) as local:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(provider=Qwen_Qwen_2_72B.at(local.url))
            with pytest.raises(errors.GenerationError) as caught:
                await chat.ask("One")
            chat.keep_partial(caught.value.partial_text)
            await chat.ask("Two")
            assert [each["content"] for each in chat.messages] == ["One", "Well", "Two", "Well"]


async def test_another_model_goes_on() -> None:
    with (
        LocalSpace("qwen-2-72b", counted) as local,
        LocalSpace("messages", counted) as other,
    ):
        async with spacechat.AsyncClient() as client:
            provider = Qwen_Qwen_2_72B.at(local.url)
            chat = client.conversation(model="no-such-model", system="Be brief.")
            chat.switch(provider=provider)
            assert chat.messages == ({"role": "system", "content": "Be brief."},)
            await chat.ask("One")
            chat.switch(other.url)
            assert len(chat.messages) == 3
            assert chat.conversation.session_hash == ""
            reply = await chat.ask("Two")
            assert reply.conversation.url == other.url
            assert any("You said: One" in str(each.json) for each in other.requests)
            assert [each["content"] for each in chat.messages][:4] == [
                "Be brief.",
                "One",
                "You said: One",
                "Two",
            ]
            chat.switch("qwen-2-72b", provider=provider)
            assert (await chat.ask("Three")).conversation.url == local.url
            chat.switch("http://me:canary@127.0.0.1:9")
            assert "canary" not in repr(chat) + repr(vars(chat))
            assert len(chat.messages) == 7
    assert len(local.requests) > len(other.requests) > 0


def test_blocking() -> None:
    with LocalSpace("qwen-2-72b", counted) as local, spacechat.Client() as client:
        chat = client.conversation(provider=spacechat.sync.Qwen_Qwen_2_72B.at(local.url))
        chat.ask("One")
        other = chat.branch()
        with chat.stream("Two") as stream:
            text = "".join(stream)
        assert text == "You said: " + told("One", "You said: One", "Two")
        assert chat.undo() == "Two"
        assert chat.messages == other.messages
        with chat.stream("Left") as stream:
            next(stream)
        chat.keep_partial(stream.text)
        assert chat.messages[-1]["content"] == "You said: "
        chat.switch("qwen-2-72b", provider=spacechat.sync.Qwen_Qwen_2_72B.at(local.url))
        assert chat.ask("Three").text.count("User: ") == 3


@pytest.mark.parametrize("pieces", [0, 1])
def test_what_was_read_ahead_is_no_part(pieces: int) -> None:
    """A blocking caller who leaves early has not read what came in the background."""
    with LocalSpace("qwen-2-72b", counted) as local, spacechat.Client() as client:
        chat = client.conversation(provider=spacechat.sync.Qwen_Qwen_2_72B.at(local.url))
        with chat.stream("Left") as stream:
            for _ in range(pieces):
                assert next(stream) == "You said: "
            wait_until(lambda: stream.engine.state == "closed")
        assert chat.messages == ()
        with pytest.raises(errors.StreamInterruptedError, match="before its end"):
            stream.reply()
        assert chat.ask("One").text == "You said: One"


async def test_the_model_is_kept() -> None:
    kept = Conversation(session_hash="", messages=[], model="no-such-model")
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ModelNotFoundError, match="no-such-model"):
            client.conversation(kept).stream("Hi")
        with pytest.raises(errors.MessagesError):
            client.conversation().stream(" ")


SAID = (" \n\nWhy is the sky blue?\nTell me.", [["Hi", "Hello! 你好"]])
PROMPT = "User: Hi\nAssistant: Hello! 你好\nUser: Why is the sky blue?\nTell me.\nAssistant:"


def entry(text: str | None) -> Any:
    if text is None:
        return None
    empty = dict.fromkeys(("id", "elem_id", "elem_classes", "name"))
    return {**empty, "text": text, "flushing": None, "avatar": "", "files": []}


NATIVE: dict[type[AsyncProvider], list[Any]] = {
    Qwen_Qwen_2_72B: [*SAID, "Be brief."],
    Qwen_Qwen_2_5: [*SAID, "Be brief.", "72B"],
    Qwen_Qwen_2_5_Max: [*SAID, "Be brief."],
    Qwen_Qwen_2_5M: [
        [[entry("Hi"), entry("Hello! 你好")], [entry(SAID[0]), None]],
        None,
        0,
    ],
}


@pytest.mark.parametrize("provider", NATIVE)
async def test_native_history(provider: type[AsyncProvider]) -> None:
    """Earlier turns go out as the chatbot's value, the last as the message."""
    messages = [{"role": "system", "content": "Be brief."}, *TURNS]
    with ReplayServer(answering()) as server:
        space = provider.at(server.url)
        async with spacechat.AsyncClient() as client:
            await client.ask(messages, provider=space, history="native")
            (join,) = [r for r in server.requests if r.path.endswith("/join")]
            assert join.json["data"] == NATIVE[provider]
            with pytest.raises(ValueError, match="native"):
                client.stream("Hi", provider=space, history="both")  # type: ignore[arg-type]


@pytest.mark.parametrize("history", [None, "prompt"])
@pytest.mark.parametrize("provider", [Qwen_Qwen_2_72B, Qwen_Qwen_2_5, Qwen_Qwen_2_5_Max])
async def test_history_in_the_prompt(provider: type[AsyncProvider], history: Any) -> None:
    with ReplayServer(answering()) as server:
        async with spacechat.AsyncClient() as client:
            await client.ask(TURNS, provider=provider.at(server.url), history=history)
        (join,) = [r for r in server.requests if r.path.endswith("/join")]
    default = {Qwen_Qwen_2_5: DEFAULT_25, Qwen_Qwen_2_5_Max: "You are a helpful assistant."}
    assert join.json["data"][:3] == [PROMPT, [], default.get(provider, "")]


async def test_a_conversation_with_native_history() -> None:
    with ReplayServer(answering()) as server:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(
                provider=Qwen_Qwen_2_72B.at(server.url), system="Be brief.", history="native"
            )
            await chat.ask("Hi")
            await chat.ask("Why?")
        first, second = (r.json["data"] for r in server.requests if r.path.endswith("/join"))
    assert first == ["Hi", [], "Be brief."]
    assert second == ["Why?", [["Hi", "Hello!"]], "Be brief."]


async def test_the_million_remembers_unless_told_otherwise() -> None:
    with ReplayServer(answering()) as server:
        space = Qwen_Qwen_2_5M.at(server.url)
        async with spacechat.AsyncClient() as client:
            for history in (None, "prompt"):
                chat = client.conversation(provider=space, history=history)
                await chat.ask("Hi")
                await chat.ask("Why?")
    joins = [r.json for r in server.requests if r.path.endswith("/join")]
    texts = [join["data"][0][-1][0]["text"] for join in joins]
    assert texts == ["Hi", "Why?", "Hi", told("Hi", "Hello!", "Why?")]
    assert joins[0]["session_hash"] == joins[1]["session_hash"]
    assert joins[2]["session_hash"] != joins[3]["session_hash"]


async def test_a_user_in_an_address_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model="http://me:canary@127.0.0.1:9/app", system="Be brief.")
        chat.save(path)
        assert "canary" not in path.read_text() + repr(chat) + repr(chat.branch())
        assert Conversation.load(path) == chat.conversation
        assert chat.conversation.model == "http://127.0.0.1:9/app"
        assert b"canary" not in pickle.dumps(chat.conversation)


def test_a_page_is_no_part_of_the_data() -> None:
    conversation, other = Conversation(session_hash="a"), Conversation(session_hash="a")
    conversation.page = object()
    assert conversation == other
    assert (repr(conversation), conversation.to_json()) == (repr(other), other.to_json())
    assert pickle.loads(pickle.dumps(conversation)).page is None

"""Messages, prompts and conversations; and what is refused before any request is made."""

from __future__ import annotations

import contextlib
import json
from collections import UserDict
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spacechat
from spacechat import AsyncClient, Conversation, errors, providers
from spacechat.messages import Messages, format_prompt, last_user_text, parse_messages, split_system
from tests.samples import SPACE
from tests.servers import ReplayServer, completed, gradio, pairs, until


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def assistant(text: str) -> Any:
    return {"role": "assistant", "content": text}


def system(text: str) -> Any:
    return {"role": "system", "content": text}


class TestParse:
    @pytest.mark.parametrize(
        ("messages", "expected"),
        [
            ("Hi", [user("Hi")]),
            (" Hi\n", [user(" Hi\n")]),
            ([user("Hi")], [user("Hi")]),
            ((user("Hi"), assistant("Ho")), [user("Hi"), assistant("Ho")]),
            ([system("Be"), user("Hi")], [system("Be"), user("Hi")]),
            ([user(""), user("Hi")], [user(""), user("Hi")]),
            ([MappingProxyType(user("Hi"))], [user("Hi")]),
            ([UserDict(user("Hi"))], [user("Hi")]),
            ([{**user("Hi"), "name": "Ada", "metadata": None}], [user("Hi")]),
            (
                [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
                [user("a")],
            ),
            (
                [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "a "},
                            {"type": "text", "text": "b", "cache_control": None},
                        ],
                    }
                ],
                [user("a b")],
            ),
            ([{"role": "user", "content": []}, user("Hi")], [user(""), user("Hi")]),
            (iter([user("Hi")]), [user("Hi")]),
        ],
    )
    def test_what_is_taken(self, messages: Any, expected: Messages) -> None:
        assert parse_messages(messages) == expected

    def test_the_callers_messages_stay_as_they_are(self) -> None:
        given_ = [{**user("Hi"), "extra": 1}]
        parsed = parse_messages(given_)
        parsed[0]["content"] = "changed"
        assert given_ == [{**user("Hi"), "extra": 1}]


BAD: dict[str, tuple[Any, str]] = {
    "no messages": ([], "text to send"),
    "nothing": (None, "NoneType|text to send"),
    "an empty text": ("", "text to send"),
    "a blank text": (" \n", "text to send"),
    "blank messages": ([user(" "), user("")], "text to send"),
    "a system text alone": ([system("Be brief.")], "text to send"),
    "a number": (7, "int"),
    "one message without a list": (user("Hi"), "dict"),
    "bytes": (b"Hi", r"bytes|messages\[0\]"),
    "texts in a list": (["Hi"], r"messages\[0\].*str"),
    "no role": ([{"content": "Hi"}], r"messages\[0\] has no 'role'"),
    "no content": ([user("Hi"), {"role": "user"}], r"messages\[1\] has no 'content'"),
    "an unknown role": (
        [{"role": "robot", "content": "Hi"}],
        "'robot'.*system, user, assistant",
    ),
    "a role in capitals": ([{"role": "User", "content": "Hi"}], "'User'"),
    "a role that is no text": ([{"role": 1, "content": "Hi"}], r"messages\[0\]"),
    "a role that is a list": ([{"role": ["user"], "content": "Hi"}], r"messages\[0\]"),
    "a role that is nothing": ([{"role": None, "content": "Hi"}], "None"),
    "content that is nothing": ([{"role": "user", "content": None}], "text parts"),
    "content that is a number": ([{"role": "user", "content": 7}], "text parts"),
    "content that is one part": (
        [{"role": "user", "content": {"type": "text", "text": "Hi"}}],
        "text parts",
    ),
    "content of texts": ([{"role": "user", "content": ["Hi"]}], "text parts"),
    "an image": (
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Hi"},
                    {"type": "image_url", "image_url": {"url": "https://x"}},
                ],
            }
        ],
        "text parts",
    ),
    "a part without a type": ([{"role": "user", "content": [{"text": "Hi"}]}], "text parts"),
    "a part without text": ([{"role": "user", "content": [{"type": "text"}]}], "text parts"),
    "a part whose text is none": (
        [{"role": "user", "content": [{"type": "text", "text": 7}]}],
        "text parts",
    ),
    "half a surrogate pair": ("a \ud800", "messages|surrogate|UTF-8|Unicode|unicode"),
}


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(gradio(completed(*pairs("Hello")))) as found:
        yield found


@pytest.mark.parametrize("case", BAD)
@pytest.mark.anyio
class TestBadMessages:
    """A typed error that tells what is wrong, and nobody hears of it."""

    async def test_stream(self, case: str, server: ReplayServer) -> None:
        messages, told = BAD[case]
        async with AsyncClient() as client:
            with pytest.raises(errors.MessagesError, match=told) as caught:
                client.stream(messages, provider=SPACE.at(server.url))
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, errors.SpaceChatError)
        assert server.accepted == 0

    async def test_ask(self, case: str, server: ReplayServer) -> None:
        messages, told = BAD[case]
        async with AsyncClient() as client:
            with pytest.raises(errors.MessagesError, match=told):
                await client.ask(messages, provider=SPACE.at(server.url))
        assert server.accepted == 0

    async def test_create_async_generator(self, case: str, server: ReplayServer) -> None:
        messages, told = BAD[case]
        for provider in providers.PROVIDERS:
            with pytest.raises(errors.MessagesError, match=told):
                provider.at(server.url).create_async_generator(
                    model=None if messages is None else provider.default_model, messages=messages
                )
        assert server.accepted == 0


@pytest.mark.parametrize("case", [case for case in BAD if case != "half a surrogate pair"])
def test_parse_refuses(case: str) -> None:
    messages, told = BAD[case]
    with pytest.raises(errors.MessagesError, match=told):
        parse_messages(messages)


@pytest.mark.anyio
class TestBadModels:
    @pytest.mark.parametrize(
        ("model", "near"),
        [
            ("qwen-2-5", "qwen-2.5"),
            ("qwen2.5", "qwen-2.5"),
            ("QWEN-2.5", "qwen-2.5"),
            ("qwen-2.5-max", "qwen-2-5-max"),
            ("qwen-2.5-1M", "qwen-2.5-1m"),
            ("qwen-2-72", "qwen-2-72b"),
            ("qwen2-72b-instruct", "qwen-2-72b"),
            ("gpt-5", "qwen-2-72b, qwen-2.5, qwen-2-5-max, qwen-2.5-1m"),
            ("", "qwen-2-72b, qwen-2.5, qwen-2-5-max, qwen-2.5-1m"),
        ],
    )
    async def test_near_matches(self, model: str, near: str, monkeypatch: Any) -> None:
        def no_client(**_: Any) -> None:
            pytest.fail("a request was made")

        monkeypatch.setattr("spacechat.transport.connection.httpx.AsyncClient", no_client)
        async with AsyncClient() as client:
            with pytest.raises(errors.ModelNotFoundError) as caught:
                client.stream("Hi", model=model)
            with pytest.raises(errors.ModelNotFoundError) as again:
                await client.ask("Hi", model=model)
        assert str(caught.value) == str(again.value)
        assert repr(model) in str(caught.value)
        assert near in str(caught.value)

    @pytest.mark.parametrize("model", ["qwen-2.5", "gpt-5", 7])
    async def test_a_model_that_the_provider_has_not(
        self, model: Any, server: ReplayServer
    ) -> None:
        space = SPACE.at(server.url)
        async with AsyncClient() as client:
            with pytest.raises((errors.ModelNotFoundError, TypeError)):
                client.stream("Hi", model=model, provider=space)
            with pytest.raises((errors.ModelNotFoundError, TypeError)):
                await client.ask("Hi", model=model, provider=space)
        with pytest.raises(errors.ModelNotFoundError):
            space.create_async_generator(model=model, messages=[user("Hi")])
        assert server.accepted == 0

    @pytest.mark.parametrize("model", [[], [7], ["qwen-2.5", "gpt-5"], 7, b"qwen-2.5"])
    async def test_a_model_that_is_no_name(self, model: Any) -> None:
        async with AsyncClient() as client:
            with pytest.raises((errors.ModelNotFoundError, TypeError)):
                client.stream("Hi", model=model)


@pytest.mark.anyio
class TestBadFollowUps:
    @pytest.mark.parametrize("messages", [[user("Hi"), assistant("Ho")], [assistant("Ho")]])
    async def test_without_a_question(self, messages: Any, server: ReplayServer) -> None:
        """The 1M Space takes the user's last message only; there must be one."""
        space = providers.Qwen_Qwen_2_5M.at(server.url)
        earlier = Conversation(session_hash="0123456789ab", messages=[user("Hi")])
        async with AsyncClient() as client:
            with pytest.raises(errors.MessagesError, match="user"):
                client.stream(messages, provider=space, conversation=earlier)
        with pytest.raises(errors.MessagesError, match="user"):
            space.create_async_generator(messages=messages, conversation=earlier)
        assert server.accepted == 0

    async def test_with_a_blank_question(self, server: ReplayServer) -> None:
        space = providers.Qwen_Qwen_2_5M.at(server.url)
        earlier = Conversation(session_hash="0123456789ab", messages=[user("Hi")])
        async with AsyncClient() as client:
            with pytest.raises(errors.MessagesError):
                client.stream(
                    [user("Hi"), assistant("Ho"), user(" ")], provider=space, conversation=earlier
                )
        assert server.accepted == 0

    @pytest.mark.parametrize("session_hash", ["a&b=c", "ä/../x", "0 1", "a\r\nb", "a#b"])
    async def test_with_an_odd_session_hash(self, session_hash: str, server: ReplayServer) -> None:
        """A conversation may come from a file: its hash is a value, never a part of the URL."""
        space = providers.Qwen_Qwen_2_5M.at(server.url)
        earlier = Conversation(session_hash=session_hash, messages=[user("Hi")])
        async with AsyncClient() as client:
            with contextlib.suppress(errors.SpaceChatError):
                await client.ask("Why?", provider=space, conversation=earlier)
        for request in server.requests:
            if request.path == "/queue/data":
                query = parse_qs(request.target.partition("?")[2], keep_blank_values=True)
                assert query == {"session_hash": [session_hash]}
        await until(lambda: server.open == 0)


class TestPrompt:
    @pytest.mark.parametrize(
        ("messages", "prompt"),
        [
            ([user("Hi")], "Hi"),
            ([user("  Hi\n")], "  Hi\n"),
            ([assistant("Hi")], "Hi"),
            ([user("Hi"), assistant("Ho")], "User: Hi\nAssistant: Ho\nAssistant:"),
            (
                [user("Hi"), assistant("Ho"), user("So?")],
                "User: Hi\nAssistant: Ho\nUser: So?\nAssistant:",
            ),
            (
                [user("Hi"), user(""), assistant(" \n\t"), user("So?")],
                "User: Hi\nUser: So?\nAssistant:",
            ),
            ([user("a\nb"), user(" c ")], "User: a\nb\nUser:  c \nAssistant:"),
            ([system("Be"), user("Hi")], "System: Be\nUser: Hi\nAssistant:"),
        ],
    )
    def test_format_prompt(self, messages: Messages, prompt: str) -> None:
        assert format_prompt(messages) == prompt

    @pytest.mark.parametrize(
        ("messages", "expected"),
        [
            ([user("Hi")], ("", [user("Hi")])),
            ([system("a"), user("Hi")], ("a", [user("Hi")])),
            (
                [system("a"), user("Hi"), system("b\nc"), assistant("Ho")],
                ("a\nb\nc", [user("Hi"), assistant("Ho")]),
            ),
        ],
    )
    def test_split_system(self, messages: Messages, expected: tuple[str, Messages]) -> None:
        assert split_system(messages) == expected

    @pytest.mark.parametrize(
        ("messages", "text"),
        [
            ([user("Hi")], "Hi"),
            ([user("Hi"), user("So?")], "Hi\nSo?"),
            ([user("Hi"), assistant("Ho"), user("a"), user("b")], "a\nb"),
            ([user("Hi"), system("Be"), user("a")], "a"),
        ],
    )
    def test_last_user_text(self, messages: Messages, text: str) -> None:
        assert last_user_text(messages) == text

    @pytest.mark.parametrize("messages", [[], [assistant("Ho")], [user("Hi"), system("Be")]])
    def test_last_user_text_wants_one(self, messages: Messages) -> None:
        with pytest.raises(errors.MessagesError):
            last_user_text(messages)


def messages_like() -> st.SearchStrategy[Any]:
    roles = st.sampled_from(["system", "user", "assistant"])
    texts = st.text(st.characters(codec="utf-8"), max_size=8)
    return st.lists(st.fixed_dictionaries({"role": roles, "content": texts}), max_size=6)


@given(messages_like())
def test_every_word_of_a_conversation_is_in_the_prompt(messages: Messages) -> None:
    system_text, rest = split_system(messages)
    prompt = format_prompt(rest)
    for message in messages:
        if message["content"].strip():
            assert message["content"] in (system_text if message["role"] == "system" else prompt)
    assert len(rest) == 1 or prompt.endswith("Assistant:")


class TestConversation:
    def test_json(self) -> None:
        conversation = Conversation(
            session_hash="0123456789ab", messages=[user("Hi 🌍"), assistant("\u2028")], model="m"
        )
        assert json.loads(conversation.to_json()) == {
            "session_hash": "0123456789ab",
            "messages": [user("Hi 🌍"), assistant("\u2028")],
            "model": "m",
        }
        assert Conversation.from_json(conversation.to_json()) == conversation
        assert Conversation.from_json(conversation.to_json().encode()) == conversation

    def test_defaults(self) -> None:
        conversation = Conversation(session_hash="a")
        assert conversation.messages == []
        assert conversation.model is None
        assert Conversation.from_json('{"session_hash":"a"}') == conversation
        assert Conversation(session_hash="a").messages is not conversation.messages

    def test_fields_of_later_versions_are_no_error(self) -> None:
        text = '{"session_hash":"a","messages":[],"later":1}'
        assert Conversation.from_json(text) == Conversation(session_hash="a")

    @pytest.mark.parametrize("as_text", [True, False])
    def test_file(self, tmp_path: Path, as_text: bool) -> None:
        path = tmp_path / "conversation.json"
        conversation = Conversation(session_hash="a", messages=[user("你好"), assistant("🌍")])
        conversation.save(str(path) if as_text else path)
        assert Conversation.load(str(path) if as_text else path) == conversation
        shorter = Conversation(session_hash="b")
        shorter.save(path)
        assert Conversation.load(path) == shorter

    @given(messages_like(), st.text(st.characters(codec="utf-8")))
    def test_any(self, messages: Messages, session_hash: str) -> None:
        conversation = Conversation(session_hash=session_hash, messages=messages)
        assert Conversation.from_json(conversation.to_json()) == conversation

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "[]",
            "null",
            "no json",
            '{"session_hash":7}',
            '{"session_hash":"a","messages":[1]}',
            '{"session_hash":"a","messages":[{"role":"user"}]}',
            '{"session_hash":"a","messages":[{"role":"robot","content":"Hi"}]}',
            b"\xff",
            b'{"session_hash":"\xff"}',
            '{"session_hash":"a","messages":' + "[" * 100_000,
            '{"session_hash":"a","later":' + "[" * 100_000,
        ],
    )
    def test_what_is_none(self, text: str | bytes, tmp_path: Path) -> None:
        with pytest.raises(errors.MessagesError, match="conversation"):
            Conversation.from_json(text)
        path = tmp_path / "x.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(errors.MessagesError, match="conversation"):
            Conversation.load(path)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            Conversation.load(tmp_path / "none.json")

    def test_it_is_the_json_conversation_of_the_providers(self) -> None:
        assert providers.JsonConversation is Conversation is spacechat.Conversation


@pytest.mark.anyio
class TestTakenAlong:
    async def test_the_model_of_a_conversation(self, monkeypatch: Any) -> None:
        """A follow-up that names no model goes to the one that answered."""
        conversation = Conversation(session_hash="a", model="qwen-2.5-1m-demo")
        async with AsyncClient() as client:
            stream = client.stream("Hi", conversation=conversation)
            assert "qwen-2.5-1m-demo" in repr(stream)
            assert stream.conversation.session_hash == "a"

    async def test_no_model_is_the_default(self) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi")
            assert stream.conversation.model == providers.DEFAULT.default_model

    async def test_the_given_conversation_stays_as_it_is(self, server: ReplayServer) -> None:
        earlier = Conversation(session_hash="a", messages=[user("Hi"), assistant("Hello")])
        before = earlier.to_json()
        async with AsyncClient() as client:
            reply = await client.ask("So?", provider=SPACE.at(server.url), conversation=earlier)
        assert earlier.to_json() == before
        assert reply.conversation.messages == [
            user("Hi"),
            assistant("Hello"),
            user("So?"),
            assistant("Hello"),
        ]

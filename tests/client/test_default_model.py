"""A client's model: asked whatever names none."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import spacechat
from spacechat import errors, sync
from spacechat.local import ChatRequest, LocalSpace


def answer(request: ChatRequest) -> list[str]:
    return [f"The local Space, {request.prompt}"]


@pytest.mark.anyio
async def test_it_is_asked_by_everything_that_names_none() -> None:
    with LocalSpace("messages", answer) as space:
        async with spacechat.AsyncClient(model=space.url) as client:
            async with client.stream("one") as stream:
                assert [piece async for piece in stream] == ["The local Space, one"]
            reply = await client.ask("two")
            assert (reply.text, reply.model) == ("The local Space, two", space.url)
            chat = client.conversation()
            assert (await chat.ask("three")).text.startswith("The local Space")
            assert [str(one.reply) async for one in client.map(["four"])] == [
                "The local Space, four"
            ]
            earlier = spacechat.Conversation(
                session_hash="", messages=[{"role": "user", "content": "Hi"}]
            )
            assert (await client.ask("five", conversation=earlier)).model == space.url


def test_a_name_and_a_conversation_come_first() -> None:
    with LocalSpace("qwen-2-72b", answer) as space, spacechat.Client(model="qwen-2.5-1m") as client:
        provider = sync.Qwen_Qwen_2_72B.at(space.url)
        reply = client.ask("Hi", provider=provider)
        assert reply.model == provider.default_model
        assert client.ask("Hi", conversation=reply.conversation).model == provider.default_model
        assert client.stream("Hi", model="qwen-2.5").engine.script.model == "qwen-qwen2-5"
        assert client.stream("Hi").engine.script.model == "qwen-2.5-1m-demo"
    with LocalSpace("messages", answer) as space, spacechat.Client(model="qwen-2.5-1m") as client:
        held = client.ask("Hi", model=space.url).conversation
        held.model = None
        assert held.url == space.url
        assert client.ask("So?", conversation=held).text == "The local Space, So?"


def test_several_are_tried_in_order() -> None:
    with LocalSpace("messages", answer) as space:
        client = spacechat.Client(model=["http://127.0.0.1:9", space.url], retries=0)
        assert client.ask("Hi").text == "The local Space, Hi"


@pytest.mark.parametrize("model", ["qwen-2.6", 7, [], ["qwen-2.5", "nobody"]])
def test_one_that_there_is_not_is_an_error_where_it_stands(model: Any) -> None:
    for client in (spacechat.Client, spacechat.AsyncClient):
        with pytest.raises(errors.ModelNotFoundError):
            client(model=model)


def test_no_login_leaves_with_a_pickle_or_shows() -> None:
    model = ["https://ada:secret@example.com", "qwen-2.5"]
    client = spacechat.Client(model=model)
    assert "secret" not in repr(client)
    pickled = pickle.dumps(client)
    assert b"secret" not in pickled
    again = pickle.loads(pickled)
    assert again.stream("Hi").engine.script.model == "https://example.com"

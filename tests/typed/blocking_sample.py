"""Every public call of the blocking API, with the types that a caller sees; it runs, too."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

import spacechat
import spacechat.openai
from spacechat import events, sync
from spacechat.apps.endpoints import Endpoint
from spacechat.providers import JsonConversation, Messages, Space, TextPiece
from spacechat.streaming import Timings


def clients(url: str) -> None:
    provider = sync.Qwen_Qwen_2_72B.at(url)
    assert_type(provider, type[sync.Qwen_Qwen_2_72B])
    messages: Messages = [{"role": "user", "content": "Hi"}]
    timeout = spacechat.Timeout(connect=5.0, idle=None, total=60.0)
    with spacechat.Client(token=None, proxy=None, timeout=timeout, retries=1, headers={}) as client:
        assert_type(client, spacechat.Client)
        with client.stream("Hi", model="qwen-2-72b", provider=provider) as stream:
            assert_type(stream, spacechat.ChatStream)
            for text in stream:
                assert_type(text, str)
            assert_type(stream.text, str)
            assert_type(stream.conversation, spacechat.Conversation)
            assert_type(stream.reply(), spacechat.Reply)
        assert_type(client.ask("Hi", model=url, sign_in=False), spacechat.Reply)
        reply = client.ask(messages, provider=provider)
        assert_type(reply, spacechat.Reply)
        assert_type(reply.text, str)
        assert_type(reply.model, str)
        assert_type(reply.conversation, spacechat.Conversation)
        assert_type(reply.reasoning, str)
        assert_type(reply.timings, Timings)
        assert_type(reply.timings.total, float)
        assert_type(
            client.ask("And?", provider=provider, conversation=reply.conversation).text, str
        )
        for event in client.stream("Hi", provider=provider).events():
            assert_type(event, events.Event)
            if isinstance(event, events.TextDelta):
                assert_type(event.text, str)
        with client.map(["Hi", messages], provider=provider, rate=9.0, ordered=True) as results:
            assert_type(results, spacechat.Map)
            for result in results:
                assert_type(result, spacechat.MapResult)
                assert_type(result.reply, spacechat.Reply | None)
                assert_type(result.error, spacechat.SpaceChatError | None)
        left = client.stream([{"role": "user", "content": "Hi"}], provider=provider)
        assert_type(next(left), str)
        assert_type(left.next_event(), events.Event)
        assert_type(left.new_text(events.TextDelta("x")), str)
        left.close()
    client.close()
    spacechat.Client(timeout=5).close()
    spacechat.Client(timeout=None).close()


def shortcuts(url: str) -> None:
    provider: type[Space] = sync.Qwen_Qwen_2_72B.at(url)
    assert_type(spacechat.ask("Hi", provider=provider), spacechat.Reply)
    assert_type(spacechat.stream("Hi", provider=provider), spacechat.ChatStream)
    assert_type(list(spacechat.stream("Hi", provider=provider)), list[str])
    assert_type(spacechat.models(), list[str])


def openai_api(url: str) -> None:
    with spacechat.Client() as client:
        transport = spacechat.openai.Transport(client, models=[url])
        assert_type(transport, spacechat.openai.Transport)
        transport.close()
    bounds = spacechat.openai.Bounds(body=1 << 20, at_once=8, waiting=8)
    with spacechat.openai.Server(
        models=[url], auth=("ada", "x"), api_key="x", port=0, bounds=bounds
    ) as server:
        assert_type(server, spacechat.openai.Server)
        assert_type(server.url, str)


def generators(url: str) -> None:
    provider = sync.Qwen_Qwen_2_72B.at(url)
    assert_type(provider.get_model("qwen-2-72b"), str)
    assert_type(provider.label, str)
    for piece in provider.create_generator("qwen-2-72b", [{"role": "user", "content": "Hi"}]):
        assert_type(piece, TextPiece | JsonConversation)
        if isinstance(piece, str):
            assert_type(piece.content, str)
    found = provider.create_generator(messages="Hi", return_conversation=True, timeout=5.0)
    assert_type(found, sync.TextGenerator)
    assert_type(found.generator, sync.TextGenerator)
    with found as entered:
        assert_type(entered, sync.TextGenerator)
        assert_type(next(entered), TextPiece | JsonConversation)
    found.close()


def functions(url: str) -> None:
    with spacechat.Client() as client, client.app([url, url]) as app:
        assert_type(app, spacechat.App)
        assert_type(client.call([url], "/calc", 1, num2=2), Any)
        assert_type(app.call("/calc", 1, "add", 2), Any)
        assert_type(app["/calc"](1), Any)
        assert_type(app.view().json(), dict[str, Any])
        for name, endpoint in app.endpoints.items():
            assert_type(name, str)
            assert_type(endpoint, Endpoint)
        with app.run("/count", 3) as run:
            assert_type(run, spacechat.Run)
            for value in run:
                assert_type(value, Any)
            result = run.result()
        assert_type(result, spacechat.Result)
        assert_type(result.values, tuple[Any, ...])
        assert_type(result.files, tuple[spacechat.RemoteFile, ...])
        for event in app.run("/count", 3).events():
            assert_type(event, events.Event)
        with app.session() as page:
            assert_type(page, spacechat.AppSession)
            assert_type(page.call("/remember", "sky"), Any)
        given = [spacechat.Arguments(1, num2=2), (1, "add", 2), 3]
        with app.map("/calc", given, timeout=60, rate=spacechat.Rate(99)) as calls:
            for call in calls:
                assert_type(call, spacechat.CallResult)
                assert_type(call.result, spacechat.Result | None)
                assert_type(call.error, spacechat.SpaceChatError | None)
    assert_type(spacechat.call([url], "/calc", 1, num2=2), Any)


def main(url: str) -> None:
    clients(url)
    shortcuts(url)
    openai_api(url)
    generators(url)

"""Every public call of the asynchronous API, with the types that a caller sees; it runs, too."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

import spacechat
import spacechat.openai
from spacechat import events, providers
from spacechat.apps.endpoints import Endpoint
from spacechat.providers import AsyncTextGenerator, JsonConversation, Messages, TextPiece
from spacechat.streaming import Timings


async def clients(url: str) -> None:
    provider = providers.Qwen_Qwen_2_72B.at(url)
    assert_type(provider, type[providers.Qwen_Qwen_2_72B])
    messages: Messages = [{"role": "user", "content": "Hi"}]
    timeout = spacechat.Timeout(connect=5.0, idle=None, total=60.0)
    async with spacechat.AsyncClient(
        token=None, proxy=None, timeout=timeout, retries=1, headers={}
    ) as client:
        assert_type(client, spacechat.AsyncClient)
        async with client.stream("Hi", model="qwen-2-72b", provider=provider) as stream:
            assert_type(stream, spacechat.AsyncChatStream)
            async for text in stream:
                assert_type(text, str)
            assert_type(stream.text, str)
            assert_type(stream.conversation, spacechat.Conversation)
            assert_type(await stream.reply(), spacechat.Reply)
        assert_type(await client.ask("Hi", model=url, sign_in=False), spacechat.Reply)
        reply = await client.ask(messages, provider=provider)
        assert_type(reply, spacechat.Reply)
        assert_type(reply.text, str)
        assert_type(reply.model, str)
        assert_type(reply.conversation, spacechat.Conversation)
        assert_type(reply.reasoning, str)
        assert_type(reply.timings, Timings)
        assert_type(reply.timings.total, float)
        more = await client.ask("And?", provider=provider, conversation=reply.conversation)
        assert_type(more.text, str)
        async for event in client.stream("Hi", provider=provider).events():
            assert_type(event, events.Event)
            if isinstance(event, events.TextDelta):
                assert_type(event.text, str)
        async with client.map(["Hi"], provider=provider, rate=spacechat.Rate(9)) as results:
            assert_type(results, spacechat.AsyncMap)
            async for result in results:
                assert_type(result, spacechat.MapResult)
                assert_type(result.reply, spacechat.Reply | None)
                assert_type(result.error, spacechat.SpaceChatError | None)
        left = client.stream([{"role": "user", "content": "Hi"}], provider=provider)
        assert_type(await left.__anext__(), str)
        assert_type(await left.next_event(), events.Event)
        assert_type(left.new_text(events.TextDelta("x")), str)
        await left.aclose()
    await client.aclose()
    await spacechat.AsyncClient(timeout=5).aclose()
    await spacechat.AsyncClient(timeout=None).aclose()


async def generators(url: str) -> None:
    provider = providers.Qwen_Qwen_2_72B.at(url)
    assert_type(provider.get_model("qwen-2-72b"), str)
    assert_type(provider.label, str)
    asked = [{"role": "user", "content": "Hi"}]
    async for piece in provider.create_async_generator("qwen-2-72b", asked):
        assert_type(piece, TextPiece | JsonConversation)
        if isinstance(piece, str):
            assert_type(piece.content, str)
    found = provider.create_async_generator(messages="Hi", return_conversation=True, timeout=5.0)
    assert_type(found, AsyncTextGenerator)
    assert_type(await found, AsyncTextGenerator)
    assert_type(found.generator, AsyncTextGenerator)
    async with found as entered:
        assert_type(entered, AsyncTextGenerator)
        assert_type(await entered.__anext__(), TextPiece | JsonConversation)
    await found.aclose()


async def openai_api(url: str) -> None:
    async with spacechat.AsyncClient() as client:
        transport = spacechat.openai.AsyncTransport(client, models=[url])
        assert_type(transport, spacechat.openai.AsyncTransport)
        await transport.aclose()
    assert_type(spacechat.openai.Server(client), spacechat.openai.Server)


async def functions(url: str) -> None:
    async with spacechat.AsyncClient() as client, client.app([url, url]) as app:
        assert_type(app, spacechat.AsyncApp)
        assert_type(await client.call([url], "/calc", 1, num2=2), Any)
        assert_type(await app.call("/calc", 1, "add", 2), Any)
        assert_type(await app["/calc"](1), Any)
        assert_type(app.view().json(), dict[str, Any])
        for name, endpoint in app.endpoints.items():
            assert_type(name, str)
            assert_type(endpoint, Endpoint)
        async with app.run("/count", 3) as run:
            assert_type(run, spacechat.AsyncRun)
            async for value in run:
                assert_type(value, Any)
            result = await run.result()
        assert_type(result, spacechat.Result)
        assert_type(result.values, tuple[Any, ...])
        assert_type(result.files, tuple[spacechat.RemoteFile, ...])
        async for event in app.run("/count", 3).events():
            assert_type(event, events.Event)
        async with app.session() as page:
            assert_type(page, spacechat.AsyncAppSession)
            assert_type(await page.call("/remember", "sky"), Any)
        given = [spacechat.Arguments(1, num2=2), (1, "add", 2), 3]
        async with app.map("/calc", given, timeout=60, rate=spacechat.Rate(99)) as calls:
            async for call in calls:
                assert_type(call, spacechat.CallResult)
                assert_type(call.result, spacechat.Result | None)
                assert_type(call.error, spacechat.SpaceChatError | None)
        opened = await client.app(url)
        assert_type(opened, spacechat.AsyncApp)


async def main(url: str) -> None:
    await clients(url)
    await generators(url)
    await openai_api(url)

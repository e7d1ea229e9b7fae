"""The four providers on Spaces that were rebuilt: the numbers known of them fit no more."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import pytest

import spacechat
from spacechat import errors, events, sync
from spacechat.messages import Messages, format_prompt
from spacechat.providers import (
    AsyncProvider,
    Qwen_Qwen_2_5,
    Qwen_Qwen_2_5_Max,
    Qwen_Qwen_2_5M,
    Qwen_Qwen_2_72B,
)
from tests.real.apps.zoo.llm import answer
from tests.real.servers import MoreServer

pytestmark = [pytest.mark.anyio, pytest.mark.real]

QUESTIONS = ("Why is the sky blue?", 'And "ha" [1] 你好?')

MOVED: dict[str, tuple[type[AsyncProvider], str, dict[str, Any]]] = {
    "qwen-2-72b": (Qwen_Qwen_2_72B, "brackets", {"system": "You are kind."}),
    "qwen-2.5": (Qwen_Qwen_2_5, "repeats", {"size": "72B", "temp": 0.7, "web": False}),
    "qwen-2-5-max": (Qwen_Qwen_2_5_Max, "cjk", {"temp": 0.5}),
    "qwen-2.5-1m": (Qwen_Qwen_2_5M, "words", {}),
}


def answers(name: str, **told: Any) -> list[str]:
    """What the two questions of one conversation are answered with."""
    _, flavor, settings = MOVED[name]
    settings = {**settings, **told}
    first = answer(QUESTIONS[0], (), flavor, **settings)
    return [first, answer(QUESTIONS[1], [(QUESTIONS[0], first)], flavor, **settings)]


@pytest.mark.parametrize("name", MOVED)
async def test_it_is_asked_by_what_it_says(
    name: str, more_server: MoreServer, caplog: pytest.LogCaptureFixture
) -> None:
    space = MOVED[name][0].at(more_server.url(name))
    texts = answers(name)
    async with spacechat.AsyncClient() as client:
        stream = client.stream(QUESTIONS[0], provider=space)
        found = [event async for event in stream.events()]
        reply = await stream.reply()
        assert reply.text == texts[0]
        assert reply.provider is space
        assert len([event for event in found if isinstance(event, events.TextDelta)]) > 5
        (warning,) = (event for event in found if isinstance(event, events.Log))
        assert warning.level == "warning"
        assert f"{space.url} has changed: " in warning.message
        records = [record for record in caplog.records if record.name == "spacechat"]
        (record,) = (record for record in records if record.levelno == logging.WARNING)
        assert record.getMessage() == warning.message

        # It is remembered: the next question doesn't try in vain, and knows the first.
        before = more_server.seen(name)
        stream = client.stream(QUESTIONS[1], provider=space, conversation=reply.conversation)
        found = [event async for event in stream.events()]
        assert stream.text == texts[1]
        assert not any(isinstance(event, events.Log) for event in found)
        asked = more_server.seen(name)[len(before) :]
        assert not any(line.endswith("/config") for line in asked)
        joins = [line for line in asked if line.endswith("/queue/join")]
        assert len(joins) <= len(found)
        # One told as messages, where the app's own State may hold what was said, or may not.
        told: Messages = [*reply.conversation.messages, {"role": "user", "content": QUESTIONS[1]}]
        expected = answer(format_prompt(told), (), "repeats", **MOVED[name][2])
        expected = expected if name == "qwen-2.5" else texts[1]
        assert (await client.ask(told, provider=space)).text == expected


async def test_the_system_text(more_server: MoreServer) -> None:
    space = Qwen_Qwen_2_72B.at(more_server.url("qwen-2-72b"))
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": QUESTIONS[0]},
    ]
    async with spacechat.AsyncClient() as client:
        reply = await client.ask(messages, provider=space)
    assert reply.text == answers("qwen-2-72b", system="Be brief.")[0]


@pytest.mark.parametrize("name", MOVED)
async def test_switched_off(name: str, more_server: MoreServer) -> None:
    space = MOVED[name][0].at(more_server.url(name))
    before = more_server.seen(name)
    async with spacechat.AsyncClient() as client:
        stream = client.stream(QUESTIONS[0], provider=space, repair=False)
        with contextlib.suppress(
            errors.GenerationError, errors.ProtocolError, errors.SpaceUnavailableError
        ):
            await stream.reply()
    assert stream.text == ""  # Another function may be there now, that empties a chat.
    assert not any("/config" in line for line in more_server.seen(name)[len(before) :])


@pytest.mark.parametrize("name", MOVED)
async def test_a_check_says_so(name: str, more_server: MoreServer) -> None:
    space = MOVED[name][0].at(more_server.url(name))
    async with spacechat.AsyncClient() as client:
        health = await client.check(space.url)
        assert health.state == "up"  # As any chat.


async def test_really_broken(more_server: MoreServer, caplog: pytest.LogCaptureFixture) -> None:
    """Where the numbers fit, the Space's own error is the error."""
    prefix = "" if more_server.major == 4 else "/gradio_api"
    base = Qwen_Qwen_2_72B if not prefix else Qwen_Qwen_2_5_Max
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.GenerationError, match="The model is gone"):
            await client.ask("Hi", provider=base.at(more_server.url("broken")))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_no_chat_any_more(more_server: MoreServer) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ChatNotFoundError, match="No way to chat"):
            await client.ask("Hi", provider=Qwen_Qwen_2_72B.at(more_server.url("no-chat")))


@pytest.mark.parametrize("name", MOVED)
async def test_create_async_generator(name: str, more_server: MoreServer) -> None:
    space = MOVED[name][0].at(more_server.url(name))
    pieces = [piece async for piece in space.create_async_generator(messages=QUESTIONS[0])]
    assert "".join(map(str, pieces)) == answers(name)[0]


@pytest.mark.parametrize("name", MOVED)
def test_blocking(name: str, more_server: MoreServer) -> None:
    space = getattr(sync, MOVED[name][0].__name__).at(more_server.url(name))
    with spacechat.Client() as client:
        reply = client.ask(QUESTIONS[0], provider=space)
        again = client.ask(QUESTIONS[1], provider=space, conversation=reply.conversation)
    assert [reply.text, again.text] == answers(name)

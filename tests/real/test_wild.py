"""The wild zoo, asked as a user would: from the address alone."""

from __future__ import annotations

import pytest

import spacechat
from spacechat import errors
from spacechat.events import Completed, Reasoning, TextDelta, TextReset
from tests.real.wild import WildServer, on_wild
from tests.real.wild.app import QUESTIONS, WildApp

pytestmark = [pytest.mark.anyio, pytest.mark.real]


@on_wild(lambda app: not app.problem)
async def test_a_conversation(wild_server: WildServer, app: WildApp) -> None:
    url = wild_server.url(app.name)
    expected = app.answers(*QUESTIONS)
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url)
        for question, answer in zip(QUESTIONS, expected, strict=True):
            async with chat.stream(question, **app.options) as stream:
                pieces = [piece async for piece in stream]
                reply = await stream.reply()
            assert reply.text == answer
            assert "".join(pieces) == answer
            assert len(pieces) >= app.pieces * 2 // 3
        one_off = await client.ask(QUESTIONS[1], model=url, **app.options)
        assert [one_off.text] == app.answers(QUESTIONS[1])


@on_wild(lambda app: app.name.startswith("cursor_"))
async def test_no_rewrites(wild_server: WildServer, app: WildApp) -> None:
    """A cursor or a placeholder is not in the deltas, so nothing is ever taken back."""
    async with spacechat.AsyncClient() as client:
        stream = client.stream(QUESTIONS[0], model=wild_server.url(app.name), **app.options)
        found = [event async for event in stream.events()]
    assert not [event for event in found if isinstance(event, TextReset)]
    text = "".join(event.text for event in found if isinstance(event, TextDelta))
    thoughts = "".join(event.text for event in found if isinstance(event, Reasoning))
    assert found[-1] == Completed(app.answers(QUESTIONS[0])[0], thoughts)
    assert text == stream.text
    assert "▌" not in thoughts


@on_wild(lambda app: app.thoughts)
async def test_thoughts(wild_server: WildServer, app: WildApp) -> None:
    titles: dict[str, None] = {}
    async with spacechat.AsyncClient() as client:
        stream = client.stream(QUESTIONS[0], model=wild_server.url(app.name), **app.options)
        async for event in stream.events():
            if isinstance(event, Reasoning) and event.title:
                titles[event.title] = None
    assert tuple(titles) == tuple(app.thoughts)


@on_wild(lambda app: app.problem)
async def test_nothing_is_sent(wild_server: WildServer, app: WildApp) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ChatNotFoundError, match=app.problem):
            await client.ask("Hi", model=wild_server.url(app.name), **app.options)

"""The wild zoo, asked as a user would: from the address alone."""

from __future__ import annotations

import pytest
from benchmarks.far import Far

import spacechat
from spacechat.events import Completed, Reasoning, TextDelta, TextReset
from tests.real.browser.record import differences
from tests.real.browser.spoken import recording
from tests.real.wild import WildServer, on_wild
from tests.real.wild.app import G4, QUESTIONS, TOKEN, WildApp

pytestmark = [pytest.mark.anyio, pytest.mark.real]


@on_wild(lambda app: not app.problem)
async def test_a_conversation(wild_server: WildServer, app: WildApp) -> None:
    url = wild_server.url(app.name)
    expected = app.answers(*QUESTIONS)
    turns = []
    async with spacechat.AsyncClient(token=TOKEN) as client:
        chat = client.conversation(model=url)
        for question, answer in zip(QUESTIONS, expected, strict=True):
            with recording() as sent:
                async with chat.stream(question, **app.options) as stream:
                    pieces = [piece async for piece in stream]
                    reply = await stream.reply()
            turns.append(sent)
            assert reply.text == answer
            assert "".join(pieces) == answer
            is_first = len(turns) == 1 and app.first_pieces is not None
            assert len(pieces) >= (app.first_pieces or 0 if is_first else app.pieces * 2 // 3)
        assert differences(wild_server.version, app.name, url, turns) == []
        one_off = await client.ask(QUESTIONS[1], model=url, **app.options)
        assert [one_off.text] == app.answers(QUESTIONS[1])


@on_wild(lambda app: app.name == "ui_ci_tabbed")
async def test_round_trips(wild_server: WildServer, app: WildApp) -> None:
    """To connect, to get the description, to join the queue, to read its stream; then the last two.

    The page of Gradio 4 has two more calls before the answer, which have to be made.
    """
    found = []
    url = wild_server.url(app.name)
    with Far(url, 0.1) as far:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(model=far.url)
            for question, answer in zip(QUESTIONS, app.answers(*QUESTIONS), strict=True):
                begun = far.clock
                async with chat.stream(question) as stream:
                    assert await anext(aiter(stream))
                    found.append(far.clock - begun)
                    assert (await stream.reply()).text == answer
    first, later = (6, 4) if wild_server.version == G4 else (4, 2)
    # The heartbeat, which is asked for at the same time, may take one more.
    assert found in ([first, later], [first + 1, later])


@on_wild(lambda app: app.name.startswith("cursor_") or app.name == "ui_ci_components")
async def test_no_rewrites(wild_server: WildServer, app: WildApp) -> None:
    """What is not sure to be answer is not in the deltas, so nothing is ever taken back."""
    async with spacechat.AsyncClient() as client:
        stream = client.stream(QUESTIONS[0], model=wild_server.url(app.name), **app.options)
        found = [event async for event in stream.events()]
    assert not [event for event in found if isinstance(event, TextReset)]
    text = "".join(event.text for event in found if isinstance(event, TextDelta))
    thoughts = "".join(event.text for event in found if isinstance(event, Reasoning))
    (answer,) = app.answers(QUESTIONS[0])
    assert found[-1] == Completed(answer, thoughts)
    assert text == stream.text
    assert "▌" not in thoughts


@on_wild(lambda app: app.thoughts)
async def test_thoughts(wild_server: WildServer, app: WildApp) -> None:
    titles: dict[str, None] = {}
    async with spacechat.AsyncClient(token=TOKEN) as client:
        stream = client.stream(QUESTIONS[0], model=wild_server.url(app.name), **app.options)
        async for event in stream.events():
            if isinstance(event, Reasoning) and event.title:
                titles[event.title] = None
    assert tuple(titles) == tuple(app.thoughts)


@on_wild(lambda app: app.problem)
async def test_nothing_is_answered(wild_server: WildServer, app: WildApp) -> None:
    async with spacechat.AsyncClient(token=TOKEN) as client:
        with pytest.raises(app.error, match=app.problem):
            await client.ask("Hi", model=wild_server.url(app.name), **app.options)

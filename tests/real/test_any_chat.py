"""`GradioChat` on the zoo: each app answered from nothing but its URL."""

from __future__ import annotations

import pytest

import spacechat
from spacechat import errors
from spacechat.providers import ChatOptions
from tests.conftest import BACKENDS
from tests.real.browser.record import differences
from tests.real.browser.spoken import recording
from tests.real.zoo import EVERYTHING, ZOO, App, ZooServer, zoo_cases

pytestmark = [pytest.mark.anyio, pytest.mark.real]

QUESTIONS = ("Why is the sky blue?", 'And "ha" [1] 你好?')

WITH_EXTRAS = [app.name for app in ZOO if app.extras]


def on_zoo(*names: str, chat: bool | None = True) -> pytest.MarkDecorator:
    """Each app in each version, on one event loop after another; or each on each of them."""
    cases = [
        pytest.param(
            *case.values, *backend.values, id=f"{case.id}-{backend.id}", marks=pytest.mark.real
        )
        for index, case in enumerate(zoo_cases(*names, chat=chat))
        for backend in (BACKENDS if EVERYTHING else [BACKENDS[index % len(BACKENDS)]])
    ]
    return pytest.mark.parametrize(
        ("zoo_server", "app", "anyio_backend"), cases, indirect=["zoo_server"]
    )


def options(app: App) -> ChatOptions:
    return {} if app.auth is None else {"auth": app.auth}


@on_zoo()
async def test_a_conversation(zoo_server: ZooServer, app: App) -> None:
    url = zoo_server.url(app.name)
    turns = []
    async with spacechat.AsyncClient() as client:
        conversation = None
        for text in app.answers(zoo_server.version, *QUESTIONS):
            question = QUESTIONS[0] if conversation is None else QUESTIONS[1]
            with recording() as sent:
                async with client.stream(
                    question, model=url, conversation=conversation, **options(app)
                ) as stream:
                    pieces = [piece async for piece in stream]
                    reply = await stream.reply()
            turns.append(sent)
            assert reply.text == text
            assert "".join(pieces) == text
            # A Chatbot that tidies its text joins pieces that are blank.
            is_first = conversation is None and app.first_pieces is not None
            assert len(pieces) >= (app.first_pieces or 0 if is_first else app.pieces * 2 // 3)
            conversation = reply.conversation
        assert conversation is not None
        assert len(conversation.messages) == 2 * len(QUESTIONS)
    assert differences(zoo_server.version, app.name, url, turns) == []


@on_zoo(chat=False)
async def test_no_chat(zoo_server: ZooServer, app: App) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ChatNotFoundError, match="No way to chat"):
            await client.ask("Hi", model=zoo_server.url(app.name))


@on_zoo(*WITH_EXTRAS)
async def test_extra_inputs(zoo_server: ZooServer, app: App) -> None:
    given = {extra.name: extra.other for extra in app.extras}
    expected = app.answers(zoo_server.version, *QUESTIONS, **given)
    inputs = {extra.label: extra.other for extra in app.extras}
    async with spacechat.AsyncClient() as client:
        reply = await client.ask(QUESTIONS[0], model=zoo_server.url(app.name), inputs=inputs)
        assert reply.text == expected[0]
        reply = await client.ask(QUESTIONS[1], conversation=reply.conversation, **options(app))
        assert reply.text == expected[1]

"""Conversations with real apps that are taken up again, branched and taken back."""

from __future__ import annotations

import pytest

import spacechat
from spacechat import Conversation
from spacechat.messages import Messages, format_prompt
from tests.conftest import BACKENDS
from tests.real.test_any_chat import QUESTIONS, options
from tests.real.zoo import ZOO, App, ZooServer, zoo_cases

pytestmark = [pytest.mark.anyio, pytest.mark.real]

VERSIONS = ("4.0.2", "4.44.1", "5.50.0", "6.31.0")
"""Where it is known how each app takes its history."""

FORGETFUL = {"session", "state_history"}
"""What keeps its history on the server, so that it has to be told in words."""

REMEMBERS = [app.name for app in ZOO if app.remembers]


def on_zoo(*names: str, versions: tuple[str, ...] = VERSIONS) -> pytest.MarkDecorator:
    cases = [
        pytest.param(*case.values, *backend.values, id=f"{case.id}-{backend.id}")
        for index, case in enumerate(zoo_cases(*names, versions=versions))
        for backend in [BACKENDS[index % len(BACKENDS)]]
    ]
    return pytest.mark.parametrize(
        ("zoo_server", "app", "anyio_backend"), cases, indirect=["zoo_server"]
    )


def is_interface(app: App) -> bool:
    return app.name.startswith("ci_") or app.name in {"mounted", "password"}


@on_zoo(*REMEMBERS)
async def test_loaded(zoo_server: ZooServer, app: App) -> None:
    """Another client, to which nothing is left but the messages."""
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        reply = await client.ask(QUESTIONS[0], model=url, **options(app))
    loaded = Conversation.from_json(reply.conversation.to_json())
    assert loaded == reply.conversation
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(loaded, **options(app))
        again = await chat.ask(QUESTIONS[1])
    in_words: Messages = [*loaded.messages, {"role": "user", "content": QUESTIONS[1]}]
    told = app.answers(version, format_prompt(in_words))[0]
    native = app.answers(version, *QUESTIONS)[1]
    if version not in VERSIONS:
        assert again.text in (native, told)
    elif app.name in FORGETFUL or (version == "4.0.2" and is_interface(app)):
        assert again.text == told
    else:
        assert again.text == native
    assert len(chat.messages) == 4


SOME = ("blocks_respond_messages", "ci_messages", "ci_plain", "blocks_then")


@on_zoo(*SOME, versions=("4.44.1", "5.50.0", "6.31.0"))
async def test_branches_and_undo(zoo_server: ZooServer, app: App) -> None:
    """Each goes on from what was said on it, although the server holds but one session."""
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url)
        await chat.ask("One")
        other = chat.branch()
        texts = [(await each.ask(text)).text for each, text in ((chat, "Left"), (other, "Right"))]
        assert texts == [
            app.answers(version, "One", "Left")[1],
            app.answers(version, "One", "Right")[1],
        ]
        assert chat.undo() == "Left"
        assert (await chat.ask("Middle")).text == app.answers(version, "One", "Middle")[1]
        if not app.streams:
            return
        # In the session that the page has, after an answer that nobody waited for.
        async with chat.stream("Left early") as stream:
            async for _ in stream:
                break
        last = app.answers(version, "One", "Middle", "Last")[2]
        assert (await chat.ask("Last")).text == last


@on_zoo(*SOME, versions=("5.50.0",))
async def test_a_conversation_is_asked_twice(zoo_server: ZooServer, app: App) -> None:
    """The reply's conversation, of which the second question finds the session used."""
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        reply = await client.ask("One", model=url)
        for text in ("Left", "Right"):
            again = await client.ask(text, conversation=reply.conversation)
            assert again.text == app.answers(version, "One", text)[1]


@on_zoo("ci_system_prompt", "system_first", versions=("4.0.2", "5.50.0", "6.31.0"))
async def test_the_system_text(zoo_server: ZooServer, app: App) -> None:
    """It goes where the app has a place for it, on each turn and after loading."""
    url, version = zoo_server.url(app.name), zoo_server.version
    expected = app.answers(version, *QUESTIONS, system="Be brief.")
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url, system="Be brief.")
        assert [(await chat.ask(question)).text for question in QUESTIONS] == expected


@on_zoo("ci_plain", versions=("5.50.0",))
async def test_the_system_text_in_words(zoo_server: ZooServer, app: App) -> None:
    """Where there is no place for it, the first question says it."""
    url, version = zoo_server.url(app.name), zoo_server.version
    first = "System: Be brief.\nUser: One\nAssistant:"
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url, system="Be brief.")
        texts = [(await chat.ask(question)).text for question in ("One", "Two")]
    assert texts == app.answers(version, first, "Two")


@on_zoo("ci_plain", "blocks_then", "ci_messages", versions=("4.44.1", "6.31.0"))
def test_blocking(zoo_server: ZooServer, app: App, anyio_backend: object) -> None:
    url, version = zoo_server.url(app.name), zoo_server.version
    with spacechat.Client() as client:
        chat = client.conversation(model=url)
        texts = [chat.ask(question).text for question in QUESTIONS]
        other = client.conversation(Conversation.from_json(chat.conversation.to_json()))
        assert texts == app.answers(version, *QUESTIONS)
        assert other.ask("Hi").text == app.answers(version, *QUESTIONS, "Hi")[2]

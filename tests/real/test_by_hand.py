"""Saying by hand how an app is to be used, and looking at what was found."""

from __future__ import annotations

import re

import pytest

import spacechat
from spacechat import errors
from tests.conftest import BACKENDS
from tests.real.apps.zoo.llm import answer
from tests.real.servers import MoreServer
from tests.real.zoo import App, ZooServer, zoo_cases

pytestmark = [pytest.mark.anyio, pytest.mark.real]


def on_zoo(*names: str, versions: tuple[str, ...]) -> pytest.MarkDecorator:
    cases = [
        pytest.param(*case.values, *backend.values, id=f"{case.id}-{backend.id}")
        for index, case in enumerate(zoo_cases(*names, chat=None, versions=versions))
        for backend in [BACKENDS[index % len(BACKENDS)]]
    ]
    return pytest.mark.parametrize(
        ("zoo_server", "app", "anyio_backend"), cases, indirect=["zoo_server"]
    )


ENDS = ("4.0.2", "4.44.1", "6.31.0")


@on_zoo("ci_system_prompt", versions=ENDS)
async def test_inputs(zoo_server: ZooServer, app: App) -> None:
    """By label, in any case; kept by a conversation."""
    url, version = zoo_server.url(app.name), zoo_server.version
    expected = app.answers(version, "Hi", temp=1.5, max=64)[0]
    async with spacechat.AsyncClient() as client:
        found = await client.inspect(url)
        assert {each.name for each in found.inputs} == {extra.label for extra in app.extras}
        by_name = {"temperature": 1.5, "MAX NEW TOKENS": 64}
        assert (await client.ask("Hi", model=url, inputs=by_name)).text == expected
        chat = client.conversation(model=url, inputs=by_name)
        texts = [(await chat.ask(text)).text for text in ("Hi", "You")]
        assert texts == app.answers(version, "Hi", "You", temp=1.5, max=64)
        # For one question only, beside those of the conversation.
        reply = await chat.ask("There", inputs={"Temperature": 0.2})
        assert reply.text.partition("temp: ")[2].startswith("0.2")


@on_zoo("ci_system_prompt", versions=("6.31.0",))
async def test_parameter_names(zoo_server: ZooServer, app: App) -> None:
    """Those that the app's info gives, as the functions' authors wrote them."""
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        for _ in range(2):
            reply = await client.ask("Hi", model=url, inputs={"max_tokens": 64})
            assert reply.text == app.answers(version, "Hi", max=64)[0]


@on_zoo("ci_model_choice", versions=("4.44.1", "6.31.0"))
async def test_wrong_values(zoo_server: ZooServer, app: App) -> None:
    url = zoo_server.url(app.name)
    async with spacechat.AsyncClient() as client:
        for inputs, said in (
            ({"Model": "gpt"}, "one of 'llama-3-8b', 'mistral-7b', 'phi-3'"),
            ({"Web search": 1}, "True or False"),
            ({"Seed": "x"}, "a number"),
            ({"Colour": 1}, "no input 'Colour'. It has: 'Model' (one of"),
        ):
            with pytest.raises(errors.InputsError, match=re.escape(said)):
                await client.ask("Hi", model=url, inputs=inputs)


@on_zoo("ci_system_prompt", versions=("4.44.1", "6.31.0"))
async def test_out_of_range(zoo_server: ZooServer, app: App) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.InputsError, match=r"Temperature.*a number from 0.1 to 4"):
            await client.ask("Hi", model=zoo_server.url(app.name), inputs={"Temperature": 5})


@on_zoo("arena", versions=("4.0.2", "5.50.0"))
async def test_another_output(zoo_server: ZooServer, app: App) -> None:
    url = zoo_server.url(app.name)
    async with spacechat.AsyncClient() as client:
        for label, model in (("Model A", "A"), ("Model B", "B")):
            chat = client.conversation(model=url, output=label)
            texts = [(await chat.ask(text)).text for text in ("Hi", "You")]
            first = answer("Hi", (), "words", model=model)
            assert texts == [first, answer("You", [("Hi", first)], "words", model=model)]
        with pytest.raises(errors.ChatNotFoundError, match="'Model C'"):
            await client.ask("Hi", model=url, output="Model C")


@on_zoo("markdown_answer", "textbox_answer", versions=("4.44.1", "6.31.0"))
async def test_an_endpoint(zoo_server: ZooServer, app: App) -> None:
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        found = await client.inspect(url)
        (endpoint,) = (
            each
            for each in found.endpoints
            if str(each.id) in "".join(found.chain) or f"/{each.name} " in "".join(found.chain)
        )
        for named in (endpoint.id, endpoint.name, f"/{endpoint.name}"):
            reply = await client.ask("Hi", model=url, endpoint=named)
            assert reply.text == app.answers(version, "Hi")[0]
        with pytest.raises(errors.ChatNotFoundError, match=r"no endpoint '/none'\. It has: /"):
            await client.ask("Hi", model=url, endpoint="/none")


@on_zoo("password", versions=ENDS)
async def test_a_login(zoo_server: ZooServer, app: App) -> None:
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.AuthenticationError, match=r"login of its own: pass auth="):
            await client.ask("Hi", model=url)
        with pytest.raises(errors.AuthenticationError, match="did not take the user") as caught:
            await client.ask("Hi", model=url, auth=("user", "guess"))
        assert "guess" not in str(caught.value)
        reply = await client.ask("Hi", model=url, auth=("user", "secret"))
        assert reply.text == app.answers(version, "Hi")[0]
        # What one has logged in to is not open to those who have not.
        with pytest.raises(errors.AuthenticationError):
            await client.ask("Hi", model=url)
        with pytest.raises(errors.AuthenticationError):
            await client.ask("Hi", model=url, auth=("user", "guess"))
        found = await client.inspect(url, auth=("user", "secret"))
        assert found.is_chat


@on_zoo("mounted", versions=ENDS)
async def test_under_a_path(zoo_server: ZooServer, app: App) -> None:
    url, version = zoo_server.url(app.name), zoo_server.version
    async with spacechat.AsyncClient() as client:
        for address in (url, url + "/", url + "/?__theme=dark#top"):
            assert (await client.ask("Hi", model=address)).text == app.answers(version, "Hi")[0]


@on_zoo("ci_plain", "not_calculator", versions=("4.0.2", "6.31.0"))
async def test_a_check(zoo_server: ZooServer, app: App) -> None:
    async with spacechat.AsyncClient() as client:
        health = await client.check(zoo_server.url(app.name))
        assert health.latency is not None
        assert health.state == ("up" if app.chat else "no chat")
        assert app.chat or "No way to chat" in health.detail
        gone = await client.check("http://127.0.0.1:9")
        assert (gone.state, gone.latency) == ("gone", None)


TEXT = """\
URL (Gradio VERSION, sse_v3)

You type into the box 'Question'; pressing Enter calls /chat; the answer appears
in the chatbot, piece by piece.

Settings, as in inputs={name: value}
  'Document' = None: what a file holds

Step by step
  the message goes into textbox 'Question' (N)
  /chat (queued): textbox 'Question' (N), chatbot (N), file 'Document' (N) →
      textbox 'Question' (N), chatbot (N)
  the answer is read from chatbot (N)

Why
  it fills chatbot (N) (+160)
  it is called chat (+3)
  it streams (+10)
  it is what sending textbox 'Question' (N) does (+45)
  textbox 'Question' (N) is for messages (+20)
  textbox 'Question' (N) is emptied (+15)

Endpoints
  /chat: textbox 'Question' (N), chatbot (N), file 'Document' (N) → textbox
      'Question' (N), chatbot (N)"""


async def test_an_inspection(more_server: MoreServer) -> None:
    url = more_server.url("file-beside")
    async with spacechat.AsyncClient() as client:
        shown = str(await client.inspect(url))
    shown = shown.replace(url, "URL").replace(more_server.version, "VERSION")
    assert re.sub(r"\((\d+)\)", "(N)", shown) == TEXT


def test_blocking(more_server: MoreServer) -> None:
    with spacechat.Client() as client:
        found = client.inspect(more_server.url("file-beside"))
        assert found.is_chat
        assert [each.name for each in found.inputs] == ["Document"]
        assert not client.inspect(more_server.url("no-chat")).is_chat
        assert client.check(more_server.url("file-beside")).state == "up"

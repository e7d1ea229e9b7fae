"""The OpenAI API in front of real Gradio apps: their settings, and files for them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from openai.types.responses import Response

import openai
from spacechat.openai import Server
from tests.real.servers import MoreServer
from tests.real.test_by_hand import on_zoo
from tests.real.test_files import png
from tests.real.zoo import App, ZooServer

pytestmark = [pytest.mark.anyio, pytest.mark.real]


def client_of(server: Server) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=server.url, api_key="-", max_retries=0)


@on_zoo("ci_system_prompt", versions=("4.0.2", "4.44.1", "5.50.0", "6.31.0"))
async def test_settings(zoo_server: ZooServer, app: App) -> None:
    url, version = zoo_server.url(app.name), zoo_server.version
    hi: Any = [{"role": "user", "content": "Hi"}]
    with Server(models={"model": url}) as server:
        async with client_of(server) as client:
            found = await client.chat.completions.create(
                model="model", messages=hi, temperature=1.5, max_tokens=64, seed=3
            )
            assert found.model_extra == {"ignored": ["seed"]}
            said = app.answers(version, "Hi", temp=1.5, max=64)[0]
            assert found.choices[0].message.content == said
            found = await client.chat.completions.create(
                model="model", messages=hi, temperature=9, max_completion_tokens=9000, top_p=0.0
            )
            low, high = 0.1, {"temperature": 4, "max_completion_tokens": 2048}
            assert found.model_extra == {"clamped": {**high, "top_p": low}}


@on_zoo("ci_system_prompt", versions=("5.50.0", "6.31.0"))
async def test_settings_of_a_response(zoo_server: ZooServer, app: App) -> None:
    url, version = zoo_server.url(app.name), zoo_server.version
    with Server() as server:
        async with client_of(server) as client:
            found = await client.responses.create(
                model=url, input="Hi", temperature=1.5, max_output_tokens=64, top_p=0.0
            )
    assert found.model_extra == {"clamped": {"top_p": 0.1}}
    assert found.output_text == app.answers(version, "Hi", temp=1.5, max=64, top_p=0.1)[0]


def user(text: str, *contents: bytes, kind: str = "image/png") -> Any:
    urls = [f"data:{kind};base64,{base64.b64encode(each).decode()}" for each in contents]
    files = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"role": "user", "content": [{"type": "text", "text": text}, *files]}


async def test_files(more_server: MoreServer) -> None:
    """A follow-up about a picture sends it again; a new one takes its place."""
    with Server() as server:
        async with client_of(server) as client:

            async def ask(app: str, *messages: Any) -> str:
                found = await client.chat.completions.create(
                    model=more_server.url(app), messages=[*messages]
                )
                return found.choices[0].message.content or ""

            first = user("Look", b"1", b"2", kind="text/plain")
            assert await ask("box-with-files", first) == "Look: file.txt=1, file.txt=2"
            assert await ask("files-beside", first) == "Look: file.txt=1, file.txt=2"
            assert await ask("image-beside", user("Size", png(7, 5))) == "Size: 5x7x3"
            then = {"role": "assistant", "content": "I see."}
            again = await ask("box-with-files", first, then, user("And?"))
            assert again.endswith(": file.txt=1, file.txt=2")
            newer = await ask("image-beside", user("Size", png(7, 5)), then, user("So?", png(3, 2)))
            assert newer.endswith(": 2x3x3")
            with pytest.raises(openai.BadRequestError, match="takes one file, not 2"):
                await ask("file-beside", first)
            with pytest.raises(openai.BadRequestError, match=r"takes no files.*leave them out"):
                await ask("gives-files", first)


async def test_files_of_a_dialogue(more_server: MoreServer) -> None:
    """They stay with it, though a follow-up brings none."""
    text = {"type": "input_file", "filename": "a.txt", "file_data": "MQ=="}
    url = f"data:image/png;base64,{base64.b64encode(png(7, 5)).decode()}"
    picture = {"type": "input_image", "image_url": url}
    with Server() as server:
        async with client_of(server) as client:

            async def ask(app: str, *parts: Any, after: str | None = None) -> Response:
                given: Any = [{"role": "user", "content": [*parts]}]
                return await client.responses.create(
                    model=more_server.url(app), input=given, previous_response_id=after
                )

            look = {"type": "input_text", "text": "Look"}
            first = await ask("box-with-files", look, text)
            assert first.output_text == "Look: a.txt=1"
            second = await ask("box-with-files", look, after=first.id)
            assert second.output_text.endswith(": a.txt=1")
            third = await ask("image-beside", look, picture, after=second.id)
            assert third.output_text.endswith(": 5x7x3")

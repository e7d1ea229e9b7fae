"""What `GradioChat` asks for: one description for each client and app, and a new one in time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

import spacechat
from spacechat import errors, events, providers
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    Part,
    Received,
    ReplayServer,
    chunk,
    completed,
    gradio,
    message,
    response,
)
from tests.servers.apps import AnApp

pytestmark = pytest.mark.anyio


async def test_one_description_for_each_app() -> None:
    with AnApp() as app, AnApp() as other:
        async with spacechat.AsyncClient() as client:
            for _ in range(3):
                await client.ask("Hi", model=app.url)
                await client.ask("Hi", model=other.url + "/")
            chat = client.conversation(model=app.url)
            await chat.ask("One")
            await chat.ask("Two")
            await client.inspect(app.url)
            assert (app.described, other.described) == (1, 1)
        async with spacechat.AsyncClient() as client:
            await client.ask("Hi", model=app.url)
            assert app.described == 1


async def test_not_every_app_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.apps.known._MOST", 2)
    monkeypatch.setattr("spacechat.apps.memory._MOST", 2)
    with AnApp() as one, AnApp() as two, AnApp() as three:
        async with spacechat.AsyncClient() as client:
            for app in (one, two, three, two, three, one):
                await client.ask("Hi", model=app.url)
        assert [each.described for each in (one, two, three)] == [2, 1, 1]


async def test_it_started_anew_with_other_numbers() -> None:
    with AnApp() as app:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(model=app.url)
            assert (await chat.ask("Hi")).text == "Hello from 0"
            app.restart(3)
            stream = chat.stream("Hi")
            found = [event async for event in stream.events()]
            assert stream.text == "Hello from 3"
            assert not any(isinstance(event, events.Retrying) for event in found)
            assert (await client.ask("Hi", model=app.url)).text == "Hello from 3"
            assert app.described == 2
            assert len(chat.messages) == 4


async def test_it_fails_and_is_the_same() -> None:
    """Then its description is looked at once more, and the error is the app's own."""
    with AnApp() as app:
        async with spacechat.AsyncClient() as client:
            await client.ask("Hi", model=app.url)
            starts, app.number = app.starts, 3
            with pytest.raises(errors.SpaceUnavailableError, match="500"):
                await client.ask("Hi", model=app.url)
            assert (app.described, app.starts) == (2, starts)


class OldApp(AnApp):
    """An app of Gradio 4.0, whose stream asks for the inputs."""

    @property
    def config(self) -> dict[str, Any]:
        return {**super().config, "protocol": "sse"}

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return super().tell(request)
        if request.path == "/queue/data":
            return [response(b"true")]
        parts = [message("send_data"), message("send_data"), completed("Hello")]
        return [EVENTS_HEAD, *map(chunk, parts), LAST_CHUNK]


async def test_a_stream_that_asks_for_the_inputs() -> None:
    """They are sent once, with the id of the event that asks."""
    with OldApp() as app:
        async with spacechat.AsyncClient() as client:
            assert (await client.ask("Hi", model=app.url)).text == "Hello"
        (sent,) = app.to("/queue/data")
    assert sent.json["event_id"] == "e"
    assert sent.json["data"] == ["Hi"]


def test_blocking() -> None:
    with AnApp() as app, spacechat.Client() as client:
        chat = client.conversation(model=app.url)
        assert chat.ask("Hi").text == "Hello from 0"
        app.restart(2)
        assert chat.ask("Hi").text == "Hello from 2"
        assert app.described == 2


MULTIMODAL: dict[str, Any] = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "app_id": 1,
    "components": [
        {"id": 1, "type": "multimodaltextbox", "props": {"file_count": "multiple"}},
        {"id": 2, "type": "textbox", "props": {"label": "Answer"}},
    ],
    "dependencies": [{"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2]}],
}


def taking(uploaded: bytes) -> ReplayServer:
    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [response(json.dumps(MULTIMODAL).encode())]
        if request.path == "/gradio_api/upload":
            return [response(uploaded)]
        return gradio(completed("Thanks"), CLOSE_STREAM)(request)

    return ReplayServer(answer)


async def test_what_is_sent_of_files() -> None:
    with taking(b'["/tmp/gradio/x/file-1"]') as server:
        async with spacechat.AsyncClient() as client:
            url = "https://example.org/a/cat.png?size=2"
            await client.ask("Hi", model=server.url, files=[b"\0\xff", url])
        (upload,) = server.to("/gradio_api/upload")
        kind = upload.header("content-type")
        assert kind is not None
        assert kind.startswith("multipart/form-data; boundary=")
        assert b'name="files"; filename="file-1"' in upload.body
        assert b"\r\n\r\n\0\xff\r\n" in upload.body
        (join,) = server.to("/gradio_api/queue/join")
    meta = {"_type": "gradio.FileData"}
    sent, linked = join.json["data"][0]["files"]
    assert join.json["data"][0]["text"] == "Hi"
    assert sent == {
        "path": "/tmp/gradio/x/file-1",
        "orig_name": "file-1",
        "mime_type": "application/octet-stream",
        "meta": meta,
    }
    assert linked == {
        "path": url,
        "url": url,
        "orig_name": "cat.png",
        "mime_type": "image/png",
        "meta": meta,
    }


async def test_files_for_a_space_that_is_known_by_name() -> None:
    """It goes by the app's description, which says how files are sent; others take none."""
    with taking(b'["/tmp/gradio/x/file-1"]') as server:
        provider = providers.Qwen_Qwen_2_5M.at(server.url)
        async with spacechat.AsyncClient() as client:
            reply = await client.ask("Hi", provider=provider, files=[b"1"])
            assert reply.text == "Thanks"
            (result,) = [one async for one in client.map(["Hi"], provider=provider, files=[b"1"])]
            assert str(result.reply) == "Thanks"
            chat = client.conversation(provider=provider)
            assert (await chat.ask("Hi", files=[b"1"])).text == "Thanks"
            with pytest.raises(TypeError, match=r"Max takes no option 'files'\. It takes 'system'"):
                await client.ask("Hi", provider=providers.Qwen_Qwen_2_5_Max, files=[b"1"])
        assert len(server.to("/gradio_api/upload")) == 3
        joins = server.to("/gradio_api/queue/join")
        assert [len(each.json["data"][0]["files"]) for each in joins] == [1, 1, 1]
        assert not server.to("/run/predict")


@pytest.mark.parametrize("uploaded", [b"", b"{}", b"[]", b"[5]", b'"x"', b"<html>"])
async def test_an_upload_is_answered_with_nonsense(uploaded: bytes) -> None:
    with taking(uploaded) as server:
        async with spacechat.AsyncClient() as client:
            with pytest.raises(errors.ProtocolError, match="does not say where it is"):
                await client.ask("Hi", model=server.url, files=[b"1"])
        assert not server.to("/gradio_api/queue/join")

"""Files in messages: what reaches an app, under which names, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import openai
from spacechat.local import LocalSpace
from spacechat.openai import AsyncTransport, Bounds, Server, Transport
from spacechat.openai.attached import AttachedFile, from_base64, from_data_url
from spacechat.openai.completion_request import parse
from spacechat.openai.refusals import Refusal
from tests.openai.conftest import Way
from tests.samples import HI
from tests.servers.chat_form import ChatForm

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def image(content: bytes = PNG, kind: str = "image/png") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{encoded(content)}"}}


def sound(content: bytes = WAV, kind: str = "wav") -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": encoded(content), "format": kind}}


def document(content: bytes, name: str | None, *, is_url: bool = False) -> dict[str, Any]:
    data = f"data:application/pdf;base64,{encoded(content)}" if is_url else encoded(content)
    return {"type": "file", "file": {"file_data": data, "filename": name}}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [*parts]}


def answered(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.choices[0].message.content)
    return found


def test_each_kind_reaches_the_app(way: Way) -> None:
    parts = [
        text("What"),
        image(),
        sound(),
        document(b"%PDF-1", "report.pdf"),
        text("is this?"),
        document(b"notes", None),
        document(b"%PDF-2", "résumé final.pdf", is_url=True),
    ]
    with ChatForm() as app, way.client() as client:
        messages: Any = [user(*parts)]
        found = client.chat.completions.create(model=app.url, messages=messages)
        said = answered(found)
        assert said["question"] == "What\nis this?"
        assert said["files"] == ["file.png", "file.wav", "report.pdf", "file", "résumé final.pdf"]
        assert app.files["file.png"] == PNG
        assert app.files["file.wav"] == WAV
        assert app.files["report.pdf"] == b"%PDF-1"
        assert app.files["file"] == b"notes"
        stream = client.chat.completions.create(model=app.url, messages=messages, stream=True)
        whole = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert json.loads(whole)["files"] == said["files"]


@pytest.mark.anyio
async def test_async(way: Way) -> None:
    with ChatForm() as app:
        async with way.async_client() as client:
            messages: Any = [user(image(), text("Hi"))]
            found = await client.chat.completions.create(model=app.url, messages=messages)
            assert answered(found)["files"] == ["file.png"]


def test_the_newest_files_go_with_the_question(way: Way) -> None:
    """A follow-up about a picture sends it again: the app has another page by then."""
    first = user(image(), text("What is this?"))
    then = {"role": "assistant", "content": "A cat."}
    with ChatForm() as app, way.client() as client:

        def ask(*messages: Any) -> tuple[list[str], list[str] | None]:
            found = client.chat.completions.create(model=app.url, messages=[*messages])
            return answered(found)["files"], found.to_dict().get("ignored")  # type: ignore[return-value]

        assert ask(first, then, user(text("Which colour?"))) == (["file.png"], None)
        newer = user(text("And"), document(b"2", "two.txt"), document(b"3", "three.txt"))
        left_out = ["messages[0].content[0]"]
        assert ask(first, then, newer) == (["two.txt", "three.txt"], left_out)
        assert ask(first, then, newer, then, user(text("So?"))) == (
            ["two.txt", "three.txt"],
            left_out,
        )


def at(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


URL = ".image_url.url"
BAD: list[tuple[Any, str, str]] = [
    (at("https://example.com/a.png"), URL, "nothing is fetched"),
    (at("HTTP://127.0.0.1/"), URL, "nothing is fetched"),
    (at("file:///etc/passwd"), URL, "no data URL"),
    (at("data:image/png;base64"), URL, "no data URL"),
    (at("data:image/png,abc"), URL, "no data URL"),
    (at("data:image/\x1b[2J\n;base64,QQ=="), URL, "no data URL"),
    (at("data:;base64,Q"), URL, "no base64"),
    (at("data:;base64,é==="), URL, "no base64"),
    (at("data:;base64,Q\nQ=="), URL, "no base64"),
    (at("data:;base64,"), URL, "empty file"),
    ({"type": "image_url", "image_url": {}}, URL, "malformed"),
    ({"type": "image_url"}, "", "of the type 'image_url'"),
    (sound(kind="../wav"), ".input_audio.format", "there are wav and mp3"),
    ({"type": "file", "file": {"file_id": "file-1"}}, ".file.file_id", "none are kept"),
    ({"type": "file", "file": {}}, "", "of the type 'file'"),
    ({"type": "file", "file": {"file_data": "https://x/"}}, ".file.file_data", "no base64"),
    ({"type": "video_url", "video_url": {"url": "data:;base64,QQ=="}}, "", "of the type 'video"),
    ({"type": "x" * 10_000}, "", "of the type 'xxx"),
]


@pytest.mark.parametrize(("part", "param", "says"), BAD)
def test_what_is_no_file(part: Any, param: str, says: str) -> None:
    body = json.dumps({"model": "x", "messages": [user(text("Hi"), part)]}).encode()
    with pytest.raises(Refusal, match=says) as caught:
        parse(body)
    error = caught.value.error
    assert (caught.value.status, error.param) == (400, f"messages[0].content[1]{param}")
    assert len(error.message) < 300
    assert error.message.isprintable()


def test_files_stand_in_messages_of_the_user_only() -> None:
    for role in ("assistant", "system", "developer"):
        message = {"role": role, "content": [image()]}
        with pytest.raises(Refusal, match="only text can stand"):
            parse(json.dumps({"model": "x", "messages": [message, *HI]}).encode())


def test_more_files_than_there_may_be() -> None:
    for count in (51, 9_000):
        body = json.dumps({"model": "x", "messages": [user(text("x"), *[image(b"x")] * count)]})
        with pytest.raises(Refusal, match="50 are the most"):
            parse(body.encode())


NAMES = {
    "../../etc/passwd": "passwd.png",
    "photo": "photo.png",
    "y" * 300: "y" * 96 + ".png",
    "C:\\Users\\ada\\photo.png": "photo.png",
    "/": "file.png",
    "": "file.png",
    "..": "file.png",
    "a\0b.png": "ab.png",
    "\x1b[31mred\x1b[0m.png": "[31mred[0m.png",
    'a"\r\nX-Header: b.png': 'a"X-Header: b.png',
    "\u202egnp.exe": "gnp.exe",
    "x" * 300 + ".png": "x" * 96 + ".png",
    "x." + "y" * 300: "x." + "y" * 98,
    "ファイル.png": "ファイル.png",
}


@pytest.mark.parametrize(("given", "safe"), NAMES.items())
def test_names_are_made_safe(given: str, safe: str) -> None:
    assert from_base64(encoded(PNG), "x", given).name == safe


def test_a_hostile_name_is_only_a_name(way: Way) -> None:
    with ChatForm() as app, way.client() as client:
        messages: Any = [user(text("Hi"), document(PNG, '../a"\r\nX-Evil: 1\r\n\r\nb.png'))]
        found = client.chat.completions.create(model=app.url, messages=messages)
        assert answered(found)["files"] == ['a"X-Evil: 1b.png']
        (sent,) = (each for each in app.requests if each.path.endswith("/upload"))
        assert b"\r\nX-Evil" not in sent.body


@given(st.text(), st.text(), st.binary(min_size=1))
def test_any_name_and_type(name: str, kind: str, content: bytes) -> None:
    found = from_base64(encoded(content), "x", name)
    assert found.read() == content
    assert 0 < len(found.name) <= 100
    assert found.name.isprintable()
    assert not set("/\\") & set(found.name)
    url = read_or_refused(f"data:{kind};base64,{encoded(content)}", is_url=True)
    if url is not None:
        assert url.read() == content
        assert url.name.isprintable()


def read_or_refused(said: str, *, is_url: bool) -> AttachedFile | None:
    try:
        return (from_data_url if is_url else from_base64)(said, "x")
    except Refusal as exc:
        refused = exc
    assert (refused.status, refused.error.param) == (400, "x")
    return None


@given(st.text(), st.booleans())
def test_any_url_and_base64(said: str, is_url: bool) -> None:
    found = read_or_refused(said, is_url=is_url)
    assert found is None or found.getbuffer().nbytes


def test_apps_that_take_no_files(way: Way) -> None:
    with LocalSpace("plain", ["Hi"]) as space, way.client() as client:
        for model, says in ((space.url, "takes no files with a message"), ("qwen-2.5", "no files")):
            with pytest.raises(openai.BadRequestError, match=says) as caught:
                client.chat.completions.create(
                    model=model,
                    messages=[user(text("Hi"), image())],  # type: ignore[list-item]
                )
            assert caught.value.param == "messages"
            assert "files=" not in str(caught.value)
        assert not any("queue" in each.path for each in space.requests)


def test_a_file_without_a_question(way: Way) -> None:
    with ChatForm() as app, way.client() as client:
        with pytest.raises(openai.BadRequestError, match="no text to send") as caught:
            client.chat.completions.create(
                model=app.url,
                messages=[user(image())],  # type: ignore[list-item]
            )
        assert caught.value.param == "messages"


def test_files_beyond_the_size_of_a_body() -> None:
    """Files have bounds of their own: a body's own bound is for everything else."""
    bounds = Bounds(body=10_000, files=100_000)
    with ChatForm() as app, Server(bounds=bounds) as server:
        settings: Any = {"api_key": "-", "base_url": server.url, "max_retries": 0}
        with openai.OpenAI(**settings) as client:

            def ask(said: str, content: bytes) -> dict[str, Any]:
                messages: Any = [user(text(said), document(content, "a.bin"))]
                return answered(client.chat.completions.create(model=app.url, messages=messages))

            assert ask("Hi", b"x" * 70_000)["files"] == ["a.bin"]
            assert app.files["a.bin"] == b"x" * 70_000
            for said, content in (("Hi", b"x" * 90_000), ("é" * 10_000, b"x")):
                with pytest.raises(openai.APIStatusError, match="larger than 10,000") as caught:
                    ask(said, content)
                assert caught.value.status_code == 413


@pytest.mark.parametrize(
    "written",
    [
        lambda url: url.replace("image/png", ""),
        lambda url: url.replace("image/png", "image/x_y"),
        lambda url: url.replace("/", "\\/"),
        lambda url: url.replace("=", "\\u003d").replace("+", "\\u002B"),
    ],
    ids=["no type", "odd type", "slashes", "signs"],
)
def test_large_files_however_they_are_written(written: Callable[[str], str]) -> None:
    content = bytes(range(256)) * 200 + b"\xff"
    with ChatForm() as app, Server(bounds=Bounds(body=10_000)) as server:
        body = json.dumps({"model": app.url, "messages": [user(text("Hi"), image(content))]})
        url = image(content)["image_url"]["url"]
        assert url in body
        found = httpx.post(
            f"{server.url}/chat/completions",
            content=body.replace(url, written(url)),
            trust_env=False,
        )
        assert found.status_code == 200
    assert [*app.files.values()] == [content]


def test_a_text_of_an_input_that_looks_like_a_file() -> None:
    """It has the bounds of a text."""
    with ChatForm() as app, Server(bounds=Bounds(body=10_000)) as server:
        for inputs, status in (
            ({"Notes": "A" * 9_000}, 200),
            ({"Notes": "A" * 11_000}, 413),
            ({"Extra": {"x": ["A" * 6_000, {"A" * 6_000: 1}]}}, 413),
        ):
            body = {"model": app.url, "messages": HI, "inputs": inputs}
            found = httpx.post(f"{server.url}/chat/completions", json=body, trust_env=False)
            assert found.status_code == status
        asked = [each for each in app.requests if each.path.endswith("/join")]
        assert len(asked) == 1


def test_a_login_in_process() -> None:
    with ChatForm(login=("ada", "secret")) as app:
        transport: Any = Transport(models={"mine": app.url}, auth={"mine": ("ada", "secret")})
        http: Any = httpx.Client(transport=transport)
        with openai.OpenAI(api_key="-", http_client=http) as client:
            messages: Any = [user(text("Hi"), image())]
            found = client.chat.completions.create(model="mine", messages=messages)
            assert answered(found)["files"] == ["file.png"]
    with pytest.raises(ValueError, match="has a login for 'other'"):
        AsyncTransport(models=["owner/name"], auth={"other": ("a", "b")})


STREAMS = 200


def test_200_streams_at_once_with_a_file_each() -> None:
    """Each question goes with its own file, and with no other's."""

    async def ask(number: int, client: openai.AsyncOpenAI, url: str, found: list[bool]) -> None:
        content = f"file of {number}".encode()
        messages: Any = [user(text(f"question {number}"), document(content, f"{number}.txt"))]
        stream = await client.chat.completions.create(model=url, messages=messages, stream=True)
        whole = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        said = json.loads(whole)
        found.append((said["question"], said["files"]) == (f"question {number}", [f"{number}.txt"]))

    async def ask_all(url: str, app: ChatForm, found: list[bool]) -> None:
        settings: Any = {"api_key": "-", "base_url": url, "max_retries": 0, "timeout": 100}
        async with openai.AsyncOpenAI(**settings) as client:
            with anyio.fail_after(200):
                async with anyio.create_task_group() as group:
                    for number in range(STREAMS):
                        group.start_soon(ask, number, client, app.url, found)

    found: list[bool] = []
    with ChatForm() as app, Server() as server:
        anyio.run(ask_all, server.url, app, found)
    assert found == [True] * STREAMS
    assert {f"{number}.txt" for number in range(STREAMS)} == set(app.files)
    assert all(app.files[f"{number}.txt"] == f"file of {number}".encode() for number in range(200))

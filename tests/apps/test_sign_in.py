"""Signing in: who gets the user's token, and what is said where none can be given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

import spacechat
from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.info import parse_info
from spacechat.apps.sign_in import token_takers
from spacechat.settings import Settings
from spacechat.transport.credentials import sign_in_token, token_for
from tests.servers import (
    CLOSE_STREAM,
    Part,
    Received,
    ReplayServer,
    completed,
    failed,
    gradio,
    response,
)
from tests.servers.apps import app

pytestmark = pytest.mark.anyio

TOKEN = "hf_mine"
BUTTON: dict[str, Any] = {
    "id": 9,
    "targets": [[3, "click"]],
    "inputs": [],
    "outputs": [],
    "backend_fn": False,
    "js": "() => { window.location.assign('/login/huggingface') }",
}
REFUSAL = "This action requires a logged in user. Please sign in and retry."


def function(id_: int, **more: Any) -> dict[str, Any]:
    return {"id": id_, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2], **more}


def info(**kinds: str | None) -> bytes:
    """The app's `info`: which of its endpoints take a token."""
    endpoints = {
        f"/{name}": {"parameters": [], **({} if kind is None else {"oauth_token": kind})}
        for name, kind in kinds.items()
    }
    return json.dumps({"named_endpoints": endpoints, "unnamed_endpoints": {}}).encode()


def server(
    *functions: dict[str, Any],
    said: bytes | None,
    version: str = "6.31.0",
    parts: Iterable[Part] = (completed("Hello"), CLOSE_STREAM),
) -> ReplayServer:
    """An app with these functions."""

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [app(version=version, dependencies=list(functions))]
        if "/info" in request.path:
            return [response(b"no", "404 Not Found") if said is None else response(said)]
        if "/run/" in request.path:
            return [response(b'{"data":["Hello"]}')]
        return gradio(*parts)(request)

    return ReplayServer(answer)


def tokens(replay: ReplayServer) -> list[str | None]:
    """The tokens in the bodies of the calls."""
    calls = [one for one in replay.requests if "/join" in one.path or "/run/" in one.path]
    return [json.loads(one.body).get("oauth_token") for one in calls]


async def ask(url: str, *, token: str | None = TOKEN, **options: Any) -> str:
    async with spacechat.AsyncClient(token=token, retries=0) as client:
        return (await client.ask("Hi", model=url, **options)).text


CHAT = function(0, api_name="chat")


@pytest.mark.parametrize(
    ("functions", "said", "given"),
    [
        ([CHAT], info(chat="required"), True),
        ([CHAT], info(chat="optional"), True),
        ([CHAT], info(chat=None), False),
        ([CHAT, BUTTON], info(chat=None), False),
        ([CHAT, BUTTON], info(other="required"), True),  # A private function.
        ([CHAT], info(other="required"), False),  # There is nothing to sign in with.
        ([CHAT, BUTTON], None, True),
        ([CHAT], None, False),
        ([CHAT, BUTTON], b"[]", True),
        ([{**CHAT, "queue": False}], info(chat="required"), True),
    ],
)
async def test_who_gets_the_token(
    functions: list[dict[str, Any]], said: bytes | None, given: bool
) -> None:
    with server(*functions, said=said) as replay:
        assert await ask(replay.url, sign_in=True) == "Hello"
        assert tokens(replay) == [TOKEN if given else None]
        assert [one.target for one in replay.requests if "/info" in one.path] == [
            "/gradio_api/info?all_endpoints=true"
        ]


async def test_never_unasked() -> None:
    with server(CHAT, BUTTON, said=info(chat="required")) as replay:
        assert await ask(replay.url) == "Hello"
        assert await ask(replay.url, sign_in=False) == "Hello"
        assert tokens(replay) == [None, None]
        assert not any("/info" in one.path for one in replay.requests)


async def test_the_info_is_read_once() -> None:
    with server(CHAT, said=info(chat="required")) as replay:
        async with spacechat.AsyncClient(token=TOKEN) as client:
            chat = client.conversation(model=replay.url, sign_in=True)
            await chat.ask("Hi")
            await chat.ask("And?")
        assert tokens(replay) == [TOKEN, TOKEN]
        assert sum("/info" in one.path for one in replay.requests) == 1


@pytest.mark.parametrize("version", ["4.44.1", "5.50.0", "6.20.1", "6.3.0", "", "6"])
async def test_a_server_that_is_too_old(version: str) -> None:
    with server(CHAT, BUTTON, said=info(chat=None), version=version) as replay:
        with pytest.raises(errors.AuthenticationError, match=r"only since 6\.21") as caught:
            await ask(replay.url, sign_in=True)
        assert "browser" in str(caught.value)
        assert tokens(replay) == []


@pytest.mark.parametrize(
    ("version", "options", "says"),
    [
        ("6.31.0", {}, "sign_in=True"),
        ("6.31.0", {"sign_in": True}, "gr.OAuthProfile"),
        ("5.50.0", {}, "only a browser"),
    ],
)
async def test_a_refusal_says_what_to_do(version: str, options: dict[str, Any], says: str) -> None:
    parts = (failed(REFUSAL), CLOSE_STREAM)
    with server(CHAT, BUTTON, said=info(chat="required"), version=version, parts=parts) as replay:
        with pytest.raises(errors.AuthenticationError, match=says) as caught:
            await ask(replay.url, **options)
        assert replay.url in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert isinstance(caught.value.__cause__, errors.GenerationError)


@pytest.mark.parametrize(
    "said", ["Please log in first!", "Login required", "You're not signed in.", "Sign-in, please"]
)
async def test_an_app_that_looks_for_itself(said: str) -> None:
    with server(CHAT, BUTTON, said=b"", parts=(failed(said), CLOSE_STREAM)) as replay:
        with pytest.raises(errors.AuthenticationError, match="sign_in=True"):
            await ask(replay.url)
        with pytest.raises(errors.GenerationError, match=said):
            await ask(replay.url, sign_in=True)


@pytest.mark.parametrize(
    ("functions", "said"),
    [([CHAT, BUTTON], "Out of memory"), ([CHAT], "Please log in"), ([CHAT, BUTTON], "Designed in")],
)
async def test_another_failure_stays_what_it_is(functions: list[dict[str, Any]], said: str) -> None:
    with server(*functions, said=b"", parts=(failed(said), CLOSE_STREAM)) as replay:
        given: list[dict[str, Any]] = [{}, {"sign_in": True}]
        for options in given:
            with pytest.raises(errors.GenerationError, match=said):
                await ask(replay.url, **options)


async def test_no_token() -> None:
    with server(CHAT, said=info(chat="required")) as replay:
        for none in (None, ""):
            with pytest.raises(errors.AuthenticationError, match="hf auth login"):
                await ask(replay.url, token=none, sign_in=True)
        assert tokens(replay) == []


async def test_the_environments_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(CHAT, said=info(chat="required")) as replay:
        monkeypatch.setenv("HF_TOKEN", "hf_environment")
        assert await ask(replay.url, token=None, sign_in=True) == "Hello"
        assert tokens(replay) == ["hf_environment"]


ELSEWHERE = httpx.URL("https://chat.example")
HUB = httpx.URL("https://owner-name.hf.space")


@pytest.mark.parametrize("variable", ["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"])
def test_a_saved_login(variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It goes to Hugging Face's hosts, and to an app that the caller signs in to."""
    paths = {"HF_HOME": "token", "XDG_CACHE_HOME": "huggingface/token", "HF_TOKEN_PATH": "x"}
    path = tmp_path / paths[variable]
    path.parent.mkdir(exist_ok=True)
    path.write_text("hf_saved\n", encoding="utf-8")
    for name in paths:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(path if variable == "HF_TOKEN_PATH" else tmp_path))
    assert token_for(HUB, Settings(), proxied=False) == "hf_saved"
    assert token_for(ELSEWHERE, Settings(), proxied=False) is None
    assert token_for(httpx.URL("http://127.0.0.1:7860"), Settings(), proxied=False) is None
    assert sign_in_token(ELSEWHERE, Settings()) == "hf_saved"
    monkeypatch.setenv("HF_TOKEN", "hf_environment")
    assert token_for(HUB, Settings(), proxied=False) == "hf_environment"
    assert sign_in_token(ELSEWHERE, Settings()) == "hf_environment"
    assert sign_in_token(ELSEWHERE, Settings(token=TOKEN)) == TOKEN
    assert repr(sign_in_token(ELSEWHERE, Settings())) == "<hidden>"


@pytest.mark.parametrize("content", [b"hf_\xff\xfe", b"hf_\0", "hf_你".encode()])
def test_a_saved_login_that_is_none(
    content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    with pytest.raises(errors.AuthenticationError) as caught:
        sign_in_token(ELSEWHERE, Settings())
    assert "hf_" not in str(caught.value).replace("hf_token", "")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [("http://chat.example", None), ("http://127.0.0.1:7860", "http://127.0.0.1:9")],
)
def test_plain_http_is_no_way(url: str, proxy: str | None) -> None:
    with pytest.raises(errors.AuthenticationError, match="https"):
        sign_in_token(httpx.URL(url), Settings(token=TOKEN, proxy=proxy))


@pytest.mark.parametrize("said", [b"", b"null", b"[" * 9999, b"{" * 400_000, b'{"a":{}}'])
def test_an_info_that_is_none(said: bytes) -> None:
    config = {"version": "6.31.0", "components": [], "dependencies": [CHAT]}
    assert token_takers(parse_config(json.dumps(config).encode()), parse_info(said)) == frozenset()
    config["dependencies"] = [CHAT, BUTTON]
    assert token_takers(parse_config(json.dumps(config).encode()), parse_info(said)) == {0, 9}


async def test_a_known_space_takes_no_sign_in() -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(TypeError, match=r"'sign_in'\. It takes 'system', 'wishes', 'timeout'"):
            await client.ask("Hi", model="qwen-2.5", sign_in=True)

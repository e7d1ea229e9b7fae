"""A cursor and a placeholder from a socket to each kind of reader: none of them shows a rest."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator

import httpx
import pytest

import spacechat
from spacechat import providers
from spacechat.cli import run
from spacechat.events import Completed, Status, TextDelta
from spacechat.openai import Transport
from tests.servers import CLOSE_STREAM, ReplayServer, completed, generating, gradio, pairs

PIECES = ["You", " asked", " why"]
TEXT = "".join(PIECES)
SHOWN = ["⏳ Thinking…", "▌", "You▌", "You asked▌", "You asked why▌"]
MODEL = "qwen-2-72b"


@pytest.fixture(autouse=True)
def space(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    first, *rest = SHOWN
    edits = [generating([], [["replace", [0, 1], text]], []) for text in rest]
    parts = [generating(*pairs(first)), *edits, completed(*pairs(TEXT)), CLOSE_STREAM]
    with ReplayServer(gradio(*parts)) as server:
        monkeypatch.setattr(providers.Qwen_Qwen_2_72B, "url", server.url)
        yield


@pytest.mark.anyio
async def test_asynchronous() -> None:
    async with spacechat.AsyncClient() as client:
        async with client.stream("Hi", model=MODEL) as stream:
            assert [piece async for piece in stream] == PIECES
            assert stream.text == TEXT
        found = [event async for event in client.stream("Hi", model=MODEL).events()]
    assert found == [Status("⏳ Thinking…"), *map(TextDelta, PIECES), Completed(TEXT)]


def test_blocking() -> None:
    with spacechat.Client() as client:
        with client.stream("Hi", model=MODEL) as stream:
            assert list(stream) == PIECES
            assert stream.text == TEXT
        assert client.ask("Hi", model=MODEL).text == TEXT


def test_command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["spacechat", "ask", "-m", MODEL, "Hi"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert run() == 0
    assert capfd.readouterr().out.strip() == TEXT


def test_chunks() -> None:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    with httpx.Client(transport=Transport()) as client:
        told = client.post("http://spacechat.invalid/v1/chat/completions", json=body).text
    chunks = [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: {")]
    texts = [choice["delta"].get("content") for chunk in chunks for choice in chunk["choices"]]
    assert list(filter(None, texts)) == PIECES

"""The two ways to the API, and Spaces to ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

import openai
import spacechat
from spacechat import providers
from spacechat.local import ChatRequest, LocalSpace
from spacechat.openai import AsyncTransport, Server, Transport
from tests.servers import Answer, ReplayServer

NOWHERE = "http://spacechat.invalid/v1"
Scripted = Callable[[Answer], AbstractContextManager[ReplayServer]]
PIECES = ["Hel", "lo, ", "wörld 你", "\r\n", " "]


def in_process(client: spacechat.Client | None = None, **settings: Any) -> Any:
    """An httpx client that needs no server; the package takes it, though its types don't say so."""
    return httpx.Client(transport=Transport(client, **settings))


class Way:
    """A way to the API: a server, or transports in this process."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    def http(self) -> httpx.Client:
        """A bare client, for what the package doesn't show."""
        if self._url is not None:
            return httpx.Client(base_url=self._url, trust_env=False)
        return httpx.Client(base_url=NOWHERE, transport=Transport())

    def client(self, **settings: Any) -> openai.OpenAI:
        """The package's client, which repeats nothing unless told to."""
        settings = {"api_key": "-", "max_retries": 0, **settings}
        if self._url is not None:
            return openai.OpenAI(base_url=self._url, **settings)
        return openai.OpenAI(base_url=NOWHERE, http_client=in_process(), **settings)

    def async_client(self, **settings: Any) -> openai.AsyncOpenAI:
        """The same for asyncio and trio."""
        settings = {"api_key": "-", "max_retries": 0, **settings}
        if self._url is not None:
            return openai.AsyncOpenAI(base_url=self._url, **settings)
        http: Any = httpx.AsyncClient(transport=AsyncTransport())
        return openai.AsyncOpenAI(base_url=NOWHERE, http_client=http, **settings)


@pytest.fixture(params=["server", "transport"])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    if request.param == "transport":
        yield Way(None)
        return
    with Server() as server:
        yield Way(server.url)


class Gate:
    """A Space's answer that stops in the middle until it may go on."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        yield "one "
        assert self.opened.wait(60)
        yield "two"


@pytest.fixture
def gated() -> Iterator[tuple[Gate, LocalSpace]]:
    gate = Gate()
    with LocalSpace("plain", gate) as space:
        yield gate, space
        gate.opened.set()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], Any]:
    """A Space with a script, in the place of `qwen-2.5`."""

    @contextmanager
    def run(answer: Answer) -> Iterator[ReplayServer]:
        with ReplayServer(answer) as server:
            monkeypatch.setattr(providers.Qwen_Qwen_2_5, "url", server.url)
            yield server

    return run

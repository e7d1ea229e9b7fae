"""Clients that are not the `openai` package on httpx."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType

import pytest
from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import HfHubHTTPError

import openai
from spacechat.local import LocalSpace
from spacechat.openai import AsyncTransport, Server, Transport
from spacechat.providers import Qwen_Qwen_2_5
from tests.openai.conftest import PIECES
from tests.samples import HI


@pytest.fixture
def http() -> ModuleType:
    """The library of the package's own HTTP client; since version 3, it is httpx2."""
    kind = openai.DefaultHttpxClient.__mro__
    name = next(each.__module__ for each in kind if each.__name__ == "Client")
    return importlib.import_module(name.partition(".")[0])


def test_the_package_with_its_own_http_library(http: ModuleType) -> None:
    with (
        LocalSpace("plain", PIECES) as space,
        openai.OpenAI(api_key="-", http_client=http.Client(transport=Transport())) as client,
    ):
        found = client.chat.completions.create(model=space.url, messages=HI)
        assert found.choices[0].message.content == "".join(PIECES)
        stream = client.chat.completions.create(model=space.url, messages=HI, stream=True)
        assert [each.choices[0].delta.content for each in stream] == ["", *PIECES, None]
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("nonsense")


@pytest.mark.anyio
async def test_the_async_package_with_its_own_http_library(http: ModuleType) -> None:
    own = http.AsyncClient(transport=AsyncTransport())
    with LocalSpace("plain", PIECES) as space:
        async with openai.AsyncOpenAI(api_key="-", http_client=own, max_retries=0) as client:
            found = await client.chat.completions.create(model=space.url, messages=HI)
            assert found.choices[0].message.content == "".join(PIECES)
            with pytest.raises(openai.APITimeoutError):
                await client.chat.completions.create(model=space.url, messages=HI, timeout=1e-6)


@pytest.fixture
def qwen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A local Space in the place of `qwen-2.5`: Hugging Face's client takes URLs for servers."""
    with LocalSpace("qwen-2.5", PIECES) as space:
        monkeypatch.setattr(Qwen_Qwen_2_5, "url", space.url)
        yield


def test_hugging_face_s_client(qwen: None) -> None:
    """It speaks the API with code of its own."""
    with Server(api_key="key") as server:
        client = InferenceClient(base_url=server.url, api_key="key")
        found = client.chat_completion(HI, model="qwen-2.5", max_tokens=5, temperature=0.5)
        assert found.choices[0].message.content == "".join(PIECES)
        assert (found.choices[0].finish_reason, found.usage.total_tokens) == ("stop", 0)
        chunks = client.chat_completion(HI, model="qwen-2.5", stream=True)
        texts = [chunk.choices[0].delta.content for chunk in chunks]
        assert [text for text in texts if text] == PIECES
        with pytest.raises(HfHubHTTPError, match="404"):
            client.chat_completion(HI, model="nonsense")
        stranger = InferenceClient(base_url=server.url, api_key="wrong")
        with pytest.raises(HfHubHTTPError, match="401"):
            stranger.chat_completion(HI, model="qwen-2.5")


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_hugging_face_s_async_client(qwen: None) -> None:
    with Server() as server:
        async with AsyncInferenceClient(base_url=server.url, api_key="-") as client:
            found = await client.chat_completion(HI, model="qwen-2.5")
            assert found.choices[0].message.content == "".join(PIECES)
            chunks = await client.chat_completion(HI, model="qwen-2.5", stream=True)
            texts = [chunk.choices[0].delta.content async for chunk in chunks]
            assert [text for text in texts if text] == PIECES

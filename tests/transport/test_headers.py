"""The token, where it goes, and the headers of each request."""

from __future__ import annotations

import logging

import httpx
import pytest

from spacechat import AsyncClient, errors
from tests.conftest import EITHER_TRANSPORT
from tests.samples import SPACE
from tests.servers import ReplayServer, always, completed, pairs, response
from tests.servers.memory import mock

pytestmark = pytest.mark.anyio


@pytest.mark.usefixtures("ordinary_transport")
class TestToken:
    @staticmethod
    async def sent(
        monkeypatch: pytest.MonkeyPatch, url: str, token: str | None, env: str | None
    ) -> set[str | None]:
        """The authorization that the requests to an address carried."""
        asked: list[httpx.Request] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            if request.method == "POST":
                return httpx.Response(200, json={"event_id": "e"})
            kind = {"content-type": "text/event-stream"}
            return httpx.Response(200, headers=kind, content=completed(*pairs("Hi")))

        mock(monkeypatch, answer)
        if env is not None:
            monkeypatch.setenv("HF_TOKEN", env)
        async with AsyncClient(token=token) as client:
            await client.ask("Hi", provider=SPACE.at(url))
        assert len(asked) == 2
        return {request.headers.get("authorization") for request in asked}

    @pytest.mark.parametrize(
        ("url", "token", "env", "expected"),
        [
            # One given by the caller goes to the Space, over TLS or on this machine.
            ("https://a-b.hf.space", "hf_t", None, "Bearer hf_t"),
            ("https://chat.example", "hf_t", None, "Bearer hf_t"),
            ("http://127.0.0.1:7860", "hf_t", None, "Bearer hf_t"),
            ("http://127.1.2.3:7860", "hf_t", None, "Bearer hf_t"),
            ("http://[::1]:7860", "hf_t", None, "Bearer hf_t"),
            ("http://localhost:7860", "hf_t", None, "Bearer hf_t"),
            ("http://a-b.hf.space", "hf_t", None, None),
            ("http://192.168.1.1:7860", "hf_t", None, None),
            ("http://localhost.example", "hf_t", None, None),
            # One of the environment goes to Hugging Face's hosts only.
            ("https://a-b.hf.space", None, "hf_e", "Bearer hf_e"),
            ("https://a-b.hf.space", None, " hf_e\n", "Bearer hf_e"),
            ("https://chat.example", None, "hf_e", None),
            ("https://hf.space.example", None, "hf_e", None),
            ("https://nothf.space", None, "hf_e", None),
            ("http://a-b.hf.space", None, "hf_e", None),
            ("http://192.168.1.1:7860", None, "hf_e", None),
            # The caller's is the one that counts.
            ("https://a-b.hf.space", "hf_t", "hf_e", "Bearer hf_t"),
            ("https://a-b.hf.space", None, None, None),
            ("https://a-b.hf.space", None, "", None),
            ("https://a-b.hf.space", "", "hf_e", None),
        ],
    )
    async def test_where_it_goes(
        self,
        monkeypatch: pytest.MonkeyPatch,
        url: str,
        token: str | None,
        env: str | None,
        expected: str | None,
    ) -> None:
        assert await self.sent(monkeypatch, url, token, env) == {expected}

    async def test_withheld_aloud(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING, "spacechat"):
            assert await self.sent(monkeypatch, "http://a.example", "hf_t", None) == {None}
        assert "http" in caplog.text
        assert "hf_t" not in caplog.text

    async def test_over_a_real_socket(self, hello: ReplayServer) -> None:
        async with AsyncClient(token="hf_abc") as client:
            await client.ask("Hi", provider=SPACE.at(hello.url))
        assert [r.header("authorization") for r in hello.requests] == ["Bearer hf_abc"] * 2

    async def test_not_in_errors(self) -> None:
        with ReplayServer(always(response(b"", "401 Unauthorized"))) as server:
            async with AsyncClient(token="hf_abc") as client:
                with pytest.raises(errors.AuthenticationError) as caught:
                    await client.ask("Hi", provider=SPACE.at(server.url))
        assert "hf_abc" not in f"{caught.value!r} {caught.value}"


@EITHER_TRANSPORT
class TestHeaders:
    async def test_of_the_user(self, hello: ReplayServer) -> None:
        given = {"X-Key": "1", "User-Agent": "mine/2"}
        async with AsyncClient(headers=given) as client:
            given.clear()
            await client.ask("Hi", provider=SPACE.at(hello.url))
        for request in hello.requests:
            assert request.header("x-key") == "1"
            assert request.header("user-agent") == "mine/2"
            assert request.header("origin") == hello.url

    async def test_the_stream_is_still_asked_for_as_one(self, hello: ReplayServer) -> None:
        async with AsyncClient(headers={"accept": "text/html"}) as client:
            await client.ask("Hi", provider=SPACE.at(hello.url))
        assert hello.requests[-1].header("accept") == "text/event-stream"

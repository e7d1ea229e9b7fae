"""Requests by way of `huggingface_hub`: when they go with its login, and what becomes of errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import huggingface_hub
import pytest

import spacechat
from spacechat import errors
from spacechat.settings import Settings
from spacechat.transport import hub_package
from spacechat.transport.hub_package import _logs_in, _translated
from tests.servers.local_hub import HubSpace, LocalHub, app

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("url", "settings", "headers", "proxy", "logs_in"),
    [
        ("https://huggingface.co/x", {}, {}, "", True),
        ("https://huggingface.co/x", {}, {"authorization": "Bearer old"}, "", True),
        ("https://huggingface.co/x", {"token": "hf_mine"}, {}, "", False),
        ("https://huggingface.co/x", {"token": ""}, {}, "", False),
        ("https://huggingface.co/x", {"headers": {"Authorization": "Bearer x"}}, {}, "", False),
        ("https://huggingface.co/x", {}, {"authorization": "Basic eA=="}, "", False),
        ("http://hub.example.org/x", {}, {}, "", False),  # Plain http is read on the way.
        ("http://127.0.0.1:8080/x", {}, {}, "", True),
        ("http://127.0.0.1:8080/x", {}, {}, "http://proxy.example.org", False),
    ],
)
def test_whether_a_request_goes_with_the_login(
    url: str,
    settings: dict[str, Any],
    headers: dict[str, str],
    proxy: str,
    logs_in: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
    request = httpx.Request("GET", url, headers=headers)
    assert _logs_in(request, Settings(**settings)) is logs_in


LEFT = """
import anyio, huggingface_hub, spacechat, sys, threading

entered = threading.Event()

def wait():
    entered.set()
    threading.Event().wait()

huggingface_hub.get_token = wait

async def main():
    async with spacechat.AsyncClient() as client:
        with anyio.move_on_after(60) as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.find, "x")
                while not entered.is_set():
                    await anyio.sleep(0.01)
                tasks.cancel_scope.cancel()

anyio.run(main, backend=sys.argv[1])
"""
"""Cancels a search while the package waits without end."""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_request_that_is_left_holds_up_no_exit(backend: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT, backend],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_errors_of_its_http_library() -> None:
    class ConnectError(Exception):
        pass

    assert isinstance(_translated(ConnectError("no")), httpx.ConnectError)

    class HTTPStatusError(Exception):
        """One that can't be made of a message alone."""

    assert isinstance(_translated(HTTPStatusError("403")), errors.SpaceUnavailableError)
    other = _translated(OSError("the Hub is offline"))
    assert isinstance(other, errors.SpaceUnavailableError)
    assert "the Hub is offline" in str(other)


@pytest.mark.parametrize("what", ["a folder", "no text", "forbidden"])
async def test_a_saved_token_that_cannot_be_read(
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A search needs none; the package itself fails."""
    path = tmp_path / "token"
    if what == "a folder":
        path.mkdir()
    elif what == "no text":
        path.write_bytes(b"hf_\xff")
    else:

        def denied(*_: object, **__: object) -> str:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("huggingface_hub.utils._auth._get_token_from_file", denied)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(path))
    with LocalHub([HubSpace("a/b", app())]) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        async with spacechat.AsyncClient(retries=0) as client:
            assert [each.id for each in await client.find("b")] == ["a/b"]
    assert not any(each.header("authorization") for each in hub.requests)
    assert "huggingface_hub can't read the saved token: " in caplog.text


async def test_a_login_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """In continuous integration, the user has asked for it: the search does not go without."""

    def fail() -> str:
        raise ConnectionError("No exchange.")  # Without a number, as the package's own are.

    monkeypatch.setattr(huggingface_hub, "get_token", fail)
    with LocalHub([HubSpace("a/b", app())]) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError, match="No exchange"):
                await client.find("b")
        assert not hub.requests


@pytest.mark.parametrize("reason", ["proxy", "old", "missing"])
async def test_it_is_left_out(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client has a proxy, and where the package is too old, or isn't there."""
    settings: dict[str, Any] = {}
    with LocalHub([HubSpace("a/b", app())]) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        if reason == "proxy":
            settings["proxy"] = hub.url.replace("http://", "http://me:canary@")
        elif reason == "old":
            monkeypatch.setattr(huggingface_hub, "get_session", object)
        else:
            monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
            hub_package.has_hub_package.cache_clear()
        async with spacechat.AsyncClient(retries=0, **settings) as client:
            if reason == "proxy":
                with pytest.raises(errors.SpaceChatError):
                    await client.find("b")
            else:
                assert len(await client.find("b")) == 1
    hub_package.has_hub_package.cache_clear()
    assert hub.requests
    assert not any("hf_hub" in (each.header("user-agent") or "") for each in hub.requests)

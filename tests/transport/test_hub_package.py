"""Requests by way of `huggingface_hub`: when they go with its login, and what becomes of errors."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import huggingface_hub
import pytest

import spacechat
from spacechat import errors
from spacechat.protocol import Budget
from spacechat.settings import Settings, Timeout
from spacechat.transport import hub_package
from spacechat.transport.bodies import Guard
from spacechat.transport.deadline import Deadline
from spacechat.transport.failures import Failures
from spacechat.transport.hub_package import _logs_in, _translated, fetch_by_package
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


def test_a_login_that_the_user_withholds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert not _logs_in(httpx.Request("GET", "https://huggingface.co/x"), Settings())


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

    found = ConnectError("no")
    assert isinstance(_translated(found), httpx.ConnectError)
    assert _translated(found).__cause__ is found, "a message says what lies at the bottom"

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


def test_a_request_shows_no_header() -> None:
    """They may hold a token, and errors show what was at work."""
    asked = hub_package._Asked("http://x", {"a": "hf_canary"}, False, 1, 1.0, 1.0)
    assert "http://x" in repr(asked)
    assert "canary" not in repr(asked)


class Answer:
    """An answer of the Hub, as the package's HTTP library gives it."""

    status_code = 200

    def __init__(self, *chunks: bytes, **headers: str) -> None:
        self.headers = httpx.Headers({"x": "y", **headers})
        self.left = [*chunks]

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None: ...

    def iter_raw(self) -> Iterator[bytes]:
        while self.left:
            yield self.left.pop(0)


class Session:
    """The package's session; it gives one answer, or raises an error."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []
        self.given: dict[str, Any] = {}
        self.is_daemon = False  # Whether the thread that asks holds up no exit.

    def build_request(self) -> None:
        """Be one of httpx's."""

    def stream(self, *asked: Any, **given: Any) -> Answer:
        self.asked.append(asked)
        self.given = given
        self.is_daemon = threading.current_thread().daemon
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def over_in(seconds: float) -> Deadline:
    return Deadline(time.monotonic() + seconds, None)


async def fetched(
    session: Session, monkeypatch: pytest.MonkeyPatch, deadline: Deadline, **settings: Any
) -> httpx.Response | None:
    monkeypatch.setattr(huggingface_hub, "get_session", lambda: session)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "hf_saved")
    headers = {"User-Agent": "mine", "Connection": "close", "x": "1", "Authorization": "Bearer y"}
    request = httpx.Request("GET", "https://huggingface.co/api?x", headers=headers)
    made = Settings(**settings)
    guard = Guard(Budget(), deadline, Failures(request.url, made, deadline))
    with anyio.fail_after(5):
        return await fetch_by_package(request, 10, made, guard, deadline)


async def test_what_the_package_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Answer(b"01234", b"56789", etag="z"))
    found = await fetched(session, monkeypatch, over_in(600))
    assert found is not None
    assert (found.status_code, found.content, found.headers["etag"]) == (200, b"0123456789", "z")
    assert session.asked == [("GET", "https://huggingface.co/api?x")]
    agent = f"spacechat/{spacechat.__version__}; hf_hub/{huggingface_hub.__version__}"
    assert session.given == {
        "headers": {"x": "1", "authorization": "Bearer hf_saved", "user-agent": agent},
        "timeout": 10.0,
        "follow_redirects": False,
    }
    assert "hf_saved" not in repr(session.given)
    assert session.is_daemon


async def test_others_run_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = threading.Event()
    had: list[bool] = []

    class Slow(Answer):
        def __enter__(self) -> Answer:
            had.append(turn.wait(2))
            return self

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(fetched, Session(Slow()), monkeypatch, over_in(600))
        await anyio.wait_all_tasks_blocked()
        turn.set()
    assert had == [True]


@pytest.mark.parametrize("token", ["hf_other", ""])
async def test_the_packages_login_is_not_sent_beside_another(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(Answer())
    await fetched(session, monkeypatch, over_in(600), token=token)
    assert session.given["headers"]["authorization"] == "Bearer y"


@pytest.mark.parametrize("token", ["hf_\u4f60", "", None])
async def test_a_login_that_is_none(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Answer())
    monkeypatch.setattr(Session, "build_request", None)
    monkeypatch.setattr(hub_package, "_saved_login", lambda: token)
    await fetched(session, monkeypatch, over_in(600))
    assert session.given["headers"]["authorization"] == "Bearer y"


@pytest.mark.parametrize(
    ("left", "timeout", "least", "most"),
    [
        (600, Timeout(), 10, 10),
        (600, Timeout(connect=3, idle=None), 3, 3),
        (600, Timeout(connect=None, idle=4), 4, 4),
        (600, Timeout(None, None, None), 10, 10),
        (5, Timeout(), 4, 5),
        (0.1, Timeout(), 1, 1),  # The deadline itself is somebody else's to keep.
    ],
)
async def test_how_long_it_may_take(
    left: float, timeout: Timeout, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(Answer())
    with contextlib.suppress(errors.StreamTimeoutError):
        await fetched(session, monkeypatch, over_in(left), timeout=timeout)
    assert not session.given or least <= session.given["timeout"] <= most


async def test_an_answer_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer(*[b"0123"] * 1000)
    with pytest.raises(errors.ProtocolError) as caught:
        await fetched(Session(answer), monkeypatch, over_in(600))
    assert str(caught.value) == "The Hub's answer has more than 10 bytes. Check HF_ENDPOINT."
    assert len(answer.left) == 997, "no more is read"


@pytest.mark.parametrize(("encoding", "is_taken"), [("gzip", False), ("Identity", True)])
async def test_an_answer_that_is_compressed(
    encoding: str, is_taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(Answer(b"x", **{"content-encoding": encoding}))
    if is_taken:
        found = await fetched(session, monkeypatch, over_in(600))
        assert found is not None
        assert found.content == b"x"
    else:
        with pytest.raises(errors.ProtocolError, match="compressed its answer"):
            await fetched(session, monkeypatch, over_in(600))


async def test_an_answer_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that reads it ends soon after the deadline."""
    answer = Answer(*[b""] * 1000)
    session = Session(answer)
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 61.5)
    deadline = over_in(60)
    monkeypatch.setattr(hub_package, "time", SimpleNamespace(monotonic=time.monotonic))

    def late() -> bool:
        monkeypatch.setattr(hub_package, "time", clock)
        return True

    monkeypatch.setattr(Answer, "__enter__", lambda self: (late(), self)[1])
    with pytest.raises(httpx.ReadTimeout, match="took too long"):
        await fetched(session, monkeypatch, deadline)
    assert len(answer.left) == 999


async def test_one_that_ends_just_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is somebody else's to keep, whose error says more."""
    deadline = over_in(60)
    clock = SimpleNamespace(monotonic=lambda: deadline.at + 0.5)
    monkeypatch.setattr(hub_package, "time", clock)
    found = await fetched(Session(Answer(b"x")), monkeypatch, deadline)
    assert found is not None
    assert found.content == b"x"


FAILED = "huggingface_hub can't ask the Hub"


async def test_errors_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    class ReadTimeout(Exception):
        """One of another HTTP library."""

    for raised, kind, says in (
        (httpx.ConnectError("nobody"), httpx.ConnectError, "nobody"),
        (ReadTimeout("silent"), httpx.ReadTimeout, "silent"),
        (
            ValueError("odd."),
            errors.SpaceUnavailableError,
            "huggingface_hub can't ask the Hub: odd.",
        ),
    ):
        with pytest.raises(kind) as caught:
            await fetched(Session(raised), monkeypatch, over_in(600))
        assert str(caught.value) == says


async def test_a_package_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Session, "build_request")
    session = Session(Answer())
    assert await fetched(session, monkeypatch, over_in(600)) is None
    assert not session.asked

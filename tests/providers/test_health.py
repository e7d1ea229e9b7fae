"""The state of a model's Space, as `check` finds it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from typing import Any

import pytest

import spacechat
from spacechat import errors
from spacechat.apps.known import Apps
from spacechat.providers import GradioChat
from spacechat.providers.health import check_space
from spacechat.steps import Step
from tests.scripts import run_script
from tests.servers import Part, Received, ReplayServer, Then, response
from tests.servers.apps import AnApp
from tests.servers.hub import APP

REMOTE = "https://app.example"
HERE = "http://127.0.0.1:7860"

HEALTH: dict[str, tuple[bytes, str]] = {
    "overloaded": (response(b"", "503 Service Unavailable"), "asleep"),
    "bad gateway": (response(b"", "502 Bad Gateway"), "asleep"),
    "too many": (response(b"", "429 Too Many Requests"), "asleep"),
    "not there": (response(b"", "404 Not Found"), "gone"),
    "private": (response(b"", "401 Unauthorized"), "gone"),
    "something else": (response(b"<h1>Hello</h1>", kind="text/html"), "changed"),
    "no chat": (response(b'{"version":"4","components":[],"dependencies":[]}'), "no chat"),
    "a login": (response(b'{"detail":"Not authenticated"}', "401 Unauthorized"), "login"),
}


@pytest.mark.anyio
@pytest.mark.parametrize("case", HEALTH)
async def test_what_it_answers(case: str) -> None:
    answer, state = HEALTH[case]
    with ReplayServer(lambda _: [answer]) as server:
        async with spacechat.AsyncClient() as client:
            began = time.monotonic()
            health = await client.check(server.url)
            took = time.monotonic() - began
    assert health.state == state
    assert health.detail
    assert health.latency is not None
    assert 0.0 < health.latency <= took
    assert (health.model, health.url) == (server.url, server.url)


def unavailable(
    status: int | None, *, temporary: bool = False, cause: Exception | None = None
) -> errors.SpaceChatError:
    error = errors.SpaceUnavailableError("No luck", temporary=temporary)
    error.status, error.__cause__ = status, cause
    return error


@pytest.mark.parametrize(
    ("address", "error", "state", "has_answered"),
    [
        (REMOTE, unavailable(None), "unreachable", False),
        (REMOTE, unavailable(None, temporary=True), "unreachable", False),
        (REMOTE, unavailable(None, cause=OSError("no")), "unreachable", False),
        (REMOTE, unavailable(500), "gone", True),
        (REMOTE, unavailable(503, temporary=True), "asleep", True),
        # An answer of the Hub says that the Space is at fault.
        (REMOTE, unavailable(None, cause=unavailable(503)), "gone", False),
        (HERE, unavailable(None), "gone", False),
        (HERE, unavailable(None, temporary=True), "gone", False),
        (HERE, unavailable(503, temporary=True), "asleep", True),
    ],
)
def test_it_is_not_reached(
    address: str, error: errors.SpaceChatError, state: str, has_answered: bool
) -> None:
    """On this machine there is no network between that could be at fault."""

    def fail(_: Step) -> None:
        raise error

    health = run_script(check_space(GradioChat.at(address), Apps()), fail)
    assert (health.state, health.detail) == (state, "No luck")
    assert (health.latency is not None) is has_answered
    assert (health.model, health.url) == (address, address)


@pytest.mark.anyio
async def test_a_check_looks_again() -> None:
    with AnApp() as app:
        async with spacechat.AsyncClient() as client:
            assert (await client.check(app.url)).state == "up"
            app.restart(4)
            assert (await client.check(app.url)).state == "up"
            assert app.described == 2
            assert (await client.ask("Hi", model=app.url)).text == "Hello from 4"
            assert app.described == 2


OPENS: dict[str, Any] = {
    **APP,
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Question", "visible": False}},
        {"id": 2, "type": "textbox", "props": {"label": "Answer", "visible": False}},
        {"id": 9, "type": "column", "props": {}},
    ],
    "layout": {"id": 9, "children": [{"id": 1}, {"id": 2}]},
    "dependencies": [
        {"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2], "queue": True},
        {"id": 1, "targets": [[9, "load"]], "inputs": [], "outputs": [1, 2], "queue": True},
    ],
}
"""An app whose page shows a chat only once it has been opened."""


@pytest.mark.anyio
async def test_a_check_of_a_page_that_hangs_as_it_opens() -> None:
    """It comes to an end, and is no error."""

    def tell(request: Received) -> Iterable[Part]:
        return [response(json.dumps(OPENS).encode()) if request.path == "/config" else Then.HANG]

    with ReplayServer(tell) as server:
        timeout = spacechat.Timeout(idle=2.0)
        async with spacechat.AsyncClient(timeout=timeout, retries=0) as client:
            health = await client.check(server.url)
    assert (health.state, health.latency) == ("gone", None)
    assert "silent for 2.0 seconds" in health.detail


@pytest.mark.anyio
async def test_a_check_of_a_known_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the numbers fit is what is checked, and which don't is told."""
    with AnApp() as app:
        space = spacechat.providers.Qwen_Qwen_2_72B.at(app.url)
        monkeypatch.setattr("spacechat.client.client.find", lambda _: space)
        async with spacechat.AsyncClient() as client:
            health = await client.check("qwen-2-72b")
    assert health.state == "changed"
    assert health.detail == "its function 0 takes 1 inputs, where 3 are known."


@pytest.mark.parametrize(
    ("latency", "detail", "shown"),
    [
        (0.5, "", ["model", "m", "Space", "u", "state", "up", "answered in", "0.50 s"]),
        (
            None,
            "why",
            ["model", "m", "Space", "u", "state", "up", "answered in", "-", "detail", "why"],
        ),
    ],
)
def test_what_a_notebook_shows(latency: float | None, detail: str, shown: list[str]) -> None:
    health = spacechat.Health("m", "u", "up", latency, detail)
    assert re.findall(r">([^<>]+)<", health._repr_html_()) == shown
    assert len({health, spacechat.Health("m", "u", "up", latency, detail)}) == 1

"""The plugin for `llm` and real apps: settings, files, conversations and logins."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacechat.llm import SpaceModel
from tests.llm.conftest import run
from tests.real.conftest import SERVERS
from tests.real.servers import MoreServer
from tests.real.zoo import App, ZooServer, zoo_cases

pytestmark = pytest.mark.real

on_each = pytest.mark.parametrize("more_server", SERVERS, indirect=True)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))


def ask(*arguments: str) -> str:
    return run(*arguments)[0].removesuffix("\n")


@on_each
def test_settings(more_server: MoreServer) -> None:
    """Of a text, a number and a truth value, as the app takes them."""
    model = more_server.url("qwen-2.5")
    run("space", "add", model, "--alias", "mine")
    listed = run("space", "options", "mine")[0]
    assert "Temperature: a number from 0 to 2\n" in listed
    given = ("-o", "Size", "32B", "-o", "temperature", "1.5", "-o", "Search", "true")
    assert "| size: 32B | temp: 1.5 | web: True" in ask("-m", "mine", *given, "Hi")
    _, err = run("-m", "mine", "-o", "Size", "7B", "Hi", status=1)
    assert "it takes one of '72B', '32B'" in err
    assert err.count("\n") == 1


@on_each
def test_files(more_server: MoreServer, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("a plan")
    attached = ("--at", str(tmp_path / "plan.txt"), "text/plain")
    answer = ask("-m", f"space/{more_server.url('box-with-files')}", *attached, "Look")
    assert answer.startswith("Look: ")
    assert answer.endswith("=a plan")
    gives = SpaceModel(more_server.url("gives-files")).prompt("One")
    url = gives.text().splitlines()[-1]
    assert url.startswith(more_server.url("gives-files"))
    facts = gives.json()
    assert facts is not None
    assert facts["files"][0]["url"] == url


@pytest.mark.parametrize(
    ("zoo_server", "app"),
    zoo_cases("ci_plain", "qwen_state", "state_history", versions=("4.44.1", "6.31.0")),
    indirect=["zoo_server"],
)
def test_a_conversation_in_one_process_and_in_two(zoo_server: ZooServer, app: App) -> None:
    url = zoo_server.url(app.name)
    conversation = SpaceModel(url).conversation()
    here = [conversation.prompt(text).text() for text in ("One", "Two")]
    assert here == app.answers(zoo_server.version, "One", "Two")
    name = f"space/{url}"
    assert ask("-m", name, "One") == here[0]
    assert "Two" in ask("-c", "Two")


@pytest.mark.parametrize(
    ("zoo_server", "app"),
    zoo_cases("password", chat=None, versions=("4.44.1", "6.31.0")),
    indirect=["zoo_server"],
)
def test_a_login(zoo_server: ZooServer, app: App) -> None:
    name = f"space/{zoo_server.url(app.name)}"
    assert "user: user" in run("-m", name, "Hi", SPACECHAT_AUTH="user:secret")[0]
    _, err = run("-m", name, "Hi", status=1)
    assert "has a login of its own" in err

"""The real command `llm` in processes of its own: what it loads, and how it ends."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from spacechat.local import LocalSpace
from tests.cli.terminal import START_SHELL, Terminal
from tests.leaving import cancels, endless
from tests.llm.conftest import run, start
from tests.processes import wait_until
from tests.test_import import HEAVY, in_a_fresh_process

OWN = {"httpx", "httpcore", "httpx_sse", "msgspec", "spacechat.providers", "spacechat.client"}
"""What the plugin needs only when it asks; `llm` itself loads httpx2 and anyio."""


def test_the_plugin_is_found() -> None:
    (plugin,) = [each for each in json.loads(run("plugins")[0]) if each["name"] == "spacechat"]
    assert plugin["hooks"] == ["register_commands", "register_models"]
    assert "Use Spaces and other Gradio apps as models." in run("--help")[0]


def test_what_it_loads_until_a_model_is_asked() -> None:
    loaded = set(
        in_a_fresh_process(
            "import json, sys\n"
            "import llm.cli\n"
            "llm.get_model_aliases()\n"
            "print(json.dumps([*sys.modules]))"
        )
    )
    assert "spacechat.llm.models" in loaded
    assert not OWN & loaded
    alone = in_a_fresh_process(
        "import json, sys; import click, llm; before = set(sys.modules)\n"
        "import spacechat.llm.plugin, spacechat.llm.commands\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    assert not HEAVY & {name.partition(".")[0] for name in alone}


def test_no_request_until_a_model_is_asked() -> None:
    with LocalSpace("plain", ["Hello"]) as space:
        name = f"space/{space.url}"
        run("models", "list", "--options", "-m", name)
        run("aliases", "set", "x", name)
        run("models", "default", name)
        assert not space.requests
        assert run("Hi")[0] == "Hello\n"


def test_an_error_is_one_line() -> None:
    for more in ((), ("--no-stream",), ("--async",)):
        _, err = run("-m", "space/localhost:1", *more, "Hi", status=1)
        assert err.startswith("Error: ")
        assert err.count("\n") == 1
    _, err = run("-m", "space/nonsense", "Hi", status=1)
    assert err.startswith("Error: There is no model 'nonsense'")
    assert err.count("\n") == 1


@pytest.mark.parametrize("more", [(), ("--no-stream",), ("--async",)])
def test_ctrl_c_tells_the_space_to_stop(more: tuple[str, ...]) -> None:
    with LocalSpace("messages", endless) as space:
        with start("-m", f"space/{space.url}", *more, "Hi") as process:
            wait_until(lambda: space.active == 1)
            if not more:
                assert process.stdout is not None
                assert process.stdout.read(3) == "ha "
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        assert process.returncode != 0
        wait_until(lambda: space.active == 0)
        assert len(cancels(space)) == 1


def test_control_characters_of_an_answer(tmp_path: Path) -> None:
    """A terminal gets none; a file gets the answer as it is."""
    with LocalSpace("messages", ["\x1b]0;title\x07", "red"]) as space:
        name = f"space/{space.url}"
        out, _ = run("-m", name, "Hi")
        assert out == "\x1b]0;title\x07red\n"
        command = f"{sys.executable} -m llm -m {name} Hi"
        with Terminal("sh", "-c", command, home=tmp_path, program=START_SHELL) as terminal:
            assert terminal.wait() == 0
            assert "␛]0;title␇red" in "\n".join(terminal.shown())
            assert b"\x1b]0;" not in terminal.raw


def test_a_chat_in_a_terminal(tmp_path: Path) -> None:
    with LocalSpace("qwen-2.5-1m", lambda r: [f"You said {r.prompt}."]) as space:
        command = f"{sys.executable} -m llm chat -m space/{space.url}"
        with Terminal("sh", "-c", command, home=tmp_path, program=START_SHELL) as terminal:
            terminal.wait_for("> ")
            terminal.press("One\r")
            terminal.wait_for("You said One.")
            terminal.press("Two\r")
            terminal.wait_for("You said Two.")
            terminal.press("quit\r")
            assert terminal.wait() == 0
        joins: list[Any] = [
            each.json for each in space.requests if each.path.endswith("/queue/join")
        ]
        assert len({each["session_hash"] for each in joins}) == 1

"""`spacechat find`, and `models`, as programs and people see them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacechat.apps.found import FoundSpace
from spacechat.cli.space_list import listed
from spacechat.client.advice import _Memory
from spacechat.local import LocalSpace
from spacechat.providers import PROVIDERS
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.servers import ReplayServer, Then, always, response
from tests.servers.local_hub import CALCULATOR, CHAT_WITH_SIGN_IN, HubSpace, LocalHub, app

LONG = "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B-Chat-With-A-Name-Longer-Than-Others"

SPACES = [
    HubSpace("owner/best", app(), 1234, title="The best one"),
    HubSpace(LONG, app(queue=4), 99, title="深度求索 聊天 " * 12, hardware="zero-a10g"),
    HubSpace("a/evil", app(queue=120), 1, title="\x1b[2J\u202eevil\n\ttitle"),
    HubSpace("a/signs-in", app(CHAT_WITH_SIGN_IN), 4000, title="Signs in"),
    HubSpace("a/sleeps", app(), 9, "SLEEPING"),
    HubSpace("a/adds", app(CALCULATOR), 8),
]


@pytest.fixture
def a_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with LocalHub(SPACES) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def test_each_on_a_line_for_programs(spacechat: Run, a_hub: LocalHub) -> None:
    status, out, err = spacechat("find", "some", "chat")
    assert status == 0
    names = [line.split(" ")[0] for line in out.splitlines()]
    assert names == ["owner/best", LONG, "a/evil", "a/signs-in"]
    assert out.splitlines()[0].split() == [
        "owner/best",
        "1,234",
        "nobody",
        "waits",
        "The",
        "best",
        "one",
    ]
    assert "GPU quota" in out.splitlines()[1]
    assert "\x1b" not in out
    assert 'spacechat -m owner/best "Hi"' in err
    assert "spacechat inspect owner/best" in err
    assert a_hub.to("/api/spaces/semantic-search")[0].target.endswith("?q=some+chat&sdk=gradio")


def test_json(spacechat: Run, a_hub: LocalHub) -> None:
    status, out, err = spacechat("find", "--json", "--limit", "2", "chat")
    assert (status, err, out.count("\n")) == (0, "", 1)
    first, second = json.loads(out)
    assert (first["id"], first["queue"], first["gpu_quota"]) == ("owner/best", 0, False)
    assert first["command"] == 'spacechat -m owner/best "Hi"'
    assert (second["id"], second["gpu_quota"]) == (LONG, True)


def test_all(spacechat: Run, a_hub: LocalHub) -> None:
    status, out, err = spacechat("find", "--all", "-n", "2", "chat")
    assert status == 0
    lines = [" ".join(line.split()) for line in out.splitlines() if line]
    assert lines[2:] == [
        "a/sleeps It is asleep.",
        "a/adds No way to chat was found in this app.",
    ]
    assert "more that" not in err
    status, out, err = spacechat("find", "--all", "-n", "1", "chat")
    assert [line.split()[0] for line in out.splitlines() if line] == ["owner/best", "a/sleeps"]
    assert "and 1 more that can't be chatted with now; --limit lists more of them\n" in err
    assert len(json.loads(spacechat("find", "--all", "--json", "-n", "1", "chat")[1])) == 3


def test_none(
    spacechat: Run, a_hub: LocalHub, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_hub.spaces = {name: each for name, each in a_hub.spaces.items() if name == "a/sleeps"}
    status, out, err = spacechat("find", "chat")
    assert (status, out) == (1, "")
    assert "No Space for 'chat' can be chatted with now" in err
    status, out, err = spacechat("find", "--all", "chat")
    assert (status, out.split()[0]) == (1, "a/sleeps")
    assert spacechat("find", "--json", "chat")[:2] == (1, "[]\n")
    monkeypatch.setenv("HF_ENDPOINT", nobody)
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", 0.01)
    status, out, err = spacechat("find", "chat")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "can't be reached" in err


@pytest.mark.parametrize(
    "arguments", [(), ("",), ("--limit", "0", "x"), ("--limit", "61", "x"), ("--timeout", "0", "x")]
)
def test_bad_usage(spacechat: Run, a_hub: LocalHub, arguments: tuple[str, ...]) -> None:
    assert spacechat("find", *arguments)[0] == 2
    assert a_hub.accepted == 0


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_in_a_terminal(a_hub: LocalHub, tmp_path: Path, columns: int) -> None:
    with Terminal("find", "chat", "--all", home=tmp_path, columns=columns, lines=40) as terminal:
        assert terminal.wait() == 0
        lines = terminal.shown()
    text = "\n".join(lines)
    assert "Asking the Hub" not in text  # The progress is gone.
    assert lines[-1] == "  spacechat inspect owner/best"
    assert '  spacechat -m owner/best "Hi"' in lines
    assert "evil title" in text
    assert "\u202e" not in text
    heading = lines.index("Not to be chatted with at once")
    assert lines[heading + 1 : heading + 3] == [
        "a/sleeps  It is asleep.",
        "a/adds    No way to chat was found in this app.",
    ]
    if columns == 160:
        assert lines[0].split() == ["Space", "likes", "queue", "notes", "title"]
        best = next(line for line in lines if line.startswith("owner/best"))
        assert best.index("1,234") + 5 == lines[0].index("likes") + 5
        assert best.index("The best one") == lines[0].index("title")
    else:
        assert lines[:2] == ["owner/best  The best one", "   1,234 likes · nobody waits"]
        assert "   99 likes · 4 waiting · GPU quota" in lines
    assert not any(line.endswith(("·", " ")) for line in lines)


def test_lines_fit() -> None:
    """In columns, of which other people's letters take two; names are whole, to be copied."""
    from rich.cells import cell_len

    spaces = [
        FoundSpace(
            f"owner/{'x' * size}",
            "漢字 " * 40,
            5,
            "",
            "running",
            chat=chat,
            problem="" if chat else "A reason of many words. " * 9,
            queue=7,
            gpu_quota=True,
            sign_in=True,
        )
        for size in (3, 30, 80)
        for chat in (True, False)
    ]
    for width in (40, 60, 80, 99, 100, 160):
        for line in listed(spaces, width, styled=False):
            assert cell_len(line) <= max(width, cell_len(spaces[-1].id) + 60 * (width >= 100))
            assert line == line.rstrip()


def test_how_far_it_is(a_hub: LocalHub, tmp_path: Path) -> None:
    held = threading.Event()

    def slowly(request: object) -> list[bytes]:
        held.wait(60)
        return [response(b"[]")]

    a_hub.faults = {"/api/spaces/semantic-search": slowly}
    a_hub.spaces["owner/hangs"] = HubSpace("owner/hangs", always(Then.HANG))
    with Terminal("find", "owner", home=tmp_path) as terminal:
        terminal.wait_for("Asking the Hub for 'owner'")
        held.set()
        terminal.wait_for("Looked at 1 Space, 1 can be chatted with")
        terminal.press("\x03")
        assert terminal.wait() == 130
        assert "Traceback" not in "\n".join(terminal.shown())


def test_ctrl_c(a_hub: LocalHub, tmp_path: Path) -> None:
    a_hub.faults = {"/api/spaces/semantic-search": always(Then.HANG)}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "spacechat", "find", "chat"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1"},
    ) as running:
        deadline = time.monotonic() + 60
        while not a_hub.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_models_are_checked(a_hub: LocalHub, tmp_path: Path, columns: int) -> None:
    with (
        LocalSpace("qwen-2.5") as space,
        ReplayServer(always(response(b"", "503 Service Unavailable"))) as away,
        Terminal(
            "models", "--check", away.url, space.url, home=tmp_path, columns=columns
        ) as terminal,
    ):
        assert terminal.wait() == 1
        lines = terminal.shown()
        assert lines[0].split()[:2] == [away.url, "asleep"]
        (up,) = [line.split() for line in lines if line.startswith(space.url)]
        assert (up[1], up[3]) == ("up", "ms")
        assert lines[-1].startswith(space.url)  # In the order in which they were named.
        assert max(map(len, lines)) <= columns


def test_no_model_is_up(spacechat: Run, nobody: str) -> None:
    status, out, err = spacechat("models", "--check", nobody)
    assert (status, out.split()[1], out.count("\n")) == (1, "gone", 1)
    assert "spacechat find chat" in err


def test_a_check_ends(spacechat: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["spacechat.cli.models"], "_PATIENCE", 0.3)
    with ReplayServer(always(Then.HANG)) as silent:
        began = time.monotonic()
        status, out, _ = spacechat("models", "--check", silent.url)
    assert (status, out.count("\n")) == (1, 1)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("words", [("Hi",), ("ask", "Hi"), ("chat",)])
def test_an_error_names_a_space_that_is_up(
    spacechat: Run,
    a_hub: LocalHub,
    nobody: str,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setattr("spacechat.client.advice.LAST", _Memory())  # A port may come again.
    monkeypatch.setattr("spacechat.client.finder.PATIENCE", 60.0)
    for provider in PROVIDERS:
        monkeypatch.setattr(provider, "url", nobody)
    status, out, err = spacechat(*words, stdin=b"Hi\n" if words == ("chat",) else b"")
    assert (status, out) == (1, "")
    named = re.search(r'The Space (\S+) is up: spacechat -m (\S+) "Hi"\. ', err)
    assert named  # The first one that answers, of those that anybody can chat with.
    assert named[1] == named[2]
    assert named[1] in ("owner/best", LONG, "a/evil")
    assert "client." not in err
    sent = [each.target for server in a_hub.apps.values() for each in server.requests]
    assert not any("queue/join" in target for target in sent)
    err = spacechat("-m", "qwen-2.5", "Hi")[2]
    assert err.endswith("To find a Space that is up: spacechat find chat.\n")

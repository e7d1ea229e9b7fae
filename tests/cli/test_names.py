"""What the command line understands by a model: the settings file, the environment, addresses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spacechat.cli.completion import complete_model
from tests.cli.conftest import Run
from tests.servers import ReplayServer, response
from tests.servers.apps import AnApp
from tests.systems import POSIX


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The path of the settings file."""
    folder = tmp_path / "spacechat"
    folder.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return folder / "config.toml"


def test_a_default_and_an_alias(
    spacechat: Run, config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with AnApp() as app, AnApp() as other:
        other.restart(1)
        config.write_text(
            f'model = "mine"\n[models]\nmine = "{app.url.removeprefix("http://")}"\n'
            f'other = "{other.url}"\n',
            encoding="utf-8",
        )
        first, second = (0, "Hello from 0\n", ""), (0, "Hello from 1\n", "")
        assert spacechat("ask", "Hi") == first
        assert spacechat("ask", "-m", "other", "Hi") == second
        assert spacechat("ask", "-m", app.url.removeprefix("http://"), "Hi") == first
        assert spacechat("ask", "--url", app.url.removeprefix("http://"), "Hi") == first
        assert spacechat("chat", stdin=b"Hi\n/model other\nHi\n")[:2] == (
            0,
            "Hello from 0\nHello from 1\n",
        )
        assert spacechat("call", "mine", "0", "Hi")[:2] == (0, "Hello from 0\n")
        monkeypatch.setenv("SPACECHAT_MODEL", "other")
        assert spacechat("ask", "Hi") == second
        questions, answers = tmp_path / "in.txt", tmp_path / "out.jsonl"
        questions.write_text("Hi\n", encoding="utf-8")
        for models, text in (((), "Hello from 1"), (("-m", "mine"), "Hello from 0")):
            assert spacechat("batch", *models, str(questions), str(answers))[0] == 0
            assert json.loads(answers.read_text())["text"] == text
            answers.unlink()


def test_the_models_are_listed(spacechat: Run, config: Path) -> None:
    config.write_text('[models]\nfast = "qwen-2.5"\nmine = "http://me:canary@host"', "utf-8")
    status, out, err = spacechat("models")
    assert (status, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert ["mine", "Gradio", "chat", "http://host"] in lines
    assert [each[-1] for each in lines if each[0] in ("fast", "qwen-2.5")] == [
        "https://qwen-qwen2-5.hf.space"
    ] * 2
    assert "canary" not in out
    none: object = None
    found = [(one.value, one.help) for one in complete_model(none, none, "m")]  # type: ignore[arg-type]
    assert found == [("mine", "http://host")]
    config.write_text("damaged")
    assert complete_model(none, none, "m") == []  # type: ignore[arg-type]
    assert len(complete_model(none, none, "qwen")) == 4  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [("--local",), ("--url", "http://localhost:1")])
def test_an_alias_that_says_where_it_is(
    place: tuple[str, ...], spacechat: Run, config: Path
) -> None:
    config.write_text('[models]\nfast = "qwen-2-72b"\nmine = "owner/name"', "utf-8")
    for command in (("ask", "Hi"), ("chat",), ("batch", str(config), os.devnull)):
        status, out, err = spacechat(command[0], "-m", "mine", *place, *command[1:])
        assert (status, out) == (2, "")
        assert f"{place[0]} goes with the name of a known model" in err
    status, _, err = spacechat("ask", *place, "-m", "http://me:canary@host", "Hi")
    assert status == 2
    assert "canary" not in err


def test_an_alias_with_a_local_space(
    spacechat: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacechat.local.generation.builtin_answer", lambda _: ["Hello"])
    config.write_text('model = "owner/name"\n[models]\nfast = "qwen-2-72b"', "utf-8")
    for options in (("-m", "fast"), ()):
        assert spacechat("ask", "--local", *options, "Hi") == (0, "Hello\n", "")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("model = fast", "line 1"),
        ("\nlogs = true", "line 2: there is no setting 'logs'. Did you mean 'log'?"),
        ('model = "nonsens"', "config.toml names: There is no model 'nonsens'."),
        ('model = "a"\n[models]\na = "b"\nb = "a"', "leads back to itself: a → b → a"),
    ],
)
def test_a_damaged_file(content: str, told: str, spacechat: Run, config: Path) -> None:
    config.write_text(content, encoding="utf-8")
    for arguments in (("ask", "Hi"), ("chat",)):
        status, out, err = spacechat(*arguments)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert str(config) in err
        assert told in err


READS = """
import os, sys

def seen(event, arguments):
    if event in ("open", "os.listdir") and "canary" in str(arguments[0]):
        raise SystemExit(f"{arguments[0]} was opened.")

sys.addaudithook(seen)
"""
"""Ends the process as soon as it opens a file of the user's."""


@pytest.mark.parametrize(
    "code",
    [
        "import spacechat; spacechat.AsyncClient(); spacechat.Client(); spacechat.providers",
        "import spacechat; spacechat.AsyncClient().stream('Hi', model='qwen-2.5')",
        "import spacechat; spacechat.AsyncClient().stream('Hi', model='owner/name')",
        *(
            f"import sys, spacechat.__main__ as it; sys.argv[1:] = {arguments!r}; it.main()"
            for arguments in (["--version"], ["--help"], ["ask", "--help"], ["serve", "--help"])
        ),
    ],
)
def test_what_reads_no_file_of_the_user(code: str, tmp_path: Path) -> None:
    """Neither the settings file nor a saved login is there, for what needs neither of them."""
    home = tmp_path / "canary"
    for name in ("spacechat/config.toml", "token"):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("damaged", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", READS + code],
        env={**os.environ, "XDG_CONFIG_HOME": str(home), "HF_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@POSIX
def test_what_reads_the_file() -> None:
    """The test above would see it."""
    code = "from spacechat.folders import read_small_file as read; read('/dev/fd/canary', 1)"
    done = subprocess.run(
        [sys.executable, "-c", READS + code], capture_output=True, text=True, check=False
    )
    assert "was opened" in done.stderr


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_a_bad_alias_takes_no_other_down(
    options: tuple[str, ...],
    spacechat: Run,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    nobody: str,
) -> None:
    monkeypatch.setattr("spacechat.providers.registry._pinned_models", list)
    config.write_text(f'[models]\nmine = "{nobody}"\nbad = "rubbish"\nloop = "loop"', "utf-8")
    status, out, _ = spacechat("models", *options)
    mine, bad, loop = out.splitlines()
    assert status == (1 if options else 0)
    assert mine.split()[0] == "mine"
    assert nobody in mine
    assert "There is no model 'rubbish', for which the alias 'bad' stands" in bad
    assert "leads back to itself: loop → loop" in loop
    assert spacechat("models", *options, "rubbish")[0] == 1


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_a_bad_alias_is_named_by_who_asks_it(spacechat: Run, config: Path, command: str) -> None:
    config.write_text('[models]\nbad = "rubbish"', "utf-8")
    words = ["Hi"] if command == "ask" else []
    status, _, err = spacechat(command, "-m", "bad", *words, stdin=b"Hi\n" if not words else b"")
    assert status == 1
    assert "There is no model 'rubbish', for which the alias 'bad' stands" in err


def test_a_check_speaks_of_options(spacechat: Run) -> None:
    login = response(b'{"detail":"Not authenticated"}', "401 Unauthorized")
    with ReplayServer(lambda _: [login]) as server:
        status, out, _ = spacechat("models", "--check", server.url)
    assert status == 1
    assert out.split()[1] == "login"
    assert "--auth USER:PASSWORD" in out

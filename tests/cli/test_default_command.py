"""A command line without a command: a question, help, or a mistyped command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from spacechat.cli.group import is_like
from spacechat.local import LocalSpace
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal


def test_a_question(spacechat: Run) -> None:
    with LocalSpace(reply=lambda request: [f"<{request.system}|{request.prompt}>"]) as space:
        place = ("-m", "qwen-2-72b", "--url", space.url)
        assert spacechat(*place, "Hi") == (0, "<|Hi>\n", "")
        assert spacechat("Hi you", *place, "-s", "Be") == (0, "<Be|Hi you>\n", "")
        assert spacechat("what", "is", "SSE?", *place)[1] == "<|what is SSE?>\n"
        assert spacechat(*place, "Review", stdin=b"+a\n")[1] == "<|Review\n\n+a>\n"
        assert spacechat(*place, stdin=b"a question\n")[1] == "<|a question>\n"
        assert spacechat(*place, "-", stdin=b"chat")[1] == "<|chat>\n"
        assert spacechat(*place, "--", "chat")[1] == "<|chat>\n"
        assert spacechat(*place, "--", "info", "a/b")[1] == "<|info a/b>\n"
        assert spacechat("ask", *place, "info", "a/b")[1] == "<|info a/b>\n"
        assert spacechat(*place, "info on a/b")[1] == "<|info on a/b>\n"
        assert spacechat(*place, "See https://a.example/b")[1] == "<|See https://a.example/b>\n"
        assert spacechat(*place, "What", "is https://a.b/c")[1] == "<|What is https://a.b/c>\n"
        assert spacechat(*place, "U.S.A.", "-", "is 5:1.")[0] == 0
        assert spacechat(*place, "Explain this:", "a/b")[1] == "<|Explain this: a/b>\n"
        assert spacechat(*place, "--", "-5")[1] == "<|-5>\n"
        assert spacechat("ask", *place, "chat")[1] == "<|chat>\n"


def test_only_a_pipe(spacechat: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalSpace("messages", reply=lambda request: [f"<{request.prompt}>"]) as space:
        monkeypatch.setenv("SPACECHAT_MODEL", space.url)
        assert spacechat(stdin=b"Hi\n") == (0, "<Hi>\n", "")
    status, out, err = spacechat(stdin=b"")
    assert (status, out) == (2, "")
    assert "Missing argument 'TEXT...'" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("aks", "Hi"), "There is no command 'aks'. Did you mean ask?"),
        (("modles",), "There is no command 'modles'. Did you mean models?"),
        (("Chat",), "There is no command 'Chat'. Did you mean chat?"),
        (("--json", "caht", "-m", "x"), "There is no command 'caht'. Did you mean chat?"),
        (("-m", "qwen-2.5", "serve_local"), "There is no command 'serve_local'."),
        (("help",), "There is no command 'help'. Did you mean --help?"),
        (("version",), "There is no command 'version'. Did you mean --version?"),
        (
            ("-m", "qwen-2.5", "chat"),
            "chat is a command, and commands come first: `spacechat chat`.",
        ),
        (("info", "localhost:7860"), "Did you mean `spacechat inspect`?"),
        (("predict",), "Did you mean `spacechat call`?"),
        (("Search", "chat"), "Did you mean `spacechat find`?"),
        (("config",), "Settings stand in the settings file"),
        (("keys",), "`hf auth login` saves a token"),
        (("logs",), "Did you mean `spacechat log`?"),
        (("duplicate", "owner/name"), "`spacechat inspect owner/name` lists what it can do."),
        (("open", "localhost:7860"), "`spacechat -m localhost:7860 TEXT` asks that app"),
        (("--json", "open", "https://a.example/b"), "There is no command 'open'."),
        (("open", "chat.example.org"), "`spacechat inspect chat.example.org` lists"),
        (("open", "https://ada:secret@a.example"), "`spacechat -m https://a.example TEXT`"),
        (("owner/name", "Hi"), "That is an app: `spacechat -m owner/name TEXT` asks it."),
    ],
)
def test_a_mistyped_command_is_no_question(
    spacechat: Run, arguments: tuple[str, ...], says: str
) -> None:
    """What nobody meant as a question must go to no Space."""
    status, out, err = spacechat(*arguments, stdin=b"something private")
    assert (status, out) == (2, "")
    assert says in err
    assert "As a question, it needs `spacechat ask` before it." in err


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("sak", "ask"),
        ("cal", "call"),
        ("insepct", "inspect"),
        ("hcat", "chat"),
        ("chats", "chat"),
        ("mod", "models"),
    ],
)
def test_words_that_are_like_commands(word: str, name: str) -> None:
    assert is_like(word, name)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("what", "chat"),
        ("as", "ask"),
        ("can", "call"),
        ("tell", "call"),
        ("because", "batch"),
        ("modern", "models"),
        ("several", "serve"),
        ("chat?", "chat"),
        ("Hi", "chat"),
        ("", "ask"),
    ],
)
def test_words_that_begin_questions(word: str, name: str) -> None:
    assert not is_like(word, name)


def test_an_unknown_option(spacechat: Run) -> None:
    assert spacechat("-5 degrees", stdin=b"")[0] == 2
    status, out, err = spacechat("--jsno", "Hi")
    assert (status, out) == (2, "")
    assert "No such option" in err
    assert "A text that begins with a minus needs a -- before it." in err
    assert "Did you mean --json?" in err
    err = spacechat("--no-stream", "Hi")[2]
    assert re.search("No such option.*--no-stream'?[.] A text", err)


def test_help_without_arguments_in_a_terminal(tmp_path: Path) -> None:
    with Terminal(home=tmp_path, lines=60) as terminal:
        assert terminal.wait() == 0
        shown = terminal.shown()
    assert shown[0] == "Usage: spacechat [OPTIONS] TEXT | COMMAND [ARGS]..."
    assert "  serve-local  Run a local Space." in shown


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("spacechat in", ["plain,inspect"]),
        ("spacechat -m qwen-2.", ["plain,qwen-2.5", "plain,qwen-2.5-1m"]),
        ("spacechat ask -m qwen-2.", ["plain,qwen-2.5", "plain,qwen-2.5-1m"]),
        ("spacechat serve-local --shape mes", ["plain,messages"]),
        ("spacechat --ver", ["plain,--version", "plain,--verbose"]),
        ("spacechat -m qwen-2.5 --endp", ["plain,--endpoint"]),
        ("spacechat --loc", ["plain,--local"]),
        ("spacechat --he", ["plain,--help"]),
        ("spacechat -a pho", ["file,pho"]),
        ("spacechat Hi -a pho", ["file,pho"]),
        ("spacechat chat --to pho", ["dir,pho"]),
        ("spacechat call a/b /grey pho", ["file,pho"]),
        ("spacechat call qwen-2-7", ["plain,qwen-2-72b"]),
        ("spacechat inspect fa", ["plain,fast"]),
        ("spacechat models fa", ["plain,fast"]),
        ("spacechat log 3", ["plain,3f9c3f9c"]),
        ("spacechat -c --conversation 3", ["plain,3f9c3f9c"]),
        ("spacechat log --delete 4", []),
    ],
)
def test_completion(kept: Path, tmp_path: Path, words: str, completions: list[str]) -> None:
    kept.mkdir(parents=True, mode=0o700)
    (kept / "3f9c3f9c.json").touch(0o600)
    (tmp_path / "config.toml").write_text('[models]\nfast = "owner/name"\n')
    environment = {
        "SPACECHAT_CONFIG": str(tmp_path / "config.toml"),
        "_SPACECHAT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from spacechat.__main__ import main; main()"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert (done.stdout.split(), done.stderr) == (completions, "")

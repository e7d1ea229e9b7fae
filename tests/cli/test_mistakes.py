"""What a person reads: help, mistakes and errors, in terminals of every width."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from spacechat.cli import commands
from spacechat.local import LocalSpace
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.servers.chat_form import ChatForm

DEAD = "http://127.0.0.1:9"


@pytest.mark.parametrize("columns", [40, 60, 80, 160])
@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("ask", "--help"),
        ("batch", "--help"),
        ("call", "--help"),
        ("chat", "--help"),
        ("inspect", "--help"),
        ("log", "--help"),
        ("models", "--help"),
        ("serve", "--help"),
        ("serve-local", "--help"),
        ("aks", "Hi"),
        ("serve", "--shape", "plain"),
        ("ask", "-m", "qwen-2.5", "-a", "photo.jpg", "Hi"),
        ("ask", "-m", "no-such-model", "Hi"),
        ("ask", "-m", DEAD, "Hi"),
        ("ask", "--local", "-m", "owner/name", "Hi"),
        ("ask", "--timeout", "no-number", "Hi"),
        ("models", "--check", DEAD),
    ],
    ids=" ".join,
)
def test_no_line_breaks_inside_a_word(
    spacechat: Run, tmp_path: Path, arguments: tuple[str, ...], columns: int
) -> None:
    """The same words stand there as in a file, where no line is broken for a terminal."""
    if arguments == ("chat", "--help") and columns == 40:
        columns = 60  # It has a path of 33 characters.
    with Terminal(*arguments, home=tmp_path, columns=columns, lines=200) as terminal:
        terminal.wait()
        shown = " ".join(terminal.shown()).split()
    assert shown
    _, out, err = spacechat(*arguments)
    words = {word.rstrip(".") for word in (out + err).split()}
    # The list of commands is cut to a line for each, which ends so.
    assert [word for word in shown if word.rstrip(".") not in words] == []


@pytest.mark.parametrize("command", [(), *((name,) for name in commands.commands)], ids=" ".join)
def test_examples_of_help_can_be_copied(
    spacechat: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """None is broken into two lines, which a shell would take for two commands."""
    with Terminal(*command, "--help", home=tmp_path, columns=60, lines=200) as terminal:
        terminal.wait()
        shown = terminal.shown()
    out = spacechat(*command, "--help")[1]
    examples = [line for line in out.splitlines() if re.match(r"    .*\bspacechat ", line)]
    assert examples
    assert [line for line in examples if line not in shown] == []


@pytest.mark.parametrize(("columns", "rows"), [(60, 2), (80, 1)])
def test_models_take_as_many_lines_as_the_longest(tmp_path: Path, columns: int, rows: int) -> None:
    with Terminal("models", home=tmp_path, columns=columns) as terminal:
        assert terminal.wait() == 0
        lines = terminal.shown()
    begins = [line.startswith("   https://") for line in lines]
    assert begins == [False, True][:rows] * 4


def test_help_of_a_conversation_in_a_narrow_terminal(tmp_path: Path) -> None:
    arguments = ("chat", "-m", DEAD)
    with Terminal(*arguments, home=tmp_path, columns=60) as chat:
        chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
        chat.press("/help\r")
        lines = chat.wait_for("space before it.")
        chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
        chat.press("\x04")
        assert chat.wait() == 0
    # Nobody has answered yet, and nobody may.
    assert lines[:2] == [f"Questions go to {DEAD}. /help lists commands,", "exit ends."]
    assert "/set [NAME [VALUE]]   the app's settings, or one of them; -" in lines
    assert "                      for the app's own value" in lines


def test_terminals_that_can_do_nothing_are_sent_no_escape_sequence(tmp_path: Path) -> None:
    with LocalSpace("messages", reply=["**Hello**"]) as space:
        whom = ("-m", space.url)
        with Terminal("ask", "-v", *whom, "Hi", home=tmp_path, term="dumb") as terminal:
            assert terminal.wait() == 0
            assert " s in all" in terminal.shown()[-1]
            assert b"\x1b" not in terminal.raw
        with Terminal("chat", *whom, home=tmp_path, term="dumb") as chat:
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("Hi\r")
            chat.wait_for("**Hello**")
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("\x04")
            assert chat.wait() == 0
            assert b"\x1b" not in chat.raw


@pytest.mark.parametrize(("value", "dim"), [("1", False), ("", True), (None, True)])
def test_no_color(tmp_path: Path, value: str | None, dim: bool) -> None:
    environment = {} if value is None else {"NO_COLOR": value}
    with (
        LocalSpace("messages", reply=["Hello"]) as space,
        Terminal(
            "ask", "-v", "-m", space.url, "Hi", home=tmp_path, environment=environment
        ) as terminal,
    ):
        assert terminal.wait() == 0
    assert (b"\x1b[2m" in terminal.raw) == dim


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ask", "-m", "qwen-2.5", "--model", "qwen-2-72b", "Hi"), "-m / --model"),
        (("ask", "--url", DEAD, "--url", DEAD, "Hi"), "--url"),
        (("ask", "-s", "a", "-s", "b", "Hi"), "-s / --system"),
        (("chat", "-m", "qwen-2.5", "-m", "qwen-2.5"), "-m / --model"),
        (("chat", "--history", "a", "--history", "b"), "--history"),
        (("inspect", "--token", "a", "--token", "b", DEAD), "--token"),
    ],
)
def test_an_option_is_given_once(spacechat: Run, arguments: tuple[str, ...], told: str) -> None:
    status, out, err = spacechat(*arguments)
    assert (status, out) == (2, "")
    assert f"Error: {told} is given 2 times; give it once." in err


@pytest.mark.parametrize("command", [("ask", "Hi"), ("batch", "a", "b"), ("chat",), ("call", "x")])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-o", "Seed=1"], "-o takes two words: -o Seed 1."),
        (["-o", "Top p=0.5"], "-o takes two words: -o 'Top p' 0.5."),
        (["-o", "Seed"], "-o takes two words, a name and a value: -o Seed VALUE."),
        (["-oSeed"], "-o takes two words, a name and a value: -o Seed VALUE."),
        (["-oSeed=1"], "-o takes two words: -o Seed 1."),
        (["--option=Seed=1"], "-o takes two words: -o Seed 1."),
        (["-o"], "Option '-o' requires 2 arguments."),
    ],
)
def test_a_setting_in_one_word_at_the_end(
    spacechat: Run, command: tuple[str, ...], words: list[str], says: str
) -> None:
    status, out, err = spacechat(*command, *words)
    assert (status, out) == (2, "")
    assert err.startswith(f"Usage: spacechat {command[0]} ")
    assert err.endswith(f"\nError: {says}\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask", "Hi", "--timeout", "x"), "'x' is not a valid number of seconds."),
        (("ask", "Hi", "--timeout", "nan"), "'nan' is not a valid number of seconds."),
        (("serve-local", "--delay", "nan"), "'nan' is not a valid number of seconds."),
        (("serve-local", "--delay", "inf"), "'inf' is not a valid number of seconds."),
        (("serve-local", "--delay", "-1"), "-1.0 is not in the range x>=0."),
        (("batch", "--concurrency", "x", "a", "b"), "'x' is not a valid whole number."),
    ],
)
def test_what_is_no_number(spacechat: Run, arguments: tuple[str, ...], says: str) -> None:
    status, out, err = spacechat(*arguments)
    assert (status, out) == (2, "")
    assert err.endswith(f": {says}\n")


@pytest.mark.parametrize("text", ["", " \n"])
@pytest.mark.parametrize("more", [(), ("-",), ("-a", "photo.jpg"), ("-a", "-")])
def test_a_question_that_is_blank(spacechat: Run, text: str, more: tuple[str, ...]) -> None:
    """As of a variable that a script has not set; no Space is asked."""
    status, out, err = spacechat("ask", text, *more, "-m", DEAD, stdin=b"\n")
    assert (status, out) == (2, "")
    assert "Missing argument 'TEXT...'" in err


def test_errors_of_the_system_have_no_numbers(spacechat: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("Hi\n")
    out = str(tmp_path / "nowhere" / "out")
    assert spacechat("batch", "--local", str(tmp_path / "in"), out) == (
        1,
        "",
        f"spacechat: No such file or directory: {out}\n",
    )
    err = spacechat("chat", "--local", stdin=f"/save {out}\n".encode())[2]
    assert err.startswith("spacechat: No such file or directory: ")
    with LocalSpace() as space:
        host, _, port = space.url.removeprefix("http://").partition(":")
        err = spacechat("serve-local", "--host", host, "--port", port)[2]
    assert err.startswith(f"spacechat: cannot listen on {host}:{port}: Address already in use")


@pytest.mark.parametrize("command", [("ask", "-m", DEAD, "Hi"), ("inspect", DEAD), ("find", "x")])
def test_a_token_that_cannot_be_sent(spacechat: Run, command: tuple[str, ...]) -> None:
    status, out, err = spacechat(*command, "--token", "bäd")
    assert (status, out) == (2, "")
    assert "token" in err


@pytest.mark.parametrize("model", ["owner/name", DEAD, "https://example.com/x", "localhost:7860"])
@pytest.mark.parametrize("place", [("--local",), ("--url", DEAD)])
@pytest.mark.parametrize("command", ["ask", "chat", "batch"])
def test_a_place_that_is_named_twice(
    spacechat: Run, tmp_path: Path, model: str, place: tuple[str, ...], command: str
) -> None:
    (tmp_path / "in").write_text("Hi\n")
    rest = {"ask": ["Hi"], "chat": [], "batch": [str(tmp_path / "in"), str(tmp_path / "out")]}
    status, out, err = spacechat(command, *place, "-m", model, *rest[command])
    assert (status, out) == (2, "")
    assert f"{place[0]} goes with the name of a known model" in err
    assert not (tmp_path / "out").exists()


def test_a_place_in_a_local_conversation(spacechat: Run) -> None:
    status, out, err = spacechat("chat", "--local", stdin=f"/model {DEAD}\nHi\n".encode())
    assert (status, out) == (1, "")
    assert "spacechat: --local goes with the name of a known model" in err
    assert err.endswith("spacechat: The lines after that are not asked.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (b"ask", b"\xff"),
        (b"ask", b"-m", b"\xff", b"Hi"),
        (b"ask", b"-m", b"a/\xff", b"Hi"),
        (b"ask", b"-m", b"http://\xff/", b"Hi"),
        (b"ask", b"--url", b"http://127.0.0.1:9/\xff", b"Hi"),
        (b"ask", b"--token", b"\xff", b"Hi"),
        (b"ask", b"--local", b"-s", b"\xff", b"Hi"),
        (b"ask", b"--timeout", b"\xff", b"Hi"),
        (b"ask", b"--\xff\x1b[2J"),
        (b"chat", b"\xff"),
        (b"inspect", b"\xff"),
        (b"inspect", b"http://127.0.0.1:9", b"--endpoint", b"\xff", b"--auth", b"\xff"),
        (b"models", b"\xff"),
        (b"models", b"--check", b"http://\xff"),
        (b"batch", b"\xff.jsonl", b"out"),
        (b"batch", b"-m", b"\xff", b"in", b"out"),
        (b"\xff",),
    ],
    ids=repr,
)
def test_arguments_that_are_no_text(tmp_path: Path, arguments: tuple[bytes, ...]) -> None:
    (tmp_path / "in").write_text("Hi\n")
    found = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"spacechat", *arguments],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    err = found.stderr.decode()
    assert found.returncode in (1, 2)
    assert "Traceback" not in err
    assert "\x1b" not in err + found.stdout.decode()
    assert found.returncode == 2 or (err + found.stdout.decode()).count("\n") == 1


def test_a_space_that_cannot_be_reached_is_not_gone(
    spacechat: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, nobody knows what became of it; on this machine, nothing listens."""
    monkeypatch.setenv("HTTPS_PROXY", DEAD)
    monkeypatch.setenv("HTTP_PROXY", DEAD)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    status, out, _ = spacechat("models", "--check", "qwen-2.5", "owner/name", "http://x.invalid")
    assert status == 1
    assert [line.split()[1] for line in out.splitlines()] == ["unreachable"] * 3
    assert "can't be reached" in out
    assert spacechat("models", "--check", DEAD)[1].split()[1] == "gone"
    status, _, err = spacechat("models", "--check", "nonsense", "nonsense-too")
    assert (status, err.count("\n")) == (1, 1)
    assert "There is no model 'nonsense" in err


def test_a_user_in_an_address_is_not_told(spacechat: Run) -> None:
    """What is shown on a terminal is in its scrollback, and in the log of a build."""
    found = [
        spacechat("models", "http://me:canary@127.0.0.1:9"),
        spacechat("models", "--check", "http://me:canary@127.0.0.1:9"),
        spacechat("models", "--check", "me:canary@127.0.0.1:9"),
        spacechat("ask", "-m", "me:canary@127.0.0.1:9", "Hi"),
    ]
    for _, out, err in found:
        assert "127.0.0.1:9" in out + err
        assert "canary" not in out + err


def test_a_batch_in_a_terminal_speaks_of_options(tmp_path: Path) -> None:
    """As in a pipe, where no bar stands below the errors."""
    (tmp_path / "in").write_text("Hi\n")
    with ChatForm() as form:
        words = ("batch", "-m", form.url, "--endpoint", "/nowhere", "in", "out")
        with Terminal(*words, home=tmp_path, columns=160) as terminal:
            assert terminal.wait() == 1
            shown = "\n".join(terminal.shown())
    assert "line 1: " in shown
    assert "--endpoint" in shown
    assert "endpoint=" not in shown

"""What is piped in, and standard streams in every state that a process may be started with."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat.cli.terminal.piped_input import PATIENCE
from spacechat.local import ChatRequest, LocalSpace
from tests.cli.conftest import Run
from tests.systems import LINUX, POSIX

LIMIT = 120


def echo(request: ChatRequest) -> list[str]:
    return [request.prompt]


@pytest.fixture(scope="module")
def space() -> Iterator[LocalSpace]:
    with LocalSpace("messages", reply=echo) as space:
        yield space


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "spacechat", *arguments]


def ask(space: LocalSpace, *words: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """Run `spacechat ask` in a process of its own."""
    return subprocess.run(
        command("ask", "-m", space.url, *words),
        capture_output=True,
        check=False,
        timeout=LIMIT,
        **settings,
    )


@pytest.mark.parametrize(
    ("words", "piped", "asked"),
    [
        (["Review", "this"], "a\n\nb\n", "Review this\n\na\n\nb"),
        (["Review this", "-"], "a\n", "Review this\n\na"),
        (["Review this"], "a", "Review this\n\na"),
        (["Review this"], "  a  \r\n\r\n", "Review this\n\n  a  \r\n"),
        (["Review this"], "", "Review this"),
        (["Review this"], "\n", "Review this"),
        (["Review this"], "\ufeffa\n", "Review this\n\na"),
        (["What is 5", "-", "3?"], "a", "What is 5 - 3?\n\na"),
        (["-"], "a\nb\n", "a\nb"),
        ([], "a\nb\n\n", "a\nb\n"),
        ([], "-", "-"),
        ([" "], "a", "a"),
    ],
)
def test_what_is_piped_in_follows_the_text(
    spacechat: Run, space: LocalSpace, words: list[str], piped: str, asked: str
) -> None:
    found = spacechat("ask", "-m", space.url, *words, stdin=piped.encode())
    assert found == (0, f"{asked}\n", "")


@pytest.mark.parametrize(
    ("piped", "told"),
    [
        (b"\xff\xfea\x00", "not text in UTF-8"),
        (b"\xff\xd8\xff", "-a - sends it as a file."),
        ("a".encode("utf-16-le"), "NUL characters"),
        (b"x" * ((16 << 20) + 1), "longer than 16 MiB"),
        (b"", "Missing argument 'TEXT...'"),
        (b"\n", "Missing argument 'TEXT...'"),
    ],
)
@pytest.mark.parametrize("words", [[], ["Review this"]])
def test_a_pipe_that_cannot_be_asked(
    spacechat: Run, space: LocalSpace, piped: bytes, told: str, words: list[str]
) -> None:
    asked = len(space.requests)
    status, out, err = spacechat("ask", "-m", space.url, *words, stdin=piped)
    if words and not piped.strip():
        assert (status, out, err) == (0, "Review this\n", "")
        return
    assert (status, out) == (2, "")
    assert told in err
    assert len(space.requests) == asked


@POSIX
def test_endless_input_ends(space: LocalSpace) -> None:
    with open("/dev/zero", "rb") as zeros:
        found = ask(space, "Review this", stdin=zeros)
    assert found.returncode == 2
    assert b"longer than 16 MiB" in found.stderr


@contextlib.contextmanager
def silent(kind: str) -> Iterator[Any]:
    """A standard input on which nothing comes and which stays open."""
    if kind == "pipe":
        ends = os.pipe()
        try:
            yield ends[0]
        finally:
            for end in ends:
                os.close(end)
    elif kind == "socket":
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.setblocking(False)
            yield theirs
    else:
        number = os.open(os.devnull, os.O_WRONLY if kind == "nohup" else os.O_RDONLY)
        yield number
        os.close(number)


@pytest.mark.parametrize("kind", ["socket", "nohup", "null", "closed"])
@POSIX
def test_nothing_comes(space: LocalSpace, kind: str) -> None:
    """As under cron, over ssh and below programs that lend what they have."""
    with silent("null" if kind == "closed" else kind) as stdin:
        close = (lambda: os.close(0)) if kind == "closed" else None
        found = ask(space, "Hi", stdin=stdin, preexec_fn=close)
    assert (found.returncode, found.stdout) == (0, b"Hi\n")
    if kind == "socket":
        assert b"nothing came on standard input in 5 s" in found.stderr
        assert found.stderr.count(b"\n") == 1
    else:
        assert found.stderr == b""


@pytest.mark.parametrize("words", [["Hi"], ["Hi", "-"]])
def test_what_comes_of_a_socket(space: LocalSpace, words: list[str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"a")
        ours.shutdown(socket.SHUT_WR)
        found = ask(space, *words, stdin=theirs)
    assert (found.returncode, found.stdout) == (0, b"Hi\n\na\n")


@pytest.mark.parametrize("words", [["Review this", "-"], ["Review this"], []])
def test_what_comes_late(space: LocalSpace, words: list[str]) -> None:
    """A pipe is waited for as long as it takes, so that no question goes without its end."""
    with subprocess.Popen(
        command("ask", "-m", space.url, *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        if words == ["Review this"]:
            assert b"waiting for what is piped in" in process.stderr.readline()
        else:
            time.sleep(PATIENCE + 1)
        process.stdin.write(b"a")
        process.stdin.flush()
        time.sleep(0.2)  # What follows the first piece is part of it, whenever it comes.
        out, err = process.communicate(b"b\n", timeout=LIMIT)
    assert (out.decode(), err) == ("\n\n".join([*words[:1], "ab"]) + "\n", b"")


@contextlib.contextmanager
def asking_beside_a_silent_pipe(space: LocalSpace, text: str) -> Iterator[subprocess.Popen[bytes]]:
    with (
        silent("pipe") as stdin,
        subprocess.Popen(
            command("ask", "-m", space.url, text),
            stdin=stdin,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process,
    ):
        yield process


@POSIX
def test_ctrl_c_while_a_pipe_stays_silent(space: LocalSpace) -> None:
    asked = len(space.requests)
    with asking_beside_a_silent_pipe(space, "Review this") as process:
        assert process.stderr is not None
        assert b"< /dev/null asks without it" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (130, b"")
    assert len(space.requests) == asked


@LINUX
def test_ctrl_c_while_nothing_comes(space: LocalSpace) -> None:
    with asking_beside_a_silent_pipe(space, "-") as process:
        wait = Path(f"/proc/{process.pid}/wchan")
        deadline = time.monotonic() + LIMIT
        while "pipe" not in wait.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (130, b"")


COMMANDS: list[tuple[tuple[str, ...], bool]] = [
    (("ask", "-m", "URL", "Hi"), True),
    (("ask", "--json", "-m", "URL", "Hi"), True),
    (("chat", "-m", "URL"), True),
    (("models",), True),
    (("models", "--check", "URL"), True),
    (("inspect", "URL"), True),
    (("call", "URL", "/none"), False),
    (("batch", "-m", "URL", "in.jsonl", "out.jsonl"), False),
    (("--help",), True),
    (("ask", "--help"), True),
    (("--version",), True),
    (("ask", "-m", "nonsense", "Hi"), False),
    (("modles",), False),
]
"""Commands, and whether they write to standard output."""


@pytest.mark.parametrize("arguments", [each[0] for each in COMMANDS], ids=" ".join)
@pytest.mark.parametrize(
    "broken", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "| true", "2>&1 | true"]
)
@LINUX
def test_streams_that_are_closed(
    space: LocalSpace, tmp_path: Path, arguments: tuple[str, ...], broken: str
) -> None:
    (tmp_path / "in.jsonl").write_text('"Hi"\n')
    words = " ".join(word.replace("URL", space.url) for word in arguments)
    stdin = "" if "<" in broken else "< in.jsonl" if arguments[0] == "chat" else "</dev/null"
    if broken.endswith("| true"):
        # Who reads is gone before anything is written.
        script = f"{words} {stdin} {broken.replace('| true', '')} > >(exec true)"
    else:
        script = f"{words} {stdin} {broken}"
    found = subprocess.run(
        ["bash", "-c", f"{sys.executable} -W error -m spacechat {script}"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        timeout=LIMIT,
    )
    err = found.stderr.decode()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    writes = dict(COMMANDS)[arguments]
    if broken in (">&-", "<&- >&- 2>&-", ">/dev/full") and writes and arguments[0] != "chat":
        assert found.returncode == 1
        assert err.count("\n") == (0 if "2>&-" in broken else 1)
    assert found.returncode in (0, 1, 2)
    if broken in ("<&-", "2>&-"):
        is_usage = not {"modles", "/none"}.isdisjoint(arguments)
        assert found.returncode == (2 if is_usage else int("nonsense" in arguments))

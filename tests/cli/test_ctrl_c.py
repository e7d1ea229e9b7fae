"""Ctrl-C ends every command with 130 and at most a line, on every version of Python."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacechat.local import ChatRequest, LocalSpace
from tests.processes import wait_until
from tests.systems import POSIX

pytestmark = POSIX


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "-m", "URL", "Hi"),
        ("ask", "--json", "-m", "URL", "Hi"),
        ("chat", "-m", "URL"),
        ("batch", "-m", "URL", "in", "out"),
        ("batch", "--ordered", "--concurrency", "2", "-m", "URL", "-m", "URL", "in", "out"),
    ],
    ids=" ".join,
)
def test_ctrl_c(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "in").write_text("one\ntwo\nthree\n")
    gate = threading.Event()

    def reply(_: ChatRequest) -> Iterator[str]:
        yield "begun"
        gate.wait(60)

    with LocalSpace("messages", reply=reply) as space, open(tmp_path / "in", "rb") as stdin:
        words = [word.replace("URL", space.url) for word in arguments]
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "spacechat", *words],
            stdin=stdin if arguments[0] == "chat" else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        ) as running:
            wait_until(lambda: any("/queue/data" in each.path for each in space.requests))
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=60)
        assert running.returncode == 130, err
        assert err.count("\n") <= 1, err
        assert ("; go on with --resume" in err) == (arguments[0] == "batch")
        wait_until(lambda: space.active == 0)
        gate.set()


@pytest.mark.parametrize("arguments", [("inspect", "URL"), ("models", "--check", "URL")])
def test_ctrl_c_while_an_app_is_silent(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The server takes the connection and never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        words = [word.replace("URL", url) for word in arguments]
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "spacechat", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
        ) as running:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, b"", b"")

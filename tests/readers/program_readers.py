"""The command line, notebooks, and the library in one line or in many threads."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import IPython
import pytest

import spacechat
from spacechat import errors
from spacechat.cli import run
from spacechat.notebook.magics import ChatMagics
from tests.notebook.shell import Shell
from tests.processes import wait_until
from tests.readers.openai_readers import CODES
from tests.readers.outcome import Kind, Read
from tests.readers.reader import HERE, Reader, Task
from tests.readers.server import QUESTION

# The command line

FAILED: dict[Kind, str] = dict.fromkeys(CODES, "exit status 1")


class Command:
    """A command in this process, with files in memory in the place of a terminal."""

    def __init__(self, *arguments: str, stdin: str = "") -> None:
        self._arguments = ["spacechat", *arguments]
        self._in = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        self._out, self._err = io.BytesIO(), io.BytesIO()
        self.status: int | None = None

    @property
    def out(self) -> str:
        """What it has written until now."""
        return self._out.getvalue().decode()

    @property
    def err(self) -> str:
        """The same for standard error."""
        return self._err.getvalue().decode()

    def run(self) -> None:
        """Run it to its end, or until Ctrl-C."""
        out, err = (
            io.TextIOWrapper(file, "utf-8", write_through=True) for file in (self._out, self._err)
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", self._arguments)
            patch.setattr(sys, "stdin", self._in)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            self.status = run()
        out.detach()
        err.detach()

    def read(self) -> Read:
        """What it has told of an error."""
        assert "Traceback" not in self.err
        if self.status == 0:
            return Read(error="", typed="")
        if self.status == 1:
            return Read(error="exit status 1", typed=self.err)
        assert self.status == 130, self.err
        return Read()


def _command(task: Task, name: str, *more: str, stdin: str = "") -> Command:
    patience = str(task.app.patience)
    return Command(name, "-m", task.url, "--timeout", patience, *more, stdin=stdin)


def _run(task: Task, command: Command, seen: Callable[[], bool] = lambda: True) -> None:
    with task.here(seen=seen):
        command.run()


def command_ask(task: Task) -> list[Read]:
    command = _command(task, "ask", QUESTION)
    _run(task, command, lambda: command.out == task.app.gets.text)
    read = command.read()
    read.printed = command.out.removesuffix("\n")
    return [read]


def command_ask_json(task: Task) -> list[Read]:
    command = _command(task, "ask", "--json", QUESTION)
    _run(task, command)
    read = command.read()
    if command.status == 0:
        _take(read, json.loads(command.out))
    else:
        assert command.out == ""
    return [read]


def command_chat(task: Task) -> list[Read]:
    command = _command(task, "chat", stdin=f"{QUESTION}\n")
    _run(task, command, lambda: task.app.gets.text in command.out)
    read = command.read()
    read.printed = command.out.strip("\n")
    return [read]


def command_batch(task: Task) -> list[Read]:
    source, target = task.tools.folder / "in.jsonl", task.tools.folder / "out.jsonl"
    target.unlink(missing_ok=True)
    source.write_text(f'"{QUESTION}"\n' * 2, encoding="utf-8")
    command = _command(task, "batch", "--concurrency", "1", str(source), str(target))
    _run(task, command)
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert (command.status == 0) == (len(lines) == 2 and not any("error" in each for each in lines))
    reads = []
    for line in lines:
        reads.append(Read(error="", says=""))
        if "error" in line:
            told = line["error"]
            reads[-1].error, reads[-1].says = told["type"], told["message"]
            reads[-1].partial = told["partial_text"]
        else:
            _take(reads[-1], line)
    return reads or [Read()]


def _take(read: Read, told: dict[str, Any]) -> None:
    read.text, read.reasoning = told["text"], told["reasoning"]
    read.files = [file["name"] for file in told["files"]]


# Notebooks


@contextlib.contextmanager
def notebook_shell() -> Iterator[Shell]:
    """The shell of a notebook's kernel, which takes what the cells show."""
    shell = Shell()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IPython, "get_ipython", lambda: shell)
        yield shell


async def display_in_a_cell(task: Task) -> list[Read]:
    with notebook_shell() as shell:
        read = await _display(task, lambda: shell.shown[-1:] == [task.app.gets.text])
    read.text = shell.shown[-1]
    return [read]


async def display_as_text(task: Task) -> list[Read]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        read = await _display(task, lambda: out.getvalue() == task.app.gets.text)
    read.printed, read.text = out.getvalue().removesuffix("\n"), None
    return [read]


async def _display(task: Task, seen: Callable[[], bool]) -> Read:
    read = Read()
    async with task.api.client(timeout=task.app.patience) as client:
        stream = client.stream(QUESTION, model=task.url)

        async def work() -> None:
            if task.api.blocking:
                reply = await stream.in_thread(spacechat.display, stream.inner)
            else:
                reply = await spacechat.display(stream)
            read.take(reply)

        try:
            await task.do(work, client.aclose, seen=seen)
            read.fail(None)
        except errors.SpaceChatError as exc:
            read.fail(exc)
    return read


def chat_cell(task: Task) -> list[Read]:
    names: dict[str, Any] = {}
    read = Read()
    with notebook_shell() as shell:
        magics = ChatMagics(SimpleNamespace(user_ns=names))
        with task.here(seen=lambda: shell.shown[-1:] == [task.app.gets.text]):
            try:
                magics.chat(f"--model {task.url}", QUESTION)
                read.take(names["reply"])
                read.fail(None)
            except errors.SpaceChatError as exc:
                read.fail(exc)
    read.text = shell.shown[-1]
    return [read]


# One line, many processes, and many threads


def stream_in_one_line(task: Task) -> list[Read]:
    read = Read(pieces=[])
    stream = spacechat.stream(QUESTION, model=task.url, timeout=task.app.patience)
    with task.here(sees_enough=bool(task.app.gets.text)):
        _collect(task, stream, read)
    read.text = stream.text
    return [read]


def ask_in_one_line(task: Task) -> list[Read]:
    read = Read()
    with task.here():
        try:
            read.take(spacechat.ask(QUESTION, model=task.url, timeout=task.app.patience))
            read.fail(None)
        except errors.SpaceChatError as exc:
            read.fail(exc)
    return [read]


def map_on_a_cluster(task: Task) -> list[Read]:
    found: list[Read] = []
    cluster = task.tools.cluster
    with spacechat.Client(timeout=task.app.patience) as client, task.here():
        questions = [QUESTION, QUESTION]
        with client.map(questions, model=task.url, concurrency=1, cluster=cluster) as results:
            found += map(Read.of, results)
    return found or [Read()]


THREADS = 3


def threads(task: Task) -> list[Read]:
    def work(_: int) -> Read:
        read = Read(pieces=[])
        with client.stream(QUESTION, model=task.url) as stream:
            _collect(task, stream, read)
            read.text = stream.text
        return read

    with (
        spacechat.Client(timeout=task.app.patience) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        found = pool.map(work, range(THREADS))
        if task.app.is_left and not task.app.gets.text:
            wait_until(lambda: task.server.stuck == THREADS)
            client.close()
        return list(found)


def _collect(task: Task, stream: spacechat.ChatStream, read: Read) -> None:
    assert read.pieces is not None
    try:
        for text in stream:
            read.pieces.append(text)
            if task.is_enough(read):
                stream.close()
                return
        read.fail(None)
    except errors.SpaceChatError as exc:
        read.fail(exc)


_FAILURE = frozenset({"error", "says", "partial"})
_REPLY = _FAILURE | {"text", "reasoning", "files"}
_PIECES = _FAILURE | {"text", "pieces"}
_TYPED = frozenset({"error", "typed"})

PROGRAMS = {
    "`spacechat ask`": Reader(command_ask, _TYPED | {"printed"}, HERE, kinds=FAILED),
    "`spacechat ask --json`": Reader(
        command_ask_json, _TYPED | {"text", "reasoning", "files"}, HERE, kinds=FAILED
    ),
    "`spacechat chat`": Reader(command_chat, _TYPED | {"printed"}, HERE, kinds=FAILED),
    "`spacechat batch`": Reader(command_batch, _REPLY, HERE, questions=2),
    "`display` in a cell": Reader(display_in_a_cell, _REPLY),
    "`display` elsewhere": Reader(display_as_text, _REPLY - {"text"} | {"printed"}),
    "`%%chat`": Reader(chat_cell, _REPLY, HERE, has_limits=False),
    "`spacechat.stream`": Reader(stream_in_one_line, _PIECES, HERE),
    "`spacechat.ask`": Reader(ask_in_one_line, _REPLY, HERE),
    "`map` on a Dask cluster": Reader(map_on_a_cluster, _REPLY, HERE, questions=2),
    "threads": Reader(threads, _PIECES, HERE, questions=THREADS, at_once=True),
}

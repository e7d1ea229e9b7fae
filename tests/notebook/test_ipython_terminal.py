"""Answers in IPython's terminal, in a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacechat.local import ChatRequest, LocalSpace
from tests.notebook.test_notebooks import assert_stopped

if not hasattr(os, "openpty"):
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

from tests.cli.terminal import START_SHELL, Terminal

IPYTHON = (
    *(sys.executable, "-W", "error", "-m", "IPython", "--no-banner", "--no-confirm-exit"),
    "--TerminalInteractiveShell.autosuggestions_provider=None",
)

LAID_OUT = ["Title", "Some bold text and <b>.", " • one", " • two"]
MARKDOWN = "# Title\n\nSome **bold** text and `<b>`.\n\n- one\n- two\n"

WAYS = [
    pytest.param("", "{}", "spacechat", id="blocking"),
    pytest.param("%autoawait asyncio", "await {}", "spacechat.AsyncClient()", id="asyncio"),
    pytest.param("%autoawait trio", "await {}", "spacechat.AsyncClient()", id="trio"),
]
"""How a cell may show an answer: what is set up beforehand, the expression, and who asks."""


class IPython(Terminal):
    """IPython's terminal, with spacechat imported."""

    def __init__(
        self, home: Path, *more: str, environment: dict[str, str] | None = None, piped: str = ""
    ) -> None:
        super().__init__(
            *IPYTHON, *more, home=home, program=START_SHELL, columns=120, lines=40,
            environment={"IPYTHONDIR": str(home), **(environment or {})}, piped=piped,
        )  # fmt: skip
        self._cells = 0

    def type(self, cell: str) -> None:
        """Type a cell at the next prompt, and run it."""
        self._cells += 1
        self.wait_for(f"In [{self._cells}]:")
        # As pasted text, so that nothing is indented or completed; then Alt+Enter.
        self.press(f"\x1b[200~{cell}\x1b[201~\x1b\r")

    def run(self, cell: str) -> list[str]:
        """Run a cell to its end; return what it showed, without blank lines."""
        self.type(cell)
        lines = self.wait_for(f"In [{self._cells + 1}]:")
        starts = [n for n, line in enumerate(lines) if line.startswith("In [")]
        shown = lines[starts[-2] + cell.count("\n") + 1 : starts[-1]]
        return [line for line in shown if line]


def stream(space: LocalSpace, client: str = "spacechat") -> str:
    """The expression that asks a Space."""
    return f"{client}.stream('Hi', model='{space.url}')"


@pytest.fixture
def space() -> Iterator[LocalSpace]:
    with LocalSpace("messages", [MARKDOWN]) as found:
        yield found


def test_a_reply_as_the_value_of_a_cell(tmp_path: Path, space: LocalSpace) -> None:
    with IPython(tmp_path) as terminal:
        terminal.run("import spacechat")
        shown = terminal.run(f"spacechat.ask('Hi', model='{space.url}')")
        assert shown == ["Out[2]:", *LAID_OUT]
        assert b"\x1b[1mbold\x1b[0m" in terminal.raw
        # Within a list it is one item of several, and in a string it is its text.
        assert terminal.run("[_]")[0].startswith("Out[3]: [<Reply '# Title")
        assert terminal.run("str(_2)") == [f"Out[4]: {MARKDOWN!r}"]


def test_without_the_extra_the_text_stays_as_it_is(tmp_path: Path) -> None:
    hidden = "import importlib.util as u; f = u.find_spec; "
    hidden += "u.find_spec = lambda name, *_: None if name == 'rich' else f(name, *_)"
    with LocalSpace("messages", ["# Title\n\x1b[2J**bold**"]) as space, IPython(tmp_path) as shell:
        shell.run(f"{hidden}\nimport spacechat")
        assert shell.run(f"spacechat.ask('Hi', model='{space.url}')") == [
            "Out[2]:", "# Title", "␛[2J**bold**",
        ]  # fmt: skip
        shown = shell.run(f"reply = spacechat.display({stream(space)})")
        assert shown == ["# Title", "␛[2J**bold**"]


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_an_answer_is_laid_out_while_it_comes(
    tmp_path: Path, setup: str, awaited: str, client: str
) -> None:
    go_on = threading.Event()

    def reply(_: ChatRequest) -> Iterator[str]:
        yield "# Title\n\nSome **bold** text"
        assert go_on.wait(120)
        yield MARKDOWN.removeprefix("# Title\n\nSome **bold** text")

    shown = awaited.format("spacechat.display({})")
    with LocalSpace("messages", reply) as space, IPython(tmp_path) as terminal:
        terminal.run(f"import spacechat\n{setup}")
        terminal.type(f"reply = {shown.format(stream(space, client))}")
        lines = terminal.wait_for("\nSome bold text")
        assert "Title" in lines
        go_on.set()
        lines = terminal.wait_for("In [3]:")
        assert [line for line in lines if line][-5:-1] == LAID_OUT
        # As the value of its cell, too, the answer is not shown a second time.
        again = terminal.run(shown.format(stream(space, client)))
        assert again[:-1] == [*LAID_OUT]
        assert again[-1].startswith("Out[3]: <Reply '# Title")
        assert terminal.run("_") == ["Out[4]:", *LAID_OUT]


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_ctrl_c_stops_the_space(tmp_path: Path, setup: str, awaited: str, client: str) -> None:
    def reply(_: ChatRequest) -> Iterator[str]:
        while True:
            yield "ha "

    with LocalSpace("messages", reply, delay=0.01) as space, IPython(tmp_path) as terminal:
        terminal.run(f"import spacechat\n%xmode Minimal\n{setup}")
        terminal.type(awaited.format(f"spacechat.display({stream(space, client)})"))
        terminal.wait_for("ha ha ha")
        terminal.press("\x03")
        assert any("KeyboardInterrupt" in line for line in terminal.wait_for("In [3]:"))
        assert_stopped(space)
        # Nothing of it is left that would go on with the next cell.
        terminal.run("import asyncio\n%autoawait asyncio")
        assert terminal.run("await asyncio.sleep(0); len(asyncio.all_tasks())") == ["Out[4]: 1"]


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_a_handler_of_ctrl_c_stays(
    tmp_path: Path, space: LocalSpace, setup: str, awaited: str, client: str
) -> None:
    with IPython(tmp_path) as terminal:
        terminal.run(f"import signal, spacechat\n{setup}\ndef mine(*_): pass")
        shown = awaited.format(f"spacechat.display({stream(space, client)})")
        # In one cell: some versions of IPython set their own handler between two.
        cell = f"before = signal.signal(signal.SIGINT, mine); {shown}; signal.getsignal(2) is mine"
        assert terminal.run(cell)[-1].endswith(": True")


def test_in_a_thread_that_gets_no_signals(tmp_path: Path, space: LocalSpace) -> None:
    code = f"""
import anyio, spacechat, threading
async def main():
    await spacechat.display({stream(space, "spacechat.AsyncClient()")})
thread = threading.Thread(target=anyio.run, args=[main]); thread.start(); thread.join()
"""
    with IPython(tmp_path) as terminal:
        assert terminal.run(code.strip()) == LAID_OUT


def test_chat_cells(tmp_path: Path, space: LocalSpace) -> None:
    with IPython(tmp_path) as terminal:
        terminal.run("%load_ext spacechat")
        assert terminal.run(f"%%chat -m {space.url}\nHi") == LAID_OUT
        assert terminal.run("reply") == ["Out[3]:", *LAID_OUT]
        assert "spacechat: " in "".join(terminal.run("%%chat -m http://localhost:1\nHi"))


def test_thoughts_and_files(tmp_path: Path) -> None:
    code = """
import spacechat
from spacechat.events import File
from spacechat.streaming import Timings
spacechat.Reply(
    "It **is**", "m", spacechat.providers.GradioChat, spacechat.Conversation(session_hash=""),
    "Let me\\nsee", Timings(None, None, 1.0), (File("http://h/a.png", "a\\x1b.png", "image/png"),),
)
"""
    with IPython(tmp_path) as terminal:
        shown = terminal.run(code.strip())
    assert shown == ["Out[1]:", "  Let me", "  see", "It is", "file: a␛.png: http://h/a.png"]


def test_python_itself_shows_the_repr(tmp_path: Path, space: LocalSpace) -> None:
    command = (sys.executable, "-q", "-i", "-c", "import spacechat")
    with Terminal(*command, home=tmp_path, program=START_SHELL, columns=120) as terminal:
        terminal.wait_for(">>>")
        terminal.press(f"spacechat.ask('Hi', model='{space.url}')\r")
        assert any(line.startswith("<Reply '# Title") for line in terminal.wait_for(">>>", times=2))

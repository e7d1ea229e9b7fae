"""`spacechat call` and the functions that `spacechat inspect` lists, without and on a terminal."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.processes import wait_until
from tests.servers import completed, failed, generating, message
from tests.servers.function_app import JSON, NUMBER, Function, FunctionApp, Value, app


@pytest.fixture
def tools() -> Iterator[FunctionApp]:
    with app() as server:
        yield server


def test_a_value(spacechat: Run, tools: FunctionApp) -> None:
    assert spacechat("call", tools.url, "/calc", "1", "add", "2") == (0, "3\n", "")
    assert spacechat("call", tools.url, "calc", "20", "-o", "num2", "4") == (0, "24\n", "")
    assert spacechat("call", tools.url, "/calc", "-1.5", "-o", "num2", "-1") == (0, "-2.5\n", "")
    assert tools.called[-1] == ("calc", [-1.5, "add", -1])


def test_values_as_they_come(spacechat: Run, tools: FunctionApp) -> None:
    assert spacechat("call", tools.url, "/count", "3") == (0, "0\n1\n2\n", "")


def test_several_outputs(spacechat: Run, tools: FunctionApp) -> None:
    status, out, err = spacechat("call", tools.url, "/train", "4")
    assert (status, out) == (0, "state: trained\nloss: 0.25\n")
    assert "Training begins" in err


def test_json(spacechat: Run, tools: FunctionApp) -> None:
    """What `hf gradio predict` prints, but on a line, and one for each value."""
    status, out, _ = spacechat("call", "--json", tools.url, "/train", "4")
    assert (status, json.loads(out)) == (0, {"state": "trained", "loss": 0.25})
    status, out, _ = spacechat("call", "--json", tools.url, "/count", "3")
    assert [json.loads(line) for line in out.splitlines()] == [{"number": n} for n in range(3)]


def test_a_text_that_grows(spacechat: Run) -> None:
    def tell(_: list[Any], __: Any) -> Iterator[bytes]:
        yield generating("He")
        yield generating([["append", [], "llo"]])
        yield generating([["replace", [], "Bye\x1b[2J"]])
        yield completed("Bye\x1b[2J")

    with FunctionApp([Function("tell", tell, [], [Value("said")], streams=True)]) as server:
        assert spacechat("call", server.url, "/tell") == (0, "Hello\nBye\x1b[2J\n", "")


def test_no_outputs(spacechat: Run) -> None:
    with FunctionApp([Function("reset", lambda _, __: [completed()], [], [])]) as server:
        assert spacechat("call", server.url, "/reset") == (0, "", "")
        assert spacechat("call", "--json", server.url, "/reset") == (0, "{}\n", "")


@pytest.mark.parametrize(
    ("word", "kind", "sent"),
    [
        ("5", "textbox", "5"),
        ("null", "textbox", "null"),
        ('{"a": [1, null, true]}', JSON, {"a": [1, None, True]}),
        ("plain words", JSON, "plain words"),
        ("2.5", NUMBER, 2.5),
    ],
)
def test_what_a_word_is(spacechat: Run, word: str, kind: str, sent: object) -> None:
    echo = Function("echo", lambda data, _: [completed(data[0])], [Value("value", kind)])
    with FunctionApp([echo]) as server:
        assert spacechat("call", server.url, "/echo", word)[0] == 0
        assert server.called == [("echo", [sent])]


def test_files(
    spacechat: Run, tools: FunctionApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("quiet.txt").write_text("hello", encoding="utf-8")
    status, out, _ = spacechat("call", tools.url, "/shout", "quiet.txt")
    assert status == 0
    assert out.startswith(tools.url)
    assert not Path("loud.txt").exists()
    status, out, err = spacechat("call", tools.url, "/shout", "quiet.txt", "--to", ".")
    assert (status, out, err) == (0, "loud.txt\n", "saved: loud.txt\n")
    assert Path("loud.txt").read_bytes() == b"HELLO"
    status, out, _ = spacechat("call", "--json", tools.url, "/shout", "quiet.txt", "--to", ".")
    assert json.loads(out) == {"loud": "loud (1).txt"}


def test_nested_files(spacechat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is marked in JSON as Gradio marks it."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("a", encoding="utf-8")
    echo = Function("echo", lambda data, _: [completed("done")], [Value("value", JSON)])
    marked = {"path": "a.txt", "meta": {"_type": "gradio.FileData"}}
    with FunctionApp([echo]) as server:
        given = json.dumps({"files": [marked], "text": "a.txt"})
        assert spacechat("call", server.url, "/echo", given) == (0, "done\n", "")
        ((_, (sent,)),) = server.called
    assert sent["text"] == "a.txt"
    assert sent["files"][0]["path"] == "/tmp/a.txt"
    assert server.files == {"a.txt": b"a"}


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("/calc", "1", "divide", "0"), 1, "divided by zero"),
        (("/calc", "1", "adding", "2"), 1, "multiply"),
        (("/calc",), 1, "num1"),
        (("/calc", "1", "-o", "nmu2", "3"), 1, "num2"),
        (("/calc", "1", "-o", "num2", "3", "-o", "num2", "4"), 2, "twice"),
        (("/calk", "1"), 1, "/calc"),
        (("/shout", "none.txt"), 1, "none.txt"),
        ((), 2, "ENDPOINT"),
    ],
)
def test_errors(
    spacechat: Run, tools: FunctionApp, words: tuple[str, ...], status: int, says: str
) -> None:
    found, out, err = spacechat("call", tools.url, *words)
    assert (found, out) == (status, "")
    assert says in err
    assert "Traceback" not in err


def test_an_error_after_some_values(spacechat: Run) -> None:
    def fail(_: list[Any], __: Any) -> Iterator[bytes]:
        yield generating("some")
        yield failed("No more \x1b[2J\nof it")

    with FunctionApp([Function("fail", fail, [], streams=True)]) as server:
        status, out, err = spacechat("call", server.url, "/fail")
    assert (status, out) == (1, "some\n")
    assert "No more ␛[2J of it" in err
    assert err.count("\n") == 1


def test_inspect(spacechat: Run, tools: FunctionApp) -> None:
    _, out, _ = spacechat("inspect", tools.url)
    for word in (
        "/calc",
        "num1",
        "operation",
        "multiply",
        "/train",
        "loss",
        "Work out two numbers",
    ):
        assert word in out
    lines = [line.strip() for line in out.splitlines() if "spacechat call" in line]
    assert len(lines) == len(tools.functions)
    assert tools.url in lines[0]


def test_a_line_to_copy(spacechat: Run, tools: FunctionApp) -> None:
    _, out, _ = spacechat("inspect", tools.url)
    (line,) = [line.strip() for line in out.splitlines() if " /calc" in line and "call" in line]
    status, out, err = spacechat(*shlex.split(line)[1:])
    assert (status, err) == (0, "")


# On a terminal.


def test_progress_bars(tmp_path: Path) -> None:
    go_on = threading.Event()

    def work(_: list[Any], __: Any) -> Iterator[bytes]:
        outer = {"index": 1, "length": 4, "unit": "rounds", "desc": "Outer", "progress": None}
        inner = {"index": None, "length": None, "unit": None, "desc": "Inner", "progress": 0.5}
        yield message("progress", progress_data=[outer, inner])
        go_on.wait(60)
        yield completed("done")

    with (
        FunctionApp([Function("work", work, [])]) as server,
        Terminal("call", server.url, "/work", home=tmp_path) as terminal,
    ):
        lines = terminal.wait_for("Inner")
        assert any("Outer ━━━━━━──" in line and "1 of 4 rounds" in line for line in lines)
        assert any("50%" in line for line in lines)
        go_on.set()
        assert terminal.wait() == 0
        assert terminal.shown() == ["done"]


def test_values_on_a_terminal(tmp_path: Path) -> None:
    def tell(_: list[Any], __: Any) -> Iterator[bytes]:
        yield message("progress", progress_data=[{"desc": "Working on it", "progress": 0.5}])
        yield generating("one\x1b[2J")
        yield generating([["append", [], " two"]])
        yield completed("three")

    with (
        FunctionApp([Function("tell", tell, [], streams=True)]) as server,
        Terminal("call", server.url, "/tell", home=tmp_path) as terminal,
    ):
        assert terminal.wait() == 0
        assert terminal.shown() == ["one␛[2J two", "three"]


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_ctrl_c(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    go_on = threading.Event()

    def work(_: list[Any], __: Any) -> Iterator[bytes]:
        yield generating("begun")
        go_on.wait(60)
        yield completed("done")

    with (
        FunctionApp([Function("work", work, [], streams=True)]) as server,
        Terminal("call", *arguments, server.url, "/work", home=tmp_path) as terminal,
    ):
        terminal.wait_for("begun")
        terminal.press("\x03")
        assert terminal.wait() == 130
        wait_until(lambda: bool(server.to("/gradio_api/cancel")))
        go_on.set()

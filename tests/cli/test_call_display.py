"""What `spacechat call` shows on a terminal."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Terminal
from tests.processes import wait_until
from tests.servers import completed, failed, generating, message
from tests.servers.function_app import JSON, Function, FunctionApp, Value


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


def test_large_values_on_a_terminal(tmp_path: Path) -> None:
    """The next value replaces one that is more than a text; what remains is the result."""
    go_on = threading.Event()
    rows = [["Ada Lovelace", 1815, None], ["漢字", 5, "_" * 50], ["Grace", 1906.5, "\x1b[2J"]]

    def work(_: list[Any], __: Any) -> Iterator[bytes]:
        yield generating({"step": 1}, "begun")
        yield message("progress", progress_data=[{"desc": "Working on it", "progress": 0.5}])
        go_on.wait(60)
        yield completed({"headers": ["name", "born", "told"], "data": rows}, "two\nlines")

    gives = [Value("table", JSON), Value("text")]
    with (
        FunctionApp([Function("work", work, [], gives, streams=True)]) as server,
        Terminal("call", server.url, "/work", home=tmp_path, columns=60) as terminal,
    ):
        assert terminal.wait_for("Working on it")[:2] == ['table: {"step": 1}', "text: begun"]
        go_on.set()
        assert terminal.wait() == 0
        table, head, _, first, *others = terminal.shown()
    assert (table, head.split()) == ("table:", ["name", "born", "told"])
    assert first.split() == ["Ada", "Lovelace", "1815"]
    assert others[0].startswith("  漢字            ")
    assert "".join(others).count("_") == 50
    assert "␛[2J" in others[-4]
    assert others[-3:] == ["text:", "  two", "  lines"]


def test_json_on_lines_that_fit(tmp_path: Path) -> None:
    value = {"short": [1, 2], "long": ["x" * 30, {"y": "y" * 30}]}
    give = Function("give", lambda _, __: [completed(value)], [], [Value("json", JSON)])
    with (
        FunctionApp([give]) as server,
        Terminal("call", server.url, "/give", home=tmp_path, columns=50) as terminal,
    ):
        assert terminal.wait() == 0
        lines = terminal.shown()
    assert len(lines) == 9
    assert lines[1] == '  "short": [1, 2],'
    assert json.loads("\n".join(lines)) == value


def test_an_error_keeps_the_newest_value(tmp_path: Path) -> None:
    def fail(_: list[Any], __: Any) -> Iterator[bytes]:
        yield generating({"step": 1}, "begun")
        yield failed("No more")

    gives = [Value("json", JSON), Value("text")]
    with (
        FunctionApp([Function("fail", fail, [], gives, streams=True)]) as server,
        Terminal("call", server.url, "/fail", home=tmp_path) as terminal,
    ):
        assert terminal.wait() == 1
        *values, error = terminal.shown()
    assert values == ['json: {"step": 1}', "text: begun"]
    assert "No more" in error


@pytest.mark.parametrize("arguments", [(), ("--jsonl",)])
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

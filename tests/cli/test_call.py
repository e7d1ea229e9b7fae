"""`spacechat call` and the functions that `spacechat inspect` lists."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.servers import (
    Part,
    Received,
    ReplayServer,
    completed,
    failed,
    generating,
    gradio,
    response,
)
from tests.servers.function_app import JSON, NUMBER, Function, FunctionApp, Value, app
from tests.servers.functions import told


@pytest.fixture
def tools() -> Iterator[FunctionApp]:
    with app() as server:
        yield server


def test_a_value(spacechat: Run, tools: FunctionApp) -> None:
    assert spacechat("call", tools.url, "/calc", "1", "add", "2") == (0, "3\n", "")
    assert spacechat("call", tools.url, "calc", "20", "-o", "num2", "4") == (0, "24\n", "")
    assert spacechat("call", tools.url, "/calc", "-1.5", "-o", "num2", "-1") == (0, "-2.5\n", "")
    assert tools.called[-1] == ("calc", [-1.5, "add", -1])


def test_a_label(spacechat: Run, tools: FunctionApp) -> None:
    """What `inspect` shows beside a parameter names it, too; case doesn't matter."""
    assert spacechat("call", tools.url, "/calc", "1", "-o", "Num2", "4") == (0, "5\n", "")
    twice = ("-o", "Num2", "4", "-o", "num2", "1")
    status, _, err = spacechat("call", tools.url, "/calc", "1", *twice)
    assert (status, "'num2' is given twice" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "`spacechat inspect URL` lists the functions"),
        (("/calc", "1", "--timeout", "-5"), "Invalid value for '--timeout': -5.0 is not in"),
        (("/calc", "-o", "num2=3", "1"), "-o takes two words: -o num2 3."),
    ],
)
def test_usage(spacechat: Run, tools: FunctionApp, words: tuple[str, ...], says: str) -> None:
    status, out, err = spacechat("call", tools.url, *words)
    assert (status, out) == (2, "")
    assert says in err.replace(tools.url, "URL")
    assert not tools.called


def test_values_as_they_come(spacechat: Run, tools: FunctionApp) -> None:
    assert spacechat("call", tools.url, "/count", "3") == (0, "0\n1\n2\n", "")


def test_several_outputs(spacechat: Run, tools: FunctionApp) -> None:
    status, out, err = spacechat("call", tools.url, "/train", "4")
    assert (status, out) == (0, "state: trained\nloss: 0.25\n")
    assert "Training begins" in err


def test_json(spacechat: Run, tools: FunctionApp) -> None:
    """What `hf gradio predict` prints, but on a line: the result only, by labels."""
    status, out, _ = spacechat("call", "--json", tools.url, "/train", "4")
    assert (status, json.loads(out)) == (0, {"state": "trained", "loss": 0.25})
    assert spacechat("call", "--json", tools.url, "/count", "3") == (0, '{"number": 2}\n', "")


def test_json_lines(spacechat: Run, tools: FunctionApp) -> None:
    status, out, _ = spacechat("call", "--jsonl", tools.url, "/count", "3")
    assert status == 0
    assert [json.loads(line) for line in out.splitlines()] == [{"number": n} for n in range(3)]
    status, _, err = spacechat("call", "--json", "--jsonl", tools.url, "/count", "3")
    assert (status, "choose one" in err) == (2, True)


def test_outputs_with_the_same_label(spacechat: Run) -> None:
    """None is lost, as the first one is in what `hf gradio predict` prints."""
    twins = [Value("said"), Value("said"), Value("said_1")]
    both = Function("both", lambda _, __: [completed("a", "b", "c")], [], twins)
    with FunctionApp([both]) as server:
        status, out, _ = spacechat("call", "--json", server.url, "/both")
        assert (status, json.loads(out)) == (0, {"said": "a", "said_1": "b", "said_1_1": "c"})


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
    status, out, _ = spacechat("call", "--json", tools.url, "/shout", "quiet.txt")
    assert json.loads(out)["loud"]["url"].startswith(tools.url)
    spacechat("call", tools.url, "/shout", "quiet.txt", "--to", "new/folder")
    assert Path("new/folder/loud.txt").read_bytes() == b"HELLO"


def test_standard_input(spacechat: Run, tools: FunctionApp) -> None:
    """It is the text, the JSON or the file of one argument."""
    assert spacechat("call", tools.url, "/shout", "-", stdin=b"\xff hello")[0] == 0
    assert tools.files["loud.txt"] == b"\xff HELLO"
    assert spacechat("call", tools.url, "/calc", "-", "add", "2", stdin=b"1\n") == (0, "3\n", "")
    spacechat("call", tools.url, "/remember", "-", stdin="two\nwörds\n".encode())
    assert tools.called[-1] == ("remember", ["two\nwörds"])
    status, _, err = spacechat("call", tools.url, "/calc", "-", "-o", "num2", "-", stdin=b"1")
    assert (status, "one argument only" in err) == (2, True)


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
        (("/calc", "1", "adding", "2"), 2, "multiply"),
        (("/calc",), 2, "num1"),
        (("/calc", "1", "-o", "nmu2", "3"), 2, "num2"),
        (("/calc", "1", "-o", "num2", "3", "-o", "num2", "4"), 2, "twice"),
        (("/remember", "-minus"), 2, "needs a -- before it"),
        (("/nothing-like-it",), 2, "/remember, /shout"),
        (("/calk", "1"), 2, "/calc"),
        (("/shout", "none.txt"), 2, "none.txt"),
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
    assert "No more of it" in err
    assert err.count("\n") == 1


class Locked(FunctionApp):
    """An app with a login of its own, which nobody has passed."""

    def tell(self, request: Received) -> Iterable[Part]:
        return [response(b'{"detail":"Not authenticated"}', "401 Unauthorized")]


@pytest.mark.parametrize("arguments", [("call", "URL", "/calc"), ("inspect", "URL")])
def test_a_login_that_is_missing(spacechat: Run, arguments: tuple[str, ...]) -> None:
    """The error names the option, and not the parameter of Python's functions."""
    with Locked([]) as server:
        words = [server.url if word == "URL" else word for word in arguments]
        status, out, err = spacechat(*words)
        assert (status, out) == (1, "")
        assert "pass --auth USER:PASSWORD" in err
        status, _, err = spacechat(*words, "--auth", "ada")
        assert (status, "as in ada:secret" in err) == (2, True)


def test_inspect(spacechat: Run, tools: FunctionApp) -> None:
    _, out, _ = spacechat("inspect", "-v", tools.url)
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
    assert out.count("/train") == 2  # In its signature, and in the command.
    assert "number 'epochs' (9) → textbox 'state' (10), number 'loss' (11)" in out


def test_inspect_repeats_no_password(spacechat: Run, tools: FunctionApp) -> None:
    """It may be read on a screen that is shared, and stay in a shell's history."""
    _, out, _ = spacechat("inspect", tools.url.replace("//", "//ada:secret@"))
    assert "secret" not in out
    assert f"spacechat call {tools.url.replace('//', '//USER:PASSWORD@')} /calc" in out


def test_functions_without_a_chat(spacechat: Run) -> None:
    """They come first; private ones are neither listed nor called."""
    with ReplayServer(gradio(**told())) as server:
        brief = spacechat("inspect", server.url)[1]
        _, out, _ = spacechat("inspect", "-v", server.url)
        found = json.loads(spacechat("inspect", server.url, "--json")[1])
    lines = out.splitlines()
    assert lines[1:3] == ["", "Functions, and a command that calls each"]
    assert lines[-1] == "No way to chat was found."
    unlisted = lines[lines.index("Functions that the app does not list, but that can be called") :]
    assert unlisted[1:-2] == ["  /hid: nothing → nothing"]
    assert "/hid" not in brief
    assert [each["name"] for each in found["other_endpoints"]] == ["/hid"]


def test_the_status_of_an_inspection(spacechat: Run, tools: FunctionApp) -> None:
    """An app with functions needs no chat, unless a chat is asked for."""
    for function in tools.functions:
        assert spacechat("inspect", tools.url, "--endpoint", f"/{function.name}")[0] in (0, 1)
    calc = next(each for each in tools.functions if each.name == "calc")
    with FunctionApp([calc]) as server:
        assert spacechat("inspect", server.url)[0] == 0
        assert spacechat("inspect", server.url, "--json")[0] == 0
        assert spacechat("inspect", server.url, "--endpoint", "/calc")[0] == 1
        assert spacechat("inspect", server.url, "--output", "output")[0] == 1
    with FunctionApp([]) as server:
        assert spacechat("inspect", server.url)[0] == 1


def test_an_inspection_as_json(spacechat: Run, tools: FunctionApp) -> None:
    status, out, _ = spacechat("inspect", "--json", tools.url)
    found = json.loads(out)
    assert (status, out.count("\n")) == (0, 1)
    calc = found["endpoints"][0]
    assert [each["name"] for each in calc["parameters"]] == ["num1", "operation", "num2"]
    assert calc["outputs"] == ["number 'output' (4)"]
    assert spacechat(*shlex.split(calc["command"])[1:])[0] == 0
    assert found["is_chat"] in (True, False)


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_an_inspection_fits(tmp_path: Path, tools: FunctionApp, columns: int) -> None:
    with Terminal("inspect", tools.url, home=tmp_path, columns=columns, lines=100) as terminal:
        assert terminal.wait() == 0
        lines = terminal.shown()
    assert all(len(line) < columns or "spacechat call" in line for line in lines)
    assert "      num2: float = 2," in lines
    assert "  /count(n: float = 3) -> float" in lines

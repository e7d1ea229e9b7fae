"""`spacechat batch`: every question once in the output, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat.local import ChatRequest, LocalSpace
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.processes import wait_until


class Echo:
    """Answers with the prompt.

    Attributes:
        asked: How often each prompt came.
        failing: Prompts whose answers fail.
        gate: What prompts with a `!` wait for.
        most: The most that were at work at once.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.failing: set[str] = set()
        self.gate = threading.Event()
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        with self._lock:
            self.asked[request.prompt] += 1
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield "to "
            if "!" in request.prompt:
                self.gate.wait(60)
            if request.prompt in self.failing:
                raise RuntimeError("Not today.")
            yield request.prompt
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def echo() -> Iterator[Echo]:
    found = Echo()
    yield found
    found.gate.set()


@pytest.fixture
def space(echo: Echo) -> Iterator[LocalSpace]:
    with LocalSpace("messages", reply=echo) as space:
        yield space


def put(folder: Path, lines: Iterable[object]) -> tuple[str, str]:
    """Write an input; return the paths of input and output."""
    source = folder / "in.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    source.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return str(source), str(folder / "out.jsonl")


def prompts(count: int) -> Iterator[dict[str, str]]:
    for number in range(1, count + 1):
        yield {"prompt": f"q{number}"}


def results(target: str) -> list[dict[str, Any]]:
    with open(target, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def lines_of(target: str) -> list[int]:
    return [result["line"] for result in results(target)]


def popen(
    source: str, target: str, *options: str, space: LocalSpace, limit: int | None = None
) -> subprocess.Popen[str]:
    """Run the command in a process of its own, which can't write larger files than the limit."""
    import resource

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "spacechat", "batch", "-m", space.url, *options]
    return subprocess.Popen(
        [*command, source, target],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited,  # noqa: PLW1509
    )


def test_lines_of_all_kinds(spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    echo.failing = {"fails"}
    source, target = put(
        tmp_path,
        [
            '\ufeff"text"',
            "",
            '{"no": json}',
            {"prompt": "Grüß\x9b2J", "id": 7},
            {"messages": [{"role": "user", "content": "messages"}], "id": "seven"},
            [{"role": "user", "content": "list"}],
            "7",
            {"prompt": None},
            {"messages": [{"role": "nobody", "content": "x"}]},
            {"prompt": "  "},
            '"half \\ud800"',
            "\x00" * 10,
            "fails",
            {"prompt": "fails"},
        ],
    )
    with open(source, "ab") as file:
        file.write(b'"\xff"\n"' + b"x" * (16 << 20) + b'"\n"the last"')
    status, out, err = spacechat("batch", "--ordered", "-m", space.url, source, target)
    assert (status, out) == (1, "")
    found = results(target)
    assert [result["line"] for result in found] == [1, *range(3, 18)]
    answers = {each["line"]: each["text"] for each in found if "text" in each}
    assert answers == {
        1: "to text",
        4: "to Grüß\x9b2J",
        5: "to messages",
        6: "to list",
        17: "to the last",
    }
    assert "\x9b" not in Path(target).read_text(encoding="utf-8")
    by_line = {result["line"]: result for result in found}
    assert by_line[4]["id"] == 7
    assert by_line[5]["id"] == "seven"
    assert by_line[5]["prompt"] == [{"role": "user", "content": "messages"}]
    assert by_line[4]["timings"]["total"] > 0
    assert by_line[14]["error"]["type"] == "GenerationError"
    assert by_line[14]["error"]["partial_text"] == "to "
    errors = {each["line"]: each["error"]["message"] for each in found if "error" in each}
    assert errors[3].startswith("The line is not JSON: ")
    assert errors[7] == errors[8]
    assert '{"prompt": ...}' in errors[7]
    assert "role 'nobody'" in errors[9]
    assert "not blank" in errors[10]
    assert errors[16] == "The line is longer than 16 MiB."
    told = err.splitlines()
    assert sum(line.startswith("spacechat: line ") for line in told) == 10
    assert "spacechat: line 3: MessagesError: The line is not JSON" in err
    assert "further failures are only counted here" in told[-2]
    assert "5 answered, 11 failed (--resume asks them again)" in told[-1]


def test_resuming(spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    """What is missing or has failed is asked, and nothing else; a line cut short is taken off."""
    source, target = put(tmp_path, prompts(20))
    echo.failing = {"q3", "q17"}
    arguments = ("batch", "-m", space.url, source, target)
    assert spacechat(*arguments)[0] == 1
    whole = Path(target).read_bytes().splitlines(keepends=True)
    assert len(whole) == 20
    status, _, err = spacechat(*arguments)
    assert status == 1
    assert "out.jsonl is there already: go on with it by --resume" in err
    assert Path(target).read_bytes() == b"".join(whole)
    lost = {json.loads(line)["line"] for line in whole[15:]}
    Path(target).write_bytes(b"".join(whole[:15]) + whole[15][:30])
    (tmp_path / "out.jsonl.spacechat-new").write_bytes(whole[0])  # of a kill at a bad moment
    missing = {"q3", "q17", *(f"q{line}" for line in lost)}
    echo.failing.clear()
    echo.asked.clear()
    status, _, err = spacechat(*arguments, "--resume", "--ordered")
    assert (status, f"{len(missing)} answered in" in err) == (0, True)
    assert echo.asked == dict.fromkeys(missing, 1)
    assert lines_of(target) == list(range(1, 21))
    assert [result["text"] for result in results(target)] == [f"to q{n}" for n in range(1, 21)]
    echo.asked.clear()
    assert spacechat(*arguments, "--resume")[0] == 0
    assert not echo.asked
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"no result\n", "Line 1 of {out} is no result of a batch"),
        (b'{"line": 1, "prompt": "q1"}\n{"line": 99999}\n', "Line 2 of {out} is no result"),
        (b'{"line": 0}\n', "Line 1 of {out} is no result"),
        (b'{"line": 1, "prompt": "q1"}\n' * 2, "{out} holds two answers to line 1."),
        (b'{"line": 2, "prompt": "q1"}\n', "Line 2 of {in} is not the question that {out} has"),
        (b'{"line": 9, "prompt": "q9"}\n', "{out} has answers to more questions than {in} has."),
    ],
)
def test_an_output_of_something_else(
    spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo, written: bytes, told: str
) -> None:
    source, target = put(tmp_path, prompts(3))
    Path(target).write_bytes(written)
    status, _, err = spacechat("batch", "--resume", "-m", space.url, source, target)
    assert status == 1
    assert told.replace("{out}", target).replace("{in}", source) in err
    assert Path(target).read_bytes() == written
    assert not echo.asked


def test_several_models_share_the_work(
    spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo
) -> None:
    other = Echo()
    source, target = put(tmp_path, [f'"q{number}!"' for number in range(30)])
    opener = threading.Thread(target=_open_when_full, args=([echo, other], 3))
    with LocalSpace("qwen-2-72b", reply=other) as second:
        opener.start()
        models = ("-m", space.url, "-m", second.url)
        assert spacechat("batch", "--concurrency", "3", *models, source, target)[0] == 0
        opener.join()
    assert echo.most == other.most == 3
    assert sorted(lines_of(target)) == list(range(1, 31))
    assert (echo.asked + other.asked).total() == 30


def _open_when_full(echoes: list[Echo], places: int) -> None:
    try:
        wait_until(lambda: all(echo.most == places for echo in echoes))
    finally:
        for echo in echoes:
            echo.gate.set()


def test_two_runs_on_one_output(
    spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo
) -> None:
    source, target = put(tmp_path, [{"prompt": "first"}, {"prompt": "last!"}])
    with popen(source, target, space=space) as running:
        wait_until(lambda: echo.asked["last!"] == 1)
        for options in ([], ["--resume"]):
            status, _, err = spacechat("batch", *options, "-m", space.url, source, target)
            assert (status, "is being written by another run" in err) == (1, True)
        echo.gate.set()
        _, err = running.communicate()
        assert (running.returncode, "2 answered" in err) == (0, True)
    assert sorted(lines_of(target)) == [1, 2]
    assert echo.asked.total() == 2


def test_a_full_disk(spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    """What fits is there, whole, and the rest comes when there is room."""
    source, target = put(tmp_path, prompts(40))
    with popen(source, target, space=space, limit=2000) as running:
        _, err = running.communicate()
    assert running.returncode == 1
    assert f"spacechat: {target} can't be written: File too large." in err
    assert "then go on with --resume" in err
    written = lines_of(target)
    assert 0 < len(written) < 40
    assert os.path.getsize(target) <= 2000
    asked = Counter(echo.asked)
    assert spacechat("batch", "--resume", "-m", space.url, source, target)[0] == 0
    assert sorted(lines_of(target)) == list(range(1, 41))
    assert all((echo.asked - asked)[f"q{line}"] == 0 for line in written)


def test_a_full_disk_while_the_failures_are_taken_out(
    tmp_path: Path, space: LocalSpace, echo: Echo
) -> None:
    source, target = put(tmp_path, prompts(40))
    echo.failing = {"q1"}
    with popen(source, target, space=space) as running:
        running.communicate()
    before = Path(target).read_bytes()
    with popen(source, target, "--resume", space=space, limit=2000) as running:
        _, err = running.communicate()
    assert (running.returncode, "It is as it was." in err) == (1, True)
    assert Path(target).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_an_output_that_cannot_be_written(
    spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo
) -> None:
    source, target = put(tmp_path, prompts(3))
    Path(target).touch(mode=0o444)
    # What root may not write either.
    readonly = target if os.geteuid() else "/sys/kernel/uevent_seqnum"
    for path in (readonly, str(tmp_path / "no" / "folder.jsonl")):
        status, _, err = spacechat("batch", "-m", space.url, source, path)
        assert (status, err.count("\n")) == (1, 1)
        assert path in err
    status, _, err = spacechat("batch", "-m", space.url, source, "/dev/null")
    assert (status, "must be a file" in err) == (1, True)
    assert spacechat("batch", "-m", space.url, source, str(tmp_path))[0] == 2
    assert spacechat("batch", "-m", space.url, str(tmp_path / "none"), target)[0] == 2
    assert not echo.asked


def test_ctrl_c(spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    source, target = put(tmp_path, [{"prompt": "first"}, {"prompt": "last!"}])
    with popen(source, target, space=space) as running:
        wait_until(lambda: os.path.exists(target) and os.path.getsize(target) > 0)
        wait_until(lambda: sum("/queue/data" in each.path for each in space.requests) == 2)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate()
    assert running.returncode == 130
    assert err.strip().endswith("; go on with --resume"), err
    wait_until(lambda: space.active == 0)
    echo.gate.set()
    assert spacechat("batch", "--resume", "-m", space.url, source, target)[0] == 0
    assert lines_of(target) == [1, 2]
    assert echo.asked == {"first": 1, "last!": 2}


def test_limits(spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    source, target = put(tmp_path, prompts(3))
    for options, told in (
        (["--rate", "often"], "'often' is no rate; 2/s, 30/m and 100/h are."),
        (["--concurrency", "0"], "0 is not in the range x>=1"),
        (["--local", "--url", space.url], "--local and --url: choose one."),
        (["--url", space.url, "-m", "qwen-2.5", "-m", "qwen-2-72b"], "--url goes with one model"),
    ):
        status, _, err = spacechat("batch", *options, source, target)
        assert (status, told in err) == (2, True)
    assert spacechat("batch", "-m", "qwen-3", source, target)[0] == 1
    arguments = ("--url", space.url, "--rate", "1200/m", "--timeout", "30", source, target)
    assert spacechat("batch", *arguments)[0] == 0
    assert min(result["timings"]["total"] for result in results(target)) > 0


def test_a_system_message(spacechat: Run, tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    own = [{"role": "system", "content": "Be long."}, {"role": "user", "content": "two"}]
    source, target = put(tmp_path, [{"prompt": "one"}, own])
    assert spacechat("batch", "-s", "Be brief.", "-m", space.url, source, target)[0] == 0
    assert sorted(prompt.count("Be brief.") for prompt in echo.asked) == [0, 1]


def test_local_spaces(spacechat: Run, tmp_path: Path) -> None:
    source, target = put(tmp_path, prompts(2))
    models = ("-m", "qwen-2.5", "-m", "qwen-2-72b")
    assert spacechat("batch", "--local", *models, source, target)[0] == 0
    assert {result["provider"] for result in results(target)} == {
        "Qwen_Qwen_2_5",
        "Qwen_Qwen_2_72B",
    }


def test_the_bar(tmp_path: Path, space: LocalSpace, echo: Echo) -> None:
    source, target = put(tmp_path, [*prompts(40), {"prompt": "last!"}])
    echo.failing = {"q1"}
    arguments = ("batch", "-m", space.url, source, target)
    with Terminal(*arguments, home=tmp_path, columns=100) as terminal:
        shown = terminal.wait_until(
            lambda lines: any("40/41" in line and "1 failed" in line for line in lines)
        )
        assert "line 1: GenerationError: " in "\n".join(shown)
        terminal.wait_until(lambda lines: "/s" in "\n".join(lines))
        echo.gate.set()
        assert terminal.wait() == 1
        shown = terminal.wait_for("41/41")
    assert "40 answered, 1 failed" in shown[-1]
    assert b"\x1b[?25h" in terminal.raw  # The cursor is there again.


def test_kills() -> None:
    """A short form of `benchmarks/batch.py`; the whole is run before a release."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.batch", "--kills=3", "--prompts=300"],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "300 answers, each once" in done.stdout
    assert "3 kills" in done.stdout

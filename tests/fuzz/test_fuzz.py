"""The fuzzer, for a number of inputs that is always the same, and its checks under Hypothesis."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz import modes
from tests.fuzz.__main__ import main
from tests.fuzz.cases import parse, raw
from tests.fuzz.checks import check
from tests.fuzz.values import check_called, check_values

ROOT = Path(__file__).resolve().parents[2]
RUNS = 3000
"""Inputs of each mode: some fifteen seconds of CPU in all."""


@pytest.mark.timeout(1800)  # It took seven minutes where forty processes were at work.
def test_fuzz(tmp_path: Path) -> None:
    """The number of inputs is given, not the time, and each run has the same ones."""
    command = [sys.executable, "-m", "tests.fuzz", "--seed=1", f"--runs={RUNS}", "--longest=64"]
    done = subprocess.run(
        [*command, f"--artifacts={tmp_path}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert done.returncode == 0, f"{found}\n{done.stdout}"
    executions = dict(re.findall(r"^(\w+): (\d+) executions", done.stdout, re.MULTILINE))
    assert executions == dict.fromkeys(modes.NAMES, str(RUNS)), done.stdout


@pytest.mark.parametrize("mode", modes.NAMES)
def test_blind_to_coverage(mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / mode / "kept"
    kept.parent.mkdir()
    kept.write_bytes(b"\x80{}")
    command = ["--blind", f"--mode={mode}", "--seed=1", "--runs=200", f"--corpus={tmp_path}"]
    assert main([*command, f"--artifacts={tmp_path}"]) == 0
    assert capsys.readouterr().out.startswith(f"{mode}: 200 executions")


def test_a_failure_is_kept_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(data: bytes) -> None:
        raise AssertionError(data)

    monkeypatch.setattr("tests.fuzz.stream.check_input", fails)
    assert main(["--blind", "--mode=stream", "--runs=9", f"--artifacts={tmp_path}"]) == 77
    (kept,) = tmp_path.iterdir()
    assert kept.name.startswith("stream-crash-")
    with pytest.raises(AssertionError):
        main(["--mode=stream", str(kept)])
    monkeypatch.undo()
    capsys.readouterr()
    assert main([str(kept)]) == 0
    assert capsys.readouterr().out.count("all checks passed") == len(modes.NAMES)


@pytest.mark.parametrize("mode", modes.NAMES)
def test_seeds(mode: str) -> None:
    """As they are: the fuzzer cuts them."""
    checked = modes.load(mode)
    for data in checked.inputs():
        checked.check_input(data)


codes = st.builds(
    lambda settings, messages: bytes([settings]) + b"".join(messages),
    st.integers(0, 0x7F),
    # A snapshot first, since little happens without one.
    st.tuples(st.binary(max_size=30).map(b"\x0e".__add__), st.binary(max_size=120)),
)


def titled(text: str) -> bytes:
    """Return a stream whose final value is nothing but thoughts, after a text that began."""
    messages = [{"role": "assistant", "content": text, "metadata": {"title": "Thinking"}}]
    return raw(
        [
            '{"msg":"process_generating","output":{"data":["ha"]}}',
            json.dumps({"msg": "process_completed", "output": {"data": [messages]}}),
        ]
    )


@settings(max_examples=500)
@given(codes | st.binary(max_size=200))
@example(raw(['{"msg":"log","log":"<![<!["}']))
@example(titled("[1]"))
@example(titled(""))
def test_checks_hold_for_any_input(data: bytes) -> None:
    check(parse(data))
    check_values(parse(data))
    check_called(parse(data))

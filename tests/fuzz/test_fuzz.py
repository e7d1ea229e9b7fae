"""The fuzzer, for a minute in CI, and its checks under Hypothesis."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.cases import parse, raw
from tests.fuzz.checks import check
from tests.fuzz.corpus import inputs
from tests.fuzz.values import check_values

ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("SPACECHAT_FUZZ_SECONDS", "60" if os.environ.get("CI") else "8"))


@pytest.mark.timeout(SECONDS + 120)
def test_fuzz(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.fuzz",
        "--seed=1",
        f"--seconds={SECONDS}",
        f"--artifacts={tmp_path}",
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS + 60,
        check=False,
    )
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert done.returncode == 0, f"{found}\n{done.stdout}"
    executions = re.search(r"(\d+) executions|executed_units: (\d+)", done.stdout)
    assert executions is not None, done.stdout
    assert int(executions[1] or executions[2]) > 50 * SECONDS


def test_seeds() -> None:
    for data in inputs():
        check(parse(data))
        check_values(parse(data))


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

"""What the tests of the plugin for `llm` have in common: a user's folder, and its command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import llm.cli
import pytest
from click.testing import CliRunner, Result

Llm = Callable[..., Result]


@pytest.fixture(autouse=True)
def llm_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of `llm`, of a user who has kept nothing yet."""
    folder = tmp_path / "llm"
    monkeypatch.setenv("LLM_USER_PATH", str(folder))
    monkeypatch.delenv("LLM_MODEL", raising=False)
    return folder


@pytest.fixture
def run_llm() -> Llm:
    """Runs the command line of `llm` in this process, with the plugin that is installed."""

    def run(*arguments: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(llm.cli.cli, arguments, input=stdin)

    return run


@pytest.fixture
def told(run_llm: Llm) -> Callable[..., str]:
    """Runs a command that succeeds; gives its output."""

    def run(*arguments: str, stdin: str | bytes = "") -> str:
        result = run_llm(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the command `llm` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "llm", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )


def run(*arguments: str, status: int = 0, **environment: str) -> tuple[str, str]:
    """Run the command `llm` in a process of its own; return its output and its errors."""
    with start(*arguments, **environment) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == status, err
    return out, err

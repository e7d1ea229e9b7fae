"""The environments that tests make: once, and whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environments
from tests.environments import EnvironmentBuildError


@pytest.mark.real
def test_one_that_can_not_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPACECHAT_TEST_ENVS", str(tmp_path))
    with pytest.raises(EnvironmentBuildError, match=r"exit status \d+\n(.|\n)*nothing\.whl"):
        environments.make("broken", (f"{tmp_path}/nothing.whl",))
    assert not list(tmp_path.glob(f"*/{environments._MARKER}"))


@pytest.mark.real
def test_two_that_want_it_make_it_once(tmp_path: Path) -> None:
    code = (
        "from tests import environments as e\n"
        "e._uv = lambda *a, uv=e._uv: (print(a[0]), a[0] == 'venv' and uv(*a))\n"
        "print(e.make('shared', ()))\n"
    )
    root = Path(__file__).resolve().parents[1]
    environ = {**os.environ, "SPACECHAT_TEST_ENVS": str(tmp_path), "PYTHONPATH": str(root)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, env=environ, text=True
        )
        for _ in range(2)
    ]
    outputs = sorted((process.communicate(timeout=120)[0].split() for process in running), key=len)
    assert all(process.returncode == 0 for process in running)
    assert outputs[0] == outputs[1][-1:]
    assert outputs[1][:-1] == ["venv", "pip"]
    assert Path(outputs[0][0]).exists()

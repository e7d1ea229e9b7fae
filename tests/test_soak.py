"""A short form of `benchmarks/soak.py`; the whole is run before a release."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_soak(backend: str) -> None:
    """In a process of its own, whose memory is of nothing else."""
    command = [sys.executable, "-m", "benchmarks.soak", "--streams=400", "--concurrency=50"]
    done = subprocess.run(
        [*command, f"--backend={backend}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "left: 0 sockets, 0 tasks" in done.stdout

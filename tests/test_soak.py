"""A short form of `benchmarks/soak`, which is too short for trends, and what is kept of the whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.soak import report, verdict

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_soak(backend: str, tmp_path: Path) -> None:
    """In a process of its own, which has nothing else."""
    command = [sys.executable, "-m", "benchmarks.soak", "--minutes=0.05", "--rate=40"]
    done = subprocess.run(
        [*command, f"--backend={backend}", f"--folder={tmp_path}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "left at the end: +0 sockets, +0 tasks" in done.stdout
